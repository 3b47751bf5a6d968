"""Write numbers as a reader expects them: shares, intervals, counts of things."""

from __future__ import annotations

__all__ = ["counted", "interval", "percent", "points", "signed_points", "small", "verb"]

SPACE = "\N{NO-BREAK SPACE}"


def percent(share: float, digits: int = 1) -> str:
    """Return a share as per cent: 0.889 as "88.9 %"; never rounded up to 100 or down to 0.

    One that is undefined (NaN) is a dash.
    """
    if share != share:
        return "–"
    shown = f"{100 * share:.{digits}f}"
    if share < 1 and float(shown) == 100:
        shown = f"> {100 - 10**-digits:.{digits}f}"
    elif share > 0 and float(shown) == 0:
        shown = f"< {10**-digits:.{digits}f}"
    return f"{shown}{SPACE}%"


def points(share: float) -> str:
    """Return a difference of shares: 0.123 as "12.3 points"."""
    return f"{100 * share:.1f}{SPACE}points"


def signed_points(share: float) -> str:
    """Return a difference of shares in points, with its sign: -0.108 as "−10.8"."""
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


def interval(ends: tuple[float, float]) -> str:
    """Return the ends of an interval in per cent; a dash where there is none (NaN)."""
    if ends[0] != ends[0]:
        return "–"
    return f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f}{SPACE}%"


def small(number: float) -> str:
    """Return a number from 0 to 1 with three decimals; one that would read as 0 is "< 0.001"."""
    return "< 0.001" if number < 0.001 else f"{number:.3f}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 example", "2,000 examples"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def verb(number: int, one: str, more: str) -> str:
    """Return the form of a verb that goes with a number of things."""
    return one if number == 1 else more
