"""One run read back: what is told of it, and what makes it damaged."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reportgen.publish.past import Estimate, Examples, Flaw, FlawError, PastRun, read_facts, record
from tests.publish.runs import made, measured, of_data, rewritten


def read(run: Path) -> PastRun:
    _, facts = read_facts(run, None)
    assert json.loads(json.dumps(facts)) == facts, "they are kept as JSON"
    return record((run.parent.name, run.name), facts, ())


def test_a_run_is_told_by_its_own_files(tmp_path: Path) -> None:
    run = made(tmp_path)
    got = read(run)
    assert (got.experiment, got.id, got.hash[:8]) == ("trial", run.name, run.name[-8:])
    assert got.time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert got.examples == Examples("stays", "test", "ab" * 32, 200, 200, None, "")
    assert (got.rows, got.model, got.checkpoint) == (200, "a model", "cd" * 32)
    assert got.headline == "Accuracy 90%"
    assert got.pages == ("index.html", "report.pdf")
    assert list(got.estimates) == ["accuracy", "macro_f1", "ece"]
    assert got.estimates["ece"] == Estimate(0.05, 0.02, 0.08)


def test_a_run_of_the_program_is_told(finished: Path) -> None:
    got = read(finished)
    stored = json.loads((finished / "metrics.json").read_text())
    assert got.headline == stored["headline"]
    assert got.estimates["accuracy"].value == stored["metrics"]["accuracy"]["value"]
    assert (got.examples.name, got.examples.count) == ("hostile", 13)


def test_a_sample_has_its_seed(tmp_path: Path) -> None:
    assert read(made(tmp_path, metrics=of_data(rows=500))).examples.seed == 1
    assert read(made(tmp_path, 1)).examples.seed is None


def test_columns_tell_data_apart(tmp_path: Path) -> None:
    columns = {"text_column": "body", "label_column": "label", "limit": 3}
    assert read(made(tmp_path, data={"read": columns})).examples.columns == "text in body"


def test_without_labels_the_confidence_is_told(tmp_path: Path) -> None:
    got = read(made(tmp_path, metrics=measured(labelled=0, metrics={})))
    assert got.estimates == {"mean_confidence": Estimate(0.8, 0.7, 0.9)}


def test_what_has_no_value_or_no_interval_is_left_out(tmp_path: Path) -> None:
    nothing = {"value": None, "low": None, "high": None}
    half = {"value": 0.5, "low": None, "high": 1.0}
    got = read(made(tmp_path, metrics=measured(metrics={"accuracy": half, "ece": nothing})))
    assert got.estimates == {"accuracy": Estimate(0.5, None, None)}


def test_illegal_characters_are_replaced(tmp_path: Path) -> None:
    metrics = {**of_data(name="n\x00", split="s\x1b"), "headline": "a\ud800b\x00c"}
    got = read(made(tmp_path, metrics=metrics))
    assert got.headline == "a\ufffdb\ufffdc"
    assert (got.examples.name, got.examples.split) == ("n\ufffd", "s\ufffd")


def flaw_of(run: Path) -> tuple[Flaw, str]:
    with pytest.raises(FlawError) as caught:
        read(run)
    return caught.value.flaw, caught.value.detail


def linked(run: Path) -> None:
    (run / "metrics.json").rename(run / "aside")
    (run / "metrics.json").symlink_to("aside")


def piped(run: Path) -> None:
    (run / "report.pdf").unlink()
    os.mkfifo(run / "report.pdf")


def spoiled(run: Path) -> None:
    (run / "manifest.json").write_text('{"format": 1')


def other_inputs(run: Path) -> None:
    rewritten(run, "inputs.json", b"{}")


DAMAGE: dict[str, tuple[Callable[[Path], Any], Flaw, str]] = {
    "no manifest": (lambda r: (r / "manifest.json").unlink(), Flaw.NO_MANIFEST, ""),
    "manifest": (spoiled, Flaw.MANIFEST, "manifest.json: damaged (Expecting"),
    "other inputs": (other_inputs, Flaw.CHANGED, "manifest.json"),
    "inputs": (lambda r: (r / "inputs.json").write_text("{}"), Flaw.CHANGED, "inputs.json"),
    "metrics": (lambda r: (r / "metrics.json").write_text("{}"), Flaw.CHANGED, "metrics.json"),
    "no metrics": (lambda r: (r / "metrics.json").unlink(), Flaw.MISSING, "metrics.json"),
    "link": (linked, Flaw.CHANGED, "metrics.json"),
    "pipe": (piped, Flaw.CHANGED, "report.pdf"),
    "no pdf": (lambda r: (r / "report.pdf").unlink(), Flaw.MISSING, "report.pdf"),
    "no page": (lambda r: (r / "index.html").unlink(), Flaw.MISSING, "index.html"),
    "short": (lambda r: (r / "report.pdf").write_text(""), Flaw.CHANGED, "report.pdf"),
    "added": (lambda r: (r / "report.html").write_text("x"), Flaw.CHANGED, "report.html"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_the_manifest_does_not_say_is_damage(tmp_path: Path, name: str) -> None:
    damage, flaw, detail = DAMAGE[name]
    run = made(tmp_path)
    damage(run)
    found = flaw_of(run)
    assert found[0] is flaw
    assert found[1].startswith(detail)
    assert bool(found[1]) == bool(detail)


def test_another_name_is_not_that_of_the_run(tmp_path: Path) -> None:
    run = made(tmp_path)
    moved = run.rename(run.with_name("20230101T000000Z-00000000"))
    assert flaw_of(moved) == (Flaw.RENAMED, "")


def test_a_day_that_never_was_is_no_time(tmp_path: Path) -> None:
    run = made(tmp_path)
    assert flaw_of(run.rename(run.with_name(f"20231399T000000Z-{run.name[-8:]}")))[0] is Flaw.VALUES


@pytest.mark.parametrize(
    "changes",
    [
        {"headline": 3},
        {"examples": -1},
        {"examples": True},
        {"labelled": "7"},
        {"metrics": []},
        {"metrics": {"accuracy": {"value": "0.9", "low": 0, "high": 1}}},
        {"metrics": {"accuracy": {"value": 1e999, "low": 0, "high": 1}}},
        {"metrics": {"accuracy": {"value": 0.9}}},
        {"run": {"classes": ["a", "b"], "data": {"name": ["x"]}}},
        {"run": None},
    ],
)
def test_metrics_of_another_shape_are_named(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert flaw_of(made(tmp_path, metrics=measured(**changes))) == (Flaw.VALUES, "")


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_metrics_that_are_no_object_are_named(tmp_path: Path, content: bytes) -> None:
    run = made(tmp_path)
    rewritten(run, "metrics.json", content)
    assert flaw_of(run) == (Flaw.VALUES, "")


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reportgen.publish.past.LARGEST", 10)
    assert flaw_of(made(tmp_path)) == (Flaw.VALUES, "")


def test_a_known_run_is_read_again_only_if_a_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path)
    known = read_facts(run, None)
    kept = json.loads(json.dumps(known[0])), {"kept": True}
    with monkeypatch.context() as patch:
        patch.setattr("reportgen.publish.past.open_regular", None)
        assert read_facts(run, kept)[1] == {"kept": True}
    os.utime(run / "metrics.json", ns=(1, 1))
    assert read_facts(run, kept)[1] == known[1]
    (run / "report.pdf").unlink()
    assert flaw_of(run)[0] is Flaw.MISSING
