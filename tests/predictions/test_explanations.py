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

    left_out, draws = numbers(tokens), numbers(3, F)
    left_out[0] = NAN
    draws[:, FRACTIONS.index(0.5)] = NAN
    return Explanation(
        numbers(F),
        draws,
        numbers(2, F),
        *(numbers(F) for _ in range(3)),
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
    sizes = {"random_removed": 2 * F}
    sizes |= dict.fromkeys(("uniform", "permuted", "gradients", "left_out"), 2)
    values = {name: [0.5] * sizes.get(name, F) for name in NAMES} | changes
    return row("e") | {f"explain.{name}": value for name, value in values.items()}


def test_random_removals_lie_row_by_row(tmp_path: Path) -> None:
    values = [i / 32 for i in range(2 * F)]
    (found,) = read(jsonl(tmp_path / "p.jsonl", [explained_row(random_removed=values)]))
    assert found.explanation is not None
    assert found.explanation.random_removed.tolist() == [values[:F], values[F:]]
    assert found.explanation.content_removed is not None
    assert found.explanation.content_removed.shape == (1, F)


WRONG = {
    **{name: [0.5] * (F - 1) for name in NAMES if name.endswith(("removed", "kept"))},
    "random_removed": [],
    "content_removed": [0.5] * (F + 1),
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


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [jsonl, parquet])
def test_each_column_stands_alone(tmp_path: Path, name: str, kind: Any) -> None:
    alone = {k: v for k, v in explained_row().items() if not k.startswith(EXPLAIN)}
    alone[f"explain.{name}"] = explained_row()[f"explain.{name}"]
    rows = [alone | {"id": "n", f"explain.{name}": None}, alone]
    with open_predictions(kind(tmp_path / f"p.{kind.__name__}", rows)) as table:
        first, found = table
        (group,) = table.groups()
        named = {n.removeprefix(EXPLAIN) for n in table.missing if n.startswith(EXPLAIN)}
        assert table.explained.tolist() == [False, True]
    assert first.explanation is None
    assert found.explanation is not None
    assert [n for n in NAMES if getattr(found.explanation, n) is not None] == [name]
    assert list(group.explained) == [1]
    assert named == set(NAMES) - {name}


def test_a_row_may_lack_what_others_have(tmp_path: Path) -> None:
    rows = [explained_row(), explained_row(uniform=None) | {"id": "f"}]
    whole, other = read(parquet(tmp_path / "p.parquet", rows))
    assert whole.explanation is not None
    assert other.explanation is not None
    assert [n for n in NAMES if getattr(other.explanation, n) is None] == ["uniform"]
    assert whole.explanation.uniform is not None
    nothing = dict.fromkeys(NAMES)
    halves = [nothing | {"attention_removed": [0.5] * F}, nothing | {"gradients": [0.5, 0.5]}]
    rows = [explained_row(**half) | {"id": str(i)} for i, half in enumerate([*halves, nothing])]
    with open_predictions(jsonl(tmp_path / "p.jsonl", rows)) as table:
        assert table.explained.tolist() == [True, True, False]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [jsonl, parquet])
def test_a_missing_column_drops_only_what_needs_it(tmp_path: Path, name: str, kind: Any) -> None:
    rows = [{k: v for k, v in explained_row().items() if k != f"explain.{name}"}]
    path = kind(tmp_path / f"p.{kind.__name__}", rows)
    with open_predictions(path) as table:
        (found,) = table
        (taken,) = table.rows([0], tmp_path / "rows").take([0])
        named = {n for n in table.missing if n.startswith("explain.")}
    for explanation in (found.explanation, taken.explanation):
        assert explanation is not None
        assert [n for n in NAMES if getattr(explanation, n) is None] == [name]
    assert named == {f"explain.{name}"}


def test_a_table_of_the_earlier_form_is_read(tmp_path: Path) -> None:
    """All sizes were drawn, the draws kept alone too, and no content words."""
    columns = explained_row(random_removed=[0.25] * 20 * F) | {"explain.random_kept": [0.5] * F}
    del columns["explain.content_removed"]
    (found,) = read(jsonl(tmp_path / "p.jsonl", [columns]))
    assert found.explanation is not None
    assert found.explanation.random_removed.shape == (20, F)
    assert found.explanation.content_removed is None


NOT_ALIKE = [None, *[0.5] * F, *[None] * (F - 1)]
BAD = {
    **{name: [[None, *[0.5] * (F - 1)], [-7e9, *[0.5] * (F - 1)]] for name in NAMES[:6]},
    **{name: [[None, 0.5], [1.5, 0.5]] for name in ("uniform", "permuted")},
    "left_out": [[2.0, None]],
    "gradients": [[float("inf"), 0.0]],
}
BAD["random_removed"] += [NOT_ALIKE, [0.5] * F + [0.5, None, 0.5, 0.5, 0.5]]


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_cannot_be_is_refused_with_its_row(tmp_path: Path, name: str) -> None:
    for i, values in enumerate(BAD[name]):
        rows = [explained_row(), dict.fromkeys(explained_row(), None) | row("n")]
        rows.append(explained_row(**{name: values}) | {"id": "f"})
        path = parquet(tmp_path / f"{i}.parquet", rows)
        message = problem(path)
        assert message.startswith(f"{i}.parquet, row 3: explain.{name} has a number "), message
