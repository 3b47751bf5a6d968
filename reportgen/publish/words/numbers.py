"""Write numbers as a reader expects them: shares, intervals, counts of things."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = [
    "MINUS", "counted", "decimal", "interval", "listed", "percent", "points", "signed_points",
    "small", "unbroken", "verb",
]  # fmt: skip

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"


def percent(share: float, digits: int = 1) -> str:
    """Return a share as per cent: 0.889 as "88.9 %"; never rounded up to 100 or down to 0.

    One that is undefined (NaN) is a dash.
    """
    return "–" if share != share else f"{_bounded(share, digits, 100)}{SPACE}%"


def _bounded(number: float, digits: int, whole: int) -> str:
    """Write ``whole`` times a number; one that would read as 0 or the whole and is not is bounded.

    So 0.9996 of 100 is "> 99.9", and 0.0004 of it "< 0.1".
    """
    shown, least = f"{whole * number:.{digits}f}", 10**-digits
    if number < 1 and float(shown) == whole:
        return f"> {whole - least:.{digits}f}"
    if number > 0 and float(shown) == 0:
        return f"< {least:.{digits}f}"
    return shown


def decimal(number: float, digits: int = 2, sign: bool = False) -> str:
    """Return a number with so many decimals; never 1 for one below 1, nor 0 for one that is not 0.

    Such a number has one decimal more, and if that does not tell it apart either, it is bounded:
    0.89 is "0.89", 0.998 is "0.998", 0.9998 is "> 0.999". The gallery's script has the same rule.
    One that is undefined (NaN) is a dash. ``sign`` writes the plus of a difference too; the minus
    is a true one.
    """
    if number != number:
        return "–"
    return _decimal(number, digits, sign).replace("-", MINUS)


def _decimal(number: float, digits: int, sign: bool) -> str:
    plus, least = "+" if sign else "", 10.0 ** -(digits + 1)
    for places in (digits, digits + 1):
        shown = f"{number:{plus}.{places}f}"
        if float(shown) not in (0, 1) or float(shown) == number or number > 1:
            return shown
    if float(shown) == 1:
        return f"> {1 - least:{plus}.{places}f}"
    return f"> {-least:.{places}f}" if number < 0 else f"< {least:{plus}.{places}f}"


def points(share: float) -> str:
    """Return a difference of shares: 0.123 as "12.3 points"; one above 0 is never 0."""
    return f"{_bounded(share, 1, 100)}{SPACE}points"


def signed_points(share: float) -> str:
    """Return a difference of shares in points, with its sign: -0.108 as "−10.8"."""
    return f"{100 * share:+.1f}".replace("-", MINUS)


def interval(ends: tuple[float, float]) -> str:
    """Return the ends of an interval in per cent; a dash where there is none (NaN)."""
    if ends[0] != ends[0]:
        return "–"
    low, high = (_bounded(end, 1, 100) for end in ends)
    return f"{low} to {high}{SPACE}%"


def small(number: float) -> str:
    """Return a number from 0 to 1 with three decimals; below 0.001 it is "< 0.001"."""
    return "< 0.001" if number < 0.001 else _bounded(number, 3, 1)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 example", "2,000 examples"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Return one word or more as a sentence lists them: "A, B and C"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def unbroken(text: str) -> str:
    """Keep each percent sign on the line of its number."""
    return re.sub(r"(?<=\d) %", f"{SPACE}%", text)


def verb(number: int, one: str, more: str) -> str:
    """Return the form of a verb that goes with a number of things."""
    return one if number == 1 else more
