"""Write one HTML file per page of the gallery, and beside it the data of its cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import ExampleResult
from reportgen.executors import without_collection
from reportgen.predictions import Rows
from reportgen.publish.cards import Card, CardMaker
from reportgen.publish.html.data import cards_data, categories, flags, heads, heads_data, script
from reportgen.publish.html.interactive import interactive
from reportgen.publish.html.review import review_of
from reportgen.publish.html.templates import POLICY, render
from reportgen.publish.pagination import PAGE_SIZE, Page
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary
from reportgen.publish.words.notes import heading, skipped

__all__ = ["Part", "fill", "page_values", "parts_of", "shared_values", "write_pages"]

SKIPPED = 1000  # rows left out that are listed


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a section that stands on a page or in a PDF, as the template heads it.

    ``size`` counts its cards; ``range`` says which examples of the section they are, for contents.
    """

    key: str
    title: str
    note: str
    size: int
    range: str = ""


@dataclass(frozen=True, slots=True)
class _Task:
    """A page without its cards, and what they are made of."""

    target: Path
    values: Mapping[str, Any]
    parts: Sequence[Part]
    indices: Sequence[int]
    results: Sequence[ExampleResult]
    rows: Rows
    cards: CardMaker


def write_pages(report: Report, summary: Summary) -> None:
    """Write every page of the gallery.

    Raises:
        RenderError: the template is broken.
    """
    (report.folder / "data").mkdir()
    shared = shared_values(report, summary, report.pages)

    def tasks() -> Iterator[_Task]:
        for page in report.pages:
            yield _Task(
                target=report.folder / page.file,
                values={**shared, **page_values(report, page, report.pages), "policy": POLICY},
                parts=parts_of(report, page),
                indices=page.indices,
                results=report.results(page.indices),
                rows=report.rows,
                cards=report.cards,
            )

    written = report.executor.map(_write, tasks())
    for _ in report.progress.track(written, "pages", len(report.indices), size=len):
        pass


def shared_values(report: Report, summary: Summary, pages: Sequence[Page]) -> dict[str, Any]:
    """Return what the template shows on every one of these pages."""
    return {
        "report": summary,
        "charts": interactive(report.findings),
        "pages": len(pages),
        "page_size": PAGE_SIZE,
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "count": len(section),
                "page": next(p.file for p in pages for b in p.blocks if b.section is section),
            }
            for section in report.sections
        ],
        "skipped_listed": SKIPPED,
        "skipped_note": skipped(len(summary.skipped), SKIPPED),
        "flags": flags(report)[0],
        "categories": categories(report),
        "heads": heads(report),
        "review": review_of(report),
        "blank": report.cards.blank(),
        "single": None,
    }


def page_values(report: Report, page: Page, pages: Sequence[Page]) -> dict[str, Any]:
    """Return what a page says of itself: its number, its neighbours, the examples on it."""
    files, total = [p.file for p in pages], len(report.indices)
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
        )
        for block in page.blocks
    ]


def fill(parts: Sequence[Part], cards: Sequence[Card]) -> list[tuple[Part, list[Card]]]:
    """Pair each part with its cards, which come in the order of the parts."""
    stream = iter(cards)
    return [(part, list(islice(stream, part.size))) for part in parts]


@without_collection()
def _write(task: _Task) -> Sequence[int]:
    cards = task.cards.cards(task.rows.take(task.indices), task.results)
    text = render("report.html.j2", {**task.values, "parts": fill(task.parts, cards)})
    task.target.write_text(text, encoding="utf-8")
    folder, number = task.target.with_name("data"), f"{task.values['number']:04}"
    written: dict[str, Any] = {f"cards-{number}": cards_data(cards)}
    if task.values["heads"]:
        written[f"heads-{number}"] = heads_data(cards)
    for name, data in written.items():
        (folder / f"{name}.js").write_text(script(name, data), encoding="utf-8")
    return task.indices
