"""Measure how far confidence can be trusted, from confidences and which were right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    true error: all errors under which the measured one would not be unusual.
    """

    mean: float
    quantile: float
    interval: tuple[float, float]


def reference(found: Calibration, seed: int) -> Reference:
    """Draw how many are right in each bin, as if its accuracy were its mean confidence.

    The measured error is larger than the true one where there are few examples. So the interval
    inverts a test: the gaps of all bins are scaled together, to either side, and kept where
    the measured error lies between the 2.5 % and 97.5 % quantiles of what is drawn.
    """
    rng = np.random.default_rng(seed)
    used = [b for b in found.bins if b.count]
    count = np.array([b.count for b in used])
    confidence = np.array([b.confidence for b in used], dtype=np.float64).clip(0, 1)
    gap = confidence - np.array([b.accuracy for b in used], dtype=np.float64)
    share = count / count.sum()

    def errors(accuracy: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
        right = rng.binomial(count, accuracy, (draws, len(count)))
        return np.asarray(np.abs(right / count - confidence) @ share)

    perfect = errors(confidence, DRAWS)
    kept = [found.error]
    for scale in np.linspace(-3, 3, 121):
        accuracy = np.clip(confidence - scale * gap, 0, 1)
        low, high = np.quantile(errors(accuracy, DRAWS), (0.025, 0.975))
        if low <= found.error <= high:
            kept.append(float(np.abs(accuracy - confidence) @ share))
    low, high = min(kept), max(kept)
    if high - low < 1e-9:  # every draw is alike: as many as could be wrong unseen
        high = min(1.0, low + 1 - wilson_interval(int(count.sum()), int(count.sum()))[0])
        low = min(low, high - 1e-3)
    return Reference(
        float(perfect.mean()), float(np.quantile(perfect, 0.95)), (max(low, 0.0), high)
    )


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
