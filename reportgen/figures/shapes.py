"""Give a heatmap, cells and key, as plain shapes with all lengths in CSS pixels.

Every painter paints these shapes, in this order: shades, hatches, rules, words, underlines, signs
and, where a band is the last, the key. x runs to the right and y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.figures.fitting import FONT_SIZE, Fitted
from reportgen.figures.layout import MARGIN, PICTURE, Band, Grid, Sheet
from reportgen.figures.palette import HATCH, LINE, RGB, SOFT, ink, shade, signed_shade
from reportgen.figures.scales import LEVELS, SIDE, labels

__all__ = [
    "Bar",
    "Dots",
    "Hatch",
    "Line",
    "Shade",
    "Shape",
    "Text",
    "hatches",
    "key",
    "level_ink",
    "level_shade",
    "rules",
    "shades",
    "signs",
    "underline",
    "underlines",
    "words",
]

NOT_READ = LEVELS  # in the place of a level
LINE_WEIGHT = 0.5  # of hatching, too
UNDERLINE_INSET = 0.2  # of the width of a cell, left and right
DOT, DOT_GAP, DOT_WEIGHT = 4 / 3, 2, 1
SIGN_TOP, SIGN_HEIGHT, SIGN_INSET = 2, 4 / 3, 10  # of the line over a word that lowered the answer
HATCH_STEP = 6  # from one line to the next, to the right; cells of the usual width join smoothly

KEY_MIDDLE = 17  # from the top of the key; all that follows is from its left edge
KEY_LIGHTEST, KEY_DARKEST = MARGIN, MARGIN + 206
KEY_SCALE, KEY_SCALE_WIDTH, KEY_SCALE_HEIGHT = MARGIN + 112, 88, 8
KEY_BOTH_WIDTH, KEY_HIGHEST, KEY_ZERO = 92, MARGIN + 212, 28  # of the signed scale
KEY_SIGNS = MARGIN + 340
KEY_SIGN_WIDTH, KEY_SIGN_HEIGHT, KEY_SIGN_TEXT, KEY_SIGN_STEP = 24, 10, 30, 162


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text.

    ``x`` is its left end, or its middle where it is ``centered``; ``y`` is the middle of the
    line. ``size`` is that of the font. ``whole`` is the word of which ``text`` is the beginning
    with an ellipsis, or "" where nothing was cut.
    """

    x: float
    y: float
    text: str
    size: float
    color: RGB
    centered: bool = False
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Shade:
    """A box in the colour of a level of the scale, that of ``signed`` weights or of attention."""

    x: float
    y: float
    width: float
    height: float
    level: int
    signed: bool = False

    @property
    def color(self) -> RGB:
        """The colour of its level."""
        return level_shade(self.level, self.signed)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of ``LINE_WEIGHT``."""

    x: float
    y: float
    to_x: float
    to_y: float
    color: RGB = LINE


@dataclass(frozen=True, slots=True)
class Dots:
    """A level dotted line with ``y`` in its middle: ``DOT`` drawn, ``DOT_GAP`` not, and so on."""

    x: float
    y: float
    width: float
    color: RGB


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled box: the line over a word that lowered the answer, which tells it without colour."""

    x: float
    y: float
    width: float
    height: float
    color: RGB


@dataclass(frozen=True, slots=True)
class Hatch:
    """A white box with lines that rise to the right, where x + y is a multiple of the step."""

    x: float
    y: float
    width: float
    height: float

    def lines(self) -> Iterator[Line]:
        """Yield its lines, from their lower left to their upper right end."""
        right, bottom = self.x + self.width, self.y + self.height
        total = (math.floor((self.x + self.y) / HATCH_STEP) + 1) * HATCH_STEP
        while total < right + bottom:
            start, end = max(self.x, total - bottom), min(right, total - self.y)
            yield Line(start, total - start, end, total - end, HATCH)
            total += HATCH_STEP


Shape = Text | Shade | Line | Dots | Bar | Hatch


