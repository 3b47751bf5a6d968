"""The heatmap that heatmap.py draws by seaborn, composed by numpy: a palette PNG in milliseconds.

Every pixel is an index: a shade of the cell's background times a level of ink. The ink of each
distinct word is drawn once with the real font, by matplotlib's Agg renderer, and kept.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray
from PIL import Image

from reportgen.figures import layout
from reportgen.figures.fonts import missing_glyphs, properties
from reportgen.figures.heatmap import (
    HATCH,
    KEY_LEFT,
    KEY_SIZE,
    KEY_WIDTH,
    LINE,
    SOFT,
    TALLEST,
    Heatmap,
    draw_heatmap,
    fit_word,
    key_texts,
)
from reportgen.figures.layout import COLUMNS, LEVELS, Grid, grid
from reportgen.figures.palette import RGB, ink, shade

__all__ = ["draw_fast"]

Pixels = NDArray[np.uint8]

SCALE = 2  # device pixels a CSS pixel
INKS = 5  # levels of ink, from none to full
WHITE_AT = LEVELS * INKS  # white, then the lines, then the hatching, then soft ink on white
LINE_AT, HATCH_AT, SOFT_AT = WHITE_AT + 1, WHITE_AT + 2, WHITE_AT + 3
CELL_H = layout.CELL_HEIGHT * SCALE
EDGES = np.rint(
    SCALE * np.linspace(layout.MARGIN, layout.WIDTH - layout.MARGIN, COLUMNS + 1)
).astype(int)
CELL_W = int(np.diff(EDGES).min())
TOP = layout.MARGIN * SCALE


def draw_fast(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
) -> Heatmap:
    """Draw the picture of ``draw_heatmap``, with backgrounds in 32 steps.

    A picture too tall for two device pixels a CSS pixel, and one without words, is left to
    ``draw_heatmap``.
    """
    cells = grid(tokens, attention, unknown)
    width, height = cells.size
    if not tokens or height * SCALE > TALLEST:
        return draw_heatmap(tokens, attention, unknown)
    canvas: Pixels = np.full((height * SCALE, width * SCALE), WHITE_AT, dtype=np.uint8)
    missing: set[str] = set()
    levels = layout.shade_levels(cells.weights)
    for row, column in np.argwhere(cells.token):
        mask, lacking = word_ink(cells.words[row, column])
        missing |= lacking
        top, left = TOP + row * CELL_H, EDGES[column]
        box = canvas[top : top + CELL_H, left : EDGES[column + 1]]
        if cells.read[row, column]:
            _fill_read(box, mask, int(levels[row, column]), bool(cells.unknown[row, column]))
        else:
            _fill_unread(box, mask)
    _draw_lines(canvas, cells.rows)
    _draw_key(canvas, cells)
    return Heatmap(_png(canvas), width, height, frozenset(missing))


def _fill_read(box: Pixels, mask: Pixels, level: int, unknown: bool) -> None:
    box[:] = level * INKS
    box[:, : mask.shape[1]] += mask
    if unknown:
        row = int(0.88 * CELL_H)
        dots = _dots(int(0.2 * CELL_W), int(0.8 * CELL_W))
        box[row : row + 2, dots] = level * INKS + INKS - 1


def _dots(start: int, end: int) -> NDArray[np.int64]:
    columns = np.arange(start, end)
    return columns[(columns - start) % 7 < 3]


def _fill_unread(box: Pixels, mask: Pixels) -> None:
    rows, columns = np.indices(box.shape)
    box[:] = np.where((rows + columns) % 13 == 0, HATCH_AT, WHITE_AT)
    inked = mask > 0
    box[:, : mask.shape[1]][inked] = SOFT_AT + mask[inked]


def _draw_lines(canvas: Pixels, rows: int) -> None:
    bottom = TOP + rows * CELL_H
    for edge in EDGES:
        canvas[TOP : bottom + 1, edge] = LINE_AT
    for row in range(rows + 1):
        canvas[TOP + row * CELL_H, EDGES[0] : EDGES[-1] + 1] = LINE_AT


def _draw_key(canvas: Pixels, cells: Grid) -> None:
    """Draw the scale, and what a dotted line and hatching mean where they occur."""
    middle = len(canvas) - SCALE * (layout.KEY_HEIGHT - 17)

    def write(x: float, text: str) -> None:
        mask = line_ink(text)
        top, left = middle - mask.shape[0] // 2, round(x * SCALE)
        box = canvas[top : top + mask.shape[0], left : left + mask.shape[1]]
        box[mask > 0] = SOFT_AT + mask[mask > 0]

    start = layout.MARGIN
    left, right = SCALE * (start + KEY_LEFT), SCALE * (start + KEY_LEFT + KEY_WIDTH)
    bar = canvas[middle - 8 : middle + 8, left:right]
    bar[:] = LINE_AT
    steps = np.linspace(0, LEVELS - 1, right - left - 2)
    bar[1:-1, 1:-1] = np.rint(steps).astype(np.uint8) * INKS
    lightest, darkest = key_texts(cells)
    write(start, lightest)
    write(start + 256, darkest)
    x = start + 316.0
    if cells.unknown.any():
        write(x, "word")
        dots = _dots(round(x * SCALE), round((x + 24) * SCALE))
        canvas[middle + 13 : middle + 15, dots] = SOFT_AT + INKS - 1
        write(x + 30, "not in the vocabulary")
        x += 175
    if (cells.token & ~cells.read).any():
        box = canvas[middle - 10 : middle + 10, round(x * SCALE) : round((x + 24) * SCALE)]
        _fill_unread(box, np.zeros(box.shape, dtype=np.uint8))
        box[[0, -1], :] = LINE_AT
        box[:, [0, -1]] = LINE_AT
        write(x + 30, "not read by the model")


@lru_cache(maxsize=65_536)
def word_ink(word: str) -> tuple[Pixels, frozenset[str]]:
    """Return the levels of ink of a word in its cell, and the characters no font has."""
    text, size = fit_word(word)
    missing: set[str] = set()
    with missing_glyphs(missing):
        inked = _inked(text, size, CELL_W, CELL_H)
    return inked, frozenset(missing)


@lru_cache(maxsize=1024)
def line_ink(text: str) -> Pixels:
    """Return the levels of ink of a text of the key."""
    inked = _inked(text, KEY_SIZE, layout.WIDTH * SCALE // 2, 24, center=False)
    used = np.flatnonzero(inked.max(axis=0))
    return inked[:, : int(used.max(initial=0)) + 2].copy()


def _inked(text: str, size: float, width: int, height: int, center: bool = True) -> Pixels:
    renderer = _renderer(width, height)
    renderer.clear()
    font = properties(size)
    # As matplotlib does it: a line is at least as high as "lp", so words share a baseline.
    line, below = _line_height(size)
    w, h, descent = renderer.get_text_width_height_descent(text, font, False)
    h, descent = max(h, line), max(descent, below)
    left = (width - w) / 2 if center else 0.0
    renderer.draw_text(_pen(renderer), left, (height + h) / 2 - descent, text, font, 0.0)
    alpha = np.asarray(renderer.buffer_rgba())[..., 3].astype(np.float64)
    return np.rint(alpha * (INKS - 1) / 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _line_height(size: float) -> tuple[float, float]:
    renderer = _renderer(CELL_W, CELL_H)
    _, height, descent = renderer.get_text_width_height_descent("lp", properties(size), False)
    return float(height), float(descent)


@lru_cache(maxsize=4)
def _renderer(width: int, height: int) -> Any:
    return RendererAgg(width, height, 100 * SCALE)  # type: ignore[no-untyped-call]


def _pen(renderer: Any) -> Any:
    pen = renderer.new_gc()
    pen.set_foreground((0.0, 0.0, 0.0))
    return pen


@lru_cache(maxsize=1)
def _palette() -> bytes:
    def mix(back: RGB, front: RGB, level: int) -> RGB:
        part = level / (INKS - 1)
        red, green, blue = ((1 - part) * b + part * f for b, f in zip(back, front, strict=True))
        return red, green, blue

    white: RGB = (1.0, 1.0, 1.0)
    colors = []
    for step in range(LEVELS):
        back = shade(step / (LEVELS - 1))
        colors += [mix(back, ink(back), level) for level in range(INKS)]
    colors += [white, LINE, HATCH, *(mix(white, SOFT, level) for level in range(INKS))]
    return bytes(round(255 * channel) for color in colors for channel in color)


def _png(canvas: Pixels) -> bytes:
    image = Image.fromarray(canvas)
    image.putpalette(_palette())
    out = io.BytesIO()
    image.save(out, format="png", compress_level=4)
    return out.getvalue()
