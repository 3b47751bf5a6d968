"""Test the weights of tokens by removal, for any model: which tokens, how many draws, when to stop.

A model says only how probable the predicted class of each text is with some of its tokens (DeYoung
et al. 2020, section 4). What the probabilities mean is computed right of the predictions table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from reportgen.records import FRACTIONS, Explanation, Prediction
from reportgen.removal import (
    DRAWS,
    FIRST_DRAWS,
    LEAST_TOKENS,
    TESTED,
    is_content_word,
    removal_test,
)

__all__ = [
    "BLOCKS",
    "CONTENT_DRAWS",
    "LEFT_OUT",
    "Probabilities",
    "ReadText",
    "Selection",
    "Under",
    "brief",
    "groups",
    "measure",
]

CONTENT_DRAWS = 6  # random removals of content words of each size, for a mean over examples
BLOCKS = (30, DRAWS - FIRST_DRAWS - 30)  # of further draws, where a test is not decided yet
LEFT_OUT = 16  # tokens that are left out one by one, at most; only a rank correlation needs them
CHUNK, TOGETHER = 256, 8  # predictions sorted by length; of those neighbours explained together
RANDOM_SIZES = [FRACTIONS.index(share) for share in TESTED]
F = len(FRACTIONS)

Selection = NDArray[np.int64]  # places of the tokens that are kept, in their order
# By text, the probability of its predicted class for each selection of its tokens:
Probabilities = Callable[[Sequence[Sequence[Selection]]], list[NDArray[np.float32]]]
Under = tuple[NDArray[np.float32], NDArray[np.float32]]  # [K] each: even, and shuffled attention


@dataclass(frozen=True, slots=True, eq=False)
class ReadText:
    """The n tokens of a prediction that were read, their weights [n], the content words [n]."""

    prediction: Prediction
    read: NDArray[np.bool_]
    tokens: tuple[str, ...]
    weights: NDArray[np.float64]
    content: NDArray[np.bool_]
    rng: np.random.Generator

    @classmethod
    def of(cls, prediction: Prediction, rng: np.random.Generator) -> ReadText:
        """Take from a prediction what was read of it."""
        read = ~np.isnan(prediction.attention)
        tokens = tuple(t for t, was_read in zip(prediction.tokens, read, strict=True) if was_read)
        weights = prediction.attention[read].astype(np.float64)
        content = np.array([is_content_word(token) for token in tokens], dtype=bool)
        return cls(prediction, read, tokens, weights, content, rng)

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def predicted(self) -> int:
        """The index of the predicted class."""
        return int(self.prediction.probabilities.argmax())

    def sizes(self, shares: Sequence[float]) -> list[int]:
        """Return how many tokens these shares are, at least one."""
        return [min(max(math.ceil(share * len(self)), 1), len(self)) for share in shares]

    def without(self, places: NDArray[np.int64]) -> Selection:
        """Return all places but these."""
        return np.delete(np.arange(len(self)), places)

    def by_token(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Spread values of the tokens read [n] over all tokens [T]."""
        measured = np.full(len(self.read), np.nan, dtype=np.float32)
        measured[self.read] = values
        return measured


