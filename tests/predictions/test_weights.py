"""What the weights of a table are: said, or found out; and what each kind may hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.predictions import open_predictions, schema, write_predictions
from reportgen.records import Weights
from tests.predictions.conftest import INFO, META, NAN, jsonl, parquet, problem, read, row

ATTRIBUTION = META | {"weights": {"kind": "attribution", "name": "SHAP values"}}
ATTENTION = META | {"weights": {"kind": "attention"}}
ADVICE = 'weights that are no attention need "weights": {"kind": "attribution"} in the metadata'
BOTH = pytest.mark.parametrize("write", [jsonl, parquet])


def kind(path: Path) -> Weights | None:
    with open_predictions(path) as table:
        return table.info.weights


@BOTH
def test_a_negative_weight_anywhere_makes_attributions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 1)
    rows = [row("a", attention=[7.0, 2.0]), row("b"), row("c", attention=[-0.5, None])]
    path = write(tmp_path / f"p.{write.__name__}", rows)
    assert kind(path) == Weights("attribution")
    found = [one.attention for one in read(path)]
    np.testing.assert_array_equal(found, [[7, 2], [0.5, 0.5], [-0.5, NAN]])
    assert kind(write(tmp_path / f"q.{write.__name__}", [row()])) == Weights("attention")


@BOTH
def test_a_table_that_says_attribution_may_hold_any_numbers(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / f"p.{write.__name__}", [row(attention=[3.0, 0.0])], ATTRIBUTION)
    assert kind(path) == Weights("attribution", "SHAP values")
    bad = [row(), row("b", attention=[float("inf"), 0.0])]
    path = write(tmp_path / f"p.{write.__name__}", bad, ATTRIBUTION)
    assert problem(path).endswith(": attention has an infinite weight")


@BOTH
def test_a_table_that_says_attention_must_hold_it(tmp_path: Path, write: Any) -> None:
    rows = [row(), row("b", attention=[-0.5, 1.5])]
    path = write(tmp_path / f"p.{write.__name__}", rows, ATTENTION)
    assert problem(path).endswith(f"attention has a negative weight; {ADVICE}")
    place = "p.jsonl:3: " if write is jsonl else "p.parquet, row 2: "
    assert problem(path).startswith(place)


@BOTH
def test_weights_are_another_name_of_the_column(tmp_path: Path, write: Any) -> None:
    renamed = {k: v for k, v in row().items() if k != "attention"} | {"weights": [0.25, 0.75]}
    path = write(tmp_path / f"p.{write.__name__}", [renamed])
    with open_predictions(path) as table:
        (one,) = table
        (group,) = table.groups()
        (taken,) = table.rows([0], tmp_path / "rows").take([0])
        assert "attention" in table.columns
    assert one.attention.tolist() == taken.attention.tolist() == [0.25, 0.75]
    assert group.tokens.weights.tolist() == [0.25, 0.75]
    path = write(tmp_path / f"p.{write.__name__}", [renamed | {"weights": [1.0]}])
    assert problem(path).endswith(": weights has not one value per token")
    path = write(
        tmp_path / f"p.{write.__name__}", [renamed, renamed | {"id": "b", "weights": None}]
    )
    assert problem(path).endswith(": weights is null")


@BOTH
def test_beside_attention_a_column_weights_is_not_read(tmp_path: Path, write: Any) -> None:
    (one,) = read(write(tmp_path / f"p.{write.__name__}", [row(weights="soft")]))
    assert one.attention.tolist() == [0.5, 0.5]


@BOTH
def test_heads_are_read_and_written(tmp_path: Path, write: Any) -> None:
    rows = [
        row("a", attention_heads=[[1.0, 0.0], [0.0, 1.0], [0.5, None]]),
        row("b", attention_heads=None),
        row("c", tokens=[], attention=[], attention_heads=[[], [], []]),
    ]
    path = write(tmp_path / f"p.{write.__name__}", rows)
    found = read(path)
    again = tmp_path / "again.parquet"
    write_predictions(again, INFO, found, columns=["attention_heads"])
    for one, two, three in (found, read(again)):
        np.testing.assert_array_equal(one.heads, [[1, 0], [0, 1], [0.5, NAN]])
        assert one.heads is not None
        assert one.heads.dtype == np.float32
        assert two.heads is None
        assert three.heads is not None
        assert three.heads.shape == (3, 0)


WRONG = {
    "another number": ([[0.5, 0.5]], "are not 2 lists, as in the first row that has them"),
    "none": ([], "is an empty list"),
    "null": ([[0.5, 0.5], None], "have not one weight per token in each head"),
    "short": ([[0.5, 0.5], [1.0]], "have not one weight per token in each head"),
    "infinite": ([[0.5, 0.5], [float("inf"), 0.0]], "have an infinite weight"),
    "negative": ([[0.5, 0.5], [-1.0, 2.0]], f"have a negative weight; {ADVICE}"),
}


@BOTH
@pytest.mark.parametrize("case", WRONG)
def test_heads_that_do_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any, case: str
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 1)
    heads, message = WRONG[case]
    rows = [row("a", attention_heads=[[1.0, 0.0], [0.0, 1.0]]), row("b", attention_heads=heads)]
    place = "p.jsonl:3: " if write is jsonl else "p.parquet, row 2: "
    path = write(tmp_path / f"p.{write.__name__}", rows)
    assert problem(path) == f"{place}attention_heads {message}"


def test_heads_of_attributions_may_be_negative(tmp_path: Path) -> None:
    rows = [row("a", attention=[-1.0, 2.0], attention_heads=[[-1.0, 2.0]])]
    (one,) = read(jsonl(tmp_path / "p.jsonl", rows))
    assert one.heads is not None
    assert one.heads.tolist() == [[-1, 2]]


@BOTH
def test_rounding_below_zero_makes_no_attributions(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / f"p.{write.__name__}", [row(attention=[-5e-7, 1.0])])
    assert kind(path) == Weights("attention")
    path = write(tmp_path / f"q.{write.__name__}", [row(attention=[-5e-7, 1.0])], ATTENTION)
    assert kind(path) == Weights("attention")
    path = write(tmp_path / f"r.{write.__name__}", [row(attention=[-5e-6, 1.0])])
    assert kind(path) == Weights("attribution")
    tiny = write(tmp_path / f"s.{write.__name__}", [row(attention=[-5e-7, 3e-7])])
    assert problem(tiny).endswith(f"does not sum to 1 over the tokens; {ADVICE}")


def test_integrated_gradients_are_not_held_against_themselves(tmp_path: Path) -> None:
    measured = {"explain.gradients": [0.5, -0.5], "explain.left_out": [0.5, 0.5]}
    rows = [row(attention=[0.5, -0.5], **measured)]
    for name, kept in (("Integrated gradients", False), ("SHAP values", True)):
        weights = {"kind": "attribution", "name": name}
        path = parquet(tmp_path / "p.parquet", rows, META | {"weights": weights})
        (found,) = read(path)
        assert found.explanation
        assert (found.explanation.gradients is not None) == kept
        assert found.explanation.left_out is not None


def test_unnamed_attributions_that_are_the_gradients_are_called_so(tmp_path: Path) -> None:
    first = row(attention=[0.5, -0.5], **{"explain.gradients": [0.5, -0.5]})
    path = parquet(tmp_path / "p.parquet", [first, row("b", attention=[2.0, -1.0])])
    assert kind(path) == Weights("attribution", "integrated gradients")
    assert read(path)[0].explanation is None
    other = row("b", attention=[0.5, -0.5], **{"explain.gradients": [0.5, 0.5]})
    path = parquet(tmp_path / "p.parquet", [first, other])
    assert kind(path) == Weights("attribution")
    named = META | {"weights": {"kind": "attribution", "name": "LIME"}}
    assert kind(parquet(tmp_path / "p.parquet", [first], named)) == Weights("attribution", "LIME")
