"""Draw a shaded text into a page of WeasyPrint, as an image object: bands of a few lines each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from weasyprint.text import line_break

from reportgen.figures.palette import DARK_INK, RGB, SOFT
from reportgen.figures.shapes import DOT, DOT_GAP, Bar, level_ink, level_shade
from reportgen.publish.pdf import operators as ops
from reportgen.publish.pdf.lines import Line, Run, is_plain, paragraphs, wrapped
from reportgen.publish.pdf.paragraphs import laid_out
from reportgen.publish.pdf.shaping import (
    Measured,
    Shaped,
    Shaper,
    Writer,
    draw_emojis,
    shaped,
    with_text,
)
from reportgen.publish.pieces import Piece

__all__ = ["Box", "TextBand", "TextImage", "Typesetter", "boxes", "text_bands"]

BAND_LINES = 4  # that stay together on a page
GAP = 0.5  # of a line, between paragraphs with a blank line between
# Of the size of the font, from the baseline downwards.
BOX_TOP, BOX_BOTTOM, DOTS, STRIKE = -0.95, 0.31, 0.2, -0.24
FINE = 2  # boxes and lines have whole lengths at so many times the scale: small files
ROUND = 4  # width there of the line around a box, which rounds its corners
BREATH = 1.0  # what a box is wider than its word, where white space stands beside it
DOT_WEIGHT, STRIKE_WEIGHT = 0.9, 0.8
LOWERED_TOP = 0.5  # from that of the box
LOWERED_INSET, LOWERED_HEIGHT = 2, 2  # at the finer scale


@dataclass(frozen=True, slots=True)
class Box:
    """What stands behind one token on one line: ``y`` is that of the line's baseline."""

    piece: Piece
    x: float
    width: float
    y: float


@dataclass(frozen=True, slots=True)
class TextBand:
    """Lines that stay together on a page."""

    lines: Sequence[Line]

    @property
    def height(self) -> float:
        """Its height in CSS pixels."""
        return sum(line.above + line.height for line in self.lines)


class Typesetter:
    """Sets the texts of one document in lines, in WeasyPrint's styles of their two directions."""

    def __init__(
        self, width: float, rightward: Any, leftward: Any, measured: Measured | None = None
    ) -> None:
        self.width, self.styles = width, (rightward, leftward)
        self.shaper = Shaper(rightward, measured)
        self.size = float(rightward["font_size"])
        # The height of a line, and where its baseline is, from the top.
        self.leading, self.baseline = map(float, line_break.strut(rightward))

    def lines(self, pieces: Iterable[Piece], leftward: bool) -> list[Line]:
        """Set a text in lines; one that runs leftward ends them at the right edge."""
        lines: list[Line] = []
        gap = 0.0
        for parts in paragraphs(pieces):
            text = "".join(text for text, _ in parts)
            if not text.strip():
                gap = GAP * self.leading if lines else 0.0
                continue
            if is_plain(text) and not leftward:
                runs = wrapped(parts, self.width, self.shaper.advance)
                new = [Line(line, self.leading) for line in runs]
            else:
                new = list(laid_out(parts, self.width, self.styles[leftward]))
                for line in new:
                    line.height = max(line.height, self.leading)
            new[0].above = gap
            lines += new
            gap = 0.0
        return lines


def text_bands(lines: Sequence[Line]) -> Iterator[TextBand]:
    """Cut a text into the parts that a page keeps together, of two lines at least."""
    at = 0
    while at < len(lines):
        left = len(lines) - at
        step = left if left <= BAND_LINES else BAND_LINES - (left == BAND_LINES + 1)
        yield TextBand(lines[at : at + step])
        at += step


def boxes(band: TextBand, baseline: float) -> Iterator[Box]:
    """Yield a box for each token on each line, from left to right."""
    y = 0.0
    for line in band.lines:
        y += line.above
        runs, at = line.runs, 0
        for _, neighbours in groupby(runs, lambda run: id(run.piece)):
            own = list(neighbours)
            before = runs[at - 1] if at else None
            at += len(own)
            after = runs[at] if at < len(runs) else None
            if own[0].piece.token and (inked := _inked(own)):
                first, last = inked[0], inked[-1]
                left = BREATH * (first is not own[0] or before is None or before.blank)
                right = BREATH * (last is not own[-1] or after is None or after.blank)
                x, end = first.x - left, last.x + last.width + right
                yield Box(first.piece, x, end - x, y + baseline)
        y += line.height


def _inked(runs: Sequence[Run]) -> Sequence[Run]:
    """Return the runs without blank ones at their ends."""
    places = [i for i, run in enumerate(runs) if not run.blank]
    return runs[places[0] : places[-1] + 1] if places else ()


