from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.figures.fitting import FONT_SIZE
from reportgen.figures.layout import (
    CELL_HEIGHT,
    COLUMNS,
    MARGIN,
    PAGE,
    PICTURE,
    SCALE,
    UNCUT_BELOW_TEXT,
    Band,
    Columns,
    columns_for,
    grid,
    page_sheet,
    rows,
    size,
)
from reportgen.figures.raster import columns_of


def even(n: int) -> np.ndarray:
    return np.full(n, 1 / max(n, 1), dtype=np.float32)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=5), max_size=45))
def test_words_stand_in_reading_order(tokens: list[str]) -> None:
    n = len(tokens)
    cells = grid(tuple(tokens), even(n))
    assert cells.words.shape == cells.weights.shape == cells.token.shape == (cells.rows, COLUMNS)
    assert list(cells.words.flat[:n]) == tokens
    assert set(cells.words.flat[n:]) <= {""}
    assert cells.token.flat[:n].all()
    assert not cells.token.flat[n:].any()
    assert (cells.read == cells.token).all()
    np.testing.assert_array_equal(cells.weights.flat[:n], even(n))
    assert np.isnan(cells.weights.flat[n:]).all()
    assert not cells.unknown.any()


def test_the_last_row_is_padded() -> None:
    tokens = tuple("abcdefghijkl")
    cells = grid(tokens, even(12))
    assert cells.rows == 2
    assert list(cells.words[1]) == ["k", "l"] + [""] * 8
    assert cells.size == (668, 2 * 20 + 34 + 8) == size(12)


def test_an_empty_text_has_one_row() -> None:
    cells = grid((), np.zeros(0, dtype=np.float32))
    assert cells.rows == 1
    assert not cells.token.any()
    assert cells.top == 0
    assert cells.size == size(0) == size(10)


@pytest.mark.parametrize(("tokens", "wanted"), [(0, 1), (1, 1), (10, 1), (11, 2), (2500, 250)])
def test_rows(tokens: int, wanted: int) -> None:
    assert rows(tokens) == wanted


def test_2500_tokens() -> None:
    cells = grid(tuple(f"w{i}" for i in range(2500)), even(2500))
    assert cells.rows == 250
    assert cells.words[249, 9] == "w2499"


def test_tokens_not_read_and_unknown_words() -> None:
    weights = np.array([0.75, 0.25, np.nan], dtype=np.float32)
    cells = grid(("a", "b", "c"), weights, np.array([False, True, True]))
    assert cells.token[0, :4].tolist() == [True, True, True, False]
    assert cells.read[0, :4].tolist() == [True, True, False, False]
    assert cells.unknown[0, :4].tolist() == [False, True, True, False]
    assert cells.top == 0.75


def test_a_text_of_which_nothing_was_read() -> None:
    cells = grid(("a", "b"), np.full(2, np.nan, dtype=np.float32))
    assert (cells.low, cells.top, cells.limits) == (0, 0, (0, 1))
    assert grid(("a", "b"), even(2)).limits == (0.5, 1.5)
    assert cells.token.sum() == 2
    assert not cells.read.any()


