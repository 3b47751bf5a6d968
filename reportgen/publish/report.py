"""An open predictions table and a run folder in; every file of the report written into it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.analysis.calibration import Calibration, calibration, confidence_histogram
from reportgen.analysis.metrics import Quality, Scores, quality
from reportgen.analysis.ordering import UNSURE_MARGIN, Section, outcomes, sections, share_out
from reportgen.predictions import Predictions
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.gallery import Card, cards, paginate
from reportgen.publish.html import TEMPLATES, render
from reportgen.publish.names import safe_name
from reportgen.publish.pdf import AttachedFile, write_pdf
from reportgen.publish.summary import Figure, summarize

__all__ = ["PDF_EXAMPLES", "ReportOptions", "write_report"]

PDF_EXAMPLES = 120
METRICS_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the report shows. ``pdf_examples`` None puts every example into the PDF."""

    unsure_margin: float = UNSURE_MARGIN
    pdf_examples: int | None = PDF_EXAMPLES


@dataclass(frozen=True, slots=True)
class _Findings:
    """The numbers of a run."""

    scores: Scores
    quality: Quality
    calibration: Calibration
    sections: list[Section]


def write_report(
    run: Run,
    predictions: Predictions,
    options: ReportOptions,
    inputs: Mapping[str, Any],
    progress: Progress,
) -> str:
    """Write metrics, pictures, pages, PDF and CSV; return the report's headline.

    Raises:
        RenderError: a picture, a page or the PDF cannot be made.
    """
    scores = Scores.of(predictions.gold, predictions.probabilities)
    findings = _Findings(
        scores,
        quality(scores, predictions.info.classes),
        calibration(scores),
        sections(scores, predictions.ids, options.unsure_margin),
    )
    metrics = _metrics(predictions, findings, options)
    _write_json(run.folder / "metrics.json", metrics)
    glyphs = _write_heatmaps(run.folder, predictions, progress)
    figures = _write_charts(run.folder, predictions, findings)
    _copy_assets(run.folder)
    summary = summarize(
        predictions,
        scores,
        findings.quality,
        findings.calibration,
        findings.sections,
        figures,
        glyphs,
    )
    info = predictions.info
    report = {
        "experiment": run.experiment,
        "split": info.data.split,
        "date": f"{run.time.day} {run.time:%B %Y}",
        "timestamp": f"{run.time:%Y-%m-%dT%H:%M:%SZ}",
        "run_id": run.id,
        "run_hash": run.hash,
        "summary": summary,
        "quality": findings.quality,
        "skipped": info.data.skipped,
        "versions": inputs["versions"],
        "git": inputs["git"],
        "has_unknown": predictions.unknown_tokens is not None,
    }
    shared = {"report": report}
    rows = _csv_rows(predictions, findings, options)
    (run.folder / "predictions.csv").write_text(_csv(rows), encoding="utf-8")
    _write_pages(run.folder, predictions, findings, options, shared, progress)
    _write_pdf(run, predictions, findings, options, shared, rows, progress)
    return summary.headline


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _metrics(
    predictions: Predictions, findings: _Findings, options: ReportOptions
) -> dict[str, Any]:
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
        "unsure_margin": options.unsure_margin,
        "run": predictions.info.to_dict(),
    }


def _write_heatmaps(folder: Path, predictions: Predictions, progress: Progress) -> frozenset[str]:
    """Draw one PNG per example; return the characters that no font has."""
    from reportgen.figures.heatmap import draw_heatmap

    (folder / "heatmaps").mkdir()
    missing: set[str] = set()
    for row in progress.track(predictions, "heatmaps", len(predictions)):
        drawn = draw_heatmap(row.tokens, row.attention, row.unknown)
        (folder / "heatmaps" / f"{safe_name(row.id)}.png").write_bytes(drawn.png)
        missing |= drawn.missing
    if missing:
        progress.say(
            f"warning: no installed font has {len(missing)} characters of the heatmaps;"
            " install the Noto fonts to see them"
        )
    return frozenset(missing)


def _write_charts(folder: Path, predictions: Predictions, findings: _Findings) -> list[Figure]:
    from reportgen.figures import charts

    assets = folder / "assets"
    assets.mkdir()
    info, scores = predictions.info, findings.scores
    bins = confidence_histogram(scores, len(info.classes))
    log = [row for row in info.model.training_log if _drawable(row)]
    best = info.model.training.get("best")
    for theme in (charts.LIGHT, charts.DARK):
        drawn = {
            "confidence": charts.histogram(*bins, theme),
            "confusion": charts.confusion(findings.quality, theme),
            "reliability": charts.reliability(findings.calibration, theme),
        }
        if log:
            drawn["training"] = charts.training_curve(log, best, theme)
        for stem, svg in drawn.items():
            (assets / f"{stem}-{theme.name}.svg").write_bytes(svg)
    figures = [
        Figure("confidence", "Confidence", _read_confidence(scores)),
        Figure("confusion", "Label against prediction", _read_confusion(findings.quality)),
        Figure(
            "reliability",
            "Calibration",
            f"Where the dots lie below the line, it is surer than it is right;"
            f" the mean gap, weighted by count, is {findings.calibration.error:.3f}."
            " Bars are 95 % Wilson intervals.",
        ),
    ]
    if log:
        figures.append(Figure("training", "Training", _read_training(log, best)))
    return figures


