from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from reportgen.classifier import training
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reportgen.classifier.inference import predict
from reportgen.classifier.model import PAD_INDEX
from reportgen.classifier.training import (
    build_model,
    hold_out,
    prepare_fields,
    train,
)
from reportgen.cli import cli
from reportgen.corpus.dataset import tokenized
from reportgen.corpus.fields import Fields
from reportgen.corpus.vectors import WordVectors, load_vectors
from reportgen.errors import TrainingError
from reportgen.options import PRESETS, TrainingOptions
from reportgen.progress import Silent
from reportgen.records import Example

from .conftest import ENGLISH, SMALL, Prepared, example, separable

Prepare = Callable[..., Prepared]
FILES = ("model.safetensors", "config.json", "vocab.json")


class Heard(Silent):
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


# --- presets ---


def test_the_article_s_preset() -> None:
    article = PRESETS["article"]
    assert (article.num_layers, article.hidden_size, article.embedding_dim) == (3, 512, 300)
    assert (article.dropout, article.batch_size, article.epochs) == (0.4, 32, 5)
    assert article.vocab_size == 25_000
    assert article.max_length is None, "the article reads whole texts"
    assert (article.average, article.word_dropout) == (0.0, 0.0), "plain Adam, no tricks"


def test_the_default_preset_is_the_default() -> None:
    assert PRESETS["default"] == TrainingOptions()


# --- holding out ---


def labelled(**counts: int) -> list[Example]:
    labels = [label for label, count in counts.items() for _ in range(count)]
    return [example(i, f"text {i}", label) for i, label in enumerate(labels)]


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_hold_out_takes_its_share_of_each_class(fraction: float) -> None:
    examples = labelled(a=100, b=40, c=20)
    kept, held = hold_out(examples, fraction, seed=1)
    wanted = {"a": 100 * fraction, "b": 40 * fraction, "c": 20 * fraction}
    assert Counter(e.label for e in held) == wanted
    assert sorted([*kept, *held], key=lambda e: int(e.id[1:])) == examples
    assert [int(e.id[1:]) for e in kept] == sorted(int(e.id[1:]) for e in kept)


def test_hold_out_is_seeded() -> None:
    examples = labelled(a=50, b=50)
    assert hold_out(examples, 0.2, 1) == hold_out(examples, 0.2, 1)
    assert hold_out(examples, 0.2, 1) != hold_out(examples, 0.2, 2)


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_hold_out_leaves_an_example_of_each_class_on_both_sides(fraction: float) -> None:
    kept, held = hold_out(labelled(a=2, b=5), fraction, seed=3)
    assert {e.label for e in kept} == {e.label for e in held} == {"a", "b"}


def test_hold_out_needs_two_examples_of_a_class() -> None:
    with pytest.raises(TrainingError) as caught:
        hold_out(labelled(a=5, rare=1), 0.1, seed=1)
    assert str(caught.value) == (
        "class 'rare' has one example: too few to hold some out for validation"
    )


# --- fields ---


def test_prepare_fields_tokenizes_and_builds_the_vocab() -> None:
    examples = [example(0, "Good good film", "pos"), example(1, "a bad Film", "neg")]
    made, fields = prepare_fields(examples, ENGLISH, replace(SMALL, min_count=2))
    assert made[0].tokens == ("Good", "good", "film")
    assert fields.words == ["<unk>", "<pad>", "film", "good"]
    assert fields.classes == ("neg", "pos")


def test_the_vocab_keeps_the_most_frequent_words() -> None:
    examples = [example(0, "b b c c c a", "pos"), example(1, "d", "neg")]
    _, fields = prepare_fields(examples, ENGLISH, replace(SMALL, vocab_size=2))
    assert fields.words == ["<unk>", "<pad>", "c", "b"]


def test_one_class_only_cannot_be_learnt() -> None:
    with pytest.raises(TrainingError) as caught:
        prepare_fields(labelled(pos=3), ENGLISH, SMALL)
    assert str(caught.value) == "all training examples have the label 'pos'; two are needed"


