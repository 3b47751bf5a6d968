"""The numbers of a run in, metrics.json and the CSV rows out."""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO, cast

import numpy as np

from reportgen.analysis.calibration import (
    Calibration,
    Coverage,
    calibration,
    confidence_histogram,
    coverage,
)
from reportgen.analysis.faithfulness import Faithfulness, Support, faithfulness, support
from reportgen.analysis.labels import label_errors
from reportgen.analysis.metrics import Quality, Scores, quality
from reportgen.analysis.ordering import Outcome, Section, outcomes, sections
from reportgen.analysis.scores import Measure, measure_all
from reportgen.analysis.slices import Slice, groups, slices
from reportgen.analysis.words import Reading, WordUse, read, words
from reportgen.errors import UsageError
from reportgen.predictions import Predictions
from reportgen.publish.names import safe_name
from reportgen.records import Prediction

__all__ = ["Findings", "attention_is", "csv_rows", "find", "metrics", "write_csv"]

METRICS_SCHEMA = 2
WORDS = 12  # of each kind


@dataclass(frozen=True, slots=True)
class Findings:
    """The numbers of a run. ``before`` is the calibration before a temperature was fitted.

    ``words`` are by predicted class and whether it was right; ``support`` [N] is None where the
    attention was not tested.
    """

    scores: Scores
    quality: Quality
    calibration: Calibration
    before: Calibration | None
    measures: dict[str, Measure]
    coverage: Coverage
    lengths: list[Slice]
    slices: list[Slice]
    label_errors: list[int]
    reading: Reading
    words: dict[tuple[str, bool], list[WordUse]]
    faithfulness: Faithfulness | None
    support: dict[int, Support]
    sections: list[Section]
    outcomes: list[Outcome]
    unsure_margin: float


def find(
    predictions: Predictions, unsure_margin: float, columns: Sequence[str] = (), seed: int = 0
) -> Findings:
    """Measure the predictions and put them into their order; ``columns`` are further slices.

    Raises:
        UsageError: the data have no such column.
    """
    for name in columns:
        if name not in predictions.extra:
            known = ", ".join(predictions.extra) or "none"
            raise UsageError(
                f"--slice {name}: the data have no such column (further ones: {known})"
            )
    info, gold = predictions.info, predictions.gold
    scores = Scores.of(gold, predictions.probabilities)
    measured = quality(scores, info.classes)
    kinds = 2 * scores.predicted + scores.correct
    reading = read(predictions.tokens(), kinds, 2 * len(info.classes))
    marks = {"negation": reading.negation, "contrast words": reading.contrast}
    extra = {name: predictions.extra_column(name) for name in columns}
    every = groups(
        gold, info.classes, predictions.lengths, predictions.unknown_tokens, marks, extra
    )
    looked_at = slices(scores, every)
    tested = _tested(predictions)
    return Findings(
        scores=scores,
        quality=measured,
        calibration=calibration(scores),
        before=_before(predictions),
        measures=measure_all(scores, predictions.probabilities, measured, seed),
        coverage=coverage(scores),
        lengths=[s for s in looked_at if s.group == "length"],
        slices=looked_at,
        label_errors=[int(i) for i in label_errors(gold, predictions.probabilities)],
        reading=reading,
        words={
            (name, right): words(reading, [2 * k + right], WORDS)
            for k, name in enumerate(info.classes)
            for right in (True, False)
        },
        faithfulness=faithfulness(list(tested.values()), seed),
        support={i: found for i, row in tested.items() if (found := support(row))},
        sections=sections(scores, predictions.ids, unsure_margin),
        outcomes=outcomes(scores, unsure_margin),
        unsure_margin=unsure_margin,
    )


def _tested(predictions: Predictions) -> dict[int, Prediction]:
    chosen = [int(i) for i in np.flatnonzero(predictions.explained)]
    if not chosen:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        rows = predictions.rows(chosen, Path(folder, "rows"))
        found = dict(zip(chosen, rows.take(chosen), strict=True))
        rows.close()
    return found


