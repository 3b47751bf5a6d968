"""Measure accuracy where only the most confident predictions are answered: risk and coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.metrics import Scores

__all__ = ["Coverage", "Steps", "aurc", "coverage", "steps"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Accuracy over the most confident share of the examples (the coverage), for several shares."""

    shares: tuple[float, ...]
    accuracy: tuple[float, ...]

    def at(self, share: float) -> int:
        """Return the index of the least share that is at least this large."""
        return int(np.searchsorted(self.shares, share - 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """How many examples are answered [S], and how many are right, at each level of confidence.

    Equal confidences are one step, for the order within it means nothing; the most confident is
    the first. ``place`` [N] is the step of each example.
    """

    place: NDArray[np.int64]
    count: NDArray[np.int64]
    right: NDArray[np.int64]

    def right_of(self, answered: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how many of so many answers are right, on average over the orders of ties."""
        ends = np.concatenate([[0], np.cumsum(self.count)])
        right = np.concatenate([[0], np.cumsum(self.right)])
        return np.asarray(np.interp(answered, ends, right), dtype=np.float64)


def steps(scores: Scores) -> Steps:
    """Count the examples of each level of confidence."""
    _, place = np.unique(-scores.confidence, return_inverse=True)
    return Steps(
        place, np.bincount(place), np.bincount(place[scores.correct], minlength=place.max() + 1)
    )


def coverage(scores: Scores, points: int = 100) -> Coverage:
    """Return the risk-coverage curve as accuracy (El-Yaniv and Wiener 2010), least share first."""
    n = len(scores)
    answered = np.unique(np.ceil(np.linspace(0, 1, points + 1)[1:] * n - 1e-9).astype(int))
    accuracy = steps(scores).right_of(answered) / answered
    return Coverage(tuple((answered / n).tolist()), tuple(accuracy.tolist()))


def aurc(scores: Scores) -> tuple[float, NDArray[np.float64]]:
    """Return the area under the risk-coverage curve and its influence [N].

    Geifman and El-Yaniv 2017: the mean over all numbers of answers of the share that is wrong. In
    a step of t examples, c of them wrong, after A answers, C of them wrong, answer A + s has
    C + s c/t wrong ones on average, so that the step's sum has harmonic numbers H:
    c + (C - A c/t) (H(A + t) - H(A)). The influence is the sum's derivative by an example's weight.
    """
    from scipy.special import digamma, polygamma

    n, counted = len(scores), steps(scores)
    t = counted.count.astype(np.float64)
    c = t - counted.right
    before, wrong = np.cumsum(t) - t, np.cumsum(c) - c  # A and C
    share, rest = c / t, wrong - before * c / t
    span = digamma(before + t + 1) - digamma(before + 1)
    value = float((c + rest * span).sum()) / n
    last, first = polygamma(1, before + t + 1), polygamma(1, before + 1)
    by_count = before * c / t**2 * span + rest * last
    by_wrong = 1 - before / t * span
    after_count = _after(-share * span + rest * (last - first))
    after_wrong = _after(span)
    error, at = ~scores.correct, counted.place
    influence = by_count[at] + after_count[at] + error * (by_wrong + after_wrong)[at] - value
    return value, influence / n


def _after(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of all later values at each place."""
    return np.cumsum(values[::-1])[::-1] - values
