"""Write the PDF: one document, or volumes that are laid out side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Section, share_out
from reportgen.figures.layout import Band, Grid, grid
from reportgen.predictions import Rows
from reportgen.publish.cards import Card, CardMaker
from reportgen.publish.html.pages import Part, fill
from reportgen.publish.html.templates import render
from reportgen.publish.pagination import Block
from reportgen.publish.pdf.document import BASE, AttachedFile, Document, vector_cells, write_pdf
from reportgen.publish.pdf.forms import card_fields, cover_fields, fields_file
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary
from reportgen.publish.tables import csv_text
from reportgen.publish.words import notes
from reportgen.publish.words.numbers import counted
from reportgen.publish.words.questions import FIELDS_FILE, REVIEW, REVIEW_PDF
from reportgen.records import Prediction

__all__ = ["VOLUME", "Volume", "bands", "volumes", "write_volumes"]

VOLUME = 1000  # examples of one document at most
BAND_ROWS = 8  # rows of a long heatmap that stay together on a page
SKIPPED = 40  # rows left out that are listed
SHORT_ROWS = 16  # a heatmap of so many rows is not broken


@dataclass(frozen=True, slots=True)
class Volume:
    """One document: the parts of sections in it."""

    number: int
    blocks: tuple[Block, ...]

    @property
    def file(self) -> str:
        """The name of its file."""
        return "report.pdf" if self.number == 1 else f"report-{self.number:02}.pdf"

    @property
    def indices(self) -> list[int]:
        """The rows of its examples, in their order."""
        return [i for block in self.blocks for i in block.indices]


def volumes(sections: Sequence[Section], examples: int | None) -> list[Volume]:
    """Share so many examples (None: all) over the sections and lay them out in volumes.

    The first volume has every section, also those without an example.
    """
    sizes = [len(section) for section in sections]
    total = sum(sizes) if examples is None else min(examples, sum(sizes))
    documents: list[list[Block]] = [[]]
    room = VOLUME
    for section, count in zip(sections, share_out(total, sizes), strict=True):
        if not count and len(documents) == 1:
            documents[-1].append(Block(section, 1, 0))
        at = 0
        while at < count:
            if room == 0:
                documents.append([])
                room = VOLUME
            size = min(room, count - at)
            documents[-1].append(Block(section, at + 1, at + size))
            at, room = at + size, room - size
    return [Volume(number, tuple(blocks)) for number, blocks in enumerate(documents, 1)]


@dataclass(frozen=True, slots=True)
class _Task:
    """A volume without its cards, and what they are made of."""

    file: Path
    values: Mapping[str, Any]
    parts: Sequence[Part]
    indices: Sequence[int]
    results: Sequence[ExampleResult]
    rows: Rows
    cards: CardMaker
    attachments: Sequence[AttachedFile]
    time: datetime
    variant: str
    first: int  # place of its first example among those of all volumes, from 1 on; 0: no fields


@dataclass(frozen=True, slots=True)
class _Written:
    """How many examples were written, and the characters that no font has."""

    examples: int
    missing: frozenset[str]

    def __len__(self) -> int:
        return self.examples


def write_volumes(report: Report, summary: Summary) -> None:
    """Write the documents, each with its attachments; the first lists the others.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a document cannot be laid out.
    """
    planned = volumes(report.sections, report.options.pdf_examples)
    shown = sum(len(volume.indices) for volume in planned)
    if not vector_cells():
        report.progress.say(
            "warning: this WeasyPrint draws heatmaps another way than reportgen knows;"
            " the PDF shows the shaded text instead"
        )
    written = report.executor.map(_write, _tasks(report, summary, planned))
    missing: set[str] = set()
    for volume in report.progress.track(written, "PDF", shown, size=len):
        missing |= volume.missing
    if missing:
        report.progress.say(
            f"warning: no installed font has {counted(len(missing), 'character')} of the PDF"
            f" ({notes.name_glyphs(missing)})"
        )


def _tasks(report: Report, summary: Summary, planned: Sequence[Volume]) -> Iterator[_Task]:
    gallery, examples = len(report.indices), len(report.predictions)
    shown = sum(len(volume.indices) for volume in planned)
    parts = {volume.number: _parts(volume, gallery) for volume in planned}
    shared = {
        "report": summary,
        "volumes": len(planned),
        "shown_note": notes.document(
            len(planned), shown, gallery, examples, report.seed, report.labelled
        ),
        "skipped_listed": SKIPPED,
        "skipped_note": notes.skipped(len(summary.skipped), SKIPPED),
        "review": (REVIEW, REVIEW_PDF, cover_fields()) if report.options.review else None,
    }
    first = 1
    for volume in planned:
        outline = [(v.file, parts[v.number]) for v in planned] if volume.number == 1 else []
        yield _Task(
            file=report.folder / volume.file,
            values={**shared, "volume": volume.number, "outline": outline},
            parts=parts[volume.number],
            indices=volume.indices,
            results=report.results(volume.indices),
            rows=report.rows,
            cards=report.cards,
            attachments=_attachments(report, volume, first),
            time=report.run.time,
            variant=report.options.pdf_variant,
            first=first if report.options.review else 0,
        )
        first += len(volume.indices)


def _parts(volume: Volume, gallery: int) -> list[Part]:
    return [
        Part(
            block.section.key,
            block.section.title,
            notes.volume_heading(block.section, block.first, block.last, gallery),
            len(block),
            notes.shown_of(block.section, block.first, block.last),
        )
        for block in volume.blocks
    ]


def _attachments(report: Report, volume: Volume, first: int) -> list[AttachedFile]:
    files = [
        ("inputs.json", "All that decides the result"),
        ("metrics.json", "Every number of this report"),
    ]
    rows = csv_text(report, volume.indices).encode()
    attached = [
        *(AttachedFile(name, (report.folder / name).read_bytes(), what) for name, what in files),
        AttachedFile("examples.csv", rows, "The examples shown here"),
    ]
    if report.options.review:
        ids = [report.predictions.ids[i] for i in volume.indices]
        numbers = fields_file(report.run.hash, ids, first)
        attached.append(AttachedFile(FIELDS_FILE, numbers, "Which fields are of which example"))
    return attached


def _write(task: _Task) -> _Written:
    drawn: dict[str, Band] = {}
    predictions = zip(task.rows.take(task.indices), task.results, strict=True)
    cards = [_card(prediction, result, task.cards, drawn) for prediction, result in predictions]
    fields = {c.id: card_fields(c, place) for place, c in enumerate(cards, task.first) if task.first}
    page = render(
        "report.pdf.j2", {**task.values, "parts": fill(task.parts, cards), "fields": fields}
    )
    # A font has one glyph for both spaces, and PDF readers would find the first use of it only.
    page = page.replace("\xa0", " ")
    document = Document(
        page,
        task.file.parent,
        drawn,
        task.attachments,
        task.time,
        task.variant,
        task.first > 0,
    )
    return _Written(len(cards), write_pdf(document, task.file))


def bands(cells: Grid) -> Iterator[Band]:
    """Cut a heatmap into the parts that a page keeps together."""
    step = cells.rows if cells.rows <= SHORT_ROWS else BAND_ROWS
    for start in range(0, cells.rows, step):
        yield Band(cells, start, min(start + step, cells.rows))


def _card(
    prediction: Prediction, result: ExampleResult, cards: CardMaker, drawn: dict[str, Band]
) -> Card:
    """Make a card; the parts of its heatmap are added to ``drawn`` under their addresses."""
    addresses: list[str] = []
    if vector_cells() and prediction.tokens:
        words, weights, unknown = prediction.tokens, prediction.attention, prediction.unknown
        for band in bands(grid(words, weights, unknown, signed=cards.signed)):
            addresses.append(f"{BASE}cells/{len(drawn)}")
            drawn[addresses[-1]] = band
    return cards.card(prediction, result, tuple(addresses))
