"""Draw a heatmap into a page of WeasyPrint: vector shades and real text, as an image object.

WeasyPrint draws whatever its image cache holds under an address, so each word is shaped once for a
document, by WeasyPrint's own Pango layer, instead of being laid out as a box each time it occurs.
This is the only file that uses interfaces WeasyPrint does not document; ``available`` says whether
they are as this file knows them. Tried with WeasyPrint 70.0.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pydyf
from weasyprint.draw import text as weasy_text
from weasyprint.matrix import Matrix
from weasyprint.text import line_break

from reportgen.figures.fitting import FONT_SIZE, Fitted, fit
from reportgen.figures.layout import CELL_HEIGHT, MARGIN, WIDTH, Band
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
    Text,
    hatches,
    key,
    level_shade,
    rules,
    shades,
    signs,
    underlines,
    words,
)

__all__ = ["CellsImage", "Shaper", "available"]

BASELINE = 0.36  # of the size of the font, below the middle of a line


def available() -> bool:
    """Say whether this WeasyPrint has the interfaces used here, with the parameters used here."""
    try:
        draw_line = tuple(inspect.signature(weasy_text.draw_first_line).parameters)
        draw_emojis = tuple(inspect.signature(weasy_text.draw_emojis).parameters)
        layout = tuple(inspect.signature(line_break.Layout).parameters)
        line_size = tuple(inspect.signature(line_break.line_size).parameters)
    except (AttributeError, ValueError, TypeError):
        return False
    return (
        draw_line == ("stream", "textbox", "text_overflow", "block_ellipsis", "matrix")
        and draw_emojis == ("stream", "style", "x", "y", "emojis")
        and layout[:1] == ("style",)
        and line_size == ("line", "style")
    )


@dataclass(frozen=True, slots=True)
class _Shaped:
    """A shaped text: operators at the style's font size, pictures of emoji, fonts."""

    operators: bytes
    first_font: bytes
    last_font: bytes
    emojis: list[Any]


@dataclass(frozen=True, slots=True)
class _Word:
    """A shaped text as it stands in its cell, from ``left`` of the cell's left edge on."""

    shaped: _Shaped
    left: float
    scale: float


@dataclass(slots=True)
class _TextBox:
    """What WeasyPrint's drawing of a line asks of a text box."""

    text: str
    style: Any
    pango_layout: Any


class _Recorder(pydyf.Stream):  # type: ignore[misc]
    """Takes what WeasyPrint writes into a page; fonts go to the real page's document."""

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self.add_font = stream.add_font
        self.ink_rect, self.logical_rect = stream.ink_rect, stream.logical_rect

    def set_text_matrix(self, *values: float) -> None:
        """Leave the place open; it is written where the word is used."""


