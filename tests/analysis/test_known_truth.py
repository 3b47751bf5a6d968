"""Tables of models whose truth is known: what the verdict on their attention must be."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from reportgen.analysis.faithfulness import Faithfulness, Pointing, Support, faithfulness, support
from reportgen.publish.words.captions import read_removal
from reportgen.publish.words.verdict import INDEPENDENT
from reportgen.publish.words.weights import ATTENTION
from reportgen.records import FRACTIONS, Explanation, Prediction
from reportgen.removal import DRAWS, TESTED

TOKENS = 60
Array = NDArray[np.float64]
Model = Callable[[NDArray[np.bool_]], float]  # the words that are left -> probability of the class


def sizes(shares: tuple[float, ...]) -> list[int]:
    return [max(1, math.ceil(share * TOKENS)) for share in shares]


def without(model: Model, order: NDArray[np.int64], shares: tuple[float, ...]) -> list[float]:
    """The probabilities without the first words of an order."""
    values = []
    for size in sizes(shares):
        left = np.ones(TOKENS, dtype=bool)
        left[order[:size]] = False
        values.append(model(left))
    return values


def explained(
    model: Model,
    attention: Array,
    rng: np.random.Generator,
    *,
    effects: Array,
    content: NDArray[np.bool_] | None = None,
    other: float | None = None,
) -> Prediction:
    """A row as ``explain`` would write it; ``other`` is the probability under other attention."""
    confidence = model(np.ones(TOKENS, dtype=bool))

    def drawn(count: int, first: NDArray[np.bool_]) -> NDArray[np.float32]:
        table = np.full((count, len(FRACTIONS)), np.nan, np.float32)
        for row in table:
            order = rng.permutation(TOKENS)
            order = order[np.argsort(~first[order], kind="stable")]
            row[[FRACTIONS.index(s) for s in TESTED]] = without(model, order, TESTED)
        return table

    everything = np.ones(TOKENS, dtype=bool)
    p = confidence if other is None else other
    return Prediction(
        id="x",
        text="",
        label="yes",
        probabilities=np.array([1 - confidence, confidence], np.float32),
        tokens=("w",) * TOKENS,
        attention=(attention / attention.sum()).astype(np.float32),
        explanation=Explanation(
            attention_removed=np.float32(without(model, np.argsort(-attention), FRACTIONS)),
            gradients_removed=np.float32(without(model, np.argsort(-effects), FRACTIONS)),
            random_removed=drawn(DRAWS, everything),
            content_removed=drawn(10, everything if content is None else content),
            uniform=np.array([1 - p, p], np.float32),
            permuted=np.array([1 - p, p], np.float32),
        ),
    )


def additive(effects: Array) -> Model:
    """A model that adds up what its words say and asks no attention."""
    return lambda left: float(1 / (1 + np.exp(-effects[left].sum())))


def share_left(effects: Array) -> Model:
    """A model whose probability is the share of the evidence that is left: each word matters."""
    return lambda left: float(effects[left].sum() / effects.sum())


def judge(rows: list[Prediction]) -> Faithfulness:
    result = faithfulness(rows, seed=1)
    assert result is not None
    assert result.examples == len(rows)
    return result


def effects_of(rng: np.random.Generator) -> Array:
    """Some words count much, most hardly; together they say yes."""
    return np.abs(rng.standard_normal(TOKENS)) ** 3 / 30


def test_one_word_decides_attention_is_on_it_and_the_answer_does_not_need_the_weights() -> None:
    rows = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        effects = np.where(np.arange(TOKENS) == rng.integers(TOKENS), 8.0, -0.03)
        rows.append(explained(additive(effects), effects + 0.1, rng, effects=effects))
    result = judge(rows)
    assert result.points is Pointing.YES
    assert result.share_of_gradients is not None
    assert result.share_of_gradients.value == pytest.approx(1)
    assert result.supported > 66
    assert result.depends is False
    assert read_removal(result, ATTENTION).startswith(INDEPENDENT[:28])
    few = judge(rows[:50])
    assert few.depends is None  # though no answer changed
    assert INDEPENDENT[:28] not in read_removal(few, ATTENTION)


def test_no_word_matters_and_no_card_is_supported() -> None:
    rows = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        effects = np.abs(rng.standard_normal(TOKENS)) * 1e-7
        rows.append(explained(additive(effects), effects, rng, effects=effects, other=0.5))
    assert rows[0].explanation is not None
    drops = rows[0].probabilities.max() - rows[0].explanation.attention_removed
    assert np.abs(drops).max() < 2e-6
    result = judge(rows)
    assert (result.supported, result.unsupported) == (0, 60)
    assert result.points is Pointing.NO_EFFECT
    assert result.share_of_gradients is None
    assert "matter" in read_removal(result, ATTENTION)
    assert "points at words that matter:" not in read_removal(result, ATTENTION)


def test_random_attention_passes_in_about_five_percent_of_200_cards() -> None:
    rows = []
    for seed in range(200):
        rng = np.random.default_rng(1000 + seed)
        effects = effects_of(rng)
        rows.append(explained(share_left(effects), rng.random(TOKENS), rng, effects=effects))
    result = judge(rows)
    assert 1 < result.supported <= binom.ppf(0.999, 200, 0.05)
    assert result.against_random.low < 0 < result.against_random.high
    assert result.points is Pointing.LIKE_RANDOM


def test_attention_on_what_counts_is_found_in_most_texts_and_shuffled_in_few() -> None:
    honest, shuffled = [], []
    for seed in range(40):
        rng = np.random.default_rng(2000 + seed)
        effects = effects_of(rng)
        model = additive(effects)
        honest.append(explained(model, effects, rng, effects=effects, other=0.5))
        permuted = rng.permutation(effects)
        shuffled.append(explained(model, permuted, rng, effects=effects, other=0.5))
    result = judge(honest)
    assert result.points is Pointing.YES
    assert result.supported > 30
    assert result.depends is True  # other weights take the confidence to a half
    assert INDEPENDENT[:28] not in read_removal(result, ATTENTION)
    result = judge(shuffled)
    assert result.points is not Pointing.YES
    assert result.supported <= binom.ppf(0.999, 40, 0.05)
    assert result.share_of_gradients is not None
    assert result.share_of_gradients.high < 0.7


def test_attention_on_any_content_word_is_no_more_than_content_words() -> None:
    """It avoids the words without effect, and knows nothing more."""
    rows = []
    for seed in range(60):
        rng = np.random.default_rng(3000 + seed)
        content = rng.random(TOKENS) < 0.4
        effects = np.where(content, 0.15, -0.02)
        attention = np.where(content, 1.0, 0.1) * (1 + 0.1 * rng.random(TOKENS))
        model = additive(effects)
        rows.append(explained(model, attention, rng, effects=effects, content=content))
    result = judge(rows)
    assert result.against_random.low > 0
    assert result.points is Pointing.LIKE_CONTENT
    assert "not shown to matter more than random content words" in read_removal(result, ATTENTION)


def test_even_attention_removes_the_first_words_and_passes_no_more_than_chance() -> None:
    rows = []
    for seed in range(100):
        rng = np.random.default_rng(4000 + seed)
        effects = effects_of(rng)
        rows.append(explained(share_left(effects), np.ones(TOKENS), rng, effects=effects))
    result = judge(rows)
    assert result.supported <= binom.ppf(0.999, 100, 0.05)
    assert result.depends is False
    assert {support(row) for row in rows} <= {Support.SUPPORTED, Support.UNSUPPORTED}
