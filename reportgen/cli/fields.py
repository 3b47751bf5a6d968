"""Make options of the command line from the fields of options records, with their defaults."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

import click

from reportgen.cli.commands import Option
from reportgen.cli.types import SEED, Count

__all__ = ["device_option", "option", "record", "seed_option"]

R = TypeVar("R")


def option(
    of: type, field: str, kind: Any, text: str, *names: str, default: str = "", **more: Any
) -> Option:
    """Return the option for a field of an options record, with that field's default.

    It has the field's name where no ``names`` are given. ``default`` describes the default in
    words; for a default of None the word that stands for None does.
    """
    value = getattr(of(), field)
    if value is None and isinstance(kind, Count):
        default = default or kind.word
    names = names or (f"--{field.replace('_', '-')}",)
    more |= {"is_flag": True} if value is False else {"type": kind}
    return Option([*names, field], default=value, show_default=default or True, help=text, **more)


def record(of: type[R], values: dict[str, Any]) -> R:
    """Return an options record made of those values that are fields of it."""
    names = {field.name for field in fields(of)}  # type: ignore[arg-type]
    return of(**{name: value for name, value in values.items() if name in names})


def device_option(of: type) -> Option:
    """Return the option that says where the model runs."""
    kind = click.Choice(["auto", "cpu", "cuda"])
    return option(of, "device", kind, "Where the model runs; auto: on a GPU if there is one.")


def seed_option(of: type) -> Option:
    """Return the option that seeds every random choice."""
    return option(of, "seed", SEED, "Seed of every random choice.")
