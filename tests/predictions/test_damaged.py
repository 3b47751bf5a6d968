"""Files that cannot be read: missing, damaged, or without usable metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.predictions import METADATA_KEY
from tests.predictions.conftest import CLASSES, jsonl, parquet, problem, row


def test_no_such_file(tmp_path: Path) -> None:
    assert problem(tmp_path / "p.parquet") == "p.parquet: no such predictions file"
    folder = tmp_path / "p.jsonl"
    folder.mkdir()
    assert problem(folder) == "p.jsonl: no such predictions file"


@pytest.mark.parametrize("content", [b"", b"id,text\n1,a\n", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_not_a_parquet_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(content)
    message = problem(path)
    assert message.startswith("p.parquet: not a parquet file that can be read (")
    assert "\n" not in message


def test_a_file_of_another_format_is_told_those_of_tables(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b"id,text\n1,a\n")
    assert problem(path).endswith("); tables are .parquet, .jsonl or .jsonl.gz")


def test_metadata_that_is_nested_too_deeply(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    deep = {METADATA_KEY: b'{"classes": ' + b"[" * 100_000}
    table = pa.Table.from_pylist([row()])
    pq.write_table(table.replace_schema_metadata(deep), path)
    assert problem(path).endswith("the metadata 'reportgen.run' cannot be used: nested too deeply")
    path = tmp_path / "p.jsonl"
    path.write_bytes(deep[METADATA_KEY])
    assert problem(path) == "p.jsonl:1: not JSON (nested too deeply)"


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row()])
    path.write_bytes(path.read_bytes()[:-20])
    assert problem(path).startswith("p.parquet: not a parquet file that can be read (")


def test_no_metadata(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.Table.from_pylist([row()]), path)
    assert problem(path) == "p.parquet: no file metadata 'reportgen.run', which names the classes"


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({}, "'classes' is missing"),
        ({"classes": "neg"}, "classes is not a list of strings or whole numbers"),
        (
            {"classes": CLASSES, "data": {"rows": "x"}},
            "data.rows is not a whole number from 0 on",
        ),
        (
            {"classes": CLASSES, "data": {"rows": float("inf")}},
            "data.rows is inf, which is not a number of JSON",
        ),
        ([], "not an object"),
        (None, "not an object"),
        ("neg", "not an object"),
    ],
)
@pytest.mark.parametrize("write", [parquet, jsonl])
def test_metadata_that_cannot_be_used(tmp_path: Path, write: Any, meta: Any, message: str) -> None:
    path = write(tmp_path / f"p.{write.__name__}", [row()], meta)
    start = f"{path.name}: the metadata 'reportgen.run' cannot be used: "
    assert problem(path) == start + message


def test_metadata_that_is_not_json(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    table = pa.Table.from_pylist([row()]).replace_schema_metadata({METADATA_KEY: "{neg"})
    pq.write_table(table, path)
    assert problem(path).startswith(
        "p.parquet: the metadata 'reportgen.run' cannot be used: Expecting property name"
    )


@pytest.mark.parametrize("content", ["", "\n\n", json.dumps(row()), '{"classes": ["a", "b"]}'])
def test_the_first_json_line_is_the_metadata(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(content)
    wanted = 'the first line must be {"reportgen.run": {"classes": [...], ...}}'
    assert problem(path) == f"p.jsonl:1: {wanted}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": oops}', "not JSON (Expecting value at column 8)"),
        ("[1]", "not a JSON object"),
        ('"a"', "not a JSON object"),
    ],
)
def test_a_json_error_names_its_line(tmp_path: Path, line: str, message: str) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a"), row("b")])
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert problem(path) == f"p.jsonl:4: {message}"


@pytest.mark.parametrize("line", [b'{"id": "\xff"}', b"[" * 100_000])
def test_broken_utf8_and_endless_nesting_are_not_json(tmp_path: Path, line: bytes) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a")])
    path.write_bytes(path.read_bytes() + b"\n" + line)
    assert problem(path).startswith("p.jsonl:3: not JSON (")


def test_damaged_archives_are_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl.gz", [row()])
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert problem(path).startswith("p.jsonl.gz:2: damaged archive (Compressed file ended before")
    path.write_bytes(whole[:20] + b"\xff\xff\xff" + whole[23:])
    assert problem(path).startswith("p.jsonl.gz:1: damaged archive (Error -3")
    path.write_bytes(b"plain")
    assert problem(path) == "p.jsonl.gz:1: damaged archive (Not a gzipped file (b'pl'))"
