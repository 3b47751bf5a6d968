"""Attributions: two-sided shades, a line over what lowered the answer, and their key."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from reportgen.figures.fast_heatmap import draw_fast
from reportgen.figures.fitting import Fitted
from reportgen.figures.fonts import width
from reportgen.figures.heatmap import draw_heatmap
from reportgen.figures.layout import (
    KEY_HEIGHT,
    MARGIN,
    SCALE,
    WIDTH,
    Band,
    Grid,
    grid,
)
from reportgen.figures.palette import HATCH, SOFT, WHITE, contrast
from reportgen.figures.raster import Heatmap
from reportgen.figures.scales import MINUS, SIDE, Scale, signed_number
from reportgen.figures.shapes import (
    KEY_MIDDLE,
    Bar,
    Dots,
    Hatch,
    Shade,
    Text,
    key,
    level_ink,
    level_shade,
    shades,
    signs,
    underlines,
    words,
)

NAN = float("nan")
SIGNED = Scale(signed=True)
ENGINES = [draw_fast, draw_heatmap]
Painter = Callable[..., Heatmap]
WEIGHTS = [0.3, -0.4, NAN, 0.0, -0.05, 0.001, -0.001, 0.4, -0.2, NAN, -0.3, 0.1, -0.4]


def cells_of(weights: list[float], unknown: list[int] | None = None, columns: int = 10) -> Grid:
    n = len(weights)
    marks = np.isin(np.arange(n), unknown or [])
    tokens = tuple(f"w{i}" for i in range(n))
    return grid(tokens, np.array(weights, dtype=np.float32), marks, columns, scale=SIGNED)


def band_of(weights: list[float], unknown: list[int] | None = None, columns: int = 10) -> Band:
    cells = cells_of(weights, unknown, columns)
    return Band(cells, 0, cells.rows)


def pixels(heatmap: Heatmap) -> NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(heatmap.png)).convert("RGB"), dtype=float) / 255


def part(
    picture: NDArray[np.float64], left: float, top: float, width: float, height: float
) -> NDArray[np.float64]:
    """The pixels of a box that is given in CSS pixels."""
    left, top, right, bottom = (round(SCALE * v) for v in (left, top, left + width, top + height))
    return picture[top:bottom, left:right]


# The scale and its levels


def test_the_scale_is_as_wide_on_both_sides_as_the_largest_weight_of_either_sign() -> None:
    assert SIGNED.ends(np.array([0.25, -0.5, NAN])) == (-0.5, 0.5)
    assert SIGNED.ends(np.array([0.75, -0.5])) == (-0.75, 0.75)
    for nothing in ([], [NAN, NAN], [0.0, 0.0]):
        assert SIGNED.ends(np.array(nothing)) == (0, 0)
    assert cells_of([0.25, -0.5]).limits == (-0.5, 0.5)
    assert cells_of([0.0, NAN]).limits == (-1, 1)


def test_levels_are_in_proportion_to_the_weights_on_both_sides_of_zero() -> None:
    levels = SIGNED.levels(np.array([0.4, -0.4, 0.1, -0.1, 0.0, NAN, -0.012]))
    assert levels.tolist() == [SIDE, -SIDE, 4, -4, 0, 0, 0]
    assert SIGNED.levels(np.array([0.1, -0.9]), (-0.4, 0.4)).tolist() == [4, -SIDE]
    assert SIGNED.levels(np.array([0.0, NAN])).tolist() == [0, 0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=30)
)
def test_the_sign_of_a_level_is_never_that_of_another_weight(values: list[float]) -> None:
    weights = np.array(values, dtype=np.float32)
    levels = SIGNED.levels(weights)
    assert (np.abs(levels) <= SIDE).all()
    assert ((levels == 0) | (np.sign(levels) == np.sign(weights))).all()
    order = np.argsort(weights, kind="stable")
    assert (np.diff(levels[order]) >= 0).all()
    np.testing.assert_array_equal(SIGNED.levels(-weights), -levels)
    if weights.any():
        assert np.abs(levels).max() == SIDE


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.42, "+0.420"), (-0.42, f"{MINUS}0.420"), (0.0, "0"), (-0.0, "0"), (1.0, "+1.00"),
        (-123.4, f"{MINUS}123"), (12345.6, "+12,346"), (-0.000123, f"{MINUS}0.000123"),
        (1.234e-7, "+1.23e-7"), (-2.5e15, f"{MINUS}2.50e+15"), (999.9, "+1,000"),
        (-1.356e-5, f"{MINUS}0.0000136"), (99.96, "+100"), (1.125, "+1.12"),
        (1234567.5, "+1,234,568"),
    ],
)  # fmt: skip
def test_numbers_are_written_with_their_sign(number: float, written: str) -> None:
    assert signed_number(number) == written


# Shapes


def test_zero_is_white_and_every_ink_is_legible() -> None:
    assert level_shade(0, signed=True) == WHITE
    for level in range(-SIDE, SIDE + 1):
        assert contrast(level_ink(level, signed=True), level_shade(level, signed=True)) >= 4.5
    band = band_of([*np.linspace(-1, 1, 99).tolist(), NAN])
    drawn = list(words(band, lambda word, room: Fitted(word, 9.0)))
    for text, level in zip(drawn, band.cells.levels.ravel().tolist(), strict=True):
        assert contrast(text.color, level_shade(level, signed=True)) >= 4.5
    assert drawn[-1].color == SOFT


def test_backgrounds_say_their_level_and_sign() -> None:
    found = list(shades(band_of([-0.4, -0.4, 0.4, NAN, 0.0, -0.1])))
    assert found == [
        Shade(4, 4, 132, 20, -SIDE, signed=True),
        Shade(136, 4, 66, 20, SIDE, signed=True),
        Shade(268, 4, 66, 20, 0, signed=True),
        Shade(334, 4, 66, 20, -4, signed=True),
    ]
    assert [box.color for box in found] == [
        level_shade(level, signed=True) for level in (-16, 16, 0, -4)
    ]


@pytest.mark.parametrize(("columns", "cell"), [(10, 66), (7, 94), (16, 40)])
def test_a_line_stands_over_every_word_that_lowered_the_answer(columns: int, cell: int) -> None:
    band = band_of(WEIGHTS, [1, 7], columns)
    lowered = [i for i, level in enumerate(band.cells.levels.ravel().tolist()) if level < 0]
    assert lowered == [1, 4, 8, 10, 12]
    for i, bar in zip(lowered, signs(band), strict=True):
        row, column = divmod(i, columns)
        x, y = 4 + column * cell, 4 + row * 20
        assert x + 4 < bar.x < bar.x + bar.width < x + cell - 4
        assert bar.x + bar.width / 2 == x + cell / 2
        assert y + 1 < bar.y < bar.y + bar.height < y + 4  # above the letters
        level = int(band.cells.levels[row, column])
        assert contrast(bar.color, level_shade(level, signed=True)) >= 4.5
    assert next(round(dots.y) for dots in underlines(band)) == 22  # below them, as ever


def test_in_rows_that_run_to_the_left_the_line_is_over_its_word() -> None:
    tokens = ("فيلم", "رائع", "جدا")
    cells = grid(tokens, np.array([0.1, -0.2, 0.2], dtype=np.float32), scale=SIGNED)
    (bar,) = signs(Band(cells, 0, 1))
    assert cells.leftward
    assert 4 + 8 * 66 < bar.x < 4 + 9 * 66


def test_attention_has_no_such_lines() -> None:
    cells = grid(("a", "b"), np.array([0.2, 0.8], dtype=np.float32))
    assert not cells.signed
    assert not list(signs(Band(cells, 0, 1)))


# The key


def test_the_key_says_both_ends_and_what_they_mean() -> None:
    found = list(key(cells_of([0.3, -0.42])))
    lowered, raised, zero = (shape for shape in found if isinstance(shape, Text))
    assert (lowered.text, raised.text) == (f"lowered {MINUS}0.420", "+0.420 raised")
    boxes = [shape for shape in found if isinstance(shape, Shade)]
    assert [box.level for box in boxes] == list(range(-SIDE, SIDE + 1))
    assert all(box.signed for box in boxes)
    left, end = boxes[0].x, boxes[0].x + boxes[0].width
    middle = (left + end) / 2
    assert (zero.text, zero.x, zero.centered) == ("0", middle, True)
    assert boxes[-1].y + boxes[-1].height < zero.y - zero.size / 2 + 1
    assert zero.y + zero.size / 2 <= KEY_HEIGHT
    assert lowered.x + width(lowered.text, lowered.size) < left < end < raised.x
    (line,) = (shape for shape in found if isinstance(shape, Bar))  # over the lower half alone
    assert left == line.x
    assert middle - 3 < line.x + line.width < middle
    assert KEY_MIDDLE - 12 < line.y < line.y + line.height < boxes[0].y


def test_nothing_in_the_key_overlaps_or_leaves_it() -> None:
    found = list(key(cells_of([1.234e-7, -1.234e-7, NAN], [0])))
    texts = [shape for shape in found if isinstance(shape, Text) and shape.text != "0"]
    spans = [(text.x, text.x + width(text.text, text.size)) for text in texts]
    spans += [(box.x, box.x + box.width) for box in found if isinstance(box, Hatch)]
    bar = next(shape for shape in found if isinstance(shape, Shade))
    spans.append((bar.x, bar.x + bar.width))
    spans.sort()
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert spans[0][0] >= MARGIN
    assert spans[-1][1] <= WIDTH
    assert any(isinstance(shape, Dots) for shape in found)


@pytest.mark.parametrize(
    ("weights", "wanted"),
    [([NAN, NAN], ["lowered", "raised"]), ([0.0], ["lowered 0", "0 raised"])],
)
def test_ends_without_a_weight(weights: list[float], wanted: list[str]) -> None:
    texts = [shape.text for shape in key(cells_of(weights)) if isinstance(shape, Text)]
    assert texts[:2] == wanted


# The painters


@pytest.mark.parametrize("draw", ENGINES)
@pytest.mark.parametrize(("columns", "cell"), [(10, 66), (7, 94)])
def test_every_cell_has_its_shade_and_its_line(draw: Painter, columns: int, cell: int) -> None:
    tokens = tuple(f"w{i}" for i in range(len(WEIGHTS)))
    weights = np.array(WEIGHTS, dtype=np.float32)
    picture = pixels(draw(tokens, weights, None, columns, scale=SIGNED))
    band = band_of(WEIGHTS, columns=columns)
    over = {(round(bar.x), round(bar.y)): bar for bar in signs(band)}
    for i, weight in enumerate(WEIGHTS):
        row, column = divmod(i, columns)
        x, y = 4 + column * cell, 4 + row * 20
        level = int(band.cells.levels[row, column])
        ground = part(picture, x + 2, y + 15, cell - 4, 3)
        if np.isnan(weight):
            assert (np.abs(ground - HATCH).max(axis=2) < 0.05).any()
            continue
        shade = level_shade(level, signed=True)
        assert np.abs(ground - shade).max() < 0.01, i
        line = part(picture, x + 14, y + 2, cell - 28, 1)
        bar = over.get((x + 10, y + 2))
        assert (bar is not None) == (level < 0)
        assert np.abs(line - (bar.color if bar else shade)).max() < 0.15, i


def test_both_painters_draw_the_same_key() -> None:
    weights = np.array([0.3, -0.42, NAN], dtype=np.float32)
    fast, reference = (pixels(draw(("a", "b", "c"), weights, scale=SIGNED)) for draw in ENGINES)
    top = 4 + 20 + 4
    for picture in (fast, reference):
        bar = part(picture, 117, top + 16, 90, 1)[0]
        assert np.abs(bar[0] - level_shade(-SIDE, signed=True)).max() < 0.01
        assert np.abs(bar[-1] - level_shade(SIDE, signed=True)).max() < 0.01
        assert np.abs(bar[len(bar) // 2] - 1).max() < 0.01
        line = part(picture, 118, top + 10, 40, 1)
        assert np.abs(line - SOFT).max() < 0.25
        assert (part(picture, 166, top + 10, 40, 2) == 1).all()
        zero = part(picture, 156, top + 23, 12, 10)
        assert 0.02 < (zero.min(axis=2) < 0.7).mean() < 0.5


def test_a_picture_is_hardly_larger_than_one_of_attention() -> None:
    rng = np.random.default_rng(0)
    tokens = tuple(f"word{i}" for i in rng.integers(0, 200, 300))
    weights = rng.dirichlet(np.full(300, 0.5)).astype(np.float32)
    signed = (weights * rng.choice([-1, 1], 300)).astype(np.float32)
    sizes = [
        len(draw_fast(tokens, weights).png),
        len(draw_fast(tokens, signed, scale=SIGNED).png),
    ]
    assert sizes[1] <= 1.2 * sizes[0]


def test_a_picture_too_tall_for_the_fast_painter_keeps_its_signs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reportgen.figures.fast_heatmap.TALLEST", 10)
    weights = np.array([0.4, -0.4], dtype=np.float32)
    picture = pixels(draw_fast(("a", "b"), weights, scale=SIGNED))
    shade = level_shade(-SIDE, signed=True)
    assert np.abs(part(picture, 72, 18, 60, 4) - shade).max() < 0.01


@pytest.mark.parametrize("draw", ENGINES)
def test_no_word_at_all(draw: Painter) -> None:
    assert pixels(draw((), np.zeros(0, dtype=np.float32), scale=SIGNED)).min() < 1
