"""Which examples validate a training, and that calibration uses exactly these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reportgen.classifier import inference, temperature
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint
from reportgen.classifier.validation import choose_validation, hold_out, read_validation
from reportgen.corpus.dataset import Dataset
from reportgen.corpus.reading import Reading
from reportgen.corpus.sources import hash_source
from reportgen.errors import CheckpointError, DataError, TrainingError
from reportgen.records import Example
from tests.conftest import Invoked

from .conftest import change_config, example, make_checkpoint

LIMIT, SEED, FRACTION = 40, 3, 0.2


def labelled(**counts: int) -> list[Example]:
    labels = [label for label, count in counts.items() for _ in range(count)]
    return [example(i, f"text {i}", label) for i, label in enumerate(labels)]


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_hold_out_takes_its_share_of_each_class(fraction: float) -> None:
    examples = labelled(a=100, b=40, c=20)
    learn, held_out = hold_out(examples, fraction, seed=1)
    wanted = {"a": 100 * fraction, "b": 40 * fraction, "c": 20 * fraction}
    assert Counter(e.label for e in held_out) == wanted
    assert sorted([*learn, *held_out], key=lambda e: int(e.id[1:])) == examples
    assert [int(e.id[1:]) for e in learn] == sorted(int(e.id[1:]) for e in learn)


def test_hold_out_is_seeded() -> None:
    examples = labelled(a=50, b=50)
    assert hold_out(examples, 0.2, 1) == hold_out(examples, 0.2, 1)
    assert hold_out(examples, 0.2, 1) != hold_out(examples, 0.2, 2)


def test_what_a_seed_holds_out_never_changes() -> None:
    """Calibration repeats the hold-out of checkpoints that do not list the ids."""
    _, held_out = hold_out(labelled(a=20, b=20), 0.15, seed=5)
    assert ids(held_out) == ["e2", "e8", "e17", "e20", "e28", "e33"]


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_hold_out_leaves_an_example_of_each_class_on_both_sides(fraction: float) -> None:
    learn, held_out = hold_out(labelled(a=2, b=5), fraction, seed=3)
    assert {e.label for e in learn} == {e.label for e in held_out} == {"a", "b"}


def test_hold_out_needs_two_examples_of_a_class() -> None:
    with pytest.raises(TrainingError) as caught:
        hold_out(labelled(a=5, rare=1), 0.1, seed=1)
    assert str(caught.value) == (
        "class 'rare' has one example: too few to hold some out for validation"
    )


# --- choosing them, and finding them again ---


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose only split is 'train': 90 rows of two classes."""
    folder = tmp_path / "data"
    folder.mkdir()
    kinds = [("fine", "good"), ("dull", "bad")]
    rows = [f"r{i},n{i},{kinds[i % 2][0]} w{i % 7},{kinds[i % 2][1]},t" for i in range(90)]
    write(folder / "train.csv", rows)
    return folder


def write(path: Path, rows: list[str]) -> None:
    path.write_text("\n".join(["id,number,text,label,topic", *rows]) + "\n")


def ids(examples: list[Example]) -> list[str]:
    return [example.id for example in examples]


def trained_on(data: Path, limit: int | None = LIMIT) -> tuple[Checkpoint, list[str], list[str]]:
    """A checkpoint as training records it, and the ids of its training and held-out examples."""
    dataset = Dataset.open(data)
    split = dataset.read("train").limited(limit, SEED)
    learn, held_out, record = choose_validation(dataset, split, FRACTION, SEED)
    used = {"name": "data", "sha256": split.sha256, "train": len(learn)}
    training = {
        "data": used if limit is None else {**used, "limit": limit},
        "validation": record,
        "options": {"seed": SEED},
    }
    return replace(make_checkpoint(), training=training), ids(learn), ids(held_out)


def test_a_split_valid_is_used_whole_and_recorded_by_its_hash(data: Path) -> None:
    write(data / "valid.csv", ["v1,1,fine,good,t", "v2,2,dull,bad,t"])
    dataset = Dataset.open(data)
    split = dataset.read("train")
    learn, valid, record = choose_validation(dataset, split, FRACTION, SEED)
    assert (learn, ids(valid)) == (list(split.examples), ["v1", "v2"])
    assert record == {"split": "valid", "sha256": hash_source(data / "valid.csv"), "examples": 2}


def test_a_split_valid_with_a_label_that_was_not_trained_on_is_an_error(data: Path) -> None:
    write(data / "valid.csv", ["v1,1,fine,good,t", "v2,2,dull,so-so,t"])
    dataset = Dataset.open(data)
    with pytest.raises(DataError) as caught:
        choose_validation(dataset, dataset.read("train"), FRACTION, SEED)
    assert str(caught.value) == (
        f"{data}/valid.csv:3: unknown label 'so-so' (the model's classes: bad, good)"
    )


def test_held_out_examples_are_recorded_by_their_ids(data: Path) -> None:
    checkpoint, learn, held_out = trained_on(data)
    record = {"split": "train", "fraction": FRACTION, "examples": 8, "ids": held_out}
    assert checkpoint.training["validation"] == record
    assert (len(learn), len(held_out), len({*learn, *held_out})) == (32, 8, LIMIT)
    shown = checkpoint.info().training["validation"]
    assert shown == {"split": "train", "fraction": FRACTION, "examples": 8}
    assert checkpoint.training["validation"] == record, "what is shown does not change what is kept"


