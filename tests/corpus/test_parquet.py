"""Parquet: as data frames and Hugging Face data sets write it, and as nobody should."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.corpus.dataset import Dataset
from reportgen.corpus.reading import LARGEST_FIELD, Reading
from reportgen.errors import DataError
from reportgen.records import Example, Skipped
from reportgen.remedies import MULTI_LABEL

TEXTS = ["one", "two"]


def named(**features: list[str]) -> dict[str, str]:
    """The metadata of a schema in which Hugging Face names the classes of columns."""
    labels = {name: {"names": names, "_type": "ClassLabel"} for name, names in features.items()}
    text = {"text": {"dtype": "string", "_type": "Value"}}
    return {"huggingface": json.dumps({"info": {"features": text | labels}})}


def table(label: Any = ("pos", "neg"), text: Any = TEXTS, **more: Any) -> pa.Table:
    label = label if isinstance(label, pa.Array) else pa.array(label)
    return pa.table({"text": text, "label": label, **more})


def write(data: Path, table: pa.Table, name: str = "test", **options: Any) -> Path:
    path = data / f"{name}.parquet"
    pq.write_table(table, path, **options)
    return path


def read(data: Path, reading: Reading | None = None) -> tuple[Example, ...]:
    return Dataset.open(data, reading).read("test", labelled=False).examples


def labels(data: Path, table: pa.Table) -> list[str | None]:
    write(data, table)
    return [example.label for example in read(data)]


def problem(data: Path, reading: Reading | None = None) -> str:
    with pytest.raises(DataError) as caught:
        read(data, reading)
    return str(caught.value).replace(f"{data}/", "")


def test_a_table_is_read_like_any_file(data: Path) -> None:
    write(data, table(id=["a", "b"], stars=[4, 1], topic=pa.array(["x", None])))
    (data / "lines.jsonl").write_text(
        '{"id": "a", "text": "one", "label": "pos", "stars": 4, "topic": "x"}\n'
        '{"id": "b", "text": "two", "label": "neg", "stars": 1, "topic": null}\n'
    )
    dataset = Dataset.open(data)
    assert dataset.read("test").examples == dataset.read("lines").examples
    assert dataset.sizes() == {"lines": 2, "test": 2}


def test_rows_are_numbered_over_all_batches_and_row_groups(data: Path) -> None:
    texts = [str(number) for number in range(1000)]
    write(data, table(["pos"] * 1000, texts), row_group_size=300)
    examples = read(data)
    assert [e.text for e in examples] == texts
    assert [examples[i].id for i in (0, 999)] == ["test-1", "test-1000"]


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_columns_of_other_names_and_compressions(data: Path, compression: str) -> None:
    words = {"review": TEXTS, "stars": [5, 1], "key": [7, 8]}
    write(data, pa.table(words), compression=compression)
    examples = read(data, Reading(text="review", label="stars", id="key"))
    assert [(e.id, e.text, e.label) for e in examples] == [("7", "one", "5"), ("8", "two", "1")]


# --- labels ---


def test_label_numbers_have_the_names_that_the_file_gives_them(data: Path) -> None:
    numbers = table(pa.array([1, 0], pa.int64()), topic=pa.array([2, -1], pa.int8()))
    metadata = named(label=["neg", "pos"], topic=["a", "b", "c"])
    write(data, numbers.replace_schema_metadata(metadata))
    examples = read(data)
    assert [e.label for e in examples] == ["pos", "neg"]
    assert [e.extra for e in examples] == [{"topic": "c"}, {"topic": "null"}]


def test_minus_one_and_null_are_no_label(data: Path) -> None:
    numbers = table(pa.array([-1, None, 1]), ["a", "b", "c"])
    named_ = numbers.replace_schema_metadata(named(label=["neg", "pos"]))
    assert labels(data, named_) == [None, None, "pos"]
    assert labels(data, numbers) == ["-1", None, "1"]


@pytest.mark.parametrize("number", [2, -2])
def test_a_label_number_without_a_name_is_a_bad_row(data: Path, number: int) -> None:
    numbers = table(pa.array([0, number])).replace_schema_metadata(named(label=["neg", "pos"]))
    write(data, numbers)
    message = f"label {number} has no name (the file names 2, from 0)"
    assert problem(data) == f"test.parquet:2: {message}"
    split = Dataset.open(data, on_bad_row="skip").read("test")
    assert split.skipped == (Skipped("test.parquet", 2, message),)
    assert [e.label for e in split.examples] == ["neg"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["pos", "neg"]).dictionary_encode(), ["pos", "neg"]),
        (pa.array(["pos", "neg"], pa.large_string()), ["pos", "neg"]),
        (pa.array([3, 0], pa.uint8()), ["3", "0"]),
        (pa.array([1.0, None], pa.float64()), ["1", None]),
        (pa.array([1.0, float("nan")], pa.float32()), ["1", None]),
        (pa.array([3.3, -0.0], pa.float32()), ["3.3", "0"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([Decimal("1.00"), Decimal("2.50")]), ["1", "2.50"]),
        (pa.array([datetime.date(2024, 5, 1), None]), ["2024-05-01", None]),
        (pa.array(["", " \t"]), [None, None]),
        (pa.array([None, None]), [None, None]),
    ],
)
def test_labels_of_every_type(data: Path, values: pa.Array, expected: list[str | None]) -> None:
    assert labels(data, table(values)) == expected


def test_an_infinite_label_is_a_bad_row(data: Path) -> None:
    write(data, table(pa.array([1.0, float("inf")])))
    assert problem(data) == "test.parquet:2: field 'label' is neither a string nor a number"


def test_a_column_of_labels_is_chosen_among_several(data: Path) -> None:
    numbers = pa.table({"text": TEXTS, "coarse": [0, 1], "fine": [2, 0]})
    write(data, numbers.replace_schema_metadata(named(coarse=["A", "B"], fine=["a", "b", "c"])))
    message = "test.parquet: no column 'label' (available: text, coarse, fine); name it with"
    assert problem(data).startswith(f"{message} --label-column")
    examples = read(data, Reading(label="fine"))
    assert [(e.label, e.extra) for e in examples] == [
        ("c", {"coarse": "A"}),
        ("a", {"coarse": "B"}),
    ]


def test_a_table_without_labels(data: Path) -> None:
    write(data, pa.table({"text": TEXTS, "stars": [1, 2]}))
    assert problem(data).endswith("or predict data without labels with --unlabelled")
    examples = read(data, Reading(unlabelled=True))
    assert [(e.label, e.extra) for e in examples] == [
        (None, {"stars": "1"}),
        (None, {"stars": "2"}),
    ]


# --- further columns ---


def test_further_columns_become_text(data: Path) -> None:
    more = {
        "when": pa.array([1, None], pa.timestamp("ns")),
        "score": pa.array([0.1, 0.25], pa.float32()),
        "words": [["a"], []],
        "about": [{"k": 1}, None],
        "image": [b"\xff\x00", None],
        "media": [{"bytes": b"\xff", "day": datetime.date(2024, 5, 1)}, None],
        "zone": pa.array([0, 1], pa.timestamp("s", "Europe/Berlin")),
        "__index_level_0__": [7, 8],
    }
    write(data, table(**more))
    first, second = read(data)
    assert first.extra == {
        "when": "1970-01-01 00:00:00.000000001",
        "score": "0.1",
        "words": '["a"]',
        "about": '{"k": 1}',
        "image": "2 bytes",
        "media": '{"bytes": "1 bytes", "day": "2024-05-01"}',
        "zone": "1970-01-01 01:00:00.000+0100",
    }
    assert second.extra["when"] == second.extra["about"] == second.extra["image"] == "null"


# --- files that cannot be read ---


@pytest.mark.parametrize("content", [b"", b"PAR1", b"text,label\na,pos\n", b"PAR1" + b"\0" * 64])
def test_a_file_that_is_no_parquet(data: Path, content: bytes) -> None:
    (data / "test.parquet").write_bytes(content)
    assert problem(data).startswith("test.parquet: not a Parquet file that can be read (")


def test_a_file_that_is_damaged_inside(data: Path) -> None:
    path = write(data, table(["pos"] * 5000, [f"text {n * n}" for n in range(5000)]))
    whole = bytearray(path.read_bytes())
    whole[200:2000] = bytes(1800)
    path.write_bytes(whole)
    assert problem(data).startswith("test.parquet: not a Parquet file that can be read (")


def test_a_table_without_rows(data: Path) -> None:
    write(data, table(pa.array([], pa.string()), pa.array([], pa.string())))
    assert problem(data) == "test.parquet: the file has no rows"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": [1, 2]}, "column 'text' is int64, not text; name the text with --text-column"),
        (
            {"text": [["a"], ["b"]]},
            "column 'text' is list<element: string>, not text; name the text with --text-column",
        ),
        (
            {"text": [b"a", b"b"]},
            "column 'text' is binary, not text; name the text with --text-column",
        ),
        (
            {"label": [[0, 1], [1]]},
            "column 'label' is list<element: int64>, not a label; name one with --label-column;"
            f" {MULTI_LABEL}",
        ),
        (
            {"label": [{"a": 1}, {"a": 0}]},
            "column 'label' is struct<a: int64>, not a label; name one with --label-column;"
            f" {MULTI_LABEL}",
        ),
        (
            {"label": [b"a", b"b"]},
            "column 'label' is binary, not a label; name one with --label-column",
        ),
    ],
)
def test_a_text_or_label_of_another_type(data: Path, columns: dict[str, Any], message: str) -> None:
    write(data, pa.table({"text": TEXTS, "label": ["pos", "neg"]} | columns))
    assert problem(data) == f"test.parquet: {message}"


def test_a_column_that_is_there_twice(data: Path) -> None:
    twice = pa.Table.from_arrays([pa.array(TEXTS)] * 3, names=["text", "label", "label"])
    write(data, twice)
    assert problem(data) == "test.parquet: duplicate column 'label'"


def test_rows_that_cannot_be_read_are_bad_rows(data: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 4, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0"),
                         pa.py_buffer(b"a\xff\xfebc")],
    )  # fmt: skip
    more = {"id": ["1", " ", "3", "1"], "text": ["a", "b", None, "x"]}
    write(data, pa.table({"text": broken, "label": ["x"] * 4}), "utf8")
    write(data, pa.table({"label": ["x"] * 4, **more}))
    dataset = Dataset.open(data, on_bad_row="skip")
    assert [(s.line, s.reason) for s in dataset.read("utf8").skipped] == [
        (2, "field 'text' is not UTF-8")
    ]
    assert [(s.line, s.reason) for s in dataset.read("test").skipped] == [
        (2, "the id is empty"),
        (3, "field 'text' is not a string"),
        (4, "duplicate id '1' (first in test.parquet:1)"),
    ]


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_a_text_beyond_the_limit_is_a_bad_row(data: Path, kind: str) -> None:
    huge = "x" * (LARGEST_FIELD + 1)
    if kind == "parquet":
        write(data, table(text=[huge, "ok"]))
    else:
        rows = ({"text": text, "label": "pos"} for text in (huge, "ok"))
        (data / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert problem(data) == (
        f"test.{kind}:1: the text has 10,485,761 characters; the limit is 10,485,760"
    )
    (example,) = Dataset.open(data, on_bad_row="skip").read("test").examples
    assert example.text == "ok"


# --- shards ---


def shard(data: Path, number: int, table: pa.Table) -> None:
    write(data, table, f"test-0000{number}-of-00002")


@pytest.mark.parametrize(
    "other",
    [
        table(stars=[1, 2]),
        table(pa.array([0, 1])).replace_schema_metadata(named(label=["pos", "neg"])),
        table(pa.array([0, 1])),
    ],
)
def test_shards_with_other_columns_or_class_names(data: Path, other: pa.Table) -> None:
    first = table(pa.array([0, 1])).replace_schema_metadata(named(label=["neg", "pos"]))
    shard(data, 0, first)
    shard(data, 1, other)
    assert problem(data) == (
        "test-00001-of-00002.parquet: columns or class names are not those of"
        " test-00000-of-00002.parquet; write all shards of a split alike"
    )


def test_shards_may_differ_in_the_type_of_numbers_and_be_empty(data: Path) -> None:
    shard(data, 0, table(pa.array([], pa.float64()), pa.array([], pa.string())))
    shard(data, 1, table(pa.array([0, 1])))
    assert [e.label for e in read(data)] == ["0", "1"]


def test_a_bad_row_names_its_shard(data: Path) -> None:
    shard(data, 0, table(id=["a", "b"]))
    shard(data, 1, table(id=["c", "a"]))
    assert problem(data) == (
        "test-00001-of-00002.parquet:2: duplicate id 'a' (first in test-00000-of-00002.parquet:1)"
    )
