"""Splits by the names of files, shards and folders; one file; the hash of a split."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.corpus.dataset import Dataset
from reportgen.corpus.sources import find_splits, hash_source
from reportgen.errors import DataError
from tests.corpus.conftest import Write

FILES = "NAME.csv, NAME.tsv, NAME.jsonl (also .gz) or NAME.parquet"
ROWS = "text,label\none,pos\ntwo,neg\n"


def test_the_hash_of_a_folder_sees_names_and_contents(data: Path, write: Write) -> None:
    first = write("test/pos/a.txt", "one")
    write("test/neg/b.txt", "two")
    before = hash_source(data / "test")
    assert hash_source(data / "test") == before
    first.write_text("three")
    changed = hash_source(data / "test")
    first.write_text("one")
    first.rename(first.with_name("c.txt"))
    assert len({before, changed, hash_source(data / "test")}) == 3


def test_the_hash_of_a_folder_sees_the_labels(data: Path, write: Write) -> None:
    write("one/pos/a.txt", "fine")
    write("two/neg/a.txt", "fine")
    assert hash_source(data / "one") != hash_source(data / "two")


def test_splits_are_the_stems_of_files(data: Path, write: Write) -> None:
    names = ("train.csv", "test.v2.csv", "test.csv.gz", "a.b.jsonl.gz", "x.tsv", "._x.csv", "y.txt")
    for name in names:
        write(name, "text,label\n")
    assert {name: source.place.name for name, source in find_splits(data).items()} == {
        "train": "train.csv",
        "test.v2": "test.v2.csv",
        "test": "test.csv.gz",
        "a.b": "a.b.jsonl.gz",
        "x": "x.tsv",
    }


def test_a_split_that_is_there_twice(data: Path, write: Write) -> None:
    write("test.csv", "text,label\na,b\n")
    write("test.jsonl", "")
    with pytest.raises(DataError) as caught:
        Dataset.open(data)
    assert str(caught.value) == f"{data}/test.jsonl: duplicate split 'test' (also test.csv)"


def test_no_data_folder(data: Path, write: Write) -> None:
    file, sheet = write("reviews.txt", ""), write("reviews.xlsx", "")
    for folder, message in (
        (data / "nowhere", "the data folder does not exist"),
        (data / "nowhere.csv", "the data file does not exist"),
        (file, f"not a data file; expected {FILES}, or a folder"),
        (sheet, f"not a data file; expected {FILES}, or a folder; save the sheet as CSV"),
        (data, f"no split found; expected {FILES}, or folders NAME/LABEL/*.txt"),
    ):
        with pytest.raises(DataError) as caught:
            Dataset.open(folder)
        assert str(caught.value) == f"{folder}: {message}"


# --- one file ---


@pytest.mark.parametrize(
    ("name", "stem"), [("my.reviews.csv", "my.reviews"), ("r.csv.gz", "r"), (".csv", ".csv")]
)
def test_one_file_is_a_split_of_its_own_name_or_of_the_one_given(
    data: Path, write: Write, name: str, stem: str
) -> None:
    path = write(name, ROWS)
    dataset = Dataset.open(path)
    assert (dataset.name, dataset.split, list(dataset.sources)) == (stem, stem, [stem])
    split = dataset.read(stem)
    assert [e.id for e in split.examples] == [f"{stem}-1", f"{stem}-2"]
    assert split.sha256 == hash_source(path)
    named = Dataset.open(path, split="test")
    assert (named.name, named.split, named.read("test").name) == (stem, "test", "test")


def test_one_file_beside_others_is_read_alone(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("train.csv", ROWS)
    write("test.csv", ROWS + "bad\n")
    monkeypatch.chdir(data)
    dataset = Dataset.open(Path("test.csv"), on_bad_row="skip")
    assert dataset.sizes() == {"test": 2}
    (skipped,) = dataset.read("test").skipped
    assert (skipped.file, skipped.line) == ("test.csv", 4)


def test_the_split_of_a_folder_is_test_unless_another_is_named(data: Path, write: Write) -> None:
    write("dev.csv", ROWS)
    assert Dataset.open(data).split == "test"
    assert Dataset.open(data, split="dev").split == "dev"


def test_one_file_that_is_a_pipe_is_not_waited_for(data: Path) -> None:
    for name in ("pipe.csv", "pipe.jsonl", "pipe.parquet"):
        os.mkfifo(data / name)
        with pytest.raises(OSError, match="not a regular file"):
            Dataset.open(data / name).read("pipe")


# --- as Hugging Face stores them ---


def shards(data: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = data / name
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"text": [f"{number}a", f"{number}b"], "label": [0, 1]}), path)


def test_shards_are_one_split_in_their_order(data: Path) -> None:
    shards(data, *(f"data/test-{n:05}-of-00012.parquet" for n in range(12)))
    shards(data, "data/train-00000-of-00001-0123456789abcdef.parquet")
    dataset = Dataset.open(data)
    split = dataset.read("test")
    assert list(dataset.sources) == ["test", "train"]
    assert [e.text for e in split.examples] == [f"{n}{c}" for n in range(12) for c in "ab"]
    assert [split.examples[i].id for i in (0, 23)] == ["test-1", "test-24"]
    assert dataset.sizes() == {"test": 24, "train": 2}


def test_the_hash_of_a_split_covers_every_shard_and_its_name(data: Path) -> None:
    names = [f"test-0000{n}-of-00002.parquet" for n in range(2)]
    shards(data, *names)
    first = Dataset.open(data).read("test").sha256
    pq.write_table(pa.table({"text": ["other"], "label": [0]}), data / names[1])
    second = Dataset.open(data).read("test").sha256
    entries = (f"{n}\0{hashlib.sha256((data / n).read_bytes()).hexdigest()}\n" for n in names)
    assert first != second == hashlib.sha256("".join(entries).encode()).hexdigest()


def test_one_shard_is_hashed_like_any_file(data: Path) -> None:
    shards(data, "test-00000-of-00001.parquet")
    path = data / "test-00000-of-00001.parquet"
    assert Dataset.open(data).read("test").sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (
            ["test-00001-of-00003"],
            "2 of 3 shards of split 'test' are missing: test-00000-of-00003.parquet,"
            " test-00002-of-00003.parquet",
        ),
        (
            ["test-00000-of-99999"],
            "99,998 of 99,999 shards of split 'test' are missing: test-00001-of-99999.parquet,"
            " test-00002-of-99999.parquet, test-00003-of-99999.parquet and 99,995 more",
        ),
        (
            ["test-00000-of-00002", "test-00000-of-00003", "test-00001-of-00002"],
            "shards of split 'test' are of several sets; keep one set",
        ),
        (
            ["test-00000-of-00002", "test-00001-of-00003"],
            "shards of split 'test' are of several sets; keep one set",
        ),
        (
            ["test-00000-of-00001-aa", "test-00000-of-00001-bb"],
            "shards of split 'test' are of several sets; keep one set",
        ),
        (["test-00000-of-00000"], "shards of split 'test' are of several sets; keep one set"),
        (["test-00003-of-00002"], "shards of split 'test' are of several sets; keep one set"),
    ],
)
def test_shards_that_are_no_whole_set(data: Path, names: list[str], problem: str) -> None:
    shards(data, "train-00000-of-00001.parquet", *(f"{name}.parquet" for name in names))
    dataset = Dataset.open(data)
    with pytest.raises(DataError) as caught:
        dataset.read("test")
    assert str(caught.value) == f"{data}: {problem}"
    assert dataset.read("train").rows == 2
    assert dataset.sizes() == {"train": 2}


def test_a_shard_that_is_given_as_the_file_is_read_alone(data: Path) -> None:
    shards(data, "test-00000-of-00002.parquet")
    split = Dataset.open(data / "test-00000-of-00002.parquet", split="test").read("test")
    assert split.rows == 2


@pytest.mark.parametrize("other", ["test.csv", "test.parquet", "test/pos/a.txt"])
def test_shards_and_a_file_of_the_same_split(data: Path, write: Write, other: str) -> None:
    write(other, ROWS)
    shards(data, "test-00000-of-00002.parquet", "test-00001-of-00002.parquet")
    with pytest.raises(DataError, match=r"duplicate split 'test' \(also test"):
        Dataset.open(data)


def test_the_folder_data_is_looked_into_where_there_is_no_split_beside_it(
    data: Path, write: Write
) -> None:
    write("data/test.csv", ROWS)
    dataset = Dataset.open(data)
    assert (dataset.name, list(dataset.sources)) == ("data", ["test"])
    assert dataset.read("test").rows == 2
    write("data/test.csv", ROWS + "bad\n")
    (skipped,) = Dataset.open(data, on_bad_row="skip").read("test").skipped
    assert (skipped.file, skipped.line) == ("data/test.csv", 4)
    write("test.csv", ROWS)
    assert [s.place for s in find_splits(data).values()] == [data / "test.csv"]


def test_the_split_for_validation(data: Path, write: Write) -> None:
    write("train.csv", ROWS)
    assert Dataset.open(data).validation is None
    write("validation.csv", ROWS)
    assert Dataset.open(data).validation == "validation"
    write("valid.csv", ROWS)
    assert Dataset.open(data).validation == "valid"


def test_a_folder_that_has_splits_further_inside_is_named(data: Path, write: Write) -> None:
    write("empty/notes.txt", "")
    write("plain_text/test.csv", ROWS)
    with pytest.raises(DataError) as caught:
        Dataset.open(data)
    assert str(caught.value) == (
        f"{data}: no split found; give its folder 'plain_text', which has some"
    )
