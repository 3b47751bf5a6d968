"""What a tracker is told of a comparison."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.errors import ArchiveError
from reportgen.tracking.compared import _known as known
from reportgen.tracking.compared import _metrics as metrics
from reportgen.tracking.contents import Contents
from reportgen.tracking.mlflow import _contents
from tests.publish.comparison.compared import INFO, runs, written


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = replace(INFO.data, sha256="ab" * 32)
    folder = tmp_path_factory.mktemp("compared")
    return written(folder, infos=(replace(INFO, data=data),), pdf_examples=0)


@pytest.fixture(scope="module")
def told(compared: Path) -> Contents:
    return _contents(compared, None)


def test_it_is_named_like_its_folder(told: Contents, compared: Path) -> None:
    assert (told.experiment, told.name) == ("trial", compared.name)
    assert told.milliseconds is not None
    assert told.data == ("small", "ab" * 32)
    manifest = json.loads((compared / "manifest.json").read_text())
    assert told.tags["reportgen.run"] == manifest["run"]
    assert told.tags["mlflow.note.content"].startswith("6 labelled examples are too few")


def test_parameters_name_the_runs(told: Contents, compared: Path) -> None:
    first, second = json.loads((compared / "metrics.json").read_text())["runs"]
    expected = {
        "run.A.name": "a.parquet", "run.A.predictions_sha256": first["predictions"],
        "run.A.model": "a model", "run.B.predictions_sha256": second["predictions"],
        "examples": "8", "labelled": "6", "classes": "bad, fair, good",
    }  # fmt: skip
    assert expected.items() <= told.parameters.items()
    assert "run.A.hash" not in told.parameters, "a table has none"
    assert "" not in told.parameters.values()


def test_metrics_are_those_of_each_run_and_the_differences(told: Contents, compared: Path) -> None:
    found = json.loads((compared / "metrics.json").read_text())
    for letter in "AB":
        accuracy = found["metrics"][letter]["accuracy"]
        assert told.metrics[f"{letter}.accuracy"] == accuracy["value"]
        assert told.metrics[f"{letter}.accuracy_low"] == accuracy["low"]
    difference = next(d for d in found["differences"] if d["key"] == "accuracy")
    assert told.metrics["B-A.accuracy"] == difference["value"]
    assert told.metrics["B-A.accuracy_high"] == difference["high"]
    assert told.metrics["B-A.accuracy_p"] == difference["adjusted"]
    assert (told.metrics["B-A.broken"], told.metrics["B-A.fixed"]) == (2.0, 1.0)
    assert "A.recall.good" in told.metrics


@pytest.mark.parametrize(("number", "told_apart"), [(12, True), (13, False)])
def test_of_many_classes_none_is_told_one_by_one(
    compared: Path, number: int, told_apart: bool
) -> None:
    found = json.loads((compared / "metrics.json").read_text())
    found["classes"] = names = [f"c{k}" for k in range(number)]
    told = {name for name, _ in metrics(found)}
    assert ("A.recall.good" in told) is told_apart
    assert ("B-A.recall.good" in told) is told_apart
    assert known(found, {})["classes"] == (", ".join(names) if told_apart else 13)


def test_its_files_and_the_page_in_one_file_first(compared: Path, tmp_path: Path) -> None:
    names = ["report.pdf", "comparison.csv", "metrics.json", "inputs.json", "manifest.json"]
    page = tmp_path / "report.html"
    assert [file.name for file in _contents(compared, page).files] == names
    page.write_text("a page")
    assert _contents(compared, page).files[0] == page


def test_one_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, runs(), pdf_examples=0)
    with (folder / "metrics.json").open("a") as file:
        file.write(" ")
    with pytest.raises(ArchiveError, match=r"metrics\.json: not as the run's manifest says"):
        _contents(folder, None)