class Shaper:
    """Measures and shapes each distinct text of one document once."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._style: Any = None
        self._layout: Any = None
        self._laid_out = ""
        self._widths: dict[str, float] = {}
        self._fitted: dict[tuple[str, float], Fitted] = {}
        self._shaped: dict[str, _Shaped] = {}
        self._words: dict[tuple[str, str, float], _Word] = {}

    def begin(self, stream: Any, style: Any) -> None:
        """Take the first heatmap's page and style; those of a document share fonts and style."""
        if self._layout is None:
            self._stream, self._style = stream, style
            self._layout = line_break.Layout(style)

    def scale(self, size: float) -> float:
        """Return a size of the font, in CSS pixels, in parts of the style's."""
        return float(size / self._style["font_size"])

    def width(self, text: str, size: float) -> float:
        """Return the width of a text, as the fitting of words measures it."""
        if text not in self._widths:
            self._lay_out(text)
            line, _ = self._layout.get_first_line()
            self._widths[text], _ = line_break.line_size(line, self._style)
        return self._widths[text] * self.scale(size)

    def _lay_out(self, text: str) -> None:
        if text != self._laid_out:  # a word is shaped right after it was measured
            self._layout.set_text(text)
            self._laid_out = text

    def fitted(self, word: str, room: float) -> Fitted:
        """Return what is written of a word in a room of so many CSS pixels."""
        at = word, room
        if (fitted := self._fitted.get(at)) is None:
            fitted = self._fitted[at] = fit(word, room, self.width)
        return fitted

    def shape(self, text: str) -> _Shaped:
        """Shape a text in the style's font."""
        if text not in self._shaped:
            self._lay_out(text)
            recorder = _Recorder(self._stream)
            emojis = weasy_text.draw_first_line(
                recorder, _TextBox(text, self._style, self._layout), "clip", "none", Matrix()
            )
            lines = [op for op in recorder.stream if op]
            fonts = [op for op in lines if op.endswith(b" Tf")] or [b""]
            body = lines[1:] if lines and lines[0] == fonts[0] else lines
            operators = b"\n".join(body).replace(b">0<", b"")  # a move by nothing
            self._shaped[text] = _Shaped(operators, fonts[0], fonts[-1], emojis)
        return self._shaped[text]

    def word(self, text: Text, cell_width: float) -> _Word:
        """Shape a text of ``words`` as it stands in the middle of its cell."""
        at = text.text, text.whole, cell_width  # these decide the size
        if (word := self._words.get(at)) is None:
            word = self._words[at] = self._word(text, cell_width)
        return word

    def _word(self, text: Text, cell_width: float) -> _Word:
        shaped, scale = self.shape(text.text), self.scale(text.size)
        left = (cell_width - self.width(text.text, text.size)) / 2
        shrunk = text.size / FONT_SIZE
        operators, first, last = (
            op if shrunk == 1 else _resized(op, shrunk)
            for op in (shaped.operators, shaped.first_font, shaped.last_font)
        )
        # How far the word stands from the cell's edge is said as kerning is, so that a word has
        # the same bytes in whichever cell it stands, and a page of words packs well.
        lead = b"[%d" % round(-1000 * left / text.size)
        joined = operators.startswith(b"[")
        operators = lead + operators[1:] if joined else b"%s] TJ\n%s" % (lead, operators)
        if text.whole:
            whole = text.whole.encode("utf-16-be", "replace").hex().encode()
            operators = b"/Span <</ActualText <feff%s>>> BDC\n%s\nEMC" % (whole, operators)
        return _Word(_Shaped(operators, first, last, shaped.emojis), left, scale)


class CellsImage:
    """What WeasyPrint takes for an image: it has a size and draws itself into a page."""

    def __init__(self, band: Band, shaper: Shaper) -> None:
        self.band, self.shaper = band, shaper

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width and height in CSS pixels, and their ratio."""
        return WIDTH, self.band.height, WIDTH / self.band.height

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Write shades, lines and words into the page."""
        self.shaper.begin(stream, style)
        stream.transform(a=width / WIDTH, d=height / self.band.height)
        out: list[bytes] = stream.stream
        out.extend(self._shades())
        for hatch in hatches(self.band):
            out.extend(_lines(hatch.lines()))
        out.extend(_lines(rules(self.band)))
        self._write_words(stream, style)
        out.extend(_dots(underlines(self.band)))
        out.extend(_bars(signs(self.band)))
        if self.band.last:
            out.append(b"q 1 0 0 1 0 %g cm" % self.band.key_top)
            out.extend(self._key())
            out.append(b"Q")

    def _shades(self) -> Iterator[bytes]:
        # Cells are the unit here: short numbers make small files.
        width, top = self.band.cells.cell_width, self.band.top
        by_level: dict[int, list[bytes]] = {}
        for box in shades(self.band):
            cell = (box.x - MARGIN) / width, (box.y - top) / CELL_HEIGHT, box.width / width
            by_level.setdefault(box.level, []).append(b"%d %d %d 1 re" % cell)
        yield b"q %g 0 0 %g %g %g cm" % (width, CELL_HEIGHT, MARGIN, top)
        for level, boxes in sorted(by_level.items()):
            yield _paint(level_shade(level, self.band.cells.signed))
            yield from boxes
            yield b"f"
        yield b"Q"

    def _write_words(self, stream: Any, style: Any) -> None:
        out: list[bytes] = stream.stream
        cell_width = self.band.cells.cell_width
        scale = self.shaper.scale(FONT_SIZE)
        down = BASELINE * FONT_SIZE
        at_x, at_y = MARGIN + cell_width / 2, self.band.top + CELL_HEIGHT / 2
        left = at_x - cell_width / 2
        out.append(b"BT %.4g 0 0 %.4g %g %g Tm" % (scale, -scale, left, at_y + down))
        font, color, emojis = b"", None, []
        for text in words(self.band, self.shaper.fitted):
            if not text.text or text.text.isspace():
                continue
            if text.x != at_x or text.y != at_y:
                out.append(_step((text.x - at_x) / scale, (at_y - text.y) / scale))
                at_x, at_y = text.x, text.y
            word = self.shaper.word(text, cell_width)
            if text.color != color:
                color = text.color
                out.append(_paint(color))
            shaped = word.shaped
            if shaped.first_font != font:
                out.append(shaped.first_font)
            font = shaped.last_font
            out.append(shaped.operators)
            if shaped.emojis:
                emojis.append((word, text.x - cell_width / 2 + word.left, text.y + down))
        out.append(b"ET")
        for word, x, y in emojis:
            with stream.stacked():
                stream.transform(a=word.scale, d=word.scale, e=x, f=y)
                weasy_text.draw_emojis(stream, style, 0, 0, word.shaped.emojis)

    def _key(self) -> Iterator[bytes]:
        for shape in key(self.band.cells):
            if isinstance(shape, Text):
                shaped, scale = self.shaper.shape(shape.text), self.shaper.scale(shape.size)
                place = (scale, -scale, shape.x, shape.y + BASELINE * shape.size)
                yield b"BT %s %s %.4g 0 0 %.4g %.2f %.2f Tm %s ET" % (
                    _paint(shape.color), shaped.first_font, *place, shaped.operators,
                )  # fmt: skip
            else:
                yield _operators(shape)


