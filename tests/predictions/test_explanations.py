"""Explanations through both formats: shapes, order of the values, and what is refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.predictions import open_predictions, write_predictions
from reportgen.predictions.schema import EXPLAIN, OPTIONAL
from reportgen.records import FRACTIONS, Explanation, Prediction
from tests.predictions.conftest import INFO, NAN, jsonl, parquet, problem, read, row

NAMES = [f.name for f in fields(Explanation)]
COLUMNS = [name for name in OPTIONAL if name.startswith(EXPLAIN)]
F = len(FRACTIONS)


def explanation(tokens: int) -> Explanation:
    values = iter(range(1, 1000))

    def numbers(*shape: int) -> np.ndarray:
        return np.array([next(values) / 1024 for _ in range(np.prod(shape))], np.float32).reshape(
            shape
        )

    left_out = numbers(tokens)
    left_out[0] = NAN
    return Explanation(
        *(numbers(F) for _ in range(4)),
        *(numbers(3, F), numbers(2, F)),
        *(numbers(2), numbers(2)),
        numbers(tokens),
        left_out,
    )


def test_every_value_of_an_explanation_keeps_its_place(tmp_path: Path) -> None:
    one = Prediction(
        id="a",
        text="not so bad",
        label="pos",
        probabilities=np.array([0.25, 0.75], np.float32),
        tokens=("not", "so", "bad"),
        attention=np.array([0.25, 0.5, 0.25], np.float32),
        explanation=explanation(3),
    )
    other = Prediction("b", "", "neg", np.array([1, 0], np.float32), (), np.zeros(0, np.float32))
    path = tmp_path / "p.parquet"
    write_predictions(path, INFO, [one, other], columns=COLUMNS)
    with open_predictions(path) as table:
        assert table.explained.tolist() == [True, False]
        assert "explain.attention_removed" not in table.missing
        first, second = table
        (taken,) = table.rows([0], tmp_path / "rows").take([0])
    assert second.explanation is None
    assert one.explanation is not None
    for found in (first.explanation, taken.explanation):
        for name in NAMES:
            value = getattr(found, name)
            np.testing.assert_array_equal(value, getattr(one.explanation, name))
            assert value.dtype == np.float32


def explained_row(**changes: Any) -> dict[str, Any]:
    """A row of two tokens and two classes, explained."""
    sizes = {"random_removed": 2 * F, "random_kept": F}
    sizes |= dict.fromkeys(("uniform", "permuted", "gradients", "left_out"), 2)
    values = {name: [0.5] * sizes.get(name, F) for name in NAMES} | changes
    return row("e") | {f"explain.{name}": value for name, value in values.items()}


def test_random_removals_lie_row_by_row(tmp_path: Path) -> None:
    values = [i / 32 for i in range(2 * F)]
    (found,) = read(jsonl(tmp_path / "p.jsonl", [explained_row(random_removed=values)]))
    assert found.explanation is not None
    assert found.explanation.random_removed.tolist() == [values[:F], values[F:]]
    assert found.explanation.random_kept.shape == (1, F)


WRONG = {
    **{name: [0.5] * (F - 1) for name in NAMES if name.endswith(("removed", "kept"))},
    "random_removed": [],
    "uniform": [0.5] * 3,
    "permuted": [0.5],
    "gradients": [0.5] * F,
    "left_out": [],
}


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_values_is_checked(tmp_path: Path, name: str) -> None:
    rows = [explained_row(), explained_row(**{name: WRONG[name]}) | {"id": "f"}]
    message = f"explain.{name} has the wrong number of values"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 2: {message}"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:3: {message}"


@pytest.mark.parametrize("name", NAMES[1:])
def test_an_explanation_is_whole_or_absent(tmp_path: Path, name: str) -> None:
    absent = dict.fromkeys(NAMES)
    halves = [explained_row(**{name: None}), explained_row(**absent | {name: [0.5] * F})]
    for half in halves:
        rows = [explained_row(), explained_row(**absent) | {"id": "f"}, half | {"id": "g"}]
        message = f"explain.{name} is given where explain.attention_removed is not, or not given"
        assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:4: {message}"


def test_a_missing_column_of_an_explanation_is_named(tmp_path: Path) -> None:
    rows = [{k: v for k, v in explained_row().items() if k != "explain.gradients"}]
    message = "column explain.gradients is missing beside explain.attention_kept"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet: {message}"
