"""Which epoch a training keeps, when it stops, and what it reports on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from reportgen.classifier import training
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reportgen.classifier.training import train
from reportgen.errors import TrainingError
from reportgen.progress import Silent

from .conftest import SMALL, Prepare


class Transcript(Silent):
    """Keeps the lines, and presses Ctrl-C when the epoch named begins."""

    def __init__(self, interrupted: str | None = None) -> None:
        self.lines: list[str] = []
        self.interrupted = interrupted

    def say(self, line: str) -> None:
        self.lines.append(line)

    def track(self, items: Iterable[Any], what: str, *_: Any, **__: Any) -> Iterator[Any]:
        for item in items:
            if what == self.interrupted:
                raise KeyboardInterrupt
            yield item


def scripted(monkeypatch: pytest.MonkeyPatch, accuracies: list[float]) -> None:
    """Let the validation accuracies be these, one per epoch."""
    values = iter(accuracies)
    monkeypatch.setattr(training, "evaluate", lambda *_: (0.5, next(values)))


def test_each_better_epoch_is_handed_over_and_the_folder_holds_the_best(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scripted(monkeypatch, [0.5, 0.4, 0.7, 0.6, 0.8])
    handed: list[tuple[int, int, bool]] = []

    def keep(checkpoint: Checkpoint) -> None:
        save_checkpoint(checkpoint, tmp_path / "ckpt")
        training = load_checkpoint(tmp_path / "ckpt").training
        handed.append((training["best"], len(training["log"]), training["finished"]))

    options = replace(SMALL, epochs=5, patience=5)
    trained = train(prepared(), options, on_best=keep)
    assert handed == [(1, 1, False), (3, 3, False), (5, 5, False), (5, 5, True)]
    assert trained.training["best"] == 5
    loaded = load_checkpoint(tmp_path / "ckpt")
    assert torch.equal(loaded.model.linear.weight, trained.model.linear.weight)


def test_the_best_epoch_is_kept_and_not_the_last(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Checkpoint] = []
    scripted(monkeypatch, [0.5, 0.9, 0.6])
    trained = train(prepared(), SMALL, on_best=handed.append)
    assert trained.training["best"] == 2
    assert [row["valid_accuracy"] for row in trained.training["log"]] == [0.5, 0.9, 0.6]
    assert torch.equal(trained.model.linear.weight, handed[1].model.linear.weight)
    assert not torch.equal(handed[0].model.linear.weight, handed[1].model.linear.weight)
    assert [h.training["finished"] for h in handed] == [False, False, True]


def test_what_was_handed_over_does_not_change_later(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[Checkpoint, torch.Tensor]] = []
    scripted(monkeypatch, [0.5, 0.6, 0.7])
    keep = lambda c: handed.append((c, c.model.linear.weight.detach().clone()))  # noqa: E731
    train(prepared(), SMALL, on_best=keep)
    assert [len(checkpoint.training["log"]) for checkpoint, _ in handed] == [1, 2, 3, 3]
    for checkpoint, weight in handed:
        assert torch.equal(checkpoint.model.linear.weight, weight)
        assert not checkpoint.model.training


@pytest.mark.parametrize("accuracy", [1 / 3, 2 / 3, 0.5])
def test_training_stops_when_patience_is_at_its_end(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, accuracy: float
) -> None:
    # An accuracy that is only reached again is not a better one, however it is rounded.
    scripted(monkeypatch, [0.1, accuracy, accuracy, accuracy, 0.9])
    transcript = Transcript()
    options = replace(SMALL, epochs=9, patience=2)
    trained = train(prepared(), options, progress=transcript)
    assert trained.training["best"] == 2
    assert len(trained.training["log"]) == 4
    assert trained.training["finished"]
    assert transcript.lines[-1] == "no improvement for 2 epochs: stopping early"


def test_of_equal_accuracies_the_lower_loss_is_better(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six validation examples stay at 4 right while the model learns: it was stopped untrained."""
    found = iter([(0.7, 0.6), (0.6, 0.6), (0.8, 0.6), (0.5, 0.6), (0.1, 0.5), (0.6, 0.6)])
    monkeypatch.setattr(training, "evaluate", lambda *_: next(found))
    transcript = Transcript()
    options = replace(SMALL, epochs=9, patience=2)
    assert train(prepared(), options, progress=transcript).training["best"] == 4
    best = [line.endswith("best so far") for line in transcript.lines[:6]]
    assert best == [True, True, False, True, False, False]


