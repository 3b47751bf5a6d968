"""Convert a predictions table from JSON Lines to parquet."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from reportgen.errors import PredictionsError
from reportgen.predictions import schema as table_schema
from reportgen.predictions.labels import Labels
from reportgen.predictions.pairs import joined
from reportgen.predictions.schema import (
    ALIASES,
    BAD_VALUE,
    METADATA_KEY,
    column_type,
    is_known,
    legal_pairs,
    metadata,
    parse_info,
)
from reportgen.predictions.types import as_json_column, fits, meaning
from reportgen.records import RunInfo
from reportgen.remedies import MULTI_LABEL

__all__ = ["import_jsonl", "import_rows"]


def import_jsonl(path: Path, table: Path) -> tuple[list[int], int]:
    """Write JSON Lines as a parquet table; return each row's line and the characters replaced.

    Raises:
        PredictionsError: a line is not JSON or does not fit the schema.
    """
    replaced: list[int] = []
    stream = _json_lines(path, replaced)
    first = next(stream, None)
    if first is None or METADATA_KEY not in first[1]:
        raise PredictionsError(
            f'{path}:1: the first line must be {{"{METADATA_KEY}": {{"classes": [...], ...}}}}'
        )
    info = parse_info(first[1][METADATA_KEY], path)
    labels = Labels(info.classes)
    lines: list[int] = []
    schema: pa.Schema | None = None
    writer: pq.ParquetWriter | None = None
    try:
        while group := list(islice(stream, table_schema.ROW_GROUP)):
            if schema is None or writer is None:
                schema = _jsonl_schema(group[0][1], info)
                writer = pq.ParquetWriter(table, schema, compression="zstd")
            writer.write_table(_jsonl_table(group, schema, f"{path}:", labels))
            lines.extend(number for number, _ in group)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise PredictionsError(f"{path}: the table has no rows")
    return lines, sum(replaced)


def import_rows(rows: list[dict[str, Any]], run: Mapping[str, Any], table: Path, name: str) -> None:
    """Write rows of Python's own values, as JSON Lines hold them, as a parquet table.

    ``run`` is the run's metadata; ``name`` is what messages call the rows.

    Raises:
        PredictionsError: a value does not fit the schema, or the metadata cannot be used.
    """
    replaced: list[int] = []
    plain = [legal_pairs(list(row.items()), replaced) for row in rows]
    try:
        info = parse_info(json.dumps(run).encode(), Path(name))
    except (TypeError, RecursionError) as error:  # by json.dumps
        problem = f"the metadata {METADATA_KEY!r} cannot be used: {error}"
        raise PredictionsError(f"{name}: {problem}") from error
    count = info.data.replaced_characters + sum(replaced)
    info = replace(info, data=replace(info.data, replaced_characters=count))
    names = dict.fromkeys(column for row in plain for column in row)
    schema, labels = _jsonl_schema(names, info), Labels(info.classes)
    with pq.ParquetWriter(table, schema, compression="zstd") as writer:
        for start in range(0, len(plain), table_schema.ROW_GROUP):
            group = list(enumerate(plain[start : start + table_schema.ROW_GROUP], start + 1))
            writer.write_table(_jsonl_table(group, schema, f"{name}, row ", labels))


def _jsonl_schema(row: Mapping[str, Any], info: RunInfo) -> pa.Schema:
    names = [name for name in row if _is_used(name, row)]
    names += ["label"] * ("label" not in row)  # which may be in other rows
    return pa.schema([(name, column_type(name)) for name in names], metadata(info))


def _is_used(name: str, row: Mapping[str, Any]) -> bool:
    return is_known(name) and ALIASES.get(name) not in row


def _jsonl_table(
    group: list[tuple[int, dict[str, Any]]], schema: pa.Schema, place: str, labels: Labels
) -> pa.Table:
    for line, row in group:
        for name, value in row.items():
            if not _is_used(name, row):
                continue
            if name not in schema.names:
                raise PredictionsError(f"{place}{line}: column {name} is not in the first row")
            if not fits(name, value):
                more = f"; {MULTI_LABEL}" if name == "label" and isinstance(value, list) else ""
                raise PredictionsError(f"{place}{line}: {name} is not {meaning(name)}{more}")
            row[name] = labels.name(value) if name == "label" else as_json_column(name, value)
        if isinstance(row.get("text"), list):
            row["text"], spans = joined(row["text"], row.get("spans"))
            row |= {"spans": spans} if spans is not None else {}
    try:
        return pa.Table.from_pylist([row for _, row in group], schema=schema)
    except BAD_VALUE:
        for line, row in group:  # find the value to name
            for name in schema.names:
                try:
                    pa.array([row.get(name)], schema.field(name).type)
                except BAD_VALUE as error:
                    problem = f"{name} is not {meaning(name)} ({error})"
                    raise PredictionsError(f"{place}{line}: {problem}") from error
        raise


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _json_lines(path: Path, replaced: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    with _open(path) as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _json_object(line, path, number, replaced)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise PredictionsError(f"{path}:{number + 1}: damaged archive ({error})") from error


def _json_object(line: bytes, path: Path, number: int, replaced: list[int]) -> dict[str, Any]:
    try:
        hook = partial(legal_pairs, replaced=replaced)
        row = json.loads(line.decode("utf-8-sig").rstrip(), object_pairs_hook=hook)
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at column {error.colno}"
        raise PredictionsError(f"{path}:{number}: not JSON ({problem})") from error
    except RecursionError as error:
        raise PredictionsError(f"{path}:{number}: not JSON (nested too deeply)") from error
    except ValueError as error:
        raise PredictionsError(f"{path}:{number}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise PredictionsError(f"{path}:{number}: not a JSON object")
    return row
