"""Draw a heatmap in milliseconds: a palette PNG composed by numpy.

Every pixel is an index: a shade of the cell's background times a level of ink. The ink of each
distinct word is drawn once with the real font and kept. Cells are handled as whole arrays; all
other shapes are painted one by one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from reportgen.figures.fonts import face, is_plain, missing_glyphs, properties, renderer
from reportgen.figures.layout import (
    CELL_HEIGHT,
    COLUMNS,
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
from reportgen.figures.scales import LEVELS, PLAIN, SIDE, Scale
from reportgen.figures.shapes import (
    DOT,
    DOT_GAP,
    DOT_WEIGHT,
    HATCH_STEP,
    Bar,
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
    signs,
    underlines,
    words,
)

__all__ = ["draw_fast"]

Pixels = NDArray[np.uint8]

INKS = 4  # levels of ink, from none to full
KEPT_WORDS = 20_000  # 3 KB each


def draw_fast(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
    columns: int = COLUMNS,
    scale: Scale = PLAIN,
) -> Heatmap:
    """Draw the picture of ``draw_heatmap``; one too tall for Agg is left to ``draw_heatmap``."""
    cells = grid(tokens, attention, unknown, columns, scale)
    width, height = cells.size
    if _device(height) > TALLEST:
        from reportgen.figures.heatmap import draw_heatmap  # imports seaborn, which takes long

        return draw_heatmap(tokens, attention, unknown, columns, scale)
    band, palette = Band(cells, 0, cells.rows), _palette(scale.signed)
    canvas: Pixels = np.full((_device(height), _device(width)), palette.white, dtype=np.uint8)
    missing = _paint_cells(canvas, cells, palette) if tokens else frozenset()
    _paint(canvas, chain(hatches(band), rules(band), underlines(band), signs(band)), palette)
    if not tokens:
        _paint(canvas, words(band, fit_word), palette)  # they say so
    _paint(canvas[_device(band.key_top) :], key(cells), palette)
    return Heatmap(_png(canvas, palette.colors), width, height, missing)


def _device(css: float) -> int:
    return round(css * SCALE)


@dataclass(frozen=True, slots=True)
class _Palette:
    """Colours and their indices: every level's shade under ink, then lines and ink on white.

    ``zero`` is the index of level 0; ``white``, ``hatch`` and ``soft`` (no ink) are those of the
    paper, of hatching and of soft ink on paper.
    """

    colors: bytes
    index: Mapping[RGB, int]
    zero: int
    white: int
    hatch: int
    soft: int


@lru_cache(maxsize=2)
def _palette(signed: bool) -> _Palette:
    levels = range(-SIDE, SIDE + 1) if signed else range(LEVELS)
    grounds = [(level_shade(level, signed), level_ink(level, signed)) for level in levels]
    steps = [step / (INKS - 1) for step in range(INKS)]
    shaded = [mix(ground, ink, step) for ground, ink in grounds for step in steps]
    colors = [*shaded, WHITE, LINE, HATCH, *(mix(WHITE, SOFT, step) for step in steps)]
    white = len(shaded)
    return _Palette(
        colors=bytes(round(255 * channel) for color in colors for channel in color),
        index={color: at for at, color in reversed(list(enumerate(colors)))},
        zero=INKS * levels.index(0),
        white=white,
        hatch=white + 2,
        soft=white + 3,
    )


def _paint_cells(canvas: Pixels, cells: Grid, palette: _Palette) -> frozenset[str]:
    """Paint all shades and words; return the characters that no font has."""
    rows, columns = cells.words.shape
    height, width = _device(CELL_HEIGHT), _device(cells.cell_width)
    room = cells.cell_width
    inked = [word_ink(word, room) for word in cells.words[cells.token].tolist()]
    boxes: Pixels = np.full((rows * columns, height, width), palette.white, dtype=np.uint8)
    filled = boxes[: len(inked)]
    np.stack([ink for ink, _ in inked], out=filled)
    shades = cells.levels.ravel()[: len(inked), None, None] * INKS + palette.zero
    filled += shades.astype(np.uint8)
    grid_of_boxes = boxes.reshape(rows, columns, height, width)
    if cells.leftward:
        grid_of_boxes = grid_of_boxes[:, ::-1]
    edge = _device(MARGIN)
    canvas[edge : edge + rows * height, edge : edge + columns * width] = grid_of_boxes.swapaxes(
        1, 2
    ).reshape(rows * height, columns * width)
    return frozenset().union(*(missing for _, missing in inked))


def _paint(canvas: Pixels, shapes: Iterable[Shape], palette: _Palette) -> None:
    for shape in shapes:
        left, top = _device(shape.x), _device(shape.y)
        match shape:
            case Line():
                right, bottom = _device(shape.to_x), _device(shape.to_y)
                canvas[top : bottom + 1, left : right + 1] = palette.index[shape.color]
            case Shade():
                _box(canvas, shape)[:] = palette.zero + shape.level * INKS
            case Bar():
                _box(canvas, shape)[:] = palette.index[shape.color]
            case Hatch():
                _hatch(_box(canvas, shape), left + top, palette)
            case Dots():
                dots = _dots(_device(shape.x + shape.width) - left)
                top, weight = _device(shape.y - DOT_WEIGHT / 2), _device(DOT_WEIGHT)
                canvas[top : top + weight, left : left + len(dots)][:, dots] = palette.index[
                    shape.color
                ]
            case Text():
                ink = line_ink(shape.text, shape.size)
                top = _device(shape.y - CELL_HEIGHT / 2)
                left -= ink.shape[1] // 2 if shape.centered else 0
                box = canvas[top : top + ink.shape[0], left : left + ink.shape[1]]
                ink = ink[: box.shape[0]]  # the last line ends with the picture
                box[ink > 0] = palette.index[shape.color] - (INKS - 1) + ink[ink > 0]


@lru_cache(maxsize=64)
def _dots(width: int) -> NDArray[np.bool_]:
    """Say for each pixel of a dotted line whether it has ink."""
    inked: NDArray[np.bool_] = np.arange(width) % _device(DOT + DOT_GAP) < _device(DOT)
    return inked


def _box(canvas: Pixels, box: Shade | Bar | Hatch) -> Pixels:
    right, bottom = _device(box.x + box.width), _device(box.y + box.height)
    return canvas[_device(box.y) : bottom, _device(box.x) : right]


def _hatch(box: Pixels, corner: int, palette: _Palette) -> None:
    """Hatch a box of which x + y is so much in the upper left corner."""
    y, x = np.ogrid[: box.shape[0], : box.shape[1]]
    lines = (corner + y + x) % _device(HATCH_STEP) == 0
    ground = np.where(lines, palette.hatch, palette.white)
    ink = box - palette.zero  # so far words stand as on the shade of 0
    box[:] = np.where((ink > 0) & (ink < INKS), palette.soft + ink, ground)


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
        agg, font_of_size = renderer(width, height, DPI), properties(points(size), text)
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
        "lp", properties(points(size), "lp"), False
    )
    return float(height), float(descent)


def _png(canvas: Pixels, palette: bytes) -> bytes:
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
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
