from __future__ import annotations

import pytest

from reportgen.publish.words.numbers import (
    counted,
    decimal,
    interval,
    percent,
    points,
    small,
    unbroken,
    verb,
)

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("share", "digits", "shown"),
    [
        (0.889, 1, "88.9"),
        (0.5, 0, "50"),
        (0.12345, 2, "12.35"),
        (1, 1, "100.0"),
        (0, 1, "0.0"),
        (0.99951, 1, "> 99.9"),
        (0.9995, 2, "99.95"),
        (0.999, 0, "> 99"),
        (0.0004, 1, "< 0.1"),
        (0.0006, 1, "0.1"),
        (0.004, 0, "< 1"),
        (1.5, 1, "150.0"),
    ],
)
def test_shares_in_per_cent(share: float, digits: int, shown: str) -> None:
    assert percent(share, digits) == f"{shown}{NB}%"


def test_one_digit_unless_asked_otherwise() -> None:
    assert percent(1 / 3) == f"33.3{NB}%"


def test_an_interval_in_per_cent() -> None:
    assert interval((0.0449, 1.0)) == f"4.5 to 100.0{NB}%"
    assert interval((0.0, 0.9996)) == f"0.0 to > 99.9{NB}%"
    assert interval((0.0002, 0.5)) == f"< 0.1 to 50.0{NB}%"


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (0.889, 2, "0.89"), (0.994, 2, "0.99"), (0.995, 2, "0.99"), (0.998, 2, "0.998"),
        (0.9996, 2, "> 0.999"), (1 - 1e-9, 2, "> 0.999"), (1, 2, "1.00"), (1.002, 2, "1.00"),
        (0, 2, "0.00"), (0.004, 2, "0.004"), (0.0004, 2, "< 0.001"), (-0.004, 2, "−0.004"),
        (-0.0004, 2, "> −0.001"), (-0.5, 2, "−0.50"), (0.9996, 3, "0.9996"),
        (0.0004, 3, "0.0004"), (0.00004, 3, "< 0.0001"), (2.5, 3, "2.500"),
        (float("nan"), 3, "–"),
    ],
)  # fmt: skip
def test_what_is_not_0_or_1_never_reads_so(number: float, digits: int, text: str) -> None:
    assert decimal(number, digits) == text


def test_a_difference_has_its_sign() -> None:
    assert [decimal(n, sign=True) for n in (0.123, -0.123, 0, 0.003, 0.0003, -0.0003)] == [
        "+0.12", "−0.12", "+0.00", "+0.003", "< +0.001", "> −0.001",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (2000, "2,000 rows"), (1001, "1,001 rows")],
)
def test_a_number_with_its_noun(number: int, text: str) -> None:
    assert counted(number, "row") == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.5, "0.500"),
        (0.001, "0.001"),
        (0.00099, "< 0.001"),
        (0.0, "< 0.001"),
        (1.0, "1.000"),
        (0.99996, "> 0.999"),
    ],
)
def test_a_small_number_is_not_0(number: float, text: str) -> None:
    assert small(number) == text


def test_a_difference_of_shares_is_in_points() -> None:
    assert points(0.1234) == f"12.3{NB}points"
    assert points(0.0001) == f"< 0.1{NB}points"


def test_a_verb_goes_with_its_number() -> None:
    assert [verb(number, "has", "have") for number in (0, 1, 2)] == ["have", "has", "have"]


def test_a_percent_sign_stays_on_the_line_of_its_number() -> None:
    assert unbroken("over 7.7 to 9.9 % of 100 % or %") == "over 7.7 to 9.9\xa0% of 100\xa0% or %"
