"""Training: an epoch against a plain loop of the same model, and what both learn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from parts import some

EXAMPLES, OTHERS = 8000, 2000
PACKED = 1000  # the packed loop is so slow that fewer reviews must do


def training(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare an epoch with a plain loop over random padded batches through torch's own GRU."""
    import torch
    from torch import nn

    from reportgen.analysis.metrics import wilson_interval
    from reportgen.classifier import training as ours_module
    from reportgen.classifier.training import TrainingData, build_model, evaluate, prepare_fields
    from reportgen.corpus.dataset import tokenized
    from reportgen.corpus.tokenizers import get_tokenizer
    from reportgen.options import PRESETS
    from reportgen.records import Example

    torch.set_num_threads(1)
    examples = [Example(r.id, r.text, r.label) for r in some(table, EXAMPLES + OTHERS)]
    tokenizer = get_tokenizer("basic_english")
    options = replace(PRESETS["default"], epochs=2, average=0.0, word_dropout=0.0)
    learn, fields = prepare_fields(examples[:EXAMPLES], tokenizer, options)
    valid = [tokenized(e, tokenizer) for e in examples[EXAMPLES:]]
    valid_rows = fields.rows(valid)

    def ours(seed: int) -> tuple[float, float]:
        start = time.perf_counter()
        chosen = replace(options, seed=seed)
        made = ours_module.train(TrainingData(learn, valid[:1], fields, tokenizer), chosen)
        seconds = (time.perf_counter() - start) / options.epochs
        return seconds / len(learn), evaluate(made.model, fields, valid_rows, 64, "cpu")[1]

    def plain(seed: int, packed: bool = False) -> tuple[float, float]:
        torch.manual_seed(seed)
        model = build_model(fields, options, None)
        optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
        rows = fields.rows(learn[:PACKED] if packed else learn, ends=options.max_length)
        epochs = 1 if packed else options.epochs
        start = time.perf_counter()
        for epoch in range(epochs):
            order = np.random.default_rng([seed, epoch]).permutation(len(rows))
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
        seconds = (time.perf_counter() - start) / epochs
        return seconds / len(rows), evaluate(model, fields, valid_rows, 64, "cpu")[1]

    def learned(accuracy: float) -> str:
        low, high = wilson_interval(round(accuracy * OTHERS), OTHERS)
        return f"{100 * accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f})"

    mine, padded = ours(options.seed), plain(options.seed)
    slow, _ = plain(options.seed, packed=True)
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
