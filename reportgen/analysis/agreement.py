"""Measure predicted labels against gold ones, with intervals, from how often each pair occurs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEAST_OF_CLASS, LEVEL, Z, jackknife_deviation
from reportgen.analysis.metrics import Scores

__all__ = ["Counts", "agreement_intervals", "agreement_measures", "count", "has_few"]

DRAWS, BLOCK = 1000, 100  # of the posterior distribution; together in memory
Floats = NDArray[np.float64]
Counts = tuple[Floats, Floats, Floats]


def count(scores: Scores, classes: int) -> Counts:
    """Return [K] each: how often a class is predicted rightly, is a label, is predicted."""
    hits = np.bincount(scores.gold[scores.correct], minlength=classes)
    support = np.bincount(scores.gold, minlength=classes)
    predicted = np.bincount(scores.predicted, minlength=classes)
    return hits.astype(np.float64), support.astype(np.float64), predicted.astype(np.float64)


def has_few(support: Floats) -> bool:
    """Return whether a class that occurs has few examples, by its count [K] of them."""
    return bool(((support > 0) & (support < LEAST_OF_CLASS)).any())


def agreement_measures(counts: Counts, occurs: NDArray[np.bool_]) -> dict[str, Floats]:
    """Measure the counts [..., K]; each measure is [...], but ``f1`` [..., K].

    Means are over the classes that occur as labels [K]. The precision of one that is never
    predicted counts as 0 there, as in scikit-learn. The correlation (Gorodkin 2004) is NaN
    where all labels are one class, and 0 where all predictions are.
    """
    hits, support, predicted = counts
    means = {name: _mean(kind(*counts), occurs) for name, kind in MEANS.items()}
    total = support.sum(axis=-1)
    correlation = _correlation(
        total,
        hits.sum(axis=-1),
        (support * predicted).sum(axis=-1),
        (support**2).sum(axis=-1),
        (predicted**2).sum(axis=-1),
    )
    if occurs.sum() < 2:
        correlation = np.full(total.shape, np.nan)
    return {**means, "mcc": correlation, "f1": _f1(hits, support, predicted)}


def _mean(values: Floats, occurs: NDArray[np.bool_]) -> Floats:
    return np.asarray(values[..., occurs].mean(axis=-1))


def _recall(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    return _ratio(hits, support)


def _precision(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    return _ratio(hits, predicted)


def _f1(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    return _ratio(2 * hits, support + predicted)


MEANS: Mapping[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "balanced_accuracy": _recall,
    "macro_precision": _precision,
    "macro_recall": _recall,
    "macro_f1": _f1,
}


def _correlation(
    total: Floats, hits: Floats, products: Floats, labels: Floats, answers: Floats
) -> Floats:
    """Return Matthews' correlation from sums over the classes.

    ``products`` are sums of support times predicted, ``labels`` and ``answers`` of their squares.
    """
    spread = (total**2 - labels) * np.maximum(total**2 - answers, 0)
    return _ratio(hits * total - products, np.sqrt(np.maximum(spread, 0)))


def _ratio(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def agreement_intervals(scores: Scores, classes: int, seed: int) -> Mapping[str, Floats]:
    """Return low and high end [2, ...] of each of these measures.

    The confusion table is drawn from its posterior distribution: how often a class is right has
    Jeffreys' prior (half a hit and half a miss in each class), so that a class without a mistake
    is uncertain too. The ends are widened to hold the value. Where a class has few examples the
    draws vary too little, for no draw has a pair of classes that did not occur: there the ends of
    the means and of the correlation are widened to those of the jackknife.
    """
    observed = count(scores, classes)
    occurs = observed[1] > 0
    values = agreement_measures(observed, occurs)
    ends = {}
    for name, drawn in agreement_measures(_posterior(scores, classes, seed), occurs).items():
        low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
        ends[name] = np.array([np.minimum(low, values[name]), np.maximum(high, values[name])])
    if has_few(observed[1]):
        pairs, number = _pairs(scores, classes)
        for name, without in _without_one(observed, pairs).items():
            half = Z * jackknife_deviation(without, number)
            low, high = np.clip([values[name] - half, values[name] + half], -1.0, 1.0)
            least = -1.0 if name == "mcc" else 0.0
            ends[name] = np.array([max(min(ends[name][0], low), least), max(ends[name][1], high)])
    return ends


def _pairs(scores: Scores, classes: int) -> tuple[tuple[NDArray[np.int64], ...], Floats]:
    """Return the pairs [P] of label and predicted class that occur, by label, and how often."""
    pairs, number = np.unique(scores.gold * classes + scores.predicted, return_counts=True)
    return np.divmod(pairs, classes), number.astype(np.float64)


def _without_one(counts: Counts, pairs: tuple[NDArray[np.int64], ...]) -> dict[str, Floats]:
    """Return the means and the correlation without one example of each pair [P] that occurs.

    A class whose only example that is leaves the means.
    """
    hits, support, predicted = counts
    gold, said = pairs
    right, occurs = gold == said, support > 0
    without = (hits[gold] - right, support[gold] - 1, predicted[gold] - right)
    measures = {}
    for name, kind in MEANS.items():
        values = kind(*counts)
        other = kind(hits[said], support[said], predicted[said] - 1) - values[said]
        changed = kind(*without) - values[gold] + np.where(right | ~occurs[said], 0, other)
        left = np.maximum(occurs.sum() - (support[gold] == 1), 1)
        measures[name] = (values[occurs].sum() + changed) / left
    total = support.sum()
    measures["mcc"] = _correlation(
        np.full(len(gold), total - 1),
        hits.sum() - right,
        support @ predicted - predicted[gold] - support[said] + right,
        support @ support - 2 * support[gold] + 1,
        predicted @ predicted - 2 * predicted[said] + 1,
    )
    return measures


def _posterior(scores: Scores, classes: int, seed: int) -> Counts:
    """Draw the counts [DRAWS, K], which are gamma variates: their shares are Dirichlet's.

    Half a miss is shared out like the other misses of its class, or evenly over all other classes
    if it has none. Only pairs that occur are drawn, so the cost does not grow with the square of
    the classes.
    """
    rng = np.random.default_rng(seed)
    (gold, predicted), number = _pairs(scores, classes)
    off = gold != predicted
    gold, predicted, number = gold[off], predicted[off], number[off]
    hits, support, _ = count(scores, classes)
    misses = support - hits
    alpha_hits = np.where(support > 0, hits + 0.5, 0)
    alpha_misses = number * (1 + 0.5 / misses[gold])
    alpha_spread = np.where((support > 0) & (misses == 0), 0.5, 0)
    drawn = []
    for _ in range(DRAWS // BLOCK):
        hit, miss, spread = (
            rng.standard_gamma(alpha, (BLOCK, len(alpha)))
            for alpha in (alpha_hits, alpha_misses, alpha_spread)
        )
        labels = hit + _sums(miss, gold, classes) + spread
        elsewhere = (spread.sum(axis=1, keepdims=True) - spread) / (classes - 1)
        answers = hit + _sums(miss, predicted, classes) + elsewhere
        drawn.append((hit, labels, answers))
    hits, labels, answers = (np.concatenate(blocks) for blocks in zip(*drawn, strict=True))
    return hits, labels, answers


def _sums(values: Floats, place: NDArray[np.int64], places: int) -> Floats:
    """Return the sums [D, places] of the columns of values [D, P] that have the same place [P]."""
    sums = np.zeros((len(values), places))
    order = np.argsort(place, kind="stable")
    filled, starts = np.unique(place[order], return_index=True)
    if len(filled):
        sums[:, filled] = np.add.reduceat(values[:, order], starts, axis=1)
    return sums
