"""What shades stand for: little difference looks like little, in every text of a run alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.errors import UsageError
from reportgen.figures.layout import grid
from reportgen.figures.scales import (
    EVEN,
    LEAST,
    LEVELS,
    PLAIN,
    SIDE,
    Scale,
    choose,
    labels,
    readable,
    run_scale,
)

NAN = float("nan")


def even(n: int) -> np.ndarray:
    return np.full(n, 1 / max(n, 1), dtype=np.float32)


def text(tokens: int, strongest: float) -> np.ndarray:
    """Weights of so many tokens; the first has so many even shares."""
    first = strongest / tokens
    return np.array([first, *np.full(tokens - 1, (1 - first) / (tokens - 1))], dtype=np.float32)


# A run has one scale


def test_a_word_just_above_an_even_share_is_pale() -> None:
    weights = text(200, 1.06)
    assert PLAIN.levels(weights).max() == LEVELS - 1  # on a scale of its own it is the darkest
    for run in (run_scale(np.array([1.06])), run_scale(np.array([1.06, 2.7, 5.0]))):
        assert run.levels(weights).max() <= 1


def test_the_scale_of_a_run_ends_where_few_texts_go() -> None:
    peaks = np.random.default_rng(0).gamma(8, 0.4, 1000)
    scale = run_scale(peaks)
    assert (peaks > scale.darkest).mean() <= 0.05
    assert scale.darkest == readable(float(np.quantile(peaks, 0.95)))


def test_a_single_strong_word_makes_no_other_text_pale() -> None:
    assert run_scale(np.array([3.0] * 99 + [180.0])).darkest == LEAST
    assert run_scale(np.array([180.0] * 99 + [3.0])).darkest == 200


@pytest.mark.parametrize("peaks", [[], [NAN], [1.0, 1.05], [2.0, NAN]])
def test_nearly_even_attention_is_shaded_by_a_scale_that_is_wide_enough(peaks: list[float]) -> None:
    assert run_scale(np.array(peaks)) == Scale(LEAST)


def test_one_scale_means_the_same_in_short_and_in_long_texts() -> None:
    scale = Scale(6.0)
    for tokens in (20, 200, 2000):
        assert scale.levels(text(tokens, 4.0))[0] == 19  # three fifths of the way from 1 to 6
        assert scale.levels(text(tokens, 7.0))[0] == LEVELS - 1
    assert scale.ends(text(200, 3.5)) == (1 / 200, 6 / 200)


def test_all_of_the_attention_of_a_short_text_is_darkest() -> None:
    scale = Scale(6.0)
    assert scale.ends(np.array([0.4, 0.3, 0.3])) == (1 / 3, 1.0)
    assert scale.levels(np.array([1.0, 0.0, 0.0])).tolist() == [LEVELS - 1, 0, 0]
    assert scale.levels(np.array([0.4, 0.3, 0.3])).tolist() == [3, 0, 0]
    assert scale.levels(np.array([1.0])).tolist() == [0]  # it could not be elsewhere


def test_levels_of_attributions_are_those_of_the_run_on_both_sides_of_zero() -> None:
    scale = run_scale(np.array([0.11, 0.38, 0.02]), signed=True)
    assert scale == Scale(0.4, signed=True)
    assert scale.levels(np.array([0.4, -0.2, 0.9, -0.9, 0.0, NAN])).tolist() == [
        SIDE, -SIDE // 2, SIDE, -SIDE, 0, 0,
    ]  # fmt: skip
    assert run_scale(np.zeros(3), signed=True) == Scale(None, signed=True)
    assert run_scale(np.array([0.0] * 99 + [0.5]), signed=True).darkest == 0.5


@pytest.mark.parametrize(
    ("number", "wanted"),
    [(4, 4), (4.01, 5), (5.95, 6), (6.1, 8), (10, 10), (186, 200), (0.95, 1), (0.0123, 0.015),
     (1e-7, 1e-7), (999, 1000), (1e-320, 1e-320), (0.3, 0.3)],
)  # fmt: skip
def test_scales_end_at_numbers_that_are_easily_read(number: float, wanted: float) -> None:
    assert readable(number) == wanted


@settings(max_examples=60, deadline=None)
@given(st.floats(min_value=1e-300, max_value=1e300))
def test_what_is_read_easily_is_no_smaller_and_not_much_larger(number: float) -> None:
    assert number * (1 - 1e-5) <= readable(number) <= 1.5001 * number


def test_what_a_report_may_be_shaded_by() -> None:
    peaks = np.array([2.0, 5.5])
    assert choose("run", peaks) == Scale(6.0)
    assert choose("text", peaks) == Scale(None)
    assert choose(12, peaks) == Scale(12.0)
    assert choose(0.5, peaks, signed=True) == Scale(0.5, signed=True)
    with pytest.raises(UsageError, match=r"--shades 1: attention is shaded from one even share on"):
        choose(1, peaks)


@pytest.mark.parametrize(
    ("scale", "weights", "wanted"),
    [
        (PLAIN, [0.1, 0.3, 0.6], ("even share 0.3333", "largest: 0.6000")),
        (Scale(2.5), [0.1, 0.3, 0.6], ("even share 0.3333", "2.5 × or more: 0.8333")),
        (Scale(6.0), [0.1, 0.3, 0.6], ("even share 0.3333", "all: 1.0000")),
        (Scale(None, True), [0.1, -0.3], ("lowered \u22120.300", "+0.300 raised")),
        (Scale(0.5, True), [0.1, -0.3], ("lowered ≤ \u22120.5", "≥ +0.5 raised")),
    ],
)
def test_the_key_says_what_both_ends_are(
    scale: Scale, weights: list[float], wanted: tuple[str, str]
) -> None:
    assert labels(scale, *scale.ends(np.array(weights))) == wanted


def test_a_grid_has_the_levels_of_its_scale() -> None:
    weights = text(20, 4.0)
    assert grid(("w",) * 20, weights, scale=Scale(6.0)).levels.ravel()[0] == 19
    assert grid(("w",) * 20, weights).levels.ravel()[0] == LEVELS - 1


# Each text by itself


def test_levels_lie_between_an_even_share_and_the_largest_weight() -> None:
    weights = np.array([0.2, 0.4, 0.0, 0.3, np.nan, 0.1], dtype=np.float32)
    assert PLAIN.ends(weights) == (0.2, pytest.approx(0.4))
    assert PLAIN.levels(weights).tolist() == [0, 31, 0, 16, 0, 0]


def test_another_scale_shades_no_more_than_all() -> None:
    weights = np.array([0.1, 0.3, 0.9, np.nan], dtype=np.float32)
    assert PLAIN.levels(weights, (0.2, 0.4)).tolist() == [0, 16, LEVELS - 1, 0]


def test_even_attention_shades_nothing_as_that_of_a_single_word_is() -> None:
    assert PLAIN.levels(even(400)).tolist() == [0] * 400
    assert PLAIN.levels(even(400) * np.float32(1.0000001)).tolist() == [0] * 400
    assert PLAIN.levels(even(1)).tolist() == [0]


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [np.nan, np.nan]])
def test_without_weight_there_is_no_shade(weights: list[float]) -> None:
    assert PLAIN.levels(np.array(weights, dtype=np.float32)).tolist() == [0] * len(weights)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30))
def test_levels_follow_the_weights(values: list[float]) -> None:
    weights = np.array(values, dtype=np.float32)
    levels = PLAIN.levels(weights)
    assert ((levels >= 0) & (levels < LEVELS)).all()
    order = np.argsort(weights, kind="stable")
    assert (np.diff(levels[order]) >= 0).all()
    low, top = PLAIN.ends(weights)
    if top > low * EVEN:
        assert levels[weights.argmax()] == LEVELS - 1
    assert (levels[weights <= low] == 0).all()
