"""How data files are read, and what one row of any of them gives."""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

from reportgen.errors import DataError, UsageError
from reportgen.remedies import MULTI_LABEL, PAIRS

__all__ = ["LARGEST_FIELD", "Reading", "Row", "as_further", "as_name", "checked", "row_of"]

LARGEST_FIELD = 10 * 1024 * 1024  # characters
UTF8 = "utf-8"


@dataclass(frozen=True)
class Reading:
    """How the files of a data set are read. The names of its columns are three different ones.

    ``delimiter`` None is a comma in CSV and a tab in TSV files; ``encoding`` is that of text files,
    also of JSON Lines. ``unlabelled`` reads no labels: a label column is none, and may be missing.

    Raises:
        UsageError: two of the names are the same, or the delimiter or encoding cannot be one.
    """

    text: str = "text"
    label: str = "label"
    id: str = "id"
    delimiter: str | None = None
    encoding: str = UTF8
    unlabelled: bool = False

    def __post_init__(self) -> None:
        for (option, name), (other, same) in combinations(self._by_option().items(), 2):
            if name == same:
                raise UsageError(
                    f"{option} and {other} are both {name!r}; they must name different columns"
                )
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n\0'):
            raise UsageError(
                f"--delimiter {self.delimiter!r}: give one character, such as ';', or the word tab"
            )
        try:
            known = codecs.lookup(self.encoding)._is_text_encoding
        except (LookupError, ValueError):
            known = False
        if not known:
            raise UsageError(
                f"--encoding {self.encoding!r} is unknown; give a name such as cp1252, latin-1,"
                " utf-8 or utf-16"
            )

    @property
    def codec(self) -> str:
        """The name under which Python decodes the files; a byte order mark is left out."""
        name = codecs.lookup(self.encoding).name
        return "utf-8-sig" if name == UTF8 else name

    def _by_option(self) -> dict[str, str]:
        names = {"--text-column": self.text, "--label-column": self.label, "--id-column": self.id}
        if self.unlabelled:
            del names["--label-column"]
        return names

    def missing(self, names: Collection[str]) -> tuple[str, str] | None:
        """Name a column that is not among the names, and a remedy.

        The column of ids is needed only where it was given a name.
        """
        for option, column in self._by_option().items():
            optional = option == "--id-column" and column == Reading.id
            if column not in names and not optional:
                remedy = f"name it with {option}"
                if option == "--label-column":
                    remedy += ", or predict data without labels with --unlabelled"
                return f"no column {column!r} (available: {', '.join(names)})", remedy
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its file has it: the line, or in Parquet the number of the row, from 1.

    ``label`` is None where it is empty or null; ``id`` also where there is no such column.
    """

    file: Path
    line: int
    text: str
    label: str | None
    id: str | None
    extra: Mapping[str, str]


def row_of(values: dict[str, Any], reading: Reading, file: Path, line: int) -> Row:
    """Return the row of values by column; those of the further columns become text.

    Raises:
        ValueError: a value is none that its column may have.
    """
    text = values.pop(reading.text)
    if not isinstance(text, str):
        more = f"; {PAIRS}" if isinstance(text, list) else ""
        raise ValueError(f"field {reading.text!r} is not a string{more}")
    label = None
    if not reading.unlabelled:
        given = values.pop(reading.label)
        if isinstance(given, list | dict):
            raise ValueError(f"field {reading.label!r} is not one label; {MULTI_LABEL}")
        label = as_name(given, reading.label)
    id_ = as_name(values.pop(reading.id, None), reading.id)
    extra = {name: as_further(value) for name, value in values.items()}
    return Row(file, line, text, label, id_, extra)


def as_name(value: Any, column: str) -> str | None:
    """Return a label or an id as text: 1 and 1.0 are ``1``, true is ``true``, null is None.

    Raises:
        ValueError: it is neither a string, nor a finite number, nor a truth value.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        if math.isnan(value):
            return None  # as libraries for data frames write an empty cell of numbers
        if math.isfinite(value):
            return str(int(value) if value == int(value) else value)
    raise ValueError(f"field {column!r} is neither a string nor a number")


def as_further(value: Any) -> str:
    """Return a value of a further column as text: JSON, where it is not a string."""
    if isinstance(value, str):
        return value
    return _other(value) if isinstance(value, bytes) else json.dumps(value, default=_other)


def _other(value: Any) -> str:
    return f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)  # as of a picture


def checked(row: Row) -> Row | DataError:
    """Return the row, or the error about it."""
    if row.id is not None and not row.id.strip():
        return DataError("the id is empty", file=row.file, line=row.line)
    if len(row.text) > LARGEST_FIELD:
        problem = f"the text has {len(row.text):,} characters; the limit is {LARGEST_FIELD:,}"
        return DataError(problem, file=row.file, line=row.line)
    return row