@lru_cache(maxsize=256)
def _operators(shape: Shade | Hatch | Line | Dots | Bar) -> bytes:
    """Return the operators of a shape of the key; most of them are the same in every key."""
    match shape:
        case Shade():
            box = (shape.x, shape.y, shape.width, shape.height)
            return b"%s %g %g %g %g re f" % (_paint(shape.color), *box)
        case Bar():
            return b"\n".join(_bars([shape]))
        case Dots():
            return b"\n".join(_dots([shape]))
        case Hatch():
            return b"\n".join(_lines(shape.lines()))
        case Line():
            return b"\n".join(_lines([shape]))


def _lines(lines: Iterable[Line]) -> Iterator[bytes]:
    color = None
    for line in lines:
        if line.color != color:  # those of one shape have one colour
            color = line.color
            yield b"%s %g w" % (_paint(color, stroke=True), LINE_WEIGHT)
        yield b"%g %g m %g %g l" % (line.x, line.y, line.to_x, line.to_y)
    if color is not None:
        yield b"S"


def _dots(dots: Iterable[Dots]) -> Iterator[bytes]:
    by_color: dict[RGB, list[bytes]] = {}
    for line in dots:
        segment = b"%g %g m %g %g l" % (line.x, line.y, line.x + line.width, line.y)
        by_color.setdefault(line.color, []).append(segment)
    if by_color:
        yield b"%g w [%.3g %g] 0 d" % (DOT_WEIGHT, DOT, DOT_GAP)
        for color, segments in by_color.items():
            yield _paint(color, stroke=True)
            yield from segments
            yield b"S"
        yield b"[] 0 d"


def _bars(bars: Iterable[Bar]) -> Iterator[bytes]:
    by_color: dict[RGB, list[bytes]] = {}
    for bar in bars:
        box = b"%g %g %g %g re" % (bar.x, bar.y, bar.width, bar.height)
        by_color.setdefault(bar.color, []).append(box)
    for color, boxes in by_color.items():
        yield _paint(color)
        yield from boxes
        yield b"f"


@lru_cache(maxsize=256)
def _step(x: float, y: float) -> bytes:
    return b"%g %g Td" % (x, y)


def _resized(operators: bytes, factor: float) -> bytes:
    """Multiply the font sizes and text rises by a factor."""

    def smaller(found: re.Match[bytes]) -> bytes:
        return b"%.4g %s" % (float(found[1]) * factor, found[2])

    return re.sub(rb"(?<![^ \n])(-?[\d.]+) (Tf|Ts)(?![^\n])", smaller, operators)


@lru_cache(maxsize=256)
def _paint(color: RGB, stroke: bool = False) -> bytes:
    return b"%.3g %.3g %.3g %s" % (*color, b"RG" if stroke else b"rg")
