"""Explanations against a reference: every changed text is predicted by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reportgen.classifier import explain as module
from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.explain import explain
from reportgen.classifier.inference import predict
from reportgen.classifier.model import PAD_INDEX
from reportgen.explaining import LEFT_OUT
from reportgen.records import FRACTIONS, Example, Explanation, Prediction
from reportgen.removal import FIRST_DRAWS, TESTED

from .conftest import make_checkpoint

TEXT = ("w3", "w17", "w8", "nowhere", "w29", "w1")
CLOSE = {"rtol": 0, "atol": 2e-6}


@pytest.fixture
def checkpoint() -> Checkpoint:
    """A model for which the order of the words counts, and whose temperature is not one."""
    return replace(make_checkpoint(seed=4, num_layers=2), temperature=2.5)


def predicted(checkpoint: Checkpoint, tokens: Sequence[str]) -> Prediction:
    (prediction,) = predict(checkpoint, [Example("x", " ".join(tokens), "good")])
    assert prediction.probabilities.argmax() == 2, "not the first class, which an index may hit"
    return prediction


def explained(checkpoint: Checkpoint, prediction: Prediction, seed: int = 1) -> Explanation:
    ((_, explanation),) = explain(checkpoint, [prediction], seed=seed)
    return explanation


def probability(checkpoint: Checkpoint, tokens: Sequence[str], places: Sequence[int]) -> float:
    """The probability of the third class for the tokens in these places, in their order."""
    text = " ".join(tokens[i] for i in sorted(places))
    (prediction,) = predict(checkpoint, [Example("x", text, "good")])
    return float(prediction.probabilities[2])


def without_and_only(
    checkpoint: Checkpoint, tokens: Sequence[str], places: Sequence[int]
) -> tuple[float, float]:
    rest = set(range(len(tokens))) - set(places)
    return probability(checkpoint, tokens, [*rest]), probability(checkpoint, tokens, places)


def sizes(count: int) -> list[int]:
    return [max(1, math.ceil(share * count)) for share in FRACTIONS]


def test_the_most_attended_and_the_most_attributed_tokens_are_removed_and_kept(
    checkpoint: Checkpoint,
) -> None:
    tokens = (*TEXT, *(f"w{(7 * i) % 30}" for i in range(20)))  # 26: sizes 1, 2, 3, 6 and 13
    prediction = predicted(checkpoint, tokens)
    explanation = explained(checkpoint, prediction)
    for weights, removed, kept in (
        (prediction.attention, explanation.attention_removed, explanation.attention_kept),
        (explanation.gradients, explanation.gradients_removed, explanation.gradients_kept),
    ):
        order = np.argsort(-weights, kind="stable")
        assert sizes(len(tokens)) == [1, 2, 3, 6, 13]
        expected = [without_and_only(checkpoint, tokens, order[:n]) for n in sizes(len(tokens))]
        np.testing.assert_allclose(np.stack([removed, kept], axis=1), expected, **CLOSE)


def test_random_tokens_are_removed_at_three_sizes(checkpoint: Checkpoint) -> None:
    explanation = explained(checkpoint, predicted(checkpoint, TEXT))
    assert len(explanation.random_removed) == FIRST_DRAWS, "too short a text for a test"
    for share, values in zip(FRACTIONS, explanation.random_removed.T, strict=True):
        if share not in TESTED:
            assert np.isnan(values).all()
            continue
        size = math.ceil(share * len(TEXT))
        rest = combinations(range(len(TEXT)), len(TEXT) - size)
        allowed = np.array([probability(checkpoint, TEXT, places) for places in rest])
        distances = np.abs(values[:, None] - allowed)  # [R, selections]
        assert distances.min(axis=1).max() < 2e-6
        assert len(set(distances.argmin(axis=1).tolist())) > 3, "not one selection again and again"


def test_of_content_words_only_these_are_removed_while_there_are_any(
    checkpoint: Checkpoint,
) -> None:
    tokens = ("w3", ",", "the", "w29", "!", "of", "and", "w1", ".", "it", "to")  # 3 of 11
    explanation = explained(checkpoint, predicted(checkpoint, tokens))
    assert explanation.content_removed is not None
    for share, size in ((0.01, 1), (0.1, 2), (0.2, 3)):
        allowed = [
            probability(checkpoint, tokens, [*set(range(11)) - set(places)])
            for places in combinations((0, 3, 7), size)
        ]
        values = explanation.content_removed[:, FRACTIONS.index(share)]
        assert np.abs(values[:, None] - np.array(allowed)).min(axis=1).max() < 2e-6


def test_each_token_is_left_out_alone(checkpoint: Checkpoint) -> None:
    assert len(TEXT) <= LEFT_OUT
    explanation = explained(checkpoint, predicted(checkpoint, TEXT))
    expected = [without_and_only(checkpoint, TEXT, [i])[0] for i in range(len(TEXT))]
    np.testing.assert_allclose(explanation.left_out, expected, **CLOSE)


def test_of_a_long_text_a_seeded_sample_of_tokens_is_left_out(checkpoint: Checkpoint) -> None:
    tokens = (TEXT * 20)[: LEFT_OUT + 16]
    prediction = predicted(checkpoint, tokens)
    measured = []
    for seed in (1, 2):
        left_out = explained(checkpoint, prediction, seed).left_out
        places = np.flatnonzero(~np.isnan(left_out))
        assert len(places) == LEFT_OUT
        for place in (places[0], places[7], places[-1]):
            expected = without_and_only(checkpoint, tokens, [place])[0]
            assert left_out[place] == pytest.approx(expected, abs=2e-6)
        measured.append(places.tolist())
    assert measured[0] != measured[1]


def test_tokens_that_were_not_read_take_no_part_wherever_they_stand(
    checkpoint: Checkpoint,
) -> None:
    whole = predicted(checkpoint, TEXT)
    tokens = ("w5", *TEXT[:2], "w6", *TEXT[2:], "w7")
    read = np.array([False, True, True, False, True, True, True, True, False])
    attention = np.full(len(tokens), np.nan, dtype=np.float32)
    attention[read] = whole.attention
    gaps = replace(whole, tokens=tokens, attention=attention)
    one, other = explained(checkpoint, whole), explained(checkpoint, gaps)
    for name in ("gradients", "left_out"):
        values = getattr(other, name)
        assert np.isnan(values[~read]).all()
        np.testing.assert_array_equal(values[read], getattr(one, name))
    np.testing.assert_array_equal(other.random_removed, one.random_removed)


def under(checkpoint: Checkpoint, weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """The class probabilities of the text under the given attention."""
    words = checkpoint.fields.text.vocab.stoi
    indices = torch.tensor([[words[token] for token in TEXT]])
    with torch.no_grad():
        output = checkpoint.model(indices, torch.tensor([len(TEXT)]), torch.tensor(weights)[None])
    return torch.softmax(output.logits.double() / checkpoint.temperature, dim=1)[0].numpy()


def test_attention_is_evened_out_and_shuffled(checkpoint: Checkpoint) -> None:
    prediction = predicted(checkpoint, TEXT)
    even = under(checkpoint, np.full(len(TEXT), 1 / len(TEXT), dtype=np.float32))
    allowed = np.array(
        [under(checkpoint, np.array(p, np.float32)) for p in permutations(prediction.attention)]
    )
    drawn = set()
    for seed in range(6):
        explanation = explained(checkpoint, prediction, seed)
        np.testing.assert_allclose(explanation.uniform, even, **CLOSE)
        distances = np.abs(explanation.permuted - allowed).max(axis=1)
        assert distances.min() < 2e-6
        drawn.add(int(distances.argmin()))
    assert len(drawn) > 3


def test_gradients_sum_to_the_difference_from_padding(checkpoint: Checkpoint) -> None:
    """Completeness of integrated gradients (Sundararajan et al. 2017, section 3)."""
    prediction = predicted(checkpoint, TEXT)
    nothing = torch.full((1, len(TEXT)), PAD_INDEX)
    with torch.no_grad():
        logits = checkpoint.model(nothing, torch.tensor([len(TEXT)])).logits
    baseline = torch.softmax(logits / checkpoint.temperature, dim=1)[0, 2].item()
    explanation = explained(checkpoint, prediction)
    difference = float(prediction.probabilities[2]) - baseline
    assert float(explanation.gradients.sum()) == pytest.approx(difference, abs=2e-4)
    assert all(weight.grad is None for weight in checkpoint.model.parameters())


def test_gradients_are_those_of_captum(checkpoint: Checkpoint) -> None:
    from captum.attr import LayerIntegratedGradients

    words = checkpoint.fields.text.vocab.stoi
    indices = torch.tensor([[words[token] for token in TEXT]])

    def third(rows: torch.Tensor) -> torch.Tensor:
        logits = checkpoint.model(rows, torch.full((len(rows),), len(TEXT))).logits
        return torch.softmax(logits / checkpoint.temperature, dim=1)[:, 2]

    method = LayerIntegratedGradients(third, checkpoint.model.embedding)
    baseline = torch.full_like(indices, PAD_INDEX)
    reference = method.attribute(indices, baselines=baseline, n_steps=module.STEPS).sum(dim=2)[0]
    gradients = explained(checkpoint, predicted(checkpoint, TEXT)).gradients
    assert np.abs(gradients).max() > 1e-3
    np.testing.assert_allclose(gradients, reference.detach().numpy(), rtol=0, atol=1e-6)


def test_each_prediction_has_random_tokens_of_its_own(checkpoint: Checkpoint) -> None:
    prediction = predicted(checkpoint, TEXT)
    (_, one), (_, other) = explain(checkpoint, [prediction, prediction], seed=1)
    assert not np.array_equal(one.random_removed, other.random_removed, equal_nan=True)
    assert (one.attention_removed == other.attention_removed).all()


def test_batches_stay_within_their_size(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = predicted(checkpoint, TEXT)
    whole = explained(checkpoint, prediction)
    shapes: list[torch.Size] = []
    checkpoint.model.register_forward_pre_hook(lambda _, inputs: shapes.append(inputs[0].shape))
    monkeypatch.setattr(module, "BATCH_WORDS", 12)
    small = explained(checkpoint, prediction)
    assert all(shape.numel() <= 12 for shape in shapes)
    assert max(shape[0] for shape in shapes) > 2, "short variants share a batch"
    np.testing.assert_allclose(small.random_removed, whole.random_removed, **CLOSE)
    np.testing.assert_allclose(small.gradients, whole.gradients, rtol=0, atol=1e-5)


def test_texts_explained_together_are_explained_as_alone(checkpoint: Checkpoint) -> None:
    texts = [TEXT * 3, TEXT[:4], TEXT * 5, TEXT[2:]]
    predictions = [
        replace(next(iter(predict(checkpoint, [Example("x", " ".join(t), "good")]))), id=str(i))
        for i, t in enumerate(texts)
    ]
    together = dict(explain(checkpoint, predictions, seed=3))
    assert list(together) != sorted(together), "sorted by length, to be fast"
    for number, prediction in enumerate(predictions):
        empty = [replace(predictions[0], attention=np.full(18, np.nan, np.float32))] * number
        ((_, alone),) = explain(checkpoint, [*empty, prediction], seed=3)
        for name in ("random_removed", "content_removed", "gradients_kept", "left_out", "permuted"):
            one, other = getattr(together[str(number)], name), getattr(alone, name)
            np.testing.assert_allclose(one, other, err_msg=name, **CLOSE)
