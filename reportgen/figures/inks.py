"""Draw the ink of words and lines once with the real fonts, and keep it.

Ink has ``INKS`` levels, from none to full. That of words is kept at four pixels a byte: a split of
20,000 reviews has 100,000 distinct words, and to draw one takes far longer than to look it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from reportgen.figures.fitting import Fitted
from reportgen.figures.fonts import face, is_plain, missing_glyphs, properties, renderer
from reportgen.figures.layout import CELL_HEIGHT, PADDING, SCALE, WIDTH
from reportgen.figures.raster import DPI, device, fit_word, points

__all__ = ["INKS", "Pixels", "WordInks", "line_ink", "word_inks"]

Pixels = NDArray[np.uint8]

INKS = 4  # levels of ink, from none to full
PACKED = 4  # pixels a byte
KEPT_BYTES = 100_000_000  # 120,000 words in cells of the usual width; more than a picture has
DRAWN_WORDS = 512  # at once

LEVELS_OF = np.rint(np.arange(256) * ((INKS - 1) / 255)).astype(np.uint8)  # by coverage
SHIFTS = np.arange(0, 8, 2, dtype=np.uint8)
PIXELS_OF = (np.arange(256, dtype=np.uint8)[:, None] >> SHIFTS & (INKS - 1)).view(np.uint32)[:, 0]


class WordInks:
    """The ink of words in cells of one width, which is in CSS pixels."""

    def __init__(self, cell_width: int) -> None:
        self._room = cell_width - PADDING
        self._height, self._width = device(CELL_HEIGHT), device(cell_width)
        self._bytes = -(-self._width // PACKED)
        # Memory is taken page by page when it is written to.
        self._most = KEPT_BYTES // (self._height * self._bytes)
        self._kept = np.empty((self._most, self._height, self._bytes), dtype=np.uint8)
        self._place: dict[str, int] = {}
        self._missing: dict[str, frozenset[str]] = {}

    def boxes(self, words: Sequence[str]) -> tuple[Pixels, frozenset[str]]:
        """Return the levels of ink of words, fewer than are kept, and what no font has of them.

        The levels are [words, height, width of a cell, filled up to a multiple of four].
        """
        new = self._unknown(words)
        if len(self._place) + len(new) > self._most:
            self._place.clear()
            self._missing.clear()
            new = self._unknown(words)
        for at in range(0, len(new), DRAWN_WORDS):
            self._draw(new[at : at + DRAWN_WORDS])
        places = np.fromiter(map(self._place.__getitem__, words), np.intp, len(words))
        lacking = self._missing.keys() & words if self._missing else ()
        missing = frozenset[str]().union(*(self._missing[word] for word in lacking))
        packed = self._kept.take(places, axis=0, mode="clip")
        return PIXELS_OF.take(packed, mode="clip").view(np.uint8), missing

    def _unknown(self, words: Sequence[str]) -> list[str]:
        return [word for word in dict.fromkeys(words) if word not in self._place]

    def _draw(self, words: Sequence[str]) -> None:
        """Draw some words and keep them: plain ones into one picture, below one another."""
        fitted = [fit_word(word, self._room) for word in words]
        band = 2 * self._height  # what leaves a cell is cut off
        picture = Image.new("L", (self._width, band * len(words)))
        pen = ImageDraw.Draw(picture)
        for at, fit in enumerate(fitted):
            if is_plain(fit.text):
                _write(pen, fit, self._width / 2, at * band, "ms")
        coverage = np.asarray(picture).reshape(len(words), band, -1)[:, : self._height]
        inks = np.zeros((len(words), self._height, self._bytes * PACKED), dtype=np.uint8)
        inks[..., : self._width] = LEVELS_OF[coverage]
        for at, fit in enumerate(fitted):
            if not is_plain(fit.text):
                missing: set[str] = set()
                with missing_glyphs(missing):
                    inks[at, :, : self._width] = _shaped(fit, self._width, center=True)
                if missing:
                    self._missing[words[at]] = frozenset(missing)
        start, stop = len(self._place), len(self._place) + len(words)
        four = inks.view("<u4")  # the levels of four pixels, two bits in each byte
        self._kept[start:stop] = four | four >> 6 | four >> 12 | four >> 18
        self._place.update(zip(words, range(start, stop), strict=True))


@lru_cache(maxsize=2)
def word_inks(cell_width: int) -> WordInks:
    """Return the inks of words in cells of that width, which are kept by this process."""
    return WordInks(cell_width)


@lru_cache(maxsize=256)
def line_ink(text: str, size: float) -> Pixels:
    """Return the levels of ink [height of a cell, width] of a text outside of the cells."""
    line, width = Fitted(text, size), device(WIDTH // 2)
    if is_plain(text):
        picture = Image.new("L", (width, device(CELL_HEIGHT)))
        _write(ImageDraw.Draw(picture), line, 0, 0, "ls")
        ink: Pixels = LEVELS_OF[np.asarray(picture)]
    else:
        ink = _shaped(line, width, center=False)
    used = np.flatnonzero(ink.max(axis=0))
    return ink[:, : int(used.max(initial=0)) + 2].copy()


def _write(pen: ImageDraw.ImageDraw, line: Fitted, x: float, top: int, anchor: str) -> None:
    """Write a plain line into a cell whose top is given, as matplotlib would.

    A line is at least as high as "lp", so words share a baseline.
    """
    height, below = _line_height(line.size)
    place = x, top + round((device(CELL_HEIGHT) + height) / 2 - below)
    pen.text(place, line.text, fill=255, font=face(line.size * SCALE), anchor=anchor)


def _shaped(line: Fitted, width: int, center: bool) -> Pixels:
    """Return the levels of ink [height of a cell, width] of a line of any script."""
    height, (least, below) = device(CELL_HEIGHT), _line_height(line.size)
    agg, font = renderer(width, height, DPI), properties(points(line.size), line.text)
    agg.clear()
    w, h, descent = agg.get_text_width_height_descent(line.text, font, False)
    h, descent = max(h, least), max(descent, below)
    pen = agg.new_gc()
    pen.set_foreground((0.0, 0.0, 0.0))
    left = (width - w) / 2 if center else 0.0
    agg.draw_text(pen, left, (height + h) / 2 - descent, line.text, font, 0.0)
    ink: Pixels = LEVELS_OF[np.asarray(agg.buffer_rgba())[..., 3]]
    return ink


@lru_cache(maxsize=64)
def _line_height(size: float) -> tuple[float, float]:
    _, height, descent = renderer(8, 8, DPI).get_text_width_height_descent(
        "lp", properties(points(size), "lp"), False
    )
    return float(height), float(descent)
