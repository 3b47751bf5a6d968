"""A heatmap's cells in, an image object for WeasyPrint out: vector shades and real text.

WeasyPrint draws whatever its image cache holds under an address, so each word is shaped once for a
document, by WeasyPrint's own Pango layer, instead of being laid out as a box each time it occurs.
This is the only file that uses interfaces WeasyPrint does not document; ``available`` says whether
they are as this file knows them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pydyf
from weasyprint.draw import text as weasy_text
from weasyprint.matrix import Matrix
from weasyprint.text import line_break

from reportgen.figures import layout
from reportgen.figures.cells import (
    FONT_SIZE,
    HATCH,
    KEY_LEFT,
    KEY_SIZE,
    KEY_WIDTH,
    LINE,
    PADDING,
    SMALLEST,
    SOFT,
    UNITS,
    key_texts,
)
from reportgen.figures.layout import CELL_HEIGHT, COLUMNS, KEY_HEIGHT, LEVELS, MARGIN, WIDTH, Band
from reportgen.figures.palette import DARK_INK, RGB, ink, shade

__all__ = ["CellsImage", "Shaper", "available"]

CELL_WIDTH = (WIDTH - 2 * MARGIN) / COLUMNS
LONGEST = 80  # characters that are shaped of a word


def available() -> bool:
    """Say whether this WeasyPrint has the interfaces used here, with the parameters used here."""
    try:
        drawn = tuple(inspect.signature(weasy_text.draw_first_line).parameters)
        emojis = tuple(inspect.signature(weasy_text.draw_emojis).parameters)
        made = tuple(inspect.signature(line_break.Layout).parameters)
        size = tuple(inspect.signature(line_break.line_size).parameters)
    except (AttributeError, ValueError, TypeError):
        return False
    return (
        drawn == ("stream", "textbox", "text_overflow", "block_ellipsis", "matrix")
        and emojis == ("stream", "style", "x", "y", "emojis")
        and made[:1] == ("style",)
        and size == ("line", "style")
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """A shaped text: width and operators at the style's font size, pictures of emoji, fonts."""

    width: float
    operators: bytes
    first_font: bytes
    last_font: bytes
    emojis: list[Any]


@dataclass(frozen=True, slots=True)
class _Word:
    """A text as it stands in its cell, from the cell's left edge on."""

    operators: bytes
    first_font: bytes
    last_font: bytes
    emojis: list[Any]
    left: float
    scale: float


