"""Read the rows of Parquet files: one, or the shards of a table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from reportgen.class_names import class_names
from reportgen.corpus.reading import Reading, Row, row_of
from reportgen.errors import DataError
from reportgen.files import check_regular
from reportgen.remedies import MULTI_LABEL

__all__ = ["read_parquet"]

BATCH = 256  # rows
PANDAS_INDEX = "__index_level_"  # of a data frame; it says nothing of the text

Names = dict[str, tuple[str, ...] | None]  # of the classes, by column


def read_parquet(files: Sequence[Path], reading: Reading) -> Iterator[Row | DataError]:
    """Yield the rows in their order; in the place of a bad row, the error about it.

    Numbers of a column whose classes the file names become their names.

    Raises:
        DataError: a file is not Parquet or damaged, lacks a column, has a text or label of another
            type, or shards have different columns.
    """
    first: Names | None = None
    for path in files:
        with _opened(path) as file:
            schema = file.schema_arrow
            _check_types(schema, reading, path)
            names = {name: class_names(schema, name) for name in schema.names}
            if first is None:
                first = names
            elif names != first:
                raise DataError(
                    f"columns or class names are not those of {files[0].name}; write all shards of"
                    " a split alike",
                    file=path,
                )
            number = 0
            for batch in file.iter_batches(BATCH):
                for values in zip(*_columns(batch, names), strict=True):
                    number += 1
                    yield _row(dict(zip(names, values, strict=True)), reading, path, number)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    check_regular(path)
    try:
        with pa.OSFile(os.fsencode(path), "rb") as source, pq.ParquetFile(source) as file:
            yield file
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the file system
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"not a Parquet file that can be read ({reason})", file=path) from error


def _check_types(schema: pa.Schema, reading: Reading, path: Path) -> None:
    names = schema.names
    missing = reading.missing(names)
    if missing is not None:
        raise DataError("; ".join(missing), file=path)
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise DataError(f"duplicate column {duplicate!r}", file=path)
    text = _plain(schema.field(reading.text).type)
    if not (_is_text(text) or types.is_null(text)):
        raise DataError(
            f"column {reading.text!r} is {text}, not text; name the text with --text-column",
            file=path,
        )
    label = None if reading.unlabelled else _plain(schema.field(reading.label).type)
    if label is not None and (types.is_nested(label) or _is_binary(label)):
        problem = f"column {reading.label!r} is {label}, not a label; name one with --label-column"
        if types.is_nested(label):
            problem += f"; {MULTI_LABEL}"
        raise DataError(problem, file=path)


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values, of which a dictionary holds each once."""
    return kind.value_type if types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return any(is_(kind) for is_ in (types.is_string, types.is_large_string, types.is_string_view))


def _is_binary(kind: pa.DataType) -> bool:
    kinds = types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary
    return any(is_(kind) for is_ in kinds)


def _columns(batch: pa.RecordBatch, names: Names) -> Iterator[list[Any]]:
    for column, named in zip(batch.columns, names.values(), strict=True):
        values = _values(column)
        yield values if named is None else [_named(value, named) for value in values]


def _values(column: pa.Array) -> list[Any]:
    """Return the values as Python has them; dates and times as text, an error for a broken one."""
    if types.is_temporal(column.type) or types.is_float16(column.type):
        column = column.cast(pa.string())
    elif types.is_float32(column.type):  # 0.1, not 0.10000000149011612
        column = column.cast(pa.string()).cast(pa.float64())
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except ValueError:
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except ValueError as error:
        return error


def _named(value: Any, names: tuple[str, ...]) -> Any:
    """Return the name of a label number; -1 is no label, as in data sets for a competition."""
    if not isinstance(value, int) or value == -1:
        return None if value == -1 else value
    if 0 <= value < len(names):
        return names[value]
    return ValueError(f"label {value} has no name (the file names {len(names)}, from 0)")


def _row(values: dict[str, Any], reading: Reading, path: Path, number: int) -> Row | DataError:
    try:
        for name, value in values.items():
            if isinstance(value, UnicodeDecodeError):
                raise ValueError(f"field {name!r} is not UTF-8")
            if isinstance(value, ValueError):
                raise value
        values = {k: v for k, v in values.items() if not k.startswith(PANDAS_INDEX)}
        return row_of(values, reading, path, number)
    except ValueError as error:
        return DataError(str(error), file=path, line=number)
