from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from reportgen.adapters.frames import plain, table_rows
from reportgen.errors import PredictionsError, UsageError
from reportgen.predictions import OPTIONAL, REQUIRED

KNOWN = {*REQUIRED, *OPTIONAL}
COLUMNS: dict[str, list[Any]] = {
    "text": ["a b", "c"],
    "label": ["no", "yes"],
    "probabilities": [[0.9, 0.1], [0.7, 0.3]],
    "tokens": [["a", "b"], ["c"]],
    "attention": [[0.5, 0.5], [1.0]],
}
PER_CLASS = {k: v for k, v in COLUMNS.items() if k != "probabilities"}


def rows(
    source: Any, classes: Sequence[str] | None = ("no", "yes")
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    found = table_rows(source, classes, KNOWN)
    return found.rows, found.classes


class Polars:
    """Gives columns as polars does: names in a list, no index, ``to_list``."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name: str) -> pd.Series[Any]:
        return pd.Series(self._columns[name])


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        (pd.DataFrame(COLUMNS), ["0", "1"]),
        (pd.DataFrame(COLUMNS, index=["x", "y"]), ["x", "y"]),
        (pa.table(COLUMNS), ["1", "2"]),
        (Polars(COLUMNS), ["1", "2"]),
        (COLUMNS, ["1", "2"]),
        (pd.DataFrame(COLUMNS).to_dict("records"), ["1", "2"]),
        ((row for row in pd.DataFrame(COLUMNS).to_dict("records")), ["1", "2"]),
    ],
    ids=["pandas", "index", "arrow", "polars", "mapping", "rows", "generator"],
)
def test_every_kind_of_frame_gives_the_same_rows(source: Any, ids: list[str]) -> None:
    found, classes = rows(source)
    assert classes == ("no", "yes")
    assert [row.pop("id") for row in found] == ids
    assert found == [{name: values[i] for name, values in COLUMNS.items()} for i in range(2)]


def test_a_single_row_is_a_row() -> None:
    found, _ = rows({name: values[0] for name, values in COLUMNS.items()})
    assert [row["text"] for row in found] == ["a b"]


def test_a_column_of_ids_goes_before_the_index() -> None:
    frame = pd.DataFrame({**COLUMNS, "id": [7, "b"]}, index=["x", "y"])
    assert [row["id"] for row in rows(frame)[0]] == [7, "b"]


@pytest.mark.parametrize("prefix", ["", "probability."])
def test_one_column_per_class_will_do(prefix: str) -> None:
    frame = pd.DataFrame({**PER_CLASS, f"{prefix}yes": [0.1, 0.3], f"{prefix}no": [0.9, 0.7]})
    found, _ = rows(frame)
    assert [row["probabilities"] for row in found] == [[0.9, 0.1], [0.7, 0.3]]
    assert set(found[0]) == {*COLUMNS, "id"}


def test_classes_are_taken_from_columns_that_name_them() -> None:
    frame = {**PER_CLASS, "probability.yes": [0.1, 0.3], "probability.no": [0.9, 0.7]}
    found, classes = rows(frame, None)
    assert classes == ("yes", "no")
    assert found[0]["probabilities"] == [0.1, 0.9]


def test_further_columns_of_single_values_are_kept() -> None:
    more = {"topic": ["art", None], "stars": [np.int64(3), 4], "vector": [[1], [2]], "a.b": [1, 2]}
    found, _ = rows(pd.DataFrame({**COLUMNS, **more}))
    kept = [{k: v for k, v in row.items() if k.startswith("extra.")} for row in found]
    assert kept == [{"extra.topic": "art", "extra.stars": 3}, {"extra.stars": 4}]
    assert "vector" not in found[0]


def test_without_labels_every_label_is_missing() -> None:
    frame = pd.DataFrame({k: v for k, v in COLUMNS.items() if k != "label"})
    assert [row["label"] for row in rows(frame)[0]] == [None, None]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None), (np.float32("nan"), None), (pd.NA, None), (pd.NaT, None),
        (np.int64(3), 3), (np.bool_(True), True), (np.str_("x"), "x"), ((1, 2), [1, 2]),
        (np.array([[0.5, np.nan]]), [[0.5, None]]), (pd.Series([1, 2]), [1, 2]),
        (np.array([np.array([1, 2]), None], dtype=object), [[1, 2], None]),
        (pd.Timestamp("2026-01-02"), "2026-01-02 00:00:00"),
    ],
)  # fmt: skip
def test_values_become_those_of_json(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)


def test_a_tensor_becomes_a_list() -> None:
    torch = pytest.importorskip("torch")
    assert plain([torch.tensor([1.0, 2.0], requires_grad=True)]) == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("source", "classes", "error", "message"),
    [
        ([], ["no", "yes"], PredictionsError, "the rows: there are no rows"),
        (pd.DataFrame(COLUMNS)[:0], ["no", "yes"], PredictionsError, "frame: there are no rows"),
        (5, ["no", "yes"], UsageError, "int: not a data frame, rows, predictions, or the path"),
        (["a"], ["no", "yes"], PredictionsError, "the rows, row 1: str, not a mapping"),
        (COLUMNS, None, UsageError, r"classes=\[...\] is missing: the names in the order of"),
        (PER_CLASS, None, UsageError, r"classes=\[...\] is missing: the data frame has no columns"),
        (PER_CLASS, ["no", "yes"], PredictionsError, "the data frame: no column probabilities, and"
         " none with the probability of class 'no'"),
        ({"a": [1], "b": [1, 2]}, ["no", "yes"], PredictionsError, "have different lengths"),
        ({"a": 1}, ["no", "yes"], PredictionsError, "column 'a' is not a list with one value per"),
        ({"a": [1], "text": {"b": 1}}, None, PredictionsError, "column 'text' is not a list"),
        ({"a": "no"}, ["no", "yes"], PredictionsError, "column 'a' is not a list with one value"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), None, PredictionsError, "two columns of one"),
        (pd.DataFrame({k: COLUMNS[k] for k in ("label", "probabilities")}), ["no", "yes"],
         PredictionsError, "the data frame: no column text; a report needs the text of each row"),
        (pd.DataFrame({k: COLUMNS[k] for k in ("text", "probabilities", "attention")}),
         ["no", "yes"], PredictionsError, "no column tokens, whose weights column attention would"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(
    source: Any, classes: list[str] | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        table_rows(source, classes, KNOWN)
