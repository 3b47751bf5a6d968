from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reportgen.adapters.attributions import Columns, class_probabilities, make, segments
from reportgen.errors import PredictionsError, UsageError
from reportgen.records import Prediction, Weights

CLASSES = ("no", "yes")
TOKENS = [["[CLS]", "Not", "bor", "##ing", "[SEP]"], ["fine"]]
VALUES = [[0.5, 0.25, -0.125, -0.25, 0.5], [1.0]]
PROBABILITIES = [[0.2, 0.8], [0.9, 0.1]]


def made(**changes: Any) -> list[Prediction]:
    columns = {"labels": ["yes", None], "classes": CLASSES, **changes}
    given = Columns(columns.pop("probabilities", PROBABILITIES), **columns)
    return make(segments(TOKENS, VALUES, given.texts), given).rows


def test_word_pieces_are_summed_and_special_tokens_left_out() -> None:
    first, second = made()
    assert (first.tokens, first.text) == (("Not", "boring"), "Not boring")
    assert first.attention.tolist() == [0.25, -0.375]
    assert first.spans == ((0, 3), (4, 10))
    assert (second.tokens, second.text, second.attention.tolist()) == (("fine",), "fine", [1.0])
    assert [first.label, second.label] == ["yes", None]
    assert first.probabilities.tolist() == pytest.approx([0.2, 0.8])


def test_a_pair_of_texts_is_joined_as_in_a_table() -> None:
    first, second = made(texts=[["Not boring!", "But long."], ("a", "fine")])
    assert (first.text, second.text) == ("Not boring!\nBut long.", "a\nfine")


@pytest.mark.parametrize("text", [5, ["one"], ["a", "b", "c"], ["a", None]])
def test_a_text_that_is_none_is_refused_with_its_row(text: Any) -> None:
    with pytest.raises(PredictionsError, match=r"row 2: the text is \w+, not a string or two"):
        made(texts=["Not boring", text])


def test_texts_are_kept_as_they_are() -> None:
    first, _ = made(texts=["Not boring!", " fine"])
    assert (first.text, first.tokens, first.spans) == ("Not boring!", ("Not", "boring"), None)


def test_attention_without_special_tokens_is_rescaled() -> None:
    columns = Columns([0.8], None, CLASSES, weights=Weights("attention"))
    found = make(segments([TOKENS[0]], [[0.4, 0.1, 0.2, 0.1, 0.2]]), columns)
    assert found.rows[0].attention.tolist() == pytest.approx([0.25, 0.75])
    assert found.info.weights is not None
    assert found.info.weights.steps == (
        "word-pieces summed to words",
        "special tokens left out and the rest rescaled",
    )


def test_nothing_is_said_to_be_done_where_nothing_was() -> None:
    found = make(segments([["fine"]], [[1.0]]), Columns([0.8], None, CLASSES))
    assert found.info.weights == Weights("attribution")


def test_tensors_and_missing_values_are_read() -> None:
    torch = pytest.importorskip("torch")
    values = torch.tensor([[0.5, float("nan")]], requires_grad=True)
    (row,) = make(segments([["a", "b"]], values), Columns(torch.tensor([0.8]), None, CLASSES)).rows
    np.testing.assert_array_equal(row.attention, np.array([0.5, np.nan], np.float32))
    assert row.probabilities.tolist() == pytest.approx([0.2, 0.8])


def test_ids_and_metadata_are_kept() -> None:
    run = {"data": {"name": "mine", "split": "dev"}, "model": {"name": "m"}}
    columns = Columns(PROBABILITIES, None, CLASSES, ids=["x", 7], run=run)
    found = make(segments(TOKENS, VALUES), columns)
    assert [row.id for row in found.rows] == ["x", "7"]
    assert (found.info.data.split, found.info.model.name) == ("dev", "m")
    assert [row.id for row in made()] == ["1", "2"]


@pytest.mark.parametrize(
    ("tokens", "values", "error", "message"),
    [
        (["a", "b"], [1, 2], UsageError, "give one list of tokens per text"),
        ([["a"]], [[1], [2]], UsageError, "values: 2, not one for each of 1 texts"),
        ([["a"]], 5, UsageError, "values: no list, not one for each of 1 texts"),
        ([["a"], ["a", "b"]], [[1], [1]], PredictionsError, "row 2: values are 1, but there are 2"),
        ([["a"]], [["x"]], PredictionsError, "row 1: values are not numbers"),
        ([["a"]], [[[1, 2]]], PredictionsError, r"values have 2 dimensions.*values.sum\(-1\)"),
    ],
)  # fmt: skip
def test_tokens_and_values_must_belong_together(
    tokens: Any, values: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        segments(tokens, values)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": ["yes"]}, "labels: 1, not one for each of 2 texts"),
        ({"ids": ["a", "b", "c"]}, "ids: 3, not one for each of 2 texts"),
        ({"texts": ["a"]}, "texts: 1, not one for each of 2 texts"),
        ({"run": {"data": 5}}, "run={'data': 5} cannot be used: data is not an object"),
        ({"probabilities": "x"}, "probabilities are not numbers"),
        ({"probabilities": [[0.1], [0.2]]}, "probabilities are 2 x 1, not 2 texts x 2 classes"),
    ],
)
def test_columns_must_fit_the_texts(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made(**changes)


def test_one_probability_is_enough_only_of_two_classes() -> None:
    assert class_probabilities([0.25], CLASSES, 1).tolist() == [[0.75, 0.25]]
    with pytest.raises(UsageError, match="probabilities are 1, not 1 texts x 3 classes"):
        class_probabilities([0.25], ("a", "b", "c"), 1)
