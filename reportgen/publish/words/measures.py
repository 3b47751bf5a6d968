"""Write the value of a measure, its interval, and its differences, as a reader expects them."""

from __future__ import annotations

import math

from reportgen.analysis.intervals import Interval
from reportgen.publish.words.numbers import SPACE, decimal, interval, percent

__all__ = ["difference", "ends", "is_share", "value"]

SHARES = {
    "accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1",
    "accuracy_at_90", "precision", "recall", "f1",
}  # fmt: skip
NARROW = 0.01  # an interval of shares; of a narrower one the second decimal of a point says more
MINUS = "\N{MINUS SIGN}"


def is_share(name: str) -> bool:
    """Whether a measure is a share, which is written in per cent."""
    return name.split(".")[0] in SHARES


def value(name: str, number: float) -> str:
    """Return a measure as a report writes it; a dash where it is undefined."""
    return percent(number) if is_share(name) else decimal(number, 3)


def ends(name: str, found: Interval) -> str:
    """Return the ends of its interval; a dash where it has none."""
    if is_share(name):
        return interval(found)
    if math.isnan(found[0]):
        return "–"
    return f"{decimal(found[0], 3)} to {decimal(found[1], 3)}"


def difference(name: str, number: float, found: Interval) -> tuple[str, str]:
    """Return a difference with its sign, in points of shares, and the ends of its interval."""
    width = found[1] - found[0]
    digits = 2 if width < NARROW else 1

    def said(of: float) -> str:
        if math.isnan(of):
            return "–"
        if not of:
            return "0"
        if not is_share(name):
            return decimal(of, 3, sign=True).replace("-", MINUS)
        shown = f"{100 * of:+.{digits}f}"
        if not float(shown):  # what is not 0 does not read so
            shown = f"{100 * of:+.{digits + 1}f}"
        return shown.replace("-", MINUS)

    unit = f"{SPACE}points" if is_share(name) and not math.isnan(number) else ""
    if math.isnan(found[0]):
        return said(number) + unit, "–"
    return said(number) + unit, f"{said(found[0])} to {said(found[1])}"
