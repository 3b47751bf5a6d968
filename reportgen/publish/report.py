"""An open predictions table and a run folder in; every file of the report written into it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from reportgen.analysis.ordering import UNSURE_MARGIN, Section, share_out
from reportgen.predictions import Predictions
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.gallery import Card, cards, paginate
from reportgen.publish.html import TEMPLATES, render
from reportgen.publish.pdf import AttachedFile, write_pdf
from reportgen.publish.pictures import write_charts, write_heatmaps
from reportgen.publish.summary import summarize
from reportgen.publish.tables import Findings, csv_rows, csv_text, find, metrics

__all__ = ["PDF_EXAMPLES", "ReportOptions", "write_report"]

PDF_EXAMPLES = 120


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the report shows. ``pdf_examples`` None puts every example into the PDF.

    ``heatmap_engine`` is ``fast``, or ``seaborn`` for seaborn's own drawing of the same picture.
    """

    unsure_margin: float = UNSURE_MARGIN
    pdf_examples: int | None = PDF_EXAMPLES
    heatmap_engine: str = "fast"


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
    findings = find(predictions, options.unsure_margin)
    _write_json(run.folder / "metrics.json", metrics(predictions, findings))
    glyphs = write_heatmaps(run.folder, predictions, options.heatmap_engine, progress)
    figures = write_charts(run.folder, predictions, findings)
    _copy_assets(run.folder)
    summary = summarize(
        predictions,
        findings.scores,
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
    rows = csv_rows(predictions, findings)
    (run.folder / "predictions.csv").write_text(csv_text(rows), encoding="utf-8")
    _write_pages(run.folder, predictions, findings, options, shared, progress)
    _write_pdf(run, predictions, findings, options, shared, rows, progress)
    return summary.headline


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _copy_assets(folder: Path) -> None:
    for name in ("report.css", "screen.css", "print.css"):
        shutil.copyfile(TEMPLATES / name, folder / "assets" / name)
    shutil.copytree(TEMPLATES / "fonts", folder / "assets" / "fonts", copy_function=shutil.copyfile)


def _rule(section: Section) -> str:
    return (
        "wrong before right, most confident first"
        if section.key == "unsure"
        else ("most confident first")
    )


def _write_pages(
    folder: Path,
    predictions: Predictions,
    findings: Findings,
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
    findings: Findings,
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
    attached.append(
        AttachedFile("examples.csv", csv_text(kept).encode(), "The examples shown here")
    )
    for _ in progress.track([range(sum(shown))], "PDF", sum(shown)):
        write_pdf(page, run.folder, run.folder / "report.pdf", attached, run.time)
