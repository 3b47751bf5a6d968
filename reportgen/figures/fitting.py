"""Fit a word into a room: shrink it to the smallest size, else cut it, by any measure of widths."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from reportgen.characters import space_marks

__all__ = ["FONT_SIZE", "POINT", "SMALLEST", "Fitted", "Width", "fit", "written"]

POINT = 100 / 72  # CSS pixels: figures are drawn at 100 of them an inch
FONT_SIZE, SMALLEST = 8.5 * POINT, 6 * POINT
SIZE_STEP = POINT / 4  # few sizes need few fonts
LONGEST = 80  # characters that are looked at of a word

Width = Callable[[str, float], float]
"""How wide a text is at a size of the font, both in CSS pixels."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is written of a word, the size of its font in CSS pixels, and whether it was cut."""

    text: str
    size: float
    cut: bool = False


def written(word: str) -> str:
    """Return what a cell would show of a word, had it room enough."""
    shown = word[: LONGEST + 1]
    return space_marks(shown) or re.sub(r"\s", " ", shown)  # a line break would leave the cell


def fit(word: str, room: float, width: Width, smallest: float = SMALLEST) -> Fitted:
    """Return a word as it fits a room of so many CSS pixels.

    A word that is too wide shrinks, in steps of ``SIZE_STEP`` and not below ``smallest``; if it is
    still too wide then, its longest beginning that fits with an ellipsis is left of it. White
    space alone is written by visible marks.
    """
    shown = written(word)
    cut = len(shown) > LONGEST
    if cut:
        shown = shown[: LONGEST - 1] + "…"
    full = width(shown, FONT_SIZE)
    if full <= room:
        return Fitted(shown, FONT_SIZE, cut)
    size = max(math.floor(FONT_SIZE * room / full / SIZE_STEP) * SIZE_STEP, smallest)
    if width(shown, size) <= room:
        return Fitted(shown, size, cut)
    low, high = 0, len(shown) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if width(shown[:middle] + "…", smallest) <= room:
            low = middle
        else:
            high = middle - 1
    return Fitted(shown[:low].rstrip("…") + "…", smallest, cut=True)
