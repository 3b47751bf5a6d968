"""Sections of the gallery in, one HTML file per page out, written by any number of workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from reportgen.analysis.ordering import Section
from reportgen.executors import Executor
from reportgen.predictions import Rows
from reportgen.progress import Progress
from reportgen.publish.gallery import BLANK, PAGE_SIZE, CardMaker, Page, paginate
from reportgen.publish.gallery_data import cards_data, script
from reportgen.publish.html import POLICY, render

__all__ = ["blocks_of", "indices_of", "jumps", "page_of", "page_values", "rule", "write_pages"]


@dataclass(frozen=True, slots=True)
class _Task:
    """A page without its cards, and the rows they are made of, block after block."""

    target: Path
    values: Mapping[str, Any]
    blocks: list[dict[str, Any]]
    rows: Rows
    indices: list[int]
    maker: CardMaker


def rule(section: Section) -> str:
    """Say in which order a section stands."""
    first = "wrong before right, " if section.key == "unsure" else ""
    return f"{first}most confident first"


def page_of(sections: Sequence[Section]) -> dict[int, str]:
    """Return the file of the page on which each example of the gallery stands."""
    return {
        int(i): page.file
        for page in paginate(sections)
        for block in page.blocks
        for i in block.section.indices[block.first - 1 : block.last]
    }


def write_pages(
    folder: Path,
    rows: Rows,
    sections: Sequence[Section],
    maker: CardMaker,
    shared: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> None:
    """Write every page of the gallery, and beside it the data of its cards."""
    (folder / "data").mkdir()
    pages = paginate(sections)
    total = sum(map(len, sections))
    starts = jumps(sections)

    def tasks() -> Iterator[_Task]:
        for page in pages:
            near = {"previous": page.number - 2, "next": page.number}
            values = {
                **shared,
                "policy": POLICY,
                "single": None,
                "page": page_values(page, len(pages), total),
                **{k: pages[i].file if 0 <= i < len(pages) else None for k, i in near.items()},
                "sections": starts,
            }
            target = folder / page.file
            yield _Task(target, values, blocks_of(page), rows, indices_of(page), maker)

    for _ in progress.track(executor.map(_write, tasks()), "pages", total, size=len):
        pass


def page_values(page: Page, pages: int, total: int) -> dict[str, Any]:
    """Return what a page says of itself; ``here`` is the count shown without a filter."""
    first = (page.number - 1) * PAGE_SIZE + 1
    last = min(page.number * PAGE_SIZE, total)
    here = f"{total:,} of {total:,}" if pages == 1 else f"{first:,} to {last:,} of {total:,}"
    return {"number": page.number, "of": pages, "size": PAGE_SIZE, "here": here}


def jumps(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Return where each section begins."""
    pages = paginate(sections)
    return [
        {
            "key": section.key,
            "title": section.title,
            "count": len(section),
            "page": next(p.file for p in pages for b in p.blocks if b.section is section),
        }
        for section in sections
    ]


def blocks_of(page: Page) -> list[dict[str, Any]]:
    """Return what a page says of the parts of sections on it."""
    return [
        {
            "key": block.section.key,
            "title": block.section.title,
            "total": len(block.section),
            "whole": block.section.whole,
            "first": block.first,
            "last": block.last,
            "rule": rule(block.section),
        }
        for block in page.blocks
    ]


def indices_of(page: Page) -> list[int]:
    """Return the rows of a page's cards, in their order."""
    return [
        int(i) for block in page.blocks for i in block.section.indices[block.first - 1 : block.last]
    ]


def _write(task: _Task) -> list[int]:
    made = list(map(task.maker.card, task.rows.take(task.indices)))
    stream = iter(made)
    blocks = [
        {**block, "cards": list(islice(stream, block["last"] - block["first"] + 1))}
        for block in task.blocks
    ]
    text = render("report.html.j2", {**task.values, "blocks": blocks, "blank": BLANK})
    task.target.write_text(text, encoding="utf-8")
    name = f"cards-{task.values['page']['number']:04}"
    data = task.target.with_name("data") / f"{name}.js"
    data.write_text(script(name, cards_data(made)), encoding="utf-8")
    return task.indices
