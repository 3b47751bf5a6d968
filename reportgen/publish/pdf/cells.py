"""Draw a heatmap into a page of WeasyPrint: vector shades and real text, as an image object.

WeasyPrint draws whatever its image cache holds under an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from reportgen.figures.fitting import FONT_SIZE
from reportgen.figures.layout import KEY_HEIGHT, MARGIN, Band
from reportgen.figures.palette import RGB
from reportgen.figures.shapes import (
    DOT,
    DOT_GAP,
    DOT_WEIGHT,
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
from reportgen.publish.pdf import operators as ops
from reportgen.publish.pdf.shaping import Shaper, Writer, draw_emojis

__all__ = ["CellsImage"]

BASELINE = 0.36  # of the size of the font, below the middle of a line


class CellsImage:
    """What WeasyPrint takes for an image: it has a size and draws itself into a page."""

    def __init__(self, band: Band, shaper: Shaper, whole: bool = True) -> None:
        """Draw rows of a heatmap; ``whole`` writes the whole of a cut word, unseen, for readers."""
        self.band, self.shaper, self.whole = band, shaper, whole

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width and height in CSS pixels, and their ratio."""
        width = self.band.cells.sheet.width
        return width, self.band.height, width / self.band.height

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Write shades, lines and words into the page."""
        self.shaper.begin(stream, style)
        stream.transform(a=width / self.band.cells.sheet.width, d=height / self.band.height)
        out: list[bytes] = stream.stream
        out.extend(self._shades())
        for hatch in hatches(self.band):
            out.extend(ops.lines(hatch.lines()))
        self._rules(stream)
        self._write_words(stream, style)
        out.extend(self._underlines())
        out.extend(ops.bars(signs(self.band)))
        if self.band.last:
            out.append(b"q 1 0 0 1 0 %g cm" % self.band.key_top)
            self._key(stream)
            out.append(b"Q")

    def _rules(self, stream: Any) -> None:
        """Write the lines between the cells; many bands have the same."""
        drawn = tuple(rules(self.band))
        box = (self.band.cells.sheet.width, self.band.height)
        self.shaper.stamp(stream, drawn, box, ops.lines(drawn))

    def _shades(self) -> Iterator[bytes]:
        # Cells are the unit here: short numbers make small files.
        width, top = self.band.cells.cell_width, self.band.top
        row = self.band.cells.sheet.row
        by_level: dict[int, list[bytes]] = {}
        for box in shades(self.band):
            cell = (box.x - MARGIN) / width, (box.y - top) / row, box.width / width
            by_level.setdefault(box.level, []).append(b"%d %d %d 1 re" % cell)
        yield b"q %g 0 0 %g %g %g cm" % (width, row, MARGIN, top)
        for level, boxes in sorted(by_level.items()):
            yield ops.paint(level_shade(level, self.band.cells.signed))
            yield from boxes
            yield b"f"
        yield b"Q"

    def _underlines(self) -> Iterator[bytes]:
        # A fifth of a cell is the unit here.
        sheet = self.band.cells.sheet
        unit, row = self.band.cells.cell_width / 5, sheet.row
        top = self.band.top + sheet.underline
        by_color: dict[RGB, list[bytes]] = {}
        for line in underlines(self.band):
            x, y, width = (line.x - MARGIN) / unit, (line.y - top) / row, line.width / unit
            drawn = b"%.0f %.0f m %.0f %.0f l" % (x, y, x + width, y)
            by_color.setdefault(line.color, []).append(drawn)
        if by_color:
            yield b"q %g 0 0 %g %g %g cm" % (unit, row, MARGIN, top)
            dash = (DOT_WEIGHT / row, DOT / unit, DOT_GAP / unit)
            yield b"%.3g w [%.3g %.3g] 0 d" % dash
            for color, found in by_color.items():
                yield ops.paint(color, stroke=True)
                yield from found
                yield b"S"
            yield b"Q"

    def _write_words(self, stream: Any, style: Any) -> None:
        cells, sheet = self.band.cells, self.band.cells.sheet
        width, down = cells.cell_width, BASELINE * FONT_SIZE
        written, emojis = Writer(), []
        for text in words(self.band, partial(self.shaper.fitted, smallest=sheet.smallest)):
            if text.whole and not self.whole:
                text = replace(text, whole="")
            word, left, base = self.shaper.word(text, width), text.x - width / 2, text.y + down
            written.move(left, base)
            written.show(word.shaped, text.color)
            if word.shaped.emojis:
                emojis.append((word, left + word.left, base))
        stream.stream.extend(written.operators())
        for word, x, y in emojis:
            draw_emojis(stream, style, (x, y, word.scale), word.shaped)

    def _key(self, stream: Any) -> None:
        """Write the key; what has no letters is the same in many."""
        shapes, width = list(key(self.band.cells)), self.band.cells.sheet.width
        plain = tuple(shape for shape in shapes if not isinstance(shape, Text))
        if plain:
            self.shaper.stamp(stream, plain, (width, KEY_HEIGHT), map(ops.shape, plain))
        written = Writer()
        for text in shapes:
            if isinstance(text, Text):
                written.move(text.x, text.y + BASELINE * text.size)
                written.show(self.shaper.sized(text.text, text.size), text.color)
        stream.stream.extend(written.operators())
