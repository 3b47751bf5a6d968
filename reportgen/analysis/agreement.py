"""Measure predicted labels against gold ones, with intervals, from how often each pair occurs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEVEL
from reportgen.analysis.metrics import Scores

__all__ = ["Counts", "agreement_intervals", "agreement_measures", "count"]

DRAWS = 1000
Counts = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def count(scores: Scores, classes: int) -> Counts:
    """Return [K] each: how often a class is predicted rightly, is a label, is predicted."""
    hits = np.bincount(scores.gold[scores.correct], minlength=classes)
    support = np.bincount(scores.gold, minlength=classes)
    predicted = np.bincount(scores.predicted, minlength=classes)
    return hits.astype(np.float64), support.astype(np.float64), predicted.astype(np.float64)


def agreement_measures(counts: Counts, occurs: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Measure the counts [..., K]; each measure is [...], but ``f1`` [..., K].

    Means are over the classes that occur as labels [K]. The precision of one that is never
    predicted counts as 0 there, as in scikit-learn. The correlation (Gorodkin 2004) is NaN
    where all labels are one class, and 0 where all predictions are.
    """
    hits, support, predicted = counts
    f1 = _ratio(2 * hits, support + predicted)
    recall = _ratio(hits, support)[..., occurs].mean(axis=-1)
    return {
        "balanced_accuracy": recall,
        "macro_precision": _ratio(hits, predicted)[..., occurs].mean(axis=-1),
        "macro_recall": recall,
        "macro_f1": f1[..., occurs].mean(axis=-1),
        "mcc": _correlation(hits, support, predicted, occurs),
        "f1": f1,
    }


def _correlation(
    hits: NDArray[np.float64],
    support: NDArray[np.float64],
    predicted: NDArray[np.float64],
    occurs: NDArray[np.bool_],
) -> NDArray[np.float64]:
    total = support.sum(axis=-1)
    above = hits.sum(axis=-1) * total - (support * predicted).sum(axis=-1)
    labels = total**2 - (support**2).sum(axis=-1)
    answers = np.maximum(total**2 - (predicted**2).sum(axis=-1), 0)
    if occurs.sum() < 2:
        return np.full(total.shape, np.nan)
    return _ratio(above, np.sqrt(labels * answers))


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def agreement_intervals(
    scores: Scores, classes: int, seed: int
) -> Mapping[str, NDArray[np.float64]]:
    """Return low and high end [2, ...] of each of these measures.

    The confusion table is drawn from its posterior distribution: how often a class is right has
    Jeffreys' prior (half a hit and half a miss in each class), so that a class without a mistake
    is uncertain too. The ends are widened to hold the value.
    """
    observed = count(scores, classes)
    occurs = observed[1] > 0
    values = agreement_measures(observed, occurs)
    draws = _posterior(scores, classes, seed)
    ends = {}
    for name, drawn in agreement_measures(draws, occurs).items():
        quantiles = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
        low, high = quantiles
        ends[name] = np.array([np.minimum(low, values[name]), np.maximum(high, values[name])])
    return ends


def _posterior(scores: Scores, classes: int, seed: int) -> Counts:
    """Draw the counts [DRAWS, K], which are gamma variates: their shares are Dirichlet's.

    Half a miss is shared out like the other misses of its class, or evenly over all other classes
    if it has none. Only pairs that occur are drawn, so the cost does not grow with the square of
    the classes.
    """
    rng = np.random.default_rng(seed)
    pairs, number = np.unique(scores.gold * classes + scores.predicted, return_counts=True)
    gold, predicted = np.divmod(pairs, classes)
    off = gold != predicted
    gold, predicted, number = gold[off], predicted[off], number[off].astype(np.float64)
    hits, support, _ = count(scores, classes)
    misses = support - hits
    alpha_hits = np.where(support > 0, hits + 0.5, 0)
    alpha_misses = number * (1 + 0.5 / misses[gold])
    alpha_spread = np.where((support > 0) & (misses == 0), 0.5, 0)

    def table(
        hit: NDArray[np.float64], miss: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        labels = hit + np.bincount(gold, miss, classes) + spread
        answers = (
            hit + np.bincount(predicted, miss, classes) + (spread.sum() - spread) / (classes - 1)
        )
        return np.stack([hit, labels, answers])

    alphas = (alpha_hits, alpha_misses, alpha_spread)
    drawn = np.stack(
        [table(*(np.asarray(rng.standard_gamma(alpha)) for alpha in alphas)) for _ in range(DRAWS)],
        axis=1,
    )
    return drawn[0], drawn[1], drawn[2]
