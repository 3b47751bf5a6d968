from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.figures.fitting import FONT_SIZE, LONGEST, SIZE_STEP, SMALLEST, Fitted, Width, fit

ALPHABET = "".join(chr(97 + i % 26) for i in range(5000))


def wide(part: float) -> Width:
    """Return a measure by which each character is so many sizes of the font wide."""
    return lambda text, size: len(text) * size * part


@pytest.mark.parametrize("word", ["", "a", "film,", "$5"])
def test_a_word_that_fits_is_left_alone(word: str) -> None:
    assert fit(word, 58, wide(0.6)) == Fitted(word, FONT_SIZE)


def test_a_longish_word_shrinks_by_whole_steps_no_further_than_it_must() -> None:
    fitted = fit("a" * 10, 58, wide(0.6))
    assert (fitted.text, fitted.cut) == ("a" * 10, False)
    assert SMALLEST < fitted.size < FONT_SIZE
    assert fitted.size / SIZE_STEP == pytest.approx(round(fitted.size / SIZE_STEP))
    assert wide(0.6)(fitted.text, fitted.size) <= 58
    assert wide(0.6)(fitted.text, fitted.size + SIZE_STEP) > 58


@pytest.mark.parametrize("length", [13, 30, LONGEST, LONGEST + 1, 5000])
def test_of_a_long_word_the_longest_beginning_that_fits_is_left_with_an_ellipsis(
    length: int,
) -> None:
    word, width = ALPHABET[:length], wide(0.6)
    fitted = fit(word, 58, width)
    assert fitted.cut
    assert fitted.size == SMALLEST
    assert fitted.text[-1] == "…"
    beginning = fitted.text[:-1]
    assert word.startswith(beginning)
    assert width(beginning + "…", SMALLEST) <= 58 < width(beginning + "x…", SMALLEST)


def test_a_long_but_narrow_word_is_cut_at_its_end_only() -> None:
    exactly = ALPHABET[:LONGEST]
    assert fit(exactly, 58, wide(0.01)) == Fitted(exactly, FONT_SIZE)
    longer = ALPHABET[: LONGEST + 1]
    assert fit(longer, 58, wide(0.01)) == Fitted(exactly[:-1] + "…", FONT_SIZE, cut=True)


def test_an_ellipsis_is_not_doubled() -> None:
    assert fit("a" + "…" * 50, 58, wide(0.6)) == Fitted("a…", SMALLEST, cut=True)


def test_every_kind_of_space_becomes_a_plain_one() -> None:
    assert fit("a\nb\tc\r\n\u2028d", 580, wide(0.6)) == Fitted("a b c   d", FONT_SIZE)


@given(st.text(max_size=100), st.floats(0.1, 1), st.integers(30, 90))
def test_what_is_written_fits_by_the_painters_measure(word: str, part: float, room: int) -> None:
    width = wide(part)
    fitted = fit(word, room, width)
    assert width(fitted.text, fitted.size) <= room
    assert SMALLEST <= fitted.size <= FONT_SIZE
    assert fitted.cut == (fitted.text != fit(word, 1e9, width).text or len(word) > LONGEST)
    assert not fitted.cut or fitted.text.endswith("…")


def test_a_wider_font_leaves_less_of_a_word() -> None:
    narrow, broad = (fit(ALPHABET[:60], 58, wide(part)) for part in (0.3, 0.9))
    assert len(narrow.text) == 3 * len(broad.text) + len(narrow.text) % 3
