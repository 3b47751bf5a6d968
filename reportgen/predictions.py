"""The seam: predictions in, a table on disk out, and back. What any program may write.

Parquet, or JSON Lines of the same shape (the first line holds the run's metadata). Both are
written and read in groups of rows, so memory does not grow with the split.
"""

from __future__ import annotations

import gzip
import json
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from reportgen.characters import legal
from reportgen.errors import PredictionsError
from reportgen.records import Prediction, RunInfo

__all__ = ["METADATA_KEY", "Predictions", "open_predictions", "write_predictions"]

METADATA_KEY = "reportgen.run"
ROW_GROUP = 1024
EXTRA = "extra."
TOLERANCE = 1e-3  # by which probabilities and attention may miss a sum of 1

REQUIRED: Mapping[str, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "label": pa.string(),
    "probabilities": pa.list_(pa.float32()),
    "tokens": pa.list_(pa.string()),
    "attention": pa.list_(pa.float32()),
}
OPTIONAL: Mapping[str, pa.DataType] = {
    "spans": pa.list_(pa.list_(pa.int32())),
    "unknown": pa.list_(pa.bool_()),
    "logits": pa.list_(pa.float32()),
    "in_train": pa.bool_(),
}
BAD_VALUE = (pa.ArrowException, TypeError, ValueError, OverflowError)
# What the report lacks where an optional column is missing.
OPTIONAL_MEANING: Mapping[str, str] = {
    "spans": "the exact place of each token in its text",
    "unknown": "words the vocab lacks",
    "logits": "raw scores",
}


def write_predictions(
    path: Path,
    info: RunInfo,
    predictions: Iterable[Prediction],
    extra: Sequence[str] = (),
    columns: Sequence[str] = ("spans", "unknown", "logits"),
) -> None:
    """Write a parquet table; ``columns`` are the optional ones, ``extra`` the further ones.

    Raises:
        PredictionsError: the file cannot be written.
    """
    types = {**REQUIRED, **{name: OPTIONAL[name] for name in columns}}
    types |= {f"{EXTRA}{name}": pa.string() for name in extra}
    schema = pa.schema(list(types.items()), _metadata(info))
    stream = iter(predictions)
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            while group := list(islice(stream, ROW_GROUP)):
                values = {name: [_value(p, name) for p in group] for name in types}
                writer.write_table(pa.table(values, schema=schema), row_group_size=ROW_GROUP)
    except (OSError, pa.ArrowException) as error:
        raise PredictionsError(f"{path}: cannot write the predictions ({error})") from error


def _metadata(info: RunInfo) -> dict[str, str]:
    return {METADATA_KEY: json.dumps(info.to_dict(), ensure_ascii=False)}


def _value(prediction: Prediction, name: str) -> Any:
    if name.startswith(EXTRA):
        return prediction.extra.get(name.removeprefix(EXTRA))
    value = getattr(prediction, name)
    if name == "attention":
        return pa.array(value, from_pandas=True)  # NaN becomes null
    return value


@dataclass(frozen=True, slots=True)
class Predictions:
    """An open, checked table. Rows are read on demand.

    ``gold`` [N] are class indices, ``probabilities`` [N, K], ``lengths`` [N] count tokens,
    ``unknown_tokens`` [N] those that the vocab lacks (None without that column).
    """

    path: Path
    info: RunInfo
    ids: list[str]
    gold: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    lengths: NDArray[np.int64]
    unknown_tokens: NDArray[np.int64] | None
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def missing(self) -> dict[str, str]:
        """The optional columns that are not there, with what the report lacks for it."""
        return {k: v for k, v in OPTIONAL_MEANING.items() if k not in self.columns}

    @property
    def extra(self) -> tuple[str, ...]:
        """The names of the further columns of the data."""
        names = (c.removeprefix(EXTRA) for c in self.columns if c.startswith(EXTRA))
        return tuple(legal(name)[0] for name in names)

    def __iter__(self) -> Iterator[Prediction]:
        """Yield all rows in the order of the table, a row group in memory at a time."""
        with _opened(self.path) as file:
            for table in _groups(file, self.columns):
                for i in range(len(table)):
                    yield _prediction(table, i)

    def take(self, indices: Sequence[int]) -> Iterator[Prediction]:
        """Yield the rows of these indices in this order; they are held in Arrow's form."""
        wanted = np.sort(np.asarray(indices, dtype=np.int64))
        parts, start = [], 0
        with _opened(self.path) as file:
            for table in _groups(file, self.columns):
                inside = wanted[(wanted >= start) & (wanted < start + len(table))] - start
                if len(inside):
                    parts.append(table.take(inside))
                start += len(table)
        if not parts:
            return
        found = pa.concat_tables(parts)
        for place in np.searchsorted(wanted, np.asarray(indices)):
            chunk = found.slice(int(place), 1)
            yield _prediction(chunk, 0)


