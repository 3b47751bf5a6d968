"""Labels: numbers, truth values and dates, other spellings of a class, and rows without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reportgen.corpus.dataset import Dataset
from reportgen.corpus.reading import Reading
from reportgen.errors import DataError, UsageError
from reportgen.records import Skipped
from tests.corpus.conftest import Write


def labels(data: Path, *classes: str, labelled: bool = True) -> list[str | None]:
    split = Dataset.open(data).read("test", classes or None, labelled=labelled)
    return [example.label for example in split.examples]


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (1e20, "100000000000000000000"),
        (True, "true"),
        (False, "false"),
        ("1.0", "1.0"),
        (" True ", "True"),
        ("2024-05-01", "2024-05-01"),
    ],
)
def test_labels_of_json(data: Path, write: Write, value: object, label: str) -> None:
    write("test.jsonl", json.dumps({"text": "a", "label": value}))
    assert labels(data) == [label]


def test_a_label_names_a_class_in_another_spelling(data: Path, write: Write) -> None:
    write("test.csv", "text,label\na,1.0\nb,1\nc,2.00\nd,-3.0\n")
    assert labels(data, "-3", "1", "2") == ["1", "1", "2", "-3"]
    assert labels(data) == ["1.0", "1", "2.00", "-3.0"]
    write("test.csv", "text,label\na,TRUE\nb,true\nc,False\n")
    assert labels(data, "false", "true") == ["true", "true", "false"]
    assert labels(data, "False", "True") == ["True", "True", "False"]
    write("test.csv", "text,label\na,1\nb,0\n")
    assert labels(data, "0.0", "1.0") == ["1.0", "0.0"]
    assert labels(data, "LABEL_0", "LABEL_1") == ["LABEL_1", "LABEL_0"]
    write("test.csv", "text,label\na,LABEL_1\nb,LABEL_0\n")
    assert labels(data, "0", "1") == ["1", "0"]


@pytest.mark.parametrize(
    ("label", "classes"),
    [
        ("1.5", ("1", "2")),
        ("LABEL_x", ("x", "y")),
        ("1.0.0", ("1", "2")),
        ("Positive", ("negative", "positive")),
        ("1.0", ("01", "1.00", "1")),  # two classes of this form
        ("1.0", ("a", "b")),
    ],
)
def test_only_the_spelling_may_differ(
    data: Path, write: Write, label: str, classes: tuple[str, ...]
) -> None:
    write("test.csv", f"text,label\na,{label}\n")
    with pytest.raises(DataError, match=f"unknown label '{label}'"):
        labels(data, *classes)


# --- no label ---

UNLABELLED = {
    "csv": "text,label\na,pos\nb,\nc, \n",
    "jsonl": '{"text": "a", "label": "pos"}\n{"text": "b", "label": null}\n'
    '{"text": "c", "label": NaN}\n',
}


@pytest.mark.parametrize("kind", UNLABELLED)
def test_a_row_without_a_label_is_read_for_evaluation_and_bad_for_training(
    data: Path, write: Write, kind: str
) -> None:
    write(f"test.{kind}", UNLABELLED[kind])
    assert labels(data, "neg", "pos", labelled=False) == ["pos", None, None]
    first = 2 if kind == "jsonl" else 3
    with pytest.raises(DataError) as caught:
        labels(data)
    assert str(caught.value) == f"{data}/test.{kind}:{first}: the label is empty"
    split = Dataset.open(data, on_bad_row="skip").read("test")
    assert split.skipped == tuple(
        Skipped(f"test.{kind}", line, "the label is empty") for line in (first, first + 1)
    )


def test_a_label_of_illegal_characters_is_no_empty_label(data: Path, write: Write) -> None:
    write("test.csv", "text,label\na,\x00\n")
    assert labels(data, labelled=False) == ["\ufffd"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "folder"])
def test_labels_are_not_read_where_there_are_said_to_be_none(
    data: Path, write: Write, kind: str
) -> None:
    if kind == "folder":
        write("test/pos/a.txt", "fine")
    elif kind == "csv":
        write("test.csv", "text,stars\nfine,5\n")
    else:
        write("test.jsonl", '{"text": "fine", "stars": "5"}')
    split = Dataset.open(data, Reading(unlabelled=True)).read("test", ("x", "y"), labelled=False)
    ((id_, text, label, extra),) = [(e.id, e.text, e.label, e.extra) for e in split.examples]
    assert (text, label) == ("fine", None)
    assert (id_, extra) == (
        ("test/pos/a.txt", {}) if kind == "folder" else ("test-1", {"stars": "5"})
    )


def test_a_column_of_labels_that_are_not_read_is_a_further_column(data: Path, write: Write) -> None:
    write("test.csv", "text,label\nfine,maybe\n")
    split = Dataset.open(data, Reading(unlabelled=True)).read("test", ("x", "y"), labelled=False)
    assert [(e.label, e.extra) for e in split.examples] == [(None, {"label": "maybe"})]


def test_a_text_column_may_be_named_label_where_no_labels_are_read(
    data: Path, write: Write
) -> None:
    write("test.csv", "label\nfine\n")
    reading = Reading(text="label", unlabelled=True)
    (example,) = Dataset.open(data, reading).read("test", labelled=False).examples
    assert (example.text, example.label) == ("fine", None)
    with pytest.raises(UsageError, match="must name different columns"):
        Reading(text="label")
