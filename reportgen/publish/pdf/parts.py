"""Lay out one part of a volume: its cover and results, the cards of a section, or its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from reportgen.analysis.findings import ExampleResult
from reportgen.executors import without_collection
from reportgen.predictions import RowSlice
from reportgen.publish.cards import CardMaker
from reportgen.publish.html.pages import Part, fill
from reportgen.publish.html.styles import copy_styles
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import AttachedFile, Document, vector_cells, write_pdf
from reportgen.publish.pdf.drawings import Drawings, drawings
from reportgen.publish.pdf.forms import card_fields
from reportgen.publish.pdf.setting import Setting, setting
from reportgen.scratch import scratch_folder, shared

__all__ = ["Cards", "Drawable", "Laid", "PartTask", "lay_out"]


@dataclass(frozen=True, slots=True)
class Cards:
    """What the cards of a part are made of: their parts of sections, and their rows in order.

    ``indices`` are those of the rows, which a part has only when it is laid out.

    ``show`` says what they show: ``both`` the text and the heatmap, or one of them. ``place`` is
    the number of the first card in the PDF, from 1 on; ``asks`` gives each fields for a reviewer.
    """

    parts: Sequence[Part]
    indices: Sequence[int]
    results: Sequence[ExampleResult]
    maker: CardMaker
    show: str = "both"
    place: int = 1
    asks: bool = False
    rows: RowSlice = field(default_factory=RowSlice)

    def __len__(self) -> int:
        return len(self.indices)

    def drawn(self, drawings: Drawings) -> dict[str, Any]:
        """Draw the cards; return them as the template shows them, with the fields of each."""
        predictions = zip(self.rows.take(), self.results, strict=True)
        cards = [drawings.card(*pair) for pair in predictions]
        numbers = {card.id: place for place, card in enumerate(cards, self.place)}
        asked = cards if self.asks else ()
        fields = {card.id: card_fields(card, numbers[card.id]) for card in asked}
        return {"parts": fill(self.parts, cards), "fields": fields, "numbers": numbers}


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
    """A part to be laid out: its name, its template, what fills it, and charts by their names.

    ``styles`` are those beside a report's.
    A part that is not ``tagged`` has no structure, and follows no standard.
    """

    name: str
    template: str
    values: Mapping[str, Any]
    time: datetime
    cards: Drawable | None = None
    attachments: Sequence[AttachedFile] = ()
    charts: Mapping[str, bytes] = field(default_factory=dict)
    styles: Sequence[str] = ()
    tagged: bool = True
    variant: str = "pdf/ua-1"


@dataclass(frozen=True, slots=True)
class Laid:
    """A part as a PDF, how many examples it has, and the characters that no font has.

    ``vector`` says whether its heatmaps, if it has any, are drawn as cells.
    """

    pdf: bytes
    examples: int
    missing: frozenset[str]
    vector: bool = True

    def __len__(self) -> int:
        return self.examples


@without_collection()
def lay_out(task: PartTask) -> Laid:
    """Lay out a part as a PDF of its own.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a template is broken, or the part cannot be laid out.
    """
    paper = task.values["paper"]
    with scratch_folder() as folder, shared(("setting", paper), partial(setting, paper)) as common:
        assets = copy_styles(folder, *task.styles)
        for name, chart in task.charts.items():
            (assets / name).write_bytes(chart)
        if (given := task.cards) is None:
            return _laid(folder, task, {}, _charts(folder), common)
        drawn = drawings(given.maker, given.show, common)
        return _laid(folder, task, given.drawn(drawn), drawn.images, common)


def _laid(
    folder: Path,
    task: PartTask,
    values: Mapping[str, Any],
    images: Mapping[str, Any],
    common: Setting,
) -> Laid:
    # A font has one glyph for both spaces, and PDF readers would find the first use of it only.
    page = render(task.template, {**task.values, **values}).replace("\xa0", " ")
    document = Document(
        page, folder, images, task.attachments, task.time, common.fonts, task.variant,
        fields=task.values["review"] is not None,
    )  # fmt: skip
    file = folder / "part.pdf"
    missing = write_pdf(document, file, tagged=task.tagged)
    return Laid(file.read_bytes(), len(task.cards) if task.cards else 0, missing, vector_cells())


def _charts(folder: Path) -> Mapping[str, Any]:
    if not vector_cells():
        return {}
    from reportgen.publish.pdf.charts import chart_images

    return chart_images(folder)
