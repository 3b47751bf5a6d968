"""Training: an epoch against a plain loop of the same model, and what both learn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from parts import some
from reportgen.options import TrainingOptions
from reportgen.records import Example

EXAMPLES, OTHERS = 8000, 2000
PACKED = 1000  # the packed loop is so slow that fewer reviews must do


def training(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare an epoch with a plain loop over random padded batches through torch's own GRU."""
    import torch

    from reportgen.analysis.metrics import wilson_interval
    from reportgen.classifier.training import TrainingData, evaluate, prepare_fields, train
    from reportgen.corpus.dataset import tokenized
    from reportgen.corpus.tokenizers import get_tokenizer
    from reportgen.options import PRESETS

    torch.set_num_threads(1)
    examples = [Example(r.id, r.text, r.label) for r in some(table, EXAMPLES + OTHERS)]
    tokenizer = get_tokenizer("basic_english")
    options = replace(PRESETS["default"], epochs=2, average=0.0, word_dropout=0.0)
    learn, fields = prepare_fields(examples[:EXAMPLES], tokenizer, options)
    valid = [tokenized(e, tokenizer) for e in examples[EXAMPLES:]]
    valid_rows = fields.rows(valid)

    def ours() -> tuple[float, float]:
        start = time.perf_counter()
        data = TrainingData(learn, valid[:1], fields, tokenizer)
        checkpoint = train(data, options)
        seconds = (time.perf_counter() - start) / options.epochs
        return seconds / len(learn), evaluate(checkpoint.model, fields, valid_rows, 64, "cpu")[1]

    def plain(examples: Sequence[Example], epochs: int, packed: bool) -> tuple[float, float]:
        start = time.perf_counter()
        model = _plain_loop(fields, examples, replace(options, epochs=epochs), packed)
        seconds = (time.perf_counter() - start) / epochs
        return seconds / len(examples), evaluate(model, fields, valid_rows, 64, "cpu")[1]

    def learned(accuracy: float) -> str:
        low, high = wilson_interval(round(accuracy * OTHERS), OTHERS)
        return f"{100 * accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f})"

    mine, padded = ours(), plain(learn, options.epochs, False)
    slow, _ = plain(learn[:PACKED], 1, True)
    yield "## Training\n"
    yield (
        f"Default preset, {EXAMPLES:,} reviews cut to {options.max_length} tokens,"
        f" {options.epochs} epochs without averaging, word dropout and word vectors, one thread,"
        f" one run; accuracy on {OTHERS:,} others with its 95 % interval.\n"
    )
    yield "| way | ms a review and epoch | slower than ours | accuracy |\n|---|---|---|---|"
    yield f"| ours | {1e3 * mine[0]:.1f} | 1 | {learned(mine[1])} |"
    yield (
        "| plain loop: random batches, padded, through `nn.GRU` |"
        f" {1e3 * padded[0]:.1f} | {padded[0] / mine[0]:.1f} | {learned(padded[1])} |"
    )
    yield (
        f"| the same, packed ({PACKED:,} reviews, one epoch) |"
        f" {1e3 * slow:.1f} | {slow / mine[0]:.1f} | not measured |\n"
    )


def _plain_loop(
    fields: Any, examples: Sequence[Example], options: TrainingOptions, packed: bool
) -> Any:
    """Train on random batches through torch's own GRU, padded or packed; return the model."""
    import torch
    from torch import nn

    from reportgen.classifier.training import build_model

    torch.manual_seed(options.seed)
    model = build_model(fields, options, None)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    rows = fields.rows(examples, ends=options.max_length)
    for epoch in range(options.epochs):
        order = np.random.default_rng([options.seed, epoch]).permutation(len(rows))
        model.train()
        for at in range(0, len(rows), options.batch_size):
            group = [rows[i] for i in order[at : at + options.batch_size]]
            group.sort(key=lambda row: -len(row.text))
            batch = fields._batch(group, "cpu")
            embedded = model.dropout(model.embedding(batch.words))
            if packed:
                embedded = nn.utils.rnn.pack_padded_sequence(embedded, batch.lengths, True)
            keys, hidden = nn.GRU.forward(model.gru, embedded)
            if packed:
                keys, _ = nn.utils.rnn.pad_packed_sequence(keys, True)
            query = torch.cat((hidden[-2], hidden[-1]), dim=1)
            mask = torch.arange(keys.shape[1]) < batch.lengths[:, None]
            attended, _ = model.attention(query, keys, mask)
            logits = model.linear(model.dropout(attended))
            loss = nn.functional.cross_entropy(logits, batch.labels)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), options.clip)
            optimizer.step()
    return model
