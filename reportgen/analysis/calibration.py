"""Measure how far confidence can be trusted, from confidences and which were right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEVEL, Interval
from reportgen.analysis.metrics import Scores, wilson_interval

__all__ = [
    "Bin",
    "Calibration",
    "Histogram",
    "Reference",
    "calibration",
    "confidence_histogram",
    "reference",
]

BINS, DRAWS = 15, 1000
STEPS, TESTS, TAIL = 41, 400, 0.005  # sizes of error that are tested, draws of each, see _interval
EQUAL = 1e-12  # of two sums of the same numbers


@dataclass(frozen=True, slots=True)
class Bin:
    """The examples whose confidence lies in (low, high]; means are None if it has none."""

    low: float
    high: float
    count: int
    right: int
    confidence: float | None
    accuracy: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error and the bins it is the weighted mean gap of."""

    error: float
    bins: tuple[Bin, ...]


def calibration(scores: Scores, bins: int = BINS) -> Calibration:
    """Return the expected calibration error of the top label over equal-width bins of (0, 1].

    ECE = sum over bins of n_b / N * |accuracy_b - confidence_b| (Guo et al. 2017, equation 3).
    """
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(scores.confidence, edges[1:-1], right=True)
    filled = []
    for b in range(bins):
        inside = place == b
        count, right = int(inside.sum()), int(scores.correct[inside].sum())
        filled.append(
            Bin(
                float(edges[b]),
                float(edges[b + 1]),
                count,
                right,
                float(scores.confidence[inside].mean()) if count else None,
                right / count if count else None,
                wilson_interval(right, count) if count else None,
            )
        )
    gaps = (b.count * abs((b.accuracy or 0) - (b.confidence or 0)) for b in filled)
    return Calibration(float(sum(gaps)) / len(scores), tuple(filled))


@dataclass(frozen=True, slots=True)
class Reference:
    """The calibration error that a perfectly calibrated model of the same confidences would show.

    Its mean and 95 % quantile over seeded draws (Bröcker and Smith 2007), and the interval of the
    true error: all errors under which the measured one would not be unusual. The interval begins
    at 0 if and only if the measured error is at most the quantile.
    """

    mean: float
    quantile: float
    interval: Interval


def reference(found: Calibration, seed: int) -> Reference:
    """Draw how many are right in each bin, as if its accuracy were its mean confidence."""
    used = [b for b in found.bins if b.count]
    count = np.array([b.count for b in used])
    confidence = np.array([b.confidence for b in used], dtype=np.float64).clip(0, 1)
    right = np.array([b.right for b in used])
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(count, confidence, (DRAWS, len(count))) / count
    perfect = np.abs(drawn - confidence) @ (count / count.sum())
    quantile = float(np.quantile(perfect, LEVEL))
    low, high = _interval(count, right, confidence, rng)
    low = 0.0 if found.error <= quantile else min(low, found.error)
    return Reference(float(perfect.mean()), quantile, (low, max(high, found.error)))


def _interval(
    count: NDArray[np.int64],
    right: NDArray[np.int64],
    confidence: NDArray[np.float64],
    rng: np.random.Generator,
) -> Interval:
    """Invert a test of the calibration error, and return the least and largest that it keeps.

    A true error is kept where candidate accuracies of the bins have it under which neither the
    measured error (outside 95 %) nor the number of right predictions (outside 99 %) is unusual;
    the second tells over- from underconfident candidates. The error itself is larger than the
    true one where there are few examples, so that quantiles of it alone would not cover.
    """
    share = count / count.sum()
    error = float(np.abs(right / count - confidence) @ share)
    accuracies = _candidates(count, right, confidence)
    drawn = rng.binomial(count, accuracies[:, None], (len(accuracies), TESTS, len(count)))
    errors = np.abs(drawn / count - confidence) @ share
    low, high = np.quantile(errors, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=1)
    total, every = drawn.sum(axis=2), int(right.sum())
    likely = np.minimum((total <= every).mean(axis=1), (total >= every).mean(axis=1)) > TAIL
    true = np.abs(accuracies - confidence) @ share
    likely &= true > 0
    lows, highs = true[likely & (error <= high + EQUAL)], true[likely & (error >= low - EQUAL)]
    return float(lows.min(initial=error)), float(highs.max(initial=error))


def _candidates(
    count: NDArray[np.int64], right: NDArray[np.int64], confidence: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return accuracies of the bins [C, B] that lie away from their confidences in four directions.

    As measured; as measured beyond a standard deviation of each bin, so that some have no error;
    all bins overconfident alike; all underconfident alike. How far, by the error they have: from
    zero, or well below the measured one, to well above it.
    """
    share = count / count.sum()
    gap = confidence - right / count
    smooth = (right + 1) / (count + 2)
    noise = np.sqrt(smooth * (1 - smooth) / count)
    error, spread = float(np.abs(gap) @ share), float(np.sqrt(share**2 @ noise**2))
    least = max(error - float(noise @ share) - 4 * spread, 0.0)
    sizes = np.linspace(least, min(error + 4 * spread, 1.0), STEPS)
    beyond = np.sign(gap) * np.maximum(np.abs(gap) - noise, 0)
    even = np.ones(len(count))
    ways = [way / (np.abs(way) @ share) for way in (gap, beyond, even, -even) if way.any()]
    return np.concatenate([np.clip(confidence - sizes[:, None] * way, 0, 1) for way in ways])


class Histogram(NamedTuple):
    """Counts [B] of right, wrong, unlabelled predictions between the edges [B+1] of confidence."""

    edges: NDArray[np.float64]
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]
    unlabelled: NDArray[np.int64]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of predictions that a bar may have, the first on top."""
        if not self.unlabelled.any():
            return "right", "wrong"
        known = self.right.any() or self.wrong.any()
        return ("unlabelled", "right", "wrong") if known else ("unlabelled",)


def confidence_histogram(scores: Scores, classes: int, bins: int = 20) -> Histogram:
    """Count right, wrong and unlabelled predictions by confidence, from 1/K (its least) to 1."""
    edges = np.linspace(1 / classes, 1, bins + 1)
    clipped = np.clip(scores.confidence, edges[0], 1)  # float32 sums may miss 1/K slightly
    right, wrong, unlabelled = (
        np.histogram(clipped[inside], edges)[0].astype(np.int64)
        for inside in (scores.correct, scores.labelled & ~scores.correct, ~scores.labelled)
    )
    return Histogram(edges, right, wrong, unlabelled)
