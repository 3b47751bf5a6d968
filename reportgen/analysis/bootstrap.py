"""Draw seeded resamples of examples and return percentile intervals of measures over them.

A resample is a weight per example: how often it was drawn. Every measure here is a function of
such weights, so one pass over the resamples serves all of them (Efron and Tibshirani 1993,
chapter 13: the percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEVEL, NO_INTERVAL, Interval

__all__ = ["bootstrap_intervals", "bootstrap_mean", "resamples"]

RESAMPLES, MANY = 1000, 200
LARGE = 50_000  # examples; above, fewer resamples: the interval is narrow and each takes long


def resamples(count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield weights [N]: how often each of N examples is drawn, N draws with replacement."""
    rng = np.random.default_rng(seed)
    for _ in range(RESAMPLES if count <= LARGE else MANY):
        drawn = rng.integers(0, count, count)
        yield np.bincount(drawn, minlength=count).astype(np.float64)


def bootstrap_intervals(
    count: int, measure: Callable[[NDArray[np.float64]], Mapping[str, float]], seed: int
) -> dict[str, Interval]:
    """Return the percentile interval of each measure over the same resamples.

    A resample in which a measure is NaN is left out of its interval, which is NaN where all are.
    """
    drawn = [measure(weights) for weights in resamples(count, seed)]
    values = np.array([list(measures.values()) for measures in drawn])
    finite = np.isfinite(values).any(axis=0)
    ends = np.full((2, values.shape[1]), np.nan)
    ends[:, finite] = np.nanpercentile(
        values[:, finite], (50 * (1 - LEVEL), 50 * (1 + LEVEL)), axis=0
    )
    return {
        name: (float(low), float(high)) for name, low, high in zip(drawn[0], *ends, strict=True)
    }


def bootstrap_mean(values: NDArray[np.float64], seed: int) -> Interval:
    """Return the interval of the mean of values [N] of either sign; NaN of none."""
    if not len(values):
        return NO_INTERVAL
    found = bootstrap_intervals(len(values), lambda w: {"mean": float(w @ values / w.sum())}, seed)
    return found["mean"]