@dataclass(slots=True)
class _Line:
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
    """Shapes each distinct text of one document once."""

    def __init__(self) -> None:
        self._layout: Any = None
        self._runs: dict[str, _Run] = {}
        self._words: dict[str, _Word] = {}

    def run(self, text: str, stream: Any, style: Any) -> _Run:
        """Shape a text in the style's font."""
        if text not in self._runs:
            if self._layout is None:  # every heatmap of a document has the same style
                self._layout = line_break.Layout(style)
            made = self._layout
            made.set_text(text)
            line, _ = made.get_first_line()
            width, _ = line_break.line_size(line, style)
            recorder = _Recorder(stream)
            emojis = weasy_text.draw_first_line(
                recorder, _Line(text, style, made), "clip", "none", Matrix()
            )
            lines = [op for op in recorder.stream if op]
            fonts = [op for op in lines if op.endswith(b" Tf")] or [b""]
            body = lines[1:] if lines and lines[0] == fonts[0] else lines
            operators = b"\n".join(body).replace(b">0<", b"")  # a move by nothing
            self._runs[text] = _Run(width, operators, fonts[0], fonts[-1], emojis)
        return self._runs[text]

    def word(self, word: str, stream: Any, style: Any) -> _Word:
        """Return a word as it stands in the middle of its cell, shrunk or cut where it must be."""
        if word not in self._words:
            self._words[word] = self._word(word, stream, style)
        return self._words[word]

    def _word(self, word: str, stream: Any, style: Any) -> _Word:
        run, shrunk, cut = self._fit(word, stream, style)
        full = _full(style)
        left = (CELL_WIDTH - run.width * full * shrunk) / 2
        operators, fonts = run.operators, (run.first_font, run.last_font)
        if shrunk < 1:
            operators = _resized(operators, shrunk)
            fonts = (_resized(fonts[0], shrunk), _resized(fonts[1], shrunk))
        # How far the word stands from the cell's edge is said as kerning is, so that a word has
        # the same bytes in whichever cell it stands, and a page of words packs well.
        lead = b"[%d" % round(-1000 * left / (full * shrunk * style["font_size"]))
        joined = operators.startswith(b"[")
        operators = lead + operators[1:] if joined else b"%s] TJ\n%s" % (lead, operators)
        if cut:
            operators = b"/Span <</ActualText <feff%s>>> BDC\n%s\nEMC" % (_utf16(word), operators)
        return _Word(operators, *fonts, run.emojis, left, full * shrunk)

    def _fit(self, word: str, stream: Any, style: Any) -> tuple[_Run, float, bool]:
        """Return a word as it fits a cell: shaped, how much it is shrunk, and whether it is cut."""
        room = (CELL_WIDTH - PADDING) / _full(style)
        smallest = SMALLEST / FONT_SIZE
        shown = re.sub(r"\s", " ", word[:LONGEST])
        run = self.run(shown, stream, style)
        if run.width * smallest <= room and len(word) <= LONGEST:
            return run, min(1, room / run.width) if run.width else 1, False
        low, high = 0, len(shown) - 1  # the longest beginning that fits with an ellipsis
        while low < high:
            middle = (low + high + 1) // 2
            if self.run(shown[:middle] + "…", stream, style).width * smallest <= room:
                low = middle
            else:
                high = middle - 1
        return self.run(shown[:low] + "…", stream, style), smallest, True