@pytest.mark.parametrize("epochs", [2, 4])
def test_a_last_epoch_that_is_the_best_is_told(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    scripted(monkeypatch, [0.5, 0.7, 0.6, 0.65])
    transcript = Transcript()
    train(prepared(), replace(SMALL, epochs=epochs, patience=5), progress=transcript)
    told = "the last epoch was the best: more --epochs may do better"
    assert (transcript.lines[-1] == told) == (epochs == 2)


def test_each_epoch_is_reported_in_one_line(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [0.5, 0.25])
    transcript = Transcript()
    train(prepared(), replace(SMALL, epochs=2), progress=transcript)
    first, second = transcript.lines
    assert first.startswith("epoch  1  train loss 0.")
    assert "valid loss 0.5000  valid accuracy 50.00 %" in first
    assert first.endswith("  best so far")
    assert second.startswith("epoch  2  train loss 0.")
    assert "valid accuracy 25.00 %" in second
    assert not second.endswith("best so far")


def test_the_log_and_the_provenance_are_in_the_checkpoint(prepared: Prepare) -> None:
    trained = train(replace(prepared(), provenance={"data": {"name": "tiny"}}), SMALL)
    assert trained.training["data"] == {"name": "tiny"}
    assert trained.training["options"]["hidden_size"] == 6
    assert [row["epoch"] for row in trained.training["log"]] == [1, 2, 3]
    assert set(trained.training["log"][0]) == {
        "epoch",
        "train_loss",
        "valid_loss",
        "valid_accuracy",
    }
    json.dumps(trained.training, allow_nan=False)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_model_that_diverges_in_the_last_step_of_an_epoch_is_not_kept(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, loss: float
) -> None:
    monkeypatch.setattr(training, "evaluate", lambda *_: (loss, 0.9))
    handed: list[Checkpoint] = []
    with pytest.raises(TrainingError, match=r"^the loss is not finite; lower --learning-rate$"):
        train(prepared(), SMALL, on_best=handed.append)
    assert handed == []


def test_no_epoch_is_an_error(prepared: Prepare) -> None:
    with pytest.raises(TrainingError) as caught:
        train(prepared(), replace(SMALL, epochs=0))
    assert str(caught.value) == "no epoch was run; give --epochs 1 or more"


# --- Ctrl-C ---


def test_ctrl_c_in_the_second_epoch_keeps_the_first(prepared: Prepare, tmp_path: Path) -> None:
    transcript = Transcript(interrupted="epoch 2")
    keep = lambda c: save_checkpoint(c, tmp_path / "ckpt")  # noqa: E731
    trained = train(prepared(), SMALL, on_best=keep, progress=transcript)
    assert transcript.lines[-1] == "interrupted; the checkpoint is that of epoch 1"
    loaded = load_checkpoint(tmp_path / "ckpt")
    for checkpoint in (trained, loaded):
        assert checkpoint.training["best"] == 1
        assert checkpoint.training["finished"] is False
        assert [row["epoch"] for row in checkpoint.training["log"]] == [1]
    assert torch.equal(loaded.model.linear.weight, trained.model.linear.weight)


def test_ctrl_c_in_the_first_epoch_writes_nothing(prepared: Prepare) -> None:
    handed: list[Checkpoint] = []
    with pytest.raises(TrainingError) as caught:
        train(prepared(), SMALL, on_best=handed.append, progress=Transcript("epoch 1"))
    assert str(caught.value) == (
        "interrupted before the end of the first epoch; nothing was written"
    )
    assert handed == []


def test_ctrl_c_while_a_checkpoint_is_written_writes_it_again(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [0.5, 0.6, 0.7])
    calls, folder = 0, []

    def keep(checkpoint: Checkpoint) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt  # before the second one is written
        folder[:] = [checkpoint]

    transcript = Transcript()
    trained = train(prepared(), SMALL, on_best=keep, progress=transcript)
    assert transcript.lines[-1] == "interrupted; the checkpoint is that of epoch 2"
    assert folder == [trained]
    assert [row["epoch"] for row in trained.training["log"]] == [1, 2]
    assert trained.training["best"] == 2
