"""Prediction: length-sorted packed batches against the article's loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from parts import median, some
from reportgen.records import Prediction

EXAMPLES, LAYERS, UNITS = 256, 3, 512


def prediction(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare length-sorted packed batches with the article's loop, at the article's size."""
    import torch

    from reportgen.classifier.checkpoint import load_checkpoint
    from reportgen.classifier.inference import predict
    from reportgen.classifier.model import AttentionClassifier, ModelConfig
    from reportgen.corpus.dataset import tokenized
    from reportgen.records import Example

    torch.set_num_threads(1)
    torch.manual_seed(1)
    loaded = load_checkpoint(checkpoint, None, "cpu")
    config = ModelConfig(len(loaded.fields.words), 2, 300, UNITS, LAYERS, 0.4)
    article = replace(loaded, model=AttentionClassifier(config).eval())
    examples = [Example(r.id, r.text, r.label) for r in some(table, EXAMPLES)]
    rows = article.fields.rows([tokenized(e, article.tokenizer) for e in examples])
    predictions: list[Prediction] = []

    def ours() -> None:
        predictions[:] = predict(article, examples, batch_size=64)

    seconds = {
        "ours": median(ours),
        "loop": median(lambda: _articles_loop(article, rows), warm=False),
        "products": median(lambda: _matrix_products(article, rows)),
    }
    alone = [next(iter(predict(article, [e], batch_size=1))) for e in examples]
    difference = max(
        float(np.abs(a.probabilities - b.probabilities).max())
        for a, b in zip(predictions, alone, strict=True)
    )
    tokens = sum(len(p.tokens) for p in predictions)
    yield "## Prediction\n"
    yield (
        f"{LAYERS} layers, {UNITS} units, 300-d embeddings; {len(examples)} reviews,"
        f" {tokens:,} tokens; one thread.\n"
    )
    yield "| way | s | slower than ours |\n|---|---|---|"
    for way, what in (
        ("ours", "length-sorted packed batches (ours), tokenizing included"),
        ("loop", "the article's loop: random batches of 32, padded"),
        ("products", "the matrix products alone"),
    ):
        yield f"| {what} | {seconds[way]:.1f} | {seconds[way] / seconds['ours']:.2f} |"
    yield f"\nLargest difference to each review predicted alone: {difference:.1e}.\n"


def _articles_loop(checkpoint: Any, rows: Sequence[Any]) -> None:
    """Predict random batches, padded, the padding read like words."""
    import torch
    from torch import nn

    model = checkpoint.model
    order = np.random.default_rng(1).permutation(len(rows))
    with torch.inference_mode():
        for at in range(0, len(rows), 32):
            group = [torch.tensor(_indices(checkpoint, rows[i])) for i in order[at : at + 32]]
            padded = nn.utils.rnn.pad_sequence(group, batch_first=True, padding_value=1)
            keys, hidden = nn.GRU.forward(model.gru, model.embedding(padded))
            query = torch.cat((hidden[-2], hidden[-1]), dim=1)
            everything = torch.ones(padded.shape, dtype=torch.bool)
            attended, _ = model.attention(query, keys, everything)
            torch.softmax(model.linear(attended), dim=1)


def _matrix_products(checkpoint: Any, rows: Sequence[Any]) -> None:
    """Do the multiplications of a packed bidirectional GRU and nothing else."""
    import torch

    gru = checkpoint.model.gru
    with torch.inference_mode():
        for batch in checkpoint.fields.batches(rows, 64):
            counts = (batch.lengths[None] > torch.arange(int(batch.lengths[0]))[:, None]).sum(1)
            for layer in range(LAYERS):
                inside = getattr(gru, f"weight_ih_l{layer}")
                across = getattr(gru, f"weight_hh_l{layer}").T
                inputs = torch.randn(int(batch.lengths.sum()), inside.shape[1])
                state = torch.randn(len(batch), UNITS)
                for _ in range(2):
                    inputs @ inside.T
                    for count in counts.tolist():
                        state[:count] @ across


def _indices(checkpoint: Any, row: Any) -> list[int]:
    known = checkpoint.fields.text.vocab.stoi
    return [known[word] for word in row.text]
