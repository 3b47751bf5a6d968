"""Measure the order of the probabilities of a class, and how uncertain the measure is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import jackknife_deviation

__all__ = ["Ranked", "average_precision", "roc_auc"]

Floats = NDArray[np.float64]
Measured = tuple[float, Floats]


class Ranked(NamedTuple):
    """A measure with its standard deviation, the degrees of freedom of that, and its trials.

    Trials are the examples of the rarer side of each class that is ranked. NaN and no trials where
    fewer than two classes occur.
    """

    value: float
    deviation: float
    degrees: float
    trials: int


def roc_auc(gold: NDArray[np.int64], probabilities: Floats) -> Ranked:
    """Return the area under the ROC curve of the probabilities [N, K].

    Of two classes the second is ranked; of more, each that occurs against all others, and the mean
    is taken. The variance is DeLong's (1988): a sum over the labels, each with as many degrees of
    freedom as it has examples but one. Those of the sum are Satterthwaite's, as in the test of
    Brunner and Munzel (2000): without them the interval is too narrow where a class is rare.
    """
    value, influence, trials = _mean_over_classes(gold, probabilities, _area)
    if not trials:
        return Ranked(value, value, np.inf, 0)
    variances = np.bincount(gold, influence**2)
    free = np.maximum(np.bincount(gold) - 1, 1)
    whole, parts = float(variances.sum()), float((variances**2 / free).sum())
    return Ranked(value, whole**0.5, whole**2 / parts if parts else np.inf, trials)


def average_precision(gold: NDArray[np.int64], probabilities: Floats) -> Ranked:
    """Return the average precision of the probabilities [N, K], of the classes as ``roc_auc``.

    The standard deviation is the jackknife's: each example is left out once. A class whose only
    example that is leaves the mean.
    """
    value, without, trials = _mean_over_classes(gold, probabilities, _precision)
    if not trials:
        return Ranked(value, value, np.inf, 0)
    if probabilities.shape[1] > 2:
        support = np.bincount(gold)
        classes = np.count_nonzero(support)
        without *= classes / (classes - (support[gold] == 1))
    return Ranked(value, jackknife_deviation(without, np.ones(len(gold))), np.inf, trials)


def _mean_over_classes(
    gold: NDArray[np.int64],
    probabilities: Floats,
    measure: Callable[[Floats, NDArray[np.bool_]], Measured],
) -> tuple[float, Floats, int]:
    """Return the mean over the ranked classes of a value and of a number per example, and trials.

    Trials are 0 where fewer than two classes occur.
    """
    n, k = probabilities.shape
    counts = np.bincount(gold, minlength=k)
    classes = np.flatnonzero(counts)
    if len(classes) < 2:
        return float("nan"), np.zeros(n), 0
    positives = [1] if k == 2 else classes.tolist()
    value, each = 0.0, np.zeros(n)
    for c in positives:
        one, its = measure(probabilities[:, c], gold == c)
        value += one / len(positives)
        each += its / len(positives)
    return value, each, int(sum(min(counts[c], n - counts[c]) for c in positives))


def _steps(score: Floats, positive: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return each example's step [N], and the positives and negatives [S] of each step.

    Equal scores are one step; the highest score is the first.
    """
    _, step = np.unique(-score, return_inverse=True)
    hits, misses = (np.bincount(step, side).astype(np.float64) for side in (positive, ~positive))
    return step, hits, misses


def _area(score: Floats, positive: NDArray[np.bool_]) -> Measured:
    """Return the area under the ROC curve and the influence [N] of each example.

    The sum of its squares is DeLong's variance where both sides have two examples.
    """
    step, hits, misses = _steps(score, positive)
    above, below = np.cumsum(hits) - hits / 2, misses.sum() - np.cumsum(misses) + misses / 2
    p, q = hits.sum(), misses.sum()
    value = float(hits @ below / (p * q))
    side = np.where(positive, below[step] / q, above[step] / p) - value
    return value, side / np.sqrt(np.where(positive, p * max(p - 1, 1), q * max(q - 1, 1)))


def _precision(score: Floats, positive: NDArray[np.bool_]) -> Measured:
    """Return the average precision, and what it is without each example [N].

    Without a positive, those of its step and of later ones lose one in both parts of their
    precision; without a negative, one below. Without the only positive it is 0.
    """
    step, hits, misses = _steps(score, positive)
    true, answers = np.cumsum(hits), np.cumsum(hits + misses)
    each = hits * true / answers
    total, earlier = hits.sum(), np.cumsum(each) - each
    fewer = np.maximum(answers - 1, 1)
    no_positive, no_negative = (true - 1) / fewer, true / fewer
    later_positive, later_negative = (
        np.cumsum((hits * precision)[::-1])[::-1] for precision in (no_positive, no_negative)
    )
    without = np.where(
        positive,
        (earlier + later_positive - no_positive)[step] / max(total - 1, 1),
        (earlier + later_negative)[step] / total,
    )
    return float(each.sum() / total), without
