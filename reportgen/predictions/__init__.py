"""The seam: write predictions into a table on disk and read them back. Any program may write one.

Parquet, or JSON Lines of the same shape (the first line holds the run's metadata). Both are
written and read in groups of rows, so memory does not grow with the split.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from reportgen.characters import legal
from reportgen.class_names import class_names
from reportgen.errors import PredictionsError
from reportgen.files import temporary_folder
from reportgen.predictions import schema
from reportgen.predictions.checks import Scan
from reportgen.predictions.columns import Places, tokens_of
from reportgen.predictions.groups import ColumnError, Form, filled, groups, opened, usable
from reportgen.predictions.jsonl import import_jsonl, import_rows
from reportgen.predictions.labels import Labels
from reportgen.predictions.merging import write_words
from reportgen.predictions.rows import Rows, RowSlice, prediction, write_rows
from reportgen.predictions.schema import (
    ALIASES,
    EXPLAIN,
    EXTRA,
    HEADS,
    METADATA_KEY,
    OF_ATTENTION,
    OF_GRADIENTS,
    OF_TOKENS,
    OPTIONAL,
    OPTIONAL_MEANING,
    REQUIRED,
    column_type,
    metadata,
    parse_info,
)
from reportgen.predictions.weights import are_gradients
from reportgen.records import Prediction, RunInfo, Tokens

__all__ = [
    "EXPLAIN_COLUMNS",
    "HEADS",
    "METADATA_KEY",
    "OPTIONAL",
    "REQUIRED",
    "WRITTEN",
    "Predictions",
    "RowGroup",
    "RowSlice",
    "Rows",
    "import_rows",
    "open_predictions",
    "write_predictions",
]


EXPLAIN_COLUMNS = EXPLAIN
WRITTEN = ("spans", "unknown", "logits")


def write_predictions(
    path: Path,
    info: RunInfo,
    predictions: Iterable[Prediction],
    extra: Sequence[str] = (),
    columns: Sequence[str] = WRITTEN,
) -> None:
    """Write a parquet table; ``columns`` are the optional ones, ``extra`` the further ones.

    Raises:
        PredictionsError: the file cannot be written.
    """
    names = ["id", "text", "label", "probabilities", "tokens", "attention", *columns]
    types = {name: column_type(name) for name in [*names, *(f"{EXTRA}{name}" for name in extra)]}
    shape = pa.schema(list(types.items()), metadata(info))
    stream = iter(predictions)
    try:
        with (
            pa.OSFile(os.fsencode(path), "wb") as file,  # pyarrow refuses names that are not UTF-8
            pq.ParquetWriter(file, shape, compression="zstd") as writer,
        ):
            while group := list(islice(stream, schema.ROW_GROUP)):
                values = {name: [_value(p, name) for p in group] for name in types}
                writer.write_table(pa.table(values, schema=shape), row_group_size=schema.ROW_GROUP)
    except (OSError, pa.ArrowException) as error:
        raise PredictionsError(f"{path}: cannot write the predictions ({error})") from error


def _value(prediction: Prediction, name: str) -> Any:
    if name.startswith(EXTRA):
        return prediction.extra.get(name.removeprefix(EXTRA))
    if name.startswith(EXPLAIN):
        if prediction.explanation is None:
            return None
        measured = getattr(prediction.explanation, name.removeprefix(EXPLAIN))
        if measured is None:
            return None
        return pa.array(measured.ravel(), pa.float32(), from_pandas=True)  # NaN becomes null
    if name == HEADS:
        heads = prediction.heads
        return None if heads is None else [pa.array(h, from_pandas=True) for h in heads]
    value = getattr(prediction, name)
    if name == "attention":
        return pa.array(value, from_pandas=True)  # NaN becomes null
    return value


@dataclass(frozen=True, slots=True, eq=False)
class RowGroup:
    """What the findings need of some neighbouring rows.

    ``explained`` has the rows with an explanation by their index in the table, ``extra`` the
    values of the further columns that were asked for.
    """

    tokens: Tokens
    explained: Mapping[int, Prediction]
    extra: Mapping[str, list[str | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """An open, checked table. Rows are read on demand.

    ``gold`` [N] are class indices, -1 where there is no label, ``probabilities`` are [N, K],
    ``lengths`` [N] count tokens, or characters where the table has no tokens (``tokenized``),
    ``unread`` [N] the tokens that the model did not read,
    ``unknown_tokens`` [N] those that the vocab lacks, ``logits`` are [N, K], ``in_train`` [N] says
    what was trained on too (each None without its column, or where a row has none); ``explained``
    [N] says which rows have an explanation. ``info.weights`` says what the weights are, also where
    the table does not; it is None where there are none (``weighted``). ``form`` is how its columns
    are read; ``marks`` are the marks of tokenizers that its tokens have ("Ġword", "[CLS]").
    ``unused`` are columns that say nothing without others, which the table lacks.
    """

    path: Path
    info: RunInfo
    ids: list[str]
    gold: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    lengths: NDArray[np.int64]
    unread: NDArray[np.int64]
    unknown_tokens: NDArray[np.int64] | None
    logits: NDArray[np.float64] | None
    in_train: NDArray[np.bool_] | None
    explained: NDArray[np.bool_]
    columns: tuple[str, ...]
    form: Form
    marks: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def missing(self) -> dict[str, str]:
        """The optional columns that are not there, with what the report lacks for it.

        Without explanations their first column stands for all of them, and without tokens or
        attention these stand for what needs them; a column of labels that are all null is missing
        too.
        """
        present = set(self.columns) - ({"label"} if (self.gold < 0).all() else set())
        explained = any(name.startswith(EXPLAIN) for name in present)
        useless = OF_TOKENS if not self.tokenized else ()
        useless += ("spans", *OF_ATTENTION) if not self.weighted else ()
        return {
            name: meaning
            for name, meaning in OPTIONAL_MEANING.items()
            if name not in present
            and name not in useless
            and (explained or name == f"{EXPLAIN}attention_removed" or not name.startswith(EXPLAIN))
        }

    @property
    def tokenized(self) -> bool:
        """Whether the table has tokens."""
        return "tokens" in self.columns

    @property
    def unit(self) -> str:
        """What ``lengths`` count."""
        return "token" if self.tokenized else "character"

    @property
    def weighted(self) -> bool:
        """Whether the tokens have weights."""
        return "attention" in self.columns

    @property
    def extra(self) -> tuple[str, ...]:
        """The names of the further columns of the data."""
        names = (c.removeprefix(EXTRA) for c in self.columns if c.startswith(EXTRA))
        return tuple(legal(name)[0] for name in names)

    def __iter__(self) -> Iterator[Prediction]:
        """Yield all rows in the order of the table, a row group in memory at a time."""
        with opened(self.path) as file:
            for table in filled(groups(file, self.columns, self.form)):
                for i in range(len(table)):
                    yield prediction(table, i)

    def texts(self) -> Iterator[str]:
        """Yield the text of every row in the order of the table."""
        with opened(self.path) as file:
            for table in groups(file, ["text"], self.form):
                yield from (legal(text)[0] for text in table["text"].to_pylist())

    def arrow(self) -> pa.Table:
        """Return the whole table, with the columns that the schema knows, in its types."""
        with opened(self.path) as file:
            return pa.concat_tables(groups(file, self.columns, self.form))

    def groups(self, extra: Sequence[str] = ()) -> Iterator[RowGroup]:
        """Read the table once, a row group at a time; ``extra`` are further columns to read too."""
        wanted = {"id", "tokens", "attention", *(f"{EXTRA}{name}" for name in extra)}
        columns = [name for name in self.columns if name in wanted or self.explained.any()]
        start = 0
        with opened(self.path) as file:
            for table in filled(groups(file, columns, self.form)):
                end = start + len(table)
                places = start + np.flatnonzero(self.explained[start:end])
                yield RowGroup(
                    tokens_of(table, bool(self.marks - {"special"})),
                    {int(i): prediction(table, int(i) - start) for i in places},
                    {name: table[f"{EXTRA}{name}"].to_pylist() for name in extra},
                )
                start = end

    def saved(self, path: Path, words: bool = True) -> Predictions:
        """Write the table to a file and return it opened there.

        With ``words`` the marks of its tokenizer are read: word-pieces are merged to words and
        special tokens left out, as ``info.weights.steps`` then says.

        Raises:
            PredictionsError: the file cannot be written.
        """
        if not (words and self.marks):
            shutil.copyfile(self.path, path)
            return replace(self, path=path)
        with opened(self.path) as file:
            tables = groups(file, self.columns, self.form)
            write_words(path, tables, self.columns, self.info, self.marks)
        return replace(_checked(path, path), unused=self.unused)

    def rows(self, indices: Sequence[int], path: Path) -> Rows:
        """Copy the rows with these indices into a file that is read in any order."""
        with opened(self.path) as file:
            return write_rows(path, filled(groups(file, self.columns, self.form)), indices)


@contextmanager
def open_predictions(path: Path) -> Iterator[Predictions]:
    """Open and check a table: parquet, or JSON Lines (``.jsonl``, ``.jsonl.gz``).

    Raises:
        PredictionsError: it is missing, damaged, or breaks the schema; the message names the row.
    """
    if not path.is_file():
        special = path.exists() and not path.is_dir()
        problem = "not a regular file" if special else "no such predictions file"
        raise PredictionsError(f"{path}: {problem}")
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        with temporary_folder(Path(tempfile.gettempdir())) as folder:
            table = folder / "predictions.parquet"
            try:
                lines, replaced = import_jsonl(path, table)
            except OSError as error:
                place = error.filename or folder
                raise PredictionsError(f"{place}: {error.strerror or error}") from error
            yield _checked(table, path, lines, replaced)
    else:
        yield _checked(path, path)


def _checked(
    table: Path, shown: Path, lines: Sequence[int] | None = None, replaced: int = 0
) -> Predictions:
    with opened(table) as file:
        names = file.schema_arrow.names
        weights = next((n for n, of in ALIASES.items() if of == "attention" and n in names), "")
        weights = "attention" if "attention" in names or not weights else weights
        absent = [name for name in REQUIRED if name not in names]
        if absent:
            raise PredictionsError(f"{shown}: no column {', '.join(absent)}; see the README")
        duplicates = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if duplicates:
            raise PredictionsError(f"{shown}: duplicate column {', '.join(duplicates)}")
        raw = (file.schema_arrow.metadata or {}).get(METADATA_KEY.encode())
        if raw is None:
            raise PredictionsError(
                f"{shown}: no file metadata {METADATA_KEY!r}, which names the classes"
            )
        info = parse_info(raw, shown)
        labels = Labels(info.classes, class_names(file.schema_arrow, "label"))
        form = Form(labels, weights)
        places = Places(shown, lines)
        try:
            columns, unused = usable(file, weights)
            weighted = "attention" in columns
            scan = Scan(info, places, weights if weighted else None, "tokens" in columns)
            for group in filled(groups(file, columns, form)):
                scan.add(group)
        except ColumnError as error:
            if error.row is not None:
                places.fail(len(scan.ids) + error.row, str(error))
            raise PredictionsError(f"{shown}: {error}") from error
    scan.finish()
    replaced += info.data.replaced_characters + scan.illegal
    data = replace(info.data, replaced_characters=replaced)
    kind = scan.weights.finish() if weighted else None
    if are_gradients(kind):  # they are not held against themselves
        columns = [name for name in columns if name not in OF_GRADIENTS]
    return Predictions(
        path=table,
        info=replace(info, data=data, weights=kind),
        ids=scan.ids,
        gold=np.concatenate(scan.gold),
        probabilities=np.concatenate(scan.probabilities),
        lengths=np.concatenate(scan.lengths),
        unread=np.concatenate(scan.unread),
        unknown_tokens=np.concatenate(scan.unknown) if scan.unknown else None,
        logits=scan.whole("logits"),
        in_train=scan.whole("in_train"),
        explained=np.concatenate(scan.explained),
        columns=tuple(columns),
        form=form,
        marks=scan.marks,
        unused=unused,
    )
