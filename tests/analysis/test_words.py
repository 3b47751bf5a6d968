"""Where attention lies, per example and per word."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.analysis.words import WordMove, moves, read, words
from reportgen.records import FRACTIONS, Explanation, Prediction, Tokens


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
    assert found.english
    assert found.negation == pytest.approx([0, 0, 0, 100 / 3])  # of all tokens, read or not
    assert found.contrast == pytest.approx([0, 0, 0, 100 / 3])


def test_words_are_ranked_by_attention_per_occurrence() -> None:
    found = read(parts(), np.array([0, 1, 0, 1]), 2)
    both = words(read(parts(), np.zeros(4, dtype=np.int64), 1), 0, 5, least=2)
    (good, *_) = words(found, 0, 5, least=1)
    assert (good.word, good.count) == ("good", 1)
    assert good.relative == pytest.approx(0.8 * 3)
    # "good": 0.8 of three words and 0.5 of the two that were read.
    assert (both[0].word, both[0].count) == ("good", 2)
    assert both[0].relative == pytest.approx((2.4 + 1.0) / 2)
    assert [use.word for use in both] == ["good"]  # "the" has less than an even share
    assert words(found, 0, 5) == []  # twenty occurrences are asked for


def test_each_kind_of_word() -> None:
    vocabulary = ["film", "the", "!?", "x", "t", "not", "didn't", "but", "still"]
    n = len(vocabulary)
    one_word_each = Tokens(vocabulary, np.arange(n), np.ones(n), np.ones(n, dtype=np.int64))
    found = read([one_word_each], np.zeros(n, dtype=np.int64), 1)
    marked = {
        "function": found.function > 0,
        "share": found.function_tokens > 0,
        "negation": found.negation > 0,
        "contrast": found.contrast > 0,
    }
    words_of = {k: {w for w, m in zip(vocabulary, v, strict=True) if m} for k, v in marked.items()}
    stop = {"the", "!?", "t", "not", "didn't", "but", "still"}  # a single letter is no stop word
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
    names = [found.vocabulary[w] for w in found.word]
    pairs = list(zip(names, found.group.tolist(), strict=True))
    assert dict(zip(pairs, found.counts.tolist(), strict=True)) == counts
    assert dict(zip(pairs, found.attention.tolist(), strict=True)) == pytest.approx(sums)
    assert found.group.tolist() == sorted(found.group)


def test_words_and_groups_that_do_not_occur_together_take_no_room() -> None:
    n = 2000
    part = Tokens([f"w{i}" for i in range(n)], np.arange(n), np.ones(n), np.ones(n, dtype=np.int64))
    found = read([part], np.arange(n), 100_000)
    assert len(found.counts) == len(found.attention) == n


def test_even_attention_has_entropy_one_and_none_has_no_columns() -> None:
    part = Tokens(["a", "the"], np.array([0, 1, 0]), np.array([0.5, 0.5, np.nan]), np.array([3, 0]))
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
    ranked = words(found, 0, most=5)
    assert [(use.word, use.count) for use in ranked] == [("b", 20), ("a", 20)]
    assert [use.relative for use in ranked] == pytest.approx([1, 1])
    assert [use.word for use in words(found, 0, most=1)] == ["b"]


def of_one_word_each(vocabulary: list[str]) -> Tokens:
    n = len(vocabulary)
    return Tokens(vocabulary, np.arange(n), np.ones(n), np.ones(n, dtype=np.int64))


def test_texts_without_english_stop_words_have_no_stop_words() -> None:
    japanese = [*"とても面白い映画でした", "。"]
    found = read([of_one_word_each(japanese)], np.zeros(len(japanese), dtype=np.int64), 1)
    assert not found.english
    assert found.function.tolist() == [0] * (len(japanese) - 1) + [1]  # punctuation still is
    assert found.function_tokens.tolist() == found.function.tolist()
    german = [
        "der",
        "film",
        "war",
        "nicht",
        "gut",
        "aber",
        "die",
        "musik",
        "in",
        "der",
        "letzten",
        "szene",
        "ist",
        "still",
    ]
    found = read([of_one_word_each(german)], np.zeros(len(german), dtype=np.int64), 1)
    assert not found.english
    assert found.function.sum() == 0
    marked = ["Ġthe".lower(), "▁of", "film", "good"]  # as sub-word tokenizers write them
    assert read([of_one_word_each(marked)], np.zeros(4, dtype=np.int64), 1).english


def explained(words: str, gradients: list[float]) -> Prediction:
    tokens, none = tuple(words.split()), np.zeros(len(FRACTIONS), dtype=np.float32)
    values = np.array(gradients, dtype=np.float32)
    explanation = Explanation(*[none] * 8, values, values)
    p = np.array([0.4, 0.6], dtype=np.float32)
    return Prediction("x", words, "a", p, tokens, values, explanation=explanation)


def test_words_that_moved_predictions_by_hand() -> None:
    rows = {
        i: explained("The Film , awful awful dull", [9, 0.1, 9, 0.2, 0.3, -1]) for i in range(4)
    }
    rows[4] = explained("awful film", [float("nan"), 0.1])
    rows[5] = explained("rare words", [5, 5])  # of another group, in one text
    kinds = np.array([1, 1, 1, 1, 1, 0])
    found = moves(rows, kinds, most=5, english=True)
    assert [(use.word, use.texts) for use in found[1]] == [("awful", 5), ("film", 5)]
    assert [use.moved for use in found[1]] == pytest.approx([4 * 0.5, 5 * 0.1])
    assert found[0] == []
    assert moves(rows, kinds, 5, english=True, least=1)[0] == [
        WordMove("rare", 1, 5), WordMove("words", 1, 5)
    ]  # fmt: skip
    assert [use.word for use in moves(rows, kinds, 1, english=True)[1]] == ["awful"]
    slight = {0: explained("some more don", [0.0049, 0.0051, 1])}
    assert moves(slight, kinds[:1], 5, english=True, least=1)[1] == []  # all are stop words
    assert [use.word for use in moves(slight, kinds[:1], 5, english=False, least=1)[1]] == [
        "don", "more"
    ]  # fmt: skip
    others = {use.word for use in moves(rows, kinds, 5, english=False)[1]}
    assert others == {"the", "awful", "film"}  # punctuation is never a word
    assert moves({0: Prediction("x", "", "a", np.ones(2), (), np.ones(0))}, kinds, 5, True) == {}


def test_attributions_are_described_by_absolute_value_and_words_by_their_mean() -> None:
    nan = float("nan")
    part = Tokens(
        ["good", "the", "bad"],
        np.array([0, 1, 2, 0, 1, 2, 0]),
        np.array([0.6, -0.2, -0.2, 0.2, nan, -0.7, 0.0]),
        np.array([3, 3, 1]),
    )
    found = read([part], np.zeros(3, dtype=np.int64), 1, signed=True)
    entropy = -(0.6 * np.log(0.6) + 2 * 0.2 * np.log(0.2)) / np.log(3)
    assert found.entropy[0] == pytest.approx(entropy)
    assert found.largest[:2] == pytest.approx([0.6, 0.7 / 0.9])
    assert found.function[:2] == pytest.approx([0.2, 0.0])  # "the"
    assert np.isnan([found.largest[2], found.function[2]]).all()  # all are 0
    used = words(found, 0, 5, least=2)
    assert [(use.word, use.count) for use in used] == [("bad", 2), ("good", 3)]
    assert [use.relative for use in used] == pytest.approx([-0.45, 0.8 / 3])
