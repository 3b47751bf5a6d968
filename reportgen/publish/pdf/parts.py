"""Lay out one part of a volume: its cover and results, the cards of a section, or its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import ExampleResult
from reportgen.figures.layout import Band, Grid, grid
from reportgen.predictions import Rows
from reportgen.publish.cards import Card, CardMaker
from reportgen.publish.html.pages import Part, fill
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import BASE, AttachedFile, Document, vector_cells, write_pdf
from reportgen.publish.pdf.forms import card_fields
from reportgen.records import Prediction

__all__ = ["Cards", "Laid", "PartTask", "bands", "lay_out"]

BAND_ROWS = 8  # rows of a long heatmap that stay together on a page
SHORT_ROWS = 16  # a heatmap of so many rows is not broken


@dataclass(frozen=True, slots=True)
class Cards:
    """What the cards of a part are made of: their parts of sections, and their rows in order.

    ``place`` is that of the first card in the PDF, from 1 on, where cards have fields for
    reviewers, else 0.
    """

    parts: Sequence[Part]
    indices: Sequence[int]
    results: Sequence[ExampleResult]
    rows: Rows
    maker: CardMaker
    place: int = 0


@dataclass(frozen=True, slots=True)
class PartTask:
    """A part to be laid out: its template, what fills it, and where its pictures lie.

    A part that is not ``tagged`` has no structure, and follows no standard.
    """

    file: Path
    folder: Path
    template: str
    values: Mapping[str, Any]
    time: datetime
    cards: Cards | None = None
    attachments: Sequence[AttachedFile] = ()
    tagged: bool = True
    variant: str = "pdf/ua-1"


@dataclass(frozen=True, slots=True)
class Laid:
    """How many examples a part has, and the characters that no font has."""

    examples: int
    missing: frozenset[str]

    def __len__(self) -> int:
        return self.examples


def lay_out(task: PartTask) -> Laid:
    """Lay out a part and write it as a PDF of its own.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a template is broken, or the part cannot be laid out.
    """
    drawn: dict[str, Band] = {}
    values, count = dict(task.values), 0
    if (given := task.cards) is not None:
        predictions = zip(given.rows.take(given.indices), given.results, strict=True)
        cards = [_card(*pair, given.maker, drawn) for pair in predictions]
        values["parts"], count = fill(given.parts, cards), len(cards)
        places = enumerate(cards, given.place) if given.place else ()
        values["fields"] = {card.id: card_fields(card, place) for place, card in places}
    # A font has one glyph for both spaces, and PDF readers would find the first use of it only.
    page = render(task.template, values).replace("\xa0", " ")
    files = task.attachments
    fillable = task.values["review"] is not None
    document = Document(page, task.folder, drawn, files, task.time, task.variant, fillable)
    return Laid(count, write_pdf(document, task.file, tagged=task.tagged))


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