def _prediction(table: pa.Table, i: int) -> Prediction:
    row = {name: table.column(name)[i] for name in table.column_names}

    def floats(name: str) -> NDArray[np.float32]:
        return np.asarray(row[name].values.to_numpy(zero_copy_only=False), dtype=np.float32)

    def text(name: str) -> str:
        return legal(row[name].as_py())[0]

    def optional(name: str) -> bool:
        return name in row and row[name].is_valid

    return Prediction(
        id=text("id"),
        text=text("text"),
        label=text("label"),
        probabilities=floats("probabilities"),
        tokens=tuple(legal(token)[0] for token in row["tokens"].as_py()),
        attention=floats("attention"),
        spans=tuple((a, b) for a, b in row["spans"].as_py()) if optional("spans") else None,
        unknown=np.array(row["unknown"].as_py(), dtype=bool) if optional("unknown") else None,
        logits=floats("logits") if optional("logits") else None,
        in_train=row["in_train"].as_py() if optional("in_train") else None,
        extra={
            legal(name.removeprefix(EXTRA))[0]: text(name)
            for name in row
            if name.startswith(EXTRA) and row[name].is_valid
        },
    )


@contextmanager
def open_predictions(path: Path) -> Iterator[Predictions]:
    """Open and check a table: parquet, or JSON Lines (``.jsonl``, ``.jsonl.gz``).

    Raises:
        PredictionsError: it is missing, damaged, or breaks the schema; the message names the row.
    """
    if not path.is_file():
        raise PredictionsError(f"{path}: no such predictions file")
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder, "predictions.parquet")
            lines = _import_jsonl(path, table)
            yield _checked(table, path, lines)
    else:
        yield _checked(path, path)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise PredictionsError(f"{path}: not a parquet file that can be read ({first})") from error


