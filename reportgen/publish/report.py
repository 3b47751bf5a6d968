"""An open predictions table and a run folder in; every file of the report written into it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from reportgen.analysis.ordering import sample
from reportgen.executors import Executor
from reportgen.options import GALLERY, ReportOptions
from reportgen.predictions import Predictions
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.gallery import CardMaker
from reportgen.publish.gallery_data import index_data, script
from reportgen.publish.html import TEMPLATES
from reportgen.publish.pages import page_of, write_pages
from reportgen.publish.pdf import AttachedFile
from reportgen.publish.pictures import interactive, write_charts, write_heatmaps
from reportgen.publish.script import gallery_script
from reportgen.publish.single import check_size, write_single
from reportgen.publish.summary import summarize
from reportgen.publish.tables import Findings, csv_rows, find, metrics, write_csv
from reportgen.publish.volumes import Volume, volumes, write_volumes

__all__ = ["shown", "write_report"]


def shown(options: ReportOptions, examples: int) -> int:
    """Return how many of so many examples the gallery shows."""
    return min(GALLERY if options.gallery is None else options.gallery, examples)


def write_report(
    run: Run,
    predictions: Predictions,
    options: ReportOptions,
    inputs: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> str:
    """Write metrics, pictures, pages, PDF and CSV; return the report's headline.

    Raises:
        RenderError: a picture, a page or the PDF cannot be made.
        ExecutorError: a worker died.
    """
    info = predictions.info
    seed = info.seed or 0
    findings = find(predictions, options.unsure_margin, options.slices, seed)
    gallery = sample(findings.sections, shown(options, len(predictions)), seed)
    indices = [int(i) for i in chain.from_iterable(s.indices for s in gallery)]
    if options.single_file:
        check_size(predictions.lengths[indices])
    _write_json(run.folder / "metrics.json", metrics(predictions, findings))
    figures = write_charts(run.folder, predictions, findings)
    _copy_assets(run.folder)
    with (run.folder / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        pages = page_of(gallery)
        write_csv(file, csv_rows(predictions, findings, pages))
    rows = predictions.rows(indices, run.folder / ".rows.arrow")
    try:
        glyphs = write_heatmaps(
            run.folder, rows, indices, options.heatmap_engine, executor, progress
        )
        summary = summarize(predictions, findings, figures, glyphs, pages)
        report = {
            "experiment": run.experiment,
            "split": info.data.split,
            "date": f"{run.time.day} {run.time:%B %Y}",
            "timestamp": f"{run.time:%Y-%m-%dT%H:%M:%SZ}",
            "run_id": run.id,
            "run_hash": run.hash,
            "summary": summary,
            "quality": findings.quality,
            "gallery": len(indices),
            "seed": seed,
            "skipped": info.data.skipped,
            "versions": inputs["versions"],
            "git": inputs["git"],
            "has_unknown": predictions.unknown_tokens is not None,
        }
        shared = {"report": report, "charts": interactive(findings)}
        doubted = frozenset(predictions.ids[i] for i in findings.label_errors)
        maker = CardMaker(info.classes, options.unsure_margin, doubted)
        write_pages(run.folder, rows, gallery, maker, shared, executor, progress)
        index = script("index", index_data(predictions, findings, indices))
        (run.folder / "data" / "index.js").write_text(index, encoding="utf-8")
        if options.single_file:
            write_single(run.folder, rows, gallery, predictions, findings, maker, shared)
        planned = volumes(gallery, options.pdf_examples)
        attached = _attachments(run.folder, predictions, findings, pages, planned)
        write_volumes(
            run.folder, rows, planned, maker, shared, attached, run.time, executor, progress
        )
    finally:
        rows.close()
    return summary.headline


def _attachments(
    folder: Path,
    predictions: Predictions,
    findings: Findings,
    pages: Mapping[int, str],
    planned: Sequence[Volume],
) -> Iterator[list[AttachedFile]]:
    fixed = [
        AttachedFile(name, (folder / name).read_bytes(), what)
        for name, what in (
            ("inputs.json", "All that decides the result"),
            ("metrics.json", "Every number of this report"),
        )
    ]
    for volume in planned:
        text = io.StringIO()
        write_csv(text, csv_rows(predictions, findings, pages, volume.indices))
        content = text.getvalue().encode()
        yield [*fixed, AttachedFile("examples.csv", content, "The examples shown here")]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _copy_assets(folder: Path) -> None:
    for name in ("report.css", "screen.css", "print.css"):
        shutil.copyfile(TEMPLATES / name, folder / "assets" / name)
    (folder / "assets" / "gallery.js").write_text(gallery_script(), encoding="utf-8")
    shutil.copytree(TEMPLATES / "fonts", folder / "assets" / "fonts", copy_function=shutil.copyfile)
