"""Lay tokens and their weights out: a grid of cells, and bands of its rows, in CSS pixels."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.figures.fitting import FONT_SIZE, POINT, SMALLEST
from reportgen.figures.scales import EVEN, PLAIN, Scale

__all__ = [
    "COLUMNS",
    "PAGE",
    "PICTURE",
    "Band",
    "Columns",
    "Grid",
    "Sheet",
    "columns_for",
    "grid",
    "page_sheet",
    "rows",
    "runs_leftward",
    "size",
]

COLUMNS = 10  # where nothing is known of the words
FEWEST, MOST = 5, 32  # columns
CELL_HEIGHT = 20
WIDTH = 668
KEY_HEIGHT = 34
MARGIN = 4
PADDING = 8  # what a word leaves free in its cell
UNDERLINE = 18  # from the top of a cell
SCALE = 1.5  # device pixels a CSS pixel; every length above is whole in both
UNCUT, UNSHRUNK = 0.95, 0.9  # of the words, at least
UNCUT_BELOW_TEXT = 0.9  # where what is cut stands whole above


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a heatmap is drawn on: its width, sizes of fonts and cells, all in CSS pixels.

    Words shrink from ``FONT_SIZE`` down to ``smallest``; ``key`` is the size in the key. A cell is
    ``row`` high, and its word leaves ``padding`` of its width free. ``underline`` is from the top
    of a cell to the line below its word; ``below`` is what the key takes below the cells.
    Widths of cells are multiples of ``step``.
    """

    width: int
    smallest: float
    key: float
    row: int = CELL_HEIGHT
    padding: int = PADDING
    underline: int = UNDERLINE
    below: int = KEY_HEIGHT + MARGIN
    step: int = 2


PICTURE = Sheet(WIDTH, SMALLEST, 7.5 * POINT)
LEGIBLE = 6.5  # points: nothing on a page is smaller
# Of A4; ``page_sheet`` gives that of any width.
PAGE = Sheet(878, FONT_SIZE, FONT_SIZE, row=16, padding=5, underline=15, below=26, step=1)


