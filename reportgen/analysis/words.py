"""Tokens and their weights in, what attention rests on out: per example and per word."""

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


@dataclass(frozen=True, slots=True)
class Reading:
    """What attention is like in each example, all [N], and the use of words.

    ``entropy`` is divided by that of even attention (1 is even); ``largest`` is the largest
    weight; ``function`` the weight on punctuation and stop words, ``function_tokens`` their
    share of the tokens. NaN without tokens.
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
    """A word: how often it occurs, and how much attention an occurrence gets.

    ``relative`` is the mean of weight times tokens read: 1 is an even share.
    """

    word: str
    count: int
    relative: float


def read(parts: Iterable[Tokens], kinds: NDArray[np.int64], number: int) -> Reading:
    """Read all tokens once. ``kinds`` [N] puts each example into one of ``number`` groups."""
    place: dict[str, int] = {}
    counts = np.zeros((0, number), dtype=np.int64)
    sums = np.zeros((0, number))
    columns: dict[str, list[NDArray[np.float64]]] = {
        name: [] for name in ("entropy", "largest", "function", "function_tokens", "no", "but")
    }
    start = 0
    for part in parts:
        n = len(part.lengths)
        owner = np.repeat(np.arange(n), part.lengths)
        done = ~np.isnan(part.weights)
        weights = np.where(done, part.weights, 0.0)
        tokens = np.bincount(owner, done, n)
        kind_of = {word: _kind(word) for word in part.words}
        flags = np.array([kind_of[word] for word in part.words]).reshape(-1, 3)[part.codes]
        log = np.log(np.where(weights > 0, weights, 1.0))
        entropy = -np.bincount(owner, weights * log, n)
        largest = np.zeros(n)
        np.maximum.at(largest, owner, weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns["entropy"].append(np.where(tokens > 1, entropy / np.log(tokens), np.nan))
            columns["function_tokens"].append(np.bincount(owner, done * flags[:, 0], n) / tokens)
        columns["largest"].append(np.where(tokens > 0, largest, np.nan))
        share = np.bincount(owner, weights * flags[:, 0], n)
        columns["function"].append(np.where(tokens > 0, share, np.nan))
        columns["no"].append(np.bincount(owner, 1.0 * flags[:, 1], n).astype(np.float64))
        columns["but"].append(np.bincount(owner, 1.0 * flags[:, 2], n).astype(np.float64))
        at = np.array([place.setdefault(word, len(place)) for word in part.words], dtype=np.int64)
        if len(place) > len(counts):
            more = max(2 * len(counts), len(place)) - len(counts)
            counts = np.pad(counts, ((0, more), (0, 0)))
            sums = np.pad(sums, ((0, more), (0, 0)))
        where = (at[part.codes[done]], kinds[start : start + n][owner[done]])
        np.add.at(counts, where, 1)
        np.add.at(sums, where, weights[done] * tokens[owner[done]])
        start += n
    joined = {name: np.concatenate(values) for name, values in columns.items()}
    return Reading(
        joined["entropy"], joined["largest"], joined["function"], joined["function_tokens"],
        joined["no"] > 0, joined["but"] > 0, list(place), counts[: len(place)], sums[: len(place)],
    )  # fmt: skip


def _kind(word: str) -> tuple[bool, bool, bool]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    mark = not any(map(str.isalnum, word))
    return (
        mark or word in ENGLISH_STOP_WORDS or len(word) == 1,
        word in NEGATION or word.endswith("n't"),
        word in CONTRAST,
    )


def words(reading: Reading, kinds: Iterable[int], most: int, least: int = LEAST) -> list[WordUse]:
    """Return the words with the most attention per occurrence in these groups of examples."""
    chosen = list(kinds)
    count = reading.counts[:, chosen].sum(axis=1)
    enough = np.flatnonzero(count >= least)
    relative = reading.attention[enough][:, chosen].sum(axis=1) / count[enough]
    order = np.argsort(-relative, kind="stable")[:most]
    return [
        WordUse(reading.vocabulary[enough[i]], int(count[enough[i]]), float(relative[i]))
        for i in order
    ]
