"""Data frames and rows in, rows of the predictions table out, as JSON Lines hold them.

Any frame will do that has ``columns`` (or ``column_names``) and gives a column by its name, such
as those of pandas, polars, Arrow and Hugging Face, or a mapping of names to columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.errors import PredictionsError, UsageError

__all__ = ["TableRows", "data_lines", "plain", "table_rows"]

Row = dict[str, Any]
PER_CLASS = "probability."  # before the name of a class, as in a report's predictions.csv
WEIGHTS = ("attention", "weights")
SCALARS = (str, int, float, bool)
MISSING = {"NAType", "NaTType"}  # pandas' own, which compare with nothing


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of the table, the names of its classes, and what messages call their source."""

    rows: list[Row]
    classes: tuple[str, ...]
    name: str


def table_rows(source: Any, classes: Sequence[str] | None, known: Iterable[str]) -> TableRows:
    """Bring a frame, or rows, into the shape of the table.

    The class probabilities are a column ``probabilities`` in the order of ``classes``, or one
    column per class, named ``CLASS`` or ``probability.CLASS``. Without ``id`` the index of the
    frame identifies a row, or else its number. Further columns that hold single values are kept
    as ``extra.NAME``; ``known`` are the columns that the table knows.

    Raises:
        UsageError: it is no frame and no rows, or ``classes`` cannot be told.
        PredictionsError: a column that the table needs is missing; the message names it.
    """
    rows, index, shown = _rows(source)
    if not rows:
        raise PredictionsError(f"{shown}: there are no rows")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    by_class = _class_columns(columns, classes, shown)
    _require(columns, shown)
    used = {*known, *WEIGHTS, *by_class.values()}
    further = [column for column in columns if column not in used and "." not in column]
    names = tuple(by_class) if classes is None else tuple(map(str, classes))
    shaped = [
        _shaped(row, index[i] if index else i + 1, by_class, further) for i, row in enumerate(rows)
    ]
    return TableRows(shaped, names, shown)


def data_lines(source: Any, id_column: str) -> Iterator[str]:
    """Yield a frame, or rows, as the lines of a data file in JSON Lines.

    Without ``id_column`` the index of the frame identifies a row, if it has one.

    Raises:
        UsageError: it is no frame and no rows.
        PredictionsError: its columns do not belong together; the message names one.
    """
    rows, index, shown = _rows(source)
    if not rows:
        raise PredictionsError(f"{shown}: there are no rows")
    for i, row in enumerate(rows):
        given = {id_column: str(index[i])} if index else {}
        yield f"{json.dumps({**given, **row}, ensure_ascii=False)}\n"


def _shaped(row: Row, id_: Any, by_class: Mapping[str, str], further: Sequence[str]) -> Row:
    shaped = {key: value for key, value in row.items() if key not in further}
    if by_class:
        columns = set(by_class.values())
        shaped = {key: value for key, value in shaped.items() if key not in columns}
        shaped["probabilities"] = [row.get(column) for column in by_class.values()]
    if shaped.get("id") is None:
        shaped["id"] = str(id_)
    shaped.setdefault("label", None)
    for column in further:
        value = row.get(column)
        if isinstance(value, SCALARS):
            shaped[f"extra.{column}"] = value
    return shaped


def _rows(source: Any) -> tuple[list[Row], list[Any] | None, str]:
    """Return the rows, the values of the index if there is one, and the name of the source."""
    if isinstance(source, Mapping) and isinstance(source.get("text"), str):
        source = [source]  # one row
    columns = _columns(source)
    if columns is not None:
        names = list(columns)
        single = [name for name in names if not _is_column(columns[name])]
        if single:
            raise PredictionsError(f"column {single[0]!r} is not a list with one value per row")
        values = zip(*map(_listed, columns.values()), strict=True)
        index = getattr(source, "index", None)
        ids = None if index is None or callable(index) else _listed(index)
        try:
            rows = [dict(zip(names, row, strict=True)) for row in values]
        except ValueError:
            raise PredictionsError("the columns have different lengths") from None
        return rows, ids, "the data frame"
    if isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise UsageError(
            f"{type(source).__name__}: not a data frame, rows, predictions, or the path of a table"
        )
    rows = []
    for number, row in enumerate(source, 1):
        if not isinstance(row, Mapping):
            raise PredictionsError(f"the rows, row {number}: {type(row).__name__}, not a mapping")
        rows.append({str(key): plain(value) for key, value in row.items()})
    return rows, None, "the rows"


def _columns(source: Any) -> dict[str, Any] | None:
    """Return the columns of a frame by name; None where it is none."""
    if isinstance(source, Mapping):
        return {str(name): values for name, values in source.items()}
    for attribute in ("column_names", "columns"):
        names = getattr(source, attribute, None)
        if names is not None and hasattr(source, "__getitem__") and not callable(names):
            found = {str(name): source[name] for name in names}
            if len(found) < len(list(names)):
                raise PredictionsError("the data frame has two columns of one name")
            return found
    return None


def _is_column(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _listed(column: Any) -> list[Any]:
    """Return the values of a column as plain ones of Python; missing ones are None."""
    return list(map(plain, _unwrapped(column)))


def _unwrapped(value: Any) -> Any:
    """Return arrays, tensors and the columns of frames as what they are made of."""
    if hasattr(value, "detach"):  # a tensor that may need gradients, or lie on a GPU
        value = value.detach().cpu()
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(value, method):
            return getattr(value, method)()
    return value


def plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers, lists, None for what is missing.

    Arrays and tensors become lists; not a number (NaN) becomes None, also inside lists.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value) if value == value else None
    for kind in (str, int):
        if isinstance(value, kind):
            return kind(value)
    if type(value).__name__ in MISSING:
        return None
    value = _unwrapped(value)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, SCALARS):
        return plain(value)
    return str(value)


def _class_columns(
    columns: Sequence[str], classes: Sequence[str] | None, shown: str
) -> dict[str, str]:
    """Return the column of each class; none where the probabilities are in one column."""
    if "probabilities" in columns:
        if classes is None:
            raise UsageError("classes=[...] is missing: the names in the order of `probabilities`")
        return {}
    if classes is None:
        found = [column for column in columns if column.startswith(PER_CLASS)]
        if not found:
            raise UsageError(
                f"classes=[...] is missing: {shown} has no columns {PER_CLASS}CLASS to take them"
                " from"
            )
        return {column.removeprefix(PER_CLASS): column for column in found}
    by_class: dict[str, str] = {}
    for name in map(str, classes):
        column = next((c for c in (f"{PER_CLASS}{name}", name) if c in columns), None)
        if column is None:
            raise PredictionsError(
                f"{shown}: no column probabilities, and none with the probability of class"
                f" {name!r} ({PER_CLASS}{name} or {name})"
            )
        by_class[name] = column
    return by_class


def _require(columns: Sequence[str], shown: str) -> None:
    weights = next((name for name in WEIGHTS if name in columns), None)
    if "text" not in columns:
        raise PredictionsError(f"{shown}: no column text; a report needs the text of each row")
    if weights and "tokens" not in columns:
        raise PredictionsError(
            f"{shown}: no column tokens, whose weights column {weights} would be (a list of each"
            " per row); from_shap, from_attributions and `reportgen predict` make both"
        )
