"""What a report says of columns that it has not, or does not compare or filter by."""

from __future__ import annotations

from collections.abc import Collection

from reportgen.analysis.intervals import LEAST
from reportgen.analysis.slices import VALUES, LeftOut
from reportgen.languages import COLUMNS
from reportgen.publish.words.numbers import counted, verb

__all__ = ["NO_ATTENTION", "language", "left_out", "unfiltered", "unused"]

NO_ATTENTION = "the table has no attention, so the report shows the texts without shades"


def left_out(columns: Collection[LeftOut], one: str = "example") -> list[str]:
    """Say which groups of the chosen columns are not compared, if any."""
    return [sentence for column in columns if (sentence := _left_out(column, one))]


def _left_out(column: LeftOut, one: str) -> str:
    parts = []
    if column.quarters:
        parts.append(f"Its numbers are compared by quarters, for few of them have {LEAST} {one}s.")
    if column.values:
        kind = "quarter" if column.quarters else "value"
        more = f" and {column.values - len(column.named):,} more"
        named = ", ".join(f"{value} ({count:,})" for value, count in column.named)
        parts.append(
            f"Not compared for want of {LEAST} {one}s on each side:"
            f" {counted(column.values, kind)} with {counted(column.examples, one)}, {named}"
            f"{more if column.values > len(column.named) else ''}."
        )
    if column.empty:
        have = verb(column.empty, "has", "have")
        parts.append(f"{counted(column.empty, one)} {have} no value in it.")
    return f"Groups by column “{column.column}”: {' '.join(parts)}" if parts else ""


def unused(names: Collection[str]) -> list[str]:
    """Name the columns that say nothing without tokens or weights, which the table lacks."""
    if not names:
        return []
    named = ", ".join(f"“{name}”" for name in names)
    return [f"Without these columns the following ones are not used: {named}."]


def language(given: str | None, extra: Collection[str]) -> str:
    """Say which language the texts are in, and which columns may name another; empty: unknown."""
    named = " or ".join(f"“{name}”" for name in COLUMNS if name in extra)
    rows = f"by column {named}" if named else ""
    return f"{given}, or {rows}" if given and rows else given or rows


def unfiltered(columns: Collection[str]) -> list[str]:
    """Name the further columns that have too many values to be filtered by."""
    if not columns:
        return []
    named = ", ".join(f"“{name}”" for name in columns)
    return [f"The cards cannot be filtered by columns of more than {VALUES} values: {named}."]
