"""Write the pages of a comparison, and beside each the data of its cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.executors import without_collection
from reportgen.publish.comparison.cards import Flips, blank
from reportgen.publish.comparison.data import categories, flips_data, index_data
from reportgen.publish.comparison.gallery import Gallery
from reportgen.publish.comparison.summary import FlipSummary
from reportgen.publish.html.data import script
from reportgen.publish.html.pages import Part, fill, neighbours
from reportgen.publish.html.templates import POLICY, render
from reportgen.publish.pagination import PAGE_SIZE, Page
from reportgen.publish.words.flips import heading, verdict

__all__ = ["write_pages"]


@dataclass(frozen=True, slots=True)
class _Task:
    """A page without its cards, and what they are made of."""

    target: Path
    values: Mapping[str, Any]
    parts: Sequence[Part]
    flips: Flips

    def __len__(self) -> int:
        return len(self.flips)


def write_pages(gallery: Gallery, summary: FlipSummary) -> None:
    """Write every page, the data of its cards, and the columns that are filtered by.

    Raises:
        RenderError: a template is broken.
    """
    data = gallery.folder / "data"
    data.mkdir()
    (data / "index.js").write_text(script("index", index_data(gallery)), encoding="utf-8")
    shared = _shared(gallery, summary)

    def tasks() -> Iterator[_Task]:
        for page in gallery.pages:
            yield _Task(
                target=gallery.folder / page.file,
                values={**shared, **neighbours(page, gallery.pages, len(gallery.places))},
                parts=_parts(gallery, page),
                flips=gallery.flips(page.indices),
            )

    written = gallery.executor.map(_write, tasks())
    for _ in gallery.progress.track(written, "pages", len(gallery.places), size=len):
        pass


def _shared(gallery: Gallery, summary: FlipSummary) -> dict[str, Any]:
    """Return what the template shows on every page."""
    sections, found = gallery.sections, gallery.found
    first = {
        section.key: next(p.file for p in gallery.pages for b in p.blocks if b.section is section)
        for section in sections
    }
    return {
        "report": summary,
        "policy": POLICY,
        "pages": len(gallery.pages),
        "page_size": PAGE_SIZE,
        "sections": [
            {"key": s.key, "title": s.title, "count": len(s), "page": first[s.key]}
            for s in sections
        ],
        "places": {s.key: f"{first[s.key]}#{s.key}" for s in sections},
        "chips": [(s.key, *verdict(s.key)) for s in sections if len(s)],
        "categories": categories(gallery),
        "review": None,
        "blank": blank(found.letters, [run.maker for run in gallery.runs]),
        "single": None,
    }


def _parts(gallery: Gallery, page: Page) -> list[Part]:
    """Return the parts of sections that stand on a page."""
    return [
        Part(
            block.section.key,
            block.section.title,
            heading(block.section, block.first, block.last, len(gallery.found)),
            len(block),
        )
        for block in page.blocks
    ]


@without_collection()
def _write(task: _Task) -> Flips:
    cards = task.flips.cards()
    text = render("comparison.html.j2", {**task.values, "parts": fill(task.parts, cards)})
    task.target.write_text(text, encoding="utf-8")
    name = f"cards-{task.values['number']:04}"
    file = task.target.with_name("data") / f"{name}.js"
    file.write_text(script(name, flips_data(cards)), encoding="utf-8")
    return task.flips
