"""Predict again without words, with few words, and with other attention, to test the attention.

Left of the predictions table these are only probabilities; what they mean is computed right of
it. Words are removed by deleting them from the text (DeYoung et al. 2020, section 4). Texts of like
length are explained together, because a recurrent network is fast on many rows of one length.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.denormals import flushed_denormals
from reportgen.classifier.model import PAD_INDEX
from reportgen.records import FRACTIONS, Example, Explanation, Prediction
from reportgen.removal import (
    DRAWS,
    FIRST_DRAWS,
    LEAST_TOKENS,
    TESTED,
    is_content_word,
    removal_test,
)

__all__ = ["explain"]

CONTENT_DRAWS = 6  # random removals of content words of each size, for a mean over examples
BLOCKS = (30, DRAWS - FIRST_DRAWS - 30)  # of further draws, where a test is not decided yet
LEFT_OUT = 16  # tokens that are left out one by one, at most; only a rank correlation needs them
STEPS = 32  # of integrated gradients
BATCH_WORDS = 32_768  # words of a batch, with its padding
CHUNK, TOGETHER = 256, 8  # predictions sorted by length; of those neighbours explained together
RANDOM_SIZES = [FRACTIONS.index(share) for share in TESTED]
F = len(FRACTIONS)

Selection = NDArray[np.int64]  # places of the tokens that are kept, in their order


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """What is read of a prediction: its n tokens as vocab indices [n] and their attention [n]."""

    prediction: Prediction
    read: NDArray[np.bool_]
    indices: torch.Tensor
    attention: NDArray[np.float64]
    content: NDArray[np.bool_]
    rng: np.random.Generator

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def predicted(self) -> int:
        return int(self.prediction.probabilities.argmax())

    def sizes(self, shares: Sequence[float]) -> list[int]:
        return [min(max(math.ceil(share * len(self)), 1), len(self)) for share in shares]

    def without(self, places: NDArray[np.int64]) -> Selection:
        return np.delete(np.arange(len(self)), places)

    def by_token(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Spread values of the tokens read [n] over all tokens [T]."""
        measured = np.full(len(self.read), np.nan, dtype=np.float32)
        measured[self.read] = values
        return measured


