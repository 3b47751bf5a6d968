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
from reportgen.publish.gallery import Page, cards, paginate
from reportgen.publish.html import render

__all__ = ["page_of", "rule", "write_pages"]


@dataclass(frozen=True, slots=True)
class _Task:
    """A page without its cards, and the rows they are made of, block after block."""

    target: Path
    values: Mapping[str, Any]
    blocks: list[dict[str, Any]]
    rows: Rows
    indices: list[int]
    classes: tuple[str, ...]
    unsure_margin: float


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
    classes: tuple[str, ...],
    unsure_margin: float,
    shared: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> None:
    """Write every page of the gallery."""
    pages = paginate(sections)
    jumps = [
        {
            "key": section.key,
            "title": section.title,
            "count": len(section),
            "page": next(p.file for p in pages for b in p.blocks if b.section is section),
        }
        for section in sections
    ]
    total = sum(map(len, sections))

    def tasks() -> Iterator[_Task]:
        for page in pages:
            near = {"previous": page.number - 2, "next": page.number}
            values = {
                **shared,
                "page": {"number": page.number, "of": len(pages)},
                **{k: pages[i].file if 0 <= i < len(pages) else None for k, i in near.items()},
                "sections": jumps,
            }
            yield _Task(
                folder / page.file, values, _blocks(page), rows, _indices(page), classes,
                unsure_margin,
            )  # fmt: skip

    for _ in progress.track(executor.map(_write, tasks()), "pages", total):
        pass


def _blocks(page: Page) -> list[dict[str, Any]]:
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


def _indices(page: Page) -> list[int]:
    return [
        int(i) for block in page.blocks for i in block.section.indices[block.first - 1 : block.last]
    ]


def _write(task: _Task) -> list[int]:
    stream = cards(task.rows.take(task.indices), task.classes, task.unsure_margin)
    blocks = [
        {**block, "cards": list(islice(stream, block["last"] - block["first"] + 1))}
        for block in task.blocks
    ]
    text = render("report.html.j2", {**task.values, "blocks": blocks})
    task.target.write_text(text, encoding="utf-8")
    return task.indices
