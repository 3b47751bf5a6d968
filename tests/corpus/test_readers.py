from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.corpus.dataset import Dataset
from reportgen.corpus.readers import read_source
from reportgen.corpus.reading import Reading
from reportgen.corpus.sources import Source
from reportgen.errors import DataError
from tests.conftest import Invoked
from tests.corpus.conftest import Write, texts

HELLO = 'He said: "no, thanks"\nand left'
FORMATS = {
    "csv": 'id,text,label,stars\na,"He said: ""no, thanks""\nand left",pos,4\nb,,neg,1\n',
    "tsv": 'id\ttext\tlabel\tstars\na\t"He said: ""no, thanks""\nand left"\tpos\t4\nb\t\tneg\t1\n',
    "jsonl": json.dumps({"id": "a", "text": HELLO, "label": "pos", "stars": 4})
    + '\n\n{"label": "neg", "id": "b", "text": "", "stars": 1}\n',
}


def problem(folder: Path, split: str = "test", **options: object) -> str:
    """The message for a split that cannot be read, without the path of the data folder."""
    with pytest.raises(DataError) as caught:
        Dataset.open(folder, **options).read(split)  # type: ignore[arg-type]
    return str(caught.value).replace(f"{folder}/", "").replace(str(folder), "DATA")


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_examples(
    data: Path, write: Write, kind: str, bom: str, gz: str
) -> None:
    write(f"test.{kind}{gz}", bom + FORMATS[kind])
    split = Dataset.open(data).read("test")
    found = [(e.id, e.text, e.label, dict(e.extra)) for e in split.examples]
    assert found == [("a", HELLO, "pos", {"stars": "4"}), ("b", "", "neg", {"stars": "1"})]
    assert (split.name, split.rows, split.skipped, split.replaced_characters) == ("test", 2, (), 0)


def test_windows_line_ends(data: Path, write: Write) -> None:
    write("test.csv", "text,label\r\none,pos\r\ntwo,neg\r\n")
    write("more.jsonl", '{"text": "x", "label": "pos"}\r\n')
    assert texts(data) == ["one", "two"]
    assert texts(data, "more") == ["x"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"])), min_size=1))
def test_what_csv_writes_is_read_back(values: list[str]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["text", "label"])
    writer.writerows([value, "pos"] for value in values)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "test.csv")
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        rows = list(read_source(Source((path,)), Reading()))
    assert [row.text for row in rows if not isinstance(row, DataError)] == values


def test_a_row_without_id_is_named_by_its_split_and_number(data: Path, write: Write) -> None:
    write("test.csv", "label,text\npos,a\n\nneg,b\n")
    assert [e.id for e in Dataset.open(data).read("test").examples] == ["test-1", "test-2"]


def test_column_names_are_set(data: Path, write: Write) -> None:
    reading = Reading(text="review", label="stars", id="key")
    write("a.csv", "key,review,stars,text,id\nk1,good,5,other,7\n")
    write("b.jsonl", '{"key": 1, "review": "good", "stars": 5, "text": null, "id": [true]}\n')
    dataset = Dataset.open(data, reading)
    (a,), (b,) = dataset.read("a").examples, dataset.read("b").examples
    assert (a.id, a.text, a.label) == ("k1", "good", "5")
    assert a.extra == {"text": "other", "id": "7"}
    assert (b.id, b.text, b.label) == ("1", "good", "5")
    assert b.extra == {"text": "null", "id": "[true]"}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("names", "options", "shared"),
    [
        ("--id-column text", "--text-column and --id-column", "text"),
        ("--id-column label", "--label-column and --id-column", "label"),
        ("--text-column id", "--text-column and --id-column", "id"),
        ("--text-column stars --label-column stars", "--text-column and --label-column", "stars"),
    ],
)
def test_one_column_cannot_have_two_uses(
    data: Path,
    write: Write,
    invoke: Callable[..., Invoked],
    kind: str,
    names: str,
    options: str,
    shared: str,
) -> None:
    write(f"test.{kind}", FORMATS[kind])
    refused = invoke("--data", str(data), *names.split())
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"error: {options} are both {shared!r}; they must name different columns\n"
    )


def test_imdb_folders(data: Path, write: Write) -> None:
    for name in ("10_9", "2_8"):
        write(f"train/pos/{name}.txt", f"\ufeffgood {name}")
    write("train/neg/0_1.txt", "bad<br />film")
    write("train/unsup/0_0.txt", "nothing")
    write("train/feat/notes.dat", "no text file")
    write("imdb.vocab", "the")
    dataset = Dataset.open(data)
    split = dataset.read("train")
    assert list(dataset.sources) == ["train"]
    assert [(e.id, e.label, e.text) for e in split.examples] == [
        ("train/neg/0_1.txt", "neg", "bad film"),
        ("train/pos/10_9.txt", "pos", "good 10_9"),
        ("train/pos/2_8.txt", "pos", "good 2_8"),
    ]


