"""Read the rows of a data file or a folder of text files, each with its file and line.

Formats: CSV, TSV and JSON Lines, each also gzipped, and folders in the layout of the Large Movie
Review Dataset (``SPLIT/LABEL/*.txt``). Text is UTF-8, with or without a byte order mark.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import IO, Any, cast

from reportgen.errors import DataError, UsageError
from reportgen.files import check_regular, open_regular

__all__ = ["Columns", "Row", "find_splits", "hash_source", "read_source"]

SUFFIXES = tuple(f".{kind}{gz}" for kind in ("csv", "tsv", "jsonl") for gz in ("", ".gz"))
LARGEST_FIELD = 10 * 1024 * 1024  # characters
UTF16 = "NUL characters, as in UTF-16; save the file as UTF-8"
UNLABELLED = "unsup"  # the folder of the Large Movie Review Dataset that has no labels


@dataclass(frozen=True)
class Columns:
    """The names of the columns in CSV, TSV and JSON Lines files: three different ones.

    Raises:
        UsageError: two of the names are the same.
    """

    text: str = "text"
    label: str = "label"
    id: str = "id"

    def __post_init__(self) -> None:
        for (option, name), (other, same) in combinations(self._by_option().items(), 2):
            if name == same:
                raise UsageError(
                    f"{option} and {other} are both {name!r}; they must name different columns"
                )

    def _by_option(self) -> dict[str, str]:
        return {"--text-column": self.text, "--label-column": self.label, "--id-column": self.id}

    def missing(self, names: Collection[str]) -> str | None:
        """Name a column that is not among the names; ``id`` is needed only under another name."""
        for option, column in self._by_option().items():
            optional = option == "--id-column" and column == Columns.id
            if column not in names and not optional:
                available = ", ".join(names)
                return f"{column!r} (available: {available}); name it with {option}"
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its file has it; ``id`` is None where there is no such column."""

    file: Path
    line: int
    text: str
    label: str
    id: str | None
    extra: Mapping[str, str]


def find_splits(folder: Path) -> dict[str, Path]:
    """Return the splits of a data folder by name: files by their stem, or folders of labels.

    Raises:
        DataError: the folder is missing, holds no split, or holds a split twice.
    """
    if not folder.is_dir():
        what = "is a file; give the folder it lies in" if folder.exists() else "does not exist"
        raise DataError(f"the data folder {what}", file=folder)
    splits: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.name.endswith(SUFFIXES) and not path.is_dir():  # a pipe too: to be refused by name
            name = _stem(path.name)
        elif path.is_dir() and any(_label_folders(path)):
            name = path.name
        else:
            continue
        if name in splits:
            raise DataError(f"duplicate split {name!r} (also {splits[name].name})", file=path)
        splits[name] = path
    if not splits:
        raise DataError(
            "no split found; expected NAME.csv, NAME.tsv or NAME.jsonl (also .gz),"
            " or folders NAME/LABEL/*.txt",
            file=folder,
        )
    return splits


def _stem(name: str) -> str:
    return next(name.removesuffix(s) for s in sorted(SUFFIXES, key=len)[::-1] if name.endswith(s))


def _label_folders(split: Path) -> Iterator[Path]:
    for path in sorted(split.iterdir()):
        if path.is_dir() and path.name != UNLABELLED and next(path.glob("*.txt"), None):
            yield path


def hash_source(source: Path) -> str:
    """Return the sha256 of a split's bytes; of a folder, over each file's name and sha256."""
    if not source.is_dir():
        with open_regular(source) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    total = hashlib.sha256()
    for label in _label_folders(source):
        for path in filter(Path.is_file, sorted(label.glob("*.txt"))):
            entry = f"{label.name}/{path.name}\0{hash_source(path)}\n"
            total.update(entry.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def read_source(source: Path, columns: Columns) -> Iterator[Row | DataError]:
    """Yield the rows of a split in their order; in the place of a bad row, the error about it.

    Raises:
        DataError: nothing can be read: no header, a missing column, a damaged archive.
    """
    if source.is_dir():
        yield from _read_folder(source)
        return
    with _open(source) as raw:
        try:
            kind = _kind(source)
            rows = (
                _read_jsonl(source, raw, columns)
                if kind == "jsonl"
                else _read_csv(source, raw, columns, "\t" if kind == "tsv" else ",")
            )
            empty = True
            for row in rows:
                empty = False
                yield row
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"the gzip archive is damaged ({error})", file=source) from error
    if empty:
        raise DataError("the file has no rows", file=source)


def _open(source: Path) -> IO[bytes]:
    check_regular(source)
    if source.name.endswith(".gz"):
        return cast(IO[bytes], gzip.open(source, "rb"))
    return source.open("rb")


def _kind(source: Path) -> str:
    return source.name.removesuffix(".gz").rpartition(".")[2]