class TextImage:
    """What WeasyPrint takes for an image: it has a size and draws itself into a page.

    The words are marked as of their ``language``, where that is known.
    """

    def __init__(
        self, band: TextBand, setter: Typesetter, signed: bool, language: str = ""
    ) -> None:
        self.band, self.setter, self.signed, self.language = band, setter, signed, language

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width and height in CSS pixels, and their ratio."""
        width, height = self.setter.width, self.band.height
        return width, height, width / height

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Write shades, words and the marks of words into the page."""
        self.setter.shaper.begin(stream, style)
        stream.transform(a=width / self.setter.width, d=height / self.band.height)
        out: list[bytes] = stream.stream
        placed = list(boxes(self.band, self.setter.baseline))
        fine = b"q %g 0 0 %g 0 0 cm" % (1 / FINE, 1 / FINE)
        out += [fine, *self._shades(placed), b"Q"]
        out += [b"/Span <</Lang (%s)>> BDC" % self.language.encode()] * bool(self.language)
        self._write_words(stream)
        out += [b"EMC"] * bool(self.language)
        out += [fine, *self._marks(placed), b"Q"]

    def _shades(self, placed: Sequence[Box]) -> Iterator[bytes]:
        size = self.setter.size
        top, height = FINE * BOX_TOP * size + ROUND / 2, FINE * (BOX_BOTTOM - BOX_TOP) * size
        by_level: dict[int, list[bytes]] = {}
        for box in placed:
            if box.piece.level:
                x, end = FINE * box.x + ROUND / 2, FINE * (box.x + box.width) - ROUND / 2
                place = (x, FINE * box.y + top, max(end - x, 1), height - ROUND)
                by_level.setdefault(box.piece.level, []).append(b"%.0f %.0f %.0f %.0f re" % place)
        if by_level:
            yield b"1 j %d w" % ROUND
        for level, found in sorted(by_level.items()):
            color = level_shade(level, self.signed)
            yield ops.paint(color)
            yield ops.paint(color, stroke=True)
            yield from found
            yield b"B"

    def _write_words(self, stream: Any) -> None:
        written, emojis = Writer(), []
        y = 0.0
        for line in self.band.lines:
            y += line.above
            base = y + self.setter.baseline
            y += line.height
            end = None  # of the run before
            for run in sorted(line.runs, key=attrgetter("place")):
                if not run.text:
                    continue
                word = self._shape(run, stream)
                if run.x != end:
                    written.move(run.x, base)
                end = run.x + run.width
                written.show(word, None if run.blank else self._ink(run.piece))
                if word.emojis:
                    emojis.append((word, run.x, base))
        stream.stream.extend(written.operators())
        for word, x, base in emojis:
            draw_emojis(stream, self.setter.styles[0], (x, base, 1.0), word)

    def _shape(self, run: Run, stream: Any) -> Shaped:
        if run.layout is None:
            return self.setter.shaper.shape(run.text)
        word = shaped(stream, self.setter.styles[0], run.layout)
        if run.spelled:
            return word
        return replace(word, operators=with_text(run.text, word.operators), array=b"")

    def _ink(self, piece: Piece) -> RGB:
        if not piece.token:
            return DARK_INK
        return SOFT if piece.weight is None else level_ink(piece.level, self.signed)

    def _marks(self, placed: Sequence[Box]) -> Iterator[bytes]:
        """Yield dots below unknown words, lines through unread and over lowering ones."""
        size, lowered, strikes = self.setter.size, list[Bar](), list[bytes]()
        dotted: dict[RGB, list[bytes]] = {}
        for box in placed:
            piece = box.piece
            if not piece.unknown and piece.weight is not None and piece.level >= 0:
                continue
            ink, x, end = self._ink(piece), FINE * box.x, FINE * (box.x + box.width)
            if piece.unknown:
                dotted.setdefault(ink, []).append(_level(x, end, FINE * (box.y + DOTS * size)))
            if piece.weight is None:
                strikes.append(_level(x, end, FINE * (box.y + STRIKE * size)))
            if piece.level < 0:
                y, width = box.y + BOX_TOP * size + LOWERED_TOP, end - x - 2 * LOWERED_INSET
                lowered.append(
                    Bar(x + LOWERED_INSET, FINE * y, max(width, 2.0), LOWERED_HEIGHT, ink)
                )
        if dotted:
            yield b"%g w [%.3g %g] 0 d" % (FINE * DOT_WEIGHT, FINE * DOT, FINE * DOT_GAP)
            for ink, found in dotted.items():
                yield ops.paint(ink, stroke=True)
                yield from found
                yield b"S"
            yield b"[] 0 d"
        if strikes:
            yield b"%g w %s" % (FINE * STRIKE_WEIGHT, ops.paint(SOFT, stroke=True))
            yield from strikes
            yield b"S"
        yield from ops.bars(lowered)


def _level(x: float, end: float, y: float) -> bytes:
    return b"%.0f %.0f m %.0f %.0f l" % (x, y, end, y)