def explain(
    checkpoint: Checkpoint, predictions: Iterable[Prediction], *, seed: int, device: str = "cpu"
) -> Iterator[tuple[str, Explanation]]:
    """Yield the id and the explanation of each prediction of which a token was read.

    They come a group of similar length at a time, not in the order of the predictions.
    """
    numbered = iter(enumerate(predictions))
    while chunk := list(islice(numbered, CHUNK)):
        texts = [
            _text(checkpoint, prediction, read, np.random.default_rng((seed, number)))
            for number, prediction in chunk
            if (read := ~np.isnan(prediction.attention)).any()
        ]
        texts.sort(key=len)
        while texts:
            fitting = max(1, min(TOGETHER, BATCH_WORDS // len(texts[-1])))
            group = [texts.pop() for _ in range(min(fitting, len(texts)))]
            yield from zip(
                [text.prediction.id for text in group],
                _explain(checkpoint, group, device),
                strict=True,
            )


def _text(
    checkpoint: Checkpoint,
    prediction: Prediction,
    read: NDArray[np.bool_],
    rng: np.random.Generator,
) -> _Text:
    tokens = tuple(t for t, was_read in zip(prediction.tokens, read, strict=True) if was_read)
    example = Example(prediction.id, prediction.text, prediction.label, tokens)
    batch = next(checkpoint.fields.batches(checkpoint.fields.rows([example]), 1))
    attention = prediction.attention[read].astype(np.float64)
    content = np.array([is_content_word(token) for token in tokens])
    return _Text(prediction, read, batch.words[0], attention, content, rng)


@flushed_denormals()
def _explain(checkpoint: Checkpoint, texts: Sequence[_Text], device: str) -> list[Explanation]:
    gradients = [_gradients(checkpoint, text, device) for text in texts]
    under = _other_attention(checkpoint, texts, device)
    left_out = [text.rng.choice(len(text), min(len(text), LEFT_OUT), False) for text in texts]
    plans = [
        [
            *_chosen(text, gradient),
            *_random(text, FIRST_DRAWS),
            *_random(text, CONTENT_DRAWS, text.content),
            *(text.without(place) for place in places),
        ]
        for text, gradient, places in zip(texts, gradients, left_out, strict=True)
    ]
    ends = np.cumsum([4 * F, FIRST_DRAWS * len(TESTED), CONTENT_DRAWS * len(TESTED)])
    measured = [np.split(p, ends) for p in _probabilities(checkpoint, texts, plans, device)]
    chosen = [parts[0].reshape(2, 2, F) for parts in measured]
    random = _decided(
        checkpoint, texts, [c[0, 0] for c in chosen], [_table(m[1]) for m in measured], device
    )
    explanations = []
    for i, text in enumerate(texts):
        alone = np.full(len(text), np.nan)
        alone[left_out[i]] = measured[i][3]
        (attention_removed, gradients_removed), (attention_kept, gradients_kept) = chosen[i]
        uniform, permuted = under[i]
        explanations.append(
            Explanation(
                attention_removed=attention_removed,
                attention_kept=attention_kept,
                gradients_removed=gradients_removed,
                gradients_kept=gradients_kept,
                random_removed=random[i],
                content_removed=_table(measured[i][2]),
                uniform=uniform,
                permuted=permuted,
                gradients=text.by_token(gradients[i]),
                left_out=text.by_token(alone),
            )
        )
    return explanations


def _chosen(text: _Text, gradients: NDArray[np.float64]) -> list[Selection]:
    """Choose by attention and by gradients: texts without [2, F] and with those words alone.

    DeYoung et al. call the tokens that a prediction is said to rest on its rationale.
    """
    orders = [np.argsort(-values, kind="stable") for values in (text.attention, gradients)]
    rationales = [np.sort(order[:size]) for order in orders for size in text.sizes(FRACTIONS)]
    return [*map(text.without, rationales), *rationales]


def _random(text: _Text, draws: int, first: NDArray[np.bool_] | None = None) -> list[Selection]:
    """Remove random words, or random ones of ``first`` [n] and others where these run out."""
    orders = [text.rng.permutation(len(text)) for _ in range(draws)]
    if first is not None:
        orders = [order[np.argsort(~first[order], kind="stable")] for order in orders]
    return [text.without(order[:size]) for order in orders for size in text.sizes(TESTED)]


def _table(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put the values of random draws into a table [R, F], NaN at the sizes not drawn."""
    table = np.full((len(values) // len(TESTED), F), np.nan, dtype=np.float32)
    table[:, RANDOM_SIZES] = values.reshape(-1, len(TESTED))
    return table


def _decided(
    checkpoint: Checkpoint,
    texts: Sequence[_Text],
    own: Sequence[NDArray[np.float32]],
    random: Sequence[NDArray[np.float32]],
    device: str,
) -> list[NDArray[np.float32]]:
    """Draw on where the first draws leave the test of a text open (Besag and Clifford 1991)."""
    drawn = list(random)
    for draws in BLOCKS:
        plans = [
            []
            if len(text) < LEAST_TOKENS
            or removal_test(float(text.prediction.probabilities.max()), mine, table).decided
            else _random(text, draws)
            for text, mine, table in zip(texts, own, drawn, strict=True)
        ]
        more = _probabilities(checkpoint, texts, plans, device)
        drawn = [np.concatenate([d, _table(m)]) for d, m in zip(drawn, more, strict=True)]
    return drawn


def _gradients(checkpoint: Checkpoint, text: _Text, device: str) -> NDArray[np.float64]:
    """Return integrated gradients [n] of the class's probability (Sundararajan et al. 2017).

    From padding to the text along the straight line, by Gauss-Legendre quadrature: what captum's
    LayerIntegratedGradients gives, without its passes for single texts and its import of seconds.
    One text at a time: more rows than its steps only leave the processor's cache.
    """
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    along = torch.tensor((1 + nodes) / 2, dtype=torch.float32, device=device)[:, None, None]
    share = torch.tensor(weights / 2, dtype=torch.float32, device=device)[:, None, None]
    words = text.indices[None].to(device)
    embedding = checkpoint.model.embedding
    with torch.no_grad():
        baseline = embedding(torch.full_like(words, PAD_INDEX))
        way = embedding(words) - baseline  # [1, n, E]
    summed = torch.zeros_like(way)
    for part in range(0, STEPS, rows := max(1, BATCH_WORDS // len(text))):
        points = (baseline + along[part : part + rows] * way).requires_grad_()  # [S, n, E]
        with embedding.register_forward_hook(lambda *_, points=points: points):
            lengths = torch.full((len(points),), len(text))
            logits = checkpoint.model(words.expand(len(points), -1), lengths).logits
        answer = torch.softmax(logits / checkpoint.temperature, dim=1)[:, text.predicted].sum()
        (gradient,) = torch.autograd.grad(answer, points)
        summed += (share[part : part + rows] * gradient).sum(dim=0)
    attributions: NDArray[np.float64] = (way * summed).sum(dim=2)[0].cpu().double().numpy()
    return attributions


def _probabilities(
    checkpoint: Checkpoint,
    texts: Sequence[_Text],
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
        rows = [texts[i].indices[torch.from_numpy(plans[i][j])] for i, j in group]
        probabilities = _predict(checkpoint, *_padded(rows, device))
        for row, (i, j) in zip(probabilities, group, strict=True):
            results[i][j] = row[texts[i].predicted]
    return results


def _other_attention(
    checkpoint: Checkpoint, texts: Sequence[_Text], device: str
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return by text the class probabilities [K] under even and under shuffled attention."""
    weights = [np.full(len(text), 1 / len(text)) for text in texts]
    weights += [text.rng.permutation(text.attention) for text in texts]
    words, lengths = _padded([text.indices for text in texts], device)
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
