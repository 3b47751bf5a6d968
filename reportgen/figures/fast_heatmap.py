"""Draw a heatmap in milliseconds: a palette PNG composed by numpy.

Every pixel is an index: a shade of the cell's background times a level of ink. The ink of each
distinct word is drawn once with the real font and kept. Cells are handled as whole arrays; all
other shapes are painted one by one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from reportgen.figures.fonts import face, is_plain, missing_glyphs, properties, renderer
from reportgen.figures.layout import (
    CELL_HEIGHT,
    COLUMNS,
    LEVELS,
    MARGIN,
    PADDING,
    SCALE,
    WIDTH,
    Band,
    Grid,
    grid,
)
from reportgen.figures.palette import HATCH, LINE, RGB, SOFT, WHITE, mix
from reportgen.figures.raster import DPI, TALLEST, Heatmap, fit_word, points
from reportgen.figures.shapes import (
    DOT,
    DOT_GAP,
    DOT_WEIGHT,
    HATCH_STEP,
    Dots,
    Hatch,
    Line,
    Shade,
    Shape,
    Text,
    hatches,
    key,
    level_ink,
    level_shade,
    rules,
    underlines,
    words,
)

__all__ = ["draw_fast"]

Pixels = NDArray[np.uint8]

INKS = 4  # levels of ink, from none to full
WHITE_AT = LEVELS * INKS  # white, then the lines, then the hatching, then soft ink on white
LINE_AT, HATCH_AT, SOFT_AT = WHITE_AT + 1, WHITE_AT + 2, WHITE_AT + 3
KEPT_WORDS = 20_000  # 3 KB each


def draw_fast(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
    columns: int = COLUMNS,
) -> Heatmap:
    """Draw the picture of ``draw_heatmap``; one too tall for Agg is left to ``draw_heatmap``."""
    cells = grid(tokens, attention, unknown, columns)
    width, height = cells.size
    if _device(height) > TALLEST:
        from reportgen.figures.heatmap import draw_heatmap  # imports seaborn, which takes long

        return draw_heatmap(tokens, attention, unknown, columns)
    band = Band(cells, 0, cells.rows)
    canvas: Pixels = np.full((_device(height), _device(width)), WHITE_AT, dtype=np.uint8)
    missing = _paint_cells(canvas, cells) if tokens else frozenset()
    _paint(canvas, chain(hatches(band), rules(band), underlines(band)))
    if not tokens:
        _paint(canvas, words(band, fit_word))  # they say so
    _paint(canvas[_device(band.key_top) :], key(cells))
    return Heatmap(_png(canvas), width, height, missing)


def _device(css: float) -> int:
    return round(css * SCALE)


def _paint_cells(canvas: Pixels, cells: Grid) -> frozenset[str]:
    """Paint all shades and words; return the characters that no font has."""
    rows, columns = cells.words.shape
    height, width = _device(CELL_HEIGHT), _device(cells.cell_width)
    room = cells.cell_width
    inked = [word_ink(word, room) for word in cells.words[cells.token].tolist()]
    boxes: Pixels = np.full((rows * columns, height, width), WHITE_AT, dtype=np.uint8)
    filled = boxes[: len(inked)]
    np.stack([ink for ink, _ in inked], out=filled)
    filled += (cells.levels.ravel()[: len(inked), None, None] * INKS).astype(np.uint8)
    grid_of_boxes = boxes.reshape(rows, columns, height, width)
    if cells.leftward:
        grid_of_boxes = grid_of_boxes[:, ::-1]
    edge = _device(MARGIN)
    canvas[edge : edge + rows * height, edge : edge + columns * width] = grid_of_boxes.swapaxes(
        1, 2
    ).reshape(rows * height, columns * width)
    return frozenset().union(*(missing for _, missing in inked))


def _paint(canvas: Pixels, shapes: Iterable[Shape]) -> None:
    for shape in shapes:
        left, top = _device(shape.x), _device(shape.y)
        match shape:
            case Line():
                right, bottom = _device(shape.to_x), _device(shape.to_y)
                canvas[top : bottom + 1, left : right + 1] = _index(shape.color)
            case Shade():
                _box(canvas, shape)[:] = shape.level * INKS
            case Hatch():
                _hatch(_box(canvas, shape), left + top)
            case Dots():
                dots = _dots(_device(shape.x + shape.width) - left)
                top, weight = _device(shape.y - DOT_WEIGHT / 2), _device(DOT_WEIGHT)
                canvas[top : top + weight, left : left + len(dots)][:, dots] = _index(shape.color)
            case Text():
                ink = line_ink(shape.text, shape.size)
                top = _device(shape.y - CELL_HEIGHT / 2)
                left -= ink.shape[1] // 2 if shape.centered else 0
                box = canvas[top : top + ink.shape[0], left : left + ink.shape[1]]
                box[ink > 0] = _index(shape.color) - (INKS - 1) + ink[ink > 0]


@lru_cache(maxsize=64)
def _dots(width: int) -> NDArray[np.bool_]:
    """Say for each pixel of a dotted line whether it has ink."""
    inked: NDArray[np.bool_] = np.arange(width) % _device(DOT + DOT_GAP) < _device(DOT)
    return inked


def _box(canvas: Pixels, box: Shade | Hatch) -> Pixels:
    right, bottom = _device(box.x + box.width), _device(box.y + box.height)
    return canvas[_device(box.y) : bottom, _device(box.x) : right]


def _hatch(box: Pixels, corner: int) -> None:
    """Hatch a box of which x + y is so much in the upper left corner."""
    y, x = np.ogrid[: box.shape[0], : box.shape[1]]
    ground = np.where((corner + y + x) % _device(HATCH_STEP) == 0, HATCH_AT, WHITE_AT)
    is_ink = (box > 0) & (box < INKS)  # so far words stand as on the lightest shade
    box[:] = np.where(is_ink, SOFT_AT + box, ground)


@lru_cache(maxsize=KEPT_WORDS)
def word_ink(word: str, cell_width: int) -> tuple[Pixels, frozenset[str]]:
    """Return the levels of ink [height, width of a cell] of a word, and what no font has of it."""
    fitted = fit_word(word, cell_width - PADDING)
    missing: set[str] = set()
    with missing_glyphs(missing):
        ink = _ink(fitted.text, fitted.size, _device(cell_width))
    return ink, frozenset(missing)


@lru_cache(maxsize=256)
def line_ink(text: str, size: float) -> Pixels:
    """Return the levels of ink of a text outside of the cells, no wider than it is."""
    ink = _ink(text, size, _device(WIDTH // 2), center=False)
    used = np.flatnonzero(ink.max(axis=0))
    return ink[:, : int(used.max(initial=0)) + 2].copy()


def _ink(text: str, size: float, width: int, center: bool = True) -> Pixels:
    # As matplotlib does it: a line is at least as high as "lp", so words share a baseline.
    line, below = _line_height(size)
    height = _device(CELL_HEIGHT)
    if is_plain(text):
        picture = Image.new("L", (width, height))
        place = (width / 2 if center else 0, round((height + line) / 2 - below))
        font, anchor = face(size * SCALE), "ms" if center else "ls"
        ImageDraw.Draw(picture).text(place, text, fill=255, font=font, anchor=anchor)
        alpha = np.asarray(picture)
    else:
        agg, font_of_size = renderer(width, height, DPI), properties(points(size))
        agg.clear()
        w, h, descent = agg.get_text_width_height_descent(text, font_of_size, False)
        h, descent = max(h, line), max(descent, below)
        left = (width - w) / 2 if center else 0.0
        pen = agg.new_gc()
        pen.set_foreground((0.0, 0.0, 0.0))
        agg.draw_text(pen, left, (height + h) / 2 - descent, text, font_of_size, 0.0)
        alpha = np.asarray(agg.buffer_rgba())[..., 3]
    return np.rint(alpha * ((INKS - 1) / 255)).astype(np.uint8)


@lru_cache(maxsize=64)
def _line_height(size: float) -> tuple[float, float]:
    _, height, descent = renderer(8, 8, DPI).get_text_width_height_descent(
        "lp", properties(points(size)), False
    )
    return float(height), float(descent)


@lru_cache(maxsize=1)
def _colors() -> list[RGB]:
    """Return the palette: each level's shade with its ink, then the rest on white."""
    grounds = [(level_shade(level), level_ink(level)) for level in range(LEVELS)]
    steps = [step / (INKS - 1) for step in range(INKS)]
    shaded = [mix(ground, ink, step) for ground, ink in grounds for step in steps]
    return [*shaded, WHITE, LINE, HATCH, *(mix(WHITE, SOFT, step) for step in steps)]


@lru_cache(maxsize=256)
def _index(color: RGB) -> int:
    """Return the place of a colour in the palette."""
    return _colors().index(color)


@lru_cache(maxsize=1)
def _palette() -> bytes:
    return bytes(round(255 * channel) for color in _colors() for channel in color)


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
