"""Read rows of a predictions table in any order, through a memory-mapped copy of them.

Parquet is read group by group; a gallery wants rows by confidence. So the wanted rows are copied
once into an uncompressed Arrow file, where one row is read without the others. Another process gets
the rows that it works on as an Arrow stream.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reportgen.characters import ILLEGAL, legal
from reportgen.predictions.alignment import located
from reportgen.predictions.schema import EXPLAIN, EXTRA, HEADS, RANDOM
from reportgen.records import FRACTIONS, Explanation, Prediction, Span

__all__ = ["RowSlice", "Rows", "prediction", "write_rows"]

ROW = "reportgen.row"  # the column with a row's index in the table


@dataclass(frozen=True, slots=True)
class RowSlice:
    """Some rows as an Arrow stream, which another process, on any machine, reads.

    ``order`` has the place of each in the stream.
    """

    content: bytes = b""
    order: tuple[int, ...] = ()

    def take(self) -> Iterator[Prediction]:
        """Yield the rows as ``Rows.take`` does."""
        for batch, place in self._places():
            yield located(prediction(batch, place))

    def texts(self) -> Iterator[str]:
        """Yield only the texts."""
        for batch, place in self._places():
            yield _text(batch.column("text")[place])

    def _places(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        if not self.order:
            return
        with pa.ipc.open_stream(self.content) as stream:
            batches = list(stream)
        starts = _starts(batches)
        for place in self.order:
            part = int(np.searchsorted(starts, place, side="right")) - 1
            yield batches[part], place - int(starts[part])


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows on a disk of this machine."""

    path: Path

    def take(self, indices: Iterable[int]) -> Iterator[Prediction]:
        """Yield the rows with these indices of the table, in this order.

        Their tokens are as a reader sees them, each with a span or None (``alignment``).
        """
        for batch, place in self._places(indices):
            yield located(prediction(batch, place))

    def texts(self, indices: Iterable[int]) -> Iterator[str]:
        """Yield only the texts of these rows."""
        for batch, place in self._places(indices):
            yield _text(batch.column("text")[place])

    def extra(self, indices: Iterable[int]) -> Iterator[dict[str, str]]:
        """Yield only the further columns of these rows, those that have a value."""
        for batch, place in self._places(indices):
            names = (name for name in batch.schema.names if name.startswith(EXTRA))
            yield _extra({name: batch.column(name)[place] for name in names})

    def weights(self, indices: Iterable[int]) -> Iterator[NDArray[np.float32]]:
        """Yield only the weights of these rows, NaN where a token was not read."""
        for batch, place in self._places(indices):
            given = batch.column("attention")[place].values
            yield np.asarray(given.to_numpy(zero_copy_only=False), dtype=np.float32)

    def slice(self, indices: Sequence[int], columns: Collection[str] | None = None) -> RowSlice:
        """Copy rows, in this order, for another process, all their columns or those named.

        A column that the table lacks is left out.
        """
        batches, starts, numbers = _opened(self.path)
        places = np.searchsorted(numbers, np.asarray(indices, dtype=np.int64))
        wanted, order = np.unique(places, return_inverse=True)
        if not len(wanted):
            return RowSlice()
        ends = np.searchsorted(wanted, [*starts, len(numbers)]).tolist()
        sink = pa.BufferOutputStream()
        names = [n for n in batches[0].schema.names if columns is None or n in columns]
        with pa.ipc.new_stream(sink, batches[0].select(names).schema) as stream:
            for batch, start, (low, high) in zip(batches, starts, pairwise(ends), strict=True):
                if low < high:
                    some = batch.select(names).take(pa.array(wanted[low:high] - start))
                    stream.write_batch(some)
        return RowSlice(sink.getvalue().to_pybytes(), tuple(order.tolist()))

    def _places(self, indices: Iterable[int]) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Yield the record batch of each row, and its place there."""
        batches, starts, numbers = _opened(self.path)
        for index in indices:
            place = int(np.searchsorted(numbers, index))
            part = int(np.searchsorted(starts, place, side="right")) - 1
            yield batches[part], place - int(starts[part])

    def close(self) -> None:
        """Delete the file."""
        _opened.cache_clear()
        self.path.unlink(missing_ok=True)


def write_rows(path: Path, groups: Iterable[pa.Table], indices: Sequence[int]) -> Rows:
    """Copy the rows with these indices, in the order of the table, out of its groups."""
    wanted = np.unique(np.asarray(indices, dtype=np.int64))
    writer, start = None, 0
    sink = pa.OSFile(os.fsencode(path), "wb")  # pyarrow refuses names that are not UTF-8
    try:
        for table in groups:
            low, high = np.searchsorted(wanted, (start, start + len(table)))
            inside = wanted[low:high]
            if len(inside):
                part = table if len(inside) == len(table) else table.take(inside - start)
                part = part.append_column(ROW, pa.array(inside)).combine_chunks()
                writer = writer or pa.ipc.new_file(sink, part.schema)
                writer.write_table(part)
            start += len(table)
    finally:
        if writer is not None:
            writer.close()
        sink.close()
    return Rows(path)


@lru_cache(maxsize=4)
def _opened(
    path: Path,
) -> tuple[list[pa.RecordBatch], NDArray[np.int64], NDArray[np.int64]]:
    if not path.stat().st_size:  # no rows were asked for
        return [], np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    with pa.memory_map(os.fsencode(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    batches = table.to_batches()
    return batches, _starts(batches), table[ROW].to_numpy()


def _starts(batches: Sequence[pa.RecordBatch]) -> NDArray[np.int64]:
    """Return the place of the first row of each batch."""
    return np.cumsum([0, *(len(batch) for batch in batches)])[:-1]


def prediction(batch: Any, i: int) -> Prediction:
    """Return the record of one row of a record batch or of a table in one chunk."""
    row = {name: batch.column(name)[i] for name in batch.schema.names}

    def floats(name: str) -> NDArray[np.float32]:
        return np.asarray(row[name].values.to_numpy(zero_copy_only=False), dtype=np.float32)

    def text(name: str) -> str:
        return _text(row[name])

    def optional(name: str) -> bool:
        return name in row and row[name].is_valid

    return Prediction(
        id=text("id"),
        text=text("text"),
        label=text("label") if optional("label") else None,
        probabilities=floats("probabilities"),
        tokens=_tokens(row["tokens"].as_py()),
        attention=floats("attention"),
        spans=_spans(row["spans"]) if optional("spans") else None,
        unknown=row["unknown"].values.to_numpy(zero_copy_only=False).astype(bool)
        if optional("unknown")
        else None,
        logits=floats("logits") if optional("logits") else None,
        in_train=row["in_train"].as_py() if optional("in_train") else None,
        explanation=_explanation(row),
        extra=_extra(row),
        heads=_heads(row[HEADS], len(row["tokens"])) if optional(HEADS) else None,
    )


def _extra(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        legal(name.removeprefix(EXTRA))[0]: _text(value)
        for name, value in row.items()
        if name.startswith(EXTRA) and value.is_valid
    }


def _text(value: Any) -> str:
    return legal(value.as_py())[0]


def _explanation(row: Mapping[str, Any]) -> Explanation | None:
    """Return the values of the row's ``explain.*`` columns, None where it has none."""
    values = {
        field.name: np.asarray(value.values.to_numpy(zero_copy_only=False), dtype=np.float32)
        for field in fields(Explanation)
        if (value := row.get(f"{EXPLAIN}{field.name}")) is not None and value.is_valid
    }
    for name in RANDOM & set(values):
        values[name] = values[name].reshape(-1, len(FRACTIONS))
    return Explanation(**values) if values else None


def _heads(value: Any, tokens: int) -> NDArray[np.float32]:
    flat = value.values.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float32).reshape(len(value), tokens)


def _tokens(tokens: list[str]) -> tuple[str, ...]:
    if ILLEGAL.search("".join(tokens)):
        return tuple(legal(token)[0] for token in tokens)
    return tuple(tokens)


def _spans(column: Any) -> tuple[Span | None, ...]:
    if column.values.null_count:
        return tuple(pair and tuple(pair) for pair in column.as_py())
    flat = column.values.flatten().to_numpy().reshape(-1, 2)
    return tuple(map(tuple, flat.tolist()))
