"""Tokens and weights in, a grid of cells with shade levels out; no matplotlib."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "LEVELS", "Grid", "grid", "rows", "shade_levels", "size"]

COLUMNS = 10
LEVELS = 32
CELL_HEIGHT = 20  # CSS pixels, as all sizes here
WIDTH = 680
KEY_HEIGHT = 34
MARGIN = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in reading order, row by row, all of one size; the last row may be shorter.

    ``words`` and ``weights`` are [rows, COLUMNS]; a cell without a token has the word "" and the
    weight NaN. ``token`` [rows, COLUMNS] is true on cells with a token, ``read`` on those of
    them that the model read. ``top`` is the largest weight: the dark end of the scale.
    """

    words: NDArray[np.object_]
    weights: NDArray[np.float64]
    token: NDArray[np.bool_]
    read: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    top: float

    @property
    def rows(self) -> int:
        """The number of rows, at least one."""
        return len(self.words)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in CSS pixels, key and margins included."""
        return size(self.words.size)


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
        top=float(weights[read].max()) if read.any() else 0.0,
    )


def shade_levels(attention: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return a level from 0 to ``LEVELS - 1`` per weight, in proportion to the largest.

    Tokens not read (NaN) get level 0.
    """
    weights = np.nan_to_num(np.asarray(attention, dtype=np.float64))
    top = weights.max(initial=0.0)
    if top <= 0:
        return np.zeros(weights.shape, dtype=np.int64)
    levels: NDArray[np.int64] = np.rint(weights / top * (LEVELS - 1)).astype(np.int64)
    return levels
