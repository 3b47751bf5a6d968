"""Share fonts among the parts of a PDF, each of which has brought the letters that it needs.

Letters keep their numbers when a font is reduced to those in use, so that one file with the letters
of all parts serves each of them.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pikepdf import Dictionary, Object, Pdf

__all__ = ["share_fonts", "widths"]

FILE = "/FontFile2"  # TrueType; others stay as they are
# The tables that a PDF reads of it (ISO 32000-1, 9.9), and the order of letters.
NEEDED = {"GlyphOrder", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}

Letter = tuple[Any, tuple[int, int]]  # its outline; how wide it is, and where it begins


def share_fonts(pdf: Pdf) -> None:
    """Embed each TrueType font once."""
    by_name: dict[str, list[Object]] = defaultdict(list)
    for font in _reduced(pdf):
        by_name[str(font.BaseFont).partition("+")[2]].append(font)
    for fonts in by_name.values():
        if len(fonts) < 2:
            continue
        whole = _together(fonts)
        if whole is not None:
            stream = pdf.make_stream(whole, Length1=len(whole))
            for font in fonts:
                font.FontDescriptor[FILE] = stream


def _reduced(pdf: Pdf) -> Iterator[Object]:
    """Yield the fonts that are embedded with a part of their letters."""
    seen = set()
    for page in pdf.pages:
        for font in page.obj.Resources.get("/Font", Dictionary()).values():
            if font.Subtype == "/Type0" and font.objgen not in seen:
                seen.add(font.objgen)
                (inside,) = font.DescendantFonts
                if FILE in inside.FontDescriptor and "+" in str(inside.BaseFont):
                    yield inside


def _letters(opened: Any, used: Iterable[int]) -> Iterator[tuple[str, Letter]]:
    """Yield the letters in use, each as one outline.

    Accents and the like, of which letters were composed, have other numbers in each part.
    """
    names, outlines, spaces = opened.getGlyphOrder(), opened["glyf"], opened["hmtx"]
    drawn = opened.getGlyphSet()
    for name in [names[code] for code in used if code < len(names)]:  # or no font has it
        outline = outlines[name]
        if outline.isComposite():
            pen = TTGlyphPen(None)
            drawn[name].draw(DecomposingFilterPen(pen, drawn))
            outline = pen.glyph()
        yield name, (outline, spaces[name])


def _together(fonts: Sequence[Object]) -> bytes | None:
    """Return a font with the letters of all; None where two differ in a letter."""
    opened = [_open(font) for font in fonts]
    letters: dict[str, Letter] = {}
    for font, own in zip(fonts, opened, strict=True):
        for name, letter in _letters(own, widths(font.W)):
            if letters.setdefault(name, letter) != letter:
                return None
    whole = max(opened, key=lambda font: len(font.getGlyphOrder()))
    for name in whole.getGlyphOrder():
        whole["glyf"][name] = Glyph()
    for name, (outline, spaces) in letters.items():
        whole["glyf"][name], whole["hmtx"][name] = outline, spaces
    for table in set(whole.keys()) - NEEDED:
        del whole[table]
    written = io.BytesIO()
    whole.save(written)
    return written.getvalue()


def _open(font: Object) -> Any:
    """Open a font, whose letters are called by their numbers."""
    opened = TTFont(io.BytesIO(font.FontDescriptor[FILE].read_bytes()), recalcTimestamp=False)
    opened.setGlyphOrder([f"letter{i}" for i in range(opened["maxp"].numGlyphs)])
    return opened


def widths(array: Object) -> dict[int, float]:
    """Return the widths of letters by their codes, from those of a font with two-byte codes."""
    return dict(_widths(array))


def _widths(array: Object) -> Iterator[tuple[int, float]]:
    entries = list(array)
    while entries:
        first, second, *entries = entries
        if isinstance(second, int | Decimal):
            last, *entries = int(second), *entries
            width, *entries = entries
            yield from ((code, float(width)) for code in range(int(first), last + 1))
        else:
            yield from ((int(first) + i, float(width)) for i, width in enumerate(second))
