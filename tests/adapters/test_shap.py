from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reportgen.adapters.attributions import Columns
from reportgen.adapters.shap import class_names, from_explanation
from reportgen.errors import PredictionsError, UsageError
from reportgen.records import Prediction

CLASSES = ("no", "yes")


def explanation(**changes: Any) -> SimpleNamespace:
    """Two texts of different lengths; the first is predicted yes, the second no."""
    values = np.empty(2, dtype=object)
    values[:] = [
        np.array([[0.0, 0.0], [-0.1, 0.1], [-0.3, 0.3], [0.0, 0.0]]),
        np.array([[0.4, -0.4]]),
    ]
    data = (np.array(["", "un", "likely ", ""], dtype=object), np.array(["bad"], dtype=object))
    base = np.array([[0.5, 0.5], [0.5, 0.5]])
    return SimpleNamespace(
        **{"values": values, "data": data, "base_values": base, "output_names": list(CLASSES)}
        | changes
    )


def rows(given: Any, **columns: Any) -> list[Prediction]:
    probabilities = columns.pop("probabilities", None)
    return from_explanation(given, Columns(probabilities, None, CLASSES, **columns)).rows


def test_a_pair_of_texts_is_joined_and_another_thing_refused() -> None:
    first, second = rows(explanation(), texts=[("un", "likely"), "bad"])
    assert (first.text, second.text) == ("un\nlikely", "bad")
    with pytest.raises(PredictionsError, match="row 1: the text is int"):
        rows(explanation(), texts=[3, "bad"])


def test_values_of_the_predicted_class_and_probabilities_are_taken() -> None:
    first, second = rows(explanation())
    assert first.probabilities.tolist() == pytest.approx([0.1, 0.9])
    assert second.probabilities.tolist() == pytest.approx([0.9, 0.1])
    assert first.attention.tolist() == pytest.approx([0.4])
    assert second.attention.tolist() == pytest.approx([0.4])


def test_segments_of_a_word_are_joined_and_empty_ones_left_out() -> None:
    found = from_explanation(explanation(), Columns(None, None, CLASSES))
    assert [row.tokens for row in found.rows] == [("unlikely",), ("bad",)]
    assert [row.text for row in found.rows] == ["unlikely ", "bad"]
    assert found.rows[0].spans == ((0, 8),)
    assert found.info.weights is not None
    assert found.info.weights.steps == ("word-pieces summed to words", "special tokens left out")


def test_punctuation_stays_apart_and_other_scripts_too() -> None:
    data = [["good", ", ", "don", "'", "t ", "映", "画", " "]]
    values = [np.tile([-0.01, 0.01], (8, 1))]
    (row,) = rows(explanation(data=data, values=values, base_values=[[0.5, 0.5]]))
    assert row.tokens == ("good", ",", "don", "'", "t", "映", "画", " ")
    assert row.text == "good, don't 映画 "
    assert row.spans is not None
    assert [row.text[slice(*span)] for span in row.spans if span] == list(row.tokens)


def test_one_output_of_two_classes_is_turned_for_the_other() -> None:
    single = explanation(
        values=[[0.1, 0.1, 0.2, 0.0], [-0.4]], base_values=[0.5, 0.5], output_names=None
    )
    first, second = rows(single)
    assert first.probabilities.tolist() == pytest.approx([0.1, 0.9])
    assert second.probabilities.tolist() == pytest.approx([0.9, 0.1])
    assert second.attention.tolist() == pytest.approx([0.4])
    (named,) = rows(
        explanation(values=[[-0.4]], data=[["bad"]], base_values=0.5, output_names="no")
    )
    assert named.probabilities.tolist() == pytest.approx([0.1, 0.9])
    assert named.attention.tolist() == pytest.approx([0.4])


def test_an_explanation_of_one_text_is_one_row() -> None:
    whole = explanation()
    one = SimpleNamespace(
        values=whole.values[0], data=whole.data[0], base_values=whole.base_values[0],
        output_names=whole.output_names,
    )  # fmt: skip
    (row,) = rows(one)
    assert row.text == "unlikely "


def test_scores_need_probabilities() -> None:
    scores = explanation(base_values=np.array([[2.0, -2.0], [0.0, 0.0]]))
    with pytest.raises(UsageError, match=r"do not add up to probabilities.*give probabilities="):
        rows(scores)
    first, _ = rows(scores, probabilities=[[0.9, 0.1], [0.2, 0.8]])
    assert first.attention.tolist() == pytest.approx([-0.4])


def test_another_text_is_kept_without_places() -> None:
    first, second = rows(explanation(), texts=["Unlikely", "bad"])
    assert (first.text, first.spans, first.tokens) == ("Unlikely", None, ("unlikely",))
    assert second.spans == ((0, 3),)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": [["a"], ["bad"]]}, PredictionsError, "row 1: 4 values for 1 segments, as"),
        ({"data": [["a"] * 5, ["bad"]]}, PredictionsError, "row 1: 4 values for 5 segments$"),
        ({"values": [np.zeros((4, 3)), np.zeros((1, 3))]}, UsageError, "not of 2 outputs"),
        ({"values": [["x"], ["y"]]}, UsageError, "the explanation's values are not numbers"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rows(explanation(**changes))


def test_classes_are_the_outputs_unless_others_are_given() -> None:
    assert class_names(explanation(), None) == CLASSES
    assert class_names(explanation(), ["a", "b"]) == ("a", "b")
    for names in (None, "yes"):
        with pytest.raises(UsageError, match=r"classes=\[...\] is missing"):
            class_names(explanation(output_names=names), None)


def test_an_explanation_of_shap_itself_is_read() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shap = pytest.importorskip("shap")

        def classify(texts: NDArray[Any]) -> NDArray[np.float64]:
            scores = np.array([str(t).count("great") - str(t).count("awful") for t in texts])
            yes = 1 / (1 + np.exp(-scores))
            return np.stack([1 - yes, yes], axis=1)

        explainer = shap.Explainer(
            classify, shap.maskers.Text(r"\W+"), output_names=list(CLASSES), seed=0
        )
        texts = ["A great, great film", "awful acting"]
        found = explainer(texts, silent=True)
    first, second = rows(found)
    assert [first.text, second.text] == texts
    np.testing.assert_allclose(first.probabilities, classify(np.array(texts))[0], atol=1e-6)
    assert first.attention[1] == pytest.approx(first.attention[2]) == pytest.approx(0.19, abs=0.01)
    assert second.attention[0] > 0.2
