"""Summarise where attention lies and which words moved the predictions, from tokens and weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reportgen.records import Prediction, Tokens

__all__ = [
    "ENGLISH",
    "LEAST",
    "Reading",
    "WordMove",
    "WordUse",
    "is_function",
    "moves",
    "read",
    "words",
]

# Words of negation; "t" is what tokenizers leave of "don't".
NEGATION = {"no", "not", "never", "none", "nothing", "nobody", "nowhere", "neither", "nor"}
NEGATION |= {"cannot", "without", "hardly", "barely", "t"}
CONTRAST = {"but", "however", "although", "though", "yet", "despite", "nevertheless", "whereas"}
CONTRAST |= {"nonetheless", "except", "unless", "otherwise", "instead", "still"}
REMNANTS = {"s", "t", "d", "m", "ll", "re", "ve"}  # of "it's", "don't", "I'd" and their like
REMNANTS |= {"don", "didn", "doesn", "isn", "wasn", "weren", "aren", "couldn", "wouldn", "shouldn"}
REMNANTS |= {"hasn", "haven", "hadn", "ain"}
ENGLISH = 0.2  # share of stop words from which on a table is taken for English (prose has half)
EVEN = 1 - 1e-6  # share of a word that is ranked by its attention, but for rounding
LEAST = 20  # occurrences of a word that is ranked by its attention
LEAST_TEXTS = 4  # that hold a word which is ranked by how far it moved predictions
LEAST_MOVE = 0.005  # its sum; of less, two decimals would show none
MARKS = "Ġ▁"  # which some sub-word tokenizers put for a space before a word


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The attention of each example, arrays [N], and of each word in each group, arrays [P].

    ``entropy`` is divided by that of even attention (1 is even); ``largest`` is the largest weight,
    ``peaks`` the same in even shares; ``function`` the weight on punctuation and stop words,
    ``function_tokens`` their share of the tokens. NaN without tokens. ``negation`` and ``contrast``
    count such words per 100 tokens. The lists of words are of ``english``; in other texts there are
    no stop words. ``counts`` are the occurrences that were read of word ``word[p]`` of
    ``vocabulary`` in group ``group[p]`` (ascending), ``attention`` the sums of weight times tokens
    read. Of ``signed`` weights, attributions, ``attention`` are the sums; the columns of examples
    are of their absolute values, divided by the sum of these, but ``peaks`` are the largest of
    these themselves.
    """

    entropy: NDArray[np.float64]
    largest: NDArray[np.float64]
    function: NDArray[np.float64]
    function_tokens: NDArray[np.float64]
    negation: NDArray[np.float64]
    contrast: NDArray[np.float64]
    english: bool
    vocabulary: list[str]
    word: NDArray[np.int64]
    group: NDArray[np.int64]
    counts: NDArray[np.int64]
    attention: NDArray[np.float64]
    peaks: NDArray[np.float64]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class WordUse:
    """A word: how often it occurs, and the mean attention of an occurrence.

    ``relative`` is the mean of weight times tokens read: 1 is an even share. Of attributions it is
    the mean weight.
    """

    word: str
    count: int
    relative: float


@dataclass(frozen=True, slots=True)
class WordMove:
    """A word: in how many explained texts it stands, and how far it moved their predictions.

    ``moved`` is the sum of its integrated gradients: probability of the predicted class.
    """

    word: str
    texts: int
    moved: float


def read(
    parts: Iterable[Tokens], kinds: NDArray[np.int64], number: int, signed: bool = False
) -> Reading:
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
        shares = _absolute(owner, weights, tokens) if signed else weights
        unit = _sums(owner, np.abs(weights), end - start) if signed else tokens
        columns.append((*_examples(part, owner, shares, was_read, tokens), unit))
        uses.add(
            part.words,
            part.codes[was_read],
            kinds[start:end][owner[was_read]],
            weights[was_read] * (1.0 if signed else tokens[owner[was_read]]),
        )
        start = end
    (
        lengths, tokens, entropy, largest, mark, marks, stop, stops, all_marks, all_stops,
        negations, contrasts, units,
    ) = map(np.concatenate, zip(*columns, strict=True))  # fmt: skip
    spoken = (lengths - all_marks).sum()
    english = bool(spoken and all_stops.sum() >= ENGLISH * spoken)
    with np.errstate(divide="ignore", invalid="ignore"):
        function_tokens = (marks + english * stops) / tokens
    per_100 = 100 / np.maximum(lengths, 1)
    return Reading(
        entropy, largest, np.where(tokens > 0, mark + english * stop, np.nan), function_tokens,
        negations * per_100, contrasts * per_100, english, list(uses.place), *uses.totals(),
        peaks=largest * units, signed=signed,
    )  # fmt: skip


