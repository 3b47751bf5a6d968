"""Measure a predictions table and lay out its gallery: the record that every writer takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import ExampleResult, Findings, measure
from reportgen.analysis.ordering import Section, sample, tally
from reportgen.executors import Executor
from reportgen.figures.layout import Columns
from reportgen.figures.scales import Scale, choose, run_scale
from reportgen.options import GALLERY, ReportOptions
from reportgen.predictions import Predictions, Rows
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.cards import CardMaker, card_maker
from reportgen.publish.pagination import Page, paginate
from reportgen.records import RunInfo

__all__ = ["Report", "columns", "open_report", "shown"]


SAMPLED = 100  # examples whose words decide how wide cells are


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A report being written; made once and handed to every writer.

    ``sections`` and ``pages`` are those of the gallery, which may be a sample of the run;
    ``indices`` are its examples in order, ``page_of`` the file on which each stands, ``tally`` how
    many have which outcome; ``rows`` reads them in any order.
    """

    run: Run
    predictions: Predictions
    findings: Findings
    options: ReportOptions
    inputs: Mapping[str, Any]
    sections: Sequence[Section]
    pages: Sequence[Page]
    indices: list[int]
    page_of: Mapping[int, str]
    tally: Mapping[str, int]
    rows: Rows
    cards: CardMaker
    executor: Executor
    progress: Progress

    @property
    def folder(self) -> Path:
        """The folder that is being written."""
        return self.run.folder

    @property
    def info(self) -> RunInfo:
        """The metadata of the predictions table."""
        return self.predictions.info

    @property
    def seed(self) -> int:
        """The seed of every sample; 0 where the table names none."""
        return self.info.seed or 0

    @property
    def labelled(self) -> bool:
        """Whether any example has a label."""
        return self.findings.performance is not None

    @property
    def unlabelled(self) -> int:
        """How many examples have no label."""
        return int((~self.findings.scores.labelled).sum())

    @property
    def shared_scale(self) -> Scale:
        """The one scale for all texts that a page offers, also where each has its own."""
        if self.cards.scale.darkest is not None:
            return self.cards.scale
        return run_scale(self.findings.peaks, self.info.signed)

    def results(self, indices: Sequence[int]) -> list[ExampleResult]:
        """Return what was measured of these examples."""
        return self.findings.results(indices)


def shown(options: ReportOptions, examples: int) -> int:
    """Return how many of so many examples the gallery shows."""
    return min(GALLERY if options.gallery is None else options.gallery, examples)


def columns(rows: Rows, indices: Sequence[int]) -> Columns:
    """Decide how many cells a row of every heatmap has, by the words of some examples."""
    from reportgen.figures.raster import columns_of  # imports matplotlib; the PDF does without

    ordered = sorted(indices)
    chosen = ordered[:: -(-len(ordered) // SAMPLED) or 1]
    return columns_of([word for row in rows.take(chosen) for word in row.tokens])


@contextmanager
def open_report(
    run: Run,
    predictions: Predictions,
    options: ReportOptions,
    inputs: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> Iterator[Report]:
    """Measure the predictions, choose and order the gallery, and make its rows readable.

    Raises:
        UsageError: an option asks for a column that the table lacks.
    """
    seed = predictions.info.seed or 0
    findings = measure(predictions, options.unsure_margin, options.slices, seed)
    sections = sample(findings.sections, shown(options, len(predictions)), seed)
    pages = paginate(sections)
    of_gradients = "text" if options.shades == "text" else "run"  # their unit is another
    indices = [i for page in pages for i in page.indices]
    rows = predictions.rows(indices, run.folder / ".rows.arrow")
    try:
        yield Report(
            run=run,
            predictions=predictions,
            findings=findings,
            options=options,
            inputs=inputs,
            sections=sections,
            pages=pages,
            indices=indices,
            page_of={i: page.file for page in pages for i in page.indices},
            tally=tally(findings.outcomes[i] for i in indices),
            rows=rows,
            cards=card_maker(
                predictions.info,
                columns(rows, indices),
                scale=choose(options.shades, findings.peaks, predictions.info.signed),
                gradients=choose(of_gradients, findings.gradient_peaks, signed=True),
                unit=predictions.unit,
                language=options.language or "",
                called=findings.unit,
            ),
            executor=executor,
            progress=progress,
        )
    finally:
        rows.close()
