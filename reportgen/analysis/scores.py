"""Gold classes and probabilities in, the measures of quality and confidence with intervals out.

Each measure is a function of a weight per example, so that the bootstrap can resample it; with
all weights 1 each equals scikit-learn's function of the same name (tests).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.bootstrap import intervals
from reportgen.analysis.metrics import Quality, Scores, wilson_interval

__all__ = ["Measure", "measure_all", "metric_names"]

Weights = NDArray[np.float64]
BINS = 15
BOOTSTRAP, WILSON = "bootstrap", "Wilson"
TINY = np.finfo(np.float32).eps  # probabilities are float32: log loss is bounded by it


@dataclass(frozen=True, slots=True)
class Measure:
    """One number with its 95 % interval and how that was made."""

    name: str
    title: str
    value: float
    low: float
    high: float
    method: str
    better: str = "higher"


def metric_names(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the name of every measure that ``measure_all`` gives."""
    per_class = [f"{kind}.{name}" for kind in ("precision", "recall", "f1") for name in classes]
    return (*(name for name, _, _ in TITLES), *per_class)


TITLES = (
    ("accuracy", "Accuracy", "higher"),
    ("balanced_accuracy", "Balanced accuracy", "higher"),
    ("macro_precision", "Precision, mean over classes", "higher"),
    ("macro_recall", "Recall, mean over classes", "higher"),
    ("macro_f1", "F1, mean over classes", "higher"),
    ("mcc", "Matthews correlation", "higher"),
    ("roc_auc", "ROC-AUC", "higher"),
    ("average_precision", "Average precision", "higher"),
    ("log_loss", "Log loss", "lower"),
    ("brier", "Brier score", "lower"),
    ("ece", "Calibration error (ECE)", "lower"),
    ("aurc", "Area under the risk-coverage curve", "lower"),
    ("accuracy_at_90", "Accuracy on the surest 90 %", "higher"),
)


def measure_all(
    scores: Scores, probabilities: NDArray[np.float64], quality: Quality, seed: int
) -> dict[str, Measure]:
    """Measure everything; proportions get Wilson's interval, the rest a seeded bootstrap."""
    n = len(probabilities)
    functions = _functions(scores, probabilities)
    per_class = {f"f1.{c.name}": _class_f1(scores, i) for i, c in enumerate(quality.classes)}
    spread = intervals(n, {**functions, **per_class}, seed)
    whole = np.ones(n)
    found: dict[str, Measure] = {}
    for name, title, better in TITLES:
        if name == "accuracy":
            low, high = quality.interval
            found[name] = Measure(name, title, quality.accuracy, low, high, WILSON)
            continue
        value = functions[name](whole)
        if np.isfinite(value):
            found[name] = Measure(name, title, value, *spread[name], BOOTSTRAP, better)
    for c, row, column in zip(
        quality.classes, quality.confusion, zip(*quality.confusion, strict=True), strict=True
    ):
        i = quality.classes.index(c)
        for kind, hits, trials, value in (
            ("precision", row[i], sum(column), c.precision),
            ("recall", row[i], sum(row), c.recall),
        ):
            ends = wilson_interval(hits, trials) if trials else (0.0, 1.0)
            title = f"{kind.capitalize()} of {c.name}"
            found[f"{kind}.{c.name}"] = Measure(f"{kind}.{c.name}", title, value, *ends, WILSON)
        name = f"f1.{c.name}"
        found[name] = Measure(name, f"F1 of {c.name}", c.f1, *spread[name], BOOTSTRAP)
    return found


