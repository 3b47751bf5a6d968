"""Draw a heatmap in milliseconds: a palette PNG composed by numpy.

Every pixel is an index: a shade of the cell's background times a level of ink. The ink of each
distinct word is drawn once with the real font and kept. Cells are handled as whole arrays; all
other shapes are painted one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from zlib_ng import zlib_ng

from reportgen.figures.inks import INKS, Pixels, line_ink, word_inks
from reportgen.figures.layout import (
    CELL_HEIGHT,
    COLUMNS,
    MARGIN,
    WIDTH,
    Band,
    Grid,
    grid,
)
from reportgen.figures.palette import HATCH, LINE, RGB, SOFT, WHITE, mix
from reportgen.figures.raster import TALLEST, Heatmap, device, fit_word
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
    underline,
    words,
)

__all__ = ["draw_fast"]

FOUR = 0x01010101  # a byte times this is four of it


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
    if device(height) > TALLEST:
        from reportgen.figures.heatmap import draw_heatmap  # imports seaborn, which takes long

        return draw_heatmap(tokens, attention, unknown, columns, scale)
    band, palette = Band(cells, 0, cells.rows), _palette(scale.signed)
    canvas: Pixels = np.full((device(height), device(width)), palette.white, dtype=np.uint8)
    missing = _paint_cells(canvas, cells, palette) if tokens else frozenset()
    _paint(canvas, chain(hatches(band), rules(band), signs(band)), palette)
    if not tokens:
        _paint(canvas, words(band, fit_word), palette)  # they say so
    below = canvas[device(band.key_top) :]
    below[:] = _key(tuple(key(cells)), len(below), scale.signed)
    return Heatmap(_png(canvas, palette.colors), width, height, missing)


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
    """Paint all shades, words and underlines; return the characters that no font has."""
    rows, columns = cells.words.shape
    height, width = device(CELL_HEIGHT), device(cells.cell_width)
    inks, missing = word_inks(cells.cell_width).boxes(cells.words[cells.token].tolist())
    _underline(inks, cells.unknown.ravel()[: len(inks)], cells.cell_width)
    grounds = cells.levels.ravel()[: len(inks)] * INKS + palette.zero
    four = inks.view(np.uint32)  # pixels at once; none goes over into the next
    four += (grounds * FOUR).astype(np.uint32)[:, None, None]
    boxes: Pixels = np.empty((rows * columns, *inks.shape[1:]), dtype=np.uint8)
    boxes[: len(inks)], boxes[len(inks) :] = inks, palette.white
    grid_of_boxes = boxes.reshape(rows, columns, height, -1)[..., :width]
    if cells.leftward:
        grid_of_boxes = grid_of_boxes[:, ::-1]
    edge = device(MARGIN)
    below = canvas[edge : edge + rows * height, edge : edge + columns * width]
    below.reshape(rows, height, columns, width)[:] = grid_of_boxes.swapaxes(1, 2)
    return missing


def _underline(inks: Pixels, unknown: NDArray[np.bool_], cell_width: int) -> None:
    """Add to the ink of the unknown words the dotted lines below them."""
    line = underline(cell_width)
    left, top = device(line.x), device(line.y - DOT_WEIGHT / 2)
    dots = _dots(device(line.x + line.width) - left)
    below = inks[:, top : top + device(DOT_WEIGHT), left : left + len(dots)]
    below[np.broadcast_to(unknown[:, None, None] & dots, below.shape)] = INKS - 1


@lru_cache(maxsize=512)  # 50 kB each; of 6,000 reviews 465 have a key of their own
def _key(shapes: tuple[Shape, ...], height: int, signed: bool) -> Pixels:
    """Return the picture of a key."""
    palette = _palette(signed)
    canvas: Pixels = np.full((height, device(WIDTH)), palette.white, dtype=np.uint8)
    _paint(canvas, shapes, palette)
    return canvas


def _paint(canvas: Pixels, shapes: Iterable[Shape], palette: _Palette) -> None:
    for shape in shapes:
        match shape:
            case Line():
                line = _area(shape.x, shape.y, shape.to_x, shape.to_y, 1)
                canvas[line] = palette.index[shape.color]
            case Shade():
                canvas[_box(shape)] = palette.zero + shape.level * INKS
            case Bar():
                canvas[_box(shape)] = palette.index[shape.color]
            case Hatch():
                area = _box(shape)
                _hatch(canvas[area], area[0].start + area[1].start, palette)
            case Dots():
                left = device(shape.x)
                dots = _dots(device(shape.x + shape.width) - left)
                top, weight = device(shape.y - DOT_WEIGHT / 2), device(DOT_WEIGHT)
                canvas[top : top + weight, left : left + len(dots)][:, dots] = palette.index[
                    shape.color
                ]
            case Text():
                ink = line_ink(shape.text, shape.size)
                left, top = device(shape.x), device(shape.y - CELL_HEIGHT / 2)
                left -= ink.shape[1] // 2 if shape.centered else 0
                box = canvas[top : top + ink.shape[0], left : left + ink.shape[1]]
                ink = ink[: box.shape[0]]  # the last line ends with the picture
                box[ink > 0] = palette.index[shape.color] - (INKS - 1) + ink[ink > 0]


@lru_cache(maxsize=64)
def _dots(width: int) -> NDArray[np.bool_]:
    """Say for each pixel of a dotted line whether it has ink."""
    inked: NDArray[np.bool_] = np.arange(width) % device(DOT + DOT_GAP) < device(DOT)
    return inked


def _box(box: Shade | Bar | Hatch) -> tuple[slice, slice]:
    return _area(box.x, box.y, box.x + box.width, box.y + box.height)


@lru_cache(maxsize=8192)  # pictures share most of their boxes and lines
def _area(x: float, y: float, right: float, bottom: float, line: int = 0) -> tuple[slice, slice]:
    return (
        slice(device(y), device(bottom) + line),
        slice(device(x), device(right) + line),
    )


def _hatch(box: Pixels, corner: int, palette: _Palette) -> None:
    """Hatch a box of which x + y is so much in the upper left corner."""
    y, x = np.ogrid[: box.shape[0], : box.shape[1]]
    lines = (corner + y + x) % device(HATCH_STEP) == 0
    ground = np.where(lines, palette.hatch, palette.white)
    ink = box - palette.zero  # so far words stand as on the shade of 0
    box[:] = np.where((ink > 0) & (ink < INKS), palette.soft + ink, ground)


def _png(canvas: Pixels, palette: bytes) -> bytes:
    """Write an 8-bit palette PNG (W3C, Portable Network Graphics, third edition).

    Each row is stored as its difference from the row above (filter 2), which shades cancel out
    of; what remains are runs of zeros, so the run-length strategy is quick and enough.
    zlib-ng gives the bytes of zlib in 0.4 of its time.
    """
    height, width = canvas.shape
    lines: Pixels = np.empty((height, width + 1), dtype=np.uint8)
    lines[:, 0] = 2
    lines[0, 1:] = canvas[0]
    np.subtract(canvas[1:], canvas[:-1], out=lines[1:, 1:])
    packer = zlib_ng.compressobj(6, zlib_ng.DEFLATED, zlib_ng.MAX_WBITS, 9, zlib_ng.Z_RLE)
    data = packer.compress(lines) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib_ng.crc32(kind + body))
        for kind, body in chunks
    )
