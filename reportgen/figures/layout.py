"""Tokens and weights in, a grid of cells with shade levels out; no matplotlib."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COLUMNS",
    "LEVELS",
    "Band",
    "Grid",
    "grid",
    "rows",
    "scale",
    "shade_levels",
    "shares",
    "size",
]

COLUMNS = 10
LEVELS = 32
CELL_HEIGHT = 20  # CSS pixels, as all sizes here
WIDTH = 668
KEY_HEIGHT = 34
MARGIN = 4
SCALE = 1.5  # device pixels a CSS pixel; every length above is whole in both
EVEN = 1.001  # attention is even where no weight is larger than this many even shares


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells in reading order, row by row, all of one size; the last row may be shorter.

    ``words`` and ``weights`` are [rows, COLUMNS]; a cell without a token has the word "" and the
    weight NaN. ``token`` [rows, COLUMNS] is true on cells with a token, ``read`` on those of
    them that the model read. ``low`` and ``top`` are the ends of the scale.
    """

    words: NDArray[np.object_]
    weights: NDArray[np.float64]
    token: NDArray[np.bool_]
    read: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    low: float
    top: float

    @property
    def limits(self) -> tuple[float, float]:
        """The weights drawn in the lightest and in the darkest shade."""
        return self.low, self.top if self.top > self.low * EVEN else self.low + 1

    @property
    def rows(self) -> int:
        """The number of rows, at least one."""
        return len(self.words)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in CSS pixels, key and margins included."""
        return size(self.words.size)


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
    def height(self) -> int:
        """The height in CSS pixels at the width of a heatmap."""
        above = MARGIN if self.start == 0 else 0
        below = KEY_HEIGHT + MARGIN if self.last else 0
        return above + (self.stop - self.start) * CELL_HEIGHT + below


def size(tokens: int) -> tuple[int, int]:
    """Return width and height in CSS pixels of the picture of so many tokens."""
    return WIDTH, rows(tokens) * CELL_HEIGHT + KEY_HEIGHT + 2 * MARGIN


def rows(tokens: int) -> int:
    """Return the number of rows of a grid of so many tokens, at least one."""
    return max(math.ceil(tokens / COLUMNS), 1)


def grid(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
) -> Grid:
    """Wrap the tokens into rows of ``COLUMNS`` cells; NaN attention marks tokens not read."""
    n = len(tokens)
    shape = (rows(n), COLUMNS)
    weights = np.asarray(attention, dtype=np.float64)
    read = ~np.isnan(weights)
    low, top = scale(weights)

    def cells(values: object, empty: object, dtype: type) -> NDArray[np.generic]:
        filled: NDArray[np.generic] = np.full(shape, empty, dtype=dtype)
        filled.flat[:n] = values
        return filled

    return Grid(
        words=cells(np.array(tokens, dtype=object), "", object),  # type: ignore[arg-type]
        weights=cells(weights, np.nan, float),  # type: ignore[arg-type]
        token=cells(True, False, bool),  # type: ignore[arg-type]
        read=cells(read, False, bool),  # type: ignore[arg-type]
        unknown=cells(False if unknown is None else unknown, False, bool),  # type: ignore[arg-type]
        low=low,
        top=top,
    )


def scale(attention: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Return the two ends of the shading scale: an even share of the attention, and the largest.

    An even share is 1 / the number of tokens read: up to it a cell stays white, so that words
    stand out which received more than others. Of a single word all is shaded.
    """
    read = attention[~np.isnan(attention)]
    if not read.size:
        return 0.0, 0.0
    return (1 / read.size if read.size > 1 else 0.0), float(read.max())


def shares(attention: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return where each weight lies on the scale, 0 (an even share or less) to 1 (the largest).

    All is 0 where the attention is even to a thousandth. Tokens not read (NaN) get 0.
    """
    low, top = scale(attention)
    weights = np.nan_to_num(np.asarray(attention, dtype=np.float64))
    if top <= low * EVEN:
        return np.zeros(weights.shape)
    return np.clip((weights - low) / (top - low), 0.0, 1.0)


def shade_levels(attention: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return a level from 0 to ``LEVELS - 1`` per weight, in proportion to its share."""
    levels: NDArray[np.int64] = np.rint(shares(attention) * (LEVELS - 1)).astype(np.int64)
    return levels
