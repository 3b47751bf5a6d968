from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reportgen.corpus.dataset import Dataset
from reportgen.errors import DataError
from reportgen.records import Skipped
from reportgen.remedies import MULTI_LABEL, PAIRS
from tests.corpus.conftest import Write

NOT_UTF8 = "not UTF-8 (byte 0xe9); try --encoding cp1252 or use --on-bad-row skip"
CSV = {
    "few": ("two", "too few fields: 1, and the header has 3"),
    "many": ("b,two,pos,more", "too many fields: 4, and the header has 3"),
    "duplicate": ("a,two,pos", "duplicate id 'a' (first in test.csv:2)"),
    "label": ("b,two,meh", "unknown label 'meh' (the model's classes: neg, pos)"),
    "no label": ("b,two, ", "the label is empty"),
    "no id": (" ,two,pos", "the id is empty"),
    "quote": ('b,"two" more,pos', "broken row (',' expected after '\"')"),
    "utf8": (b"b,caf\xe9,pos", NOT_UTF8),
    "utf8 label": (b"b,cafe,p\xe9s", NOT_UTF8),
}
JSON = {
    "not json": ("{'text'}", "not JSON (Expecting property name enclosed in double quotes)"),
    "deep": ("[" * 100_000, "not JSON (nested too deeply)"),
    "list": ("[1, 2]", "not a JSON object"),
    "text": ('{"id": "b", "text": 3, "label": "pos"}', "field 'text' is not a string"),
    "null": ('{"id": "b", "text": null, "label": "pos"}', "field 'text' is not a string"),
    "missing": (
        '{"id": "b", "text": "two"}',
        "no column 'label' (available: id, text); name it with --label-column, or predict data"
        " without labels with --unlabelled",
    ),
    "pair": (
        '{"id": "b", "text": ["one", "two"], "label": "pos"}',
        f"field 'text' is not a string; {PAIRS}",
    ),
    "label": (
        '{"id": "b", "text": "two", "label": ["pos"]}',
        f"field 'label' is not one label; {MULTI_LABEL}",
    ),
    "labels": (
        '{"id": "b", "text": "two", "label": {"pos": 1, "neg": 1}}',
        f"field 'label' is not one label; {MULTI_LABEL}",
    ),
    "id": (
        '{"id": {}, "text": "two", "label": "pos"}',
        "field 'id' is neither a string nor a number",
    ),
    "duplicate": (
        '{"id": "a", "text": "two", "label": "pos"}',
        "duplicate id 'a' (first in test.jsonl:2)",
    ),
    "unknown": (
        '{"id": "b", "text": "two", "label": 7}',
        "unknown label '7' (the model's classes: neg, pos)",
    ),
    "infinite": (
        '{"id": "b", "text": "two", "label": Infinity}',
        "field 'label' is neither a string nor a number",
    ),
    "empty label": ('{"id": "b", "text": "two", "label": ""}', "the label is empty"),
    "utf8": (b'{"id": "b", "text": "caf\xe9", "label": "pos"}', NOT_UTF8),
}


def as_bytes(row: str | bytes) -> bytes:
    return row if isinstance(row, bytes) else row.encode()


def both_ways(data: Path, name: str, line: int, message: str) -> None:
    """The bad row is an error with its place, or it is left out, counted and listed."""
    with pytest.raises(DataError) as caught:
        Dataset.open(data).read("test", ["neg", "pos"])
    assert str(caught.value) == f"{data}/{name}:{line}: {message}"
    split = Dataset.open(data, on_bad_row="skip").read("test", ["neg", "pos"])
    assert split.skipped == (Skipped(name, line, message),)
    assert [e.id for e in split.examples] == ["a", "c"]
    assert split.rows == 2


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("bad", CSV)
def test_bad_csv_rows(data: Path, write: Write, bad: str, gz: str) -> None:
    row, message = CSV[bad]
    good = b'id,text,label\na,"first\n\nof three lines",pos\n\n'
    write(f"test.csv{gz}", good + as_bytes(row) + b"\nc,three,neg\n")
    both_ways(data, f"test.csv{gz}", 6, message.replace("test.csv", f"test.csv{gz}"))


