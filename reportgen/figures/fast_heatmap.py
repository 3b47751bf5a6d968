"""The heatmap that heatmap.py draws by seaborn, composed by numpy: a palette PNG in milliseconds.

Every pixel is an index: a shade of the cell's background times a level of ink. The ink of each
distinct word is drawn once with the real font and kept.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from reportgen.figures import layout
from reportgen.figures.cells import (
    DPI,
    HATCH,
    KEY_LEFT,
    KEY_SIZE,
    KEY_WIDTH,
    LINE,
    SOFT,
    TALLEST,
    Heatmap,
    fit_word,
    key_texts,
)
from reportgen.figures.fonts import face, is_plain, missing_glyphs, properties, renderer
from reportgen.figures.layout import COLUMNS, LEVELS, SCALE, Grid, grid
from reportgen.figures.palette import RGB, ink, shade

__all__ = ["draw_fast"]

Pixels = NDArray[np.uint8]


def _device(css: float) -> int:
    return round(css * SCALE)


INKS = 4  # levels of ink, from none to full
WHITE_AT = LEVELS * INKS  # white, then the lines, then the hatching, then soft ink on white
LINE_AT, HATCH_AT, SOFT_AT = WHITE_AT + 1, WHITE_AT + 2, WHITE_AT + 3
CELL_H = _device(layout.CELL_HEIGHT)
CELL_W = _device((layout.WIDTH - 2 * layout.MARGIN) / COLUMNS)
EDGE = _device(layout.MARGIN)  # where the first cell begins, from the left and from the top
KEPT_WORDS = 20_000  # 3 KB each


def draw_fast(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
) -> Heatmap:
    """Draw the picture of ``draw_heatmap``, with backgrounds in 32 steps.

    A picture too tall for Agg, and one without words, is left to ``draw_heatmap``.
    """
    cells = grid(tokens, attention, unknown)
    width, height = cells.size
    if not tokens or _device(height) > TALLEST:
        from reportgen.figures.heatmap import draw_heatmap  # imports seaborn, which takes long

        return draw_heatmap(tokens, attention, unknown)
    inked = [word_ink(word) for word in tokens]
    boxes: Pixels = np.zeros((cells.words.size, CELL_H, CELL_W), dtype=np.uint8)
    np.stack([mask for mask, _ in inked], out=boxes[: len(tokens)])
    levels = layout.shade_levels(cells.weights).ravel()
    read = cells.read.ravel()
    boxes[read] += (levels[read] * INKS).astype(np.uint8)[:, None, None]
    for place in np.flatnonzero(cells.unknown.ravel() & read):
        row = int(0.88 * CELL_H)
        dots = _dots(int(0.2 * CELL_W), int(0.8 * CELL_W))
        boxes[place, row : row + 2, dots] = levels[place] * INKS + INKS - 1
    for place in np.flatnonzero(cells.token.ravel() & ~read):
        _fill_unread(boxes[place], inked[place][0])
    boxes[len(tokens) :] = WHITE_AT
    canvas: Pixels = np.full((_device(height), _device(width)), WHITE_AT, dtype=np.uint8)
    bottom, right = EDGE + cells.rows * CELL_H, EDGE + COLUMNS * CELL_W
    canvas[EDGE:bottom, EDGE:right] = (
        boxes.reshape(cells.rows, COLUMNS, CELL_H, CELL_W)
        .swapaxes(1, 2)
        .reshape(cells.rows * CELL_H, COLUMNS * CELL_W)
    )
    canvas[EDGE : bottom + 1, EDGE : right + 1 : CELL_W] = LINE_AT
    canvas[EDGE : bottom + 1 : CELL_H, EDGE : right + 1] = LINE_AT
    _draw_key(canvas, cells)
    missing = frozenset().union(*(lacking for _, lacking in inked))
    return Heatmap(_png(canvas), width, height, missing)


def _dots(start: int, end: int) -> NDArray[np.int64]:
    columns = np.arange(start, end)
    return columns[(columns - start) % 5 < 2]


def _fill_unread(box: Pixels, mask: Pixels | None = None) -> None:
    rows, columns = np.indices(box.shape)
    box[:] = np.where((rows + columns) % 10 == 0, HATCH_AT, WHITE_AT)
    if mask is not None:
        box[mask > 0] = SOFT_AT + mask[mask > 0]


def _draw_key(canvas: Pixels, cells: Grid) -> None:
    """Draw the scale, and what a dotted line and hatching mean where they occur."""
    middle = len(canvas) - _device(layout.KEY_HEIGHT - 17)

    def write(x: float, text: str) -> None:
        mask = line_ink(text)
        top, left = middle - mask.shape[0] // 2, _device(x)
        box = canvas[top : top + mask.shape[0], left : left + mask.shape[1]]
        box[mask > 0] = SOFT_AT + mask[mask > 0]

    start = layout.MARGIN
    left, right = _device(start + KEY_LEFT), _device(start + KEY_LEFT + KEY_WIDTH)
    bar = canvas[middle - 6 : middle + 6, left:right]
    bar[:] = LINE_AT
    steps = np.linspace(0, LEVELS - 1, right - left - 2)
    bar[1:-1, 1:-1] = np.rint(steps).astype(np.uint8) * INKS
    lightest, darkest = key_texts(cells)
    write(start, lightest)
    write(start + 256, darkest)
    x = start + 316.0
    if cells.unknown.any():
        write(x, "word")
        dots = _dots(_device(x), _device(x + 24))
        canvas[middle + 10 : middle + 12, dots] = SOFT_AT + INKS - 1
        write(x + 30, "not in the vocabulary")
        x += 175
    if (cells.token & ~cells.read).any():
        box = canvas[middle - 8 : middle + 8, _device(x) : _device(x + 24)]
        _fill_unread(box)
        box[[0, -1], :] = LINE_AT
        box[:, [0, -1]] = LINE_AT
        write(x + 30, "not read by the model")


@lru_cache(maxsize=KEPT_WORDS)
def word_ink(word: str) -> tuple[Pixels, frozenset[str]]:
    """Return the levels of ink [CELL_H, CELL_W] of a word, and the characters no font has."""
    text, size = fit_word(word)
    missing: set[str] = set()
    with missing_glyphs(missing):
        inked = _inked(text, size, CELL_W, CELL_H)
    return inked, frozenset(missing)


@lru_cache(maxsize=256)
def line_ink(text: str) -> Pixels:
    """Return the levels of ink of a text of the key."""
    inked = _inked(text, KEY_SIZE, _device(layout.WIDTH // 2), 18, center=False)
    used = np.flatnonzero(inked.max(axis=0))
    return inked[:, : int(used.max(initial=0)) + 2].copy()


def _inked(text: str, size: float, width: int, height: int, center: bool = True) -> Pixels:
    # As matplotlib does it: a line is at least as high as "lp", so words share a baseline.
    line, below = _line_height(size)
    if is_plain(text):
        picture = Image.new("L", (width, height))
        place = (width / 2 if center else 0, round((height + line) / 2 - below))
        font, anchor = face(size * DPI / 72), "ms" if center else "ls"
        ImageDraw.Draw(picture).text(place, text, fill=255, font=font, anchor=anchor)
        alpha = np.asarray(picture)
    else:
        agg = renderer(width, height, DPI)
        agg.clear()
        w, h, descent = agg.get_text_width_height_descent(text, properties(size), False)
        h, descent = max(h, line), max(descent, below)
        left = (width - w) / 2 if center else 0.0
        pen = agg.new_gc()
        pen.set_foreground((0.0, 0.0, 0.0))
        agg.draw_text(pen, left, (height + h) / 2 - descent, text, properties(size), 0.0)
        alpha = np.asarray(agg.buffer_rgba())[..., 3]
    return np.rint(alpha * ((INKS - 1) / 255)).astype(np.uint8)


@lru_cache(maxsize=64)
def _line_height(size: float) -> tuple[float, float]:
    _, height, descent = renderer(8, 8, DPI).get_text_width_height_descent(
        "lp", properties(size), False
    )
    return float(height), float(descent)


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
    """Write an 8-bit palette PNG (W3C, Portable Network Graphics, third edition).

    Each row is stored as its difference from the row above (filter 2), which shades cancel out
    of; what remains are runs of zeros, so zlib's run-length strategy is quick and enough.
    """
    height, width = canvas.shape
    lines: Pixels = np.empty((height, width + 1), dtype=np.uint8)
    lines[:, 0] = 2
    lines[0, 1:] = canvas[0]
    np.subtract(canvas[1:], canvas[:-1], out=lines[1:, 1:])
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    data = packer.compress(lines.tobytes()) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", _palette()), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
