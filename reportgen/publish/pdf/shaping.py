"""Measure and shape text by WeasyPrint's own Pango layer: each distinct word once for a document.

WeasyPrint lays out a box for each word that stands on its own, each time it occurs; here a word is
shaped once, or spelled from its letters where a style joins none, and what draws it is written
again wherever it stands. What was measured serves later documents too. This file and ``paragraphs``
use interfaces that WeasyPrint does not document; ``available`` says whether they are as both know
them. Tried with WeasyPrint 70.0.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pydyf
from weasyprint.draw import text as weasy_text
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text import ffi as weasy_ffi
from weasyprint.text import line_break

from reportgen.figures.fitting import Fitted, fit
from reportgen.figures.palette import RGB
from reportgen.figures.shapes import Text
from reportgen.publish.pdf import operators as ops

__all__ = [
    "Measured",
    "Shaped",
    "Shaper",
    "Word",
    "Writer",
    "available",
    "draw_emojis",
    "shaped",
    "with_text",
]

MEASURED = 50_000
LEAD = 50  # thousandths of the font's size, in which words are moved to the middle of cells
LETTERS = re.compile("[!-~…]{2,}")  # each has a glyph of its own, where a style joins none
GLYPH = re.compile(rb"\[<([0-9a-f]{4})>\] TJ")
HEX, SPECIAL = re.compile(rb"<([0-9a-f]*)>"), re.compile(rb"[\\()]")
PANGO = (
    "pango_layout_get_line_readonly",
    "pango_layout_line_get_extents",
    "pango_layout_set_single_paragraph_mode",
    "pango_layout_set_width",
    "pango_layout_set_wrap",
)


def available() -> bool:
    """Say whether this WeasyPrint has the interfaces used here, with the parameters used here."""
    try:
        draw_line = tuple(inspect.signature(weasy_text.draw_first_line).parameters)
        draw_emojis = tuple(inspect.signature(weasy_text.draw_emojis).parameters)
        layout = tuple(inspect.signature(line_break.Layout).parameters)
        line_size = tuple(inspect.signature(line_break.line_size).parameters)
        group = tuple(inspect.signature(Stream.add_group).parameters)
        strut = tuple(inspect.signature(line_break.strut).parameters)
    except (AttributeError, ValueError, TypeError):
        return False
    return (
        draw_line == ("stream", "textbox", "text_overflow", "block_ellipsis", "matrix")
        and draw_emojis == ("stream", "style", "x", "y", "emojis")
        and layout[:1] == ("style",)
        and line_size == ("line", "style")
        and group == ("self", "x", "y", "width", "height")
        and strut[:1] == ("style",)
        and all(hasattr(weasy_ffi.pango, name) for name in PANGO)
    )


@dataclass(frozen=True, slots=True)
class Shaped:
    """A shaped text: operators at the style's font size, pictures of emoji, fonts.

    ``array`` is what one operator shows, where one is enough.
    """

    operators: bytes
    first_font: bytes
    last_font: bytes
    emojis: list[Any]
    array: bytes = b""


@dataclass(frozen=True, slots=True)
class Word:
    """A shaped text as it stands in its cell, from ``left`` of the cell's left edge on."""

    shaped: Shaped
    left: float
    scale: float


@dataclass(slots=True)
class _TextBox:
    """What WeasyPrint's drawing of a line asks of a text box."""

    text: str
    style: Any
    pango_layout: Any
    baseline: float


class _Recorder(pydyf.Stream):  # type: ignore[misc]
    """Takes what WeasyPrint writes into a page; fonts go to the real page's document."""

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self.add_font = stream.add_font
        self.ink_rect, self.logical_rect = stream.ink_rect, stream.logical_rect

    def set_text_matrix(self, *values: float) -> None:
        """Leave the place open; it is written where the word is used."""


def shaped(stream: Any, style: Any, layout: Any) -> Shaped:
    """Shape the first line of a layout; fonts go to the document of the stream."""
    recorder = _Recorder(stream)
    # A line of blanks alone would not be drawn; this text decides that, and nothing else.
    text = layout.text if layout.text.strip() else "x"
    box = _TextBox(text, style, layout, style["font_size"])
    emojis = weasy_text.draw_first_line(recorder, box, "clip", "none", Matrix())
    lines = [op for op in recorder.stream if op]
    fonts = [op for op in lines if op.endswith(b" Tf")] or [b""]
    body = lines[1:] if lines and lines[0] == fonts[0] else lines
    operators = b"\n".join(body).replace(b">0<", b"").replace(b">0]", b">]")  # moves by nothing
    single = len(body) == 1 and operators.startswith(b"[") and operators.endswith(b"] TJ")
    return Shaped(operators, fonts[0], fonts[-1], emojis, _array(operators) if single else b"")


