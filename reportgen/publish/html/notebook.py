"""Show a finished report in a notebook: one piece of HTML that needs no file and runs no script.

The notebook's own theme gives the colours: shades are translucent, so that its text stays legible
on a light page and on a dark one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from reportgen.figures.layout import LEVELS
from reportgen.publish.cards import Card
from reportgen.publish.html.templates import TEMPLATES, render
from reportgen.publish.words import notebook as words

__all__ = ["address", "fragment"]

STRONGEST = 0.6  # opacity; a test holds text on it legible in light and in dark


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text; ``share`` is the opacity of its shade, negative where it lowered."""

    text: str
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class _Mistake:
    id: str
    verdict: str
    pieces: Sequence[_Piece]


def fragment(
    folder: Path, headline: str, lede: str, mistakes: Iterable[Card], total: int
) -> str:
    """Return the HTML of a report in ``folder`` with its first mistakes, of ``total``."""
    page = address(folder / "index.html")
    cards = [(_mistake(card), f"{page}#ex-{card.name}") for card in mistakes]
    values = {
        "words": words,
        "style": Markup((TEMPLATES / "notebook.css").read_text(encoding="utf-8")),
        "headline": headline,
        "lede": lede,
        "links": [(words.HTML, page), (words.PDF, address(folder / "report.pdf"))],
        "path": str(folder),
        "heading": words.heading(len(cards), total),
        "cards": cards,
    }
    return render("notebook.html.j2", values)


def address(path: Path) -> str:
    """Return the address of a file: relative to the working folder, which a notebook's page is in.

    A file elsewhere has an address of its own (``file:``), which some browsers do not follow.
    """
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive
        relative = os.pardir
    if relative.startswith(os.pardir):
        return path.absolute().as_uri()
    return quote(Path(relative).as_posix())


def _mistake(card: Card) -> _Mistake:
    verdict = words.verdict(card.predicted, card.confidence, card.label, card.outcome.unsure)
    return _Mistake(card.id, verdict, list(_pieces(card)))


def _pieces(card: Card) -> Iterator[_Piece]:
    for piece in card.pieces:
        yield _Piece(piece.text, STRONGEST * piece.level / (LEVELS - 1))
