"""Share fonts among the parts of a PDF, each of which has brought the letters that it needs.

Letters keep their numbers when a font is reduced to those in use, so that one file with the letters
of all parts serves each of them.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
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


def share_fonts(pdf: Pdf) -> None:
    """Embed each TrueType font once."""
    by_name: dict[str, list[Object]] = defaultdict(list)
    for font in _reduced(pdf):
        by_name[str(font.BaseFont).partition("+")[2]].append(font)
    for fonts in by_name.values():
        if len(fonts) < 2:
            continue
        whole = _together([_letters(font) for font in fonts])
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


def _letters(font: Object) -> Any:
    """Open a font with each letter in use as one outline, and without what it has beside them.

    Accents and the like, of which letters were composed, have other numbers in each part.
    """
    opened = TTFont(io.BytesIO(font.FontDescriptor[FILE].read_bytes()), recalcTimestamp=False)
    names = [f"letter{i}" for i in range(opened["maxp"].numGlyphs)]
    opened.setGlyphOrder(names)
    outlines, drawn = opened["glyf"], opened.getGlyphSet()
    used = {names[code] for code in widths(font.W) if code < len(names)}  # or no font has it
    whole = {}
    for name in used:
        if outlines[name].isComposite():
            pen = TTGlyphPen(None)
            drawn[name].draw(DecomposingFilterPen(pen, drawn))
            whole[name] = pen.glyph()
    for name in names:
        if name not in used:
            outlines[name] = Glyph()
        elif name in whole:
            outlines[name] = whole[name]
    for table in set(opened.keys()) - NEEDED:
        del opened[table]
    return opened


def _together(fonts: list[Any]) -> bytes | None:
    """Return a font with the letters of all; None where two differ in a letter."""
    whole, *others = sorted(fonts, key=lambda font: -len(font.getGlyphOrder()))
    for other in others:
        for name in other.getGlyphOrder():
            if not _add(whole, other, name):
                return None
    written = io.BytesIO()
    whole.save(written)
    return written.getvalue()


def _add(whole: Any, other: Any, name: str) -> bool:
    """Add a letter where it is missing; say whether the fonts agree in it."""
    mine, theirs = whole["glyf"][name], other["glyf"][name]
    if not theirs.numberOfContours:  # a letter that is not in use, or a space
        if not mine.numberOfContours and not whole["hmtx"][name][0]:
            whole["hmtx"][name] = other["hmtx"][name]
        return True
    if not mine.numberOfContours:
        whole["glyf"][name] = theirs
        whole["hmtx"][name] = other["hmtx"][name]
        return True
    return bool(mine == theirs and whole["hmtx"][name] == other["hmtx"][name])


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
