"""Predict again without words, with few words, and with other attention, to test the attention.

Left of the predictions table these are only probabilities; what they mean is computed right of
it. Words are removed by deleting them from the text (DeYoung et al. 2020, section 4). Texts of like
length are explained together, because a recurrent network is fast on many rows of one length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.model import PAD_INDEX
from reportgen.classifier.processor import flushed_denormals, one_thread
from reportgen.explaining import ReadText, Selection, Under, brief, groups, measure
from reportgen.records import Example, Explanation, Prediction

__all__ = ["BATCH_WORDS", "explain", "explain_briefly", "explain_group"]

STEPS = 32  # of integrated gradients
BATCH_WORDS = 32_768  # words of a batch, with its padding


def explain(
    checkpoint: Checkpoint, predictions: Iterable[Prediction], *, seed: int, device: str = "cpu"
) -> Iterator[tuple[str, Explanation]]:
    """Yield the id and the explanation of each prediction of which a token was read.

    They come a group of similar length at a time, not in the order of the predictions.
    """
    for group in groups(predictions, seed, BATCH_WORDS):
        yield from explain_group(checkpoint, group, device)


@flushed_denormals()
@one_thread()
def explain_group(
    checkpoint: Checkpoint, texts: Sequence[ReadText], device: str = "cpu"
) -> list[tuple[str, Explanation]]:
    """Return the ids and the explanations of texts of similar length."""
    rows = [_indices(checkpoint, text) for text in texts]
    explanations = measure(
        texts,
        lambda plans: _probabilities(checkpoint, texts, rows, plans, device),
        [
            _gradients(checkpoint, row, text.predicted, device)
            for text, row in zip(texts, rows, strict=True)
        ],
        _other_attention(checkpoint, texts, rows, device),
    )
    return [(text.prediction.id, e) for text, e in zip(texts, explanations, strict=True)]


@flushed_denormals()
@one_thread()
def explain_briefly(
    checkpoint: Checkpoint, texts: Sequence[ReadText], device: str = "cpu"
) -> list[tuple[str, Explanation]]:
    """Return the ids, and the predictions under other attention, of texts of similar length."""
    rows = [_indices(checkpoint, text) for text in texts]
    return brief(texts, _other_attention(checkpoint, texts, rows, device))


def _indices(checkpoint: Checkpoint, text: ReadText) -> torch.Tensor:
    """Return the tokens read as indices of the vocab [n]."""
    example = Example("", "", text.prediction.label, text.tokens)
    return next(checkpoint.fields.batches(checkpoint.fields.rows([example]), 1)).words[0]


def _gradients(
    checkpoint: Checkpoint, row: torch.Tensor, predicted: int, device: str
) -> NDArray[np.float64]:
    """Return integrated gradients [n] of a class's probability (Sundararajan et al. 2017).

    From padding to the text along the straight line, by Gauss-Legendre quadrature: what captum's
    LayerIntegratedGradients gives, without its passes for single texts and its import of seconds.
    One text at a time: more rows than its steps only leave the processor's cache.
    """
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    along = torch.tensor((1 + nodes) / 2, dtype=torch.float32, device=device)[:, None, None]
    share = torch.tensor(weights / 2, dtype=torch.float32, device=device)[:, None, None]
    words = row[None].to(device)
    embedding = checkpoint.model.embedding
    with torch.no_grad():
        baseline = embedding(torch.full_like(words, PAD_INDEX))
        way = embedding(words) - baseline  # [1, n, E]
    summed = torch.zeros_like(way)
    for part in range(0, STEPS, rows := max(1, BATCH_WORDS // len(row))):
        points = (baseline + along[part : part + rows] * way).requires_grad_()  # [S, n, E]
        with embedding.register_forward_hook(lambda *_, points=points: points):
            lengths = torch.full((len(points),), len(row))
            logits = checkpoint.model(words.expand(len(points), -1), lengths).logits
        answer = torch.softmax(logits / checkpoint.temperature, dim=1)[:, predicted].sum()
        (gradient,) = torch.autograd.grad(answer, points)
        summed += (share[part : part + rows] * gradient).sum(dim=0)
    attributions: NDArray[np.float64] = (way * summed).sum(dim=2)[0].cpu().double().numpy()
    return attributions


def _probabilities(
    checkpoint: Checkpoint,
    texts: Sequence[ReadText],
    rows: Sequence[torch.Tensor],
    plans: Sequence[Sequence[Selection]],
    device: str,
) -> list[NDArray[np.float32]]:
    """Return by text the probability of its predicted class for each selection of its tokens."""
    results = [np.zeros(len(plan), dtype=np.float32) for plan in plans]
    order = sorted(
        ((i, j) for i, plan in enumerate(plans) for j in range(len(plan))),
        key=lambda place: -len(plans[place[0]][place[1]]),
    )
    start = 0
    while start < len(order):
        longest = max(len(plans[order[start][0]][order[start][1]]), 1)
        group = order[start : start + max(1, BATCH_WORDS // longest)]
        start += len(group)
        kept = [rows[i][torch.from_numpy(plans[i][j])] for i, j in group]
        probabilities = _predict(checkpoint, *_padded(kept, device))
        for row, (i, j) in zip(probabilities, group, strict=True):
            results[i][j] = row[texts[i].predicted]
    return results


def _other_attention(
    checkpoint: Checkpoint, texts: Sequence[ReadText], rows: Sequence[torch.Tensor], device: str
) -> list[Under]:
    """Return by text the class probabilities [K] under even and under shuffled attention."""
    weights = [np.full(len(text), 1 / len(text)) for text in texts]
    weights += [text.rng.permutation(text.weights) for text in texts]
    words, lengths = _padded(rows, device)
    given = pad_sequence([torch.from_numpy(w).float() for w in weights], batch_first=True)
    n = len(texts)
    uniform, permuted = (
        _predict(checkpoint, words, lengths, part.to(device)) for part in (given[:n], given[n:])
    )
    return list(zip(uniform, permuted, strict=True))


def _padded(rows: Sequence[torch.Tensor], device: str) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([len(row) for row in rows])
    return pad_sequence(list(rows), True, PAD_INDEX).to(device), lengths


def _predict(
    checkpoint: Checkpoint,
    words: torch.Tensor,
    lengths: torch.Tensor,
    weights: torch.Tensor | None = None,
) -> NDArray[np.float32]:
    """Return the class probabilities [B, K], under other attention [B, T] where it is given."""
    with torch.inference_mode():
        logits = checkpoint.model(words, lengths, weights).logits.double().cpu()
    probabilities: NDArray[np.float64] = torch.softmax(logits / checkpoint.temperature, 1).numpy()
    return probabilities.astype(np.float32)
