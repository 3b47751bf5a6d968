"""Write what stands on every page of a PDF: a running head, and the number of the page.

Both are artefacts, not content: a reader that speaks leaves them out (ISO 32000-1, 14.8.2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pikepdf import Dictionary, Object, Pdf

from reportgen.publish.pdf.fonts import widths

__all__ = ["LETTERS", "Running"]

SIZE = 8.5  # points, of the numbers
# What is written with: letters, signs and digits of Western European languages.
LETTERS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x100)))) + "…·–"
WIDEST = 480.0  # points, of a text
GREY = b"0.349 0.384 0.42 rg"


class Running:
    """A document with a running head on each page, and a last page with letters.

    The last page holds ``LETTERS`` in one font, and a link whose lower right corner is where the
    number of a page ends.
    """

    def __init__(self, document: Pdf) -> None:
        *self._heads, sample = document.pages
        self._font, self._codes = _font_of(sample.obj)
        (corner,) = sample.obj.Annots
        self.corner = float(corner.Rect[2]), float(min(corner.Rect[1], corner.Rect[3]))

    def add_to(self, document: Pdf, resources: Object, numbers: Iterable[int]) -> None:
        """Make the font and running heads, by their numbers, known to the pages of a part."""
        resources.Font["/PageNumber"] = document.copy_foreign(self._font)
        for number in numbers:
            head = self._heads[number].as_form_xobject()
            resources.XObject[f"/RunningHead{number}"] = document.copy_foreign(head)

    @staticmethod
    def head(number: int) -> bytes:
        """Return what draws the running head of a number."""
        return b"/Artifact <</Type /Pagination /Subtype /Header>> BDC /RunningHead%d Do EMC" % (
            number,
        )

    def number(self, text: str, right: float, baseline: float) -> bytes:
        """Return what writes a number that ends at ``right``, in points from the lower left."""
        return self._written(text, right - self._width(text), baseline)

    def text(self, text: str, more: str, left: float, baseline: float) -> bytes:
        """Return what writes a text that begins at ``left``, and more as far as there is room.

        More is left out where the font lacks a letter of it.
        """
        if more and self._codes.keys() >= set(more):
            text = f"{text}: {more}"
            if self._width(text) > WIDEST:
                while self._width(f"{text}…") > WIDEST:
                    text = text[:-1]
                text = f"{text.rstrip()}…"
        return self._written(text, left, baseline)

    def _width(self, text: str) -> float:
        return sum(self._codes[character][1] for character in text) * SIZE / 1000

    def _written(self, text: str, left: float, baseline: float) -> bytes:
        codes = [self._codes[character] for character in text]
        return (
            b"/Artifact <</Type /Pagination>> BDC q BT %s /PageNumber %g Tf %.2f %.2f Td <%s> Tj"
            b" ET Q EMC"
        ) % (GREY, SIZE, left, baseline, b"".join(code for code, _ in codes))


def _font_of(page: Dictionary) -> tuple[Object, dict[str, tuple[bytes, float]]]:
    """Return the font that has all letters, and of each its code and width."""
    for font in page.Resources.Font.values():
        wide = widths(font.DescendantFonts[0].W)
        map_ = font.ToUnicode.read_bytes()
        found = re.findall(rb"<([0-9a-fA-F]+)> <([0-9a-fA-F]+)>", map_)
        codes = {
            bytes.fromhex(text.decode()).decode("utf-16-be"): (code, wide[int(code, 16)])
            for code, text in found
            if int(code, 16) in wide
        }
        if codes.keys() >= set(LETTERS):
            return font, codes
    raise ValueError("no font of the running heads has every letter")
