"""Measure what predictions show without labels: their confidence, and how often each class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.intervals import Interval, mean_interval, wilson_interval
from reportgen.analysis.metrics import Scores

__all__ = ["Certainty", "PredictedClass", "certainty"]


@dataclass(frozen=True, slots=True)
class PredictedClass:
    """How often a class is predicted: number, share with Wilson's interval, mean confidence.

    The mean confidence is NaN where the class is never predicted.
    """

    name: str
    count: int
    share: float
    interval: Interval
    confidence: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """The confidence of all predictions, labelled or not.

    ``interval`` is of the mean confidence (Hall). ``unsure`` counts the predictions with a margin
    below the one asked for, ``unsure_interval`` is Wilson's of their share.
    """

    examples: int
    confidence: float
    interval: Interval
    unsure: int
    unsure_interval: Interval
    classes: tuple[PredictedClass, ...]


def certainty(scores: Scores, unsure_margin: float, classes: tuple[str, ...]) -> Certainty:
    """Measure the predictions by their probabilities alone."""
    n, unsure = len(scores), int((scores.margin < unsure_margin).sum())
    low, high = mean_interval(scores.confidence)
    return Certainty(
        examples=n,
        confidence=float(scores.confidence.mean()),
        interval=(low, min(high, 1.0)),
        unsure=unsure,
        unsure_interval=wilson_interval(unsure, n),
        classes=tuple(_classes(scores, classes)),
    )


def _classes(scores: Scores, classes: tuple[str, ...]) -> Iterator[PredictedClass]:
    counts = np.bincount(scores.predicted, minlength=len(classes))
    sums = np.bincount(scores.predicted, scores.confidence, len(classes))
    for name, count, total in zip(classes, counts.tolist(), sums.tolist(), strict=True):
        mean = total / count if count else float("nan")
        ends = wilson_interval(count, len(scores))
        yield PredictedClass(name, count, count / len(scores), ends, mean)