@pytest.mark.parametrize("text", ["once", ""])
def test_a_vocab_without_words_is_an_error(text: str) -> None:
    examples = [example(0, text, "pos"), example(1, "", "neg")]
    with pytest.raises(TrainingError) as caught:
        prepare_fields(examples, ENGLISH, replace(SMALL, min_count=2))
    assert str(caught.value) == "no word occurs 2 times; lower --min-count"


# --- word vectors ---


def test_vectors_are_really_in_the_embedding(tmp_path: Path) -> None:
    rows = {"lovely": [0.25, -1.5, 3.0], "dull": [7.0, 0.125, -2.0], "elsewhere": [9.0, 9.0, 9.0]}
    lines = [" ".join([word, *map(str, row)]) for word, row in rows.items()]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n")
    _, fields = prepare_fields(separable(), ENGLISH, SMALL)
    vectors = load_vectors(str(tmp_path / "vectors.txt"), fields)

    torch.manual_seed(1)
    weight = build_model(fields, SMALL, vectors).embedding.weight.detach()

    assert weight.shape == (len(fields.words), SMALL.embedding_dim)
    for word in ("lovely", "dull"):
        row = weight[fields.words.index(word)]
        assert row[:3].tolist() == rows[word]
        assert torch.all(row[3:] != 0), "the further columns are drawn by chance"
    absent = weight[fields.words.index("splendid")]
    assert torch.all(absent != 0), "a word without a vector is drawn by chance"
    assert torch.all(weight[PAD_INDEX] == 0)


def test_training_starts_from_the_vectors(prepared: Prepare) -> None:
    options = replace(SMALL, epochs=1, learning_rate=1e-9)
    learn, valid, fields = prepared(options)
    matrix = torch.arange(len(fields.words) * 8.0).reshape(-1, 8)
    found = torch.ones(len(fields.words), dtype=torch.bool)
    vectors = WordVectors("made.txt", "0" * 64, matrix, found)
    made = train(learn, valid, fields, ENGLISH, options, vectors=vectors)
    torch.testing.assert_close(made.model.embedding.weight[2:].detach(), matrix[2:])


def test_vectors_longer_than_the_embedding_are_an_error() -> None:
    _, fields = prepare_fields(separable(), ENGLISH, SMALL)
    size = len(fields.words)
    vectors = WordVectors("v", "", torch.zeros(size, 50), torch.ones(size, dtype=torch.bool))
    with pytest.raises(TrainingError) as caught:
        build_model(fields, SMALL, vectors)
    assert str(caught.value) == (
        "the vectors have 50 numbers and the embedding 8; give --embedding-dim 50 or more"
    )


def test_the_model_has_the_shape_of_the_options(prepared: Prepare) -> None:
    _, _, fields = prepared()
    config = build_model(fields, replace(SMALL, num_layers=2, dropout=0.1), None).config
    assert (config.vocab_size, config.num_classes) == (len(fields.words), 2)
    assert (config.embedding_dim, config.hidden_size, config.num_layers) == (8, 6, 2)
    assert config.dropout == 0.1


def test_words_without_vectors_start_near_zero(prepared: Prepare) -> None:
    _, _, fields = prepared()
    weight = build_seeded(fields, replace(SMALL, embedding_dim=200)).embedding.weight.detach()
    assert weight[2:].std().item() == pytest.approx(0.1, rel=0.1)


# --- learning ---


def right(checkpoint: Checkpoint, examples: list[Example]) -> float:
    made = list(predict(checkpoint, examples))
    hits = [checkpoint.classes[int(p.probabilities.argmax())] == p.label for p in made]
    return sum(hits) / len(hits)


@pytest.mark.parametrize("change", [{}, {"average": 0.99}, {"word_dropout": 0.05}])
def test_a_separable_dataset_is_learnt(prepared: Prepare, change: dict[str, Any]) -> None:
    options = replace(SMALL, epochs=15, patience=15, **change)
    learn, _, fields = prepared(options)
    made = train(learn, learn, fields, ENGLISH, options)
    assert right(made, separable()) == 1
    assert made.training["log"][made.training["best"] - 1]["valid_accuracy"] == 1
    assert made.training["log"][-1]["train_loss"] < made.training["log"][0]["train_loss"]


