"""Measure columns of lists of a table, without a loop over its rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reportgen.characters import legal, visible
from reportgen.errors import PredictionsError
from reportgen.marks import unmarked
from reportgen.records import Tokens

__all__ = ["Places", "flat", "flatten", "owners", "sizes", "sums", "tokens_of", "wrong"]


class Places:
    """Names the rows of a table in errors: by number, or by the lines of its file."""

    def __init__(self, shown: Path, lines: Sequence[int] | None) -> None:
        self.shown, self.lines = shown, lines

    def require(self, good: NDArray[np.bool_], start: int, problem: str) -> None:
        """Refuse the table if not all is good from row ``start`` on; the first bad row is named."""
        if not good.all():
            self.fail(start + int(np.argmin(good)), problem)

    def fail(self, row: int, problem: str) -> NoReturn:
        """Refuse the table for a row."""
        place = f", row {row + 1}" if self.lines is None else f":{self.lines[row]}"
        raise PredictionsError(f"{self.shown}{place}: {problem}")


def sizes(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Return the length of each row's list [n], 0 for null."""
    lengths = pa.compute.list_value_length(table.column(name).combine_chunks())
    counts = pa.compute.fill_null(lengths, 0)
    return np.asarray(counts.to_numpy(zero_copy_only=False), dtype=np.int64)


def owners(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row of each value of lists of these lengths."""
    return np.repeat(np.arange(len(counts)), counts)


def flatten(table: pa.Table, name: str) -> pa.Array:
    """Return the values of all rows' lists."""
    return table.column(name).combine_chunks().flatten()


def flat(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return the numbers of all rows' lists, NaN for null."""
    values = flatten(table, name)
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def wrong(table: pa.Table, name: str, values: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Count the wrong values of each row's list."""
    counts = sizes(table, name)
    found = np.bincount(owners(counts), weights=values, minlength=len(counts))
    return found.astype(np.float64, copy=False)


def sums(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Sum the numbers of each row's list."""
    counts = sizes(table, name)
    found = np.bincount(owners(counts), weights=flat(table, name), minlength=len(counts))
    return found.astype(np.float64, copy=False)


def tokens_of(table: pa.Table, marked: bool) -> Tokens:
    """Return the tokens and weights of rows; ``marked`` ones lose the marks of their tokenizer."""
    coded = table["tokens"].combine_chunks().flatten().dictionary_encode()
    names = coded.dictionary.to_pylist()
    shown = pa.array([visible(unmarked(n) if marked else n) for n in names], pa.string())
    words = pa.compute.utf8_lower(shown.take(coded.indices)).dictionary_encode()
    weights = table["attention"].combine_chunks().flatten()
    lengths = pa.compute.list_value_length(table["tokens"])
    return Tokens(
        [legal(word)[0] for word in words.dictionary.to_pylist()],
        words.indices.to_numpy().astype(np.int64),
        weights.to_numpy(zero_copy_only=False).astype(np.float64),
        lengths.to_numpy().astype(np.int64),
    )