@pytest.mark.parametrize(("columns", "width"), [(10, 66), (1, 660), (7, 94), (8, 82), (16, 40)])
def test_any_number_of_columns(columns: int, width: int) -> None:
    tokens = tuple(f"w{i}" for i in range(20))
    cells = grid(tokens, even(20), columns=columns)
    assert cells.columns == columns
    assert cells.rows == rows(20, columns) == -(-20 // columns)
    assert cells.words[1, 0] == f"w{columns}"
    assert cells.size == (668, cells.rows * 20 + 34 + 8) == size(20, columns)
    assert cells.cell_width == width
    assert cells.cell_width * SCALE == int(cells.cell_width * SCALE)  # whole in device pixels


def test_levels_of_the_cells_are_those_of_the_weights() -> None:
    weights = np.array([0.2, 0.4, 0.0, 0.3, np.nan, 0.1], dtype=np.float32)
    assert grid(tuple("abcdef"), weights).levels[0].tolist() == [0, 31, 0, 16, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("word", "expected"), [(1.0, 32), (3.0, 15), (5.0, 9), (9.0, 5), (40.0, 5), (0.0, 32)]
)
def test_words_decide_how_many_cells_a_row_has(word: float, expected: int) -> None:
    assert columns_for(np.full(50, word)) == expected


def test_most_words_fit_their_cells_uncut_and_unshrunk() -> None:
    widths = np.random.default_rng(1).gamma(3, 0.9, 2000)
    for sheet in (PICTURE, PAGE):
        n = columns_for(widths, sheet)
        room = (sheet.width - 8) / n - sheet.padding
        assert (widths * sheet.smallest <= room).mean() >= 0.95
        assert (widths * FONT_SIZE <= room).mean() >= 0.9
        room = (sheet.width - 8) / (n + 1) - sheet.padding  # one more would be too many
        uncut, full = (widths * sheet.smallest <= room).mean(), (widths * FONT_SIZE <= room).mean()
        assert uncut < 0.95 or full < 0.9


def test_without_words_there_are_as_many_as_ever() -> None:
    assert columns_for(np.zeros(0)) == COLUMNS
    assert columns_of([]) == Columns(COLUMNS, COLUMNS)


def test_columns_follow_the_words_of_a_script() -> None:
    english = ["The", "quiet", "film", "was", "unexpectedly", "wonderful", "and", "actors"]
    japanese = list("この映画は本当に素晴らしかった")
    german = ["Donaudampfschifffahrtsgesellschaft", "Siebentausendzweihundert"] * 9
    found = [columns_of(words * 20) for words in (german, english, japanese)]
    assert found[0] == Columns(5, 5, 5)
    assert found[2] == Columns(32, 32, 32)
    assert 5 < found[1].picture < found[1].page < 20


def test_of_many_words_an_even_sample_decides() -> None:
    words = ["a"] * 90_000 + ["extraordinarily"] * 10_000
    assert columns_of(words) == columns_of(words[::50])
    assert columns_of(words).picture < columns_of(words[:90_000]).picture


def test_a_page_has_its_own_width_and_no_smaller_words() -> None:
    cells = grid(("word",) * 40, even(40), columns=20, sheet=PAGE)
    assert cells.cell_width == 43
    assert cells.size[0] == PAGE.width
    assert PAGE.smallest == PAGE.key == FONT_SIZE


@pytest.mark.parametrize("width", [300.0, 485.0, 502.0])
def test_words_on_a_page_are_as_small_as_is_legible_on_any_paper(width: float) -> None:
    sheet = page_sheet(width)
    assert 6.5 <= FONT_SIZE * width / sheet.width < 6.55
    assert (sheet.row, sheet.padding, sheet.smallest) == (PAGE.row, PAGE.padding, FONT_SIZE)


def test_below_its_text_a_heatmap_may_cut_more_words() -> None:
    widths = np.random.default_rng(1).gamma(3, 0.9, 2000)
    below = columns_for(widths, PAGE, UNCUT_BELOW_TEXT)
    assert below > columns_for(widths, PAGE)
    assert (widths * FONT_SIZE <= (PAGE.width - 8) / below - PAGE.padding).mean() >= 0.9


def test_rows_of_a_page_are_lower_and_hold_their_words_and_lines() -> None:
    cells = grid(("word",) * 40, even(40), columns=20, sheet=PAGE)
    assert PAGE.row < PICTURE.row == CELL_HEIGHT
    assert Band(cells, 0, 2).bottom == MARGIN + 2 * PAGE.row
    assert Band(cells, 0, 2).height - Band(cells, 0, 2).bottom == PAGE.below
    assert cells.size == (PAGE.width, Band(cells, 0, 2).height)
    assert Band(cells, 0, 2).place(1, 2) == (MARGIN + 2 * 43, MARGIN + PAGE.row)
    assert PAGE.row / 2 + 0.36 * FONT_SIZE < PAGE.underline < PAGE.row  # below the baseline
