"""What predictions show without labels, by hand and against what the labels leave untouched."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reportgen.analysis.certainty import certainty
from reportgen.analysis.intervals import hall_interval, wilson_interval
from reportgen.analysis.metrics import Scores

CLASSES = ("a", "b", "c")
ROWS = np.array([[0.8, 0.1, 0.1], [0.5, 0.4, 0.1], [0.1, 0.6, 0.3], [0.7, 0.2, 0.1]])


@pytest.mark.parametrize("gold", [[-1, -1, -1, -1], [0, 1, 2, -1]])
def test_confidence_and_predicted_classes_by_hand(gold: list[int]) -> None:
    scores = Scores.of(np.array(gold), ROWS)
    found = certainty(scores, 0.2, CLASSES)
    assert found.mean_confidence.value == pytest.approx((0.8 + 0.5 + 0.6 + 0.7) / 4)
    ends = (found.mean_confidence.low, found.mean_confidence.high)
    assert ends == hall_interval(scores.confidence)
    assert (found.examples, found.unsure, found.unsure_share.value) == (4, 1, 0.25)
    assert (found.unsure_share.low, found.unsure_share.high) == wilson_interval(1, 4)
    a, b, c = found.classes
    assert [(k.name, k.count, k.share.value) for k in (a, b, c)] == [
        ("a", 3, 0.75),
        ("b", 1, 0.25),
        ("c", 0, 0.0),
    ]
    assert (a.share.low, a.share.high) == wilson_interval(3, 4)
    assert a.mean_confidence == pytest.approx(2 / 3)
    assert b.mean_confidence == pytest.approx(0.6)
    assert math.isnan(c.mean_confidence)


def test_a_margin_at_the_threshold_is_not_unsure() -> None:
    rows = np.array([[0.625, 0.375], [0.624, 0.376]])  # margins 0.25 and 0.248
    assert certainty(Scores.of(np.array([-1, -1]), rows), 0.25, ("a", "b")).unsure == 1


def test_the_interval_of_the_mean_ends_at_one() -> None:
    p = np.array([1.0] * 5 + [0.6])
    scores = Scores.of(np.full(6, -1), np.stack([p, 1 - p], axis=1))
    assert hall_interval(scores.confidence)[1] > 1
    assert certainty(scores, 0.2, ("a", "b")).mean_confidence.high == 1


def test_of_one_example_the_mean_has_no_interval() -> None:
    found = certainty(Scores.of(np.array([-1]), ROWS[:1]), 0.2, CLASSES)
    assert math.isnan(found.mean_confidence.low)
    assert math.isnan(found.mean_confidence.high)
