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
    "Coverage",
    "Histogram",
    "calibration",
    "confidence_histogram",
    "coverage",
]

BINS = 15


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
class Coverage:
    """Accuracy over the most confident share of the examples (the coverage), for several shares."""

    shares: tuple[float, ...]
    accuracy: tuple[float, ...]

    def at(self, share: float) -> int:
        """Return the index of the least share that is at least this large."""
        return int(np.searchsorted(self.shares, share - 1e-9))


def coverage(scores: Scores, points: int = 100) -> Coverage:
    """Return the risk-coverage curve as accuracy (El-Yaniv and Wiener 2010), least share first."""
    by_confidence = np.argsort(-scores.confidence, kind="stable")
    right = np.cumsum(scores.correct[by_confidence])
    answered = np.unique(np.ceil(np.linspace(0, 1, points + 1)[1:] * len(scores)).astype(int))
    shares, accuracy = answered / len(scores), right[answered - 1] / answered
    return Coverage(tuple(shares.tolist()), tuple(accuracy.tolist()))


class Histogram(NamedTuple):
    """Counts [B] of right and of wrong predictions between the edges [B+1] of confidence."""

    edges: NDArray[np.float64]
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]


def confidence_histogram(scores: Scores, classes: int, bins: int = 20) -> Histogram:
    """Count right and wrong predictions by confidence, from 1/K (its least) to 1."""
    edges = np.linspace(1 / classes, 1, bins + 1)
    clipped = np.clip(scores.confidence, edges[0], 1)  # float32 sums may miss 1/K slightly
    right, _ = np.histogram(clipped[scores.correct], edges)
    wrong, _ = np.histogram(clipped[~scores.correct], edges)
    return Histogram(edges, right.astype(np.int64), wrong.astype(np.int64))
