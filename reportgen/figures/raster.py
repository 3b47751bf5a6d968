"""What the two painters of PNG files share: their record, their resolution, how words fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from reportgen.figures.fitting import POINT, Fitted, fit, written
from reportgen.figures.fonts import width
from reportgen.figures.layout import (
    PAGE,
    PICTURE,
    SCALE,
    UNCUT_BELOW_TEXT,
    Columns,
    columns_for,
)

__all__ = ["DPI", "TALLEST", "UNITS", "Heatmap", "columns_of", "device", "fit_word", "points"]

UNITS = 72 * POINT  # CSS pixels an inch of the figure
DPI = UNITS * SCALE
TALLEST = 60_000  # device pixels; Agg ends at 65,536


MEASURED = 2000  # words that decide how many cells a row has
NARROW = 0.85  # the width of the PDF's own font, which has Latin letters, beside the pictures'
LATIN_END = "\u0250"


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A PNG, its size in CSS pixels, and the characters in it that no installed font has."""

    png: bytes
    width: int
    height: int
    missing: frozenset[str]


@lru_cache(maxsize=65_536)
def fit_word(word: str, room: float) -> Fitted:
    """Return what is written of a word in a room of so many CSS pixels, by matplotlib's fonts."""
    return fit(word, room, width)


def columns_of(words: Sequence[str]) -> Columns:
    """Return how many cells a row of such words has; of many words every so many-th decides."""
    chosen = words[:: -(-len(words) // MEASURED) or 1]
    widths = np.array([_em(word) for word in chosen])
    latin = np.array([all(c < LATIN_END for c in word) for word in chosen], dtype=bool)
    on_page = np.where(latin, NARROW, 1.0) * widths
    return Columns(
        columns_for(widths, PICTURE),
        columns_for(on_page, PAGE),
        columns_for(on_page, PAGE, UNCUT_BELOW_TEXT),
    )


@lru_cache(maxsize=MEASURED)
def _em(word: str) -> float:
    return width(written(word), 1.0)


def device(length: float) -> int:
    """Return CSS pixels in device pixels, whole."""
    return round(length * SCALE)


def points(length: float) -> float:
    """Return CSS pixels in points of matplotlib."""
    return round(length / POINT, 3)
