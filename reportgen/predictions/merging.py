"""Write a table anew with its word-pieces merged to words, a group of rows in memory at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from reportgen.characters import legal
from reportgen.errors import PredictionsError
from reportgen.predictions import schema
from reportgen.predictions.alignment import places
from reportgen.predictions.columns import flatten, sizes
from reportgen.predictions.schema import EXPLAIN, GRADIENTS, HEADS, column_type, metadata
from reportgen.records import RunInfo, WeightKind, Weights
from reportgen.subwords import Words, find_words, steps

__all__ = ["write_words"]

LEFT_OUT = f"{EXPLAIN}left_out"


def write_words(
    path: Path, tables: Iterable[pa.Table], columns: Sequence[str], info: RunInfo, marks: Any
) -> None:
    """Write groups of rows of the schema's types to a parquet file, their tokens merged to words.

    Weights, heads and gradients of pieces are summed; a word is out of the vocabulary if a piece
    is; what was measured without one token stays where the word is that token. Other columns hold
    probabilities of whole texts and stay. The metadata say what was done.

    Raises:
        PredictionsError: the file cannot be written.
    """
    said = info.weights or Weights()
    merged = dropped = False
    shape = pa.schema([(name, column_type(name)) for name in columns])
    try:
        with (
            pa.OSFile(os.fsencode(path), "wb") as file,
            # Without Arrow's own schema, which would hide the metadata that are known at the end.
            pq.ParquetWriter(file, shape, compression="zstd", store_schema=False) as writer,
        ):
            for table in tables:
                rows = _words(table, marks)
                merged |= any(words.merged for words in rows)
                dropped |= any(words.dropped for words in rows)
                whole = _merged(table, rows, said.kind)
                writer.write_table(whole.cast(shape), row_group_size=schema.ROW_GROUP)
            done = (*said.steps, *steps(merged, dropped, said.kind))
            made = replace(said, steps=tuple(dict.fromkeys(done)))
            written = replace(info, weights=info.weights and made)
            writer.add_key_value_metadata(metadata(written))
    except (OSError, pa.ArrowException) as error:
        raise PredictionsError(f"{path}: cannot write the predictions ({error})") from error


def _words(table: pa.Table, marks: frozenset[str]) -> list[Words]:
    spans = table["spans"].to_pylist() if "spans" in table.column_names else [None] * len(table)
    rows = zip(table["tokens"].to_pylist(), spans, table["text"].to_pylist(), strict=True)
    return [
        find_words(tokens, given, text, None, marks)
        if given is not None
        else replace(find_words(tokens, places(text, tokens), text, None, marks), spans=None)
        for tokens, given, text in rows
    ]


def _merged(table: pa.Table, rows: Sequence[Words], kind: WeightKind) -> pa.Table:
    """Return the columns of a group of rows, those that have a value per token by word."""
    values: dict[str, list[Any]] = {
        "text": [legal(text)[0] for text in table["text"].to_pylist()],  # as they were counted
        "tokens": [words.tokens for words in rows],
        "spans": [words.spans for words in rows],
    }
    if "attention" in table.column_names:
        weights = _each(table, "attention", rows)
        values["attention"] = [None if v is None else w.weights(v, kind) for w, v in weights]
    for name, by_word in ((GRADIENTS, Words.sums), (LEFT_OUT, Words.alone)):
        if name in table.column_names:
            values[name] = [
                None if v is None else by_word(w, v) for w, v in _each(table, name, rows)
            ]
    if "unknown" in table.column_names:
        flags = _each(table, "unknown", rows)
        values["unknown"] = [None if v is None else w.any(v == 1).tolist() for w, v in flags]
    if HEADS in table.column_names:
        values[HEADS] = _heads(table, rows, kind)
    for name, column in values.items():
        if name in table.column_names:
            arrays = [
                pa.array(v, from_pandas=True) if isinstance(v, np.ndarray) else v for v in column
            ]
            place = table.column_names.index(name)
            table = table.set_column(place, name, pa.array(arrays, column_type(name)))
    return table


def _each(
    table: pa.Table, name: str, rows: Sequence[Words]
) -> Iterable[tuple[Words, NDArray[np.float64] | None]]:
    """Pair the words of each row with its numbers by token, None where it has none."""
    numbers = flatten(table, name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    parts = np.split(numbers, np.cumsum(sizes(table, name))[:-1])
    given = table[name].is_valid().to_pylist()
    return zip(rows, [p if g else None for p, g in zip(parts, given, strict=True)], strict=True)


def _heads(table: pa.Table, rows: Sequence[Words], kind: WeightKind) -> list[Any]:
    heads: list[Any] = []
    for words, row in zip(rows, table[HEADS].to_pylist(), strict=True):
        if row is None:
            heads.append(None)
            continue
        by_word = words.weights(np.array(row, dtype=np.float64).reshape(len(row), -1), kind)
        heads.append([pa.array(head, from_pandas=True) for head in by_word])
    return heads
