"""Read the rows of a data file or a folder of text files, each with its file and line.

Formats: CSV, TSV and JSON Lines, each also gzipped, Parquet (``corpus.parquet``), and folders in
the layout of the Large Movie Review Dataset (``SPLIT/LABEL/*.txt``).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

from reportgen.corpus.advice import ERRORS, Advice, bad_byte, looks_utf16, open_text
from reportgen.corpus.parquet import read_parquet
from reportgen.corpus.reading import LARGEST_FIELD, Reading, Row, checked, row_of
from reportgen.corpus.sources import Source, kind_of, label_folders
from reportgen.errors import DataError

__all__ = ["read_source"]

SEPARATOR = re.compile(r"sep=(.)\r?\n?")  # the first line of some CSV files that Excel reads


def read_source(source: Source, reading: Reading) -> Iterator[Row | DataError]:
    """Yield the rows of a split in their order; in the place of a bad row, the error about it.

    Raises:
        DataError: nothing can be read: no header, a missing column or shard, a damaged file.
    """
    if source.problem:
        raise DataError(source.problem, file=source.place.parent)
    if source.place.is_dir():
        yield from _read_folder(source.place, reading)
        return
    if kind_of(source.place) == "parquet":
        rows = read_parquet(source.files, reading)
    else:
        rows = _read_text(source.place, reading)
    empty = True
    for row in rows:
        empty = False
        yield checked(row) if isinstance(row, Row) else row
    if empty:
        raise DataError("the file has no rows", file=source.place)


def _read_text(path: Path, reading: Reading) -> Iterator[Row | DataError]:
    read = _read_jsonl if kind_of(path) == "jsonl" else _read_csv
    advice = Advice(path, reading)
    with open_text(path) as raw:
        try:
            yield from read(raw, reading, advice)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"the gzip archive is damaged ({error})", file=path) from error
        except UnicodeError as error:
            raise DataError(advice.failed(error), file=path) from error


def _read_folder(source: Path, reading: Reading) -> Iterator[Row | DataError]:
    for folder in label_folders(source):
        for path in sorted(folder.glob("*.txt")):
            if not path.is_file():
                yield DataError("not a regular file", file=path)
                continue
            advice = Advice(path, reading)
            try:
                text = path.read_bytes().decode(reading.codec, ERRORS)
            except UnicodeError as error:
                yield DataError(advice.failed(error), file=path)
                continue
            if bad_byte(text) is not None:
                line = next(n for n, line in enumerate(text.split("\n"), 1) if bad_byte(line))
                yield DataError("; ".join(advice.bad_bytes(text)), file=path, line=line)
            elif looks_utf16(text):
                yield DataError("; ".join(advice.utf16()), file=path)
            else:
                label = None if reading.unlabelled else folder.name
                id_ = f"{source.name}/{folder.name}/{path.name}"
                yield checked(Row(path, 1, text, label, id_, {}))


def _decoded(raw: IO[bytes], reading: Reading, newline: str) -> Iterator[str]:
    # Bytes that do not fit become lone surrogates, which bad_byte finds in their row.
    with io.TextIOWrapper(raw, reading.codec, errors=ERRORS, newline=newline) as text:
        yield from text


def _read_csv(raw: IO[bytes], reading: Reading, advice: Advice) -> Iterator[Row | DataError]:
    csv.field_size_limit(LARGEST_FIELD)
    source, delimiter, above = advice.path, advice.delimiter, 0
    lines = _decoded(raw, reading, "")
    first = next(lines, "")
    if named := SEPARATOR.fullmatch(first):
        delimiter, above = reading.delimiter or named[1], 1
    else:
        lines = chain([first], lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = above + reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if header is None:
                raise DataError(f"broken header ({error})", file=source, line=line) from error
            # A quote that is never closed takes all lines after it along: say how many.
            end = above + reader.line_num
            last = f"; it goes on to line {end}" if end > line else ""
            yield DataError(f"broken row ({error}{last})", file=source, line=line)
            continue
        if not fields:
            continue
        if header is None:
            header = _check_header(fields, reading, advice, line)
        elif len(fields) != len(header):
            what = "few" if len(fields) < len(header) else "many"
            yield DataError(
                f"too {what} fields: {len(fields)}, and the header has {len(header)}",
                file=source,
                line=line,
            )
        elif any(bad_byte(field) is not None for field in fields):
            problem = "; ".join(advice.bad_bytes("\n".join(fields)))
            yield DataError(problem, file=source, line=line)
        else:
            yield row_of(dict(zip(header, fields, strict=True)), reading, source, line)
    if header is None:
        raise DataError("the file is empty", file=source)


def _check_header(header: list[str], reading: Reading, advice: Advice, line: int) -> list[str]:
    whole = "\n".join(header)
    problem = advice.bad_bytes(whole) if bad_byte(whole) is not None else None
    problem = problem or (advice.utf16() if looks_utf16(whole) else reading.missing(header))
    if problem is not None:
        what, remedy = problem
        better = advice.options()
        remedy = f"read it with {better}" if better else remedy
        raise DataError(f"{what}; {remedy}", file=advice.path, line=line)
    duplicate = next((name for name in header if header.count(name) > 1), None)
    if duplicate is not None:
        raise DataError(f"duplicate column {duplicate!r}", file=advice.path, line=line)
    return header


def _read_jsonl(raw: IO[bytes], reading: Reading, advice: Advice) -> Iterator[Row | DataError]:
    for line, content in enumerate(_decoded(raw, reading, "\n"), 1):
        if not content.strip():
            continue
        try:
            if bad_byte(content) is not None:
                raise ValueError("; ".join(advice.bad_bytes(content)))
            if looks_utf16(content):
                raise ValueError("; ".join(advice.utf16()))
            yield _json_row(json.loads(content), reading, advice.path, line)
        except json.JSONDecodeError as error:
            yield DataError(f"not JSON ({error.msg})", file=advice.path, line=line)
        except RecursionError:
            yield DataError("not JSON (nested too deeply)", file=advice.path, line=line)
        except ValueError as error:
            yield DataError(str(error), file=advice.path, line=line)


def _json_row(values: Any, reading: Reading, source: Path, line: int) -> Row:
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    missing = reading.missing(values)
    if missing is not None:
        raise ValueError("; ".join(missing))
    return row_of(values, reading, source, line)
