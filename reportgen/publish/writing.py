"""Write every file of a report into its run folder, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reportgen.executors import Executor
from reportgen.options import ReportOptions
from reportgen.predictions import Predictions
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.charts import write_charts
from reportgen.publish.heatmaps import write_heatmaps
from reportgen.publish.html.data import write_index
from reportgen.publish.html.pages import write_pages
from reportgen.publish.html.review import STYLE
from reportgen.publish.html.script import gallery_script
from reportgen.publish.html.search import write_texts
from reportgen.publish.html.single import check_size, fits, write_single
from reportgen.publish.html.styles import copy_styles
from reportgen.publish.past import SINGLE
from reportgen.publish.pdf.glyphs import unprintable
from reportgen.publish.pdf.volumes import write_volumes
from reportgen.publish.report import Report, open_report
from reportgen.publish.summary import summarize
from reportgen.publish.tables import write_metrics, write_predictions_csv

__all__ = ["write_report"]


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
        UsageError: an option asks for what the table cannot give.
        RenderError: a picture, a page or the PDF cannot be made.
        ExecutorError: a worker died.
    """
    with open_report(run, predictions, options, inputs, executor, progress) as report:
        if options.single_file:
            check_size(predictions.lengths[report.indices], predictions.weighted)
        write_metrics(report)
        write_predictions_csv(report)
        assets = copy_styles(report.folder, *[STYLE] * options.review)
        (assets / "gallery.js").write_text(gallery_script(options.review), encoding="utf-8")
        charts = write_charts(report)
        drawn = write_heatmaps(report)
        summary = summarize(report, charts, drawn, unprintable(report))
        write_pages(report, summary)
        write_index(report)
        write_texts(report.folder, report.rows, report.indices, executor, progress)
        for place in _single_places(report):
            write_single(report, summary, place)
        write_volumes(report, summary)
    return summary.headline


def _single_places(report: Report) -> list[Path]:
    """Return where the one-file report is written: in the run, or outside of it if it fits."""
    if report.options.single_file:
        return [report.folder / SINGLE]
    page, lengths = report.run.page, report.predictions.lengths[report.indices]
    return [page] if page and fits(lengths, report.predictions.weighted) else []
