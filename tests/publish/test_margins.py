"""Margins on how much worse than the first run another may be."""

from __future__ import annotations

import math

import pytest

from reportgen.analysis.comparison import Difference
from reportgen.errors import UsageError
from reportgen.publish.gate import Margin, worse


def difference(
    value: float,
    low: float,
    high: float,
    key: str = "accuracy",
    better: str = "higher",
    run: int = 1,
) -> Difference:
    return Difference(
        run, key, key, better, 0.9, 0.9 + value, value, low, high, 0.01, 0.01, "by hand"
    )


def lines(*of: Difference, **margins: float) -> list[str]:
    return worse(of, [Margin(name, value) for name, value in margins.items()])


def test_a_run_is_worse_where_the_whole_interval_lies_beyond_the_margin() -> None:
    found = difference(-0.05, -0.08, -0.02)
    assert lines(found, accuracy=0.01) == [
        "B is worse than A in accuracy by 0.0500 (95 % interval 0.0200 to 0.0800), beyond the"
        " margin of 0.01"
    ]
    assert lines(found, accuracy=0.02) == [], "at its end it is not beyond"
    assert lines(found, accuracy=0.03) == [], "worse by more, but not beyond chance"
    assert lines(found, accuracy=0) != []
    assert lines(found, macro_f1=0) == []


def test_better_runs_and_differences_by_chance_pass() -> None:
    assert lines(difference(0.05, 0.02, 0.08), accuracy=0) == []
    assert lines(difference(-0.05, -0.11, 0.01), accuracy=0) == []


def test_of_losses_more_is_worse() -> None:
    found = difference(0.05, 0.02, 0.08, "ece", "lower")
    assert lines(found, ece=0.01)[0].startswith(
        "B is worse than A in ece by 0.0500 (95 % interval 0.02"
    )
    assert lines(found, ece=0.02) == []
    assert lines(difference(-0.05, -0.08, -0.02, "ece", "lower"), ece=0) == []


def test_each_run_and_each_margin_is_held_against_the_first() -> None:
    found = [
        difference(-0.05, -0.08, -0.02), difference(0.1, 0.05, 0.2, "brier", "lower"),
        difference(-0.05, -0.08, -0.02, run=2), difference(-0.1, -0.2, -0.05, "brier", "lower", 2),
    ]  # fmt: skip
    told = lines(*found, accuracy=0.0, brier=0.01)
    assert [(line[0], line.split()[6]) for line in told] == [
        ("B", "accuracy"), ("C", "accuracy"), ("B", "brier"),
    ]  # fmt: skip


def test_what_has_no_value_breaks_its_margin() -> None:
    nothing = difference(math.nan, math.nan, math.nan, "mcc")
    assert lines(nothing, mcc=0.5) == ["mcc has no value in A or B, so the margin of 0.5 is broken"]


def test_the_same_predictions_pass_without_an_interval() -> None:
    assert lines(difference(0.0, math.nan, math.nan), accuracy=0) == []


@pytest.mark.parametrize("value", [-0.01, math.nan])
def test_a_margin_is_at_least_0(value: float) -> None:
    with pytest.raises(UsageError, match=r"--fail-worse accuracy=.*: a margin is how much worse"):
        Margin("accuracy", value)
