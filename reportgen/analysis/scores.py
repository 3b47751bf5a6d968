"""Compute the measures of quality and confidence, each with its 95 % interval, from probabilities.

Proportions get Wilson's interval, all others a bootstrap's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.bootstrap import Interval, intervals
from reportgen.analysis.metrics import Quality, Scores, wilson_interval
from reportgen.analysis.weighted import (
    Weights,
    confidence_measures,
    label_measures,
    ranking_measures,
)

__all__ = ["Measure", "measure_all", "metric_names"]

BOOTSTRAP, WILSON = "bootstrap", "Wilson"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number with its 95 % interval and the method of the interval."""

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
    ("accuracy_at_90", "Accuracy at 90 % coverage", "higher"),
)


def measure_all(
    scores: Scores, probabilities: NDArray[np.float64], quality: Quality, seed: int
) -> dict[str, Measure]:
    """Measure everything by name; what is NaN is left out."""
    labels = label_measures(scores, [c.name for c in quality.classes])
    rankings = ranking_measures(scores.gold, probabilities)
    confidences = confidence_measures(scores, probabilities)

    def every(weights: Weights) -> dict[str, float]:
        return labels(weights) | rankings(weights) | confidences(weights)

    n = len(probabilities)
    values, spread = every(np.ones(n)), intervals(n, every, seed)
    measures = {
        name: Measure(name, title, values[name], *spread[name], BOOTSTRAP, better)
        for name, title, better in TITLES[1:]
        if np.isfinite(values[name])
    }
    name, title, _ = TITLES[0]
    accuracy = Measure(name, title, quality.accuracy, *quality.interval, WILSON)
    return {name: accuracy, **measures, **_of_classes(quality, spread)}


def _of_classes(quality: Quality, spread: dict[str, Interval]) -> dict[str, Measure]:
    measures = []
    for i, c in enumerate(quality.classes):
        hits = quality.confusion.get((i, i), 0)
        for kind, value, trials in (
            ("precision", c.precision, c.predicted),
            ("recall", c.recall, c.support),
        ):
            ends = wilson_interval(hits, trials) if trials else (0.0, 1.0)
            title = f"{kind.capitalize()} of {c.name}"
            measures.append(Measure(f"{kind}.{c.name}", title, value, *ends, WILSON))
        name = f"f1.{c.name}"
        measures.append(Measure(name, f"F1 of {c.name}", c.f1, *spread[name], BOOTSTRAP))
    return {measure.name: measure for measure in measures}
