"""Compute quality measures, with their uncertainty, from labels and class probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import wilson_interval

__all__ = ["ClassQuality", "Mistake", "Quality", "Scores", "quality", "wilson_interval"]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One number per example, all [N].

    ``gold`` and ``predicted`` are class indices, ``gold`` -1 where there is no label; there
    ``correct`` is false. ``confidence`` is the largest probability, ``margin`` the difference of
    the two largest.
    """

    gold: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64]
    correct: NDArray[np.bool_]

    @classmethod
    def of(cls, gold: NDArray[np.int64], probabilities: NDArray[np.float64]) -> Scores:
        """Derive the scores from class probabilities [N, K]; of equal ones the first class wins."""
        top = np.sort(probabilities, axis=1)[:, -2:]
        predicted = probabilities.argmax(axis=1)
        return cls(gold, predicted, top[:, 1], top[:, 1] - top[:, 0], predicted == gold)

    def __len__(self) -> int:
        return len(self.gold)

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Whether an example has a label [N]."""
        return self.gold >= 0


@dataclass(frozen=True, slots=True)
class ClassQuality:
    """Quality of one class; ``support`` counts its labels, ``predicted`` its predictions."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """``count`` of the ``support`` examples of class ``label`` were predicted as ``predicted``."""

    label: str
    predicted: str
    count: int
    support: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Accuracy over examples with its 95 % Wilson interval, and the counts behind it.

    ``confusion[i, j]`` counts the examples of class i that were predicted as class j; pairs that
    do not occur are not in it, so that it grows with the examples and not with classes squared.
    ``majority`` is the share of the most frequent class: the accuracy of always predicting it.
    """

    examples: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    majority: float
    confusion: Mapping[tuple[int, int], int]
    classes: tuple[ClassQuality, ...]

    def matrix(self) -> NDArray[np.int64]:
        """Return the confusion matrix [K, K] of K classes; its size is K squared."""
        counts = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        for pair, count in self.confusion.items():
            counts[pair] = count
        return counts

    @property
    def mistakes(self) -> list[Mistake]:
        """The pairs of a label and another class that were confused, the most frequent first."""
        pairs = [(pair, count) for pair, count in self.confusion.items() if pair[0] != pair[1]]
        pairs.sort(key=lambda item: (-item[1], item[0]))
        return [
            Mistake(self.classes[i].name, self.classes[j].name, count, self.classes[i].support)
            for (i, j), count in pairs
        ]


def quality(scores: Scores, classes: tuple[str, ...]) -> Quality:
    """Measure the predictions.

    The figures of a class that does not occur, and the precision of one that is never predicted,
    are NaN.
    """
    from sklearn.metrics import precision_recall_fscore_support  # workers never call this

    n, right = len(scores), int(scores.correct.sum())
    labels = np.arange(len(classes))
    precision, recall, f1, _ = precision_recall_fscore_support(
        scores.gold, scores.predicted, labels=labels, zero_division=0
    )
    support, predicted = (
        np.bincount(column, minlength=len(classes)) for column in (scores.gold, scores.predicted)
    )
    precision[(support == 0) | (predicted == 0)] = np.nan
    recall[support == 0] = f1[support == 0] = np.nan
    pairs, counts = np.unique(np.stack([scores.gold, scores.predicted]), axis=1, return_counts=True)
    columns = (precision, recall, f1, support, predicted)
    return Quality(
        examples=n,
        right=right,
        accuracy=right / n,
        interval=wilson_interval(right, n),
        majority=float(support.max()) / n,
        confusion=dict(zip(zip(*pairs.tolist(), strict=True), counts.tolist(), strict=True)),
        classes=tuple(map(ClassQuality, classes, *(column.tolist() for column in columns))),
    )
