"""Read a parquet table by groups of rows, its columns in the form that the schema gives them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reportgen.errors import PredictionsError
from reportgen.predictions import schema
from reportgen.predictions.labels import Labels
from reportgen.predictions.pairs import joined, shifted
from reportgen.predictions.schema import (
    ALIASES,
    OF_ATTENTION,
    OF_TOKENS,
    column_type,
    is_known,
)
from reportgen.predictions.types import accepts, is_list, is_string, meaning, wrong_type

__all__ = ["ColumnError", "Form", "filled", "groups", "opened", "usable"]


class ColumnError(Exception):
    """A column of a parquet file cannot be read; ``row`` is counted from its group's first."""

    def __init__(self, problem: str, row: int | None = None) -> None:
        super().__init__(problem)
        self.row = row


@dataclass(frozen=True, slots=True)
class Form:
    """How the columns of a table become those of the schema.

    ``weights`` is the name of the column that holds ``attention``.
    """

    labels: Labels
    weights: str = "attention"


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a parquet file.

    Raises:
        PredictionsError: it cannot be read.
    """
    try:
        with pa.OSFile(os.fsencode(path), "rb") as source, pq.ParquetFile(source) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        hint = "" if path.suffix == ".parquet" else "; tables are .parquet, .jsonl or .jsonl.gz"
        raise PredictionsError(
            f"{path}: not a parquet file that can be read ({first}){hint}"
        ) from error


def groups(file: pq.ParquetFile, columns: Sequence[str], form: Form) -> Iterator[pa.Table]:
    """Yield some columns, of the schema's types, a group of rows at a time.

    Raises:
        ColumnError: a column is of another type, or a text has parts that cannot be joined.
    """
    names = {name: form.weights if name == "attention" else name for name in columns}
    for batch in file.iter_batches(schema.ROW_GROUP, columns=[*names.values()]):
        raw = {name: batch.column(names[name]) for name in columns}
        if "text" in raw:
            raw |= _one_text(raw)
        yield pa.table({name: _cast(raw[name], names[name], form) for name in columns})


def usable(file: pq.ParquetFile, weights: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the columns that a reader uses, and those that say nothing without others.

    ``weights`` is the name of the column ``attention``. Tokens and weights that are null in every
    row are not there.

    Raises:
        ColumnError: there are weights and no tokens.
    """
    names = [name for name in file.schema_arrow.names if is_known(name)]
    known = ["attention" if name == weights else name for name in names]
    known = [name for name in known if name not in ALIASES]
    tokenized, weighted = _has_values(file, "tokens"), _has_values(file, weights)
    if weighted and not tokenized:
        raise ColumnError(f"column {weights} without column tokens; see the README")
    lacking = ["tokens"] * (not tokenized) + ["attention"] * (not weighted)
    useless = {*OF_TOKENS * (not tokenized), *OF_ATTENTION * (not weighted)}
    columns = [name for name in known if name not in useless and name not in lacking]
    return columns, tuple(name for name in known if name in useless)


def _has_values(file: pq.ParquetFile, name: str) -> bool:
    """Say whether a column is there and not null in every row."""
    return name in file.schema_arrow.names and any(
        batch.column(0).null_count < len(batch)
        for batch in file.iter_batches(schema.ROW_GROUP, columns=[name])
    )


def filled(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Give tables without tokens empty lists of them, and those without weights lists of null."""
    for table in tables:
        if "tokens" not in table.column_names:
            empty = pa.array([[]] * len(table), column_type("tokens"))
            table = table.append_column("tokens", empty)
        if "attention" not in table.column_names:
            tokens = table["tokens"].combine_chunks()
            lengths = pa.compute.fill_null(pa.compute.list_value_length(tokens), 0)
            ends = np.cumsum([0, *lengths.to_numpy(zero_copy_only=False)])
            nothing = pa.nulls(int(ends[-1]), pa.float32())
            lists = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), nothing)
            table = table.append_column("attention", lists)
        yield table


def _one_text(raw: dict[str, Any]) -> dict[str, pa.Array]:
    """Return the columns ``text`` and ``spans`` of texts whose parts are joined."""
    spans = raw.get("spans")
    if is_list(raw["text"].type) and is_string(raw["text"].type.value_type):
        rows = [None] * len(raw["text"]) if spans is None else spans.to_pylist()
        pairs = [
            (None, row) if parts is None else joined(_two(parts, i), row)
            for i, (parts, row) in enumerate(zip(raw["text"].to_pylist(), rows, strict=True))
        ]
        texts = {"text": pa.array([text for text, _ in pairs], pa.string())}
        if spans is None:
            return texts
        return texts | {"spans": pa.array([row for _, row in pairs], column_type("spans"))}
    if spans is not None and "tokens" in raw and accepts("spans", spans.type):
        return _restarted(raw)
    return {}


def _two(parts: list[str | None], row: int) -> list[str]:
    if len(parts) != 2 or None in parts:
        raise ColumnError(f"text is not {meaning('text')}", row)
    return [part for part in parts if part is not None]


def _restarted(raw: dict[str, Any]) -> dict[str, pa.Array]:
    """Return the spans of texts in which they start again, moved to where the second part is."""
    spans = raw["spans"].cast(column_type("spans"))
    moved = dict[int, Any]()
    for i in _backward(spans):
        text, tokens, row = (raw[name][i].as_py() for name in ("text", "tokens", "spans"))
        if text is not None and len(row) == len(tokens or ()) and None not in tokens:
            moved[i] = shifted(text, tokens, row)
    if not any(moved.values()):
        return {}
    rows = [moved.get(i) or row for i, row in enumerate(spans.to_pylist())]
    return {"spans": pa.array(rows, column_type("spans"))}


def _backward(spans: pa.Array) -> list[int]:
    """Return the rows with a span that does not begin after the one before it."""
    pairs = spans.flatten()
    sizes = pa.compute.fill_null(pa.compute.list_value_length(pairs), 0).to_numpy()
    values = pairs.flatten()
    if values.null_count or not np.isin(sizes, (0, 2)).all():
        return []  # which the checks refuse
    lengths = pa.compute.fill_null(pa.compute.list_value_length(spans), 0).to_numpy()
    owner = np.repeat(np.arange(len(spans)), lengths)[sizes == 2]
    begin, end = values.to_numpy().reshape(-1, 2).T
    owner, begin = owner[begin < end], begin[begin < end]
    backward = (np.diff(begin) <= 0) & (np.diff(owner) == 0)
    return [int(row) for row in np.unique(owner[1:][backward])]


def _cast(column: pa.Array, name: str, form: Form) -> pa.Array:
    if not accepts(name, column.type):
        raise ColumnError(wrong_type(name, column.type))
    wanted = column_type(name)
    try:
        if name == "label":
            return form.labels.strings(column)
        return column.cast(wanted)
    except TypeError:
        raise ColumnError(wrong_type(name, column.type)) from None
    except pa.ArrowException as error:
        raise ColumnError(f"column {name} is {column.type}, not {wanted} ({error})") from error
