"""Measure what predictions show without labels: their confidence, and how often each class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.faithfulness import Estimate
from reportgen.analysis.intervals import hall_interval, wilson_interval
from reportgen.analysis.metrics import Scores

__all__ = ["Certainty", "PredictedClass", "certainty"]


@dataclass(frozen=True, slots=True)
class PredictedClass:
    """How often a class is predicted, its share of all predictions (Wilson), their confidence.

    The mean confidence is NaN where the class is never predicted.
    """

    name: str
    count: int
    share: Estimate
    mean_confidence: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """The confidence of all predictions, labelled or not.

    The interval of the mean confidence is Hall's. ``unsure`` counts the predictions with a margin
    below the one asked for, ``unsure_share`` is their share (Wilson).
    """

    examples: int
    mean_confidence: Estimate
    unsure: int
    unsure_share: Estimate
    classes: tuple[PredictedClass, ...]


def certainty(scores: Scores, unsure_margin: float, classes: tuple[str, ...]) -> Certainty:
    """Measure the predictions by their probabilities alone."""
    n, unsure = len(scores), int((scores.margin < unsure_margin).sum())
    low, high = hall_interval(scores.confidence)
    return Certainty(
        examples=n,
        mean_confidence=Estimate(float(scores.confidence.mean()), low, min(high, 1.0)),
        unsure=unsure,
        unsure_share=_share(unsure, n),
        classes=tuple(_classes(scores, classes)),
    )


def _classes(scores: Scores, classes: tuple[str, ...]) -> Iterator[PredictedClass]:
    counts = np.bincount(scores.predicted, minlength=len(classes))
    sums = np.bincount(scores.predicted, scores.confidence, len(classes))
    for name, count, total in zip(classes, counts.tolist(), sums.tolist(), strict=True):
        mean = total / count if count else float("nan")
        yield PredictedClass(name, count, _share(count, len(scores)), mean)


def _share(count: int, number: int) -> Estimate:
    return Estimate(count / number, *wilson_interval(count, number))
