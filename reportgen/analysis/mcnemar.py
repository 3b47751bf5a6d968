"""Test and estimate the difference of two accuracies on the same examples, in closed form."""

from __future__ import annotations

import math

from reportgen.analysis.intervals import Interval, Z

__all__ = ["mcnemar", "tango_interval"]

STEPS = 60  # of a bisection, which then is as exact as a float


def mcnemar(broken: int, fixed: int) -> float:
    """Return the p-value of McNemar's exact test (McNemar 1947; two-sided, binomial).

    Of the examples that one run alone gets right, each run has half on average if both are as good.
    """
    from scipy.stats import binomtest  # here, for workers import this module and never ask

    if not broken + fixed:
        return 1.0
    return float(binomtest(broken, broken + fixed).pvalue)


def tango_interval(broken: int, fixed: int, examples: int) -> Interval:
    """Return the 95 % score interval of the difference in accuracy, fixed less broken (Tango 1998).

    It does not shrink to nothing where no example changes. Where the exact test finds no
    difference at the 5 % level the interval is made to hold 0, so that both say the same.
    """
    low = -_upper_end(broken, fixed, examples)
    high = _upper_end(fixed, broken, examples)
    if mcnemar(broken, fixed) >= 0.05:
        return min(low, 0.0), max(high, 0.0)
    return low, high


def _upper_end(more: int, less: int, n: int) -> float:
    """Return the largest difference (more - less) / n that the score test keeps."""
    low, high = (more - less) / n, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _score(more, less, n, middle) > -Z:
            low = middle
        else:
            high = middle
    return low


def _score(more: int, less: int, n: int, difference: float) -> float:
    """Return the score statistic of a difference; Tango 1998, equations 3 and 5."""
    b = (2 * n - more + less) * difference - more - less
    c = -less * difference * (1 - difference)
    rarer = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    variance = n * (2 * rarer + difference * (1 - difference))
    distance = more - less - n * difference
    if variance <= 0:
        return math.inf if distance >= 0 else -math.inf
    return distance / math.sqrt(variance)
