"""Lay out the gallery of a comparison: the record that the writers of its pages and PDF take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.comparison import Comparison
from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.matching import class_order
from reportgen.analysis.metrics import Scores
from reportgen.analysis.ordering import Outcome, Section, outcomes, sample
from reportgen.executors import Executor
from reportgen.figures.layout import Columns
from reportgen.figures.scales import PLAIN, Scale, choose
from reportgen.options import ReportOptions
from reportgen.predictions import Predictions, Rows
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.cards import CardMaker, card_maker
from reportgen.publish.comparison.cards import Flips
from reportgen.publish.comparison.record import Compared
from reportgen.publish.pagination import Page, paginate
from reportgen.publish.report import columns, shown

__all__ = ["Gallery", "Shown", "open_gallery"]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One run as the gallery shows it, of the n shared examples.

    ``indices`` [n] are its rows; ``rows`` reads those of the gallery. ``scores`` [n] are of classes
    of its own table, ``gold`` among them, -1 without a label.
    """

    letter: str
    table: Predictions
    indices: NDArray[np.int64]
    rows: Rows
    maker: CardMaker
    scores: Scores
    outcomes: Sequence[Outcome]

    def results(self, places: Sequence[int]) -> list[ExampleResult]:
        """Return what was measured of some shared examples."""
        columns = (self.scores.predicted, self.scores.confidence, self.scores.margin)
        return [
            ExampleResult(int(p[i]), float(c[i]), float(m[i]), self.outcomes[i], False, None)
            for p, c, m in [columns]
            for i in places
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """A comparison being written; made once and handed to every writer.

    ``sections`` and ``pages`` hold places among the shared examples, ``places`` are those of the
    gallery in order, which may be a sample of all that are in a section; ``change_of`` has the key
    of the section of each. ``shared_scales`` are those that a page offers, also where each text
    has its own.
    """

    run: Run
    compared: Compared
    options: ReportOptions
    inputs: Mapping[str, Any]
    sections: Sequence[Section]
    pages: Sequence[Page]
    places: list[int]
    change_of: Mapping[int, str]
    runs: Sequence[Shown]
    shared_scales: Sequence[Scale]
    executor: Executor
    progress: Progress

    @property
    def folder(self) -> Path:
        """The folder that is being written."""
        return self.run.folder

    @property
    def found(self) -> Comparison:
        """What the comparison found."""
        return self.compared.found

    @property
    def whole(self) -> int:
        """How many examples the sections have, of which the gallery may be a sample."""
        return sum(section.whole for section in self.sections)

    @property
    def seed(self) -> int:
        """The seed of the sample; 0 where the first table names none."""
        return self.compared.tables[0].info.seed or 0

    def flips(self, places: Sequence[int]) -> Flips:
        """Return what the cards of these examples are made of."""
        gold, classes = self.found.gold, self.found.classes
        return Flips(
            letters=self.found.letters,
            changes=[self.change_of[i] for i in places],
            labels=[classes[gold[i]] if gold[i] >= 0 else None for i in places],
            results=[run.results(places) for run in self.runs],
            rows=[run.rows.slice(run.indices[places].tolist()) for run in self.runs],
            makers=[run.maker for run in self.runs],
        )


@contextmanager
def open_gallery(
    run: Run,
    compared: Compared,
    options: ReportOptions,
    inputs: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> Iterator[Gallery]:
    """Choose and order the examples that are shown, and make their rows readable.

    Raises:
        PredictionsError: a table cannot be read, or its rows cannot be copied.
    """
    total = sum(map(len, compared.found.sections))
    seed = compared.tables[0].info.seed or 0
    sections = sample(compared.found.sections, shown(options, total), seed)
    pages = paginate(sections)
    places = [i for page in pages for i in page.indices]
    with ExitStack() as stack:
        runs = [
            _shown(compared, k, places, run.folder, options.unsure_margin, stack)
            for k in range(len(compared.tables))
        ]
        cells = _narrowest([r.maker.columns for r in runs])
        scales = _scales(runs, places, options.shades)
        yield Gallery(
            run=run,
            compared=compared,
            options=options,
            inputs=inputs,
            sections=sections,
            pages=pages,
            places=places,
            change_of={int(i): section.key for section in sections for i in section.indices},
            runs=[
                replace(r, maker=replace(r.maker, columns=cells, scale=scale))
                for r, scale in zip(runs, scales, strict=True)
            ],
            shared_scales=_scales(runs, places, "run"),
            executor=executor,
            progress=progress,
        )


def _shown(
    compared: Compared,
    k: int,
    places: Sequence[int],
    folder: Path,
    unsure_margin: float,
    stack: ExitStack,
) -> Shown:
    found, table, letter = compared.found, compared.tables[k], compared.found.letters[k]
    if table.marks:  # of a tokenizer, which are read as in a report
        copy = folder / f".table-{letter}.parquet"
        stack.callback(copy.unlink, missing_ok=True)
        table = table.saved(copy)
    indices = found.pairs[k]
    rows = table.rows(indices[places].tolist(), folder / f".rows-{letter}.arrow")
    stack.callback(rows.close)
    own = np.append(class_order(table.info.classes, found.classes), -1)
    scores = Scores.of(own[found.gold], table.probabilities[indices])
    maker = card_maker(table.info, columns(rows, indices[places].tolist()), unit=table.unit)
    return Shown(
        letter=letter,
        table=table,
        indices=indices,
        rows=rows,
        maker=replace(maker, heatmaps=f"heatmaps/{letter.lower()}"),
        scores=scores,
        outcomes=outcomes(scores, unsure_margin),
    )


def _scales(runs: Sequence[Shown], places: Sequence[int], shades: str | float) -> list[Scale]:
    """Return the scale of each run's weights: one for all attention, one for each attribution.

    The unit of attributions is that of their method, which differs from run to run.
    """
    peaks = [np.array(list(_peaks(run, places))) for run in runs]
    attention = [of for run, of in zip(runs, peaks, strict=True) if not run.table.info.signed]
    shared = choose(shades, np.concatenate(attention)) if attention else PLAIN
    return [
        choose(shades, of, signed=True) if run.table.info.signed else shared
        for run, of in zip(runs, peaks, strict=True)
    ]


def _peaks(run: Shown, places: Sequence[int]) -> Iterator[float]:
    """Yield the largest weight of each text: in even shares, of attributions its size."""
    for weights in run.rows.weights(run.indices[places].tolist()):
        read = np.abs(weights[~np.isnan(weights)])
        unit = 1 if run.table.info.signed else read.size
        yield float(read.max()) * unit if read.size else np.nan


def _narrowest(of: Sequence[Columns]) -> Columns:
    """Return how many cells a row has in all heatmaps, so that those of one text are alike."""
    return Columns(
        min(c.picture for c in of), min(c.page for c in of), min(c.below_text for c in of)
    )
