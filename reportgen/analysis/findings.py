"""Measure a predictions table, read once, and return everything the report says in one record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.calibration import (
    Calibration,
    Histogram,
    Reference,
    calibration,
    confidence_histogram,
    reference,
)
from reportgen.analysis.faithfulness import Faithfulness, Support, faithfulness, support
from reportgen.analysis.intervals import LEAST
from reportgen.analysis.labels import ListPrecision, label_errors, list_precision
from reportgen.analysis.metrics import Quality, Scores, quality
from reportgen.analysis.ordering import Outcome, Section, outcomes, sections
from reportgen.analysis.scores import Measure, measure_all
from reportgen.analysis.selective import Coverage, coverage
from reportgen.analysis.slices import VALUES, Slice, groups, slices
from reportgen.analysis.words import Reading, WordMove, WordUse, moves, read, words
from reportgen.errors import UsageError
from reportgen.predictions import Predictions
from reportgen.records import Prediction, Tokens

__all__ = ["ExampleResult", "Findings", "measure"]

WORDS = 12  # most-attended words of each predicted class, right and wrong


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What was measured of one example: decided here, shown by its card.

    ``predicted`` is a class index; ``support`` is None where the attention was not tested.
    """

    predicted: int
    confidence: float
    margin: float
    outcome: Outcome
    label_error: bool
    support: Support | None


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """The numbers of a run.

    ``reference`` is the calibration error of a perfectly calibrated model; ``uncalibrated`` is the
    calibration before a temperature was fitted. ``label_errors`` are indices, the least probable
    label first; none of few examples. ``words`` are by predicted class and whether it was right,
    and so are ``moves``, the words that moved the predictions of the explained examples.
    The lists of stop words, negations and contrasts were used only if the texts are ``english``.
    ``categories`` are the further columns of the data that have few values, by name.
    ``attention_means`` are means over examples: entropy, largest weight, weight on
    function words. ``support`` is by index, of the examples whose attention was tested.
    """

    scores: Scores
    quality: Quality
    calibration: Calibration
    reference: Reference
    uncalibrated: Calibration | None
    histogram: Histogram
    measures: dict[str, Measure]
    coverage: Coverage
    slices: list[Slice]
    categories: dict[str, list[str | None]]
    label_errors: list[int]
    list_precision: ListPrecision | None
    attention_means: dict[str, float]
    words: dict[tuple[str, bool], list[WordUse]]
    moves: dict[tuple[str, bool], list[WordMove]]
    english: bool
    faithfulness: Faithfulness | None
    support: dict[int, Support]
    outcomes: list[Outcome]
    sections: list[Section]
    unsure_margin: float

    @property
    def lengths(self) -> list[Slice]:
        """The slices by length."""
        return [s for s in self.slices if s.group == "length"]

    def results(self, indices: Sequence[int]) -> list[ExampleResult]:
        """Return what was measured of these examples."""
        doubtful = set(self.label_errors)
        return [
            ExampleResult(
                int(self.scores.predicted[i]),
                float(self.scores.confidence[i]),
                float(self.scores.margin[i]),
                self.outcomes[i],
                i in doubtful,
                self.support.get(i),
            )
            for i in indices
        ]


def measure(
    predictions: Predictions, unsure_margin: float, columns: Sequence[str] = (), seed: int = 0
) -> Findings:
    """Measure the predictions and put them into their order; ``columns`` are further slices.

    Raises:
        UsageError: the data have no such column.
    """
    check_columns(predictions.extra, columns)
    info, labels, probabilities = predictions.info, predictions.gold, predictions.probabilities
    scores = Scores.of(labels, probabilities)
    measured = quality(scores, info.classes)
    calibrated = calibration(scores)
    expected = reference(calibrated, seed)
    reading, explained, categories = _read_table(predictions, scores)
    rates = {"negation": reading.negation, "contrast words": reading.contrast}
    members = groups(
        labels,
        info.classes,
        predictions.lengths,
        predictions.unknown_tokens,
        rates if reading.english else {},
        {name: categories[name] for name in columns if name in categories},
    )
    by_outcome = outcomes(scores, unsure_margin)
    return Findings(
        scores=scores,
        quality=measured,
        calibration=calibrated,
        reference=expected,
        uncalibrated=_uncalibrated(predictions),
        histogram=confidence_histogram(scores, len(info.classes)),
        measures=measure_all(scores, probabilities, measured, (calibrated, expected), seed),
        coverage=coverage(scores),
        slices=slices(scores, members),
        categories=categories,
        label_errors=[int(i) for i in label_errors(labels, probabilities) if len(scores) >= LEAST],
        list_precision=list_precision(labels, probabilities, seed),
        attention_means=_attention_means(reading),
        words={
            (name, right): words(reading, 2 * k + right, WORDS)
            for k, name in enumerate(info.classes)
            for right in (True, False)
        },
        moves=_moves(predictions, scores, explained, reading.english),
        english=reading.english,
        faithfulness=faithfulness(list(explained.values()), seed),
        support={i: verdict for i, row in explained.items() if (verdict := support(row))},
        outcomes=by_outcome,
        sections=sections(scores, by_outcome, predictions.ids),
        unsure_margin=unsure_margin,
    )


def _moves(
    predictions: Predictions, scores: Scores, explained: dict[int, Prediction], english: bool
) -> dict[tuple[str, bool], list[WordMove]]:
    by_kind = moves(explained, 2 * scores.predicted + scores.correct, WORDS, english)
    classes = predictions.info.classes
    return {(classes[kind // 2], bool(kind % 2)): used for kind, used in sorted(by_kind.items())}


def check_columns(available: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a slice by a column that is not available.

    Raises:
        UsageError: the data have no such column; the message lists those they have.
    """
    for name in columns:
        if name not in available:
            known = ", ".join(available) or "none"
            raise UsageError(
                f"--slice {name}: the data have no such column (further columns: {known})"
            )


def _read_table(
    predictions: Predictions, scores: Scores
) -> tuple[Reading, dict[int, Prediction], dict[str, list[str | None]]]:
    """Read the table once: the use of words, the explained rows, further columns of few values."""
    explained: dict[int, Prediction] = {}
    columns: dict[str, list[str | None]] = {name: [] for name in predictions.extra}
    values: dict[str, set[str | None]] = {name: {None, ""} for name in columns}

    def tokens() -> Iterator[Tokens]:
        for group in predictions.groups(tuple(columns)):
            explained.update(group.explained)
            for name in set(columns):
                columns[name].extend(group.extra[name])
                values[name].update(group.extra[name])
                if len(values[name]) > VALUES + 2:  # no category: what was read is forgotten
                    del columns[name]
            yield group.tokens

    kinds = 2 * scores.predicted + scores.correct
    return read(tokens(), kinds, 2 * len(predictions.info.classes)), explained, columns


def _uncalibrated(predictions: Predictions) -> Calibration | None:
    temperature = predictions.info.model.settings.get("temperature", 1.0)
    if predictions.logits is None or temperature == 1.0:
        return None
    from scipy.special import softmax  # here, for workers import this module and never ask

    return calibration(Scores.of(predictions.gold, softmax(predictions.logits, axis=1)))


def _attention_means(reading: Reading) -> dict[str, float]:
    columns = ("entropy", "largest", "function", "function_tokens")
    values = {name: getattr(reading, name) for name in columns}
    return {k: float(np.nanmean(v)) for k, v in values.items() if np.isfinite(v).any()}