class CellsImage:
    """What WeasyPrint takes for an image: it has a size and draws itself into a page."""

    def __init__(self, band: Band, shaper: Shaper) -> None:
        self.band, self.shaper = band, shaper

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width and height in CSS pixels, and their ratio."""
        return WIDTH, self.band.height, WIDTH / self.band.height

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Write shades, lines and words into the page."""
        stream.transform(a=width / WIDTH, d=height / self.band.height)
        out: list[bytes] = stream.stream
        out.extend(self._shades())
        out.extend(self._hatching())
        out.extend(self._lines())
        self._write_words(stream, style)
        out.extend(self._underlines())
        if self.band.last:
            self._draw_key(stream, style)

    @cached_property
    def _top(self) -> int:
        return MARGIN if self.band.start == 0 else 0

    @cached_property
    def _levels(self) -> Any:
        return layout.shade_levels(self.band.cells.weights)

    def _place(self, row: int, column: int) -> tuple[float, float]:
        y = self._top + (row - self.band.start) * CELL_HEIGHT
        return MARGIN + column * CELL_WIDTH, y

    def _tokens(self, kind: Any) -> Iterator[tuple[int, int]]:
        for row, column in np.argwhere(kind[self.band.start : self.band.stop]).tolist():
            yield row + self.band.start, column

    def _runs(self, values: Any) -> Iterator[tuple[int, int, int, int]]:
        """Yield (value, row, first column, number) of neighbours of one value."""
        for row in range(self.band.start, self.band.stop):
            column = 0
            for value, cells in groupby(values[row].tolist()):
                count = len(list(cells))
                yield value, row, column, count
                column += count

    def _shades(self) -> Iterator[bytes]:
        levels = np.where(self.band.cells.read, self._levels, -1)
        shaded: dict[int, list[bytes]] = {}
        for level, row, column, count in self._runs(levels):
            box = b"%d %d %d 1 re" % (column, row - self.band.start, count)
            shaded.setdefault(level, []).append(box)
        shaded.pop(-1, None)
        # Cells are the unit here: short numbers make small files.
        yield b"q %g 0 0 %g %g %g cm" % (CELL_WIDTH, CELL_HEIGHT, MARGIN, self._top)
        for level, boxes in sorted(shaded.items()):
            yield _shade(level)
            yield from boxes
            yield b"f"
        yield b"Q"

    def _hatching(self) -> Iterator[bytes]:
        for unread, row, column, count in self._runs(self.band.cells.token & ~self.band.cells.read):
            if unread:
                x, y = self._place(row, column)
                yield _paint(HATCH, stroke=True) + b"\n.4 w"
                yield from _hatch(x, y, count * CELL_WIDTH, CELL_HEIGHT)

    def _lines(self) -> Iterator[bytes]:
        rows = self.band.stop - self.band.start
        bottom, right = self._top + rows * CELL_HEIGHT, WIDTH - MARGIN
        yield _paint(LINE, stroke=True) + b"\n.5 w"
        for row in range(rows + 1):
            y = self._top + row * CELL_HEIGHT
            yield b"%g %g m %g %g l" % (MARGIN, y, right, y)
        for column in range(COLUMNS + 1):
            x = MARGIN + column * CELL_WIDTH
            yield b"%g %g m %g %g l" % (x, self._top, x, bottom)
        yield b"S"

    def _ink(self, row: int, column: int) -> RGB:
        if not self.band.cells.read[row, column]:
            return SOFT
        return _ink_of(int(self._levels[row, column]))

    @cached_property
    def _paints(self) -> list[list[bytes]]:
        """The operators that choose the ink of the words of each row."""
        part = slice(self.band.start, self.band.stop)
        read, levels = self.band.cells.read[part].tolist(), self._levels[part].tolist()
        return [
            [_ink_paint(level) if seen else SOFT_PAINT for level, seen in zip(*row, strict=True)]
            for row in zip(levels, read, strict=True)
        ]

    def _write_words(self, stream: Any, style: Any) -> None:
        out: list[bytes] = stream.stream
        scale = _full(style)
        baseline = CELL_HEIGHT / 2 + 0.36 * scale * style["font_size"]
        out.append(b"BT %.4g 0 0 %.4g %g %g Tm" % (scale, -scale, MARGIN, self._top + baseline))
        next_cell = b"%g 0 Td" % (CELL_WIDTH / scale)
        next_row = b"%g %g Td" % (-COLUMNS * CELL_WIDTH / scale, -CELL_HEIGHT / scale)
        font = color = b""
        emojis = []
        rows = self.band.cells.words[self.band.start : self.band.stop].tolist()
        for row, (words, paints) in enumerate(zip(rows, self._paints, strict=True)):
            for column, (word, paint) in enumerate(zip(words, paints, strict=True)):
                if word and not word.isspace():
                    made = self.shaper.word(word, stream, style)
                    if paint != color:
                        color = paint
                        out.append(color)
                    if made.first_font != font:
                        out.append(made.first_font)
                    font = made.last_font
                    out.append(made.operators)
                    if made.emojis:
                        emojis.append((made, self._place(row + self.band.start, column)))
                out.append(next_cell)
            out.append(next_row)
        out.append(b"ET")
        for made, (x, y) in emojis:
            with stream.stacked():
                stream.transform(a=made.scale, d=made.scale, e=x + made.left, f=y + baseline)
                weasy_text.draw_emojis(stream, style, 0, 0, made.emojis)

    def _underlines(self) -> Iterator[bytes]:
        marked: dict[RGB, list[bytes]] = {}
        for row, column in self._tokens(self.band.cells.unknown):
            x, y = self._place(row, column)
            x, y = x + 0.2 * CELL_WIDTH, y + 0.88 * CELL_HEIGHT
            segment = b"%g %g m %g %g l" % (x, y, x + 0.6 * CELL_WIDTH, y)
            marked.setdefault(self._ink(row, column), []).append(segment)
        if marked:
            yield b".9 w [1.2 1.8] 0 d"
        for color, segments in marked.items():
            yield _paint(color, stroke=True)
            yield from segments
            yield b"S"
        if marked:
            yield b"[] 0 d"

    def _draw_key(self, stream: Any, style: Any) -> None:
        cells = self.band.cells
        out: list[bytes] = stream.stream
        middle = self.band.height - MARGIN - KEY_HEIGHT + 17 + MARGIN

        def write(x: float, text: str) -> None:
            run = self.shaper.run(text, stream, style)
            scale = KEY_SIZE * UNITS / 72 / style["font_size"]
            y = middle + 0.36 * scale * style["font_size"]
            place = b"%.4g 0 0 %.4g %.2f %.2f Tm" % (scale, -scale, x, y)
            out.extend((b"BT", _paint(SOFT), run.first_font, place, run.operators, b"ET"))

        out.append(b"q 1 0 0 1 %g %g cm\n%s\nQ" % (MARGIN + KEY_LEFT, middle - 4, _scale()))
        lightest, darkest = key_texts(cells)
        write(MARGIN, lightest)
        write(MARGIN + 256, darkest)
        x = MARGIN + 316.0
        if cells.unknown.any():
            write(x, "word")
            y = middle + 7
            out.append(_paint(DARK_INK, stroke=True))
            out.append(b".9 w [1.2 1.8] 0 d %g %g m %g %g l S [] 0 d" % (x, y, x + 24, y))
            write(x + 30, "not in the vocabulary")
            x += 175
        if (cells.token & ~cells.read).any():
            out.append(_paint(HATCH, stroke=True) + b"\n.4 w")
            out.extend(_hatch(x, middle - 5, 24, 10))
            out.append(b"%g %g 24 10 re S" % (x, middle - 5))
            write(x + 30, "not read by the model")


