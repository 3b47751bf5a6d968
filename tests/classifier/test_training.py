from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from reportgen.classifier import training
from reportgen.classifier.checkpoint import Checkpoint, save_checkpoint
from reportgen.classifier.inference import predict
from reportgen.classifier.training import TrainingData, evaluate, prepare_fields, train
from reportgen.cli import cli
from reportgen.corpus.dataset import tokenized
from reportgen.corpus.fields import Fields
from reportgen.corpus.vectors import WordVectors
from reportgen.errors import TrainingError
from reportgen.options import PRESETS, TrainingOptions
from reportgen.records import Example

from .conftest import ENGLISH, SMALL, Prepare, build_seeded, example, separable

FILES = ("model.safetensors", "config.json", "vocab.json")


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


# --- learning ---


def accuracy(checkpoint: Checkpoint, examples: list[Example]) -> float:
    predictions = list(predict(checkpoint, examples))
    hits = [checkpoint.classes[int(p.probabilities.argmax())] == p.label for p in predictions]
    return sum(hits) / len(hits)


@pytest.mark.parametrize("change", [{}, {"average": 0.99}, {"word_dropout": 0.05}])
def test_a_separable_dataset_is_learnt(prepared: Prepare, change: dict[str, Any]) -> None:
    options = replace(SMALL, epochs=15, patience=15, **change)
    data = prepared(options)
    trained = train(replace(data, valid=data.train), options)
    assert accuracy(trained, separable()) == 1
    assert trained.training["log"][trained.training["best"] - 1]["valid_accuracy"] == 1
    assert trained.training["log"][-1]["train_loss"] < trained.training["log"][0]["train_loss"]


def test_three_classes_are_learnt() -> None:
    signs = {"bad": "broken", "good": "lovely", "so-so": "passable"}
    examples = [
        example(i, f"day {i % 4} was {signs[label]} here", label)
        for i, label in enumerate(sorted(signs) * 6)
    ]
    options = replace(SMALL, epochs=20, patience=20)
    learn, fields = prepare_fields(examples, ENGLISH, options)
    trained = train(TrainingData(learn, learn, fields, ENGLISH), options)
    assert trained.classes == ("bad", "good", "so-so")
    assert accuracy(trained, examples) == 1


def test_empty_and_long_texts_can_be_trained_on() -> None:
    examples = [*separable(6), example(90, "", "bad"), example(91, "lovely " * 2_500, "good")]
    options = replace(SMALL, epochs=1)
    learn, fields = prepare_fields(examples, ENGLISH, options)
    trained = train(TrainingData(learn, learn, fields, ENGLISH), options)
    assert all(torch.isfinite(weight).all() for weight in trained.model.parameters())


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
    valid = [tokenized(example(0, "word " * 30, "bad"), ENGLISH)]
    options = replace(SMALL, epochs=1, max_length=5)
    train(replace(prepared(), valid=valid), options)
    assert asked == [(5, 5), (30, None)]


def test_the_checkpoint_is_the_averaged_model(prepared: Prepare) -> None:
    data, options = prepared(), replace(SMALL, epochs=1)
    last = train(data, options).model.linear.weight
    mean = train(data, replace(options, average=0.9)).model.linear.weight
    start = build_seeded(data.fields, options).linear.weight
    assert not torch.equal(last, mean)
    assert (mean - start).norm() < (last - start).norm()


def test_gradients_are_clipped(prepared: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    clip = training.nn.utils.clip_grad_norm_
    monkeypatch.setattr(
        training.nn.utils,
        "clip_grad_norm_",
        lambda weights, most: (asked.append(most), clip(weights, most)),
    )
    train(prepared(), replace(SMALL, epochs=1, clip=0.25))
    assert asked == [0.25] * 6  # 24 examples in batches of 4


def test_evaluation_counts_examples_and_not_batches(prepared: Prepare) -> None:
    data = prepared()
    model = build_seeded(data.fields, SMALL)
    rows = data.fields.rows(data.train[:7])
    with torch.no_grad():
        batch = next(data.fields.batches(rows, 7))
        logits = model.eval()(batch.words, batch.lengths).logits
    hits = (logits.argmax(dim=1) == batch.labels).float().mean().item()
    loss = torch.nn.functional.cross_entropy(logits, batch.labels).item()
    for size in (1, 3, 7):
        measured = evaluate(model, data.fields, rows, size, "cpu")
        assert measured == pytest.approx((loss, hits), abs=1e-6)


def test_a_loss_that_is_not_a_number_stops_the_training(prepared: Prepare) -> None:
    data = prepared()
    size = len(data.fields.words)
    matrix, present = torch.full((size, 8), float("nan")), torch.ones(size, dtype=torch.bool)
    with pytest.raises(TrainingError) as caught:
        train(replace(data, vectors=WordVectors("nan.txt", "", matrix, present)), SMALL)
    assert str(caught.value) == "the loss is not finite; lower --learning-rate"


# --- determinism ---


def files_of(checkpoint: Checkpoint, folder: Path) -> dict[str, bytes]:
    save_checkpoint(checkpoint, folder)
    return {name: (folder / name).read_bytes() for name in FILES}


def test_two_trainings_with_one_seed_give_equal_bytes(prepared: Prepare, tmp_path: Path) -> None:
    options = replace(SMALL, word_dropout=0.1, average=0.9, num_layers=2)
    contents = []
    for turn in ("one", "two"):
        data = prepared(options)
        torch.rand(3)  # what was drawn before does not matter
        contents.append(files_of(train(data, options), tmp_path / turn))
    assert contents[0] == contents[1]


def test_another_seed_gives_another_checkpoint(prepared: Prepare, tmp_path: Path) -> None:
    weights = []
    for seed in (1, 2):
        options = replace(SMALL, epochs=1, seed=seed)
        trained = train(prepared(options), options)
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
