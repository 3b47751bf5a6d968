"""Write the whole gallery as one self-contained HTML file: styles, script, fonts and charts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import UsageError
from reportgen.publish.html.data import cards_data, heads_data, index_data, script
from reportgen.publish.html.inline import STYLES, alone
from reportgen.publish.html.pages import fill, page_values, parts_of, shared_values
from reportgen.publish.html.review import STYLE
from reportgen.publish.html.script import gallery_script
from reportgen.publish.html.search import search_scripts
from reportgen.publish.html.templates import render
from reportgen.publish.pagination import PAGE_SIZE, Block, Page
from reportgen.publish.past import SINGLE
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary

__all__ = ["LIMIT", "check_size", "fits", "write_single"]

LIMIT = 25_000_000  # bytes; more than this many mail servers refuse
FIXED = 800_000  # bytes of fonts, styles, script and charts
PER_EXAMPLE, PER_TOKEN = 800, 42  # bytes, measured on long and short reviews
PER_PART = 20  # of a text without weights: a token or a character, at most


def check_size(lengths: NDArray[np.int64], weighted: bool = True, runs: int = 1) -> None:
    """Refuse one file of texts of these lengths that would be too large, before any work is done.

    Texts that are not ``weighted`` have no shades. Each of several ``runs`` shows every text;
    ``lengths`` are then over all runs.

    Raises:
        UsageError: it would be; the message says how many examples fit.
    """
    per_example, size = _sizes(lengths, weighted, runs)
    if size > LIMIT:
        fitting = int((LIMIT - FIXED) / per_example)
        raise UsageError(
            f"--single-file: {len(lengths):,} examples would make about {size / 1e6:,.0f} MB,"
            f" more than the {LIMIT / 1e6:.0f} MB that mail takes; --gallery {fitting} makes it fit"
        )


def fits(lengths: NDArray[np.int64], weighted: bool = True, runs: int = 1) -> bool:
    """Return whether one file of texts of these lengths would not be too large."""
    return _sizes(lengths, weighted, runs)[1] <= LIMIT


def _sizes(lengths: NDArray[np.int64], weighted: bool, runs: int = 1) -> tuple[float, float]:
    """Return about how many bytes an example takes, and the whole file."""
    per_example = PER_EXAMPLE * runs + (PER_TOKEN if weighted else PER_PART) * float(lengths.mean())
    return per_example, FIXED + per_example * len(lengths)


def write_single(report: Report, summary: Summary, place: Path | None = None) -> None:
    """Write the one-file report, in the run if no other place is given.

    Charts are those of the run folder; its script draws the heatmaps.
    """
    folder = report.folder
    page = Page(1, SINGLE, tuple(Block(s, 1, len(s)) for s in report.sections))
    cards = report.cards.cards(report.rows.take(page.indices), report.results(page.indices))
    scripts = [script("index", index_data(report, single=True))]
    shared = shared_values(report, summary, [page])
    for number, at in enumerate(range(0, len(cards), PAGE_SIZE), 1):
        part = cards[at : at + PAGE_SIZE]
        scripts.append(script(f"cards-{number:04}", cards_data(part)))
        if shared["heads"]:
            scripts.append(script(f"heads-{number:04}", heads_data(part)))
    scripts += search_scripts(report.rows, report.indices)
    scripts.append(gallery_script(report.options.review))
    styles = [*STYLES, *[STYLE] * report.options.review]
    values = {
        **shared,
        **page_values(report, page, [page]),
        **alone(styles, scripts, folder / "assets"),
        "parts": fill(parts_of(report, page), cards),
    }
    (place or folder / SINGLE).write_text(render("report.html.j2", values), encoding="utf-8")
