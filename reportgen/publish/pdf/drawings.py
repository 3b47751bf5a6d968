"""Draw the cards of one document: predictions in, cards whose texts and heatmaps draw themselves.

Lines are broken and measured before the document is made, with what its ``setting`` tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from reportgen.analysis.findings import ExampleResult
from reportgen.figures.layout import PAGE, Band, Grid, Sheet, grid, page_sheet, runs_leftward
from reportgen.languages import direction
from reportgen.publish.cards import Card, CardMaker, Drawn
from reportgen.publish.pdf.document import BASE, vector_cells
from reportgen.publish.pdf.setting import Setting
from reportgen.records import Prediction

__all__ = ["Drawings", "bands", "drawings"]

BAND_ROWS = 6  # rows of a heatmap that stay together on a page, at most
WIDER = 1.0094  # than a text is a heatmap, as in print.css: its cells are as wide
SHORT = 240  # CSS pixels: what is no higher is not broken


@dataclass(slots=True)
class Drawings:
    """Draws cards; ``images`` are what draws itself, under the addresses that cards have.

    ``show`` is ``both``, ``text`` or ``heatmap``. ``setter`` breaks texts into lines, ``shaper``
    shapes the words of heatmaps, which are drawn on a ``sheet``; without them cards show their text
    by elements.
    """

    maker: CardMaker
    show: str = "both"
    images: dict[str, Any] = field(default_factory=dict)
    setter: Any = None
    shaper: Any = None
    sheet: Sheet = PAGE

    def card(self, prediction: Prediction, result: ExampleResult) -> Card:
        """Make a card and draw what it shows; a text without tokens has no heatmap."""
        if self.setter is None:
            return self.maker.card(prediction, result)
        picture = self.show == "heatmap" and self.maker.weighted
        lines = () if picture else self._text(prediction)
        heatmap = () if self.show == "text" else self._heatmap(prediction)
        heights = (self.images[at].get_intrinsic_size(1.0, 1.0)[1] for at in (*lines, *heatmap))
        drawn = Drawn(lines, heatmap, sum(heights) <= SHORT)
        return self.maker.card(prediction, result, drawn)

    def _text(self, prediction: Prediction) -> tuple[str, ...]:
        from reportgen.publish.pdf.text import TextImage, text_bands

        pieces = self.maker.pieces(prediction)
        language = self.maker.language_of(prediction)
        leftward = runs_leftward(prediction.tokens or (prediction.text,))
        if language:
            leftward = direction(language) == "rtl"
        lines, signed = self.setter.lines(pieces, leftward), self.maker.signed
        return self._add(
            [TextImage(band, self.setter, signed, language) for band in text_bands(lines)]
        )

    def _heatmap(self, prediction: Prediction) -> tuple[str, ...]:
        from reportgen.publish.pdf.cells import CellsImage

        maker = self.maker
        if not (prediction.tokens and maker.weighted):
            return ()
        words, weights, unknown = prediction.tokens, prediction.attention, prediction.unknown
        whole = self.show == "heatmap"  # else the text has it
        columns = maker.columns.page if whole else maker.columns.below_text
        cells = grid(words, weights, unknown, columns, maker.scale, self.sheet)
        return self._add([CellsImage(band, self.shaper, whole) for band in bands(cells)])

    def _add(self, images: Sequence[Any]) -> tuple[str, ...]:
        first = len(self.images)
        addresses = tuple(f"{BASE}drawn/{first + i}" for i in range(len(images)))
        self.images.update(zip(addresses, images, strict=True))
        return addresses


def bands(cells: Grid) -> Iterator[Band]:
    """Cut a heatmap into parts of about one height, which a page keeps together."""
    count = -(-cells.rows // BAND_ROWS)
    ends = [cells.rows * k // count for k in range(count + 1)]
    for start, end in pairwise(ends):
        yield Band(cells, start, end)


def drawings(maker: CardMaker, show: str, setting: Setting) -> Drawings:
    """Prepare the drawing of a document's cards, which is set with ``setting.fonts`` then."""
    if not vector_cells():
        return Drawings(maker, show)
    from reportgen.publish.pdf.shaping import Shaper
    from reportgen.publish.pdf.text import Typesetter

    setter = Typesetter(setting.width, *setting.styles, setting.texts)
    shaper = Shaper(measured=setting.cells)
    sheet = page_sheet(WIDER * setting.width * 72 / 96)
    return Drawings(maker, show, setter=setter, shaper=shaper, sheet=sheet)
