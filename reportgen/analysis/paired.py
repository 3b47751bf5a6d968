"""Measure runs over resamples of the examples that they share: every measure of a report, weighted.

Each resample is the same for all runs, so that what they have in common cancels in a difference
(Efron and Tibshirani 1993, section 8.3). A block of resamples is measured at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.bootstrap import MANY, resamples
from reportgen.analysis.calibration import BINS
from reportgen.analysis.metrics import Scores
from reportgen.analysis.scores import TINY

__all__ = ["Weighted", "draws"]

HEAVY = 500_000  # examples times ranked classes; above, fewer resamples
BLOCK = 100_000  # weights that are measured at once, so that they stay in the cache
Floats = NDArray[np.float64]


def draws(runs: Sequence[Weighted], seed: int) -> Iterator[list[Mapping[str, Floats]]]:
    """Yield the measures [B] of each run over blocks of B resamples of their N examples.

    There are fewer where many classes are ranked, each of which takes as long as all else.
    """
    count = len(runs[0].scores)
    drawn = resamples(count, seed)
    if count * runs[0].ranked > HEAVY:
        drawn = islice(drawn, MANY)
    while block := list(islice(drawn, max(1, BLOCK // count))):
        weights = np.stack(block)
        yield [run.measures(weights) for run in runs]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Some examples in the order of their scores, the highest first.

    Equal scores are one step; ``starts`` are their places in ``order``. ``place`` is the step of
    each example in that order.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, scores: Floats) -> Steps:
        """Sort the scores [N]."""
        order = np.argsort(-scores, kind="stable")
        new = np.diff(scores[order], prepend=np.nan) != 0
        return cls(order, np.flatnonzero(new), np.cumsum(new) - 1)

    def only(self, chosen: NDArray[np.bool_]) -> Steps:
        """Return the steps that have some of the chosen examples [N], and these alone."""
        kept = chosen[self.order]
        place = self.place[kept]
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        return Steps(self.order[kept], starts, place)

    def sums(self, weights: Floats) -> Floats:
        """Return the weight [B, S] of each step."""
        ordered = weights[:, self.order]
        if len(self.starts) == len(self.order):
            return ordered
        return np.asarray(np.add.reduceat(ordered, self.starts, axis=1))


class Weighted:
    """One run's predictions for N labelled examples, ready to be measured under weights."""

    def __init__(self, scores: Scores, probabilities: Floats, classes: Sequence[str]) -> None:
        """Prepare what no weight changes; ``probabilities`` are [N, K] of K named classes."""
        n, k = probabilities.shape
        each = np.arange(n)
        self.scores, self._probabilities = scores, probabilities
        self._classes = tuple(classes)
        distances = probabilities.copy()
        distances[each, scores.gold] -= 1
        self._means = np.column_stack(
            [
                scores.correct,
                -np.log(np.clip(probabilities[each, scores.gold], TINY, None)),
                (distances**2).sum(axis=1) / (2 if k == 2 else 1),
            ]
        )
        inner = np.linspace(0, 1, BINS + 1)[1:-1]
        self._gaps = _table(
            np.digitize(scores.confidence, inner, right=True),
            scores.correct - scores.confidence,
            BINS,
        )
        ones = np.ones(n)
        self._hits = _table(scores.gold, scores.correct * ones, k)
        self._support = _table(scores.gold, ones, k)
        self._answers = _table(scores.predicted, ones, k)
        self._confidence = Steps.of(scores.confidence)
        self._right = scores.correct.astype(np.float64)
        occur = np.unique(scores.gold).tolist()
        ranked = ([1] if k == 2 else occur) if len(occur) > 1 else []
        ranking = ((scores.gold == c, Steps.of(probabilities[:, c])) for c in ranked)
        self._ranked = [(steps, steps.only(positive)) for positive, steps in ranking]
        self._harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n + 1))])

    @property
    def ranked(self) -> int:
        """How many classes are ranked."""
        return len(self._ranked)

    def same_as(self, other: Weighted) -> bool:
        """Return whether all probabilities are the same."""
        return np.array_equal(self._probabilities, other._probabilities)

    def measures(self, weights: Floats) -> dict[str, Floats]:
        """Return each measure [B] of weights [B, N], whole numbers with the sum N; NaN undefined.

        Means over classes are over those that have a weight; weights of 1 give the report's values.
        """
        total = weights.sum(axis=1)
        accuracy, loss, brier = (weights @ self._means).T / total
        return {
            "accuracy": accuracy,
            **self._of_counts(weights),
            **self._of_ranks(weights),
            "log_loss": loss,
            "brier": brier,
            "ece": np.abs(_dot(weights, self._gaps)).sum(axis=1) / total,
            **self._of_coverage(weights),
        }

    def _of_counts(self, weights: Floats) -> dict[str, Floats]:
        hits, support, answers = (
            _dot(weights, table) for table in (self._hits, self._support, self._answers)
        )
        occurs = support > 0
        recall, precision = _ratio(hits, support), _ratio(hits, answers)
        f1 = _ratio(2 * hits, support + answers)
        total = support.sum(axis=1)
        spread = (total**2 - (support**2).sum(axis=1)) * (total**2 - (answers**2).sum(axis=1))
        together = hits.sum(axis=1) * total - (support * answers).sum(axis=1)
        correlation = _ratio(together, np.sqrt(np.maximum(spread, 0)))
        number = occurs.sum(axis=1)
        macro_recall = recall.sum(axis=1) / number
        of_classes = {
            f"{kind}.{name}": np.where(known, values, np.nan)[:, i]
            for kind, values, known in (
                ("precision", precision, occurs & (answers > 0)),
                ("recall", recall, occurs),
                ("f1", f1, occurs),
            )
            for i, name in enumerate(self._classes)
        }
        return {
            "balanced_accuracy": macro_recall,
            "macro_precision": np.where(occurs, precision, 0).sum(axis=1) / number,
            "macro_recall": macro_recall,
            "macro_f1": np.where(occurs, f1, 0).sum(axis=1) / number,
            "mcc": np.where(number > 1, correlation, np.nan),
            **of_classes,
        }

    def _of_ranks(self, weights: Floats) -> dict[str, Floats]:
        areas, precisions = [], []
        for steps, positives in self._ranked:
            at = positives.place[positives.starts]  # of the steps with positives
            every, hits = steps.sums(weights), positives.sums(weights)
            ends, true = np.cumsum(every, axis=1), np.cumsum(hits, axis=1)
            p, answers = true[:, -1], ends[:, at]
            q = ends[:, -1] - p
            below = q[:, None] - (answers - true) + (every[:, at] - hits) / 2
            area, precision = (hits * below).sum(axis=1), (hits * _ratio(true, answers)).sum(axis=1)
            both = (p > 0) & (q > 0)
            areas.append(np.where(both, _ratio(area, p * q), np.nan))
            precisions.append(np.where(both, _ratio(precision, p), np.nan))
        return {
            "roc_auc": _mean_of(areas, weights),
            "average_precision": _mean_of(precisions, weights),
        }

    def _of_coverage(self, weights: Floats) -> dict[str, Floats]:
        count = self._confidence.sums(weights)
        right = self._confidence.sums(weights * self._right)
        ends = np.cumsum(count, axis=1)
        before = ends - count
        wrong = count - right
        share = _ratio(wrong, count)
        rest = np.cumsum(wrong, axis=1) - wrong - before * share
        span = self._harmonic[ends.astype(np.int64)] - self._harmonic[before.astype(np.int64)]
        total = ends[:, -1]
        answered = np.ceil(0.9 * total)
        last = (ends < answered[:, None]).sum(axis=1)[:, None]
        part = np.take_along_axis(right, last, 1) / np.take_along_axis(count, last, 1)
        inside = answered[:, None] - np.take_along_axis(before, last, 1)
        earlier = np.take_along_axis(np.cumsum(right, axis=1) - right, last, 1)
        return {
            "aurc": (wrong + rest * span).sum(axis=1) / total,
            "accuracy_at_90": (earlier + inside * part)[:, 0] / answered,
        }


def _table(column: NDArray[np.int64], values: Floats, width: int) -> Any:
    """Return a sparse table [N, width] with one value a row, in this column."""
    from scipy.sparse import csr_array  # here, for workers import this module and never ask

    n = len(column)
    return csr_array((values, column, np.arange(n + 1)), shape=(n, width))


def _dot(weights: Floats, table: Any) -> Floats:
    return np.asarray((table.T @ weights.T).T)


def _ratio(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def _mean_of(values: Sequence[Floats], weights: Floats) -> Floats:
    """Return the mean [B] over those classes for which it is known; NaN of none."""
    if not values:
        return np.full(len(weights), np.nan)
    stacked = np.stack(values)
    known = np.isfinite(stacked)
    number = known.sum(axis=0)
    means = np.where(known, stacked, 0).sum(axis=0) / np.maximum(number, 1)
    return np.where(number > 0, means, np.nan)
