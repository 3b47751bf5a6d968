"""Show a finished report in a notebook: one piece of HTML that needs no file and runs no script.

The notebook's own theme gives the colours: shades are translucent, so that its text stays legible
on a light page and on a dark one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from reportgen.figures.scales import LEVELS, SIDE
from reportgen.publish.cards import Card
from reportgen.publish.html.templates import TEMPLATES, render
from reportgen.publish.words import notebook as words
from reportgen.publish.words.weights import terms
from reportgen.records import Weights

__all__ = ["Fragment", "address", "fragment"]

STRONGEST = 0.6  # opacity; a test holds text on it legible in light and in dark


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is shown: ``cards`` are the first of so many ``mistakes``, shaded by ``weights``.

    Without these no text is shaded.
    """

    folder: Path
    headline: str
    lede: str
    cards: Sequence[Card]
    mistakes: int
    weights: Weights | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text with the class and the opacity of its shade."""

    text: str
    kind: str = ""
    opacity: float = 0.0


def fragment(shown: Fragment) -> str:
    """Return the HTML of a report.

    Raises:
        RenderError: the template is missing or broken.
    """
    page = address(shown.folder / "index.html")
    shaded = None if shown.weights is None else terms(shown.weights)
    values = {
        "region": words.REGION,
        "style": Markup((TEMPLATES / "notebook.css").read_text(encoding="utf-8")),
        "headline": shown.headline,
        "lede": shown.lede,
        "links": [(words.HTML, page), (words.PDF, address(shown.folder / "report.pdf"))],
        "folder": str(shown.folder),
        "heading": words.heading(len(shown.cards), shown.mistakes, shaded),
        "cards": [
            {
                "id": card.id,
                "verdict": words.verdict(card.outcome.unsure, card.description),
                "address": f"{page}#ex-{card.name}",
                "pieces": list(_pieces(card)),
                "language": card.language,
            }
            for card in shown.cards
        ],
    }
    return render("notebook.html.j2", values)


def address(path: Path) -> str:
    """Return the address of a file: relative to the working folder, where a notebook's page lies.

    A file outside of that has an absolute one (``file:``), which some browsers do not follow.
    """
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive
        relative = os.pardir
    if relative.startswith(os.pardir):
        return path.absolute().as_uri()
    return quote(Path(relative).as_posix())


def _pieces(card: Card) -> Iterator[_Piece]:
    for piece in card.pieces:
        kind = "weight" if not card.signed else "up" if piece.level > 0 else "down"
        share = abs(piece.level) / (SIDE if card.signed else LEVELS - 1)
        yield _Piece(piece.text, kind, STRONGEST * share)
