"""Rows of a text that runs to the left begin at the right; white space and emoji are not lost."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from reportgen.figures.fast_heatmap import draw_fast
from reportgen.figures.fitting import Fitted, fit
from reportgen.figures.heatmap import draw_heatmap
from reportgen.figures.layout import Band, grid, runs_leftward
from reportgen.figures.palette import RGB
from reportgen.figures.raster import Heatmap
from reportgen.figures.shapes import hatches, level_shade, shades, underlines, words

TEXT = "הסרט היה ארוך מדי אבל השחקנים הצילו אותו מאוד היום ואז סוף"
HEBREW = tuple(TEXT.split())  # 12 words
ENGINES = [draw_fast, draw_heatmap]
Draw = Callable[..., Heatmap]


def weights(n: int, largest: int) -> np.ndarray:
    """Weights that are even but for one."""
    values = np.full(n, 1.0)
    values[largest] = 5.0
    return (values / values.sum()).astype(np.float32)


@pytest.mark.parametrize(
    ("tokens", "leftward"),
    [
        (HEBREW, True),
        (("فيلم", "رائع", "film", "."), True),
        (("a", "film", "called", "سيئة"), False),
        (("12", "!", "..."), False),
        (("映画", "は"), False),
        ((), False),
        (("سيئة", "abcd"), False),  # as many letters of each
    ],
)
def test_the_greater_part_of_the_letters_decides(tokens: tuple[str, ...], leftward: bool) -> None:
    assert runs_leftward(tokens) is leftward
    assert grid(tokens, np.zeros(len(tokens), dtype=np.float32)).leftward is leftward


def test_words_run_to_the_left_in_reading_order() -> None:
    attention = weights(12, 1)
    attention[11] = np.nan
    unknown = np.arange(12) == 2
    cells = grid(HEBREW, attention / np.nansum(attention), unknown)
    band = Band(cells, 0, cells.rows)
    shown = list(words(band, lambda word, room: Fitted(word, 10)))
    assert [text.text for text in shown] == list(HEBREW)
    right = 4 + 9.5 * cells.cell_width  # the middle of the cell at the right
    assert [text.x for text in shown[:10]] == [right - i * cells.cell_width for i in range(10)]
    assert [text.x for text in shown[10:]] == [right, right - cells.cell_width]
    (dark,) = [box for box in shades(band) if box.level == 31]
    assert (dark.x, dark.y, dark.width) == (right - 1.5 * cells.cell_width, 4, cells.cell_width)
    (hatch,) = hatches(band)
    assert (hatch.x, hatch.y) == (right - 1.5 * cells.cell_width, 24)
    (dots,) = underlines(band)
    assert dots.x + dots.width / 2 == pytest.approx(right - 2 * cells.cell_width)


def color(heatmap: Heatmap, row: int, column: int) -> RGB:
    """The colour near the upper left corner of a cell, counted from the left."""
    picture = Image.open(io.BytesIO(heatmap.png)).convert("RGB")
    x, y = round(1.5 * (4 + 66 * column + 4)), round(1.5 * (4 + 20 * row + 3))
    red, green, blue = picture.getpixel((x, y))  # type: ignore[misc]
    return red / 255, green / 255, blue / 255


@pytest.mark.parametrize("draw", ENGINES)
@pytest.mark.parametrize(
    ("largest", "row", "column"), [(0, 0, 9), (9, 0, 0), (10, 1, 9), (11, 1, 8)]
)
def test_both_painters_begin_at_the_right(draw: Draw, largest: int, row: int, column: int) -> None:
    heatmap = draw(HEBREW, weights(12, largest))
    assert color(heatmap, row, column) == pytest.approx(level_shade(31), abs=0.01)
    dark = [
        (r, c)
        for r, c in np.ndindex(2, 10)
        if np.allclose(color(heatmap, r, c), level_shade(31), atol=0.01)
    ]
    assert dark == [(row, column)]


def test_the_painters_draw_the_same_words_at_the_same_places() -> None:
    one, other = (
        np.asarray(
            Image.open(io.BytesIO(draw(HEBREW, weights(12, 3)).png)).convert("L"), dtype=float
        )
        for draw in ENGINES
    )
    cells = [
        slice(round(1.5 * (4 + 66 * c)) + 2, round(1.5 * (70 + 66 * c)) - 2) for c in range(10)
    ]
    ink = [[(255 - p[8:34, cell]).sum() for cell in cells] for p in (one, other)]
    assert np.corrcoef(ink)[0, 1] > 0.99


@pytest.mark.parametrize(
    ("word", "shown"), [("\n", "↵"), ("\t", "⇥"), ("  ", "␣␣"), ("\u3000", "␣"), ("\u200d", "◌")]
)
def test_white_space_alone_is_written_by_marks(word: str, shown: str) -> None:
    assert fit(word, 58, lambda text, size: 5.0 * len(text)).text == shown
    for draw in ENGINES:
        assert draw((word,), np.ones(1, dtype=np.float32)).missing == frozenset()
        blank = draw(("",), np.ones(1, dtype=np.float32)).png
        assert draw((word,), np.ones(1, dtype=np.float32)).png != blank


@pytest.mark.parametrize("draw", ENGINES)
@pytest.mark.parametrize("emoji", ["\U0001faea", "ok\U0001faea", "\U0001f468\u200d\U0001faea"])
def test_an_emoji_without_a_font_is_named(draw: Draw, emoji: str) -> None:
    """U+1FAEA is of Unicode 16; no font of this kind has it."""
    missing = draw(("word", emoji), np.full(2, 0.5, dtype=np.float32)).missing
    assert missing
    if "\u200d" not in emoji:
        assert missing == {"\U0001faea"}
