"""Say whether values of JSON and columns of Arrow fit the table's columns, which convert little.

A whole number stands for a label, an id or a further column, since data frames hold them so, and a
truth value for a label. All else that Arrow would convert in silence (a truth value or a string to
a number, 0.5 to 0) is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import pyarrow as pa

from reportgen.predictions.schema import EXTRA, HEADS, column_type
from reportgen.remedies import MULTI_LABEL

__all__ = [
    "accepts",
    "as_json_column",
    "fits",
    "is_list",
    "is_string",
    "meaning",
    "wrong_type",
]

NULL = type(None)

MEANINGS = {
    "text": "a string or a list of two strings",
    "label": "one class name, a class number, true or false",
    "spans": "a list of pairs of whole numbers",
    HEADS: "a list of lists of numbers, one list for each head",
}


def wrong_type(name: str, found: pa.DataType) -> str:
    """Say that a column's type is wrong."""
    more = f"; {MULTI_LABEL}" if name == "label" and is_list(found) else ""
    return f"column {name} is {found}, not {meaning(name)}{more}"


def meaning(name: str) -> str:
    """Say what values a column holds, as the end of "NAME is not …"."""
    kind = column_type(name)
    if name in MEANINGS:
        return MEANINGS[name]
    if not pa.types.is_list(kind):
        return "true or false" if pa.types.is_boolean(kind) else "a string"
    item = kind.value_type
    if pa.types.is_boolean(item):
        return "a list of true and false"
    return f"a list of {'strings' if pa.types.is_string(item) else 'numbers'}"


def fits(name: str, value: Any) -> bool:
    """Say whether a value of JSON fits a column; null does, and whether it may stand is checked."""
    if value is None:
        return True
    kind = column_type(name)
    if name == "spans":
        return _list_of(value, {list, NULL}) and _all(
            chain.from_iterable(span for span in value if span), {int, NULL}
        )
    if name == HEADS:
        return _list_of(value, {list, NULL}) and _all(
            chain.from_iterable(head for head in value if head), {int, float, NULL}
        )
    if pa.types.is_list(kind):
        item = kind.value_type
        if pa.types.is_boolean(item):
            return _list_of(value, {bool, NULL})
        return _list_of(value, {str, NULL} if pa.types.is_string(item) else {int, float, NULL})
    if pa.types.is_boolean(kind):
        return type(value) is bool
    return _one(name, value)


def _one(name: str, value: Any) -> bool:
    """Say whether a value of JSON fits a column of strings."""
    if type(value) is int:
        return name in ("id", "label") or name.startswith(EXTRA)
    if type(value) is list:
        return name == "text" and _list_of(value, {str}) and len(value) == 2
    if type(value) is float and name == "label":
        return value.is_integer() or value != value
    return type(value) is str or (
        type(value) in (float, bool) and (name == "label" or name.startswith(EXTRA))
    )


def _list_of(value: Any, types: set[type]) -> bool:
    return type(value) is list and _all(value, types)


def _all(values: Iterable[Any], types: set[type]) -> bool:
    return set(map(type, values)) <= types


def as_json_column(name: str, value: Any) -> Any:
    """Return a value of JSON that fits its column as Arrow takes it: numbers become strings."""
    if column_type(name) != pa.string() or value is None or type(value) in (str, list):
        return value
    return str(value).lower() if type(value) is bool else str(value)


def accepts(name: str, found: pa.DataType) -> bool:
    """Say whether a column of this Arrow type may be cast to that of the schema."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    if pa.types.is_null(found):
        return True
    if name.startswith(EXTRA):
        return not pa.types.is_nested(found)
    if name == "label":
        return _is_one(found) or is_string(found)
    if name == "text" and is_list(found):
        return is_string(found.value_type)
    wanted = column_type(name)
    if pa.types.is_list(wanted):
        return is_list(found) and _item(name, wanted.value_type, found.value_type)
    if name == "id" and pa.types.is_integer(found):
        return True
    return _item(name, wanted, found)


def _item(name: str, wanted: pa.DataType, found: pa.DataType) -> bool:
    if pa.types.is_null(found):
        return True
    if pa.types.is_dictionary(found):
        found = found.value_type
    if pa.types.is_list(wanted):
        return is_list(found) and _item(name, wanted.value_type, found.value_type)
    if pa.types.is_string(wanted):
        return is_string(found)
    if pa.types.is_boolean(wanted):
        return bool(pa.types.is_boolean(found))
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_integer(found))
    return bool(pa.types.is_floating(found) or pa.types.is_integer(found))


def _is_one(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def is_list(kind: pa.DataType) -> bool:
    """Say whether it is one of Arrow's types of lists."""
    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in tests)


def is_string(kind: pa.DataType) -> bool:
    """Say whether it is one of Arrow's types of strings."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(kind) for test in tests)
