"""What both drawings of a heatmap and the PDF share: sizes, colours, the words that fit a cell."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from reportgen.figures import layout
from reportgen.figures.fonts import width
from reportgen.figures.layout import COLUMNS, Grid
from reportgen.figures.palette import RGB

__all__ = ["Heatmap", "fit_word", "key_texts"]

UNITS = 100  # CSS pixels an inch of the figure
DPI = UNITS * layout.SCALE
TALLEST = 60_000  # device pixels; Agg ends at 65,536
FONT_SIZE, SMALLEST, KEY_SIZE = 8.5, 6.0, 7.5  # points of 1/72 inch
KEY_LEFT, KEY_WIDTH = 112, 136  # CSS pixels, from the margin
PADDING = 8  # CSS pixels that a word leaves free in its cell
SOFT: RGB = (0.36, 0.40, 0.44)
LINE: RGB = (0.86, 0.87, 0.88)
HATCH: RGB = (0.82, 0.84, 0.86)


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A PNG, its size in CSS pixels, and the characters in it that no installed font has."""

    png: bytes
    width: int
    height: int
    missing: frozenset[str]


def key_texts(cells: Grid) -> tuple[str, str]:
    """Return what stands left and right of the scale."""
    if not cells.read.any():
        return "attention", "none"
    return f"attention ≤ {cells.low:.4f}", f"{cells.top:.4f}"


@lru_cache(maxsize=65_536)
def fit_word(word: str) -> tuple[str, float]:
    """Return what is written of a word, and its size in points, so that it fits its cell."""
    room = (layout.WIDTH - 2 * layout.MARGIN) / COLUMNS - PADDING
    word = re.sub(r"\s", " ", word)  # a line break would leave the cell
    word = word if len(word) <= 80 else word[:79] + "…"
    size, full = FONT_SIZE, width(word, FONT_SIZE, UNITS)
    if full <= room:
        return word, size
    size = max(math.floor(FONT_SIZE * room / full * 4) / 4, SMALLEST)
    if width(word, size, UNITS) <= room:
        return word, float(size)
    low, high = 0, len(word) - 1  # the longest beginning that fits with an ellipsis
    while low < high:
        middle = (low + high + 1) // 2
        if width(word[:middle] + "…", SMALLEST, UNITS) <= room:
            low = middle
        else:
            high = middle - 1
    return word[:low].rstrip("…") + "…", SMALLEST
