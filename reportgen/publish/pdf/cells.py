"""Draw a heatmap into a page of WeasyPrint: vector shades and real text, as an image object.

WeasyPrint draws whatever its image cache holds under an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reportgen.figures.fitting import FONT_SIZE
from reportgen.figures.layout import CELL_HEIGHT, MARGIN, Band
from reportgen.figures.shapes import (
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
from reportgen.publish.pdf.shaping import Shaper, draw_emojis

__all__ = ["CellsImage"]

BASELINE = 0.36  # of the size of the font, below the middle of a line


class CellsImage:
    """What WeasyPrint takes for an image: it has a size and draws itself into a page."""

    def __init__(self, band: Band, shaper: Shaper) -> None:
        self.band, self.shaper = band, shaper

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
        out.extend(ops.lines(rules(self.band)))
        self._write_words(stream, style)
        out.extend(ops.dots(underlines(self.band)))
        out.extend(ops.bars(signs(self.band)))
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
            yield ops.paint(level_shade(level, self.band.cells.signed))
            yield from boxes
            yield b"f"
        yield b"Q"

    def _write_words(self, stream: Any, style: Any) -> None:
        out: list[bytes] = stream.stream
        cells, smallest = self.band.cells, self.band.cells.sheet.smallest
        cell_width = cells.cell_width
        scale = self.shaper.scale(FONT_SIZE)
        down = BASELINE * FONT_SIZE
        at_x, at_y = MARGIN + cell_width / 2, self.band.top + CELL_HEIGHT / 2
        left = at_x - cell_width / 2
        out.append(b"BT %.4g 0 0 %.4g %g %g Tm" % (scale, -scale, left, at_y + down))
        font, color, emojis = b"", None, []
        for text in words(self.band, lambda *at: self.shaper.fitted(*at, smallest)):
            if not text.text or text.text.isspace():
                continue
            if text.x != at_x or text.y != at_y:
                out.append(ops.step((text.x - at_x) / scale, (at_y - text.y) / scale))
                at_x, at_y = text.x, text.y
            word = self.shaper.word(text, cell_width)
            if text.color != color:
                color = text.color
                out.append(ops.paint(color))
            shaped = word.shaped
            if shaped.first_font != font:
                out.append(shaped.first_font)
            font = shaped.last_font
            out.append(shaped.operators)
            if shaped.emojis:
                emojis.append((word, text.x - cell_width / 2 + word.left, text.y + down))
        out.append(b"ET")
        for word, x, y in emojis:
            draw_emojis(stream, style, (x, y, word.scale), word.shaped)

    def _key(self) -> Iterator[bytes]:
        for shape in key(self.band.cells):
            if isinstance(shape, Text):
                shaped, scale = self.shaper.shape(shape.text), self.shaper.scale(shape.size)
                place = (scale, -scale, shape.x, shape.y + BASELINE * shape.size)
                yield b"BT %s %s %.4g 0 0 %.4g %.2f %.2f Tm %s ET" % (
                    ops.paint(shape.color), shaped.first_font, *place, shaped.operators,
                )  # fmt: skip
            else:
                yield ops.shape(shape)
