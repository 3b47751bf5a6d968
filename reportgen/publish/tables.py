"""Write a report's numbers: metrics.json, and CSV with one row per example."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, TextIO, cast

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Quality
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words.opening import headline, lede
from reportgen.records import RunInfo

__all__ = [
    "csv_rows",
    "csv_text",
    "finite",
    "metrics",
    "write_csv",
    "write_metrics",
    "write_predictions_csv",
]

METRICS_SCHEMA = 3
LINKS = ("card", "heatmap")  # columns that lead to other files of the run
OF_LABELS = (  # null where no example has a label
    "quality", "ece", "ece_reference", "ece_before_temperature", "risk_coverage", "slices",
    "slices_corrected_by", "slices_left_out", "label_errors", "label_errors_precision",
)  # fmt: skip
MATRIX = 100  # classes whose confusion matrix is written; mistakes are written of any number
# A spreadsheet takes a cell that begins so for a formula, also after white space and in full-width
# or small forms (OWASP, CSV Injection); one more apostrophe before it makes it text and keeps
# different values different.
SIGNS = "=+@\\-\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
FORMULA = re.compile(rf"'*(?:[\t\r\n]|[\s\ufeff\u200b]*[{SIGNS}])")


def write_metrics(report: Report) -> None:
    """Write metrics.json."""
    text = json.dumps(metrics(report), ensure_ascii=False, indent=1) + "\n"
    (report.folder / "metrics.json").write_text(text, encoding="utf-8")


def metrics(report: Report) -> dict[str, Any]:
    """Return what metrics.json holds; the README describes it."""
    predictions, findings = report.predictions, report.findings
    histogram, faithfulness = findings.histogram, findings.faithfulness
    values = {
        "schema": METRICS_SCHEMA,
        "headline": headline(report.info.data, findings),
        "lede": lede(findings),
        "classes": list(report.info.classes),
        "language": report.options.language,
        "examples": len(predictions),
        "labelled": int(findings.scores.labelled.sum()),
        **_performance(findings, predictions.ids),
        "certainty": asdict(findings.certainty),
        "english_word_lists": findings.english,
        "in_train": None if predictions.in_train is None else int(predictions.in_train.sum()),
        "attention": faithfulness and _attention(faithfulness),
        "shades": {"scale": report.options.shades, "darkest": report.cards.scale.darkest},
        "attention_is": findings.attention_means,
        "unit": findings.unit,
        "words": [
            {"predicted": name, "right": right, "words": [asdict(word) for word in used]}
            for (name, right), used in findings.words.items()
        ],
        "words_that_moved": [
            {"predicted": name, "right": right, "words": [asdict(word) for word in used]}
            for (name, right), used in findings.moves.items()
        ],
        "confidence_histogram": {
            "edges": histogram.edges.tolist(),
            "right": histogram.right.tolist(),
            "wrong": histogram.wrong.tolist(),
            "unlabelled": histogram.unlabelled.tolist(),
        },
        "sections": {section.key: len(section) for section in findings.sections},
        "unsure_margin": findings.unsure_margin,
        "run": _run(report.info, len(predictions)),
    }
    return cast(dict[str, Any], finite(values))


def _run(info: RunInfo, rows: int) -> dict[str, Any]:
    """Return the metadata of the table, which has so many rows whatever they say."""
    data = replace(info.data, evaluated=rows, rows=max(rows, info.data.rows))
    return replace(info, data=data).to_dict()


def _performance(findings: Findings, ids: Sequence[str]) -> dict[str, Any]:
    """Return what the labels show; without any there are no metrics, and the rest is null."""
    found = findings.performance
    if found is None:
        return {"metrics": {}, **dict.fromkeys(OF_LABELS)}
    return {
        "metrics": {name: asdict(measure) for name, measure in found.measures.items()},
        "quality": _quality(found.quality),
        "ece": asdict(found.calibration),
        "ece_reference": asdict(found.reference),
        "ece_before_temperature": found.uncalibrated and asdict(found.uncalibrated),
        "risk_coverage": asdict(found.coverage),
        "slices": [asdict(s) for s in found.slices],
        "slices_corrected_by": "Holm",
        "slices_left_out": [asdict(column) for column in findings.left_out],
        "label_errors": [ids[i] for i in found.label_errors],
        "label_errors_precision": found.list_precision and asdict(found.list_precision),
    }


def _quality(quality: Quality) -> dict[str, Any]:
    """Return the counts; the matrix only of classes that are not too many for its square."""
    whole = len(quality.classes) <= MATRIX
    return {
        **{f.name: getattr(quality, f.name) for f in fields(quality)},
        "classes": [asdict(c) for c in quality.classes],
        "confusion": quality.matrix().tolist() if whole else None,
        "mistakes": [asdict(mistake) for mistake in quality.mistakes],
        "interval_method": "Wilson, 95 %",
    }


def _attention(result: Faithfulness) -> dict[str, Any]:
    return {**asdict(result), "points": result.points.value, "depends": result.depends}


def finite(value: Any) -> Any:
    """Return a value with NaN replaced by null, which JSON has."""
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_predictions_csv(report: Report) -> None:
    """Write predictions.csv: every example, in the order of the table."""
    with (report.folder / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        write_csv(file, csv_rows(report, range(len(report.predictions))))


def csv_text(report: Report, indices: Sequence[int], first: int) -> str:
    """Return the CSV that a PDF brings along: its examples by number, with room for remarks.

    ``first`` is the number of the first of them. What leads to other files is left out.
    """
    text = io.StringIO()
    texts = report.rows.texts(indices)
    rows = zip(csv_rows(report, indices), texts, strict=True)
    write_csv(text, (_numbered(n, *pair) for n, pair in enumerate(rows, first)))
    return text.getvalue()


def _numbered(number: int, row: dict[str, Any], text: str) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in LINKS}
    return {"number": number, "id": kept.pop("id"), "text": text, **kept, "remark": ""}


def csv_rows(report: Report, indices: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Yield one row per example; ``card`` and ``heatmap`` are empty where the gallery lacks it."""
    predictions, findings = report.predictions, report.findings
    names, scores, in_train = report.info.classes, findings.scores, predictions.in_train
    labelled = scores.labelled
    label_errors = set(findings.label_errors)
    for i in indices:
        name, page = safe_name(predictions.ids[i]), report.page_of.get(i)
        yield {
            "id": predictions.ids[i],
            "label": names[scores.gold[i]] if labelled[i] else "",
            "predicted": names[scores.predicted[i]],
            "correct": "" if not labelled[i] else "yes" if scores.correct[i] else "no",
            "confidence": f"{scores.confidence[i]:.6f}",
            "margin": f"{scores.margin[i]:.6f}",
            "outcome": findings.outcomes[i].value,
            "tokens": int(predictions.lengths[i]) if predictions.tokenized else "",
            "label_error": "second look" if i in label_errors else "",
            "attention": findings.support[i].value if i in findings.support else "",
            "in_train": "" if in_train is None else "yes" if in_train[i] else "no",
            **{
                f"probability.{label}": f"{predictions.probabilities[i, k]:.6f}"
                for k, label in enumerate(names)
            },
            "card": f"{page}#ex-{name}" if page else "",
            "heatmap": f"heatmaps/{name}.png" if page and predictions.weighted else "",
        }


def write_csv(file: TextIO, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows, which have the same keys, as CSV with a header (RFC 4180).

    No cell is a formula. Lines end with CR LF: the writer quotes a cell that holds either only
    where both end a line.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    for number, row in enumerate(rows):
        if not number:
            writer.writerow(map(_inert, row))
        writer.writerow(map(_inert, row.values()))


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value
