"""Write one HTML file per page of the gallery, and beside it the data of its cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Section
from reportgen.executors import without_collection
from reportgen.predictions import RowSlice
from reportgen.publish.cards import CardMaker
from reportgen.publish.html.data import cards_data, categories, flags, heads, heads_data, script
from reportgen.publish.html.interactive import interactive
from reportgen.publish.html.review import review_of
from reportgen.publish.html.templates import POLICY, render
from reportgen.publish.pagination import PAGE_SIZE, Page
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary
from reportgen.publish.words.finding import SEARCH, SEARCHED, rule
from reportgen.publish.words.legend import shadings
from reportgen.publish.words.notes import heading, skipped

__all__ = [
    "Part",
    "Written",
    "fill",
    "listed",
    "neighbours",
    "page_values",
    "parts_of",
    "shared_values",
    "write_pages",
]

SKIPPED = 1000  # rows left out that are listed
Shown = TypeVar("Shown")  # a card


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a section that stands on a page or in a PDF, as the template heads it.

    ``size`` counts its cards; ``range`` says which examples of the section they are, for contents;
    ``rule`` which predictions they are.
    """

    key: str
    title: str
    note: str
    size: int
    range: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the pages of a gallery have in common."""

    values: Mapping[str, Any]
    cards: CardMaker


@dataclass(frozen=True, slots=True)
class _Task:
    """A page without its cards, and what they are made of."""

    file: str
    values: Mapping[str, Any]
    parts: Sequence[Part]
    results: Sequence[ExampleResult]
    rows: RowSlice


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a page, and how many examples it has."""

    files: Mapping[str, bytes]
    examples: int

    def __len__(self) -> int:
        return self.examples


def write_pages(report: Report, summary: Summary) -> None:
    """Write every page of the gallery.

    Raises:
        RenderError: the template is broken.
    """
    (report.folder / "data").mkdir()
    values = {**shared_values(report, summary, report.pages), "policy": POLICY}
    write = report.executor.bind(_write, _Shared(values, report.cards))
    tasks = (
        _Task(
            file=page.file,
            values=page_values(report, page, report.pages),
            parts=parts_of(report, page),
            results=report.results(page.indices),
            rows=report.rows.slice(page.indices),
        )
        for page in report.pages
    )
    written = report.executor.map(write, tasks)
    for page in report.progress.track(written, "pages", len(report.indices), size=len):
        for name, content in page.files.items():
            (report.folder / name).write_bytes(content)


def shared_values(report: Report, summary: Summary, pages: Sequence[Page]) -> dict[str, Any]:
    """Return what the template shows on every one of these pages."""
    return {
        "report": summary,
        "charts": interactive(report.findings),
        "pages": len(pages),
        "page_size": PAGE_SIZE,
        "sections": listed(report.sections, pages),
        "tally": {**report.tally, "": len(report.indices)},
        "search": {"hint": SEARCH, "told": SEARCHED},
        "skipped_listed": SKIPPED,
        "skipped_note": skipped(len(summary.skipped), SKIPPED),
        "flags": flags(report)[0],
        "categories": categories(report),
        "heads": heads(report),
        "review": review_of(report),
        "blank": report.cards.blank(),
        "shades": "text" if report.options.shades == "text" else "run",
        "shadings": shadings(report.cards.scale, report.shared_scale),
        "single": None,
    }


def listed(sections: Sequence[Section], pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return what a page says of each section: its size, its first page, and all its pages."""
    return [
        {
            "key": section.key,
            "title": section.title,
            "count": len(section),
            "page": on[0].file,
            "pages": on,
        }
        for section in sections
        for on in [[p for p in pages if any(b.section is section for b in p.blocks)]]
    ]


def page_values(report: Report, page: Page, pages: Sequence[Page]) -> dict[str, Any]:
    """Return what a page says of itself: its number, its neighbours, the examples on it."""
    return neighbours(page, pages, len(report.indices))


def neighbours(page: Page, pages: Sequence[Page], total: int) -> dict[str, Any]:
    """Return a page's number, the pages beside it, and which of so many examples are on it."""
    files = [p.file for p in pages]
    first, last = (page.number - 1) * PAGE_SIZE + 1, min(page.number * PAGE_SIZE, total)
    whole = len(files) == 1
    return {
        "number": page.number,
        "here": f"{total:,} of {total:,}" if whole else f"{first:,} to {last:,} of {total:,}",
        "previous": files[page.number - 2] if page.number > 1 else None,
        "next": files[page.number] if page.number < len(files) else None,
    }


def parts_of(report: Report, page: Page) -> list[Part]:
    """Return the parts of sections that stand on a page."""
    gallery, examples = len(report.indices), len(report.predictions)
    return [
        Part(
            block.section.key,
            block.section.title,
            heading(block.section, block.first, block.last, gallery, examples),
            len(block),
            rule=rule(block.section.key, report.findings.unsure_margin, report.tally),
        )
        for block in page.blocks
    ]


def fill(parts: Sequence[Part], cards: Sequence[Shown]) -> list[tuple[Part, list[Shown]]]:
    """Pair each part with its cards, which come in the order of the parts."""
    stream = iter(cards)
    return [(part, list(islice(stream, part.size))) for part in parts]


@without_collection()
def _write(shared: _Shared, task: _Task) -> Written:
    cards = shared.cards.cards(task.rows.take(), task.results)
    values = {**shared.values, **task.values, "parts": fill(task.parts, cards)}
    files = {task.file: render("report.html.j2", values)}
    data: dict[str, Any] = {"cards": cards_data(cards)}
    if shared.values["heads"]:
        data["heads"] = heads_data(cards)
    for kind, given in data.items():
        name = f"{kind}-{task.values['number']:04}"
        files[f"data/{name}.js"] = script(name, given)
    written = Written({name: text.encode() for name, text in files.items()}, len(cards))
    for _, shown in values["parts"]:
        shown.clear()  # else they wait for a collection, since a template's context is a cycle
    return written
