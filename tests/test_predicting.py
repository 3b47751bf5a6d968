"""Where a checkpoint is found, and what split ``train`` is read for when another is predicted."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen import pipeline, predicting
from reportgen.errors import CheckpointError, DataError
from reportgen.predicting import find_checkpoint, prepare
from reportgen.progress import Silent
from reportgen.workspace import Workspace
from tests.conftest import SAMPLE, checkpoint_of

OPTIONS = pipeline.PredictOptions(device="cpu", explain=0)
SERVED = Workspace(checkpoint=pipeline.SAMPLE_CHECKPOINT)


class Lines(Silent):
    """Keeps the lines that stay."""

    def __init__(self) -> None:
        self.lines = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def test_the_sample_checkpoint_serves_only_the_sample(tmp_path):
    sample, here = pipeline.SAMPLE_DATA, Workspace(tmp_path)
    assert sample.resolve() == (SAMPLE / "reviews").resolve()
    for data in (None, str(sample)):
        assert find_checkpoint(here, "reviews", data) == pipeline.SAMPLE_CHECKPOINT
    with pytest.raises(CheckpointError, match="has no checkpoint"):
        find_checkpoint(here, "reviews", str(tmp_path))


def test_an_experiment_s_own_checkpoint_and_one_that_was_given_come_first(tmp_path):
    own = tmp_path / "my-reviews" / "checkpoint"
    own.mkdir(parents=True)
    assert find_checkpoint(Workspace(tmp_path), "my reviews", None) == own
    given = Workspace(tmp_path, checkpoint=Path("given"))
    assert find_checkpoint(given, "my reviews", None) == Path("given")


@pytest.mark.parametrize(
    ("workspace", "command"),
    [
        (Workspace(), "reportgen train --data 'my reviews'"),
        (Workspace(experiment="e"), "reportgen train --data 'my reviews' --experiment e"),
        (Workspace(Path("a b")), "reportgen train --data 'my reviews' --reports 'a b'"),
    ],
)
def test_the_command_that_would_train_a_missing_checkpoint_is_named(
    workspace, command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError) as error:
        find_checkpoint(workspace, "my reviews", "my reviews")
    assert f"train one with `{command}`, or give --checkpoint" in str(error.value)


def data(folder: Path, train: bytes, name: str = "train.csv") -> pipeline.DataOptions:
    folder.mkdir()
    (folder / "test.csv").write_text("text,label\nfine film,positive\nA  Dull film,negative\n")
    (folder / name).write_bytes(train)
    return pipeline.DataOptions(str(folder))


def trained_on(folder: Path, name: str, **recorded: object) -> Workspace:
    """A checkpoint whose record says that it was trained on that file of the data."""
    return Workspace(checkpoint=checkpoint_of(folder / "d" / name, folder / "model", **recorded))


@pytest.mark.parametrize("recorded", [{"sha256": "0" * 64}, {"sha256": None}, {"limit": 1}])
def test_what_a_model_was_trained_on_is_not_known_unless_split_train_is_it(recorded, tmp_path):
    options = data(tmp_path / "d", b"text,label\na dull film,negative\n")
    model = trained_on(tmp_path, "train.csv", **recorded)
    progress = Lines()
    assert prepare(options, OPTIONS, model, progress).trained_on is None
    assert prepare(options, OPTIONS, SERVED, progress).trained_on is None
    assert progress.lines == []


def test_a_record_of_training_without_data_is_accepted(tmp_path):
    options = data(tmp_path / "d", b"text,label\na dull film,negative\n")
    model = trained_on(tmp_path, "train.csv")
    config = json.loads((model.checkpoint / "config.json").read_text())
    config["training"]["data"] = [1]
    (model.checkpoint / "config.json").write_text(json.dumps(config))
    assert prepare(options, OPTIONS, model, Silent()).trained_on is None


def test_a_bad_row_of_train_does_not_stop_the_evaluation_of_test(tmp_path):
    progress = Lines()
    train = b"text,label\nonly one field\na dull film,negative\nbr\xffken,negative\n"
    options = data(tmp_path / "d", train)
    prepared = prepare(options, OPTIONS, trained_on(tmp_path, "train.csv"), progress)
    assert progress.lines == [
        "warning: 2 bad rows of split 'train' are left out of the search for texts that were"
        " trained on"
    ]
    table = tmp_path / "p.parquet"
    pipeline.write_table(prepared, OPTIONS, table, progress)
    with pipeline.open_predictions(table) as predictions:
        assert [row.in_train for row in predictions] == [False, True]
        assert set(predictions.info.versions) == {"safetensors", "torch", "torchtext"}


@pytest.mark.parametrize(
    ("train", "name", "reason"),
    [
        (b"words,label\nfine film,positive\n", "train.csv", "no column 'text'"),
        (b"", "train.csv", "the file is empty"),
        (b"text,label\nonly one field\n", "train.csv", "no usable row"),
        (b"not gzip", "train.csv.gz", "the gzip archive is damaged"),
    ],
)
def test_a_train_that_cannot_be_read_leaves_the_check_out_with_a_warning(
    train, name, reason, tmp_path
):
    progress = Lines()
    options = data(tmp_path / "d", train, name)
    prepared = prepare(options, OPTIONS, trained_on(tmp_path, name), progress)
    (line,) = progress.lines
    assert line.startswith(f"warning: texts that were trained on are not marked: {tmp_path}/d/")
    assert reason in line
    table = tmp_path / "p.parquet"
    pipeline.write_table(prepared, OPTIONS, table, progress)
    with pipeline.open_predictions(table) as predictions:
        assert [row.in_train for row in predictions] == [None, None]


def test_a_bad_row_of_the_split_that_is_evaluated_still_stops(tmp_path):
    options = data(tmp_path / "d", b"text,label\nonly one field\n")
    with pytest.raises(DataError, match="too few fields"):
        prepare(replace(options, split="train"), OPTIONS, SERVED, Silent())


def test_more_examples_are_predicted_under_other_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(predicting, "OTHER_WEIGHTS", 12)
    for explain, tested, others in ((3, 3, 12), (20, 20, 20), (0, 0, 0)):
        options = pipeline.PredictOptions(device="cpu", explain=explain)
        prepared = prepare(pipeline.DataOptions(limit=20), options, SERVED, Silent())
        table = tmp_path / f"{explain}.parquet"
        pipeline.write_table(prepared, options, table, Silent())
        with pipeline.open_predictions(table) as predictions:
            found = [row.explanation for row in predictions if row.explanation is not None]
        assert sum(one.attention_removed is not None for one in found) == tested
        assert sum(one.uniform is not None for one in found) == others
