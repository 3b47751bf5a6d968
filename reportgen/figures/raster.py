"""What the two painters of PNG files share: their record, their resolution, how words fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from reportgen.figures.fitting import POINT, Fitted, fit
from reportgen.figures.fonts import width
from reportgen.figures.layout import SCALE

__all__ = ["DPI", "TALLEST", "UNITS", "Heatmap", "fit_word", "points"]

UNITS = 72 * POINT  # CSS pixels an inch of the figure
DPI = UNITS * SCALE
TALLEST = 60_000  # device pixels; Agg ends at 65,536


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


def points(length: float) -> float:
    """Return CSS pixels in points of matplotlib."""
    return round(length / POINT, 3)
