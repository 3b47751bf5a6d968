"""Predict again without words, with few words, and with other attention, to test the attention.

Left of the predictions table these are only probabilities; what they mean is computed right of
it. Words are removed by deleting them from the text (DeYoung et al. 2020, section 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.denormals import flushed_denormals
from reportgen.classifier.model import PAD_INDEX
from reportgen.corpus.fields import Batch
from reportgen.records import FRACTIONS, Example, Explanation, Prediction

__all__ = ["explain"]

RANDOM = 20  # random removals of each size
LEFT_OUT = 64  # tokens that are left out one by one, at most
STEPS = 32  # of integrated gradients
BATCH_WORDS = 32_768  # words of a batch, with its padding


def explain(
    checkpoint: Checkpoint, predictions: Iterable[Prediction], *, seed: int, device: str = "cpu"
) -> Iterator[tuple[str, Explanation]]:
    """Yield the id and the explanation of each prediction of which a token was read."""
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
    tokens = tuple(t for t, was_read in zip(prediction.tokens, read, strict=True) if was_read)
    example = Example(prediction.id, prediction.text, prediction.label, tokens)
    row = checkpoint.fields.rows([example])[0]
    batch = next(checkpoint.fields.batches([row], 1, device=device))
    indices = batch.words[0].cpu()  # [T]
    predicted, count = int(prediction.probabilities.argmax()), len(indices)
    attention = prediction.attention[read].astype(np.float64)
    gradients = _gradients(checkpoint, batch, predicted)
    sizes = [min(max(math.ceil(share * count), 1), count) for share in FRACTIONS]
    left_out = rng.choice(count, min(count, LEFT_OUT), replace=False)
    orders = [np.argsort(-attention, kind="stable"), np.argsort(-gradients, kind="stable")]
    orders += [rng.permutation(count) for _ in range(RANDOM)]
    # DeYoung et al. call the tokens that a prediction is said to rest on its rationale.
    rationales = [np.sort(order[:size]) for order in orders for size in sizes]
    everything = np.arange(count)
    complements = [np.delete(everything, rationale) for rationale in rationales]
    without_one = [np.delete(everything, place) for place in left_out]
    variants = [*complements, *rationales, *without_one]
    probabilities = _probabilities(checkpoint, indices, variants, device)[:, predicted]
    shape = (len(orders), len(sizes))
    removed = probabilities[: len(complements)].reshape(shape)
    kept = probabilities[len(complements) : -len(without_one)].reshape(shape)
    uniform = _with_weights(checkpoint, batch, np.full(count, 1 / count))
    permuted = _with_weights(checkpoint, batch, rng.permutation(attention))

    def by_token(places: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float32]:
        measured = np.full(len(read), np.nan, dtype=np.float32)
        measured[places] = values
        return measured

    return Explanation(
        attention_removed=removed[0],
        attention_kept=kept[0],
        gradients_removed=removed[1],
        gradients_kept=kept[1],
        random_removed=removed[2:],
        random_kept=kept[2:],
        uniform=uniform,
        permuted=permuted,
        gradients=by_token(np.flatnonzero(read), gradients),
        left_out=by_token(np.flatnonzero(read)[left_out], probabilities[-len(without_one) :]),
    )


def _gradients(checkpoint: Checkpoint, batch: Batch, predicted: int) -> NDArray[np.float64]:
    """Return integrated gradients [T] of the class's probability (Sundararajan et al. 2017)."""
    from captum.attr import LayerIntegratedGradients

    def probability(words: torch.Tensor) -> torch.Tensor:
        logits = checkpoint.model(words, batch.lengths.expand(len(words))).logits
        return torch.softmax(logits / checkpoint.temperature, dim=1)[:, predicted]

    method = LayerIntegratedGradients(probability, checkpoint.model.embedding)
    attributions = method.attribute(  # [1, T, E]
        batch.words,
        baselines=torch.full_like(batch.words, PAD_INDEX),
        n_steps=STEPS,
        internal_batch_size=max(1, BATCH_WORDS // batch.words.shape[1]),
    )
    return attributions.sum(dim=2)[0].detach().cpu().double().numpy()  # type: ignore[no-any-return]


def _probabilities(
    checkpoint: Checkpoint,
    indices: torch.Tensor,
    variants: Sequence[NDArray[np.int64]],
    device: str,
) -> NDArray[np.float32]:
    """Return the probabilities [V, K] of each selection of the tokens."""
    order = sorted(range(len(variants)), key=lambda i: -len(variants[i]))
    probabilities = np.zeros((len(variants), len(checkpoint.classes)), dtype=np.float32)
    start = 0
    while start < len(order):
        longest = max(len(variants[order[start]]), 1)
        group = order[start : start + max(1, BATCH_WORDS // longest)]
        start += len(group)
        rows = [indices[torch.from_numpy(variants[i])] for i in group]
        words = pad_sequence(rows, batch_first=True, padding_value=PAD_INDEX)
        lengths = torch.tensor([len(row) for row in rows])
        with torch.inference_mode():
            logits = checkpoint.model(words.to(device), lengths).logits.double().cpu()
        probabilities[group] = torch.softmax(logits / checkpoint.temperature, dim=1).numpy()
    return probabilities


def _with_weights(
    checkpoint: Checkpoint, batch: Batch, weights: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the probabilities [K] of the one text of a batch under the given attention [T]."""
    given = torch.from_numpy(weights).to(batch.words.device, torch.float32)[None]
    with torch.inference_mode():
        logits = checkpoint.model(batch.words, batch.lengths, given).logits[0].double().cpu()
    probabilities: NDArray[np.float64] = torch.softmax(logits / checkpoint.temperature, 0).numpy()
    return probabilities.astype(np.float32)
