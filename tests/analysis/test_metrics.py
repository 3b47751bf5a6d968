from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.metrics import Mistake, Scores, quality, wilson_interval


def of(gold: list[int], rows: list[list[float]]) -> Scores:
    return Scores.of(np.array(gold), np.array(rows))


def predicting(gold: list[int], predicted: list[int], k: int) -> Scores:
    rows = np.full((len(gold), k), 0.1 / (k - 1))
    rows[np.arange(len(gold)), predicted] = 0.9
    return Scores.of(np.array(gold), rows)


def test_mistakes_are_the_confused_pairs_the_most_frequent_first() -> None:
    gold, predicted = np.array([0, 0, 0, 1, 1, 2, 2, 2]), [0, 2, 2, 0, 0, 1, 2, 2]
    found = quality(Scores.of(gold, np.eye(3)[predicted]), ("a", "b", "c"))
    assert found.mistakes == [
        Mistake("a", "c", 2, 3), Mistake("b", "a", 2, 2), Mistake("c", "b", 1, 3)
    ]  # fmt: skip


def test_scores_of_three_classes() -> None:
    scores = of([1, 0], [[0.125, 0.625, 0.25], [0.0, 0.25, 0.75]])
    assert scores.predicted.tolist() == [1, 2]
    assert scores.confidence.tolist() == [0.625, 0.75]
    assert scores.margin.tolist() == [0.375, 0.5]
    assert scores.correct.tolist() == [True, False]
    assert len(scores) == 2


def test_of_equal_probabilities_the_first_class_wins() -> None:
    scores = of([1, 0, 1], [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    assert scores.predicted.tolist() == [0, 0, 0]
    assert scores.margin.tolist() == [0, 0, 0]
    assert scores.correct.tolist() == [False, True, False]
    assert of([2], [[0.2, 0.4, 0.4]]).predicted.tolist() == [1]


@pytest.mark.parametrize(("right", "n"), [(1, 3), (50, 100), (20_550, 22_985), (0, 7), (7, 7)])
def test_wilson_is_the_formula(right: int, n: int) -> None:
    z = 1.959963984540054  # the 97.5 % point of the normal distribution
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = wilson_interval(right, n)
    assert low == pytest.approx(middle - half, abs=1e-12)
    assert high == pytest.approx(middle + half, abs=1e-12)


def test_wilson_at_the_ends() -> None:
    z2 = 1.959963984540054**2
    assert wilson_interval(0, 10) == pytest.approx((0, z2 / (10 + z2)))
    assert wilson_interval(10, 10) == pytest.approx((10 / (10 + z2), 1))
    for low, high in (wilson_interval(0, 1), wilson_interval(1, 1)):
        assert 0 <= low < high <= 1


def test_a_higher_level_is_a_wider_interval() -> None:
    narrow, wide = wilson_interval(8, 10), wilson_interval(8, 10, 0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_quality_by_hand() -> None:
    gold = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    predicted = [0, 0, 0, 1, 1, 1, 0, 2, 0, 1]
    found = quality(predicting(gold, predicted, 3), ("a", "b", "c"))
    assert (found.examples, found.right, found.accuracy) == (10, 6, 0.6)
    assert found.interval == wilson_interval(6, 10)
    assert found.majority == 0.4
    assert found.matrix().tolist() == [[3, 1, 0], [1, 2, 0], [1, 1, 1]]
    a, b, c = found.classes
    assert [q.name for q in found.classes] == ["a", "b", "c"]
    assert (a.precision, a.recall, a.support, a.predicted) == (3 / 5, 3 / 4, 4, 5)
    assert (b.precision, b.recall, b.support, b.predicted) == (2 / 4, 2 / 3, 3, 4)
    assert (c.precision, c.recall, c.support, c.predicted) == (1.0, 1 / 3, 3, 1)
    assert a.f1 == pytest.approx(2 * 0.6 * 0.75 / (0.6 + 0.75))
    assert b.f1 == pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3))
    assert c.f1 == pytest.approx(0.5)


def test_what_is_undefined_of_a_class_is_nan() -> None:
    found = quality(predicting([0, 0, 1], [0, 2, 0], 4), ("a", "b", "c", "d"))
    _, never_predicted, never_there, neither = found.classes
    assert np.isnan(never_predicted.precision)
    assert (never_predicted.recall, never_predicted.f1) == (0, 0)
    assert (never_predicted.support, never_predicted.predicted) == (1, 0)
    assert np.isnan([never_there.precision, never_there.recall, never_there.f1]).all()
    assert (never_there.support, never_there.predicted) == (0, 1)
    assert (neither.support, neither.predicted) == (0, 0)
    assert found.matrix()[1].tolist() == [1, 0, 0, 0]


def test_one_example() -> None:
    found = quality(of([1], [[0.25, 0.75]]), ("a", "b"))
    assert (found.accuracy, found.majority) == (1, 1)
    assert found.confusion == {(1, 1): 1}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_accuracy_is_over_examples(pairs: list[tuple[int, int]]) -> None:
    gold, predicted = (list(column) for column in zip(*pairs, strict=True))
    found = quality(predicting(gold, predicted, 3), ("a", "b", "c"))
    right = sum(g == p for g, p in pairs)
    assert found.right == right
    assert found.accuracy == right / len(pairs)
    assert found.interval[0] <= found.accuracy <= found.interval[1]
    counts = found.matrix()
    assert counts.sum() == len(pairs)
    assert counts.trace() == right
    assert [q.support for q in found.classes] == counts.sum(axis=1).tolist()
    assert [q.predicted for q in found.classes] == counts.sum(axis=0).tolist()
    for index, q in enumerate(found.classes):
        hits = counts[index, index]
        assert q.precision == pytest.approx(
            hits / q.predicted if q.predicted and q.support else np.nan, nan_ok=True
        )
        assert q.recall == pytest.approx(hits / q.support if q.support else np.nan, nan_ok=True)
        f1 = 2 * hits / (q.predicted + q.support) if q.support else np.nan
        assert q.f1 == pytest.approx(f1, nan_ok=True)
