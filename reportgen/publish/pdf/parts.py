"""Lay out one part of a volume: its cover and results, the cards of a section, or its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from reportgen.analysis.findings import ExampleResult
from reportgen.predictions import Rows
from reportgen.publish.cards import CardMaker
from reportgen.publish.html.pages import Part, fill
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import AttachedFile, Document, write_pdf
from reportgen.publish.pdf.drawings import Drawings, drawings
from reportgen.publish.pdf.forms import card_fields

__all__ = ["Cards", "Drawable", "Laid", "PartTask", "lay_out"]


@dataclass(frozen=True, slots=True)
class Cards:
    """What the cards of a part are made of: their parts of sections, and their rows in order.

    ``show`` says what they show: ``both`` the text and the heatmap, or one of them. ``place`` is
    that of the first card in the PDF, from 1 on, where cards have fields for reviewers, else 0.
    """

    parts: Sequence[Part]
    indices: Sequence[int]
    results: Sequence[ExampleResult]
    rows: Rows
    maker: CardMaker
    show: str = "both"
    place: int = 0

    def __len__(self) -> int:
        return len(self.indices)

    def drawn(self, drawings: Drawings) -> dict[str, Any]:
        """Draw the cards; return them as the template shows them, with the fields of each."""
        predictions = zip(self.rows.take(self.indices), self.results, strict=True)
        cards = [drawings.card(*pair) for pair in predictions]
        places = enumerate(cards, self.place) if self.place else ()
        fields = {card.id: card_fields(card, place) for place, card in places}
        return {"parts": fill(self.parts, cards), "fields": fields}


class Drawable(Protocol):
    """The cards of a part; ``drawn`` draws them and returns what the template shows."""

    @property
    def maker(self) -> CardMaker:
        """What makes the cards; those of several runs begin with that of the first."""
        ...

    @property
    def show(self) -> str:
        """What the cards show."""
        ...

    def __len__(self) -> int: ...

    def drawn(self, drawings: Drawings) -> dict[str, Any]:
        """Draw the cards; return what the template shows."""
        ...


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
    cards: Drawable | None = None
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
        return Laid(len(given), _write(task, given.drawn(drawn), drawn))


def _write(
    task: PartTask, values: Mapping[str, Any], drawn: Drawings | None = None
) -> frozenset[str]:
    # A font has one glyph for both spaces, and PDF readers would find the first use of it only.
    page = render(task.template, {**task.values, **values}).replace("\xa0", " ")
    images, fonts = (drawn.images, drawn.fonts) if drawn else ({}, None)
    document = Document(
        page, task.folder, images, task.attachments, task.time, fonts, task.variant,
        fields=task.values["review"] is not None,
    )  # fmt: skip
    return write_pdf(document, task.file, tagged=task.tagged)