def _array(operator: bytes) -> bytes:
    """Return what an operator shows, with its strings written byte by byte."""
    return HEX.sub(_literal, operator[1:-4])


def _literal(found: re.Match[bytes]) -> bytes:
    """Write a string of glyphs byte by byte, which is half as long (ISO 32000-1, 7.3.4.2)."""
    return b"(%s)" % SPECIAL.sub(rb"\\\g<0>", bytes.fromhex(found[1].decode())).replace(
        b"\r", b"\\r"
    )


def draw_emojis(stream: Any, style: Any, place: tuple[float, float, float], word: Shaped) -> None:
    """Draw the pictures of a text at x and y of its baseline's start, at a scale of the style's."""
    x, y, scale = place
    with stream.stacked():
        stream.transform(a=scale, d=scale, e=x, f=y)
        weasy_text.draw_emojis(stream, style, 0, 0, word.emojis)


class Writer:
    """Writes shaped texts one behind the other, each line by as few operators as possible."""

    def __init__(self) -> None:
        self._out = [b"BT 1 0 0 -1 0 0 Tm"]
        self._together: list[bytes] = []
        self._font = b""
        self._color: RGB | None = None
        self._x = self._y = 0.0

    def move(self, x: float, y: float) -> None:
        """Begin a line whose baseline starts at this place, y downwards."""
        self._flush()
        self._out.append(ops.step(round(x - self._x, 2), round(self._y - y, 2)))
        self._x, self._y = x, y

    def show(self, word: Shaped, ink: RGB | None) -> None:
        """Write a text in this ink; None for any, where there is nothing to see."""
        if ink is not None and ink != self._color:
            self._flush()
            self._color = ink
            self._out.append(ops.paint(ink))
        if word.first_font != self._font:
            self._flush()
            self._out.append(word.first_font)
        self._font = word.last_font
        if word.array:
            self._together.append(word.array)
        else:
            self._flush()
            self._out.append(word.operators)

    def operators(self) -> list[bytes]:
        """Return all that was written."""
        self._flush()
        return [*self._out, b"ET"]

    def _flush(self) -> None:
        if self._together:
            array = b"".join(self._together)
            self._out.append(b"[%s] TJ" % array.replace(b")0(", b"").replace(b")(", b""))
            self._together = []


@dataclass(frozen=True, slots=True)
class Measured:
    """Widths of texts in one style, and what is written of words in a room, for any document.

    At most about ``MEASURED`` of each are kept.
    """

    widths: dict[str, float] = field(default_factory=dict)
    fitted: dict[tuple[str, float, float], Fitted] = field(default_factory=dict)

    def limit(self) -> None:
        """Forget everything once it is much; between documents."""
        for kept in (self.widths, self.fitted):
            if len(kept) > MEASURED:
                kept.clear()