def _functions(
    scores: Scores, probabilities: NDArray[np.float64]
) -> dict[str, Callable[[Weights], float]]:
    n, k = probabilities.shape
    gold, predicted = scores.gold, scores.predicted
    code = gold * k + predicted
    chance = probabilities[np.arange(n), gold]
    losses = -np.log(np.clip(chance, TINY, None))
    errors = ((probabilities - np.eye(k)[gold]) ** 2).sum(axis=1) / (2 if k == 2 else 1)
    correct = scores.correct.astype(np.float64)

    def table(weights: Weights) -> NDArray[np.float64]:
        return np.bincount(code, weights=weights, minlength=k * k).reshape(k, k).astype(np.float64)

    def parts(weights: Weights) -> tuple[NDArray[np.float64], ...]:
        counts = table(weights)
        hits = np.diag(counts)
        return hits, counts.sum(axis=1), counts.sum(axis=0)

    def balanced(weights: Weights) -> float:
        hits, labelled, _ = parts(weights)
        there = labelled > 0
        return float((hits[there] / labelled[there]).mean())

    def macro_precision(weights: Weights) -> float:
        hits, _, said = parts(weights)
        return float(_ratio(hits, said).mean())

    def macro_recall(weights: Weights) -> float:
        hits, labelled, _ = parts(weights)
        return float(_ratio(hits, labelled).mean())

    def macro_f1(weights: Weights) -> float:
        hits, labelled, said = parts(weights)
        return float(_ratio(2 * hits, labelled + said).mean())

    def mcc(weights: Weights) -> float:
        # Gorodkin 2004, as scikit-learn: correlation of the two classifications.
        hits, labelled, said = parts(weights)
        total = labelled.sum()
        above = hits.sum() * total - labelled @ said
        below = np.sqrt((total**2 - said @ said) * (total**2 - labelled @ labelled))
        return float(above / below) if below else 0.0

    surest = np.argsort(-scores.confidence, kind="stable")
    rank_right = correct[surest]

    def risk_area(weights: Weights) -> float:
        # Geifman and El-Yaniv 2017: the mean risk over all coverages.
        drawn = weights[surest]
        seen = np.cumsum(drawn)
        wrong = np.cumsum(drawn * (1 - rank_right))
        return float((drawn * wrong / np.maximum(seen, 1)).sum() / seen[-1])

    def at_90(weights: Weights) -> float:
        drawn = weights[surest]
        kept = np.cumsum(drawn) <= np.ceil(0.9 * drawn.sum())
        return float((drawn * rank_right)[kept].sum() / max(drawn[kept].sum(), 1))

    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.searchsorted(edges, scores.confidence, side="left") - 1, 0, BINS - 1)

    def ece(weights: Weights) -> float:
        gaps = np.bincount(place, weights * (scores.confidence - correct), minlength=BINS)
        return float(np.abs(gaps).sum() / weights.sum())

    positives = [1] if k == 2 else list(range(k))
    ranks = [_Ranking(probabilities[:, c], gold == c) for c in positives]

    def over(kind: str) -> Callable[[Weights], float]:
        return lambda w: float(np.mean([getattr(rank, kind)(w) for rank in ranks]))

    return {
        "balanced_accuracy": balanced,
        "macro_precision": macro_precision,
        "macro_recall": macro_recall,
        "macro_f1": macro_f1,
        "mcc": mcc,
        "roc_auc": over("roc_auc"),
        "average_precision": over("average_precision"),
        "log_loss": lambda w: float(w @ losses / w.sum()),
        "brier": lambda w: float(w @ errors / w.sum()),
        "ece": ece,
        "aurc": risk_area,
        "accuracy_at_90": at_90,
    }


def _class_f1(scores: Scores, index: int) -> Callable[[Weights], float]:
    said, labelled = scores.predicted == index, scores.gold == index

    def f1(weights: Weights) -> float:
        below = weights[said].sum() + weights[labelled].sum()
        return float(2 * weights[said & labelled].sum() / below) if below else 0.0

    return f1


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


class _Ranking:
    """One class against the others, sorted once; equal scores are one step."""

    def __init__(self, score: NDArray[np.float64], positive: NDArray[np.bool_]) -> None:
        self.order = np.argsort(-score, kind="stable")
        ranked = score[self.order]
        self.ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
        self.positive = positive[self.order].astype(np.float64)

    def _steps(self, weights: Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        drawn = weights[self.order]
        hits = np.cumsum(drawn * self.positive)[self.ends]
        return hits, np.cumsum(drawn)[self.ends] - hits

    def roc_auc(self, weights: Weights) -> float:
        hits, misses = self._steps(weights)
        if not hits[-1] or not misses[-1]:
            return float("nan")
        area = np.trapezoid(np.append(0, hits), np.append(0, misses))
        return float(area / (hits[-1] * misses[-1]))

    def average_precision(self, weights: Weights) -> float:
        hits, misses = self._steps(weights)
        if not hits[-1]:
            return float("nan")
        precision = _ratio(hits, hits + misses)
        return float(np.diff(np.append(0, hits)) @ precision / hits[-1])
