"""Slices, likely label errors, and what attention rests on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from reportgen.analysis.labels import label_errors
from reportgen.analysis.metrics import Scores
from reportgen.analysis.slices import groups, holm, slices
from reportgen.analysis.words import read, words
from reportgen.records import Tokens


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.04: times 4, 3, 2, 1, never less than the one before.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.5]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def scores_of(correct: np.ndarray) -> Scores:
    n = len(correct)
    gold = np.zeros(n, dtype=np.int64)
    return Scores(gold, np.where(correct, 0, 1), np.full(n, 0.9), np.full(n, 0.8), correct)


def test_the_worst_slice_comes_first_and_stands_out() -> None:
    rng = np.random.default_rng(0)
    bad = np.arange(1000) < 200
    correct = np.where(bad, rng.random(1000) < 0.5, rng.random(1000) < 0.9)
    other = rng.random(1000) < 0.3
    members = [("kind", "bad", bad), ("coin", "heads", other), ("few", "x", np.arange(1000) < 29)]
    found = slices(scores_of(correct), members)
    assert [s.name for s in found] == ["bad", "heads"]
    assert found[0].stands_out
    assert not found[1].stands_out
    assert found[0].accuracy == pytest.approx(correct[bad].mean())
    assert found[0].confidence == pytest.approx(0.9)
    assert found[0].rest == pytest.approx(correct[~bad].mean())
    table = [
        [correct[other].sum(), (~correct[other]).sum()],
        [correct[~other].sum(), (~correct[~other]).sum()],
    ]
    assert found[1].p == pytest.approx(chi2_contingency(table, correction=True).pvalue, abs=0.05)


def test_groups_cover_every_example_once() -> None:
    lengths = np.arange(1, 101)
    made = list(
        groups(
            np.arange(100) % 2, ("a", "b"), lengths, lengths // 10,
            {"negation": lengths > 90},
            {"topic": ["x", "y", None, "x"] * 25, "id": [str(i) for i in lengths]},
        )
    )  # fmt: skip
    kinds = {kind for kind, _, _ in made}
    assert kinds == {
        "length",
        "out-of-vocabulary words",
        "label",
        "negation",
        "topic",
    }  # an id is no group
    for kind in kinds - {"topic"}:
        assert np.sum([inside for k, _, inside in made if k == kind], axis=0).tolist() == [1] * 100
    assert [name for kind, name, _ in made if kind == "topic"] == ["x", "y"]
    assert ("length", "up to 26 tokens") in [(k, n) for k, n, _ in made]


def test_label_errors_by_hand() -> None:
    gold = np.array([0, 0, 0, 1, 1, 1])
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.95, 0.05]])
    # Thresholds: class 0: (0.9 + 0.8 + 0.1) / 3 = 0.6; class 1: (0.8 + 0.7 + 0.05) / 3 = 0.517.
    assert label_errors(gold, p).tolist() == [5, 2]  # least probable label first
    assert label_errors(gold, np.eye(2)[gold]).tolist() == []


def test_planted_label_errors_are_found() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 3000)
    logits = rng.normal(size=(3000, 3)) + 6 * np.eye(3)[truth]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gold, wrong = truth.copy(), rng.choice(3000, 90, replace=False)
    gold[wrong] = (gold[wrong] + 1) % 3
    found = label_errors(gold, p)
    assert len(set(found[:90]) & set(wrong)) > 80


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