def test_three_classes_are_learnt() -> None:
    signs = {"bad": "broken", "good": "lovely", "so-so": "passable"}
    examples = [
        example(i, f"day {i % 4} was {signs[label]} here", label)
        for i, label in enumerate(sorted(signs) * 6)
    ]
    options = replace(SMALL, epochs=20, patience=20)
    learn, fields = prepare_fields(examples, ENGLISH, options)
    made = train(learn, learn, fields, ENGLISH, options)
    assert made.classes == ("bad", "good", "so-so")
    assert right(made, examples) == 1


def test_empty_and_long_texts_can_be_trained_on() -> None:
    examples = [*separable(6), example(90, "", "bad"), example(91, "lovely " * 2_500, "good")]
    options = replace(SMALL, epochs=1)
    learn, fields = prepare_fields(examples, ENGLISH, options)
    made = train(learn, learn, fields, ENGLISH, options)
    assert all(torch.isfinite(weight).all() for weight in made.model.parameters())


def test_the_checkpoint_is_the_averaged_model(prepared: Prepare) -> None:
    learn, valid, fields = prepared()
    options = replace(SMALL, epochs=1)
    last = train(learn, valid, fields, ENGLISH, options).model.linear.weight
    mean = train(learn, valid, fields, ENGLISH, replace(options, average=0.9)).model.linear.weight
    start = build_seeded(fields, options).linear.weight
    assert not torch.equal(last, mean)
    assert (mean - start).norm() < (last - start).norm()


def build_seeded(fields: Fields, options: TrainingOptions) -> Any:
    torch.manual_seed(options.seed)
    return build_model(fields, options, None)


