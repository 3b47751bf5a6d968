"""Where attention lies, per example and per word."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.analysis.words import read, words
from reportgen.records import Tokens


def parts() -> list[Tokens]:
    def part(words: str, codes: list[int], weights: list[float], lengths: list[int]) -> Tokens:
        return Tokens(words.split(), np.array(codes), np.array(weights), np.array(lengths))

    return [
        part("good the .", [1, 0, 2, 1], [0.1, 0.8, 0.1, 1.0], [3, 1]),
        part("not good but", [0, 1, 2], [0.5, 0.5, float("nan")], [0, 3]),
    ]


def test_reading_by_hand() -> None:
    found = read(parts(), np.array([0, 1, 0, 1]), 2)
    entropy = -(0.1 * np.log(0.1) * 2 + 0.8 * np.log(0.8)) / np.log(3)
    assert found.entropy[0] == pytest.approx(entropy)
    assert np.isnan(found.entropy[[1, 2]]).all()  # one word, and none
    assert found.entropy[3] == pytest.approx(1)
    assert found.largest[[0, 1, 3]] == pytest.approx([0.8, 1, 0.5])
    assert found.function[0] == pytest.approx(0.2)  # "the" and "."
    assert found.function_tokens[0] == pytest.approx(2 / 3)
    assert found.negation.tolist() == [False, False, False, True]
    assert found.contrast.tolist() == [False, False, False, True]


def test_words_are_ranked_by_attention_per_occurrence() -> None:
    found = read(parts(), np.array([0, 1, 0, 1]), 2)
    (good, *_), both = words(found, [0], 5, least=1), words(found, [0, 1], 5, least=2)
    assert (good.word, good.count) == ("good", 1)
    assert good.relative == pytest.approx(0.8 * 3)
    # "good": 0.8 of three words and 0.5 of the two that were read.
    assert (both[0].word, both[0].count) == ("good", 2)
    assert both[0].relative == pytest.approx((2.4 + 1.0) / 2)
    assert {use.word for use in both} == {"good", "the"}
    assert words(found, [0, 1], 5) == []  # twenty occurrences are asked for


def test_each_kind_of_word() -> None:
    vocabulary = ["film", "the", "!?", "x", "t", "not", "didn't", "but", "still"]
    n = len(vocabulary)
    one_word_each = Tokens(vocabulary, np.arange(n), np.ones(n), np.ones(n, dtype=np.int64))
    found = read([one_word_each], np.zeros(n, dtype=np.int64), 1)
    marked = {
        "function": found.function > 0,
        "share": found.function_tokens > 0,
        "negation": found.negation,
        "contrast": found.contrast,
    }
    words_of = {k: {w for w, m in zip(vocabulary, v, strict=True) if m} for k, v in marked.items()}
    stop = {"the", "!?", "x", "t", "not", "but", "still"}  # single letters and punctuation too
    assert words_of["function"] == words_of["share"] == stop
    assert words_of["negation"] == {"not", "didn't", "t"}
    assert words_of["contrast"] == {"but", "still"}


def test_counts_by_word_and_group_over_many_parts() -> None:
    """Against a plain loop over tokens; new words in every part make the tables grow."""
    rng = np.random.default_rng(0)
    parts, groups = [], rng.integers(0, 3, 40)
    counts: dict[tuple[str, int], int] = {}
    sums: dict[tuple[str, int], float] = {}
    for p in range(8):
        vocabulary = ["same", *(f"w{p}-{i}" for i in range(4))]
        lengths = rng.integers(0, 6, 5)
        codes = rng.integers(0, 5, lengths.sum())
        weights = np.where(rng.random(len(codes)) < 0.2, np.nan, rng.random(len(codes)))
        parts.append(Tokens(vocabulary, codes, weights, lengths))
        ends = np.cumsum(lengths)
        for example, (start, end) in enumerate(zip(ends - lengths, ends, strict=True)):
            were_read = [i for i in range(start, end) if not np.isnan(weights[i])]
            for i in were_read:
                key = vocabulary[codes[i]], int(groups[5 * p + example])
                counts[key] = counts.get(key, 0) + 1
                sums[key] = sums.get(key, 0.0) + weights[i] * len(were_read)
    found = read(iter(parts), groups, 3)
    assert found.counts.shape == found.attention.shape == (33, 3)
    for row, word in enumerate(found.vocabulary):
        assert found.counts[row].tolist() == [counts.get((word, g), 0) for g in range(3)]
        assert found.attention[row] == pytest.approx([sums.get((word, g), 0) for g in range(3)])


def test_even_attention_has_entropy_one_and_none_has_no_columns() -> None:
    part = Tokens(["a", "b"], np.array([0, 1, 0]), np.array([0.5, 0.5, np.nan]), np.array([3, 0]))
    found = read([part], np.zeros(2, dtype=np.int64), 1)
    assert found.entropy[0] == pytest.approx(1)
    for column in (found.entropy, found.largest, found.function, found.function_tokens):
        assert np.isnan(column[1])
    assert found.function_tokens[0] == 1  # the token that was not read does not count
    certain = Tokens(["a", "b"], np.array([0, 1]), np.array([1.0, 0.0]), np.array([2]))
    assert read([certain], np.zeros(1, dtype=np.int64), 1).entropy.tolist() == [0]


def test_twenty_occurrences_are_ranked_and_equal_words_keep_their_order() -> None:
    codes = np.repeat([0, 1, 2], [20, 19, 20])
    part = Tokens(["b", "few", "a"], codes, np.full(59, 1 / 59), np.array([59]))
    found = read([part], np.zeros(1, dtype=np.int64), 1)
    ranked = words(found, [0], most=5)
    assert [(use.word, use.count) for use in ranked] == [("b", 20), ("a", 20)]
    assert [use.relative for use in ranked] == pytest.approx([1, 1])
    assert [use.word for use in words(found, [0], most=1)] == ["b"]
