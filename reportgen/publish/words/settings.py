"""Say in which settings the runs of a comparison differ, or that they are the same table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportgen.publish.words.numbers import listed
from reportgen.records import RunInfo

__all__ = ["same_tables", "settings_that_differ"]

PLAIN = (str, int, float, bool)  # what is told
LONGEST = 60  # characters of a value that is told


def settings_that_differ(letters: str, infos: Sequence[RunInfo]) -> str:
    """Name the settings that every run records and that differ, each with its values.

    Empty where none does. A setting that a run does not record is not compared, nor one that has
    parts or is long.
    """
    of_each = [dict(_settings(info)) for info in infos]
    told = [
        f"{name.replace('_', ' ')} {_values(letters, [of[name] for of in of_each])}"
        for name in of_each[0]
        if all(name in of for of in of_each) and len({of[name] for of in of_each}) > 1
    ]
    return f"Settings that differ: {'; '.join(told)}." if told else ""


def _values(letters: str, values: Sequence[Any]) -> str:
    """Tell each value with the runs that have it."""
    by_value: dict[str, str] = {}
    for letter, value in zip(letters, map(str, values), strict=True):
        by_value[value] = f"{by_value[value]}, {letter}" if value in by_value else letter
    return ", ".join(f"{value} ({of})" for value, of in by_value.items())


def _settings(info: RunInfo) -> Iterator[tuple[str, Any]]:
    """Yield what decides how a model was trained and reads; of two with a name the asked one."""
    training = info.model.training
    options = training.get("options")
    asked = dict(options) if isinstance(options, Mapping) else {}
    for name, value in {**info.model.settings, **asked}.items():
        if value is None or (isinstance(value, PLAIN) and len(str(value)) <= LONGEST):
            yield name, "none" if value is None else value
    for name in ("data", "vectors"):
        part = training.get(name, {})
        if part is None or (isinstance(part, Mapping) and part.get("name")):
            yield f"training {name}", part["name"] if part else "none"
        if isinstance(part, Mapping) and part.get("sha256"):
            yield f"hash of the training {name}", str(part["sha256"])[:8]
    if info.max_tokens is not None:
        yield "tokens read", f"the first {info.max_tokens:,}"


def same_tables(letters: str, hashes: Sequence[str]) -> str:
    """Name the runs whose predictions are one and the same file; empty where none are."""
    by_hash: dict[str, list[str]] = {}
    for letter, sha256 in zip(letters, hashes, strict=True):
        by_hash.setdefault(sha256, []).append(letter)
    return " ".join(
        f"{listed(of)} are the same predictions table, by its hash."
        for of in by_hash.values()
        if len(of) > 1
    )
