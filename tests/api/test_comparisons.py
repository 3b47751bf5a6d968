"""Comparisons from Python: of reports, predictions and paths; opened again; refused by name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import reportgen as rg
from reportgen.api.calls import CompareKeywords
from reportgen.options import ReportOptions

CLASSES = ["no", "yes"]


def table(folder: Path, name: str, wrong: int) -> rg.Predictions:
    """Forty examples, the first of them wrong."""
    rows = [
        {
            "id": f"e{i}",
            "text": f"word {i}",
            "label": CLASSES[i % 2],
            "probabilities": [
                0.8 - 0.6 * ((i + (i < wrong)) % 2),
                0.2 + 0.6 * ((i + (i < wrong)) % 2),
            ],
            "tokens": ["word", str(i)],
            "attention": [0.5, 0.5],
        }
        for i in range(40)
    ]
    from reportgen.api.tables import as_predictions

    made = as_predictions(rows, CLASSES, None)
    made.save(folder / name)
    return rg.open_predictions(folder / name)


def test_runs_in_any_form(tmp_path: Path) -> None:
    good, bad = table(tmp_path, "good.parquet", 2), table(tmp_path, "bad.parquet", 20)
    report = rg.render(bad, out=tmp_path / "reports", experiment="mine")
    done = rg.compare(good, report, str(good.path), out=tmp_path / "reports", experiment="all")
    assert "B is worse than A beyond chance" in done.headline
    assert repr(done) == f"<Comparison: {done.headline}, {done.path}>"
    accuracy = done.differences()["accuracy"]
    assert (accuracy.first, accuracy.second, accuracy.run) == (0.95, 0.5, 1)
    assert accuracy.loss[0] == pytest.approx(0.45)
    assert accuracy.high < 0
    same = done.differences("C")
    assert {d.value for d in same.values()} == {0}
    assert math.isnan(same["accuracy"].low)
    assert rg.open_comparison(done.path) == done
    assert done.verify() == []
    with pytest.raises(rg.ReportgenError, match="run='A': one of B, C"):
        done.differences("A")


def test_it_stands_in_the_experiment_of_the_last_run(tmp_path: Path) -> None:
    good = table(tmp_path, "good.parquet", 2)
    report = rg.render(good, out=tmp_path / "reports", experiment="mine")
    done = rg.compare(good, report, out=tmp_path / "reports")
    assert done.path.parent == tmp_path / "reports" / "mine"
    assert rg.open_report(tmp_path / "reports" / "mine" / "latest").path.name == report.path.name
    with pytest.raises(rg.ReportgenError, match="not a comparison; open it with open_report"):
        rg.open_comparison(report.path)
    with pytest.raises(rg.ReportgenError, match="a comparison of runs; open it with open_comp"):
        rg.open_report(done.path)


def test_keywords_are_those_of_the_options() -> None:
    own = {"mlflow", "workers", "progress"}
    assert set(CompareKeywords.__annotations__) - own <= {*ReportOptions.__dataclass_fields__}
    with pytest.raises(TypeError, match="unexpected keyword argument 'review'"):
        rg.compare("a", "b", review=True)  # type: ignore[call-arg]
