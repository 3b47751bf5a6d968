"""The numbers of a run in, metrics.json and the CSV rows out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reportgen.analysis.calibration import Calibration, calibration, confidence_histogram
from reportgen.analysis.metrics import Quality, Scores, quality
from reportgen.analysis.ordering import Section, outcomes, sections
from reportgen.predictions import Predictions
from reportgen.publish.gallery import paginate
from reportgen.publish.names import safe_name

__all__ = ["Findings", "csv_rows", "csv_text", "find", "metrics"]

METRICS_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Findings:
    """The numbers of a run."""

    scores: Scores
    quality: Quality
    calibration: Calibration
    sections: list[Section]
    unsure_margin: float


def find(predictions: Predictions, unsure_margin: float) -> Findings:
    """Measure the predictions and put them into their order."""
    scores = Scores.of(predictions.gold, predictions.probabilities)
    return Findings(
        scores,
        quality(scores, predictions.info.classes),
        calibration(scores),
        sections(scores, predictions.ids, unsure_margin),
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


def csv_rows(predictions: Predictions, findings: Findings) -> list[dict[str, Any]]:
    """Return one row per example in the order of the table, with where it stands in the report."""
    names = predictions.info.classes
    scores = findings.scores
    page_of = {
        int(i): page.file
        for page in paginate(findings.sections)
        for block in page.blocks
        for i in block.section.indices[block.first - 1 : block.last]
    }
    found = outcomes(scores, findings.unsure_margin)
    return [
        {
            "id": id_,
            "label": names[scores.gold[i]],
            "predicted": names[scores.predicted[i]],
            "correct": "yes" if scores.correct[i] else "no",
            "confidence": f"{scores.confidence[i]:.6f}",
            "margin": f"{scores.margin[i]:.6f}",
            "outcome": found[i].value,
            "tokens": int(predictions.lengths[i]),
            **{
                f"probability.{name}": f"{predictions.probabilities[i, k]:.6f}"
                for k, name in enumerate(names)
            },
            "card": f"{page_of[i]}#ex-{safe_name(id_)}",
            "heatmap": f"heatmaps/{safe_name(id_)}.png",
        }
        for i, id_ in enumerate(predictions.ids)
    ]


def csv_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write the rows, which have the same keys, as CSV with a header."""
    out = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(out, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
    return out.getvalue()
