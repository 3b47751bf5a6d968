"""Lay tokens and their weights out: a grid of cells, and bands of its rows, in CSS pixels."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass
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
SCALE = 1.5  # device pixels a CSS pixel; every length above is whole in both
UNCUT, UNSHRUNK = 0.95, 0.9  # of the words, at least


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a heatmap is drawn on: its width, and the sizes of fonts, all in CSS pixels.

    Words shrink from ``FONT_SIZE`` down to ``smallest``; ``key`` is the size in the key.
    """

    width: int
    smallest: float
    key: float


PICTURE = Sheet(WIDTH, SMALLEST, 7.5 * POINT)
# Scaled to a page's column of at least 167 mm, nothing on it is smaller than 6.5 points.
PAGE = Sheet(858, FONT_SIZE, FONT_SIZE)


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells a row has, in pictures and on the pages of a PDF."""

    picture: int = COLUMNS
    page: int = COLUMNS


def columns_for(widths: NDArray[np.float64], sheet: Sheet = PICTURE) -> int:
    """Return how many cells a row of such words has.

    ``widths`` [N] are those of a sample of the words, in sizes of their font. Cells are so wide
    that ``UNCUT`` of the words are not cut and ``UNSHRUNK`` of them not even shrunk.
    """
    if not widths.size:
        return COLUMNS
    shrunk, full = np.quantile(widths, (UNCUT, UNSHRUNK))
    room = max(shrunk * sheet.smallest, full * FONT_SIZE)
    return int(np.clip((sheet.width - 2 * MARGIN) // (room + PADDING), FEWEST, MOST))


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
        """The width of a cell; it is even, and so whole in device pixels, too."""
        return (self.sheet.width - 2 * MARGIN) // self.columns // 2 * 2

    @property
    def room(self) -> int:
        """How wide a word may be."""
        return self.cell_width - PADDING

    @property
    def unread(self) -> NDArray[np.bool_]:
        """True on cells with a token that the model did not read."""
        return self.token & ~self.read

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, key and margins included."""
        return self.sheet.width, size(self.words.size, self.columns)[1]


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
        return self.top + (self.stop - self.start) * CELL_HEIGHT

    @property
    def height(self) -> int:
        """Its height at the width of a heatmap."""
        return self.bottom + (KEY_HEIGHT + MARGIN if self.last else 0)

    @property
    def key_top(self) -> int:
        """Where the key begins."""
        return self.height - KEY_HEIGHT

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Return x and y of the upper left corner of a cell."""
        y = self.top + (row - self.start) * CELL_HEIGHT
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
