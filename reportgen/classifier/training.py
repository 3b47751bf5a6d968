"""Train a classifier and return the checkpoint of the epoch with the best validation accuracy."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.model import PAD_INDEX, AttentionClassifier, ModelConfig
from reportgen.classifier.processor import flushed_denormals
from reportgen.corpus.dataset import tokenized
from reportgen.corpus.fields import Batch, Fields
from reportgen.corpus.tokenizers import Tokenizer, phrase_in
from reportgen.corpus.vectors import WordVectors
from reportgen.errors import TrainingError
from reportgen.options import TrainingOptions
from reportgen.progress import Progress, Silent
from reportgen.records import Example

__all__ = [
    "TrainingData",
    "build_model",
    "evaluate",
    "prepare_fields",
    "train",
    "unknown_share",
]

CHECKED = 2000  # examples whose tokens are looked at before training
SHOWN = 20  # characters of a phrase in a message


@dataclass(frozen=True, slots=True, eq=False)  # a comparison of tensors has no single answer
class TrainingData:
    """What a model learns from.

    ``train`` and ``valid`` are tokenized by ``tokenizer``; ``fields`` are those of ``train``.
    The embedding starts from ``vectors``; ``provenance`` is copied into the checkpoint's record
    of its training.
    """

    train: Sequence[Example]
    valid: Sequence[Example]
    fields: Fields
    tokenizer: Tokenizer
    vectors: WordVectors | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)


def prepare_fields(
    examples: Sequence[Example], tokenizer: Tokenizer, options: TrainingOptions
) -> tuple[list[Example], Fields]:
    """Tokenize the training examples and build the vocab and the classes from them.

    Raises:
        TrainingError: there are fewer than two classes, no word is frequent enough, or the texts
            are of a script that the tokenizer cannot split.
        TokenizeError: the tokenizer failed on a text.
    """
    classes = sorted({example.label for example in examples if example.label is not None})
    if len(classes) < 2:
        raise TrainingError(
            f"all training examples have the label {classes[0]!r}; training needs two classes"
        )
    learn = [tokenized(example, tokenizer) for example in examples]
    _check_tokens(learn, tokenizer)
    fields = Fields.build(learn, classes, options.vocab_size, options.min_count)
    if len(fields.words) <= PAD_INDEX + 1:
        raise TrainingError(f"no word occurs {options.min_count} times; lower --min-count")
    return learn, fields


def _check_tokens(examples: Sequence[Example], tokenizer: Tokenizer) -> None:
    """Refuse to learn phrases in the place of words: a script without spaces has next to none."""
    some = examples[:: -(-len(examples) // CHECKED)]
    phrase = phrase_in(token for example in some for token in example.tokens)
    if phrase is not None:
        shown = phrase if len(phrase) <= SHOWN else f"{phrase[:SHOWN]}…"
        raise TrainingError(
            f"the tokenizer {tokenizer.name} takes whole phrases for words, such as {shown!r}: the"
            " texts are of a script without spaces between words; choose --tokenizer character, or"
            " a word tokenizer of that language as --tokenizer module:function"
        )


def unknown_share(examples: Sequence[Example], fields: Fields) -> float:
    """Return the share of the tokens of some of the examples that are not in the vocab."""
    some = examples[:: -(-len(examples) // CHECKED)]
    unknown = [fields.unknown(example) for example in some]
    return sum(int(u.sum()) for u in unknown) / max(sum(map(len, unknown)), 1)


@flushed_denormals()
def train(
    data: TrainingData,
    options: TrainingOptions,
    *,
    device: str = "cpu",
    on_best: Callable[[Checkpoint], None] = lambda checkpoint: None,
    progress: Progress | None = None,
) -> Checkpoint:
    """Train and return the best checkpoint by validation accuracy, of equal ones by the loss.

    The loss tells epochs apart where few validation examples, or a slow start, leave the accuracy
    as it was; a training that still learns is not stopped then.
    Each better checkpoint is handed to ``on_best`` at once, so a killed training loses at most
    what came after it. Ctrl-C ends the training and returns the best so far.

    Raises:
        TrainingError: the loss is not finite, or Ctrl-C came before the first epoch's end.
    """
    progress = progress or Silent()
    trainer = _Trainer(data, options, device)
    record = {**data.provenance, "options": asdict(options), "finished": False}
    log: list[dict[str, Any]] = []
    best: Checkpoint | None = None
    best_score = (-1.0, 0.0)
    try:
        for epoch in range(1, options.epochs + 1):
            start = time.monotonic()
            train_loss = trainer.run_epoch(epoch, progress)
            valid_loss, accuracy = trainer.validate()
            log.append(_log_row(epoch, train_loss, valid_loss, accuracy))
            score = (accuracy, -valid_loss)
            improved = score > best_score
            progress.say(_epoch_line(log[-1], time.monotonic() - start, improved))
            if improved:
                best_score = score
                model = copy.deepcopy(trainer.evaluated).eval()
                story = {**record, "best": epoch, "log": list(log)}
                best = Checkpoint(model, data.fields, data.tokenizer, story)
                on_best(best)
            elif best and epoch - best.training["best"] >= options.patience:
                progress.say(f"no improvement for {options.patience} epochs: stopping early")
                break
        else:
            if best and 1 < best.training["best"] == options.epochs:
                progress.say("the last epoch was the best: more --epochs may do better")
    except KeyboardInterrupt:
        if best is None:
            raise TrainingError(
                "interrupted before the end of the first epoch; nothing was written"
            ) from None
        progress.say(f"interrupted; the checkpoint is that of epoch {best.training['best']}")
        best = replace(best, training={**best.training, "log": log})
        on_best(best)  # again: Ctrl-C may have come while it was being written
        return best
    if best is None:
        raise TrainingError("no epoch was run; give --epochs 1 or more")
    best = replace(best, training={**best.training, "log": log, "finished": True})
    on_best(best)
    return best


class _Trainer:
    """A model in training, its optimizer and its rows. ``evaluated`` is what is kept of it."""

    def __init__(self, data: TrainingData, options: TrainingOptions, device: str) -> None:
        self.options, self.device, self.fields = options, device, data.fields
        torch.manual_seed(options.seed)
        self.model = build_model(data.fields, options, data.vectors).to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=options.learning_rate)
        self.averaged = _averaged(self.model, options.average)
        self.evaluated: Any = self.model if self.averaged is None else self.averaged.module
        self.rows = data.fields.rows(data.train, ends=options.max_length)
        self.valid_rows = data.fields.rows(data.valid)

    def run_epoch(self, epoch: int, progress: Progress) -> float:
        """Pass over the training examples once; return the mean loss."""
        self.model.train()
        batches = self.fields.shuffled_batches(
            self.rows,
            self.options.batch_size,
            self.options.seed * 1_000 + epoch,
            device=self.device,
        )
        total = 0.0
        for batch in progress.track(batches, f"epoch {epoch}", len(self.rows), size=len):
            total += _step(self.model, self.optimizer, batch, self.options) * len(batch)
            if self.averaged is not None:
                self.averaged.update_parameters(self.model)
        return total / len(self.rows)

    def validate(self) -> tuple[float, float]:
        """Return the loss and the accuracy on the validation examples."""
        size = self.options.batch_size
        loss, accuracy = evaluate(self.evaluated, self.fields, self.valid_rows, size, self.device)
        _check_finite(loss)
        return loss, accuracy


def build_model(
    fields: Fields, options: TrainingOptions, vectors: WordVectors | None
) -> AttentionClassifier:
    """Build a model with random weights; word vectors fill the first columns of the embedding.

    Raises:
        TrainingError: the vectors are longer than the embedding.
    """
    dim = options.embedding_dim
    if vectors is not None and vectors.matrix.shape[1] > dim:
        raise TrainingError(
            f"the vectors have {vectors.matrix.shape[1]} dimensions and the embedding {dim};"
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
            size = vectors.matrix.shape[1]
            weight[vectors.present, :size] = vectors.matrix[vectors.present]
            weight[len(weight) - len(vectors.added) :, size:] = 0.0  # never trained: not by chance
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
        dropped = torch.rand(words.shape, device=words.device) < options.word_dropout
        words = words.masked_fill(dropped & (words != PAD_INDEX), 0)  # 0: the unknown word
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
        raise TrainingError("the loss is not finite; lower --learning-rate")


def evaluate(
    model: nn.Module, fields: Fields, rows: Sequence[Any], batch_size: int, device: str
) -> tuple[float, float]:
    """Return mean cross-entropy and accuracy over the rows (over examples, not batches)."""
    model.eval()
    loss, correct = 0.0, 0
    with torch.inference_mode():
        for batch in fields.batches(rows, batch_size, device=device):
            logits = model(batch.words, batch.lengths).logits
            loss += nn.functional.cross_entropy(logits, batch.labels, reduction="sum").item()
            correct += int((logits.argmax(dim=1) == batch.labels).sum())
    return loss / len(rows), correct / len(rows)


def _log_row(epoch: int, train_loss: float, valid_loss: float, accuracy: float) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "train_loss": round(train_loss, 5),
        "valid_loss": round(valid_loss, 5),
        "valid_accuracy": round(accuracy, 5),
    }


def _epoch_line(row: dict[str, Any], seconds: float, improved: bool) -> str:
    return (
        f"epoch {row['epoch']:>2}  train loss {row['train_loss']:.4f}"
        f"  valid loss {row['valid_loss']:.4f}"
        f"  valid accuracy {100 * row['valid_accuracy']:.2f} %"
        f"  {seconds:.0f} s{'  best so far' if improved else ''}"
    )
