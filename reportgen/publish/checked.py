"""Check values that were read from JSON; what is not as it should be raises."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from reportgen.characters import legal

__all__ = ["maybe", "number", "text", "whole"]

T = TypeVar("T")


def maybe(check: Callable[[Any], T], value: Any) -> T | None:
    """Return a value that is checked, or None."""
    return None if value is None else check(value)


def text(value: Any) -> str:
    """Return a string, without characters that no page can hold.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError("not a string")
    return legal(value)[0]


def whole(value: Any) -> int:
    """Return a whole number from 0 on.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a whole number")
    return value


def number(value: Any) -> float:
    """Return a finite number.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError("not a number")
    return float(value)
