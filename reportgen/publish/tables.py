"""The numbers of a run in, metrics.json and the CSV rows out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from reportgen.analysis.calibration import Calibration, calibration, confidence_histogram
from reportgen.analysis.metrics import Quality, Scores, quality
from reportgen.analysis.ordering import Outcome, Section, outcomes, sections
from reportgen.predictions import Predictions
from reportgen.publish.names import safe_name

__all__ = ["Findings", "csv_rows", "find", "metrics", "write_csv"]

METRICS_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Findings:
    """The numbers of a run."""

    scores: Scores
    quality: Quality
    calibration: Calibration
    sections: list[Section]
    outcomes: list[Outcome]
    unsure_margin: float


def find(predictions: Predictions, unsure_margin: float) -> Findings:
    """Measure the predictions and put them into their order."""
    scores = Scores.of(predictions.gold, predictions.probabilities)
    return Findings(
        scores,
        quality(scores, predictions.info.classes),
        calibration(scores),
        sections(scores, predictions.ids, unsure_margin),
        outcomes(scores, unsure_margin),
        unsure_margin,
    )


def metrics(predictions: Predictions, findings: Findings) -> dict[str, Any]:
    """Return what metrics.json holds."""
    edges, right, wrong = confidence_histogram(findings.scores, len(predictions.info.classes))
    return {
        "schema": METRICS_SCHEMA,
        "classes": list(predictions.info.classes),
        "quality": {**asdict(findings.quality), "interval_method": "Wilson, 95 %"},
        "ece": asdict(findings.calibration),
        "confidence_histogram": {
            "edges": edges.tolist(),
            "right": right.tolist(),
            "wrong": wrong.tolist(),
        },
        "sections": {section.key: len(section) for section in findings.sections},
        "unsure_margin": findings.unsure_margin,
        "run": predictions.info.to_dict(),
    }


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
    scores = findings.scores
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