def _read_folder(source: Path) -> Iterator[Row | DataError]:
    for folder in _label_folders(source):
        for path in sorted(folder.glob("*.txt")):
            if not path.is_file():
                yield DataError("not a regular file", file=path)
                continue
            try:
                content = path.read_bytes()
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = error.object[: error.start].count(b"\n") + 1
                yield DataError(_not_utf8(error), file=path, line=line)
                continue
            if _looks_utf16(content):
                yield DataError(UTF16, file=path)
                continue
            yield Row(path, 1, text, folder.name, f"{source.name}/{folder.name}/{path.name}", {})


def _not_utf8(error: UnicodeDecodeError) -> str:
    byte = error.object[error.start]
    return f"broken UTF-8 (byte 0x{byte:02x}); save the file as UTF-8 or use --on-bad-row skip"


def _looks_utf16(content: bytes) -> bool:
    """Say whether it is UTF-16 without a mark; a text in UTF-8 has a few NUL characters at most."""
    return 4 * content.count(0) > len(content)


def _decoded(raw: IO[bytes]) -> Iterator[str]:
    # Bytes that are not UTF-8 become lone low surrogates, which _check_utf8 finds in their row.
    with io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="") as text:
        yield from text


def _check_utf8(fields: list[str], source: Path, line: int) -> DataError | None:
    for field in fields:
        try:
            field.encode("utf-8", "surrogateescape").decode("utf-8")
        except UnicodeDecodeError as error:
            return DataError(_not_utf8(error), file=source, line=line)
    return None


def _read_csv(
    source: Path, raw: IO[bytes], columns: Columns, delimiter: str
) -> Iterator[Row | DataError]:
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(_decoded(raw), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if header is None:
                raise DataError(f"broken header ({error})", file=source, line=line) from error
            # A quote that is never closed takes all lines after it along: say how many.
            last = f"; it goes on to line {reader.line_num}" if reader.line_num > line else ""
            yield DataError(f"broken row ({error}{last})", file=source, line=line)
            continue
        if not fields:
            continue
        problem = _check_utf8(fields, source, line)
        if header is None:
            if problem:
                raise problem
            header = _check_header(fields, columns, source)
        elif problem:
            yield problem
        elif len(fields) != len(header):
            what = "few" if len(fields) < len(header) else "many"
            yield DataError(
                f"too {what} fields: {len(fields)}, and the header has {len(header)}",
                file=source,
                line=line,
            )
        else:
            row = dict(zip(header, fields, strict=True))
            text, label = row.pop(columns.text), row.pop(columns.label)
            yield _checked(Row(source, line, text, label, row.pop(columns.id, None), row))
    if header is None:
        raise DataError("the file is empty", file=source)


def _check_header(header: list[str], columns: Columns, source: Path) -> list[str]:
    if _looks_utf16("".join(header).encode("utf-8", "surrogateescape")):
        raise DataError(UTF16, file=source, line=1)
    missing = columns.missing(header)
    if missing is not None:
        raise DataError(f"no column {missing}", file=source, line=1)
    duplicate = next((name for name in header if header.count(name) > 1), None)
    if duplicate is not None:
        raise DataError(f"duplicate column {duplicate!r}", file=source, line=1)
    return header


def _checked(row: Row) -> Row | DataError:
    if not row.label.strip():
        return DataError("the label is empty", file=row.file, line=row.line)
    if row.id is not None and not row.id.strip():
        return DataError("the id is empty", file=row.file, line=row.line)
    return row


def _read_jsonl(source: Path, raw: IO[bytes], columns: Columns) -> Iterator[Row | DataError]:
    for line, content in enumerate(raw, 1):
        content = content.removeprefix(b"\xef\xbb\xbf") if line == 1 else content
        if not content.strip():
            continue
        if _looks_utf16(content):
            yield DataError(UTF16, file=source, line=line)
            continue
        try:
            yield _checked(_json_row(json.loads(content.decode()), columns, source, line))
        except UnicodeDecodeError as error:
            yield DataError(_not_utf8(error), file=source, line=line)
        except json.JSONDecodeError as error:
            yield DataError(f"not JSON ({error.msg})", file=source, line=line)
        except RecursionError:
            yield DataError("not JSON (nested too deeply)", file=source, line=line)
        except ValueError as error:
            yield DataError(str(error), file=source, line=line)


def _json_row(values: Any, columns: Columns, source: Path, line: int) -> Row:
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    missing = columns.missing(values)
    if missing is not None:
        raise ValueError(f"no field {missing}")
    text = values.pop(columns.text)
    if not isinstance(text, str):
        raise ValueError(f"field {columns.text!r} is not a string")
    id_ = values.pop(columns.id, None)
    return Row(
        source,
        line,
        text,
        _as_text(values.pop(columns.label), columns.label),
        None if id_ is None else _as_text(id_, columns.id),
        {key: v if isinstance(v, str) else json.dumps(v) for key, v in values.items()},
    )


def _as_text(value: Any, column: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"field {column!r} is neither a string nor a whole number")
    return str(value)
