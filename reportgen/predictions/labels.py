"""Turn labels as programs write them into class names: strings, numbers, true and false, null."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

__all__ = ["Labels"]

NUMBER = re.compile(r"\s*[+-]?\d+\s*")
NO_LABEL = -1  # among numbers of classes, as Hugging Face datasets write it


@dataclass(frozen=True, slots=True)
class Labels:
    """How the labels of a table are read.

    ``names`` are those that the file's metadata give to label numbers, number 0 first.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...] | None = None

    def name(self, value: Any) -> str | None:
        """Return the class that a label names, None for none, and a class's number as its name.

        A whole number is the name of a class where classes are named by numbers, else the place
        of a class among ``names`` or ``classes``, from 0; there -1 is no label. True and false
        are classes of that name, in any case, else 1 and 0 of two classes. What names no class is
        returned as a string.

        Raises:
            TypeError: it is no string, whole number or truth value.
        """
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return self._truth(value)
        if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
            return self._number(int(value))
        raise TypeError(f"{value!r} is no label")

    def _truth(self, value: bool) -> str | None:
        name = str(value).lower()
        found = next((c for c in self.classes if c.strip().lower() == name), None)
        if found is None and len(self.classes) == 2:
            return self._number(int(value))
        return found or name

    def _number(self, value: int) -> str | None:
        names: Sequence[str] = self.names or self.classes
        if self.names is None and any(map(NUMBER.fullmatch, self.classes)):
            return str(value)
        if value == NO_LABEL:
            return None
        return names[value] if 0 <= value < len(names) else str(value)

    def strings(self, column: pa.Array) -> pa.Array:
        """Return a column of labels as a column of class names.

        Raises:
            TypeError: a value is no label.
        """
        if pa.types.is_null(column.type):
            return pa.nulls(len(column), pa.string())
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        names = pa.array([self.name(v) for v in column.dictionary.to_pylist()], pa.string())
        return names.take(column.indices)
