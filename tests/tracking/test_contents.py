"""What a tracker is told of a run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reportgen.publish.finished import read_run
from reportgen.tracking.contents import Contents, contents
from tests.publish.sealed import sealed
from tests.publish.small import INFO, row


@pytest.fixture(scope="module")
def told(run: Path) -> Contents:
    return contents(read_run(run), run / "none.html")


def test_the_run_is_named_and_dated(told: Contents, run: Path) -> None:
    assert (told.experiment, told.name) == ("mine", run.name)
    assert told.milliseconds is not None
    time = datetime.fromtimestamp(told.milliseconds / 1000, UTC)
    assert f"{time:%Y%m%dT%H%M%SZ}" == run.name[:16]
    assert told.data == ("mine", "ab" * 32)


def test_parameters_say_what_was_evaluated_and_how(told: Contents) -> None:
    known = {
        "model": "a model", "model_parameters": "1234", "tokenizer": "words", "data": "mine",
        "data_sha256": "ab" * 32, "split": "test", "rows": "40", "examples": "40",
        "labelled": "40", "classes": "good / bad, bad%, bad#", "weights": "attention", "seed": "7",
        "training.learning_rate": "0.003", "training.seed": "3", "training.sizes": "3, 4",
        "predictions.tokens": "words", "report.pdf_examples": "1", "report.unsure_margin": "0.2",
        "report.single_file": "False",
    }  # fmt: skip
    assert known.items() <= told.parameters.items()
    assert "" not in told.parameters.values()
    names = " ".join(told.parameters)
    assert not re.search(r"none|gallery|slices|checkpoint|version|git|format", names)


def test_each_measure_has_its_interval_beside_it(told: Contents, run: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_text())
    accuracy = metrics["metrics"]["accuracy"]
    names = ("accuracy", "accuracy_low", "accuracy_high")
    assert [told.metrics[name] for name in names] == [accuracy[k] for k in ("value", "low", "high")]
    mean = metrics["certainty"]["mean_confidence"]
    assert told.metrics["mean_confidence_high"] == mean["high"]
    assert all(re.fullmatch(r"[\w.\- ]+", name) for name in told.metrics)


def test_classes_whose_names_become_one_are_numbered(told: Contents, run: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_text())["metrics"]
    assert told.metrics["recall.bad_"] == metrics["recall.bad%"]["value"]
    assert told.metrics["recall.bad_-2_high"] == metrics["recall.bad#"]["high"]
    assert told.metrics["f1.good _ bad"] == metrics["f1.good / bad"]["value"]


def test_a_number_that_is_undefined_is_left_out(told: Contents, run: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_text())["metrics"]
    assert metrics["precision.bad#"]["value"] is None  # it is never predicted
    assert "precision.bad_-2" not in told.metrics


def test_tags_identify_the_run(told: Contents, run: Path) -> None:
    manifest = (run / "manifest.json").read_bytes()
    inputs = json.loads((run / "inputs.json").read_text())
    metrics = json.loads((run / "metrics.json").read_text())
    assert told.tags["reportgen.run"] == json.loads(manifest)["run"]
    assert told.tags["reportgen.manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert told.tags["reportgen.version"] == inputs["versions"]["reportgen"]
    assert told.tags["mlflow.note.content"] == f"{metrics['headline']}. {metrics['lede']}"
    git = inputs["git"]
    assert told.tags.get("mlflow.source.git.commit") == (git and git["commit"])
    changed = git and str(git["changed"]).lower()
    assert told.tags.get("reportgen.git_changed") == changed


def test_the_page_stands_first_and_is_the_runs_own_where_it_has_one(
    run: Path, tmp_path: Path
) -> None:
    names = ["report.pdf", "predictions.parquet", "predictions.csv", "metrics.json"]
    names += ["inputs.json", "manifest.json"]
    page = tmp_path / "report.html"
    found = read_run(run)
    assert contents(found, page).files == tuple(run / name for name in names)
    page.write_text("a page")
    assert contents(found, page).files[0] == page
    copy = shutil.copytree(run, tmp_path / run.name)
    (copy / "report.html").write_text("its own")
    assert contents(read_run(copy), page).files[0] == copy / "report.html"


def test_volumes_follow_the_first(run: Path) -> None:
    found = read_run(run)
    extended = type(found)(
        **{
            **{name: getattr(found, name) for name in found.__slots__},
            "files": (*found.files, "report-03.pdf", "report-02.pdf", "assets/report-09.pdf"),
        }
    )
    files = [file.name for file in contents(extended, run / "none").files]
    assert files[:3] == ["report.pdf", "report-02.pdf", "report-03.pdf"]
    assert "report-09.pdf" not in files


@pytest.mark.parametrize(("number", "told_apart"), [(12, True), (13, False)])
def test_many_classes_are_counted_and_not_told_one_by_one(
    tmp_path: Path, number: int, told_apart: bool
) -> None:
    names = tuple(f"c{i}" for i in range(number))
    share = [1 / number] * number
    rows = [row(name, name, share, ("a",)) for name in names]
    found = contents(read_run(sealed(tmp_path, rows, replace(INFO, classes=names))[0]), None)
    assert ("recall.c0" in found.metrics) is told_apart
    assert found.parameters["classes"] == (", ".join(names) if told_apart else "13")
    assert found.metrics["accuracy"] == pytest.approx(1 / number)