@pytest.mark.parametrize("bad", JSON)
def test_bad_json_rows(data: Path, write: Write, bad: str) -> None:
    row, message = JSON[bad]
    good = b'\n{"id": "a", "text": "first", "label": "pos"}\n\n'
    write("test.jsonl", good + as_bytes(row) + b'\n{"id": "c", "text": "3", "label": "neg"}\n')
    both_ways(data, "test.jsonl", 4, message)


def test_a_quote_that_is_never_closed_says_how_much_it_takes_along(
    data: Path, write: Write
) -> None:
    write("test.csv", 'id,text,label\na,one,pos\nc,two,neg\nd,"three,pos\ne,four,neg\nf,five,pos\n')
    message = "broken row (unexpected end of data; it goes on to line 6)"
    both_ways(data, "test.csv", 4, message)


def test_a_bad_file_of_a_folder_is_named_itself(data: Path, write: Write) -> None:
    write("test/neg/1.txt", b"good\nso far \xe9")
    write("test/neg/2.txt", "fine")
    write("test/so-so/3.txt", "neither")
    with pytest.raises(DataError) as caught:
        Dataset.open(data).read("test", ["neg", "pos"])
    assert str(caught.value) == f"{data}/test/neg/1.txt:2: {NOT_UTF8}"
    split = Dataset.open(data, on_bad_row="skip").read("test", ["neg", "pos"])
    assert split.skipped == (
        Skipped("test/neg/1.txt", 2, NOT_UTF8),
        Skipped("test/so-so/3.txt", 1, "unknown label 'so-so' (the model's classes: neg, pos)"),
    )


def test_every_bad_row_is_listed_in_order(data: Path, write: Write) -> None:
    write("test.csv", "id,text,label\na,1,pos\na,2,pos\nb\nb,3,pos\nb,4,pos\n")
    dataset = Dataset.open(data, on_bad_row="skip")
    split = dataset.read("test")
    assert [(s.line, s.reason) for s in split.skipped] == [
        (3, "duplicate id 'a' (first in test.csv:2)"),
        (4, "too few fields: 1, and the header has 3"),
        (6, "duplicate id 'b' (first in test.csv:5)"),
    ]
    assert [e.text for e in split.examples] == ["1", "3"]


def test_a_bad_row_does_not_rename_those_after_it(data: Path, write: Write) -> None:
    write("test.csv", "text,label\none,pos\nbad\ntwo,pos\n")
    split = Dataset.open(data, on_bad_row="skip").read("test")
    assert [e.id for e in split.examples] == ["test-1", "test-3"]


def test_nothing_but_bad_rows(data: Path, write: Write) -> None:
    path = write("test.csv", "text,label\na\nb\n")
    with pytest.raises(DataError) as caught:
        Dataset.open(data, on_bad_row="skip").read("test")
    assert str(caught.value) == f"{path}: no usable row"


def test_reasons_can_be_written_as_utf8(data: Path, write: Write) -> None:
    write("test.jsonl", '{"text": "one", "label": "pos"}\n{"\\ud800": 1, "label": "pos"}\n')
    (skipped,) = Dataset.open(data, on_bad_row="skip").read("test").skipped
    assert skipped.reason == (
        "no column 'text' (available: \ufffd, label); name it with --text-column"
    )


def test_sizes_count_rows_and_leave_out_what_cannot_be_read(data: Path, write: Write) -> None:
    write("train.csv", "text,label\na,pos\nb,neg\nbad\n")
    write("test.jsonl", '{"text": "a", "label": "pos"}\n')
    write("broken.csv", "")
    assert Dataset.open(data).sizes() == {"test": 1, "train": 2}


def test_limit_is_a_seeded_sample_in_order(data: Path, write: Write) -> None:
    write("test.csv", "text,label\n" + "".join(f"{i},pos\n" for i in range(200)))
    split = Dataset.open(data).read("test")
    kept = split.limited(20, seed=1)
    numbers = [int(e.text) for e in kept.examples]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 20
    assert numbers != list(range(20))
    assert split.limited(20, seed=1) == kept
    assert split.limited(20, seed=2).examples != kept.examples
    assert dataclasses.replace(kept, examples=split.examples) == split
    assert kept.rows == 200
    assert split.limited(None, 1) is split
    assert split.limited(200, 1) is split
