"""Lay out one part of a volume: its cover and results, the cards of a section, or its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import ExampleResult
from reportgen.predictions import Rows
from reportgen.publish.cards import CardMaker
from reportgen.publish.html.pages import Part, fill
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import AttachedFile, Document, vector_cells, write_pdf
from reportgen.publish.pdf.drawings import Drawings, drawings
from reportgen.publish.pdf.forms import card_fields

__all__ = ["Cards", "Laid", "PartTask", "lay_out"]


@dataclass(frozen=True, slots=True)
class Cards:
    """What the cards of a part are made of: their parts of sections, and their rows in order.

    ``show`` says what they show: ``both`` the text and the heatmap, or one of them. ``place`` is
    the number of the first card in the PDF, from 1 on.
    """

    parts: Sequence[Part]
    indices: Sequence[int]
    results: Sequence[ExampleResult]
    rows: Rows
    maker: CardMaker
    show: str = "both"
    place: int = 1


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
    if (given := task.cards) is None:
        return Laid(0, _write(task, {}))
    with drawings(task.folder, given.maker, given.show, task.values["paper"]) as drawn:
        predictions = zip(given.rows.take(given.indices), given.results, strict=True)
        cards = [drawn.card(*pair) for pair in predictions]
        numbers = {card.id: place for place, card in enumerate(cards, given.place)}
        asked = cards if task.values["review"] is not None else ()
        fields = {card.id: card_fields(card, numbers[card.id]) for card in asked}
        values = {"parts": fill(given.parts, cards), "fields": fields, "numbers": numbers}
        return Laid(len(cards), _write(task, values, drawn))


def _write(
    task: PartTask, values: Mapping[str, Any], drawn: Drawings | None = None
) -> frozenset[str]:
    # A font has one glyph for both spaces, and PDF readers would find the first use of it only.
    page = render(task.template, {**task.values, **values}).replace("\xa0", " ")
    images, fonts = (drawn.images, drawn.fonts) if drawn else (_charts(task.folder), None)
    document = Document(
        page, task.folder, images, task.attachments, task.time, fonts, task.variant,
        fields=task.values["review"] is not None,
    )  # fmt: skip
    return write_pdf(document, task.file, tagged=task.tagged)


def _charts(folder: Path) -> Mapping[str, Any]:
    if not vector_cells():
        return {}
    from reportgen.publish.pdf.charts import chart_images

    return chart_images(folder)
