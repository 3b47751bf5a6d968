from __future__ import annotations

import pytest

from reportgen.publish.words.numbers import counted, interval, percent, points, small, verb

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


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (2000, "2,000 rows"), (1001, "1,001 rows")],
)
def test_a_number_with_its_noun(number: int, text: str) -> None:
    assert counted(number, "row") == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.5, "0.500"), (0.001, "0.001"), (0.00099, "< 0.001"), (0.0, "< 0.001"), (1.0, "1.000")],
)
def test_a_small_number_is_not_0(number: float, text: str) -> None:
    assert small(number) == text


def test_a_difference_of_shares_is_in_points() -> None:
    assert points(0.1234) == f"12.3{NB}points"


def test_a_verb_goes_with_its_number() -> None:
    assert [verb(number, "has", "have") for number in (0, 1, 2)] == ["have", "has", "have"]
