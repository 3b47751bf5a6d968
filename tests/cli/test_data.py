"""Data of every form on the command line: one file, Parquet, Excel's CSV, no labels."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.pipeline import SAMPLE_CHECKPOINT, open_predictions
from tests.cli.conftest import BAD, GOOD, SMALL

MODEL = ("--checkpoint", str(SAMPLE_CHECKPOINT), "--explain", "0", "--device", "cpu", "--quiet")
GERMAN = 'text;label\r\nSchön und gut;positive\r\n"Nicht gut; leider";negative\r\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def predicted(file: str = "predictions.parquet") -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(file).to_pylist()
    return rows


def test_a_file_is_trained_on_and_evaluated_under_its_own_name(invoke, data: Path) -> None:
    (data / "train.csv").rename("reviews.csv")
    trained = invoke("train", "--data", "reviews.csv", *SMALL, "--quiet")
    assert (trained.code, trained.out) == (0, "reports/reviews/checkpoint\n")
    done = invoke("--data", "reviews.csv", "--explain", "0", "--device", "cpu", "--quiet")
    assert (done.code, done.err) == (0, "")
    inputs = json.loads(Path("reports/reviews/latest/inputs.json").read_text())
    assert (inputs["data"]["name"], inputs["data"]["split"]) == ("reviews", "reviews")
    assert {"delimiter": None, "encoding": "utf-8", "unlabelled": False}.items() <= (
        inputs["data"]["read"].items()
    )
    with open_predictions(Path("reports/reviews/latest/predictions.parquet")) as table:
        assert table.info.data.split == "reviews"
        assert [row.in_train for row in table] == [True] * 12  # it is what was trained on
    words = ("calibrate", "reports/reviews/checkpoint", "--data", "reviews.csv")
    done = invoke(*words, "--out", "calibrated", "--quiet", "--device", "cpu")
    assert "no temperature" in done.err or done.code == 0  # it found the examples held out


def test_a_file_is_evaluated_under_the_split_that_is_named(invoke, data: Path) -> None:
    words = ("--data", "mine/test.csv", "--split", "held-out", *MODEL, "--on-bad-row", "skip")
    done = invoke("predict", *words)
    assert (done.code, done.out) == (1, "")  # no label is a class of the sample's model
    assert "no usable row" in done.err
    (data / "test.csv").write_text("text,label\nfine,positive\nbad,negative\n")
    assert invoke("predict", *words).code == 0
    with open_predictions(Path("predictions.parquet")) as table:
        assert (table.info.data.name, table.info.data.split) == ("test", "held-out")
        assert table.ids == ["held-out-1", "held-out-2"]


def test_a_data_set_as_hugging_face_stores_it(invoke, here: Path) -> None:
    features = {"label": {"names": ["bad", "good"], "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    folder = here / "hub" / "data"
    folder.mkdir(parents=True)
    halves = {"train": 2, "validation": 1, "test": 1}
    for split, shards in halves.items():
        for number in range(shards):
            texts = GOOD[number::shards] + BAD[number::shards]
            numbers = [1] * (len(texts) // 2) + [0] * (len(texts) // 2)
            table = pa.table({"text": texts, "label": numbers}).replace_schema_metadata(metadata)
            pq.write_table(table, folder / f"{split}-{number:05}-of-{shards:05}.parquet")
    trained = invoke("train", "--data", "hub", *SMALL, "--quiet")
    assert (trained.code, trained.err) == (0, "")
    config = json.loads(Path("reports/hub/checkpoint/config.json").read_text())
    assert config["training"]["validation"]["split"] == "validation"
    done = invoke("predict", "--data", "hub", "--explain", "0", "--device", "cpu", "--quiet")
    assert (done.code, done.err) == (0, "")
    with open_predictions(Path("predictions.parquet")) as table:
        assert table.info.classes == ("bad", "good")
        assert table.info.data.split_sizes == {"test": 12, "train": 12, "validation": 12}
    (folder / "train-00001-of-00002.parquet").unlink()
    refused = invoke("train", "--data", "hub", *SMALL, "--out", "again", "--quiet")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "error: hub/data: 1 of 2 shards of split 'train' are missing:"
        " train-00001-of-00002.parquet\n"
    )


def test_what_excel_writes_is_read_with_the_options_that_the_error_names(
    invoke, here: Path
) -> None:
    (here / "test.csv").write_bytes(GERMAN.encode("cp1252"))
    refused = invoke("predict", "--data", "test.csv", *MODEL)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "error: test.csv:1: no column 'text' (available: text;label); read it with"
        " --delimiter ';' --encoding cp1252\n"
    )
    named = ("--delimiter", ";", "--encoding", "cp1252")
    assert invoke("predict", "--data", "test.csv", *MODEL, *named).code == 0
    rows = [(row["text"], row["label"]) for row in predicted()]
    assert rows == [("Schön und gut", "positive"), ("Nicht gut; leider", "negative")]


@pytest.mark.parametrize("tab", ["tab", "\\t", "\t"])
def test_a_tab_is_named_by_a_word(invoke, here: Path, tab: str) -> None:
    (here / "test.csv").write_text("text\tlabel\nfine\tpositive\n")
    assert invoke("predict", "--data", "test.csv", *MODEL, "--delimiter", tab).code == 0


@pytest.mark.parametrize("command", ["run", "predict", "train", "calibrate"])
def test_every_command_that_reads_data_takes_them(invoke, here: Path, command: str) -> None:
    place = (str(SAMPLE_CHECKPOINT), "--out", "out") if command == "calibrate" else ()
    for option, value, message in (
        ("--delimiter", ";;", "--delimiter ';;': give one character, such as ';', or the word tab"),
        ("--encoding", "x", "--encoding 'x' is unknown; give a name such as cp1252, latin-1, utf-8"
         " or utf-16"),
    ):  # fmt: skip
        done = invoke(command, *place, option, value)
        assert (done.code, done.out, done.err) == (2, "", f"error: {message}\n")


def test_data_without_labels(invoke, here: Path) -> None:
    (here / "new.csv").write_text("text\nfine film\nbad film\n")
    refused = invoke("predict", "--data", "new.csv", *MODEL)
    assert refused.err == (
        "error: new.csv:1: no column 'label' (available: text); name it with --label-column, or"
        " predict data without labels with --unlabelled\n"
    )
    done = invoke("predict", "--data", "new.csv", "--unlabelled", *MODEL)
    assert (done.code, done.err) == (0, "")
    assert [(row["text"], row["label"]) for row in predicted()] == [
        ("fine film", None),
        ("bad film", None),
    ]
    refused = invoke("train", "--data", "new.csv", "--unlabelled")
    assert (refused.code, refused.out) == (2, "")
    assert "No such option" in refused.err


def test_a_partly_labelled_split(invoke, here: Path) -> None:
    (here / "new.csv").write_text("text,label\nfine film,positive\nbad film,\n")
    done = invoke("predict", "--data", "new.csv", *MODEL)
    assert (done.code, done.err) == (0, "")
    assert [row["label"] for row in predicted()] == ["positive", None]
    refused = invoke("train", "--data", "new.csv")
    assert (refused.code, refused.err) == (1, "error: new.csv:3: the label is empty\n")