class Shaper:
    """Shapes each distinct text of one document and one style once; ``measured`` grows with it."""

    def __init__(self, style: Any = None, measured: Measured | None = None) -> None:
        self._stream: Any = None
        self._style = style
        self._measured = measured or Measured()
        self._measured.limit()
        self._layout: Any = None
        self._laid_out: str | None = None
        self._shaped: dict[str, Shaped] = {}
        self._stamps: dict[Hashable, str] = {}
        self._words: dict[tuple[str, str, float], Word] = {}

    def begin(self, stream: Any, style: Any) -> None:
        """Take the page and style of the first use; those of a document share fonts and style."""
        if self._stream is None:
            self._stream, self._style = stream, self._style or style

    def stamp(
        self, stream: Any, name: Hashable, size: tuple[float, float], drawn: Iterable[bytes]
    ) -> None:
        """Draw what these operators draw inside a box; under one name it is written only once."""
        if (stamp := self._stamps.get(name)) is None:
            group = stream.add_group(0, 0, *size)
            group.stream.extend(drawn)
            stamp = self._stamps[name] = group.id
        stream.draw_x_object(stamp)

    def scale(self, size: float) -> float:
        """Return a size of the font, in CSS pixels, in parts of the style's."""
        return float(size / self._style["font_size"])

    def advance(self, text: str) -> float:
        """Return the width of a text in the style's own size, in CSS pixels."""
        if (width := self._measured.widths.get(text)) is None:
            if self._by_letter(text):
                width = sum(map(self.advance, text))
            else:
                line, _ = self._lay_out(text).get_first_line()
                width, _ = line_break.line_size(line, self._style)
            self._measured.widths[text] = width
        return width

    def _by_letter(self, text: str) -> bool:
        """Say whether a text is the row of its letters, none of which changes beside another."""
        apart = self._style["font_kerning"] == self._style["font_variant_ligatures"] == "none"
        return apart and LETTERS.fullmatch(text) is not None

    def width(self, text: str, size: float) -> float:
        """Return the width of a text, as the fitting of words measures it."""
        return self.advance(text) * self.scale(size)

    def _lay_out(self, text: str) -> Any:
        if self._layout is None:
            self._layout = line_break.Layout(self._style)
        if text != self._laid_out:  # a word is shaped right after it was measured
            self._layout.set_text(text)
            self._laid_out = text
        return self._layout

    def fitted(self, word: str, room: float, smallest: float) -> Fitted:
        """Return what is written of a word in a room of so many CSS pixels."""
        at = word, room, smallest
        if (fitted := self._measured.fitted.get(at)) is None:
            fitted = self._measured.fitted[at] = fit(word, room, self.width, smallest)
        return fitted

    def shape(self, text: str) -> Shaped:
        """Shape a text in the style's font."""
        if (found := self._shaped.get(text)) is None:
            found = self._spelled(text) if self._by_letter(text) else None
            found = found or shaped(self._stream, self._style, self._lay_out(text))
            self._shaped[text] = found
        return found

    def _spelled(self, text: str) -> Shaped | None:
        """Shape a text letter by letter; None where their font is not the same, or has none."""
        letters = [self.shape(letter) for letter in text]
        glyphs = [GLYPH.fullmatch(letter.operators) for letter in letters]
        (font, *others) = {letter.last_font for letter in letters}
        if others or not all(glyphs):
            return None
        operator = b"[<%s>] TJ" % b"".join(glyph[1] for glyph in glyphs if glyph)
        return Shaped(operator, font, font, [], _array(operator))

    def word(self, text: Text, cell_width: float) -> Word:
        """Shape a text of ``words`` as it stands in the middle of its cell."""
        at = text.text, text.whole, cell_width  # these decide the size
        if (word := self._words.get(at)) is None:
            word = self._words[at] = self._word(text, cell_width)
        return word

    def _word(self, text: Text, cell_width: float) -> Word:
        found = self.sized(text.text, text.size)
        left = (cell_width - self.width(text.text, text.size)) / 2
        # How far the word stands from the edge of its cell is said as kerning is, so that a word
        # has the same bytes in whichever cell it stands, and a page of words packs well.
        lead = b"%d" % (LEAD * round(-1000 * left / text.size / LEAD))
        array, blank = found.array, self.sized(" ", text.size)
        if array and found.last_font == blank.first_font:
            array += blank.array  # a program that reads the words finds where they end
        operators = b"[%s] TJ\n%s" % (lead, found.operators)
        if text.whole:
            operators, array = with_text(text.whole, operators), b""
        elif array:
            array = lead + array
        return Word(replace(found, operators=operators, array=array), left, self.scale(text.size))

    def sized(self, text: str, size: float) -> Shaped:
        """Shape a text in the style's font at another size."""
        found, scale = self.shape(text), self.scale(size)
        operators, first, last = (
            ops.resized(op, scale) for op in (found.operators, found.first_font, found.last_font)
        )
        return Shaped(operators, first, last, found.emojis, found.array)


def with_text(text: str, operators: bytes) -> bytes:
    """Say what text it is that these operators draw (ISO 32000-1, 14.9.4)."""
    whole = text.encode("utf-16-be", "replace").hex().encode()
    return b"/Span <</ActualText <feff%s>>> BDC\n%s\nEMC" % (whole, operators)
