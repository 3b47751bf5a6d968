"""metrics.json and comparison.csv of a comparison."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.comparing import open_comparison
from reportgen.publish.archive import file_sha256
from reportgen.publish.comparison.tables import write_tables
from reportgen.publish.words.comparison import headline, lede
from reportgen.records import Prediction
from tests.analysis.tables import drawn, row, rows, write

GOLD, FIRST, SECOND = drawn(60, seed=4)


def written(folder: Path, *of: Sequence[Prediction]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Write the numbers of a comparison of these rows; return both files, read back."""
    paths = [write(folder, "abcd"[k], part) for k, part in enumerate(of)]
    with open_comparison(paths) as compared:
        write_tables(compared, folder)
        stored = json.loads((folder / "metrics.json").read_text())
        assert stored["headline"] == headline(compared.found)
        assert stored["lede"] == lede(compared.found)
        assert [r["predictions"] for r in stored["runs"]] == list(map(file_sha256, paths))
    with (folder / "comparison.csv").open(newline="", encoding="utf-8") as file:
        return stored, list(csv.DictReader(file))


def test_metrics_hold_every_number(tmp_path: Path) -> None:
    stored, _ = written(tmp_path, rows(GOLD, FIRST), rows(GOLD, SECOND))
    assert (stored["schema"], stored["classes"]) == (1, ["no", "yes"])
    assert [r["letter"] for r in stored["runs"]] == ["A", "B"]
    assert stored["runs"][1]["name"] == "b.parquet"
    assert stored["runs"][0]["run"] is None
    assert stored["matched"]["examples"] == [60, 60]
    assert (stored["examples"], stored["labelled"]) == (60, 60)
    correct = [np.asarray(p).argmax(axis=1) == GOLD for p in (FIRST, SECOND)]
    assert stored["metrics"]["B"]["accuracy"]["value"] == correct[1].mean()
    by_key = {d["key"]: d for d in stored["differences"]}
    assert set(by_key) == set(stored["metrics"]["A"])
    accuracy = by_key["accuracy"]
    assert (accuracy["run"], accuracy["first"]) == ("B", correct[0].mean())
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    (outcome,) = stored["outcomes"]
    assert outcome["broken"] == (correct[0] & ~correct[1]).sum() == stored["changes"]["broken"]
    assert stored["sections"]["broken"] == outcome["broken"]
    assert sum(stored["changes"].values()) == 60
    assert sum(stored["right_in"]) == 60
    assert stored["same_predictions_as_first"] == {"B": False}
    assert {s["run"] for s in stored["slices"]} == {"B"}
    assert set(stored["ece"]) == set(stored["risk_coverage"]) == {"A", "B"}
    assert stored["seeds"] == stored["over_seeds"] == []


def test_what_is_undefined_is_null(tmp_path: Path) -> None:
    ones = [1] * 60
    stored, _ = written(tmp_path, rows(ones, FIRST), rows(ones, SECOND))
    mcc = next(d for d in stored["differences"] if d["key"] == "mcc")
    assert mcc["value"] is mcc["low"] is mcc["p"] is None
    assert "NaN" not in (tmp_path / "metrics.json").read_text()


def test_without_labels_there_are_no_measures(tmp_path: Path) -> None:
    bare: list[int | None] = [None] * 60
    stored, table = written(tmp_path, rows(bare, FIRST), rows(bare, SECOND))
    assert stored["metrics"] == stored["ece"] == {}
    assert stored["differences"] == stored["outcomes"] == stored["slices"] == []
    assert {row["A.correct"] for row in table} == {""}
    assert {row["change"] for row in table} == {"same", "differ"}


def test_a_row_for_every_shared_example(tmp_path: Path) -> None:
    third = rows(GOLD, SECOND)[:50]
    third[4] = replace(third[4], label=None)
    _, table = written(tmp_path, rows(GOLD, FIRST), rows(GOLD, SECOND), third)
    assert [row["id"] for row in table] == [f"e{i:04}" for i in range(50)]
    for i, found in enumerate(table):
        assert found["label"] == ("no", "yes")[GOLD[i]]
        for letter, p in (("A", FIRST), ("B", SECOND), ("C", SECOND)):
            answer = int(np.asarray(p[i]).argmax())
            assert found[f"{letter}.predicted"] == ("no", "yes")[answer]
            assert math.isclose(float(found[f"{letter}.confidence"]), p[i].max(), abs_tol=1e-6)
            assert found[f"{letter}.correct"] == ("yes" if answer == GOLD[i] else "no")
    assert {row["change"] for row in table} <= {
        "all right", "all wrong", "some right", "only A right",
    }  # fmt: skip


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    hostile = [row("=1+1", "no", (0.9, 0.1)), row('a,"b"\n', "no", (0.2, 0.8))]
    _, table = written(tmp_path, hostile, hostile)
    assert [found["id"] for found in table] == ["'=1+1", 'a,"b"\n']
