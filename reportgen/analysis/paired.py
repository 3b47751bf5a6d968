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
MANY_STEPS = 8  # one in so many examples is of a class of many
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


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The examples of a class, the positives, among all by their scores for it.

    ``positives`` are T of the ``steps``. ``between`` [2 T, N] is 1 where an example has, in turn, a
    score above that of one of these and below that of the one before, and the same score. So a
    class of few examples costs one sum over all; of many it is None, for sorting is quicker then.
    """

    steps: Steps
    positives: Steps
    between: Any

    @classmethod
    def of(cls, scores: Floats, positive: NDArray[np.bool_], ones: Floats) -> Ranking:
        """Sort the scores [N], of which some are positive; ``ones`` [N] serves all classes."""
        from scipy.sparse import csr_array

        steps = Steps.of(scores)
        positives = steps.only(positive)
        at = positives.place[positives.starts]
        if MANY_STEPS * len(at) > len(scores):
            return cls(steps, positives, None)
        part = np.searchsorted(at, steps.place) + np.searchsorted(at, steps.place, "right")
        starts = np.searchsorted(part, np.arange(2 * len(at) + 1)).astype(np.int32)
        order = steps.order[: starts[-1]].astype(np.int32)
        shape = 2 * len(at), len(scores)
        return cls(steps, positives, csr_array((ones[: len(order)], order, starts), shape=shape))

    def sums(self, weights: Floats, across: Floats) -> tuple[Floats, Floats]:
        """Return the weight [B, T] of all down to each step of the positives, and of its score.

        ``across`` [N, B] are the ``weights`` [B, N] in the order of memory.
        """
        if self.between is None:
            at = self.positives.place[self.positives.starts]
            every = self.steps.sums(weights)
            return np.cumsum(every, axis=1)[:, at], every[:, at]
        parts = np.asarray(self.between @ across)
        down = np.cumsum(parts, axis=0)[1::2]
        return np.ascontiguousarray(down.T), np.ascontiguousarray(parts[1::2].T)


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
        self._ranked = [Ranking.of(probabilities[:, c], scores.gold == c, ones) for c in ranked]
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
            f"{kind}.{name}": of_class
            for kind, values, known in (
                ("precision", precision, occurs & (answers > 0)),
                ("recall", recall, occurs),
                ("f1", f1, occurs),
            )
            for name, of_class in zip(self._classes, np.where(known, values, np.nan).T, strict=True)
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
        total, across = weights.sum(axis=1), np.ascontiguousarray(weights.T)
        for ranking in self._ranked:
            answers, same = ranking.sums(weights, across)
            hits = ranking.positives.sums(weights)
            true = np.cumsum(hits, axis=1)
            p = true[:, -1]
            q = total - p
            below = q[:, None] - (answers - true) + (same - hits) / 2
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