@lru_cache(maxsize=128)
def level_shade(level: int, signed: bool = False) -> RGB:
    """Return the colour of a level."""
    return signed_shade(level / SIDE) if signed else shade(level / (LEVELS - 1))


@lru_cache(maxsize=128)
def level_ink(level: int, signed: bool = False) -> RGB:
    """Return the ink that is legible on a level."""
    return ink(level_shade(level, signed))


def shades(band: Band) -> Iterator[Shade]:
    """Yield the backgrounds; neighbours of one level in a row are one box."""
    cells = band.cells
    for level, x, y, width in _runs(band, np.where(cells.read, cells.levels, NOT_READ)):
        if level != NOT_READ:
            yield Shade(x, y, width, cells.sheet.row, level, cells.signed)


def hatches(band: Band) -> Iterator[Hatch]:
    """Yield the hatching of tokens not read; neighbours in a row are one box."""
    if not band.cells.unread.any():
        return
    for unread, x, y, width in _runs(band, band.cells.unread):
        if unread:
            yield Hatch(x, y, width, band.cells.sheet.row)


def _runs(band: Band, values: NDArray[Any]) -> Iterator[tuple[Any, int, int, int]]:
    """Yield value, x, y and width of neighbours of one value."""
    cell = band.cells.cell_width
    for row in range(band.start, band.stop):
        _, y = band.place(row, 0)
        x, in_order = MARGIN, values[row].tolist()
        for value, neighbours in groupby(in_order[::-1] if band.cells.leftward else in_order):
            width = len(list(neighbours)) * cell
            yield value, x, y, width
            x += width


def rules(band: Band) -> Iterator[Line]:
    """Yield the lines between the cells and around them; without tokens those around."""
    columns = band.cells.columns
    right, bottom = MARGIN + columns * band.cells.cell_width, band.bottom
    for y in range(band.top, bottom + 1, band.cells.sheet.row):
        yield Line(MARGIN, y, right, y)
    for column in range(0, columns + 1, 1 if band.cells.token.any() else columns):
        x = MARGIN + column * band.cells.cell_width
        yield Line(x, band.top, x, bottom)


def words(band: Band, fitted: Callable[[str, float], Fitted]) -> Iterator[Text]:
    """Yield the text of every token in reading order.

    ``fitted`` says what is written of a word in a room of so many CSS pixels: ``fitting.fit`` with
    the painter's own measure of widths.
    """
    cells = band.cells
    width, half, room = cells.cell_width, cells.sheet.row / 2, cells.room
    if not cells.token.any():
        middle = MARGIN + cells.columns * width / 2
        yield Text(middle, band.top + half, "no words", FONT_SIZE, SOFT, centered=True)
    kinds = cells.levels, cells.token, cells.read
    for row in range(band.start, band.stop):
        columns = zip(cells.words[row], *(kind[row].tolist() for kind in kinds), strict=True)
        for column, (word, level, token, read) in enumerate(columns):
            if token:
                fit = fitted(word, room)
                color = level_ink(level, cells.signed) if read else SOFT
                whole = word if fit.cut else ""
                x, y = band.place(row, column)
                middle = x + 0.5 * width
                yield Text(middle, y + half, fit.text, fit.size, color, centered=True, whole=whole)


def underlines(band: Band) -> Iterator[Dots]:
    """Yield the dotted lines below words that are not in the vocabulary."""
    line = underline(band.cells.cell_width, band.cells.sheet)
    for row, column in _places(band, band.cells.unknown):
        x, y = band.place(row, column)
        color = _word_color(band.cells, row, column)
        yield Dots(x + line.x, y + line.y, line.width, color)


def underline(cell_width: int, sheet: Sheet = PICTURE) -> Dots:
    """Return the line below a word from the upper left corner of its cell, on no shade."""
    inset = UNDERLINE_INSET * cell_width
    return Dots(inset, sheet.underline, cell_width - 2 * inset, SOFT)


