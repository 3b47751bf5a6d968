"""Seeded resampling: numbers of examples in, percentile intervals out.

A resample is a weight per example: how often it was drawn. Every measure here is a function of
such weights, so one pass over the resamples serves all of them (Efron and Tibshirani 1993,
chapter 13: the percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "intervals", "mean_interval", "resamples"]

Interval = tuple[float, float]
RESAMPLES, MANY = 1000, 200
LARGE = 50_000  # examples; above, fewer resamples: the interval is narrow and each takes long


def resamples(count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield weights [N]: how often each of N examples is drawn, N draws with replacement."""
    rng = np.random.default_rng(seed)
    for _ in range(RESAMPLES if count <= LARGE else MANY):
        drawn = rng.integers(0, count, count)
        yield np.bincount(drawn, minlength=count).astype(np.float64)


def intervals(
    count: int,
    measures: Mapping[str, Callable[[NDArray[np.float64]], float]],
    seed: int,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return the percentile interval of each measure over the same resamples."""
    values: dict[str, list[float]] = {name: [] for name in measures}
    for weights in resamples(count, seed):
        for name, measure in measures.items():
            values[name].append(measure(weights))
    ends = (50 * (1 - level), 50 * (1 + level))
    found = {}
    for name, drawn in values.items():
        low, high = np.nanpercentile(drawn, ends) if np.isfinite(drawn).any() else (np.nan, np.nan)
        found[name] = (float(low), float(high))
    return found


def mean_interval(values: NDArray[np.float64], seed: int) -> Interval:
    """Return the interval of a mean."""
    if not len(values):
        return float("nan"), float("nan")
    return intervals(len(values), {"mean": lambda w: float(w @ values / w.sum())}, seed)["mean"]
