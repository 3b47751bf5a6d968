"""Write the pages of a comparison, and beside each the data of its cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.executors import without_collection
from reportgen.figures.scales import Scale
from reportgen.publish.comparison.cards import Flips, blank
from reportgen.publish.comparison.data import categories, flips_data, index_data
from reportgen.publish.comparison.gallery import Gallery
from reportgen.publish.comparison.summary import FlipSummary
from reportgen.publish.html.data import script
from reportgen.publish.html.pages import Part, Written, fill, listed, neighbours
from reportgen.publish.html.templates import POLICY, render
from reportgen.publish.pagination import PAGE_SIZE, Page
from reportgen.publish.words.finding import SEARCH, SEARCHED
from reportgen.publish.words.flips import heading, meaning, verdict
from reportgen.publish.words.legend import shadings

__all__ = ["parts_of", "shared_values", "write_pages"]


@dataclass(frozen=True, slots=True)
class _Task:
    """A page without its cards, and what they are made of."""

    file: str
    values: Mapping[str, Any]
    parts: Sequence[Part]
    flips: Flips
    scales: Sequence[Scale]


def write_pages(gallery: Gallery, summary: FlipSummary) -> None:
    """Write every page, the data of its cards, and the columns that are filtered by.

    Raises:
        RenderError: a template is broken.
    """
    data = gallery.folder / "data"
    data.mkdir()
    (data / "index.js").write_text(script("index", index_data(gallery)), encoding="utf-8")
    write = gallery.executor.bind(_write, shared_values(gallery, summary, gallery.pages))
    total = len(gallery.places)
    tasks = (
        _Task(
            file=page.file,
            values=neighbours(page, gallery.pages, total),
            parts=parts_of(gallery, page),
            flips=gallery.flips(page.indices),
            scales=gallery.shared_scales,
        )
        for page in gallery.pages
    )
    written = gallery.executor.map(write, tasks)
    for made in gallery.progress.track(written, "pages", total, size=len):
        for name, content in made.files.items():
            (gallery.folder / name).write_bytes(content)


def shared_values(gallery: Gallery, summary: FlipSummary, pages: Sequence[Page]) -> dict[str, Any]:
    """Return what the template shows on every one of these pages."""
    sections, found = gallery.sections, gallery.found
    contents = listed(sections, pages)
    scales = [run.maker.scale for run in gallery.runs]
    return {
        "report": summary,
        "policy": POLICY,
        "pages": len(pages),
        "page_size": PAGE_SIZE,
        "sections": contents,
        "places": {s["key"]: f"{s['page']}#{s['key']}" for s in contents},
        "tally": {"": len(gallery.places), **{s.key: len(s) for s in sections}},
        "search": {"hint": SEARCH, "told": SEARCHED},
        "chips": [(s.key, *verdict(s.key)) for s in sections if len(s)],
        "categories": categories(gallery),
        "review": None,
        "shades": "text" if gallery.options.shades == "text" else "run",
        "shadings": shadings(scales[0], gallery.shared_scales[0]),
        "blank": blank(found.letters, [run.maker for run in gallery.runs]),
        "single": None,
    }


def parts_of(gallery: Gallery, page: Page) -> list[Part]:
    """Return the parts of sections that stand on a page."""
    return [
        Part(
            block.section.key,
            block.section.title,
            heading(block.section, block.first, block.last, len(gallery.found)),
            len(block),
            rule=meaning(block.section.key),
        )
        for block in page.blocks
    ]


@without_collection()
def _write(shared: Mapping[str, Any], task: _Task) -> Written:
    cards = task.flips.cards()
    values = {**shared, **task.values, "parts": fill(task.parts, cards)}
    name = f"cards-{task.values['number']:04}"
    files = {
        task.file: render("comparison.html.j2", values),
        f"data/{name}.js": script(name, flips_data(cards, task.scales)),
    }
    return Written({file: text.encode() for file, text in files.items()}, len(cards))
