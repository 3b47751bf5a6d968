"""Compute the measures of quality and confidence, each with its 95 % interval, from probabilities.

Each interval has the method whose coverage was best in ``benchmarks/intervals.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.agreement import (
    agreement_intervals,
    agreement_measures,
    count,
    has_few,
)
from reportgen.analysis.calibration import Calibration, Reference
from reportgen.analysis.intervals import (
    NO_INTERVAL,
    Interval,
    hall_interval,
    logit_interval,
    wilson_interval,
)
from reportgen.analysis.metrics import Quality, Scores
from reportgen.analysis.ranking import average_precision, roc_auc
from reportgen.analysis.selective import aurc, steps

__all__ = ["Measure", "measure_all", "metric_names"]

WILSON, DELONG, DELTA = "Wilson", "DeLong, logit", "delta, logit"
POSTERIOR, JACKKNIFE, WIDENED = "Jeffreys", "jackknife, logit", "Jeffreys, jackknife"
SKEWED, INVERTED = "Hall", "inverted test"
TINY = np.finfo(np.float32).eps  # probabilities are float32: log loss is bounded by it


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
    scores: Scores,
    probabilities: NDArray[np.float64],
    quality: Quality,
    calibrated: tuple[Calibration, Reference],
    seed: int,
) -> dict[str, Measure]:
    """Measure everything by name; what is undefined is NaN, and so are the ends of its interval."""
    found = {
        "accuracy": (quality.accuracy, quality.interval, WILSON),
        **_of_order(scores, probabilities),
        "ece": (calibrated[0].error, calibrated[1].interval, INVERTED),
    }
    k = len(quality.classes)
    counts = count(scores, k)
    values = agreement_measures(counts, counts[1] > 0)
    ends = agreement_intervals(scores, k, seed)
    method = WIDENED if has_few(counts[1]) else POSTERIOR
    for name in ("balanced_accuracy", "macro_precision", "macro_recall", "macro_f1", "mcc"):
        found[name] = (float(values[name]), _pair(ends[name]), method)
    measures = {
        name: Measure(name, title, value, *interval, method, better)
        for name, title, better in TITLES
        for value, interval, method in [found[name]]
    }
    return {**measures, **_of_classes(quality, ends["f1"])}


def _pair(ends: NDArray[np.float64]) -> Interval:
    """Return the ends; none where every draw is alike, as for the precision of a single class."""
    return (float(ends[0]), float(ends[1])) if ends[0] < ends[1] else NO_INTERVAL


def _of_order(
    scores: Scores, probabilities: NDArray[np.float64]
) -> dict[str, tuple[float, Interval, str]]:
    """Measure rankings, losses, and answering only the most confident."""
    n, k = probabilities.shape
    losses = -np.log(np.clip(probabilities[np.arange(n), scores.gold], TINY, None))
    distances = probabilities.copy()
    distances[np.arange(n), scores.gold] -= 1
    errors = (distances**2).sum(axis=1) / (2 if k == 2 else 1)
    found = {
        "log_loss": (float(losses.mean()), hall_interval(losses), SKEWED),
        "brier": (float(errors.mean()), hall_interval(errors), SKEWED),
    }
    for name, measure, method in (
        ("roc_auc", roc_auc, DELONG),
        ("average_precision", average_precision, JACKKNIFE),
    ):
        value, deviation, degrees, trials = measure(scores.gold, probabilities)
        ends = logit_interval(value, deviation, trials, degrees) if trials else NO_INTERVAL
        found[name] = (value, ends, method)
    area, influence = aurc(scores)
    deviation = float(influence @ influence) ** 0.5  # infinitesimal jackknife, Efron 1982
    found["aurc"] = (area, logit_interval(area, deviation, n), DELTA)
    answered = int(np.ceil(0.9 * n))
    right = float(steps(scores).right_of(np.array([answered]))[0])
    found["accuracy_at_90"] = (right / answered, wilson_interval(right, answered), WILSON)
    return found


def _of_classes(quality: Quality, f1: NDArray[np.float64]) -> dict[str, Measure]:
    measures = []
    for i, c in enumerate(quality.classes):
        hits = quality.confusion.get((i, i), 0)
        for kind, value, trials in (
            ("precision", c.precision, c.predicted),
            ("recall", c.recall, c.support),
        ):
            ends = NO_INTERVAL if np.isnan(value) else wilson_interval(hits, trials)
            title = f"{kind.capitalize()} of {c.name}"
            measures.append(Measure(f"{kind}.{c.name}", title, value, *ends, WILSON))
        ends = NO_INTERVAL if np.isnan(c.f1) else _pair(f1[:, i])
        measures.append(Measure(f"f1.{c.name}", f"F1 of {c.name}", c.f1, *ends, POSTERIOR))
    return {measure.name: measure for measure in measures}
