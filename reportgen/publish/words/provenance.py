"""Where a report comes from: its data, its model, its training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.analysis.metrics import Quality
from reportgen.analysis.performance import Performance
from reportgen.predictions import Predictions
from reportgen.publish.words.numbers import counted, percent
from reportgen.records import DataInfo, ModelInfo, Weights

__all__ = ["contradiction", "of_data", "of_model", "origin", "provenance", "tested"]

TESTED = ("Data", "Evaluated", "Labels", "Model", "Weights")
CLASSES = 20  # whose examples are counted one by one


def provenance(
    predictions: Predictions, performance: Performance | None
) -> Iterator[tuple[str, str]]:
    """Yield what is known of data, model and training: a name and a text each."""
    info = predictions.info
    yield from of_data(info.data, info.seed, len(predictions))
    yield from _labels(performance)
    yield from _examples(predictions)
    yield from _left_out(info.data)
    yield from of_model(info.model, info.max_tokens)
    yield from _weights(info.weights)
    if info.data.sha256:
        yield "Data hash", f"sha256 {info.data.sha256}"


def origin(predictions: Predictions) -> Iterator[tuple[str, str]]:
    """Yield what a comparison tells of a run: its data, its model, its training, its weights."""
    info = predictions.info
    yield from of_data(info.data, info.seed, len(predictions))
    yield from of_model(info.model, info.max_tokens)
    yield from _weights(info.weights)
    if info.data.sha256:
        yield "Data hash", f"sha256 {info.data.sha256}"


def tested(predictions: Predictions, performance: Performance | None) -> Iterator[tuple[str, str]]:
    """Yield those lines of the provenance that say what was tested: which data, which model.

    How many rows were evaluated is said where it was not all of them.
    """
    whole = len(predictions) == predictions.info.data.rows
    for name, value in provenance(predictions, performance):
        if name in TESTED and not (whole and name == "Evaluated"):
            yield name, value


def contradiction(data: DataInfo, rows: int) -> str | None:
    """Say that a table has other rows than its metadata say; None where they do not disagree."""
    if data.evaluated in (0, rows):  # 0: they do not say
        return None
    return (
        f"the table has {counted(rows, 'row')}, its metadata say {data.evaluated:,} of"
        f" {data.rows:,}; what is reported is over the table"
    )


def of_data(data: DataInfo, seed: int | None, rows: int) -> Iterator[tuple[str, str]]:
    """Yield what is known of the data, of which a table has so many rows."""
    yield "Data", f"{data.name}, split {data.split}" if data.split else data.name
    if problem := contradiction(data, rows):
        yield "Evaluated", problem
    elif data.evaluated or rows < data.rows:
        seeded = "" if seed is None else f", seed {seed}"
        sample = f" (a random sample{seeded})" if 0 < data.evaluated < data.rows else ""
        yield "Evaluated", f"{rows:,} of {counted(data.rows, 'row')}{sample}"
    else:  # the metadata do not say how many there were
        yield "Evaluated", counted(rows, "row")
    if data.split_sizes:
        sizes = (f"{name} {count:,}" for name, count in data.split_sizes.items())
        yield "Splits", ", ".join(sizes)


def _labels(performance: Performance | None) -> Iterator[tuple[str, str]]:
    if performance is None:
        yield "Labels", "none"
        return
    quality = performance.quality
    if performance.unlabelled:
        total = quality.examples + performance.unlabelled
        yield "Labels", f"{quality.examples:,} of {counted(total, 'example')}"
    yield "Class balance", _balance(quality)


def _examples(predictions: Predictions) -> Iterator[tuple[str, str]]:
    lengths = predictions.lengths
    if predictions.unknown_tokens is not None:
        tokens = int(lengths.sum())
        share = percent(predictions.unknown_tokens.sum() / tokens) if tokens else "none"
        yield "Out of vocabulary", f"{share} of {counted(tokens, 'token')}"
    median = counted(round(float(np.median(lengths))), predictions.unit)
    yield "Length", f"median {median}, longest {lengths.max():,}"
    if unread := int(predictions.unread.sum()):
        texts = f"{int((predictions.unread > 0).sum()):,} of {counted(len(predictions), 'text')}"
        yield "Not read", f"{unread:,} of {counted(int(lengths.sum()), 'token')}, in {texts}"
    if predictions.in_train is not None:
        shared = int(predictions.in_train.sum())
        yield "Also in the training data", f"{shared:,} of {counted(len(predictions), 'text')}"


def _balance(quality: Quality) -> str:
    """Name the classes with their examples, in their order; of many the most frequent."""
    classes = quality.classes
    if len(classes) > CLASSES:
        classes = tuple(sorted(classes, key=lambda c: -c.support)[:CLASSES])
    text = ", ".join(
        f"{c.name} {c.support:,} ({percent(c.support / quality.examples)})" for c in classes
    )
    rest = len(quality.classes) - len(classes)
    if rest:
        others = quality.examples - sum(c.support for c in classes)
        text += f"; {rest:,} further {'class' if rest == 1 else 'classes'} {others:,}"
    return text


def _weights(weights: Weights | None) -> Iterator[tuple[str, str]]:
    """Say what the weights of the tokens are, where that is more than the model's attention."""
    if weights is None or weights == Weights(of=weights.of):
        return
    if weights.kind == "attribution":
        name = f"{weights.name or 'attributions'} ({weights.of})"
    else:
        name = weights.name or "attention of the model"
    yield "Weights", "; ".join((name, *weights.steps))


def _left_out(data: DataInfo) -> Iterator[tuple[str, str]]:
    if data.skipped:
        yield "Rows left out", f"{len(data.skipped):,}; listed below"
    if data.replaced_characters:
        yield "Illegal characters", f"{data.replaced_characters:,}, each shown as \ufffd"


def of_model(model: ModelInfo, max_tokens: int | None) -> Iterator[tuple[str, str]]:
    """Yield what is known of the model and its training."""
    yield "Model", ": ".join(part for part in (model.name, model.description) if part)
    if model.parameters:
        yield "Parameters", f"{model.parameters:,}"
    if model.tokenizer:
        yield "Tokenizer", model.tokenizer
    if model.training_log:
        yield "Training", _training(model.training, model.training_log)
        if model.training.get("vectors"):
            yield "Word vectors", str(model.training["vectors"].get("name", ""))
    temperature = model.settings.get("temperature", 1.0)
    if temperature != 1.0:
        yield "Temperature", f"{temperature:.3f}, fitted on validation examples"
    if max_tokens is not None:
        yield "Tokens read", f"the first {counted(max_tokens, 'token')} of each text"
    if model.checkpoint_sha256:
        yield "Checkpoint", f"sha256 {model.checkpoint_sha256}"


def _training(training: Mapping[str, Any], log: Sequence[Mapping[str, Any]]) -> str:
    text = counted(len(log), "epoch")
    if training.get("best"):
        text += f", best epoch {training['best']}"
    if training.get("finished") is False:
        text += "; interrupted"
    options = training.get("options")
    if isinstance(options, dict):
        names = ("learning_rate", "batch_size", "dropout", "seed")
        known = (f"{k.replace('_', ' ')} {options[k]}" for k in names if k in options)
        text += "; " + ", ".join(known)
    return text
