"""The verdict on explanations whose result is known by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.bootstrap import bootstrap_mean
from reportgen.analysis.faithfulness import (
    AT,
    Change,
    Estimate,
    Faithfulness,
    Pointing,
    Support,
    faithfulness,
    support,
)
from reportgen.analysis.metrics import wilson_interval
from reportgen.records import FRACTIONS, Explanation, Prediction

BEFORE = 0.75  # the confidence with all tokens
NAN = float("nan")
SIZES = np.array([0.01, NAN, 0.0, -0.01, NAN])  # added to a drop: NaN is not drawn
CHANCE = 0.001 * np.arange(99)[:, None] + SIZES  # mean drops of 0, 0.001 ... 0.098
FIRST = 0.0095  # the mean of the first twenty


def after(drops: Any) -> np.ndarray:
    return np.asarray(BEFORE - np.asarray(drops, dtype=np.float64), dtype=np.float32)


def explained(attention_drop: Any = 0.2, tokens: int = 10, **changes: Any) -> Prediction:
    ramp = np.arange(1, tokens + 1, dtype=np.float32)
    explanation = Explanation(
        attention_removed=after(np.broadcast_to(attention_drop, len(FRACTIONS))),
        random_removed=after(CHANCE),
        content_removed=after(CHANCE[:10] + 0.1),
        gradients_removed=after([0.1, 0.3, 0.4, 0.5, 0.6]),
        attention_kept=after([0.5, 0.4, 0.3, 0.2, 0.1]),
        gradients_kept=after([0.25] * 5),
        uniform=np.array([0.25, 0.75], np.float32),
        permuted=np.array([0.25, 0.75], np.float32),
        gradients=ramp,
        left_out=BEFORE - ramp / 100,
    )
    return Prediction(
        id="a",
        text="",
        label="pos",
        probabilities=np.array([1 - BEFORE, BEFORE], np.float32),
        tokens=("w",) * tokens,
        attention=ramp / ramp.sum(),
        explanation=replace(explanation, **changes),
    )


def judge(rows: list[Prediction], seed: int = 0) -> Faithfulness:
    result = faithfulness(rows, seed)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("drop", "verdict"),
    [
        (0.0936, Support.UNSUPPORTED),  # 0.094 … 0.098 are larger: p = 0.06
        (0.0945, Support.SUPPORTED),  # four are: p = 0.05
        (-0.30, Support.UNSUPPORTED),
        ([0.0, 0.9, 0.0, 0.29, 0.9], Support.SUPPORTED),  # the mean over the sizes drawn counts
        ([0.0, 0.9, 0.0, 0.27, 0.9], Support.UNSUPPORTED),
    ],
)
def test_attention_is_supported_at_an_exact_p_of_at_most_five_percent(
    drop: Any, verdict: Support
) -> None:
    assert support(explained(drop)) is verdict


def test_a_drop_below_the_least_effect_is_not_supported_however_certain() -> None:
    nothing = after(np.zeros((99, 5)))
    assert support(explained(0.049, random_removed=nothing)) is Support.UNSUPPORTED
    assert support(explained(0.051, random_removed=nothing)) is Support.SUPPORTED


def test_too_few_draws_decide_only_what_more_could_not_change() -> None:
    few = after(CHANCE[:20])
    assert support(explained(0.2, random_removed=few)) is Support.UNTESTABLE
    assert support(explained(0.2, random_removed=few - 0.19)) is Support.UNSUPPORTED
    result = judge([explained(0.2, random_removed=few), explained()])
    assert (result.supported, result.unsupported, result.undecided) == (1, 0, 1)
    assert result.examples == 2


def test_nine_tokens_that_were_read_are_too_few() -> None:
    assert support(explained(0.3, tokens=9)) is Support.UNTESTABLE
    longer = explained(0.3, tokens=12)
    attention = longer.attention.copy()
    attention[9:] = NAN
    assert support(replace(longer, attention=attention)) is Support.UNTESTABLE
    attention[9] = 0.0
    assert support(replace(longer, attention=attention)) is Support.SUPPORTED
    assert support(replace(longer, explanation=None)) is None


def test_the_sample_by_hand() -> None:
    turned = np.array([0.75, 0.25], np.float32)
    rows = [
        explained([0.1, 0.2, 0.3, 0.4, 0.5], uniform=turned),
        explained(0.0, uniform=turned, permuted=turned),
        explained(0.9, tokens=9, permuted=turned),  # too short: counts nowhere
        replace(explained(), explanation=None),
    ]
    result = judge(rows, seed=3)
    assert (result.examples, result.untestable) == (2, 1)
    ways = {way.name: way for way in result.ways}
    assert list(ways) == ["attention", "gradients", "random", "content"]
    assert ways["attention"].drops == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25], abs=1e-6)
    assert ways["attention"].drop == pytest.approx(0.4 / 3, abs=1e-6)
    assert ways["attention"].sufficiency == pytest.approx(0.3, abs=1e-6)
    assert ways["gradients"].drop == pytest.approx(1.0 / 3, abs=1e-6)
    assert ways["gradients"].sufficiency == pytest.approx(0.25, abs=1e-6)
    assert ways["random"].drops == pytest.approx(list(FIRST + SIZES), abs=1e-6, nan_ok=True)
    assert ways["random"].drop == pytest.approx(FIRST, abs=1e-6)
    assert np.isnan(ways["random"].sufficiency)
    assert ways["content"].drop == pytest.approx(0.1045, abs=1e-6)
    for estimate, chance in ((result.against_random, FIRST), (result.against_content, 0.1045)):
        differences = np.array([0.8 / 3, 0.0]) - chance
        expected = (differences.mean(), *bootstrap_mean(differences, 3))
        assert estimate is not None
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(expected, abs=1e-6)
    share = result.share_of_gradients
    assert share is not None
    assert (share.value, share.low, share.high) == pytest.approx((0.4, 0, 0.8), abs=1e-6)
    assert result.uniform is not None
    assert result.permuted is not None
    assert result.uniform.changed == Estimate(1, *wilson_interval(2, 2))
    assert result.permuted.changed == Estimate(0.5, *wilson_interval(1, 2))
    assert result.uniform.change.value == pytest.approx(0.5)
    assert result.permuted.change == Estimate(0.25, *bootstrap_mean(np.array([0, 0.5]), 3))
    assert (result.supported, result.unsupported, result.undecided) == (1, 1, 0)
    # The more attention, the larger the gradient and the drop without the token.
    assert (result.tau_left_out, result.tau_gradients) == (pytest.approx(1), pytest.approx(1))


def test_the_mean_of_random_removals_does_not_depend_on_when_drawing_stopped() -> None:
    rows = [explained(), explained(random_removed=after(CHANCE[:20]))]
    assert judge(rows[:1]).against_random == judge(rows[1:]).against_random


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        (["content_removed"], "against_content"),
        (["gradients_removed"], "share_of_gradients"),
        (["uniform"], "uniform"),
        (["permuted"], "permuted"),
    ],
)
def test_a_missing_column_drops_only_its_part(columns: list[str], part: str) -> None:
    rows = [explained(), explained(0.3)]
    fewer = [replace(p, explanation=replace(p.explanation, **dict.fromkeys(columns))) for p in rows]
    whole, result = judge(rows), judge(fewer)
    assert getattr(whole, part) is not None
    assert getattr(result, part) is None
    assert result.against_random == whole.against_random
    assert result.supported == whole.supported == 2


def test_gradients_whose_words_hardly_matter_give_no_share() -> None:
    assert judge([explained(gradients_removed=after([0.04] * 5))]).share_of_gradients is None
    assert judge([explained(gradients_removed=after([0.06] * 5))]).share_of_gradients is not None


def test_nothing_explained_is_nothing_judged() -> None:
    assert faithfulness([], seed=0) is None
    assert faithfulness([replace(explained(), explanation=None)], seed=0) is None


def test_short_texts_alone_are_judged_in_nothing() -> None:
    result = judge([explained(tokens=3)] * 14)
    assert (result.examples, result.untestable, result.ways) == (0, 14, ())
    assert (result.points, result.depends) == (Pointing.UNKNOWN, None)


def tau(gradients: list[float], attention: list[float]) -> float:
    """The rank correlation over these tokens and enough that were not measured."""
    more = 10 - len(attention)
    row = explained(gradients=np.array([*gradients, *[NAN] * more], np.float32))
    row = replace(row, attention=np.array([*attention, *[0.0] * more], np.float32))
    return judge([row]).tau_gradients


def test_rank_correlation_by_hand() -> None:
    # Of the six pairs of four tokens, one is discordant.
    assert tau([1, 2, 4, 3], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(4 / 6)
    assert tau([4, 3, 2, 1], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(-1)
    # Tokens that were not measured are left out: here one pair remains.
    assert tau([NAN, NAN, 2, 1], [0.1, 0.1, 0.3, 0.5]) == pytest.approx(-1)


@pytest.mark.parametrize(
    ("gradients", "attention"),
    [([1], [1.0]), ([1, NAN], [0.5, 0.5]), ([1, 2], [0.5, 0.5]), ([1, 1], [0.4, 0.6])],
)
def test_one_token_or_equal_values_have_no_rank_correlation(
    gradients: list[float], attention: list[float]
) -> None:
    assert np.isnan(tau(gradients, attention))


def test_texts_without_rank_correlation_are_left_out_of_the_mean() -> None:
    flat = explained(gradients=np.ones(10, np.float32), left_out=np.full(10, NAN, np.float32))
    result = judge([flat, explained()])
    assert (result.tau_left_out, result.tau_gradients) == (pytest.approx(1), pytest.approx(1))


ABOVE, AROUND, BELOW = Estimate(0.1, 0.01, 0.2), Estimate(0.1, 0.0, 0.2), Estimate(-1, -2, -0.01)


@pytest.mark.parametrize(
    ("random", "content", "points"),
    [
        (ABOVE, ABOVE, Pointing.YES),
        (ABOVE, None, Pointing.YES),
        (ABOVE, AROUND, Pointing.LIKE_CONTENT),
        (ABOVE, BELOW, Pointing.LIKE_CONTENT),
        (AROUND, ABOVE, Pointing.LIKE_RANDOM),
        (BELOW, BELOW, Pointing.LESS),
    ],
)
def test_attention_points_where_both_intervals_lie_above_nothing(
    random: Estimate, content: Estimate | None, points: Pointing
) -> None:
    result = judge([explained()] * 12)
    result = replace(result, against_random=random, against_content=content)
    assert result.points is points
    assert replace(result, examples=11).points is Pointing.UNKNOWN


def test_a_drop_of_next_to_nothing_points_at_nothing() -> None:
    for drop, points in ((0.049, Pointing.NO_EFFECT), (0.12, Pointing.YES)):
        nothing = after(SIZES[None] * 0)
        row = explained(drop, random_removed=nothing, content_removed=nothing)
        assert judge([row] * 12).points is points


@pytest.mark.parametrize(
    ("share", "mean", "depends"),
    [
        ((0, 0.05), (0, 0.049), False),
        ((0, 0.051), (0, 0.049), None),
        ((0, 0.05), (0, 0.05), None),
        ((0.05, 0.3), (0, 0.049), None),
        ((0.051, 0.3), (0, 0.049), True),
        ((0, 0.3), (0.05, 0.2), True),
    ],
)
def test_whether_answers_depend_on_attention_follows_from_both_intervals(
    share: tuple[float, float], mean: tuple[float, float], depends: bool | None
) -> None:
    other = Change(Estimate(0.02, *share), Estimate(0.01, *mean), 50)
    assert judge([explained()] * 72).depends is None  # with no change at all
    result = judge([explained()] * 73)
    assert result.depends is False
    assert replace(result, uniform=other).depends is depends
    assert replace(result, permuted=other).depends is depends
    assert replace(result, permuted=None).depends is None
    assert replace(result, explained=11).depends is None


NUMBERS = {
    "attention_kept": (),
    "gradients_removed": (),
    "content_removed": (),
    "gradients_kept": (),
    "uniform": ("uniform",),
    "permuted": ("permuted",),
    "left_out": ("tau_left_out",),
    "gradients": ("tau_gradients",),
    "attention_removed": (),
    "random_removed": (),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_column_alone_gives_what_needs_no_other(name: str) -> None:
    whole = explained()
    left_out = np.linspace(0.5, 0.9, len(whole.tokens)).astype(np.float32)
    assert whole.explanation is not None
    value = left_out if name in ("left_out", "gradients") else getattr(whole.explanation, name)
    row = replace(
        whole,
        explanation=Explanation(**{name: value}),
        attention=np.arange(len(whole.tokens), dtype=np.float32),
    )
    assert support(row) is None
    result = judge([row] * 3)
    assert (result.examples, result.untestable, result.explained, result.ways) == (0, 0, 3, ())
    assert result.against_content is None
    assert result.share_of_gradients is None
    measured = {key for key in ("uniform", "permuted") if getattr(result, key) is not None}
    measured |= {key for key in ("tau_left_out", "tau_gradients") if getattr(result, key) ** 2 >= 0}
    assert measured == set(NUMBERS[name])


def test_each_number_is_over_the_examples_that_have_it() -> None:
    rows = [explained(0.3), explained(0.6)]
    first = rows[0].explanation
    assert first is not None
    nothing = dict.fromkeys(("content_removed", "gradients_removed", "uniform", "attention_kept"))
    rows[0] = replace(rows[0], explanation=replace(first, **nothing))
    result, second = judge(rows), judge(rows[1:])
    assert (result.examples, second.examples) == (2, 1)
    assert result.against_content == second.against_content
    assert result.share_of_gradients == second.share_of_gradients
    assert result.uniform == second.uniform
    ways, alone = ({w.name: w for w in r.ways} for r in (result, second))
    assert ways["content"].drop == alone["content"].drop
    assert ways["attention"].sufficiency == alone["attention"].sufficiency
    assert ways["attention"].drop == pytest.approx(0.45, abs=1e-6)


def test_the_fraction_that_sentences_name_is_a_tenth() -> None:
    assert FRACTIONS[AT] == 0.1
