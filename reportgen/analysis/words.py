"""Summarise where attention lies, per example and per word, from tokens and their weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.records import Tokens

__all__ = ["Reading", "WordUse", "read", "words"]

# Words of negation; "t" is what tokenizers leave of "don't".
NEGATION = {"no", "not", "never", "none", "nothing", "nobody", "nowhere", "neither", "nor"}
NEGATION |= {"cannot", "without", "hardly", "barely", "t"}
CONTRAST = {"but", "however", "although", "though", "yet", "despite", "nevertheless", "whereas"}
CONTRAST |= {"nonetheless", "except", "unless", "otherwise", "instead", "still"}
LEAST = 20  # occurrences of a word that is ranked


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The attention of each example, arrays [N], and of each word, arrays [V, G] by group.

    ``entropy`` is divided by that of even attention (1 is even); ``largest`` is the largest
    weight; ``function`` the weight on punctuation and stop words, ``function_tokens`` their
    share of the tokens. NaN without tokens. ``negation`` and ``contrast`` mark the examples with
    such words. ``counts`` are the occurrences of the V words of ``vocabulary`` that were read,
    ``attention`` the sums of weight times tokens read.
    """

    entropy: NDArray[np.float64]
    largest: NDArray[np.float64]
    function: NDArray[np.float64]
    function_tokens: NDArray[np.float64]
    negation: NDArray[np.bool_]
    contrast: NDArray[np.bool_]
    vocabulary: list[str]
    counts: NDArray[np.int64]
    attention: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordUse:
    """A word: how often it occurs, and the mean attention of an occurrence.

    ``relative`` is the mean of weight times tokens read: 1 is an even share.
    """

    word: str
    count: int
    relative: float


def read(parts: Iterable[Tokens], kinds: NDArray[np.int64], number: int) -> Reading:
    """Read all tokens once. ``kinds`` [N] puts each example into one of ``number`` groups."""
    uses = _Uses(number)
    columns = []
    start = 0
    for part in parts:
        end = start + len(part.lengths)
        was_read = ~np.isnan(part.weights)
        owner = np.repeat(np.arange(end - start), part.lengths)
        tokens = _sums(owner, was_read.astype(np.float64), end - start)
        weights = np.where(was_read, part.weights, 0.0)
        columns.append(_examples(part, owner, weights, was_read, tokens))
        uses.add(
            part.words,
            part.codes[was_read],
            kinds[start:end][owner[was_read]],
            weights[was_read] * tokens[owner[was_read]],
        )
        start = end
    entropy, largest, function, function_tokens, negations, contrasts = map(
        np.concatenate, zip(*columns, strict=True)
    )
    return Reading(
        entropy, largest, function, function_tokens, negations > 0, contrasts > 0,
        list(uses.place), uses.counts[: len(uses.place)], uses.sums[: len(uses.place)],
    )  # fmt: skip


def _examples(
    part: Tokens,
    owner: NDArray[np.int64],
    weights: NDArray[np.float64],
    was_read: NDArray[np.bool_],
    tokens: NDArray[np.float64],
) -> tuple[NDArray[np.float64], ...]:
    """Return the columns of ``Reading`` for one part, with counts of negations and contrasts."""
    n = len(part.lengths)
    flags = np.array([_flags(word) for word in part.words]).reshape(-1, 3)[part.codes]
    function, negation, contrast = flags.astype(np.float64).T
    log = np.log(np.where(weights > 0, weights, 1.0))
    largest = np.zeros(n)
    np.maximum.at(largest, owner, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -_sums(owner, weights * log, n) / np.log(tokens)
        function_tokens = _sums(owner, was_read * function, n) / tokens
    return (
        np.where(tokens > 1, entropy, np.nan),
        np.where(tokens > 0, largest, np.nan),
        np.where(tokens > 0, _sums(owner, weights * function, n), np.nan),
        function_tokens,
        _sums(owner, negation, n),
        _sums(owner, contrast, n),
    )


def _sums(owner: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.bincount(owner, values, count).astype(np.float64, copy=False)


class _Uses:
    """Occurrences and summed attention by word and group, in arrays that double as they fill."""

    def __init__(self, groups: int) -> None:
        self.place: dict[str, int] = {}
        self.counts = np.zeros((0, groups), dtype=np.int64)
        self.sums = np.zeros((0, groups))

    def add(
        self,
        words: list[str],
        codes: NDArray[np.int64],
        groups: NDArray[np.int64],
        attention: NDArray[np.float64],
    ) -> None:
        """Count tokens: their codes in ``words``, the group and the attention of each."""
        rows = np.array([self.place.setdefault(w, len(self.place)) for w in words], dtype=np.int64)
        if len(self.place) > len(self.counts):
            more = max(2 * len(self.counts), len(self.place)) - len(self.counts)
            self.counts = np.pad(self.counts, ((0, more), (0, 0)))
            self.sums = np.pad(self.sums, ((0, more), (0, 0)))
        np.add.at(self.counts, (rows[codes], groups), 1)
        np.add.at(self.sums, (rows[codes], groups), attention)


def _flags(word: str) -> tuple[bool, bool, bool]:
    """Say whether a word is punctuation or a stop word, a negation, a word of contrast."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    mark = not any(map(str.isalnum, word))
    return (
        mark or word in ENGLISH_STOP_WORDS or len(word) == 1,
        word in NEGATION or word.endswith("n't"),
        word in CONTRAST,
    )


def words(reading: Reading, kinds: Iterable[int], most: int, least: int = LEAST) -> list[WordUse]:
    """Return the most-attended words, by mean per occurrence, in these groups of examples."""
    chosen = list(kinds)
    count = reading.counts[:, chosen].sum(axis=1)
    enough = np.flatnonzero(count >= least)
    relative = reading.attention[enough][:, chosen].sum(axis=1) / count[enough]
    order = np.argsort(-relative, kind="stable")[:most]
    return [
        WordUse(reading.vocabulary[enough[i]], int(count[enough[i]]), float(relative[i]))
        for i in order
    ]