@pytest.mark.parametrize("limit", [LIMIT, None])
@pytest.mark.parametrize("recorded", [True, False], ids=["ids", "no ids"])
def test_exactly_the_held_out_examples_are_found_again(
    data: Path, limit: int | None, recorded: bool
) -> None:
    checkpoint, _, held_out = trained_on(data, limit)
    if not recorded:  # as checkpoints were written at first
        del checkpoint.training["validation"]["ids"]
    assert ids(read_validation(Dataset.open(data), checkpoint)) == held_out


def test_recorded_ids_count_and_not_the_options(data: Path) -> None:
    checkpoint, learn, _ = trained_on(data)
    checkpoint.training["validation"]["ids"] = learn[:3]
    assert ids(read_validation(Dataset.open(data), checkpoint)) == learn[:3]


def test_a_split_valid_goes_before_what_was_held_out(data: Path) -> None:
    checkpoint, _, _ = trained_on(data)
    write(data / "valid.csv", ["v1,1,fine,good,t"])
    write(data / "train.csv", ["x,1,fine,good,t"])
    assert ids(read_validation(Dataset.open(data), checkpoint)) == ["v1"]


def test_changed_training_data_are_refused(data: Path) -> None:
    checkpoint, _, _ = trained_on(data)
    with (data / "train.csv").open("a") as file:
        file.write("r90,n90,fine,good,t\n")
    with pytest.raises(DataError) as caught:
        read_validation(Dataset.open(data), checkpoint)
    assert str(caught.value) == (
        f"{data}/train.csv: not the data that the checkpoint was trained on (another sha256), so"
        " the held-out examples are unknown; give that data with --data, or add a split 'valid'"
    )


@pytest.mark.parametrize("reading", [Reading(id="number"), Reading(label="topic")])
def test_held_out_examples_that_are_missing_are_an_error(data: Path, reading: Reading) -> None:
    checkpoint, _, held_out = trained_on(data)
    with pytest.raises(DataError) as caught:
        read_validation(Dataset.open(data, reading), checkpoint)
    assert str(caught.value) == (
        f"{data}/train.csv: 8 of 8 held-out examples are missing (the first: id {held_out[0]!r});"
        " read the data as for the training (--id-column, --label-column, --on-bad-row), or add a"
        " split 'valid'"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"limit": 50}},
        {"data": {"train": 31}},
        {"validation": {"fraction": 0.3}},
        {"validation": {"examples": 9}},
    ],
)
def test_a_hold_out_that_cannot_be_repeated_is_refused(
    data: Path, change: dict[str, dict[str, Any]]
) -> None:
    checkpoint, _, _ = trained_on(data)
    del checkpoint.training["validation"]["ids"]
    for part, values in change.items():
        checkpoint.training[part].update(values)
    with pytest.raises(CheckpointError) as caught:
        read_validation(Dataset.open(data), checkpoint)
    assert str(caught.value) == (
        "the checkpoint does not record which examples were held out, and they cannot be told from"
        " its options; train it again, or add a split 'valid' to the data"
    )


@pytest.mark.parametrize("training", [{}, {"validation": {"split": "valid", "sha256": "0"}}])
def test_a_checkpoint_that_held_nothing_out_needs_a_split_valid(
    data: Path, training: dict[str, Any]
) -> None:
    with pytest.raises(CheckpointError) as caught:
        read_validation(Dataset.open(data), replace(make_checkpoint(), training=training))
    assert str(caught.value) == (
        "the checkpoint's training held no examples out; give --data with a split 'valid'"
    )


# --- the commands ---


def test_calibration_after_a_limited_training_uses_what_was_held_out(
    data: Path, tmp_path: Path, invoke: Callable[..., Invoked], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "--quiet --limit 40 --valid-fraction 0.2 --epochs 1 --hidden-size 4 --min-count 1"
    out = tmp_path / "trained"
    assert invoke("train", "--data", str(data), "--out", str(out), *words.split()).code == 0
    predict, used = inference.predict, []

    def spy(checkpoint: Checkpoint, examples: list[Example], **options: Any) -> Iterator[Any]:
        used.append(ids(examples))
        return predict(checkpoint, examples, **options)

    monkeypatch.setattr(inference, "predict", spy)
    monkeypatch.setattr(temperature, "fit_temperature", lambda logits, gold: 1.5)
    calibrate = ("calibrate", str(out), "--data", str(data), "--quiet", "--out")
    assert invoke(*calibrate, str(tmp_path / "one")).code == 0
    recorded = load_checkpoint(out).training["validation"]["ids"]
    assert used == [recorded]
    assert len(recorded) == 8

    calibrated = load_checkpoint(tmp_path / "one")
    assert calibrated.temperature == 1.5
    assert calibrated.training == load_checkpoint(out).training, "it can be calibrated again"

    change_config(out, lambda config: config["training"]["validation"].pop("ids"))
    assert invoke(*calibrate, str(tmp_path / "two")).code == 0
    assert used == [recorded, recorded]
