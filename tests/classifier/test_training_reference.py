"""Training against a plain loop, and what the model is given in each step of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from reportgen.classifier import training
from reportgen.classifier.model import PAD_INDEX, AttentionClassifier, Output
from reportgen.classifier.training import TrainingData, evaluate, train
from reportgen.corpus.fields import Fields
from reportgen.options import TrainingOptions

from .conftest import SMALL, Prepare, build_seeded

PLAIN = replace(SMALL, dropout=0.0, epochs=2, batch_size=5)


def plain_loop(data: TrainingData, options: TrainingOptions) -> Iterator[AttentionClassifier]:
    """Train without a line of ours but the model and its batches; yield after each step."""
    model = build_seeded(data.fields, options).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    rows = data.fields.rows(data.train)
    for epoch in range(1, options.epochs + 1):
        seed = options.seed * 1_000 + epoch
        for batch in data.fields.shuffled_batches(rows, options.batch_size, seed):
            optimizer.zero_grad()
            logits = model(batch.words, batch.lengths).logits
            nn.functional.cross_entropy(logits, batch.labels).backward()
            nn.utils.clip_grad_norm_(model.parameters(), options.clip)
            optimizer.step()
            yield model


@pytest.fixture
def rising(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the validation accuracy rise with each epoch, so that the last one is kept."""
    accuracies = iter(range(100))
    monkeypatch.setattr(training, "evaluate", lambda *_: (0.5, next(accuracies) / 100))


@pytest.mark.usefixtures("rising")
@pytest.mark.parametrize("change", [{}, {"learning_rate": 0.1, "clip": 0.05, "seed": 7}])
def test_training_is_the_plain_loop(prepared: Prepare, change: dict[str, Any]) -> None:
    options = replace(PLAIN, **change)
    data = prepared(options)
    (*_, expected) = plain_loop(data, options)
    trained = train(data, options)
    for name, weight in expected.state_dict().items():
        assert torch.equal(trained.model.state_dict()[name], weight), name


@pytest.mark.usefixtures("rising")
@pytest.mark.parametrize("decay", [0.999, 0.3])
def test_the_mean_of_the_weights_has_a_window_that_grows_up_to_the_decay(
    prepared: Prepare, decay: float
) -> None:
    data = prepared(PLAIN)
    steps = [model.linear.weight.detach().clone() for model in plain_loop(data, PLAIN)]
    assert len(steps) == 10  # 24 examples in batches of 5, twice
    mean = steps[0]
    for count, weight in enumerate(steps[1:], 1):
        rate = min(decay, count / (count + 9))
        mean = rate * mean + (1 - rate) * weight
    trained = train(data, replace(PLAIN, average=decay))
    torch.testing.assert_close(trained.model.linear.weight.detach(), mean)


def test_the_losses_of_the_log_are_means_over_examples(prepared: Prepare) -> None:
    options = replace(PLAIN, epochs=1, learning_rate=1e-12)
    data = prepared(options)
    trained = train(data, options)
    model = build_seeded(data.fields, options)
    (row,) = trained.training["log"]
    for name, examples in (("train_loss", data.train), ("valid_loss", data.valid)):
        loss, _ = evaluate(model, data.fields, data.fields.rows(examples), 5, "cpu")
        assert row[name] == pytest.approx(loss, abs=1e-5), name


def test_what_is_validated_is_what_is_kept(prepared: Prepare) -> None:
    options = replace(PLAIN, average=0.9, learning_rate=0.05)
    data = prepared(options)
    trained = train(data, options)
    rows = data.fields.rows(data.valid)
    loss, accuracy = evaluate(trained.model, data.fields, rows, 3, "cpu")
    row = trained.training["log"][trained.training["best"] - 1]
    assert row["valid_loss"] == pytest.approx(loss, abs=2e-5)
    assert row["valid_accuracy"] == pytest.approx(accuracy, abs=2e-5)


Call = tuple[torch.Tensor, torch.Tensor, bool]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The words, the lengths and the mode of each call of the model."""
    calls: list[Call] = []
    forward = AttentionClassifier.forward

    def spy(self: AttentionClassifier, words: torch.Tensor, lengths: torch.Tensor) -> Output:
        calls.append((words.clone(), lengths.clone(), self.training))
        assert self.training is torch.is_grad_enabled(), "dropout in training, and only there"
        return forward(self, words, lengths)

    monkeypatch.setattr(AttentionClassifier, "forward", spy)
    return calls


def real(calls: list[Call], training: bool) -> torch.Tensor:
    """The words of all calls in that mode, without padding."""
    words = [
        row[:length]
        for words, lengths, mode in calls
        if mode is training
        for row, length in zip(words, lengths.tolist(), strict=True)
    ]
    return torch.cat(words)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_word_dropout_puts_the_unknown_word_in_the_place_of_tokens_in_training_only(
    prepared: Prepare, calls: list[Call], share: float
) -> None:
    options = replace(SMALL, epochs=12, patience=12, word_dropout=share)
    data = prepared(options)
    train(data, options)
    learnt, validated = real(calls, True), real(calls, False)
    assert len(learnt) == 12 * sum(len(e.tokens) for e in data.train)
    assert (learnt == 0).float().mean().item() == pytest.approx(share, abs=0.03)
    assert not (validated == 0).any()
    assert not (torch.cat((learnt, validated)) == PAD_INDEX).any()
    for words, lengths, _ in calls:
        padding = torch.arange(words.shape[1]) >= lengths[:, None]
        assert (words[padding] == PAD_INDEX).all()


def test_each_epoch_of_each_seed_has_an_order_of_its_own(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []
    batches: Callable[..., Any] = Fields.shuffled_batches

    def spy(self: Fields, rows: Any, size: int, seed: int, **options: Any) -> Any:
        seeds.append(seed)
        return batches(self, rows, size, seed, **options)

    monkeypatch.setattr(Fields, "shuffled_batches", spy)
    for seed in (1, 2):
        train(prepared(), replace(SMALL, seed=seed))
    assert len(set(seeds)) == len(seeds) == 2 * SMALL.epochs
