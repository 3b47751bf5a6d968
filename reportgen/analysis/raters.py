"""Measure how far raters agree: percent agreement, Cohen's kappa, Krippendorff's alpha.

Ratings are whole numbers [N, R] from 0 to K - 1, one row per example and one column per rater,
``MISSING`` where a rater did not answer. Both coefficients are 1 - observed / expected
disagreement, so that 1 is full agreement and 0 what answers given at random would show: kappa for
two raters, of whom each has frequencies of answers of their own (Cohen 1960; with linear weights
Cohen 1968), alpha for more, over all pairs of answers to the same example, answers missing or not
(Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.bootstrap import RESAMPLES
from reportgen.analysis.intervals import (
    LEVEL,
    NO_INTERVAL,
    Interval,
    jackknife_deviation,
    logit_interval,
)

__all__ = ["LEAST_RATED", "MISSING", "Agreement", "Coefficient", "agreement"]

MISSING = -1
# Examples; of fewer the interval covers too seldom. In simulations (two and three raters, three
# and four answers) one of 95 % covered 91 to 99 % from 20 examples on, of 10 as few as 81 %.
LEAST_RATED = 20
Floats = NDArray[np.float64]
Ratings = NDArray[np.int64]
ALIKE = 1e-9


class Coefficient(Enum):
    """Which coefficient is measured: by the number of raters who answered."""

    KAPPA = "kappa"
    ALPHA = "alpha"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far raters agree, over the ``examples`` that two or more of the ``raters`` answered.

    ``raters`` are those with any answer, ``pairs`` the pairs of answers to the same example and
    ``share`` how many of these are equal. ``value`` is that of the ``coefficient``. A number is
    NaN where it is undefined: without a pair, and the coefficient where only one answer occurs or
    fewer than two raters answered. The interval of ``share`` is that of its logit with a jackknife
    over examples; that of ``value`` is a BCa bootstrap over examples. Both are NaN for fewer than
    ``LEAST_RATED`` examples, and the latter where all agree, for then nothing can be said of the
    spread.
    """

    raters: int
    examples: int
    pairs: int
    share: float
    share_interval: Interval
    coefficient: Coefficient | None
    value: float
    interval: Interval


def agreement(ratings: Ratings, answers: int, *, ordered: bool, seed: int) -> Agreement:
    """Measure the agreement of ratings [N, R] over so many possible answers.

    ``ordered`` answers, as yes, partly, no, disagree the more the farther apart they lie: kappa
    then has linear weights, alpha the ordinal metric. ``seed`` is that of the bootstrap.
    """
    given = ratings != MISSING
    columns = given.any(axis=0)
    raters = int(columns.sum())
    kept = ratings[given.sum(axis=1) >= 2][:, columns]
    if not len(kept):
        return Agreement(raters, 0, 0, math.nan, NO_INTERVAL, None, math.nan, NO_INTERVAL)
    equal, pairs = _equal_pairs(kept, answers)
    coefficient = Coefficient.KAPPA if raters == 2 else Coefficient.ALPHA
    tables = _confusions(kept, answers) if raters == 2 else _coincidences(kept, answers)
    value, interval = _measured(tables, coefficient, ordered, seed)
    return Agreement(
        raters,
        len(kept),
        int(pairs.sum()),
        float(equal.sum() / pairs.sum()),
        _share_interval(equal, pairs),
        coefficient,
        value,
        interval,
    )


def _equal_pairs(ratings: Ratings, answers: int) -> tuple[Floats, Floats]:
    """Return for each example [N] how many pairs of its answers are equal, and how many it has."""
    counts = _counts(ratings, answers)
    given = counts.sum(axis=1)
    return (counts * (counts - 1)).sum(axis=1) / 2, given * (given - 1) / 2


def _share_interval(equal: Floats, pairs: Floats) -> Interval:
    if len(equal) < LEAST_RATED:
        return NO_INTERVAL
    without = (equal.sum() - equal) / (pairs.sum() - pairs)
    deviation = jackknife_deviation(without, np.ones(len(equal)))
    share = float(equal.sum() / pairs.sum())
    return logit_interval(share, deviation, len(equal), len(equal) - 1)


def _counts(ratings: Ratings, answers: int) -> Floats:
    """Return how often each answer was given to each example [N, K]."""
    counts = [(ratings == kind).sum(axis=1) for kind in range(answers)]
    return np.stack(counts, axis=1).astype(np.float64)


