"""A dataset's training examples in, the best checkpoint by validation accuracy out."""

from __future__ import annotations

import copy
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.denormals import flushed_denormals
from reportgen.classifier.model import PAD_INDEX, AttentionClassifier, ModelConfig
from reportgen.corpus.dataset import tokenized
from reportgen.corpus.fields import Batch, Fields
from reportgen.corpus.tokenizers import Tokenizer
from reportgen.corpus.vectors import WordVectors
from reportgen.errors import TrainingError
from reportgen.options import TrainingOptions
from reportgen.progress import Progress, Silent
from reportgen.records import Example

__all__ = ["hold_out", "prepare_fields", "train"]


def hold_out(
    examples: Sequence[Example], fraction: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Split off a share of each class, at least one example, for validation; seeded.

    Raises:
        TrainingError: a class has fewer than two examples.
    """
    chosen: set[int] = set()
    for label, count in sorted(Counter(example.label for example in examples).items()):
        if count < 2:
            raise TrainingError(
                f"class {label!r} has one example: too few to hold some out for validation"
            )
        places = [i for i, example in enumerate(examples) if example.label == label]
        size = min(max(round(count * fraction), 1), count - 1)
        chosen.update(random.Random(f"{seed}-{label}").sample(places, size))
    kept = [example for i, example in enumerate(examples) if i not in chosen]
    return kept, [example for i, example in enumerate(examples) if i in chosen]


def prepare_fields(
    examples: Sequence[Example], tokenizer: Tokenizer, options: TrainingOptions
) -> tuple[list[Example], Fields]:
    """Tokenize the training examples and build vocab and classes from them.

    Raises:
        TrainingError: there are fewer than two classes, or no word is frequent enough.
        TokenizeError: the tokenizer failed on a text.
    """
    classes = sorted({example.label for example in examples})
    if len(classes) < 2:
        raise TrainingError(f"all training examples have the label {classes[0]!r}; two are needed")
    made = [tokenized(example, tokenizer) for example in examples]
    fields = Fields.build(made, classes, options.vocab_size, options.min_count)
    if len(fields.words) <= PAD_INDEX + 1:
        raise TrainingError(f"no word occurs {options.min_count} times; lower --min-count")
    return made, fields


@flushed_denormals()
def train(
    train_examples: Sequence[Example],
    valid_examples: Sequence[Example],
    fields: Fields,
    tokenizer: Tokenizer,
    options: TrainingOptions,
    *,
    vectors: WordVectors | None = None,
    provenance: dict[str, Any] | None = None,
    device: str = "cpu",
    on_best: Callable[[Checkpoint], None] = lambda checkpoint: None,
    progress: Progress | None = None,
) -> Checkpoint:
    """Train on tokenized examples and return the best checkpoint by validation accuracy.

    Each better checkpoint is handed to ``on_best`` at once, so a killed training loses at most
    what came after it. Ctrl-C ends the training and returns the best so far.

    Raises:
        TrainingError: the loss is not a number, or Ctrl-C came before the first epoch's end.
    """
    progress = progress or Silent()
    torch.manual_seed(options.seed)
    model = build_model(fields, options, vectors).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    averaged = _averaged(model, options.average)
    rows = fields.rows(train_examples, ends=options.max_length)
    valid_rows = fields.rows(valid_examples)
    log: list[dict[str, Any]] = []
    training = {**(provenance or {}), "options": asdict(options), "finished": False}
    best: Checkpoint | None = None
    most = -1.0  # the accuracy of the best
    try:
        for epoch in range(1, options.epochs + 1):
            start = time.monotonic()
            model.train()
            seed = options.seed * 1_000 + epoch
            batches = fields.shuffled_batches(rows, options.batch_size, seed, device=device)
            total = 0.0
            for batch in progress.track(batches, f"epoch {epoch}", len(rows), size=len):
                total += _step(model, optimizer, batch, options) * len(batch)
                if averaged is not None:
                    averaged.update_parameters(model)
            used: Any = model if averaged is None else averaged.module
            loss, accuracy = evaluate(used, fields, valid_rows, options.batch_size, device)
            _check_finite(loss)
            log.append(
                {
                    "epoch": epoch,
                    "train_loss": round(total / len(rows), 5),
                    "valid_loss": round(loss, 5),
                    "valid_accuracy": round(accuracy, 5),
                }
            )
            better = accuracy > most
            progress.say(_epoch_line(log[-1], time.monotonic() - start, better))
            if better:
                most = accuracy
                kept = copy.deepcopy(used).eval()
                story = {**training, "best": epoch, "log": list(log)}
                best = Checkpoint(kept, fields, tokenizer, story)
                on_best(best)
            elif epoch - (best.training["best"] if best else 0) >= options.patience:
                progress.say(f"no better for {options.patience} epochs: stopping")
                break
    except KeyboardInterrupt:
        if best is None:
            raise TrainingError(
                "stopped before the first epoch ended; nothing was written"
            ) from None
        progress.say(f"stopped; keeping epoch {best.training['best']}")
        on_best(best)  # again: Ctrl-C may have come while it was being kept
        return best
    if best is None:
        raise TrainingError("no epoch was run; give --epochs 1 or more")
    best = replace(best, training={**best.training, "log": log, "finished": True})
    on_best(best)
    return best


def build_model(
    fields: Fields, options: TrainingOptions, vectors: WordVectors | None
) -> AttentionClassifier:
    """Make a model with seeded weights; word vectors fill the first columns of the embedding.

    Raises:
        TrainingError: the vectors are longer than the embedding.
    """
    dim = options.embedding_dim
    if vectors is not None and vectors.matrix.shape[1] > dim:
        raise TrainingError(
            f"the vectors have {vectors.matrix.shape[1]} numbers and the embedding {dim};"
            f" give --embedding-dim {vectors.matrix.shape[1]} or more"
        )
    model = AttentionClassifier(
        ModelConfig(
            vocab_size=len(fields.words),
            num_classes=len(fields.classes),
            embedding_dim=dim,
            hidden_size=options.hidden_size,
            num_layers=options.num_layers,
            dropout=options.dropout,
        )
    )
    with torch.no_grad():
        weight = model.embedding.weight
        nn.init.normal_(weight, std=0.1)
        if vectors is not None:
            weight[vectors.found, : vectors.matrix.shape[1]] = vectors.matrix[vectors.found]
        weight[PAD_INDEX] = 0.0
    return model


def _averaged(model: nn.Module, decay: float) -> AveragedModel | None:
    if not decay:
        return None
    steps = 0

    def average(averaged: Any, current: Any, _count: Any) -> None:
        # The window grows with the steps, so that early epochs are not held back by the start.
        nonlocal steps
        steps += 1
        rate = min(decay, steps / (steps + 9))
        for mean, value in zip(averaged, current, strict=True):
            mean.lerp_(value, 1 - rate)

    return AveragedModel(model, multi_avg_fn=average)


def _step(
    model: AttentionClassifier,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    options: TrainingOptions,
) -> float:
    words = batch.words
    if options.word_dropout:
        hidden = torch.rand(words.shape, device=words.device) < options.word_dropout
        words = words.masked_fill(hidden & (words != PAD_INDEX), 0)
    loss = nn.functional.cross_entropy(model(words, batch.lengths).logits, batch.labels)
    value = loss.item()
    _check_finite(value)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), options.clip)
    optimizer.step()
    return value


def _check_finite(loss: float) -> None:
    if not math.isfinite(loss):
        raise TrainingError("the loss is not a number; lower --learning-rate")


def evaluate(
    model: nn.Module, fields: Fields, rows: Sequence[Any], batch_size: int, device: str
) -> tuple[float, float]:
    """Return mean cross-entropy and accuracy over the rows (over examples, not batches)."""
    model.eval()
    loss, right = 0.0, 0
    with torch.inference_mode():
        for batch in fields.batches(rows, batch_size, device=device):
            logits = model(batch.words, batch.lengths).logits
            loss += nn.functional.cross_entropy(logits, batch.labels, reduction="sum").item()
            right += int((logits.argmax(dim=1) == batch.labels).sum())
    return loss / len(rows), right / len(rows)


def _epoch_line(row: dict[str, Any], seconds: float, better: bool) -> str:
    return (
        f"epoch {row['epoch']:>2}  train loss {row['train_loss']:.4f}"
        f"  valid loss {row['valid_loss']:.4f}"
        f"  valid accuracy {100 * row['valid_accuracy']:.2f} %"
        f"  {seconds:.0f} s{'  best so far' if better else ''}"
    )
