"""Write the PDF of a comparison: what was found, and the first cards of each section."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
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
from reportgen.publish.pdf.joining import ELSEWHERE, PAGE_OF
from reportgen.publish.pdf.parts import PartTask
from reportgen.publish.pdf.running import LETTERS
from reportgen.publish.pdf.volumes import (
    PARTS,
    Planned,
    Volume,
    key,
    named,
    parts,
    volumes,
    write_documents,
)
from reportgen.publish.tables import write_csv
from reportgen.publish.words import notes
from reportgen.publish.words.flips import document, volume_heading

__all__ = ["printed", "write_document"]

GROUPS = 20  # that are listed
TEMPLATES = "comparison/"  # the folder of the front, the cards and the end


@dataclass(frozen=True, slots=True)
class _Cards:
    """The cards of a part of the document: their parts of sections, and what they are made of."""

    parts: Sequence[Part]
    flips: Flips
    show: str

    def __len__(self) -> int:
        return len(self.flips)

    @property
    def title(self) -> str:
        """The title of the section whose cards it has."""
        return max(self.parts, key=lambda part: part.size).title

    @property
    def maker(self) -> CardMaker:
        """What makes the cards of the first run; every run has its own."""
        return self.flips.makers[0]

    def drawn(self, drawings: Drawings) -> dict[str, Any]:
        """Draw the cards; return them as the template shows them."""
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
    folder = gallery.folder / PARTS
    folder.mkdir()
    write_documents([_plan(gallery, summary, folder)], gallery.executor, gallery.progress)
    shutil.rmtree(folder)


def _plan(gallery: Gallery, summary: FlipSummary, folder: Path) -> Planned:
    volume = _volume(gallery)
    cards = [_cards(gallery, blocks) for blocks in parts(volume)]
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
        "titles": [given.title for given in cards],
        "places": {part.key: f"{ELSEWHERE}#{part.key}" for c in cards for part in c.parts},
    }
    plain = PartTask(
        folder / "comparison",
        gallery.folder,
        "",
        values,
        gallery.run.time,
        variant=gallery.options.pdf_variant,
    )
    front = named(plain, f"{TEMPLATES}front", "front")
    middle = [
        replace(named(plain, f"{TEMPLATES}cards", f"cards-{k:02}"), cards=given)
        for k, given in enumerate(cards)
    ]
    tasks = [
        replace(front, attachments=_attachments(gallery, volume)),
        *middle,
        named(plain, f"{TEMPLATES}back", "back"),
    ]
    running = replace(named(plain, "running"), tagged=False)
    return Planned(tasks, running, gallery.folder / volume.file)


def _cards(gallery: Gallery, blocks: Sequence[Block]) -> _Cards:
    heads = [
        Part(
            key(block),
            block.section.title,
            volume_heading(block.section, block.first, block.last, len(gallery.found)),
            len(block),
            notes.shown_of(block.section, block.first, block.last),
        )
        for block in blocks
    ]
    places = [i for block in blocks for i in block.indices]
    return _Cards(heads, gallery.flips(places), gallery.options.pdf_cards)


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
