"""Sections in, the PDF out: one document, or volumes that are laid out side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportgen.analysis.ordering import Section, share_out
from reportgen.executors import Executor
from reportgen.figures.layout import Band, Grid, grid
from reportgen.predictions import Rows
from reportgen.progress import Progress
from reportgen.publish.gallery import Card, CardMaker
from reportgen.publish.html import render
from reportgen.publish.pages import rule
from reportgen.publish.pdf import BASE, AttachedFile, vector_cells, write_pdf
from reportgen.records import Prediction

__all__ = ["VOLUME", "Part", "Volume", "bands", "volumes", "write_volumes"]

VOLUME = 1000  # examples of one document at most
BAND_ROWS = 8  # rows of a long heatmap that stay together on a page
SHORT_ROWS = 16  # a heatmap of so many rows is not broken


@dataclass(frozen=True, slots=True)
class Part:
    """Examples ``first`` to ``last`` of a section of the gallery, and their indices."""

    section: Section
    first: int
    last: int
    indices: list[int]


@dataclass(frozen=True, slots=True)
class Volume:
    """One document."""

    number: int
    parts: list[Part]

    @property
    def file(self) -> str:
        """The name of its file."""
        return "report.pdf" if self.number == 1 else f"report-{self.number:02}.pdf"

    @property
    def indices(self) -> list[int]:
        """The rows of its examples, in their order."""
        return [i for part in self.parts for i in part.indices]


def volumes(sections: Sequence[Section], examples: int | None) -> list[Volume]:
    """Share so many examples (None: all) over the sections and lay them out in volumes.

    The first volume has every section, also those without an example.
    """
    sizes = [len(section) for section in sections]
    total = sum(sizes) if examples is None else min(examples, sum(sizes))
    made: list[list[Part]] = [[]]
    room = VOLUME
    for section, count in zip(sections, share_out(total, sizes), strict=True):
        chosen = section.indices[:count].tolist()
        if not chosen and len(made) == 1:
            made[-1].append(Part(section, 1, 0, []))
        at = 0
        while at < count:
            if room == 0:
                made.append([])
                room = VOLUME
            taken = chosen[at : at + room]
            made[-1].append(Part(section, at + 1, at + len(taken), taken))
            at, room = at + len(taken), room - len(taken)
    return [Volume(number, parts) for number, parts in enumerate(made, 1)]


@dataclass(frozen=True, slots=True)
class _Task:
    volume: Volume
    values: Mapping[str, Any]
    folder: Path
    rows: Rows
    maker: CardMaker
    attachments: list[AttachedFile]
    time: datetime


def write_volumes(
    folder: Path,
    rows: Rows,
    planned: Sequence[Volume],
    maker: CardMaker,
    shared: Mapping[str, Any],
    attachments: Iterator[list[AttachedFile]],
    time: datetime,
    executor: Executor,
    progress: Progress,
) -> None:
    """Write the documents, each with its attachments; the first lists the others."""
    shown = sum(len(volume.indices) for volume in planned)
    outline = [
        {
            "file": volume.file,
            "parts": [(p.section.title, p.first, p.last) for p in volume.parts if p.indices],
        }
        for volume in planned
    ]
    if not vector_cells():
        progress.say(
            "warning: this WeasyPrint draws heatmaps another way than reportgen knows;"
            " the PDF shows the shaded text instead"
        )

    def tasks() -> Iterator[_Task]:
        for volume, attached in zip(planned, attachments, strict=True):
            values = {
                **shared,
                "shown": shown,
                "volume": {"number": volume.number, "of": len(planned)},
                "outline": outline if volume.number == 1 else [],
            }
            yield _Task(volume, values, folder, rows, maker, attached, time)

    missing: set[str] = set()
    for done in progress.track(executor.map(_write, tasks()), "PDF", shown, size=len):
        missing |= done.missing
    if missing:
        named = " ".join(f"U+{ord(c):04X}" for c in sorted(missing)[:12])
        progress.say(
            f"warning: no installed font has {len(missing)} characters of the PDF ({named})"
        )


@dataclass(frozen=True, slots=True)
class _Written:
    """How many examples were written, and the characters that no font has."""

    examples: int
    missing: frozenset[str]

    def __len__(self) -> int:
        return self.examples


def _write(task: _Task) -> _Written:
    drawn: dict[str, Band] = {}
    stream = task.rows.take(task.volume.indices)
    blocks = [
        {
            "key": part.section.key,
            "title": part.section.title,
            "first": part.first,
            "last": part.last,
            "total": len(part.section),
            "rule": rule(part.section),
            "cards": [_card(next(stream), task, drawn) for _ in part.indices],
        }
        for part in task.volume.parts
    ]
    # A font has one glyph for both spaces, and PDF readers would find the first use of it only.
    page = render("report.pdf.j2", {**task.values, "blocks": blocks}).replace("\xa0", " ")
    target = task.folder / task.volume.file
    missing = write_pdf(page, task.folder, target, task.attachments, task.time, drawn)
    return _Written(len(task.volume.indices), missing)


def bands(cells: Grid) -> Iterator[Band]:
    """Cut a heatmap into the parts that a page keeps together."""
    step = cells.rows if cells.rows <= SHORT_ROWS else BAND_ROWS
    for start in range(0, cells.rows, step):
        yield Band(cells, start, min(start + step, cells.rows))


def _card(prediction: Prediction, task: _Task, drawn: dict[str, Band]) -> Card:
    addresses: list[str] = []
    if vector_cells() and prediction.tokens:
        for band in bands(grid(prediction.tokens, prediction.attention, prediction.unknown)):
            addresses.append(f"{BASE}cells/{len(drawn)}")
            drawn[addresses[-1]] = band
    return task.maker.card(prediction, tuple(addresses))
