"""Measure predictions against their labels, over the rows that have one and no others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import Calibration, Reference, calibration, reference
from reportgen.analysis.intervals import LEAST
from reportgen.analysis.labels import ListPrecision, label_errors, list_precision
from reportgen.analysis.metrics import Quality, Scores, quality
from reportgen.analysis.scores import Measure, measure_all
from reportgen.analysis.selective import Coverage, coverage
from reportgen.analysis.slices import Slice, slices
from reportgen.predictions import Predictions

__all__ = ["Performance", "labelled_rows", "performance"]


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """What the labels show. Every number is over the labelled rows alone, and so are ``scores``.

    ``unlabelled`` counts the other rows. ``reference`` is the calibration error of a perfectly
    calibrated model; ``uncalibrated`` is the calibration before a temperature was fitted.
    ``label_errors`` are indices of the whole table, the least probable label first; none of few.
    """

    scores: Scores
    unlabelled: int
    quality: Quality
    calibration: Calibration
    reference: Reference
    uncalibrated: Calibration | None
    measures: dict[str, Measure]
    coverage: Coverage
    slices: list[Slice]
    label_errors: list[int]
    list_precision: ListPrecision | None

    @property
    def lengths(self) -> list[Slice]:
        """The slices by length."""
        return [s for s in self.slices if s.group == "length"]


def labelled_rows(gold: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows that have a label, from class indices [N] that are -1 without one."""
    return np.flatnonzero(gold >= 0)


def performance(
    predictions: Predictions, members: Iterable[tuple[str, str, NDArray[np.bool_]]], seed: int
) -> Performance:
    """Measure the labelled rows, of which there is at least one.

    ``members`` are the groups to compare: kind, name, and which of the labelled rows are in it.
    """
    rows = labelled_rows(predictions.gold)
    labels, probabilities = predictions.gold[rows], predictions.probabilities[rows]
    scores = Scores.of(labels, probabilities)
    measured = quality(scores, predictions.info.classes)
    calibrated = calibration(scores)
    expected = reference(calibrated, seed)
    enough = len(rows) >= LEAST
    return Performance(
        scores=scores,
        unlabelled=len(predictions) - len(rows),
        quality=measured,
        calibration=calibrated,
        reference=expected,
        uncalibrated=_uncalibrated(predictions, rows),
        measures=measure_all(scores, probabilities, measured, (calibrated, expected), seed),
        coverage=coverage(scores),
        slices=slices(scores, members),
        label_errors=rows[label_errors(labels, probabilities)].tolist() if enough else [],
        list_precision=list_precision(labels, probabilities, seed),
    )


def _uncalibrated(predictions: Predictions, rows: NDArray[np.int64]) -> Calibration | None:
    temperature = predictions.info.model.settings.get("temperature", 1.0)
    if predictions.logits is None or temperature == 1.0:
        return None
    from scipy.special import softmax  # here, for workers import this module and never ask

    probabilities = softmax(predictions.logits[rows], axis=1)
    return calibration(Scores.of(predictions.gold[rows], probabilities))
