"""Write the PDF of a comparison: what was found, and the first cards of each section."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from reportgen.publish.cards import CardMaker
from reportgen.publish.comparison.cards import Flips
from reportgen.publish.comparison.gallery import Gallery
from reportgen.publish.comparison.summary import FlipSummary
from reportgen.publish.comparison.tables import csv_rows
from reportgen.publish.html.pages import Part, fill
from reportgen.publish.pagination import Block
from reportgen.publish.pdf.document import AttachedFile
from reportgen.publish.pdf.drawings import Drawings
from reportgen.publish.pdf.joining import ELSEWHERE, ONE_HEAD, PAGE_OF
from reportgen.publish.pdf.parts import PartTask
from reportgen.publish.pdf.running import LETTERS
from reportgen.publish.pdf.volumes import (
    Planned,
    Volume,
    charts_of,
    heads,
    key,
    named,
    parts,
    volumes,
    write_documents,
)
from reportgen.publish.tables import write_csv
from reportgen.publish.words import notes
from reportgen.publish.words.flips import document, meaning, volume_heading

__all__ = ["printed", "write_document"]

STYLES = ("flips.css", "flips-print.css")  # beside a report's
GROUPS = 20  # that are listed
TEMPLATES = "comparison/"  # the folder of the front, the cards and the end


@dataclass(frozen=True, slots=True)
class _Cards:
    """The cards of a part of the document: their parts of sections, and what they are made of.

    ``places`` are those among the shared examples; ``flips`` is None until it is laid out.
    """

    parts: Sequence[Part]
    places: Sequence[int]
    maker: CardMaker
    show: str
    flips: Flips | None = None

    def __len__(self) -> int:
        return len(self.places)

    def drawn(self, drawings: Drawings) -> dict[str, Any]:
        """Draw the cards; return them as the template shows them."""
        if self.flips is None:
            raise ValueError("these cards have no rows yet")
        by_run = [replace(drawings, maker=maker) for maker in self.flips.makers]
        cards = self.flips.cards([drawing.card for drawing in by_run])
        return {"parts": fill(self.parts, cards)}


def printed(gallery: Gallery) -> list[int]:
    """Return the examples that the document shows, as places among the shared ones."""
    return _volume(gallery).indices


def _volume(gallery: Gallery) -> Volume:
    """Share the examples out over the sections, all in one document."""
    found = volumes(gallery.sections, gallery.options.pdf_examples)
    return Volume(1, tuple(block for volume in found for block in volume.blocks))


def write_document(gallery: Gallery, summary: FlipSummary) -> None:
    """Write report.pdf.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: the document cannot be laid out.
    """
    planned = [_plan(gallery, summary)]
    write_documents(planned, partial(_filled, gallery), gallery.executor, gallery.progress)


def _filled(gallery: Gallery, task: PartTask) -> PartTask:
    if not isinstance(task.cards, _Cards):
        return task
    return replace(task, cards=replace(task.cards, flips=gallery.flips(task.cards.places)))


def _plan(gallery: Gallery, summary: FlipSummary) -> Planned:
    volume = _volume(gallery)
    cards = [_cards(gallery, blocks) for blocks in parts(volume) if gallery.places]
    titles, begun = heads([given.parts for given in cards])
    values = {
        "report": summary,
        "paper": gallery.options.paper,
        "shown_note": document(len(volume.indices), gallery.whole, len(gallery.found)),
        "elsewhere": ELSEWHERE,
        "page_of": PAGE_OF,
        "letters": LETTERS,
        "review": None,
        "groups_listed": GROUPS,
        "contents": [part for given in cards for part in given.parts],
        "titles": titles,
        "places": {part.key: f"{ELSEWHERE}#{part.key}" for c in cards for part in c.parts},
    }
    plain = PartTask(
        "comparison",
        "",
        values,
        gallery.run.time,
        variant=gallery.options.pdf_variant,
        styles=STYLES,
    )
    front = named(plain, f"{TEMPLATES}front", "front")
    middle = [
        replace(named(plain, f"{TEMPLATES}cards", f"cards-{k:02}"), cards=given)
        for k, given in enumerate(cards)
    ]
    tasks = [
        replace(front, attachments=_attachments(gallery, volume), charts=charts_of(gallery.folder)),
        *middle,
        named(plain, f"{TEMPLATES}back", "back"),
    ]
    running = replace(named(plain, "running"), tagged=False)
    return Planned(gallery.folder / volume.file, tasks, running, [ONE_HEAD, *begun, ONE_HEAD])


def _cards(gallery: Gallery, blocks: Sequence[Block]) -> _Cards:
    headed = [
        Part(
            key(block),
            block.section.title,
            volume_heading(block.section, block.first, block.last, len(gallery.found)),
            len(block),
            notes.shown_of(block.section, block.first, block.last),
            meaning(block.section.key),
        )
        for block in blocks
    ]
    places = [i for block in blocks for i in block.indices]
    return _Cards(headed, places, gallery.runs[0].maker, gallery.options.pdf_cards)


def _attachments(gallery: Gallery, volume: Volume) -> list[AttachedFile]:
    files = [
        ("inputs.json", "All that decides the result"),
        ("metrics.json", "Every number of this comparison"),
    ]
    text, rows = io.StringIO(), list(csv_rows(gallery.compared))
    write_csv(text, (rows[i] for i in volume.indices))
    return [
        *(AttachedFile(name, (gallery.folder / name).read_bytes(), what) for name, what in files),
        AttachedFile("examples.csv", text.getvalue().encode(), "The examples shown here"),
    ]
