"""A checkpoint and predictions in, what the model says when words are taken away out.

Left of the seam these are only probabilities; what they mean is computed right of it. Words are
removed by deleting them from the text (DeYoung et al. 2020, section 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.denormals import flushed_denormals
from reportgen.classifier.model import PAD_INDEX
from reportgen.records import FRACTIONS, Example, Explanation, Prediction

__all__ = ["explain"]

RANDOM = 20  # random removals of each size
LEFT_OUT = 64  # tokens that are left out one by one, at most
STEPS = 32  # of integrated gradients
WORDS = 32_768  # padded words of a batch


def explain(
    checkpoint: Checkpoint, predictions: Iterable[Prediction], *, seed: int, device: str = "cpu"
) -> Iterator[tuple[str, Explanation]]:
    """Yield the id and the explanation of each prediction that read a token."""
    for number, prediction in enumerate(predictions):
        read = ~np.isnan(prediction.attention)
        if read.any():
            rng = np.random.default_rng((seed, number))
            yield prediction.id, _explain(checkpoint, prediction, read, rng, device)


@flushed_denormals()
def _explain(
    checkpoint: Checkpoint,
    prediction: Prediction,
    read: NDArray[np.bool_],
    rng: np.random.Generator,
    device: str,
) -> Explanation:
    tokens = tuple(token for token, kept in zip(prediction.tokens, read, strict=True) if kept)
    example = Example(prediction.id, prediction.text, prediction.label, tokens)
    row = checkpoint.fields.rows([example])[0]
    batch = next(checkpoint.fields.batches([row], 1, device=device))
    indices = batch.words[0].cpu()  # [T]
    said, n = int(prediction.probabilities.argmax()), len(indices)
    attention = prediction.attention[read].astype(np.float64)
    gradients = _gradients(checkpoint, batch.words, batch.lengths, said)
    sizes = [min(max(math.ceil(share * n), 1), n) for share in FRACTIONS]
    chosen = rng.choice(n, min(n, LEFT_OUT), replace=False)
    orders = [np.argsort(-attention, kind="stable"), np.argsort(-gradients, kind="stable")]
    orders += [rng.permutation(n) for _ in range(RANDOM)]
    kept = [np.sort(order[:size]) for order in orders for size in sizes]
    everything = np.arange(n)
    removed = [np.delete(everything, places) for places in kept]
    alone = [np.delete(everything, place) for place in chosen]
    answers = _answers(checkpoint, indices, [*removed, *kept, *alone], device)[:, said]
    shape = (2 + RANDOM, len(FRACTIONS))
    without = answers[: len(removed)].reshape(shape)
    only = answers[len(removed) : 2 * len(removed)].reshape(shape)
    left_out = np.full(n, np.nan)
    left_out[chosen] = answers[2 * len(removed) :]
    even = np.full(n, 1 / n)
    uniform, permuted = (
        _with_weights(checkpoint, batch.words, batch.lengths, weights)
        for weights in (even, rng.permutation(attention))
    )

    def over_all(values: NDArray[np.float64]) -> NDArray[np.float32]:
        whole = np.full(len(read), np.nan, dtype=np.float32)
        whole[read] = values
        return whole

    return Explanation(
        attention_removed=without[0],
        attention_kept=only[0],
        gradients_removed=without[1],
        gradients_kept=only[1],
        random_removed=without[2:],
        random_kept=only[2:],
        uniform=uniform,
        permuted=permuted,
        gradients=over_all(gradients),
        left_out=over_all(left_out),
    )


def _gradients(
    checkpoint: Checkpoint, words: torch.Tensor, lengths: torch.Tensor, said: int
) -> NDArray[np.float64]:
    """Return integrated gradients of the class's probability by token [T] (Sundararajan 2017)."""
    from captum.attr import LayerIntegratedGradients

    def answer(many: torch.Tensor) -> torch.Tensor:
        logits = checkpoint.model(many, lengths.expand(len(many))).logits
        return torch.softmax(logits / checkpoint.temperature, dim=1)[:, said]

    method = LayerIntegratedGradients(answer, checkpoint.model.embedding)
    found = method.attribute(
        words,
        baselines=torch.full_like(words, PAD_INDEX),
        n_steps=STEPS,
        internal_batch_size=max(1, WORDS // words.shape[1]),
    )
    checkpoint.model.zero_grad(set_to_none=True)
    return found.sum(dim=2)[0].detach().cpu().double().numpy()  # type: ignore[no-any-return]


def _answers(
    checkpoint: Checkpoint,
    indices: torch.Tensor,
    variants: Sequence[NDArray[np.int64]],
    device: str,
) -> NDArray[np.float32]:
    """Return the probabilities [V, K] of each selection of the tokens."""
    order = sorted(range(len(variants)), key=lambda i: -len(variants[i]))
    found = np.zeros((len(variants), len(checkpoint.classes)), dtype=np.float32)
    start = 0
    while start < len(order):
        longest = max(len(variants[order[start]]), 1)
        group = order[start : start + max(1, WORDS // longest)]
        start += len(group)
        rows = [indices[torch.from_numpy(variants[i])] for i in group]
        words = pad_sequence(rows, batch_first=True, padding_value=PAD_INDEX)
        lengths = torch.tensor([len(row) for row in rows])
        with torch.inference_mode():
            logits = checkpoint.model(words.to(device), lengths).logits.double().cpu()
        found[group] = torch.softmax(logits / checkpoint.temperature, dim=1).numpy()
    return found


def _with_weights(
    checkpoint: Checkpoint, words: torch.Tensor, lengths: torch.Tensor, weights: NDArray[np.float64]
) -> NDArray[np.float32]:
    given = torch.from_numpy(weights).to(words.device, torch.float32)[None]
    with torch.inference_mode():
        logits = checkpoint.model(words, lengths, given).logits.double().cpu()
    answer: NDArray[np.float32] = torch.softmax(logits / checkpoint.temperature, dim=1)[0].numpy()
    return answer.astype(np.float32)
