"""Removals of words from a transformer's text, and what is measured of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reportgen.adapters.hf.transformer import _with
from reportgen.explaining import ReadText
from reportgen.records import FRACTIONS, Example, Prediction
from reportgen.removal import DRAWS, FIRST_DRAWS, LEAST_TOKENS
from tests.adapters.conftest import EXAMPLES
from tests.adapters.models import MODELS, TEXTS


def text(written: str, spans, read=None) -> ReadText:
    weights = np.full(len(spans), 1 / len(spans), dtype=np.float32)
    if read is not None:
        weights[~np.array(read)] = np.nan
    tokens = tuple(written[slice(*s)] if s else "?" for s in spans)
    row = Prediction("x", written, "a", np.array([0.6, 0.4], np.float32), tokens, weights, spans)
    return ReadText.of(row, np.random.default_rng(1))


def test_deleted_words_take_the_space_before_them_along():
    whole = text("  One, two  three.", ((2, 5), (5, 6), (7, 10), (12, 17), (17, 18)))
    assert _with(whole, np.arange(5)) == "One, two  three."
    assert _with(whole, np.array([0, 2, 4])) == "One two."
    assert _with(whole, np.array([2, 3])) == "two  three"
    assert _with(whole, np.array([], dtype=np.int64)) == ""


def test_words_not_read_are_in_no_text():
    spans = ((0, 1), (2, 3), (4, 5), (6, 7))
    assert _with(text("a b c d", spans, [True, True, False, False]), np.array([0, 1])) == "a b"
    assert _with(text("a b c d", spans, [False, False, True, True]), np.array([0, 1])) == "c d"


def test_a_word_without_a_place_is_passed_over():
    assert _with(text("a b", ((0, 1), None, (2, 3))), np.array([0, 1, 2])) == "a b"
    assert _with(text("a b", (None, (0, 1), (2, 3))), np.array([0, 2])) == "b"


@pytest.mark.parametrize("kind", MODELS)
def test_explanations_are_the_model_s_answers_to_shorter_texts(kind, transformer, predicted):
    model = transformer(kind)
    rows = {row.id: row for row in predicted(kind)}
    explanations = dict(model.explain(rows.values(), seed=1))
    assert explanations.keys() == {e.id for e in EXAMPLES if e.text}
    row, found = rows["e1"], explanations["e1"]
    order = np.argsort(-row.attention.astype(float), kind="stable")
    best = int(row.probabilities.argmax())
    for place, share in enumerate(FRACTIONS):
        size = max(int(np.ceil(share * len(order))), 1)
        for chosen, measured in (
            (np.sort(order[size:]), found.attention_removed),
            (np.sort(order[:size]), found.attention_kept),
        ):
            words = _with(ReadText.of(row, np.random.default_rng()), chosen)
            (answer,) = model.predict([Example("y", words, "mixed")])
            assert measured[place] == pytest.approx(answer.probabilities[best], abs=1e-5)
    assert (found.uniform is None) == (kind == "xlnet")  # which has attention of its own
    assert (found.permuted is None) == (kind == "xlnet")
    assert len(found.random_removed) in (FIRST_DRAWS, FIRST_DRAWS + 30, DRAWS)
    assert len(explanations["e6"].random_removed) == FIRST_DRAWS  # too short to be tested
    assert len(rows["e6"].tokens) < LEAST_TOKENS
    assert not np.isnan(found.left_out).all()


def test_gradients_of_the_explained_are_those_of_the_method(transformer, predicted):
    explanations = dict(transformer("bert").explain(predicted("bert"), seed=1))
    signed = predicted("bert", "gradients")
    for row in signed[:-1]:
        np.testing.assert_allclose(explanations[row.id].gradients, row.attention, atol=1e-6)
    again = dict(transformer("bert", "gradients").explain(signed, seed=1))
    first = again["e0"]
    np.testing.assert_array_equal(first.gradients, signed[0].attention)
    np.testing.assert_array_equal(first.attention_removed, first.gradients_removed)


def test_explanations_of_long_texts_cover_what_was_read(transformer):
    model = transformer("bert", max_tokens=12)
    rows = list(model.predict([Example("x", TEXTS[5], "mixed")]))
    ((_, found),) = model.explain(rows, seed=1)
    read = ~np.isnan(rows[0].attention)
    assert 0 < read.sum() < len(read)
    np.testing.assert_array_equal(np.isnan(found.gradients), ~read)
    assert np.isnan(found.left_out[~read]).all()


def test_the_same_seed_gives_the_same_explanations(transformer, predicted):
    rows = predicted("roberta")[:3]
    model = transformer("roberta")
    torch.manual_seed(5)
    first = dict(model.explain(rows, seed=2))
    second = dict(model.explain(rows, seed=2))
    other = dict(model.explain(rows, seed=3))
    for id_, one in first.items():
        np.testing.assert_array_equal(one.random_removed, second[id_].random_removed)
    assert any(
        one.random_removed.tobytes() != other[id_].random_removed.tobytes()
        for id_, one in first.items()
    )