def groups(predictions: Iterable[Prediction], seed: int, largest: int) -> Iterator[list[ReadText]]:
    """Yield the texts of which a token was read, in groups of similar length.

    A group has at most ``largest`` tokens with its padding, or one text. The random choices of a
    text depend on its place and the seed, not on its group.
    """
    numbered = iter(enumerate(predictions))
    while chunk := list(islice(numbered, CHUNK)):
        texts = [
            ReadText.of(prediction, np.random.default_rng((seed, number)))
            for number, prediction in chunk
            if not np.isnan(prediction.attention).all()
        ]
        texts.sort(key=len)
        while texts:
            fitting = max(1, min(TOGETHER, largest // len(texts[-1])))
            yield [texts.pop() for _ in range(min(fitting, len(texts)))]


def measure(
    texts: Sequence[ReadText],
    probabilities: Probabilities,
    gradients: Sequence[NDArray[np.float64]],
    under: Sequence[Under] | None = None,
) -> list[Explanation]:
    """Return the explanation of each text: removals by weight, by gradients [n], and at random.

    ``under`` are predictions under other attention, where the model allows to impose one.
    """
    left_out = [text.rng.choice(len(text), min(len(text), LEFT_OUT), False) for text in texts]
    plans = [
        [
            *_chosen(text, gradient),
            *_random(text, FIRST_DRAWS),
            *_random(text, CONTENT_DRAWS, text.content),
            *(text.without(place) for place in places),
        ]
        for text, gradient, places in zip(texts, gradients, left_out, strict=True)
    ]
    ends = np.cumsum([4 * F, FIRST_DRAWS * len(TESTED), CONTENT_DRAWS * len(TESTED)])
    measured = [np.split(p, ends) for p in probabilities(plans)]
    chosen = [parts[0].reshape(2, 2, F) for parts in measured]
    first = [_table(parts[1]) for parts in measured]
    random = _decided(texts, probabilities, [c[0, 0] for c in chosen], first)
    explanations = []
    for i, text in enumerate(texts):
        alone = np.full(len(text), np.nan)
        alone[left_out[i]] = measured[i][3]
        (attention_removed, gradients_removed), (attention_kept, gradients_kept) = chosen[i]
        uniform, permuted = under[i] if under is not None else (None, None)
        explanations.append(
            Explanation(
                attention_removed=attention_removed,
                attention_kept=attention_kept,
                gradients_removed=gradients_removed,
                gradients_kept=gradients_kept,
                random_removed=random[i],
                content_removed=_table(measured[i][2]),
                uniform=uniform,
                permuted=permuted,
                gradients=text.by_token(gradients[i]),
                left_out=text.by_token(alone),
            )
        )
    return explanations


def brief(texts: Sequence[ReadText], under: Sequence[Under]) -> list[tuple[str, Explanation]]:
    """Return ids and explanations that hold nothing but predictions under other attention."""
    return [
        (text.prediction.id, Explanation(uniform=uniform, permuted=permuted))
        for text, (uniform, permuted) in zip(texts, under, strict=True)
    ]


def _chosen(text: ReadText, gradients: NDArray[np.float64]) -> list[Selection]:
    """Choose by weights and by gradients: texts without [2, F] and with those words alone.

    DeYoung et al. call the tokens that a prediction is said to rest on its rationale.
    """
    orders = [np.argsort(-values, kind="stable") for values in (text.weights, gradients)]
    rationales = [np.sort(order[:size]) for order in orders for size in text.sizes(FRACTIONS)]
    return [*map(text.without, rationales), *rationales]


def _random(text: ReadText, draws: int, first: NDArray[np.bool_] | None = None) -> list[Selection]:
    """Remove random words, or random ones of ``first`` [n] and others where these run out."""
    orders = [text.rng.permutation(len(text)) for _ in range(draws)]
    if first is not None:
        orders = [order[np.argsort(~first[order], kind="stable")] for order in orders]
    return [text.without(order[:size]) for order in orders for size in text.sizes(TESTED)]


def _table(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put the values of random draws into a table [R, F], NaN at the sizes not drawn."""
    table = np.full((len(values) // len(TESTED), F), np.nan, dtype=np.float32)
    table[:, RANDOM_SIZES] = values.reshape(-1, len(TESTED))
    return table


def _decided(
    texts: Sequence[ReadText],
    probabilities: Probabilities,
    own: Sequence[NDArray[np.float32]],
    random: Sequence[NDArray[np.float32]],
) -> list[NDArray[np.float32]]:
    """Draw on where the first draws leave the test of a text open (Besag and Clifford 1991)."""
    drawn = list(random)
    for draws in BLOCKS:
        plans = [
            []
            if len(text) < LEAST_TOKENS
            or removal_test(float(text.prediction.probabilities.max()), mine, table).decided
            else _random(text, draws)
            for text, mine, table in zip(texts, own, drawn, strict=True)
        ]
        more = probabilities(plans)
        drawn = [np.concatenate([d, _table(m)]) for d, m in zip(drawn, more, strict=True)]
    return drawn
