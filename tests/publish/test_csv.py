"""The CSV files: no cell is a formula, no text splits a row, readers get back what was there."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.tables import write_csv
from reportgen.records import DataInfo, ModelInfo, RunInfo
from tests.publish.conftest import prediction

CELLS = ["", "a", "1,5", 'say "so"', "a\rb", "a\nb", "a\r\nb", "a;b", "'", "''x", " x", "\ufeffx"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", "＋1",
            "－1", "＠1", "\ufeff=1", "'=1", "\u22121", "\rx", "\tx", "''=1"]  # fmt: skip
texts = st.text("=+-@'\"\t\r\n ,;ax＝", max_size=6)


def written(rows: list[dict[str, str]]) -> str:
    file = io.StringIO(newline="")
    write_csv(file, rows)
    return file.getvalue()


def read_back(text: str) -> list[list[str]]:
    """The cells as csv reads them, having checked that pandas reads the same."""
    cells = list(csv.reader(io.StringIO(text, newline="")))
    frame = pd.read_csv(io.StringIO(text, newline=""), header=None, dtype=str, na_filter=False)
    assert frame.to_numpy().tolist() == cells
    return cells


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_is_read_back_as_it_was(cell: str) -> None:
    rows = [{"id": cell, cell + "name": "end"}] * 2
    assert read_back(written(rows)) == [["id", cell + "name"], *[[cell, "end"]] * 2]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_gets_an_apostrophe_in_rows_and_header(cell: str) -> None:
    assert read_back(written([{cell: cell}])) == [[f"'{cell}"]] * 2


@given(st.lists(texts, unique=True, min_size=1))
def test_different_texts_stay_different_and_none_is_a_formula(cells: list[str]) -> None:
    rows = read_back(written([{"id": cell, "label": "x"} for cell in cells]))[1:]
    assert len({id_ for id_, _ in rows}) == len(cells)
    assert not any(id_.strip().startswith(tuple("=+-@＝")) for id_, _ in rows)


def test_the_csv_of_a_report_holds_hostile_ids_and_classes(tmp_path: Path) -> None:
    ids, classes = ["a\rb", "=1+1", "plain"], ("=neg\r", "\rpos")
    info = RunInfo(classes, DataInfo("x", "test", 3, 3), ModelInfo())
    table = tmp_path / "p.parquet"
    rows = [prediction(id_, "One text.", i, classes[0]) for i, id_ in enumerate(ids)]
    write_predictions(table, info, rows)
    workspace = pipeline.Workspace(tmp_path / "r")
    run = pipeline.render(table, ReportOptions(), workspace, pipeline.Execution()).folder
    with (run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        header, *cells = read_back(file.read())
    assert [row[0] for row in cells] == ["a\rb", "'=1+1", "plain"]
    assert [row[1] for row in cells] == ["'=neg\r"] * 3
    assert [name for name in header if name.startswith("probability.")] == [
        "probability.=neg\r", "probability.\rpos"
    ]  # fmt: skip