def test_gradients_are_clipped(prepared: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    clip = training.nn.utils.clip_grad_norm_
    monkeypatch.setattr(
        training.nn.utils,
        "clip_grad_norm_",
        lambda weights, most: (asked.append(most), clip(weights, most)),
    )
    train(*prepared(), ENGLISH, replace(SMALL, epochs=1, clip=0.25))
    assert asked == [0.25] * 6  # 24 examples in batches of 4


# --- determinism ---


def files_of(checkpoint: Checkpoint, folder: Path) -> dict[str, bytes]:
    save_checkpoint(checkpoint, folder)
    return {name: (folder / name).read_bytes() for name in FILES}


def test_two_trainings_with_one_seed_give_equal_bytes(prepared: Prepare, tmp_path: Path) -> None:
    options = replace(SMALL, word_dropout=0.1, average=0.9, num_layers=2)
    made = []
    for turn in ("one", "two"):
        learn, valid, fields = prepared(options)
        torch.rand(3)  # what was drawn before does not matter
        made.append(files_of(train(learn, valid, fields, ENGLISH, options), tmp_path / turn))
    assert made[0] == made[1]


def test_another_seed_gives_another_checkpoint(prepared: Prepare, tmp_path: Path) -> None:
    weights = []
    for seed in (1, 2):
        options = replace(SMALL, epochs=1, seed=seed)
        trained = train(*prepared(options), ENGLISH, options)
        weights.append(files_of(trained, tmp_path / str(seed))["model.safetensors"])
    assert weights[0] != weights[1]


def test_processes_with_different_hash_seeds_give_equal_bytes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = [f"{e.text},{e.label}" for e in separable(20)]
    (data / "train.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    options = "--quiet --epochs 1 --hidden-size 4 --embedding-dim 4 --min-count 1 --device cpu"
    arguments = ["train", "--data", str(data), *options.split(), "--out"]
    here, there = str(tmp_path / "here"), str(tmp_path / "there")

    CliRunner().invoke(cli, [*arguments, here], catch_exceptions=False)
    subprocess.run(
        [sys.executable, "-m", "reportgen", *arguments, there],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"},
    )
    for name in FILES:
        assert Path(here, name).read_bytes() == Path(there, name).read_bytes(), name


# --- the best so far ---


def test_each_better_epoch_is_handed_over_and_the_folder_holds_the_best(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scripted(monkeypatch, [0.5, 0.4, 0.7, 0.6, 0.8])
    handed: list[tuple[int, int, bool]] = []

    def keep(checkpoint: Checkpoint) -> None:
        save_checkpoint(checkpoint, tmp_path / "ckpt")
        kept = load_checkpoint(tmp_path / "ckpt").training
        handed.append((kept["best"], len(kept["log"]), kept["finished"]))

    options = replace(SMALL, epochs=5, patience=5)
    made = train(*prepared(), ENGLISH, options, on_best=keep)
    assert handed == [(1, 1, False), (3, 3, False), (5, 5, False), (5, 5, True)]
    assert made.training["best"] == 5
    kept = load_checkpoint(tmp_path / "ckpt")
    assert torch.equal(kept.model.linear.weight, made.model.linear.weight)


def test_the_best_epoch_is_kept_and_not_the_last(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Checkpoint] = []
    scripted(monkeypatch, [0.5, 0.9, 0.6])
    made = train(*prepared(), ENGLISH, SMALL, on_best=handed.append)
    assert made.training["best"] == 2
    assert [row["valid_accuracy"] for row in made.training["log"]] == [0.5, 0.9, 0.6]
    assert torch.equal(made.model.linear.weight, handed[1].model.linear.weight)
    assert not torch.equal(handed[0].model.linear.weight, handed[1].model.linear.weight)
    assert [h.training["finished"] for h in handed] == [False, False, True]


def test_what_was_handed_over_does_not_change_later(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[Checkpoint, torch.Tensor]] = []
    scripted(monkeypatch, [0.5, 0.6, 0.7])
    keep = lambda c: handed.append((c, c.model.linear.weight.detach().clone()))  # noqa: E731
    train(*prepared(), ENGLISH, SMALL, on_best=keep)
    for checkpoint, weight in handed:
        assert torch.equal(checkpoint.model.linear.weight, weight)
        assert not checkpoint.model.training


@pytest.mark.parametrize("accuracy", [1 / 3, 2 / 3, 0.5])
def test_training_stops_when_patience_is_at_its_end(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, accuracy: float
) -> None:
    # An accuracy that is only reached again is not a better one, however it is rounded.
    scripted(monkeypatch, [0.1, accuracy, accuracy, accuracy, 0.9])
    heard = Heard()
    options = replace(SMALL, epochs=9, patience=2)
    made = train(*prepared(), ENGLISH, options, progress=heard)
    assert made.training["best"] == 2
    assert len(made.training["log"]) == 4
    assert made.training["finished"]
    assert heard.lines[-1] == "no better for 2 epochs: stopping"


def test_one_line_is_said_per_epoch(prepared: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, [0.5, 0.25])
    heard = Heard()
    train(*prepared(), ENGLISH, replace(SMALL, epochs=2), progress=heard)
    first, second = heard.lines
    assert first.startswith("epoch  1  train loss 0.")
    assert "valid loss 0.5000  valid accuracy 50.00 %" in first
    assert first.endswith("  best so far")
    assert second.startswith("epoch  2  train loss 0.")
    assert "valid accuracy 25.00 %" in second
    assert not second.endswith("best so far")


def test_the_log_and_the_provenance_are_in_the_checkpoint(prepared: Prepare) -> None:
    made = train(*prepared(), ENGLISH, SMALL, provenance={"data": {"name": "tiny"}})
    assert made.training["data"] == {"name": "tiny"}
    assert made.training["options"]["hidden_size"] == 6
    assert [row["epoch"] for row in made.training["log"]] == [1, 2, 3]
    assert set(made.training["log"][0]) == {"epoch", "train_loss", "valid_loss", "valid_accuracy"}
    json.dumps(made.training, allow_nan=False)


def test_evaluation_counts_examples_and_not_batches(prepared: Prepare) -> None:
    learn, _, fields = prepared()
    model = build_seeded(fields, SMALL)
    rows = fields.rows(learn[:7])
    expected = [training.evaluate(model, fields, rows, size, "cpu") for size in (1, 3, 7)]
    with torch.no_grad():
        batch = next(fields.batches(rows, 7))
        logits = model.eval()(batch.words, batch.lengths).logits
    hits = (logits.argmax(dim=1) == batch.labels).float().mean().item()
    loss = torch.nn.functional.cross_entropy(logits, batch.labels).item()
    for made in expected:
        assert made == pytest.approx((loss, hits), abs=1e-6)


# --- Ctrl-C and what cannot be trained ---


def test_ctrl_c_in_the_second_epoch_keeps_the_first(prepared: Prepare, tmp_path: Path) -> None:
    heard = Heard(interrupted="epoch 2")
    keep = lambda c: save_checkpoint(c, tmp_path / "ckpt")  # noqa: E731
    made = train(*prepared(), ENGLISH, SMALL, on_best=keep, progress=heard)
    assert heard.lines[-1] == "stopped; keeping epoch 1"
    kept = load_checkpoint(tmp_path / "ckpt")
    for checkpoint in (made, kept):
        assert checkpoint.training["best"] == 1
        assert checkpoint.training["finished"] is False
        assert [row["epoch"] for row in checkpoint.training["log"]] == [1]
    assert torch.equal(kept.model.linear.weight, made.model.linear.weight)


def test_ctrl_c_in_the_first_epoch_writes_nothing(prepared: Prepare) -> None:
    handed: list[Checkpoint] = []
    with pytest.raises(TrainingError) as caught:
        train(*prepared(), ENGLISH, SMALL, on_best=handed.append, progress=Heard("epoch 1"))
    assert str(caught.value) == "stopped before the first epoch ended; nothing was written"
    assert handed == []


def test_ctrl_c_while_a_checkpoint_is_kept_keeps_what_is_said(
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

    heard = Heard()
    made = train(*prepared(), ENGLISH, SMALL, on_best=keep, progress=heard)
    assert heard.lines[-1] == "stopped; keeping epoch 2"
    assert folder == [made]
    assert made.training["best"] == 2


def nan_vectors(fields: Fields) -> WordVectors:
    size = len(fields.words)
    found = torch.ones(size, dtype=torch.bool)
    return WordVectors("nan.txt", "", torch.full((size, 8), float("nan")), found)


def test_a_loss_that_is_not_a_number_stops_the_training(prepared: Prepare) -> None:
    learn, valid, fields = prepared()
    with pytest.raises(TrainingError) as caught:
        train(learn, valid, fields, ENGLISH, SMALL, vectors=nan_vectors(fields))
    assert str(caught.value) == "the loss is not a number; lower --learning-rate"


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_model_that_went_astray_in_the_last_step_of_an_epoch_is_not_kept(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, loss: float
) -> None:
    monkeypatch.setattr(training, "evaluate", lambda *_: (loss, 0.9))
    handed: list[Checkpoint] = []
    with pytest.raises(TrainingError, match=r"^the loss is not a number; lower --learning-rate$"):
        train(*prepared(), ENGLISH, SMALL, on_best=handed.append)
    assert handed == []


def test_no_epoch_is_an_error(prepared: Prepare) -> None:
    with pytest.raises(TrainingError) as caught:
        train(*prepared(), ENGLISH, replace(SMALL, epochs=0))
    assert str(caught.value) == "no epoch was run; give --epochs 1 or more"


def test_training_may_cut_a_text_but_validation_reads_it_whole(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int | None]] = []
    rows = Fields.rows

    def spy(self: Fields, examples: Any, **how: Any) -> list[Any]:
        made = rows(self, examples, **how)
        asked.append((max(len(row.text) for row in made), how.get("ends")))
        return made

    monkeypatch.setattr(Fields, "rows", spy)
    learn, _, fields = prepared()
    valid = [tokenized(example(0, "word " * 30, "bad"), ENGLISH)]
    options = replace(SMALL, epochs=1, max_length=5)
    train(learn, valid, fields, ENGLISH, options)
    assert asked == [(5, 5), (30, None)]