def page_sheet(width: float) -> Sheet:
    """Return what a heatmap is drawn on that is so many points wide on its page."""
    return replace(PAGE, width=math.floor(width * FONT_SIZE / LEGIBLE))


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells a row has: in pictures, on the pages of a PDF, and there below a text."""

    picture: int = COLUMNS
    page: int = COLUMNS
    below_text: int = COLUMNS


def columns_for(widths: NDArray[np.float64], sheet: Sheet = PICTURE, uncut: float = UNCUT) -> int:
    """Return how many cells a row of such words has.

    ``widths`` [N] are those of a sample of the words, in sizes of their font. Cells are so wide
    that ``uncut`` of the words are not cut and ``UNSHRUNK`` of them not even shrunk.
    """
    if not widths.size:
        return COLUMNS
    shrunk, full = np.quantile(widths, (uncut, UNSHRUNK))
    room = max(shrunk * sheet.smallest, full * FONT_SIZE)
    return int(np.clip((sheet.width - 2 * MARGIN) // (room + sheet.padding), FEWEST, MOST))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells in reading order, row by row, all of one size; the last row may be shorter.

    The arrays are [rows, columns]. A cell without a token has the word "" and the weight NaN.
    ``token`` is true on cells with a token, ``read`` on those of them that the model read,
    ``unknown`` on words that are not in the vocabulary. ``levels`` are the shades, 0 where nothing
    was read. ``low`` and ``top`` are the ends of the ``scale``. ``leftward`` says that rows run
    from the right to the left, as most letters of the words do. ``sheet`` is what they are drawn
    on.
    """

    words: NDArray[np.object_]
    weights: NDArray[np.float64]
    levels: NDArray[np.int64]
    token: NDArray[np.bool_]
    read: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    low: float
    top: float
    leftward: bool = False
    scale: Scale = PLAIN
    sheet: Sheet = PICTURE

    @property
    def signed(self) -> bool:
        """Whether the weights are attributions, whose levels are negative below 0."""
        return self.scale.signed

    @property
    def limits(self) -> tuple[float, float]:
        """The weights drawn in the shades of the lowest and of the highest level."""
        if self.signed:
            return (self.low, self.top) if self.top else (-1.0, 1.0)
        return self.low, self.top if self.top > self.low * EVEN else self.low + 1

    @property
    def rows(self) -> int:
        """The number of rows, at least one."""
        return len(self.words)

    @property
    def columns(self) -> int:
        """The number of cells of a row."""
        return int(self.words.shape[1])

    @property
    def cell_width(self) -> int:
        """The width of a cell; it is even in a picture, and so whole in device pixels, too."""
        return (self.sheet.width - 2 * MARGIN) // self.columns // self.sheet.step * self.sheet.step

    @property
    def room(self) -> int:
        """How wide a word may be."""
        return self.cell_width - self.sheet.padding

    @property
    def unread(self) -> NDArray[np.bool_]:
        """True on cells with a token that the model did not read."""
        return self.token & ~self.read

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, key and margins included."""
        return self.sheet.width, MARGIN + self.rows * self.sheet.row + self.sheet.below


@dataclass(frozen=True, slots=True)
class Band:
    """Rows ``start`` to ``stop`` of a heatmap; the last band has the key below them."""

    cells: Grid
    start: int
    stop: int

    @property
    def last(self) -> bool:
        """Whether the key belongs to it."""
        return self.stop == self.cells.rows

    @property
    def top(self) -> int:
        """Where its first row begins."""
        return MARGIN if self.start == 0 else 0

    @property
    def bottom(self) -> int:
        """Where its last row ends."""
        return self.top + (self.stop - self.start) * self.cells.sheet.row

    @property
    def height(self) -> int:
        """Its height at the width of a heatmap."""
        return self.bottom + (self.cells.sheet.below if self.last else 0)

    @property
    def key_top(self) -> int:
        """Where the key begins."""
        return self.height - KEY_HEIGHT

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Return x and y of the upper left corner of a cell."""
        y = self.top + (row - self.start) * self.cells.sheet.row
        if self.cells.leftward:
            column = self.cells.columns - 1 - column
        return MARGIN + column * self.cells.cell_width, y


def size(tokens: int, columns: int = COLUMNS) -> tuple[int, int]:
    """Return width and height of the picture of so many tokens."""
    return WIDTH, rows(tokens, columns) * CELL_HEIGHT + KEY_HEIGHT + 2 * MARGIN


def rows(tokens: int, columns: int = COLUMNS) -> int:
    """Return the number of rows of a grid of so many tokens, at least one."""
    return max(math.ceil(tokens / columns), 1)


def grid(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
    columns: int = COLUMNS,
    scale: Scale = PLAIN,
    sheet: Sheet = PICTURE,
) -> Grid:
    """Wrap the tokens into rows of so many cells; NaN attention marks tokens not read."""
    n = len(tokens)
    shape = (rows(n, columns), columns)
    weights = np.asarray(attention, dtype=np.float64)
    low, top = scale.ends(weights)

    def cells(values: Any, empty: object, dtype: type) -> NDArray[Any]:
        filled: NDArray[Any] = np.full(shape, empty, dtype=dtype)
        filled.flat[:n] = values
        return filled

    return Grid(
        words=cells(np.array(tokens, dtype=object), "", object),
        weights=cells(weights, np.nan, float),
        levels=cells(scale.levels(weights), 0, int),
        token=cells(True, False, bool),
        read=cells(~np.isnan(weights), False, bool),
        unknown=cells(False if unknown is None else unknown, False, bool),
        low=low,
        top=top,
        leftward=runs_leftward(tokens),
        scale=scale,
        sheet=sheet,
    )


def runs_leftward(tokens: tuple[str, ...]) -> bool:
    """Say whether more letters are of scripts that run to the left than of others.

    The letters with a strong direction decide, of Unicode's bidirectional classes (UAX #9).
    """
    text = "".join(tokens)
    if text.isascii():
        return False
    kinds = Counter(map(unicodedata.bidirectional, text))
    return kinds["R"] + kinds["AL"] > kinds["L"]
