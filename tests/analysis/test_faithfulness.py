"""The removal test on explanations whose result is known by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.bootstrap import mean_interval
from reportgen.analysis.faithfulness import AT, Support, faithfulness, support
from reportgen.analysis.metrics import wilson_interval
from reportgen.records import FRACTIONS, Explanation, Prediction

BEFORE = 0.75  # the confidence with all tokens
NAN = float("nan")
# Twenty random removals whose mean drops are 0, 0.01 ... 0.19; single drops spread around them.
CHANCE = 0.01 * np.arange(20)[:, None] + np.array([-0.02, 0.01, 0.0, -0.01, 0.02])


def after(drops: Any) -> np.ndarray:
    return np.asarray(BEFORE - np.asarray(drops, dtype=np.float64), dtype=np.float32)


def explained(attention_drop: Any = 0.1, tokens: int = 10, **changes: Any) -> Prediction:
    ramp = np.arange(1, tokens + 1, dtype=np.float32)
    explanation = Explanation(
        attention_removed=after(np.broadcast_to(attention_drop, len(FRACTIONS))),
        attention_kept=after([0.5, 0.4, 0.3, 0.2, 0.1]),
        gradients_removed=after([0.01, 0.02, 0.03, 0.04, 0.05]),
        gradients_kept=after([0.25] * 5),
        random_removed=after(CHANCE),
        random_kept=after(CHANCE + 0.125),
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


# By interpolation the 95th percentile of 0 ... 0.19 is 0.1805, the 94th 0.1786, the 96th 0.1824.
@pytest.mark.parametrize(
    ("drop", "verdict"),
    [
        (0.150, Support.UNSUPPORTED),
        (0.180, Support.UNSUPPORTED),
        (0.181, Support.SUPPORTED),
        (0.300, Support.SUPPORTED),
        (-0.30, Support.UNSUPPORTED),
        ([0.0, 0.0, 0.0, 0.0, 0.91], Support.SUPPORTED),  # the mean over the fractions counts
        ([0.0, 0.0, 0.0, 0.0, 0.89], Support.UNSUPPORTED),
    ],
)
def test_attention_is_supported_above_the_95th_percentile_of_chance(
    drop: Any, verdict: Support
) -> None:
    assert support(explained(drop)) is verdict


def test_no_more_than_chance_is_not_support() -> None:
    assert support(explained(0.25, random_removed=after(np.full((4, 5), 0.25)))) is (
        Support.UNSUPPORTED
    )


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
        explained(0.2, tokens=9),
        replace(explained(), explanation=None),
    ]
    judged = faithfulness(rows, seed=3)
    assert judged is not None
    assert judged.examples == 3
    attention, gradients, random = judged.ways
    assert [way.name for way in judged.ways] == ["attention", "gradients", "random"]
    drops = [0.1, 0.4 / 3, 0.5 / 3, 0.2, 0.7 / 3]
    assert attention.drops == pytest.approx(drops, abs=1e-6)
    assert attention.comprehensiveness == pytest.approx(0.5 / 3, abs=1e-6)
    assert attention.sufficiency == pytest.approx(0.3, abs=1e-6)
    assert gradients.drops == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05], abs=1e-6)
    assert gradients.comprehensiveness == pytest.approx(0.03, abs=1e-6)
    assert gradients.sufficiency == pytest.approx(0.25, abs=1e-6)
    assert random.drops == pytest.approx([0.075, 0.105, 0.095, 0.085, 0.115], abs=1e-6)
    assert random.comprehensiveness == pytest.approx(0.095, abs=1e-6)
    assert random.sufficiency == pytest.approx(0.22, abs=1e-6)
    differences = np.array([0.3, 0.0, 0.2]) - 0.095
    assert judged.difference == pytest.approx(differences.mean(), abs=1e-6)
    assert judged.difference_interval == pytest.approx(mean_interval(differences, 3), abs=1e-6)
    assert (judged.uniform, judged.permuted) == (2 / 3, 1 / 3)
    assert judged.uniform_interval == wilson_interval(2, 3)
    assert judged.permuted_interval == wilson_interval(1, 3)
    assert (judged.supported, judged.unsupported, judged.untestable) == (1, 1, 1)
    # The more attention, the larger the gradient and the drop without the token.
    assert (judged.tau_left_out, judged.tau_gradients) == (pytest.approx(1), pytest.approx(1))


def test_nothing_explained_is_nothing_judged() -> None:
    assert faithfulness([], seed=0) is None
    assert faithfulness([replace(explained(), explanation=None)], seed=0) is None


def tau(gradients: list[float], attention: list[float]) -> float:
    row = explained(tokens=len(attention), gradients=np.array(gradients, np.float32))
    row = replace(row, attention=np.array(attention, np.float32))
    judged = faithfulness([row], seed=0)
    assert judged is not None
    return judged.tau_gradients


def test_rank_correlation_by_hand() -> None:
    # Of the six pairs of four tokens, one is discordant.
    assert tau([1, 2, 4, 3], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(4 / 6)
    assert tau([4, 3, 2, 1], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(-1)
    # Tokens that were not read or not measured are left out: here one pair remains.
    assert tau([9, NAN, 2, 1], [NAN, 0.2, 0.3, 0.5]) == pytest.approx(-1)


@pytest.mark.parametrize(
    ("gradients", "attention"),
    [
        ([1], [1.0]),
        ([1, NAN], [0.5, 0.5]),
        ([1, 2], [0.5, 0.5]),
        ([1, 1], [0.4, 0.6]),
    ],
)
def test_one_token_or_equal_values_have_no_rank_correlation(
    gradients: list[float], attention: list[float]
) -> None:
    assert np.isnan(tau(gradients, attention))


def test_texts_without_rank_correlation_are_left_out_of_the_mean() -> None:
    flat = explained(gradients=np.ones(10, np.float32), left_out=np.full(10, NAN, np.float32))
    judged = faithfulness([flat, explained()], seed=0)
    assert judged is not None
    assert (judged.tau_left_out, judged.tau_gradients) == (pytest.approx(1), pytest.approx(1))


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.01, 0.2), "supported"),
        ((0.0, 0.2), "not supported"),
        ((-0.1, 0.2), "not supported"),
        ((-0.2, 0.0), "not supported"),
        ((-0.2, -0.01), "contradicted"),
    ],
)
def test_the_verdict_is_where_the_interval_lies(
    interval: tuple[float, float], verdict: str
) -> None:
    judged = faithfulness([explained()], seed=0)
    assert judged is not None
    assert replace(judged, difference_interval=interval).verdict == verdict


def test_the_fraction_that_sentences_name_is_a_tenth() -> None:
    assert FRACTIONS[AT] == 0.1