def _drawable(row: Mapping[str, Any]) -> bool:
    keys = ("epoch", "train_loss", "valid_loss", "valid_accuracy")
    return all(isinstance(row.get(key), int | float) for key in keys)


def _read_confidence(scores: Scores) -> str:
    sure = scores.confidence > 0.9
    if not sure.any():
        return "No answer has a confidence above 0.9."
    wrong = int((~scores.correct[sure]).sum())
    return (
        f"{int(sure.sum()):,} of {len(scores):,} answers have a confidence above 0.9;"
        f" {wrong:,} of those are wrong."
    )


def _read_confusion(measured: Quality) -> str:
    counts = np.array(measured.confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "No class is taken for another."
    gold, predicted = np.unravel_index(counts.argmax(), counts.shape)
    names = [c.name for c in measured.classes]
    return (
        f"The most frequent mistake: {names[gold]} taken for {names[predicted]},"
        f" {counts.max():,} time{'s' if counts.max() > 1 else ''}."
    )


def _read_training(log: Sequence[Mapping[str, Any]], best: Any) -> str:
    row = next((row for row in log if row["epoch"] == best), log[-1])
    return (
        f"The weights of epoch {row['epoch']} of {len(log)} are used:"
        f" {100 * row['valid_accuracy']:.1f} % right on the validation examples."
    )


def _copy_assets(folder: Path) -> None:
    for name in ("report.css", "screen.css", "print.css"):
        shutil.copyfile(TEMPLATES / name, folder / "assets" / name)
    shutil.copytree(
        TEMPLATES / "fonts", folder / "assets" / "fonts", copy_function=shutil.copyfile
    )


def _rule(section: Section) -> str:
    return "wrong before right, most confident first" if section.key == "unsure" else (
        "most confident first"
    )


def _write_pages(
    folder: Path,
    predictions: Predictions,
    findings: _Findings,
    options: ReportOptions,
    shared: Mapping[str, Any],
    progress: Progress,
) -> None:
    pages = paginate(findings.sections)
    jumps = [
        {
            "key": section.key,
            "title": section.title,
            "count": len(section),
            "page": next(p.file for p in pages for b in p.blocks if b.section is section),
        }
        for section in findings.sections
    ]
    order = list(chain.from_iterable(section.indices for section in findings.sections))
    stream = progress.track(
        cards(predictions.take(order), predictions.info.classes, options.unsure_margin),
        "pages",
        len(order),
    )
    for page in pages:
        blocks = [
            {
                "key": block.section.key,
                "title": block.section.title,
                "total": len(block.section),
                "first": block.first,
                "last": block.last,
                "rule": _rule(block.section),
                "cards": list(islice(stream, len(block))),
            }
            for block in page.blocks
        ]
        values = {**shared, "page": page, "pages": pages, "sections": jumps, "blocks": blocks}
        text = render("report.html.j2", values)
        (folder / page.file).write_text(text, encoding="utf-8")
    for _ in stream:  # lets the progress end
        raise AssertionError("pages do not hold every example")


def _write_pdf(
    run: Run,
    predictions: Predictions,
    findings: _Findings,
    options: ReportOptions,
    shared: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    progress: Progress,
) -> None:
    sizes = [len(section) for section in findings.sections]
    total = sum(sizes)
    shown = share_out(
        total if options.pdf_examples is None else min(options.pdf_examples, total), sizes
    )
    chosen = [list(s.indices[:n]) for s, n in zip(findings.sections, shown, strict=True)]
    stream: Iterator[Card] = cards(
        predictions.take(list(chain.from_iterable(chosen))),
        predictions.info.classes,
        options.unsure_margin,
    )
    blocks = [
        {
            "key": section.key,
            "title": section.title,
            "total": len(section),
            "shown": count,
            "rule": _rule(section),
            "cards": list(islice(stream, count)),
        }
        for section, count in zip(findings.sections, shown, strict=True)
    ]
    page = render("report.pdf.j2", {**shared, "blocks": blocks, "shown": sum(shown)})
    by_id = {row["id"]: row for row in rows}
    kept = [by_id[predictions.ids[i]] for i in chain.from_iterable(chosen)]
    attached = [
        AttachedFile(name, (run.folder / name).read_bytes(), what)
        for name, what in (
            ("inputs.json", "All that decides the result"),
            ("metrics.json", "Every number of this report"),
        )
    ]
    attached.append(AttachedFile("examples.csv", _csv(kept).encode(), "The examples shown here"))
    for _ in progress.track([range(sum(shown))], "PDF", sum(shown)):
        write_pdf(page, run.folder, run.folder / "report.pdf", attached, run.time)


def _csv_rows(
    predictions: Predictions, findings: _Findings, options: ReportOptions
) -> list[dict[str, Any]]:
    """Return one row per example in the order of the table, with where it stands in the report."""
    names = predictions.info.classes
    scores = findings.scores
    page_of = {
        int(i): page.file
        for page in paginate(findings.sections)
        for block in page.blocks
        for i in block.section.indices[block.first - 1 : block.last]
    }
    found = outcomes(scores, options.unsure_margin)
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


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(out, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
    return out.getvalue()