def _confusions(ratings: Ratings, answers: int) -> Floats:
    """Return [N, K, K]: 1 at the answers of the first and of the second rater."""
    chosen = ratings[:, :, None] == np.arange(answers)
    return np.asarray(chosen[:, 0, :, None] & chosen[:, 1, None, :], dtype=np.float64)


def _coincidences(ratings: Ratings, answers: int) -> Floats:
    """Return [N, K, K]: the ordered pairs of answers, divided by the answers less one."""
    counts = _counts(ratings, answers)
    ordered_pairs = counts[:, :, None] * counts[:, None, :]
    ordered_pairs -= counts[:, :, None] * np.eye(answers)  # no answer pairs with itself
    return np.asarray(ordered_pairs / (counts.sum(axis=1) - 1)[:, None, None])


def _measured(
    tables: Floats, coefficient: Coefficient, ordered: bool, seed: int
) -> tuple[float, Interval]:
    """Return the coefficient of the summed tables [N, K, K] and its interval over examples."""

    def measure(summed: Floats) -> Floats:
        return _coefficient(summed, coefficient, ordered)

    value = float(measure(tables.sum(axis=0)))
    n = len(tables)
    if n < LEAST_RATED or math.isnan(value):
        return value, NO_INTERVAL
    # Examples with the same answers are alike, so it is enough to draw how many of each kind.
    kinds, number = np.unique(tables, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(n, number / n, RESAMPLES)
    resampled = np.tensordot(drawn.astype(np.float64), kinds, axes=1)
    without = np.repeat(measure(tables.sum(axis=0) - kinds), number)
    return value, _bca(value, measure(resampled), without)


def _coefficient(tables: Floats, coefficient: Coefficient, ordered: bool) -> Floats:
    """Return 1 - observed / expected disagreement of tables [..., K, K]; NaN where none could be.

    Of kappa the tables count pairs of answers and each rater has margins of their own; of alpha
    they are coincidences, whose one margin counts all answers, drawn without replacement.
    """
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    total = rows.sum(axis=-1)[..., None, None]
    expected = rows[..., :, None] * columns[..., None, :]
    if coefficient is Coefficient.KAPPA:
        away, expected = _distances(tables.shape[-1], ordered), expected / total
    else:
        away = _differences(rows, ordered)
        expected = expected / np.maximum(total - 1, ALIKE)  # the diagonal has no weight
    observed, by_chance = (
        np.asarray((away * counts).sum(axis=(-1, -2))) for counts in (tables, expected)
    )
    ratio = np.divide(
        observed, by_chance, out=np.full(observed.shape, math.nan), where=by_chance > ALIKE
    )
    return np.asarray(1 - ratio)


def _distances(answers: int, ordered: bool) -> Floats:
    """Return the weights of disagreements [K, K]: steps between ordered answers, else 1."""
    places = np.arange(answers, dtype=np.float64)
    steps = np.abs(places[:, None] - places)
    return steps if ordered else (steps > 0).astype(np.float64)


def _differences(counts: Floats, ordered: bool) -> Floats:
    """Return Krippendorff's squared differences [..., K, K], by how often each answer is [..., K].

    The ordinal metric counts the answers that lie between two, with half of those that are equal
    to either.
    """
    if not ordered:
        return _distances(counts.shape[-1], ordered=False)
    middle = np.cumsum(counts, axis=-1) - counts / 2
    return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)


def _bca(value: float, drawn: Floats, without: Floats) -> Interval:
    """Return the bias-corrected and accelerated interval (Efron 1987).

    ``drawn`` are the values of resamples and ``without`` those without one example each; where a
    value is undefined it is left out.
    """
    drawn, without = (values[np.isfinite(values)] for values in (drawn, without))
    if not len(drawn) or np.ptp(drawn) < ALIKE:
        return NO_INTERVAL
    normal = NormalDist()
    below = ((drawn < value).mean() + (drawn <= value).mean()) / 2
    bias = normal.inv_cdf(min(max(float(below), 1 / len(drawn)), 1 - 1 / len(drawn)))
    away = without.mean() - without
    spread = float((away**2).sum())
    skewness = float((away**3).sum()) / (6 * spread**1.5) if spread > ALIKE**2 else 0.0
    ends = []
    for level in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        shifted = bias + normal.inv_cdf(level)
        ends.append(normal.cdf(bias + shifted / (1 - skewness * shifted)))
    low, high = (float(end) for end in np.quantile(drawn, ends))
    low, high = min(low, value), max(high, value)
    return (low, high) if high - low > ALIKE else NO_INTERVAL
