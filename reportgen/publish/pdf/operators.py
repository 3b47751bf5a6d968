"""Write shapes as operators of a PDF page's content (ISO 32000-1, 8 and 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from reportgen.figures.palette import RGB
from reportgen.figures.shapes import (
    DOT,
    DOT_GAP,
    DOT_WEIGHT,
    LINE_WEIGHT,
    Bar,
    Dots,
    Hatch,
    Line,
    Shade,
)

__all__ = ["bars", "dots", "lines", "paint", "resized", "shape", "step"]


@lru_cache(maxsize=256)
def shape(drawn: Shade | Hatch | Line | Dots | Bar) -> bytes:
    """Return the operators of a shape of the key; most of them are the same in every key."""
    match drawn:
        case Shade():
            box = (drawn.x, drawn.y, drawn.width, drawn.height)
            return b"%s %g %g %g %g re f" % (paint(drawn.color), *box)
        case Bar():
            return b"\n".join(bars([drawn]))
        case Dots():
            return b"\n".join(dots([drawn]))
        case Hatch():
            return b"\n".join(lines(drawn.lines()))
        case Line():
            return b"\n".join(lines([drawn]))


def lines(drawn: Iterable[Line]) -> Iterator[bytes]:
    """Yield what strokes these lines; those of one colour that follow each other together."""
    color = None
    for line in drawn:
        if line.color != color:  # those of one shape have one colour
            color = line.color
            yield b"%s %g w" % (paint(color, stroke=True), LINE_WEIGHT)
        yield b"%g %g m %g %g l" % (line.x, line.y, line.to_x, line.to_y)
    if color is not None:
        yield b"S"


def dots(drawn: Iterable[Dots]) -> Iterator[bytes]:
    """Yield what strokes these dotted lines, by colour."""
    by_color: dict[RGB, list[bytes]] = {}
    for line in drawn:
        segment = b"%g %g m %g %g l" % (line.x, line.y, line.x + line.width, line.y)
        by_color.setdefault(line.color, []).append(segment)
    if by_color:
        yield b"%g w [%.3g %g] 0 d" % (DOT_WEIGHT, DOT, DOT_GAP)
        for color, segments in by_color.items():
            yield paint(color, stroke=True)
            yield from segments
            yield b"S"
        yield b"[] 0 d"


def bars(drawn: Iterable[Bar]) -> Iterator[bytes]:
    """Yield what fills these bars, by colour."""
    by_color: dict[RGB, list[bytes]] = {}
    for bar in drawn:
        box = b"%g %g %g %g re" % (bar.x, bar.y, bar.width, bar.height)
        by_color.setdefault(bar.color, []).append(box)
    for color, boxes in by_color.items():
        yield paint(color)
        yield from boxes
        yield b"f"


@lru_cache(maxsize=256)
def step(x: float, y: float) -> bytes:
    """Return what moves to the start of the next text, y upwards."""
    return b"%g %g Td" % (x, y)


@lru_cache(maxsize=256)
def resized(operators: bytes, factor: float) -> bytes:
    """Multiply the font sizes and text rises by a factor."""
    if b" Tf" not in operators and b" Ts" not in operators:
        return operators

    def smaller(found: re.Match[bytes]) -> bytes:
        return b"%.4g %s" % (float(found[1]) * factor, found[2])

    return re.sub(rb"(?<![^ \n])(-?[\d.]+) (Tf|Ts)(?![^\n])", smaller, operators)


@lru_cache(maxsize=256)
def paint(color: RGB, stroke: bool = False) -> bytes:
    """Return what chooses the colour of all that is filled, or stroked, from here on."""
    return b"%.3g %.3g %.3g %s" % (*color, b"RG" if stroke else b"rg")
