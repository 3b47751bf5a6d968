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