def _absolute(
    owner: NDArray[np.int64], weights: NDArray[np.float64], tokens: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each weight's share of the absolute values of its example, NaN where all are 0."""
    sizes = np.abs(weights)
    with np.errstate(invalid="ignore"):
        return sizes / _sums(owner, sizes, len(tokens))[owner]


def _examples(
    part: Tokens,
    owner: NDArray[np.int64],
    weights: NDArray[np.float64],
    was_read: NDArray[np.bool_],
    tokens: NDArray[np.float64],
) -> tuple[NDArray[np.float64], ...]:
    """Return the columns [n] of one part, as ``read`` names them.

    Weight on and number of punctuation marks and stop words are of the tokens that were read.
    """
    n = len(part.lengths)
    flags = np.array([_flags(word) for word in part.words]).reshape(-1, 4)[part.codes]
    mark, stop, negation, contrast = flags.astype(np.float64).T
    log = np.log(np.where(weights > 0, weights, 1.0))
    largest = np.zeros(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.maximum.at(largest, owner, weights)
        entropy = -_sums(owner, weights * log, n) / np.log(tokens)
    return (
        part.lengths.astype(np.float64),
        tokens,
        np.where(tokens > 1, entropy, np.nan),
        np.where(tokens > 0, largest, np.nan),
        _sums(owner, weights * mark, n),
        _sums(owner, was_read * mark, n),
        _sums(owner, weights * stop, n),
        _sums(owner, was_read * stop, n),
        _sums(owner, mark, n),
        _sums(owner, stop, n),
        _sums(owner, negation, n),
        _sums(owner, contrast, n),
    )


def _sums(owner: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.bincount(owner, values, count).astype(np.float64, copy=False)


class _Uses:
    """Occurrences and summed attention by word and group, of the pairs that occur.

    A table of every word by every group would be too large where there are many classes.
    """

    def __init__(self, groups: int) -> None:
        self.groups = groups
        self.place: dict[str, int] = {}
        self.parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []

    def add(
        self,
        words: list[str],
        codes: NDArray[np.int64],
        groups: NDArray[np.int64],
        attention: NDArray[np.float64],
    ) -> None:
        """Count tokens: their codes in ``words``, the group and the attention of each."""
        rows = np.array([self.place.setdefault(w, len(self.place)) for w in words], dtype=np.int64)
        pairs, at = np.unique(rows[codes] * self.groups + groups, return_inverse=True)
        self.parts.append(
            (pairs, np.bincount(at, minlength=len(pairs)), _sums(at, attention, len(pairs)))
        )

    def totals(
        self,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return word, group, occurrences and summed attention of each pair, by group."""
        keys, counts, sums = map(np.concatenate, zip(*self.parts, strict=True))
        pairs, at = np.unique(keys, return_inverse=True)
        word, group = pairs // self.groups, pairs % self.groups
        order = np.argsort(group, kind="stable")
        counts = np.bincount(at, counts, len(pairs)).astype(np.int64)
        return word[order], group[order], counts[order], _sums(at, sums, len(pairs))[order]


@lru_cache(maxsize=1 << 16)
def _flags(word: str) -> tuple[bool, bool, bool, bool]:
    """Say whether a word is punctuation, a stop word, a negation, a word of contrast."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    plain = word.strip(MARKS)
    return (
        not any(map(str.isalnum, plain)),
        plain in ENGLISH_STOP_WORDS or plain in REMNANTS or plain.endswith("n't"),
        plain in NEGATION or plain.endswith("n't"),
        plain in CONTRAST,
    )


def words(reading: Reading, kind: int, most: int, least: int = LEAST) -> list[WordUse]:
    """Return the most-attended words, by mean per occurrence, in this group of examples.

    Words with less than an even share of the attention are none of them. Of attributions they are
    the words with the largest means, by size.
    """
    start, end = np.searchsorted(reading.group, [kind, kind + 1])
    enough = start + np.flatnonzero(reading.counts[start:end] >= least)
    relative = reading.attention[enough] / reading.counts[enough]
    if reading.signed:
        order = np.argsort(-np.abs(relative), kind="stable")[:most]
    else:
        enough, relative = enough[relative >= EVEN], relative[relative >= EVEN]
        order = np.argsort(-relative, kind="stable")[:most]
    return [
        WordUse(
            reading.vocabulary[reading.word[enough[i]]],
            int(reading.counts[enough[i]]),
            float(relative[i]),
        )
        for i in order
    ]


def moves(
    explained: Mapping[int, Prediction],
    kinds: NDArray[np.int64],
    most: int,
    english: bool,
    least: int = LEAST_TEXTS,
) -> dict[int, list[WordMove]]:
    """Return by group the words that raised the predicted probability most, the largest sum first.

    Punctuation and, in ``english``, stop words are left out, words in fewer than ``least``
    texts, and those with a sum below 0.005. ``kinds`` [N] is the group of each row of the table,
    ``explained`` the explained rows.
    """
    sums: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    texts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for i, row in explained.items():
        if row.explanation is None or row.explanation.gradients is None:
            continue
        kind, plain = int(kinds[i]), [token.lower().strip(MARKS) for token in row.tokens]
        moved = np.nan_to_num(row.explanation.gradients)
        for word, amount in zip(plain, moved.tolist(), strict=True):
            sums[kind][word] += amount
        for word in set(plain):
            texts[kind][word] += 1
    return {
        kind: _largest(
            [
                WordMove(word, texts[kind][word], moved)
                for word, moved in by_word.items()
                if moved >= LEAST_MOVE
                and texts[kind][word] >= least
                and not is_function(word, english)
            ],
            most,
        )
        for kind, by_word in sums.items()
    }


def is_function(word: str, english: bool) -> bool:
    """Say whether a word is punctuation or, in ``english``, a stop word."""
    mark, stop, _, _ = _flags(word)
    return mark or (english and stop)


def _largest(found: list[WordMove], most: int) -> list[WordMove]:
    return sorted(found, key=lambda use: (-use.moved, use.word))[:most]
