"""Measure the order of the probabilities of a class, with the weight of each example in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["average_precision", "ranked", "roc_auc"]

Floats = NDArray[np.float64]
Measured = tuple[float, Floats]


def ranked(
    gold: NDArray[np.int64],
    probabilities: Floats,
    measure: Callable[[Floats, NDArray[np.bool_]], Measured],
) -> tuple[float, Floats, int]:
    """Return a measure of the ranking of probabilities [N, K], its influence [N], its trials.

    Of two classes the second is ranked; of more, each that occurs against all others, and the mean
    is taken. Trials are the examples of the rarer side. NaN where fewer than two classes occur.
    """
    n, k = probabilities.shape
    counts = np.bincount(gold, minlength=k)
    classes = np.flatnonzero(counts)
    if len(classes) < 2:
        return float("nan"), np.zeros(n), 0
    positives = [1] if k == 2 else classes.tolist()
    value, influence = 0.0, np.zeros(n)
    for c in positives:
        one, its = measure(probabilities[:, c], gold == c)
        value += one / len(positives)
        influence += its / len(positives)
    return value, influence, int(sum(min(counts[c], n - counts[c]) for c in positives))


def _steps(score: Floats, positive: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return each example's step [N], and the positives and negatives [S] of each step.

    Equal scores are one step; the highest score is the first.
    """
    _, step = np.unique(-score, return_inverse=True)
    hits, misses = (np.bincount(step, side).astype(np.float64) for side in (positive, ~positive))
    return step, hits, misses


def roc_auc(score: Floats, positive: NDArray[np.bool_]) -> Measured:
    """Return the area under the ROC curve and its influence (DeLong et al. 1988).

    The sum of squares of the influence is DeLong's variance where both sides have two examples.
    """
    step, hits, misses = _steps(score, positive)
    above, below = np.cumsum(hits) - hits / 2, misses.sum() - np.cumsum(misses) + misses / 2
    p, q = hits.sum(), misses.sum()
    value = float(hits @ below / (p * q))
    side = np.where(positive, below[step] / q, above[step] / p) - value
    return value, side / np.sqrt(np.where(positive, p * max(p - 1, 1), q * max(q - 1, 1)))


def average_precision(score: Floats, positive: NDArray[np.bool_]) -> Measured:
    """Return the average precision and its influence: its derivative by each example's weight."""
    step, hits, misses = _steps(score, positive)
    true, false = np.cumsum(hits), np.cumsum(misses)
    total, precision = hits.sum(), true / (true + false)
    value = float(hits @ precision / total)
    # One more positive raises the precision at its step and below; one more negative lowers it.
    gain = np.cumsum((hits * false / (true + false) ** 2)[::-1])[::-1]
    loss = np.cumsum((hits * true / (true + false) ** 2)[::-1])[::-1]
    influence = np.where(positive, (precision + gain - value)[step], -loss[step]) / total
    return value, influence