def _full(style: Any) -> float:
    """Return the size of a word that need not shrink, in parts of the style's font size."""
    return float(FONT_SIZE * UNITS / 72 / style["font_size"])


def _resized(operators: bytes, factor: float) -> bytes:
    """Multiply the font sizes and text rises by a factor."""

    def smaller(found: re.Match[bytes]) -> bytes:
        return b"%.4g %s" % (float(found[1]) * factor, found[2])

    return re.sub(rb"(?<![^ \n])(-?[\d.]+) (Tf|Ts)(?![^\n])", smaller, operators)


def _paint(color: RGB, stroke: bool = False) -> bytes:
    return b"%.3g %.3g %.3g %s" % (*color, b"RG" if stroke else b"rg")


SOFT_PAINT = _paint(SOFT)


@lru_cache(maxsize=LEVELS)
def _shade(level: int) -> bytes:
    return _paint(shade(level / (LEVELS - 1)))


@lru_cache(maxsize=LEVELS)
def _ink_of(level: int) -> RGB:
    return ink(shade(level / (LEVELS - 1)))


@lru_cache(maxsize=LEVELS)
def _ink_paint(level: int) -> bytes:
    return _paint(_ink_of(level))


@lru_cache(maxsize=1)
def _scale() -> bytes:
    """Return the operators of the key's scale: all shades in a frame."""
    width = KEY_WIDTH / LEVELS
    boxes = (b"%s %g 0 %g 8 re f" % (_shade(n), n * width, width + 0.2) for n in range(LEVELS))
    frame = b"%s .6 w 0 0 %g 8 re S" % (_paint(LINE, stroke=True), KEY_WIDTH)
    return b"\n".join((*boxes, frame))


def _hatch(x: float, y: float, width: float, height: float) -> Iterator[bytes]:
    yield b"q %g %g %g %g re W n" % (x, y, width, height)
    at = x - height
    while at < x + width:
        yield b"%g %g m %g %g l" % (at, y + height, at + height, y)
        at += 5
    yield b"S Q"


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "replace").hex().encode()
