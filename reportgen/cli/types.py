"""Turn the words given for options into values, or refuse them in one line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from reportgen.options import SHADES, is_shades

__all__ = [
    "FRACTION",
    "PATH",
    "POSITIVE",
    "SEED",
    "SHARE",
    "Count",
    "Delimiter",
    "NamedBound",
    "Names",
    "Real",
    "Shades",
    "Whole",
]


class Whole(click.IntRange):
    """A whole number."""

    name = "whole number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the number in a help text."""
        return "N"


class Real(click.FloatRange):
    """A number; not a number (NaN) and the infinities, which no comparison stops, are refused."""

    name = "number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the number in a help text."""
        return "X"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse the number and check its range."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} is not a finite number.", param, ctx)
        return number


class Count(click.ParamType[int | None]):
    """A number of at least ``least``, or a word that stands for None."""

    name = "count"

    def __init__(self, word: str, least: int) -> None:
        self.word, self.least = word, least

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the number, and the word, in a help text."""
        return f"N|{self.word}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """Parse the number, or the word in upper or lower case."""
        if str(value).lower() == self.word:
            return None
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a whole number nor {self.word!r}.", param, ctx)
        if number < self.least:
            self.fail(f"{number} is less than {self.least}.", param, ctx)
        return number


class Shades(click.ParamType[str | float]):
    """One of the words for a scale of shades, or the number where it ends."""

    name = "shades"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the value in a help text."""
        return "|".join([*SHADES, "X"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | float:
        """Return the word, or the number."""
        if value in SHADES:
            return str(value)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not is_shades(number):
            self.fail(f"{value!r} is neither {' nor '.join(SHADES)} nor a number above 0.")
        return number


class Delimiter(click.ParamType[str]):
    """The character between the fields of a row; the word tab stands for a tab."""

    name = "delimiter"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the character in a help text."""
        return "CHAR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the character; whether it can be one is checked where files are read."""
        return "\t" if value in ("tab", "\\t") else str(value)


class NamedBound(click.ParamType[tuple[str, float]]):
    """A metric's name and a finite number: ``accuracy=0.85``."""

    name = "bound"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the bound in a help text."""
        return "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Split the word at its last equals sign."""
        name, _, text = str(value).rpartition("=")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not name or not math.isfinite(number):
            self.fail(f"{value!r} is not NAME=VALUE, as in accuracy=0.85.", param, ctx)
        return name, number


class Names(click.ParamType[tuple[str, ...]]):
    """Distinct names with commas between them: ``neg,pos``."""

    name = "names"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the names in a help text."""
        return "NAME,NAME,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the text at its commas."""
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in str(value).split(","))
        if not all(names) or len(set(names)) != len(names):
            self.fail(f"{value!r} is not a list of distinct names, as in neg,pos.", param, ctx)
        return names


PATH = click.Path(path_type=Path)
POSITIVE = Whole(min=1)
SEED = Whole(0, 2**32 - 1)  # what Python, NumPy, torch and every reader of a run's JSON accept
SHARE = Real(0, 1)
FRACTION = Real(0, 1, max_open=True)  # of which something must be left
