"""How values, intervals and differences of measures are written."""

from __future__ import annotations

import math

import pytest

from reportgen.publish.words.measures import difference, ends, is_share, value

NONE = (math.nan, math.nan)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_shares_are_in_per_cent_and_others_decimal() -> None:
    assert is_share("accuracy")
    assert is_share("recall.neg.a")
    assert not is_share("mcc")
    assert plain(value("accuracy", 0.8891)) == "88.9 %"
    assert value("ece", 0.0512) == "0.051"
    assert value("mcc", math.nan) == "–"
    assert plain(ends("f1.pos", (0.1, 0.25))) == "10.0 to 25.0 %"
    assert ends("brier", (0.1, 0.25)) == "0.100 to 0.250"
    assert ends("brier", NONE) == ends("accuracy", NONE) == "–"


@pytest.mark.parametrize(
    ("name", "number", "found", "expected"),
    [
        ("accuracy", 0.0218, (0.011, 0.033), ("+2.2 points", "+1.1 to +3.3")),
        ("accuracy", -0.0009, (-0.0028, 0.001), ("−0.09 points", "−0.28 to +0.10")),
        ("macro_f1", -0.0003, (-0.03, 0.029), ("−0.03 points", "−3.0 to +2.9")),
        ("accuracy", 0.0, (-0.02, 0.02), ("0 points", "−2.0 to +2.0")),
        ("accuracy", 0.0, NONE, ("0 points", "–")),
        ("recall.a", math.nan, NONE, ("–", "–")),
        ("log_loss", -0.0821, (-0.17, 0.0004), ("−0.082", "−0.170 to +0.0004")),
        ("mcc", 0.25, (0.0, 0.5), ("+0.250", "0 to +0.500")),
    ],
)
def test_differences_have_a_sign_and_as_many_digits_as_their_interval_bears(
    name: str, number: float, found: tuple[float, float], expected: tuple[str, str]
) -> None:
    assert tuple(map(plain, difference(name, number, found))) == expected
