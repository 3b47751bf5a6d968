"""Predict examples with a checkpoint: one prediction per example, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import torch

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.processor import flushed_denormals, one_thread
from reportgen.corpus.dataset import tokenized
from reportgen.errors import UsageError
from reportgen.records import Example, Prediction

__all__ = ["CHUNK", "choose_device", "predict"]

CHUNK = 1024  # examples that are sorted by length together


def choose_device(name: str) -> str:
    """Return ``cpu`` or ``cuda``; ``auto`` is CUDA where it is available.

    Raises:
        UsageError: CUDA is asked for and not available.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: no CUDA device is available; use --device cpu")
    return name


def predict(
    checkpoint: Checkpoint,
    examples: Iterable[Example],
    *,
    batch_size: int = 64,
    max_tokens: int | None = None,
    device: str = "cpu",
) -> Iterator[Prediction]:
    """Yield one prediction per example, in order, reading a bounded number ahead.

    Every text is read whole unless ``max_tokens`` says how many of its first tokens are read;
    the attention of the others is NaN.

    Raises:
        TokenizeError: the tokenizer failed on a text.
    """
    stream = iter(examples)
    while chunk := list(islice(stream, CHUNK)):
        chunk = [tokenized(example, checkpoint.tokenizer) for example in chunk]
        yield from _predict_chunk(checkpoint, chunk, batch_size, max_tokens, device)


@flushed_denormals()
@one_thread()
def _predict_chunk(
    checkpoint: Checkpoint,
    examples: Sequence[Example],
    batch_size: int,
    max_tokens: int | None,
    device: str,
) -> list[Prediction]:
    fields = checkpoint.fields
    predictions: dict[int, Prediction] = {}
    rows = fields.rows(examples, first=max_tokens)
    for batch in fields.batches(rows, batch_size, device=device):
        with torch.inference_mode():
            output = checkpoint.model(batch.words, batch.lengths)
        logits = output.logits.float().cpu()
        probabilities = torch.softmax(logits.double() / checkpoint.temperature, dim=1).numpy()
        weights = output.attention.float().cpu().numpy()
        for i, (position, length) in enumerate(zip(batch.positions, batch.lengths, strict=True)):
            example = examples[position]
            attention = np.full(len(example.tokens), np.nan, dtype=np.float32)
            attention[:length] = weights[i, :length]
            predictions[position] = Prediction(
                id=example.id,
                text=example.text,
                label=example.label,
                probabilities=probabilities[i].astype(np.float32),
                tokens=example.tokens,
                attention=attention,
                spans=example.spans,
                unknown=fields.unknown(example),
                logits=logits[i].numpy(),
                extra=example.extra,
            )
    return [predictions[i] for i in range(len(examples))]
