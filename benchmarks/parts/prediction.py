"""Prediction: length-sorted packed batches against the article's loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from parts import median, some
from reportgen.records import Prediction


def prediction(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare length-sorted packed batches with the article's loop, at the article's size."""
    import torch
    from torch import nn

    from reportgen.classifier.checkpoint import load_checkpoint
    from reportgen.classifier.inference import predict
    from reportgen.classifier.model import AttentionClassifier, ModelConfig
    from reportgen.records import Example

    torch.set_num_threads(1)
    torch.manual_seed(1)
    loaded = load_checkpoint(checkpoint, None, "cpu")
    words = len(loaded.fields.words)
    model = AttentionClassifier(ModelConfig(words, 2, 300, 512, 3, 0.4)).eval()
    article = replace(loaded, model=model)
    examples = [Example(r.id, r.text, r.label) for r in some(table, 256)]
    made: list[Prediction] = []

    def ours() -> None:
        made[:] = predict(article, examples, batch_size=64)

    from reportgen.corpus.dataset import tokenized

    rows = article.fields.rows([tokenized(e, article.tokenizer) for e in examples])

    def loop() -> None:
        order = np.random.default_rng(1).permutation(len(rows))
        with torch.inference_mode():
            for at in range(0, len(rows), 32):
                group = [torch.tensor(_indices(article, rows[i])) for i in order[at : at + 32]]
                padded = nn.utils.rnn.pad_sequence(group, batch_first=True, padding_value=1)
                keys, hidden = nn.GRU.forward(model.gru, model.embedding(padded))
                query = torch.cat((hidden[-2], hidden[-1]), dim=1)
                everything = torch.ones(padded.shape, dtype=torch.bool)
                attended, _ = model.attention(query, keys, everything)
                torch.softmax(model.linear(attended), dim=1)

    def products() -> None:
        gru = model.gru
        with torch.inference_mode():
            for batch in article.fields.batches(rows, 64):
                counts = (batch.lengths[None] > torch.arange(int(batch.lengths[0]))[:, None]).sum(1)
                for layer in range(3):
                    inside = getattr(gru, f"weight_ih_l{layer}")
                    across = getattr(gru, f"weight_hh_l{layer}").T
                    inputs = torch.randn(int(batch.lengths.sum()), inside.shape[1])
                    state = torch.randn(len(batch), 512)
                    for _ in range(2):
                        inputs @ inside.T
                        for count in counts.tolist():
                            state[:count] @ across

    took = {"ours": median(ours), "loop": median(loop, warm=False), "products": median(products)}
    alone = [next(iter(predict(article, [e], batch_size=1))) for e in examples]
    off = max(
        float(np.abs(a.probabilities - b.probabilities).max())
        for a, b in zip(made, alone, strict=True)
    )
    tokens = sum(len(p.tokens) for p in made)
    yield "## Prediction\n"
    yield (
        f"3 layers, 512 units, 300 numbers a word; {len(examples)} reviews, {tokens:,} tokens; one"
        " thread.\n"
    )
    yield "| way | s | slower than ours |\n|---|---|---|"
    yield f"| length-sorted packed batches (ours), tokenizing included | {took['ours']:.1f} | 1 |"
    yield (
        "| the article's loop: random batches of 32, padded |"
        f" {took['loop']:.1f} | {took['loop'] / took['ours']:.1f} |"
    )
    yield (
        "| the matrix products alone |"
        f" {took['products']:.1f} | {took['products'] / took['ours']:.2f} |\n"
    )
    yield f"Largest difference to each review predicted alone: {off:.1e}.\n"


def _indices(checkpoint: object, row: object) -> list[int]:
    known = checkpoint.fields.text.vocab.stoi  # type: ignore[attr-defined]
    return [known[word] for word in row.text]  # type: ignore[attr-defined]