def _before(predictions: Predictions) -> Calibration | None:
    temperature = predictions.info.model.settings.get("temperature", 1.0)
    if predictions.logits is None or temperature == 1.0:
        return None
    from scipy.special import softmax  # here, for workers import this module and never ask

    return calibration(Scores.of(predictions.gold, softmax(predictions.logits, axis=1)))


def metrics(predictions: Predictions, findings: Findings) -> dict[str, Any]:
    """Return what metrics.json holds; the README describes it."""
    edges, right, wrong = confidence_histogram(findings.scores, len(predictions.info.classes))
    judged = findings.faithfulness
    made = {
        "schema": METRICS_SCHEMA,
        "classes": list(predictions.info.classes),
        "metrics": {name: asdict(measure) for name, measure in findings.measures.items()},
        "quality": {**asdict(findings.quality), "interval_method": "Wilson, 95 %"},
        "ece": asdict(findings.calibration),
        "ece_before_temperature": None if findings.before is None else asdict(findings.before),
        "risk_coverage": asdict(findings.coverage),
        "slices": [asdict(s) for s in findings.slices],
        "slices_corrected_by": "Holm",
        "label_errors": [predictions.ids[i] for i in findings.label_errors],
        "in_train": None if predictions.in_train is None else int(predictions.in_train.sum()),
        "attention": None if judged is None else {**asdict(judged), "verdict": judged.verdict},
        "attention_is": attention_is(findings.reading),
        "words": [
            {"predicted": name, "right": right, "words": [asdict(word) for word in used]}
            for (name, right), used in findings.words.items()
        ],
        "confidence_histogram": {
            "edges": edges.tolist(),
            "right": right.tolist(),
            "wrong": wrong.tolist(),
        },
        "sections": {section.key: len(section) for section in findings.sections},
        "unsure_margin": findings.unsure_margin,
        "run": predictions.info.to_dict(),
    }
    return cast(dict[str, Any], _finite(made))


def attention_is(reading: Reading) -> dict[str, float]:
    """Return means over examples: entropy, largest weight, weight on function words."""
    columns = ("entropy", "largest", "function", "function_tokens")
    values = {name: getattr(reading, name) for name in columns}
    return {k: float(np.nanmean(v)) for k, v in values.items() if np.isfinite(v).any()}


def _finite(value: Any) -> Any:
    """Replace NaN by null, which JSON has."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def csv_rows(
    predictions: Predictions,
    findings: Findings,
    pages: Mapping[int, str],
    indices: Iterable[int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield one row per example, in the order of the table or of the indices.

    ``pages`` says on which page of the gallery an example stands; a sample shows only some.
    """
    names = predictions.info.classes
    scores, seen, doubted = findings.scores, predictions.in_train, set(findings.label_errors)
    for i in range(len(predictions)) if indices is None else indices:
        name = safe_name(predictions.ids[i])
        page = pages.get(i)
        yield {
            "id": predictions.ids[i],
            "label": names[scores.gold[i]],
            "predicted": names[scores.predicted[i]],
            "correct": "yes" if scores.correct[i] else "no",
            "confidence": f"{scores.confidence[i]:.6f}",
            "margin": f"{scores.margin[i]:.6f}",
            "outcome": findings.outcomes[i].value,
            "tokens": int(predictions.lengths[i]),
            "label_error": "likely" if i in doubted else "",
            "attention": findings.support[i].value if i in findings.support else "",
            "in_train": "" if seen is None else "yes" if seen[i] else "no",
            **{
                f"probability.{label}": f"{predictions.probabilities[i, k]:.6f}"
                for k, label in enumerate(names)
            },
            "card": f"{page}#ex-{name}" if page else "",
            "heatmap": f"heatmaps/{name}.png" if page else "",
        }


def write_csv(file: TextIO, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows, which have the same keys, as CSV with a header."""
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
