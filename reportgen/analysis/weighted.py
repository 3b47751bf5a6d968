"""Compute measures of quality and confidence under a weight per example, for the bootstrap.

Each function prepares what does not depend on the weights and returns a function of weights [N]
(how often each example counts), which gives its measures by name. With all weights 1 each equals
scikit-learn's function of the same name (tests).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.metrics import Scores

__all__ = ["Measures", "Weights", "confidence_measures", "label_measures", "ranking_measures"]

Weights = NDArray[np.float64]
Measures = Callable[[Weights], dict[str, float]]
BINS = 15
TINY = np.finfo(np.float32).eps  # probabilities are float32: log loss is bounded by it
NAN = float("nan")


def label_measures(scores: Scores, classes: Sequence[str]) -> Measures:
    """Measure the predicted labels, from how often each class is a label, predicted, and both.

    A class that never occurs or is never predicted counts as 0, except in balanced accuracy,
    which leaves it out. ``f1.NAME`` is the F1 of one class.
    """
    k = len(classes)
    names = [f"f1.{name}" for name in classes]

    def measure(weights: Weights) -> dict[str, float]:
        hits = _sums(scores.gold, weights * scores.correct, k)
        support = _sums(scores.gold, weights, k)
        predicted = _sums(scores.predicted, weights, k)
        occurs = support > 0
        f1 = _ratio(2 * hits, support + predicted)
        return {
            "balanced_accuracy": float((hits[occurs] / support[occurs]).mean()),
            "macro_precision": float(_ratio(hits, predicted).mean()),
            "macro_recall": float(_ratio(hits, support).mean()),
            "macro_f1": float(f1.mean()),
            "mcc": _mcc(hits, support, predicted),
            **dict(zip(names, f1.tolist(), strict=True)),
        }

    return measure


def _sums(groups: NDArray[np.int64], values: Weights, count: int) -> Weights:
    return np.bincount(groups, values, count).astype(np.float64, copy=False)


def _mcc(hits: Weights, support: Weights, predicted: Weights) -> float:
    # Gorodkin 2004, as scikit-learn: the correlation of the two classifications.
    total = support.sum()
    above = hits.sum() * total - support @ predicted
    below = np.sqrt((total**2 - predicted @ predicted) * (total**2 - support @ support))
    return float(above / below) if below else 0.0


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def ranking_measures(gold: NDArray[np.int64], probabilities: NDArray[np.float64]) -> Measures:
    """Measure the order of the probabilities: of two classes of the second, else one-vs-rest means.

    NaN where a class has no example or, for ROC-AUC, where it has every one.
    """
    k = probabilities.shape[1]
    positives = [1] if k == 2 else list(range(k))
    rankings: list[_Ranking] = []
    if np.bincount(gold, minlength=k)[positives].all():
        rankings = [_Ranking(probabilities[:, c], gold == c) for c in positives]

    def measure(weights: Weights) -> dict[str, float]:
        # A mean with a NaN is NaN, so nothing is ranked unless every class was drawn.
        if not _sums(gold, weights, k)[positives].all():
            return {"roc_auc": NAN, "average_precision": NAN}
        counts = [ranking.counts(weights) for ranking in rankings]
        return {
            "roc_auc": float(np.mean([_roc_auc(*pair) for pair in counts])),
            "average_precision": float(np.mean([_average_precision(*pair) for pair in counts])),
        }

    return measure


class _Ranking:
    """One class against the others, sorted once; equal scores are one step."""

    def __init__(self, score: NDArray[np.float64], positive: NDArray[np.bool_]) -> None:
        self.order = np.argsort(-score, kind="stable")
        self.positive = positive[self.order]
        self.ends = np.flatnonzero(np.append(np.diff(score[self.order]) != 0, True))

    def counts(self, weights: Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the true and the false positives above each step's threshold."""
        drawn = weights[self.order]
        hits = np.cumsum(drawn * self.positive)[self.ends]
        return hits, np.cumsum(drawn)[self.ends] - hits


def _roc_auc(hits: NDArray[np.float64], misses: NDArray[np.float64]) -> float:
    if not misses[-1]:
        return NAN
    area = np.trapezoid(np.append(0, hits), np.append(0, misses))
    return float(area / (hits[-1] * misses[-1]))


def _average_precision(hits: NDArray[np.float64], misses: NDArray[np.float64]) -> float:
    return float(np.diff(np.append(0, hits)) @ _ratio(hits, hits + misses) / hits[-1])


def confidence_measures(scores: Scores, probabilities: NDArray[np.float64]) -> Measures:
    """Measure the probabilities themselves and how far the confidence can be trusted."""
    n, k = probabilities.shape
    losses = -np.log(np.clip(probabilities[np.arange(n), scores.gold], TINY, None))
    distances = probabilities.copy()
    distances[np.arange(n), scores.gold] -= 1
    errors = (distances**2).sum(axis=1) / (2 if k == 2 else 1)
    correct = scores.correct.astype(np.float64)
    place = np.digitize(scores.confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)
    by_confidence = np.argsort(-scores.confidence, kind="stable")

    def measure(weights: Weights) -> dict[str, float]:
        total = weights.sum()
        gaps = _sums(place, weights * (scores.confidence - correct), BINS)
        return {
            "log_loss": float(weights @ losses / total),
            "brier": float(weights @ errors / total),
            "ece": float(np.abs(gaps).sum() / total),
            **_selective(weights[by_confidence], correct[by_confidence]),
        }

    return measure


def _selective(drawn: Weights, correct: NDArray[np.float64]) -> dict[str, float]:
    """Measure answering only the most confident; weights and outcomes are in that order."""
    answered = np.cumsum(drawn)
    wrong = np.cumsum(drawn * (1 - correct))
    covered = answered <= np.ceil(0.9 * drawn.sum())
    return {
        # Geifman and El-Yaniv 2017: the mean risk over all coverages.
        "aurc": float((drawn * wrong / np.maximum(answered, 1)).sum() / answered[-1]),
        "accuracy_at_90": float((drawn * correct)[covered].sum() / max(drawn[covered].sum(), 1)),
    }