def _groups(file: pq.ParquetFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    for batch in file.iter_batches(batch_size=ROW_GROUP, columns=list(columns)):
        yield pa.table({name: _cast(batch.column(name), name) for name in columns})


def _cast(column: pa.Array, name: str) -> pa.Array:
    wanted = _type(name)
    try:
        return column.cast(wanted)
    except pa.ArrowException as error:
        raise _CastError(f"column {name} is {column.type}, not {wanted} ({error})") from error


class _CastError(Exception):
    """A column of a parquet file has another type than the schema says."""


def _type(name: str) -> pa.DataType:
    return REQUIRED.get(name) or OPTIONAL.get(name) or pa.string()


def _checked(table: Path, shown: Path, lines: Sequence[int] | None = None) -> Predictions:
    with _opened(table) as file:
        names = file.schema_arrow.names
        absent = [name for name in REQUIRED if name not in names]
        if absent:
            raise PredictionsError(f"{shown}: no column {', '.join(absent)}; see the README")
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise PredictionsError(f"{shown}: column {', '.join(twice)} is there twice")
        raw = (file.schema_arrow.metadata or {}).get(METADATA_KEY.encode())
        if raw is None:
            raise PredictionsError(
                f"{shown}: no file metadata {METADATA_KEY!r}, which names the classes"
            )
        info = _parse_info(raw, shown)
        columns = [name for name in names if _is_known(name)]
        scan = _Scan(info, shown, lines)
        try:
            for group in _groups(file, columns):
                scan.add(group)
        except _CastError as error:
            raise PredictionsError(f"{shown}: {error}") from error
    return scan.result(table, columns)


def _parse_info(raw: Any, shown: Path) -> RunInfo:
    try:
        parsed = json.loads(raw, object_pairs_hook=_legal_pairs) if isinstance(raw, bytes) else raw
        return RunInfo.from_dict(parsed)
    except KeyError as error:
        problem = f"{error.args[0]!r} is missing"
    except (TypeError, ValueError, OverflowError) as error:
        problem = str(error)
    raise PredictionsError(f"{shown}: the metadata {METADATA_KEY!r} cannot be used: {problem}")


class _Scan:
    """Reads the columns once: checks every row, keeps what metrics and ordering need."""

    def __init__(self, info: RunInfo, shown: Path, lines: Sequence[int] | None) -> None:
        if len(set(info.classes)) != len(info.classes) or len(info.classes) < 2:
            raise PredictionsError(f"{shown}: classes must be two or more, each once")
        self.info, self.shown, self.lines = info, shown, lines
        self.index = {name: i for i, name in enumerate(info.classes)}
        self.ids: list[str] = []
        self.gold: list[int] = []
        self.probabilities: list[NDArray[np.float64]] = []
        self.lengths: list[NDArray[np.int64]] = []
        self.unknown: list[NDArray[np.int64]] = []

    def add(self, table: pa.Table) -> None:
        start, n = len(self.ids), len(table)
        for name in REQUIRED:
            self._all(np.asarray(table[name].is_valid()), start, f"{name} is null")
        for name in {"tokens", "spans", "unknown"} & set(table.column_names):
            whole = np.array([None not in (row or ()) for row in table[name].to_pylist()])
            self._all(whole, start, f"{name} has a null in its list")
        for offset, (id_, label) in enumerate(
            zip(table["id"].to_pylist(), table["label"].to_pylist(), strict=True)
        ):
            label = legal(label)[0]
            if label not in self.index:
                known = ", ".join(self.info.classes)
                self._fail(start + offset, f"label {label!r} is not a class ({known})")
            self.ids.append(legal(id_)[0])
            self.gold.append(self.index[label])
        self.probabilities.append(self._probabilities(table, start, n))
        lengths = self._attention(table, start)
        self.lengths.append(lengths)
        if "logits" in table.column_names:
            k = len(self.info.classes)
            agree = np.asarray(table["logits"].is_null()) | (_sizes(table, "logits") == k)
            self._all(agree, start, f"logits are not {k}, one per class")
        if "spans" in table.column_names:
            self._spans(table, lengths, start)
        if "unknown" in table.column_names:
            self._lengths_agree(table, "unknown", lengths, start)
            self.unknown.append(_sums(table, "unknown").astype(np.int64))

    def _probabilities(self, table: pa.Table, start: int, n: int) -> NDArray[np.float64]:
        k = len(self.info.classes)
        sizes = _sizes(table, "probabilities")
        self._all(sizes == k, start, f"probabilities are not {k}, one per class")
        flat = _flat(table, "probabilities")
        rows = flat.reshape(n, k)
        sane = (np.isfinite(rows) & (rows >= 0)).all(axis=1)
        sane &= np.abs(rows.sum(axis=1, where=np.isfinite(rows)) - 1) <= TOLERANCE
        self._all(sane, start, "probabilities are not between 0 and 1 with sum 1")
        return rows

    def _attention(self, table: pa.Table, start: int) -> NDArray[np.int64]:
        lengths = _sizes(table, "tokens")
        self._lengths_agree(table, "attention", lengths, start)
        flat = _flat(table, "attention")
        read = ~np.isnan(flat)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        wrong = read & ~((flat >= 0) & np.isfinite(flat))
        self._all(
            np.bincount(owner, weights=wrong, minlength=len(lengths)) == 0,
            start,
            "attention has a negative or infinite weight",
        )
        sums = np.bincount(owner, weights=np.where(read, flat, 0), minlength=len(lengths))
        some = np.bincount(owner, weights=read, minlength=len(lengths)) > 0
        off = np.abs(sums - 1)
        self._all(~some | (off <= TOLERANCE), start, "attention does not sum to 1 over the tokens")
        return lengths

    def _spans(self, table: pa.Table, lengths: NDArray[np.int64], start: int) -> None:
        valid = ~np.asarray(table["spans"].is_null())
        self._all(
            ~valid | (_sizes(table, "spans") == lengths), start, "spans are not one per token"
        )
        for offset, (text, spans) in enumerate(
            zip(table["text"].to_pylist(), table["spans"].to_pylist(), strict=True)
        ):
            at = 0
            for span in spans or ():
                if len(span) != 2 or None in span or not at <= span[0] <= span[1] <= len(text):
                    self._fail(start + offset, f"span {span} does not follow in the text")
                at = span[1]

    def _lengths_agree(
        self, table: pa.Table, name: str, lengths: NDArray[np.int64], start: int
    ) -> None:
        valid = ~np.asarray(table[name].is_null())
        agree = ~valid | (_sizes(table, name) == lengths)
        self._all(agree, start, f"{name} has not one value per token")

    def _all(self, good: NDArray[np.bool_], start: int, problem: str) -> None:
        if not good.all():
            self._fail(start + int(np.argmin(good)), problem)

    def _fail(self, row: int, problem: str) -> None:
        place = f", row {row + 1}" if self.lines is None else f":{self.lines[row]}"
        raise PredictionsError(f"{self.shown}{place}: {problem}")

    def result(self, path: Path, columns: Sequence[str]) -> Predictions:
        if not self.ids:
            raise PredictionsError(f"{self.shown}: the table has no rows")
        if len(set(self.ids)) != len(self.ids):
            seen: set[str] = set()
            row = next(i for i, id_ in enumerate(self.ids) if id_ in seen or seen.add(id_))  # type: ignore[func-returns-value]
            self._fail(row, f"id {self.ids[row]!r} is there twice")
        return Predictions(
            path=path,
            info=self.info,
            ids=self.ids,
            gold=np.array(self.gold, dtype=np.int64),
            probabilities=np.concatenate(self.probabilities),
            lengths=np.concatenate(self.lengths),
            unknown_tokens=np.concatenate(self.unknown) if self.unknown else None,
            columns=tuple(columns),
        )


def _sizes(table: pa.Table, name: str) -> NDArray[np.int64]:
    sizes = table.column(name).combine_chunks()
    counts = pa.compute.fill_null(pa.compute.list_value_length(sizes), 0)
    return np.asarray(counts.to_numpy(zero_copy_only=False), dtype=np.int64)


def _flat(table: pa.Table, name: str) -> NDArray[np.float64]:
    values = table.column(name).combine_chunks().flatten()
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _sums(table: pa.Table, name: str) -> NDArray[np.float64]:
    sizes = _sizes(table, name)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return np.bincount(owner, weights=_flat(table, name), minlength=len(sizes)).astype(np.float64)


def _import_jsonl(path: Path, table: Path) -> list[int]:
    """Write the JSON Lines table as parquet; return the line of each row.

    Raises:
        PredictionsError: a line is not JSON or of another shape.
    """
    stream = _json_lines(path)
    first = next(stream, None)
    if first is None or METADATA_KEY not in first[1]:
        raise PredictionsError(
            f'{path}:1: the first line must be {{"{METADATA_KEY}": {{"classes": [...], ...}}}}'
        )
    info = _parse_info(first[1][METADATA_KEY], path)
    lines: list[int] = []
    schema: pa.Schema | None = None
    writer: pq.ParquetWriter | None = None
    try:
        while group := list(islice(stream, ROW_GROUP)):
            if schema is None or writer is None:
                schema = _jsonl_schema(group[0][1], info)
                writer = pq.ParquetWriter(table, schema, compression="zstd")
            writer.write_table(_jsonl_table(group, schema, path))
            lines.extend(number for number, _ in group)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise PredictionsError(f"{path}: the table has no rows")
    return lines


def _jsonl_schema(row: Mapping[str, Any], info: RunInfo) -> pa.Schema:
    return pa.schema([(name, _type(name)) for name in row if _is_known(name)], _metadata(info))


def _is_known(name: str) -> bool:
    return name in REQUIRED or name in OPTIONAL or name.startswith(EXTRA)


def _jsonl_table(
    group: list[tuple[int, dict[str, Any]]], schema: pa.Schema, path: Path
) -> pa.Table:
    for line, row in group:
        for name, value in row.items():
            if not _is_known(name):
                continue
            if name not in schema.names:
                raise PredictionsError(f"{path}:{line}: column {name} is not in the first row")
            if pa.types.is_list(_type(name)) and not isinstance(value, list | None):
                raise PredictionsError(f"{path}:{line}: {name} is not a list")
    try:
        return pa.Table.from_pylist([row for _, row in group], schema=schema)
    except BAD_VALUE:
        for line, row in group:  # find the value to name
            for name in schema.names:
                try:
                    pa.array([row.get(name)], schema.field(name).type)
                except BAD_VALUE as error:
                    problem = f"{name} is not of the type {schema.field(name).type}"
                    raise PredictionsError(f"{path}:{line}: {problem} ({error})") from error
        raise


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    with _open(path) as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _json_object(line, path, number)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise PredictionsError(f"{path}:{number + 1}: damaged archive ({error})") from error


def _json_object(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig").rstrip(), object_pairs_hook=_legal_pairs)
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at column {error.colno}"
        raise PredictionsError(f"{path}:{number}: not JSON ({problem})") from error
    except (ValueError, RecursionError) as error:
        raise PredictionsError(f"{path}:{number}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise PredictionsError(f"{path}:{number}: not a JSON object")
    return row


def _legal_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {legal(key)[0]: _legal_value(value) for key, value in pairs}


def _legal_value(value: Any) -> Any:
    if isinstance(value, str):
        return legal(value)[0]
    if isinstance(value, list):
        return [_legal_value(item) for item in value]
    return value