def test_a_file_name_that_is_not_utf8(data: Path, write: Write) -> None:
    write("test/pos/a.txt", "one").rename(data / "test" / "pos" / "caf\udce9.txt")
    (example,) = Dataset.open(data).read("test").examples
    assert example.id == "test/pos/caf\ufffd.txt"


def test_no_such_split_names_those_there_are(data: Path, write: Write) -> None:
    write("train.csv", "text,label\na,b\n")
    write("valid.csv", "text,label\na,b\n")
    assert problem(data) == "DATA: no split 'test' (there are: train, valid)"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("test.csv", "", "test.csv: the file is empty"),
        ("test.csv", "\ufeff", "test.csv: the file is empty"),
        ("test.csv", "\n\n", "test.csv: the file is empty"),
        ("test.csv.gz", "", "test.csv.gz: the file is empty"),
        ("test.csv", "text,label\n", "test.csv: the file has no rows"),
        ("test.jsonl", "", "test.jsonl: the file has no rows"),
        (
            "test.csv",
            "txt,label\na,b\n",
            "test.csv:1: no column 'text' (available: txt, label); name it with --text-column",
        ),
        (
            "test.tsv",
            "text,label\na,b\n",
            "test.tsv:1: no column 'text' (available: text,label); read it with --delimiter ,",
        ),
        (
            "test.csv",
            "text,y\na,b\n",
            "test.csv:1: no column 'label' (available: text, y); name it with --label-column, or"
            " predict data without labels with --unlabelled",
        ),
        ("test.csv", "text,label,text\na,b,c\n", "test.csv:1: duplicate column 'text'"),
        ("test.csv", '"text,label', "test.csv:1: broken header (unexpected end of data)"),
        (
            "test.csv",
            b"te\xfft,label\na,b\n",
            "test.csv:1: not UTF-8 (byte 0xff); try --encoding cp1252 or use --on-bad-row skip",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_even_when_rows_are_skipped(
    data: Path, write: Write, name: str, content: str | bytes, message: str
) -> None:
    write(name, content)
    assert problem(data) == message
    assert problem(data, on_bad_row="skip") == message


def test_an_id_column_that_was_named_must_be_there(data: Path, write: Write) -> None:
    write("a.csv", "text,label\nx,pos\n")
    write("b.jsonl", '{"text": "x", "label": "pos"}\n')
    reading = Reading(id="key")
    rest = "'key' (available: text, label); name it with --id-column"
    assert problem(data, "a", reading=reading) == f"a.csv:1: no column {rest}"
    assert problem(data, "b", reading=reading) == f"b.jsonl:1: no column {rest}"


@pytest.mark.parametrize("name", ["test.csv.gz", "test.jsonl.gz"])
def test_a_damaged_gzip_file_is_an_error_even_when_rows_are_skipped(
    data: Path, write: Write, name: str
) -> None:
    kind = name.split(".")[1]
    rows = "".join(f'{{"text": "row {i * i}", "label": "pos"}}\n' for i in range(3000))
    if kind == "csv":
        rows = "text,label\n" + "".join(f"row {i * i},pos\n" for i in range(3000))
    whole = gzip.compress(rows.encode())
    middle = len(whole) // 2
    damaged = [
        whole[:middle],
        whole[:middle]
        + bytes(b ^ 0xFF for b in whole[middle : middle + 50])
        + whole[middle + 50 :],
        whole[:-8] + b"\0\0\0\0" + whole[-4:],
        rows.encode(),
    ]
    for content in damaged:
        (data / name).write_bytes(content)
        assert problem(data, on_bad_row="skip").startswith(f"{name}: the gzip archive is damaged (")


def test_a_text_of_a_megabyte(data: Path, write: Write) -> None:
    text = "word " * 200_000 + "end"
    write("test.csv", f'text,label\n"{text}",pos\n')
    write("more.jsonl", json.dumps({"text": text, "label": "pos"}))
    assert texts(data) == [text]
    assert texts(data, "more") == [text]


def test_a_field_beyond_the_limit_is_a_bad_row(data: Path, write: Write) -> None:
    write("test.csv", f"text,label\n{'x' * (10 * 1024 * 1024 + 1)},pos\nok,neg\n")
    assert problem(data) == "test.csv:2: broken row (field larger than field limit (10485760))"
    assert [e.text for e in Dataset.open(data, on_bad_row="skip").read("test").examples] == ["ok"]
