"""Write every file of a comparison into its run folder, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportgen.executors import Executor
from reportgen.options import ReportOptions
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.comparison.charts import write_charts
from reportgen.publish.comparison.gallery import Gallery, open_gallery
from reportgen.publish.comparison.pages import write_pages
from reportgen.publish.comparison.printing import printed, write_document
from reportgen.publish.comparison.record import Compared
from reportgen.publish.comparison.single import (
    FLIP_STYLES,
    check_single,
    single_places,
    write_single,
)
from reportgen.publish.comparison.summary import summarize
from reportgen.publish.comparison.tables import write_tables
from reportgen.publish.heatmaps import Drawn, Pictures, Style, draw_pictures
from reportgen.publish.html.script import gallery_script
from reportgen.publish.html.search import write_texts
from reportgen.publish.html.styles import copy_styles
from reportgen.publish.pdf.glyphs import lacking

__all__ = ["write_comparison"]


def write_comparison(
    run: Run,
    compared: Compared,
    options: ReportOptions,
    inputs: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> str:
    """Write numbers, pictures, pages, PDF and CSV of a comparison; return its headline.

    Raises:
        UsageError: the one-file report would be too large.
        PredictionsError: a table cannot be read.
        RenderError: a picture, a page or the PDF cannot be made.
        ExecutorError: a worker died.
    """
    with open_gallery(run, compared, options, inputs, executor, progress) as gallery:
        if options.single_file:
            check_single(gallery)
        write_tables(compared, run.folder)
        assets = copy_styles(run.folder, *FLIP_STYLES)
        (assets / "gallery.js").write_text(gallery_script(flips=True), encoding="utf-8")
        charts = write_charts(compared.found, run.folder)
        drawn = _draw(gallery)
        texts = gallery.runs[0].rows.texts(gallery.runs[0].indices[printed(gallery)].tolist())
        odd = lacking(frozenset().union(*texts, *gallery.found.classes), executor)
        summary = summarize(gallery, charts, drawn, odd)
        write_pages(gallery, summary)
        first = gallery.runs[0]
        rows = first.indices[gallery.places].tolist()
        write_texts(run.folder, first.rows, rows, executor, progress)
        for place in single_places(gallery):
            write_single(gallery, summary, place)
        write_document(gallery, summary)
    return summary.headline


def _draw(gallery: Gallery) -> list[Drawn]:
    """Draw the heatmaps of every run that has weights."""
    engine = gallery.options.heatmap_engine
    return [
        draw_pictures(
            Pictures(
                gallery.folder / run.maker.heatmaps,
                run.rows,
                run.indices[gallery.places].tolist(),
                Style(engine, run.maker.columns.picture, run.maker.scale),
            ),
            gallery.executor,
            gallery.progress,
        )
        if run.maker.weighted
        else Drawn(frozenset(), 0, 0)
        for run in gallery.runs
    ]