def signs(band: Band) -> Iterator[Bar]:
    """Yield the lines over words that lowered the answer, where the weights have a sign."""
    cells = band.cells
    if not cells.signed:
        return
    for row, column in _places(band, cells.levels < 0):
        x, y = band.place(row, column)
        width, color = cells.cell_width - 2 * SIGN_INSET, _word_color(cells, row, column)
        yield Bar(x + SIGN_INSET, y + SIGN_TOP, width, SIGN_HEIGHT, color)


def _places(band: Band, marked: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    for row, column in np.argwhere(marked[band.start : band.stop]).tolist():
        yield row + band.start, column


def _word_color(cells: Grid, row: int, column: int) -> RGB:
    if not cells.read[row, column]:
        return SOFT
    return level_ink(int(cells.levels[row, column]), cells.signed)


def key(cells: Grid) -> Iterator[Shape]:
    """Yield the shapes of the key, y from the key's own top (``Band.key_top``).

    The key has the scale with its two ends and, where they occur, what a dotted line and
    hatching mean. The line over the lower half of a signed scale is that over the words. Without
    tokens there is none.
    """
    if not cells.token.any():
        return
    size = cells.sheet.key
    low, top = ("lowered", "raised") if cells.signed else ("attention", "none")
    if cells.read.any():
        low, top = labels(cells.scale, cells.low, cells.top)
    yield _label(size, KEY_LIGHTEST, low)
    yield _label(size, KEY_HIGHEST if cells.signed else KEY_DARKEST, top)
    yield from _signed_key_scale(size) if cells.signed else _key_scale()
    x, middle = KEY_SIGNS, KEY_MIDDLE
    if cells.unknown.any():
        yield _label(size, x, "abc")
        yield Dots(x, middle + 7, KEY_SIGN_WIDTH, SOFT)
        yield _label(size, x + KEY_SIGN_TEXT, "not in the vocabulary")
        x += KEY_SIGN_STEP
    if cells.unread.any():
        box = x, middle - KEY_SIGN_HEIGHT / 2, KEY_SIGN_WIDTH, KEY_SIGN_HEIGHT
        yield Hatch(*box)
        yield from _frame(*box)
        yield _label(size, x + KEY_SIGN_TEXT, "not read by the model")


def _label(size: float, x: float, text: str) -> Text:
    return Text(x, KEY_MIDDLE, text, size, SOFT)


@lru_cache(maxsize=1)
def _key_scale() -> tuple[Shape, ...]:
    return tuple(_scale(range(LEVELS), KEY_SCALE_WIDTH))


@lru_cache(maxsize=2)
def _signed_key_scale(size: float) -> tuple[Shape, ...]:
    """Return the scale with a 0 below its middle, and a line over its lower half."""
    width = KEY_BOTH_WIDTH
    half, top = width / 2, KEY_MIDDLE - KEY_SCALE_HEIGHT / 2
    line = Bar(KEY_SCALE, top - 3, half - 1, SIGN_HEIGHT, SOFT)
    zero = Text(KEY_SCALE + half, KEY_ZERO, "0", size, SOFT, centered=True)
    return *_scale(range(-SIDE, SIDE + 1), width, signed=True), line, zero


def _scale(levels: range, width: float, signed: bool = False) -> Iterator[Shape]:
    """Yield the shades of these levels, each over the end of the one before, in a frame."""
    top, height = KEY_MIDDLE - KEY_SCALE_HEIGHT / 2, KEY_SCALE_HEIGHT
    for place, level in enumerate(levels):
        start = place * width / len(levels)
        yield Shade(KEY_SCALE + start, top, width - start, height, level, signed)
    yield from _frame(KEY_SCALE, top, width, height)


def _frame(x: float, y: float, width: float, height: float) -> Iterator[Line]:
    right, bottom = x + width, y + height
    yield Line(x, y, right, y)
    yield Line(x, bottom, right, bottom)
    yield Line(x, y, x, bottom)
    yield Line(right, y, right, bottom)
