"""Bounds on metrics that a table cannot have: a split of one class, a single example."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reportgen.analysis.scores import metric_names
from reportgen.publish.gate import Bound, broken
from reportgen.publish.tables import write_metrics
from tests.publish.small import CLASSES, opened, row

OF_ABSENT = {f"{kind}.{name}" for kind in ("precision", "recall", "f1") for name in ("bad", "fair")}
ONE_CLASS = [
    row("a", "good", (0.1, 0.1, 0.8), ["one", "two"]),
    row("b", "good", (0.2, 0.2, 0.6), ["one"]),
    row("c", "good", (0.2, 0.5, 0.3), ["two"]),
]


def nulls(folder: Path, rows: list[Any]) -> set[str]:
    """Write the metrics of these rows; return the names of those that have no value."""
    with opened(folder, rows) as report:
        write_metrics(report)
    values = json.loads((folder / "metrics.json").read_text())["metrics"]
    assert set(values) == set(metric_names(CLASSES))
    return {name for name, measure in values.items() if measure["value"] is None}


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("rows", [ONE_CLASS, ONE_CLASS[:1]], ids=["one class", "one example"])
def test_of_one_class_every_bound_on_what_is_undefined_is_broken(
    tmp_path: Path, rows: list[Any], over: bool
) -> None:
    undefined = nulls(tmp_path, rows)
    assert undefined == {"roc_auc", "average_precision", "mcc", *OF_ABSENT}
    value = 1e9 if over else -1e9  # which no value breaks
    lines = broken(tmp_path, [Bound(name, value, over) for name in metric_names(CLASSES)])
    assert {line.split()[0] for line in lines} == undefined
    assert all("has no value" in line for line in lines)


def test_a_class_that_is_never_predicted_has_no_precision(tmp_path: Path) -> None:
    rows = [row(f"r{i}", name, (0.1, 0.2, 0.7), ["one"]) for i, name in enumerate(CLASSES)]
    undefined = nulls(tmp_path, rows)
    assert undefined == {"precision.bad", "precision.fair"}
    (line,) = broken(tmp_path, [Bound("precision.bad", 0.1), Bound("recall.good", 1.0)])
    assert "precision.bad" in line


def test_a_bound_on_the_class_that_occurs_is_held(tmp_path: Path) -> None:
    nulls(tmp_path, ONE_CLASS)
    assert broken(tmp_path, [Bound("recall.good", 0.6), Bound("precision.good", 1.0)]) == []
    (line,) = broken(tmp_path, [Bound("recall.good", 0.7)])
    assert line == "recall.good is 0.6667, below the bound of 0.7"


def test_the_program_ends_with_3_for_a_metric_without_a_value(
    invoke: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines: list[dict[str, Any]] = [
        {"reportgen.run": {"classes": ["no", "yes"], "data": {"name": "one", "split": "test"}}}
    ]
    lines += [
        {"id": i, "text": "a b", "label": "no", "probabilities": [0.9, 0.1],
         "tokens": ["a", "b"], "attention": [0.5, 0.5]}
        for i in ("x", "y")
    ]  # fmt: skip
    Path("p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    bounds = ("--fail-under", "roc_auc=0.5", "--fail-over", "ece=0.9")
    done = invoke("render", "--predictions", "p.jsonl", "--quiet", *bounds)
    assert done.code == 3
    assert done.err == "error: roc_auc has no value, so the bound of 0.5 is broken\n"
    assert len(list(Path("reports").glob("*/latest/report.pdf"))) == 1
