"""Write the PDF: one document, or volumes; each is laid out in parts side by side, then joined."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from reportgen.analysis.ordering import Section, share_out
from reportgen.executors import Executor
from reportgen.progress import Progress
from reportgen.publish.html.pages import Part
from reportgen.publish.names import safe_name
from reportgen.publish.pagination import Block
from reportgen.publish.pdf.document import AttachedFile
from reportgen.publish.pdf.forms import Field, cover_fields, fields_file
from reportgen.publish.pdf.joining import ELSEWHERE, ONE_HEAD, PAGE_OF, join
from reportgen.publish.pdf.parts import Cards, PartTask, lay_out
from reportgen.publish.pdf.running import LETTERS
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary
from reportgen.publish.tables import csv_text
from reportgen.publish.words import notes
from reportgen.publish.words.finding import rule
from reportgen.publish.words.numbers import counted
from reportgen.publish.words.questions import FIELDS_FILE, REVIEW, REVIEW_PDF, asks, instructions

__all__ = [
    "PART", "VOLUME", "Planned", "Volume", "charts_of", "heads", "key", "named", "parts", "volumes",
    "write_documents", "write_volumes",
]  # fmt: skip

VOLUME = 1000  # examples of one document at most
PART, FEW = 100, 25  # cards that are laid out together at most; fewer are, with others
SKIPPED = 40  # rows left out that are listed


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
    """Share at most so many examples (None: all) over the sections and lay them out in volumes.

    The first volume has every section, also those without an example.
    """
    counts = list(map(len, sections)) if examples is None else share_out(examples, sections)
    documents: list[list[Block]] = [[]]
    room = VOLUME
    for section, count in zip(sections, counts, strict=True):
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


def parts(volume: Volume) -> list[list[Block]]:
    """Return the blocks that are laid out together: parts of a section, of about one size.

    Each part begins on a new page, so short sections are laid out with those beside them.
    """
    together: list[list[Block]] = [[]]
    for block in volume.blocks:
        for piece in _pieces(block):
            size = sum(map(len, together[-1]))
            if min(size, len(piece)) >= FEW or size + len(piece) > PART:
                together.append([])
            together[-1].append(piece)
    return together


def heads(cards: Sequence[Sequence[Part]]) -> tuple[list[str], list[list[str]]]:
    """Return the running heads of parts with cards, and the places where those of each begin."""
    titles = [part.title for given in cards for part in given]
    return titles, [[part.key for part in given] for given in cards]


def _pieces(block: Block) -> list[Block]:
    count = max(1, math.ceil(len(block) / PART))
    ends = [block.first - 1 + len(block) * k // count for k in range(count + 1)]
    return [Block(block.section, start + 1, end) for start, end in pairwise(ends)]


@dataclass(frozen=True, slots=True)
class Planned:
    """A document: the tasks that lay out its parts, what stands on their pages, and its file.

    ``heads`` are where the running heads of each part begin (``joining.join``).
    """

    target: Path
    tasks: Sequence[PartTask]
    running: PartTask
    heads: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Join:
    """The parts of a volume as PDFs, and what stands on their pages."""

    parts: Sequence[bytes]
    running: bytes
    heads: Sequence[Sequence[str]]


def write_volumes(report: Report, summary: Summary) -> None:
    """Write the documents, each with its attachments; the first lists the others.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a document cannot be laid out.
    """
    planned = list(_plan(report, summary))
    write_documents(planned, partial(_filled, report), report.executor, report.progress)


def write_documents(
    planned: Sequence[Planned],
    fill: Callable[[PartTask], PartTask],
    executor: Executor,
    progress: Progress,
) -> None:
    """Lay out the parts of documents, and join those of each.

    ``fill`` gives a part the rows of its cards, which of all parts at once would fill the memory.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a document cannot be laid out.
    """
    folder = planned[0].target.parent / ".parts"
    folder.mkdir()
    tasks = [task for document in planned for task in (document.running, *document.tasks)]
    shown = sum(len(task.cards) for task in tasks if task.cards is not None)
    missing: set[str] = set()
    vector = True
    tasks.sort(key=_order)
    laid = executor.map(lay_out, map(fill, tasks))
    tracked = progress.track(laid, "PDF", shown, size=len)
    for task, part in zip(tasks, tracked, strict=True):
        (folder / task.name).write_bytes(part.pdf)
        missing |= part.missing
        vector &= part.vector

    def read(task: PartTask) -> bytes:
        return (folder / task.name).read_bytes()

    joins = (_Join([read(t) for t in p.tasks], read(p.running), p.heads) for p in planned)
    for document, pdf in zip(planned, executor.map(_join, joins), strict=True):
        document.target.write_bytes(pdf)
    shutil.rmtree(folder)
    if not vector:
        progress.say(
            "warning: this WeasyPrint draws heatmaps another way than reportgen knows;"
            " the PDF shows the shaded text instead"
        )
    if missing:
        progress.say(
            f"warning: no usable font is installed for {counted(len(missing), 'character')} of the"
            f" PDF: {notes.name_glyphs(missing, pictures=True)}"
        )


def _order(task: PartTask) -> tuple[bool, int]:
    """Say which parts are laid out first: what takes long, so that no worker is left with it."""
    return not task.charts, -len(task.cards or ())


def _filled(report: Report, task: PartTask) -> PartTask:
    if not isinstance(task.cards, Cards):
        return task
    rows = report.rows.slice(task.cards.indices)
    return replace(task, cards=replace(task.cards, rows=rows))


def _join(task: _Join) -> bytes:
    joined = BytesIO()
    join([BytesIO(part) for part in task.parts], BytesIO(task.running), joined, task.heads)
    return joined.getvalue()


def _plan(report: Report, summary: Summary) -> Iterator[Planned]:
    planned = volumes(report.sections, report.options.pdf_examples)
    outline = [(volume.file, _headed(report, volume.blocks)) for volume in planned]
    shared = _shared(report, summary, planned)
    place = 1
    for volume in planned:
        first = volume.number == 1
        attachments = _attachments(report, volume, place)
        cards = []
        for blocks in parts(volume):
            cards.append(_cards(report, blocks, place))
            place += len(cards[-1].indices)
        titles, begun = heads([given.parts for given in cards])
        values = {
            **shared,
            "volume": volume.number,
            "outline": outline if first else [],
            "contents": [part for given in cards for part in given.parts],
            "titles": titles,
            "linked": _linked(report, summary, volume) if first else frozenset(),
        }
        plain = PartTask(
            f"{volume.number:03}", "", values, report.run.time, variant=report.options.pdf_variant
        )
        ends = [named(plain, "back")] if first else []
        charts = charts_of(report.folder) if first else {}
        front = replace(named(plain, "front"), attachments=attachments, charts=charts)
        middle = [
            replace(named(plain, "cards", f"cards-{k:02}"), cards=given)
            for k, given in enumerate(cards)
        ]
        running = replace(named(plain, "running"), tagged=False)
        yield Planned(
            report.folder / volume.file,
            [front, *middle, *ends],
            running,
            [ONE_HEAD, *begun, *[ONE_HEAD] * len(ends)],
        )


def named(task: PartTask, template: str, name: str = "") -> PartTask:
    """Return a part like another, of a template, with a name of its own."""
    return replace(task, template=f"pdf/{template}.j2", name=f"{task.name}-{name or template}.pdf")


def charts_of(folder: Path) -> dict[str, bytes]:
    """Return the charts of a run folder by their names; only the first volume has them."""
    return {path.name: path.read_bytes() for path in (folder / "assets").glob("*.svg")}


def _shared(report: Report, summary: Summary, planned: Sequence[Volume]) -> dict[str, Any]:
    """Return what the templates show of a report in every volume."""
    gallery, examples = len(report.indices), len(report.predictions)
    shown = sum(len(volume.indices) for volume in planned)
    return {
        "report": summary,
        "paper": report.options.paper,
        "volumes": len(planned),
        "shown_note": notes.document(
            len(planned),
            shown,
            gallery,
            examples,
            report.seed,
            notes.shares(report.options.pdf_examples or 0, report.labelled),
        ),
        "skipped_listed": SKIPPED,
        "skipped_note": notes.skipped(len(summary.skipped), SKIPPED),
        "elsewhere": ELSEWHERE,
        "page_of": PAGE_OF,
        "letters": LETTERS,
        "asks": asks(report.labelled),
        "review": _review(report) if report.options.review else None,
    }


def _review(report: Report) -> tuple[str, tuple[tuple[str, str], ...], tuple[Field, ...]]:
    """Return what the cover says to a reviewer: the heading, the instructions, the fields."""
    weighted = report.cards.weighted
    told = instructions(report.labelled, report.unlabelled > 0, REVIEW_PDF, weighted)
    return REVIEW, told, cover_fields()


def _cards(report: Report, blocks: Sequence[Block], place: int) -> Cards:
    indices = [i for block in blocks for i in block.indices]
    return Cards(
        parts=_headed(report, blocks),
        indices=indices,
        results=report.results(indices),
        maker=report.cards,
        show=report.options.pdf_cards,
        place=place,
        asks=report.options.review,
    )


def _headed(report: Report, blocks: Sequence[Block]) -> list[Part]:
    return [
        Part(
            key(block),
            block.section.title,
            notes.volume_heading(block.section, block.first, block.last, len(report.indices)),
            len(block),
            notes.shown_of(block.section, block.first, block.last),
            rule(block.section.key, report.findings.unsure_margin, report.tally)
            if block.first == 1
            else "",
        )
        for block in blocks
    ]


def _linked(report: Report, summary: Summary, volume: Volume) -> frozenset[str]:
    """Return the places of those cards in a volume whose labels are worth a second look."""
    listed = {error.anchor for error in summary.results.label_errors} if summary.results else set()
    here = {f"ex-{safe_name(report.predictions.ids[i])}" for i in volume.indices}
    return frozenset(listed & here)


def key(block: Block) -> str:
    """Return the name of a place in the document: of a section's first part that of the section."""
    return block.section.key if block.first == 1 else f"{block.section.key}-{block.first}"


def _attachments(report: Report, volume: Volume, place: int) -> list[AttachedFile]:
    files = [
        ("inputs.json", "All that decides the result"),
        ("metrics.json", "Every number of this report"),
    ]
    rows = csv_text(report, volume.indices, place).encode()
    attached = [
        *(AttachedFile(name, (report.folder / name).read_bytes(), what) for name, what in files),
        AttachedFile("examples.csv", rows, "The examples shown here"),
    ]
    if report.options.review:
        ids = [report.predictions.ids[i] for i in volume.indices]
        numbers = fields_file(report.run.hash, ids, place)
        attached.append(AttachedFile(FIELDS_FILE, numbers, "Which fields are of which example"))
    return attached
