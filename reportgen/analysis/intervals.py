"""Compute 95 % intervals of proportions, of means and of measures between 0 and 1, in closed form.

None has zero width: where the examples do not differ, so that nothing can be said of the spread,
there is no interval (both ends NaN) or one as wide as half a mistake more would make it.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LEAST",
    "LEAST_OF_CLASS",
    "LEVEL",
    "NO_INTERVAL",
    "Interval",
    "Z",
    "hall_interval",
    "jackknife_deviation",
    "logit_interval",
    "wilson_interval",
]

Interval = tuple[float, float]
LEVEL = 0.95
LEAST = 30  # examples; of fewer a report gives numbers and draws no conclusion
LEAST_OF_CLASS = 10  # examples of a class; of fewer its figures, and means with it, are uncertain
NO_INTERVAL = (math.nan, math.nan)
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


def wilson_interval(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Return Wilson's score interval for a proportion (Wilson 1927).

    Counts may be fractions, as they are where equal confidences share what is right among them.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    spread = share * (1 - share) / trials + z * z / (4 * trials * trials)
    half = z / (1 + z * z / trials) * math.sqrt(max(spread, 0))
    low = 0.0 if successes <= 0 else max(0.0, middle - half)
    return low, 1.0 if successes >= trials else min(1.0, middle + half)


def logit_interval(
    value: float, deviation: float, trials: float, degrees: float = math.inf
) -> Interval:
    """Return the interval of a measure between 0 and 1, symmetric on the logit scale.

    ``deviation`` is the measure's standard deviation, estimated with so many ``degrees`` of
    freedom. At the ends 0 and 1, which have no logit, and where the examples do not differ, it is
    Wilson's interval of a proportion over so many ``trials``.
    """
    if deviation < 1e-9 or not 0 < value < 1:
        return wilson_interval(value * trials, trials)
    middle = math.log(value / (1 - value))
    half = _quantile(degrees) * deviation / (value * (1 - value))
    low, high = (1 / (1 + math.exp(min(-x, 700))) for x in (middle - half, middle + half))
    return low, high


def _quantile(degrees: float) -> float:
    """Return the quantile of Student's t that ends an interval."""
    if math.isinf(degrees):
        return Z
    from scipy.stats import t  # here, for workers import this module and never ask

    return float(t.ppf((1 + LEVEL) / 2, degrees))


def jackknife_deviation(without: NDArray[np.float64], number: NDArray[np.float64]) -> float:
    """Return the standard deviation of a measure by the jackknife.

    Efron and Tibshirani 1993, equation 11.5. ``without`` [M] is the measure without one example of
    each kind of examples that are alike, ``number`` [M] how many there are of that kind.
    """
    n = float(number.sum())
    away = without - float(number @ without) / n
    return math.sqrt((n - 1) / n * float(number @ away**2))


def hall_interval(values: NDArray[np.float64]) -> Interval:
    """Return the interval of the mean of values [N] >= 0, corrected for their skewness.

    Hall 1992, "On the removal of skewness by transformation": a monotone cubic transformation of
    Student's t; quantiles of t stand for those of the normal distribution, as N may be small.
    """
    n, mean = len(values), float(values.mean())
    deviation = float(values.std(ddof=1)) if n > 1 else 0.0
    if deviation <= 1e-9 * max(1.0, mean):
        return NO_INTERVAL
    skewness = float(((values - mean) ** 3).mean()) / deviation**3
    quantile = _quantile(n - 1) / math.sqrt(n)
    ends = (mean - deviation * _unskewed(x, skewness, n) for x in (quantile, -quantile))
    low, high = ends
    return max(0.0, min(low, mean)), max(high, mean)


def _unskewed(x: float, skewness: float, n: int) -> float:
    """Invert Hall's transformation; without skewness it changes nothing."""
    if abs(skewness) < 1e-6:
        return x
    inner = 1 + skewness * (x - skewness / (6 * n))
    return 3 / skewness * (math.cbrt(inner) - 1)
