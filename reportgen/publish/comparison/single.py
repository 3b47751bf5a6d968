"""Write the whole gallery of a comparison as one self-contained HTML file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportgen.publish.comparison.data import flips_data, index_data
from reportgen.publish.comparison.gallery import Gallery
from reportgen.publish.comparison.pages import parts_of, shared_values
from reportgen.publish.comparison.summary import FlipSummary
from reportgen.publish.html.data import script
from reportgen.publish.html.inline import STYLES, alone
from reportgen.publish.html.pages import fill, neighbours
from reportgen.publish.html.script import gallery_script
from reportgen.publish.html.search import search_scripts
from reportgen.publish.html.single import check_size, fits
from reportgen.publish.html.templates import render
from reportgen.publish.pagination import PAGE_SIZE, Block, Page
from reportgen.publish.past import SINGLE

__all__ = ["FLIP_STYLES", "check_single", "single_places", "write_single"]

FLIP_STYLES = ("flips.css", "flips-screen.css")  # beside a report's


def check_single(gallery: Gallery) -> None:
    """Refuse one file that would be too large, before any work is done.

    Raises:
        UsageError: it would be; the message says how many examples fit.
    """
    if gallery.places:
        check_size(*_measures(gallery))


def single_places(gallery: Gallery) -> list[Path]:
    """Return where the one-file report is written: in the run, or outside of it if it fits."""
    if gallery.options.single_file:
        return [gallery.folder / SINGLE]
    page = gallery.run.page
    return [page] if page and (not gallery.places or fits(*_measures(gallery))) else []


def _measures(gallery: Gallery) -> tuple[NDArray[np.int64], bool, int]:
    """Return the lengths of the texts over all runs, whether one has weights, how many runs."""
    lengths = [run.table.lengths[run.indices[gallery.places]] for run in gallery.runs]
    weighted = any(run.maker.weighted for run in gallery.runs)
    return np.sum(lengths, axis=0), weighted, len(gallery.runs)


def write_single(gallery: Gallery, summary: FlipSummary, place: Path) -> None:
    """Write the one-file report to a place; charts are those of the run folder."""
    page = Page(1, SINGLE, tuple(Block(s, 1, len(s)) for s in gallery.sections))
    cards = gallery.flips(page.indices).cards()
    scripts = [script("index", {**index_data(gallery), "single": True})]
    for number, at in enumerate(range(0, len(cards), PAGE_SIZE), 1):
        part = flips_data(cards[at : at + PAGE_SIZE], gallery.shared_scales)
        scripts.append(script(f"cards-{number:04}", part))
    first = gallery.runs[0]
    scripts += search_scripts(first.rows, first.indices[gallery.places].tolist())
    scripts.append(gallery_script(flips=True))
    values = {
        **shared_values(gallery, summary, [page]),
        **neighbours(page, [page], len(gallery.places)),
        **alone([*STYLES, *FLIP_STYLES], scripts, gallery.folder / "assets"),
        "places": {section.key: f"#{section.key}" for section in gallery.sections},
        "parts": fill(parts_of(gallery, page), cards),
    }
    place.write_text(render("comparison.html.j2", values), encoding="utf-8")
