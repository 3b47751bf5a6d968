"""Cut a text into pieces, tokens and what stands between, each token with its shade."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from reportgen.figures.scales import LEVELS, PLAIN, Scale
from reportgen.predictions.alignment import regions
from reportgen.records import Prediction

__all__ = ["Piece", "cells", "gradient_map", "head_levels", "token_map"]


class Piece(NamedTuple):
    """A token, or the text between two (``weight`` is None, ``token`` false).

    A split has millions of them, and a tuple is made in a third of a data class's time.

    ``level`` is the shade, below 0 on tokens that lowered the answer; ``weight`` is None on tokens
    that the model did not read.
    """

    text: str
    token: bool = False
    level: int = 0
    weight: float | None = None
    unknown: bool = False


def cells(prediction: Prediction, pieces: Sequence[Piece], scale: Scale) -> tuple[Piece, ...]:
    """Return the cells of the heatmap where they are not the tokens among these pieces.

    Tokens without a place in the text have a cell, as have those that share a place; and the text
    may spell a token in another way.
    """
    tokens = prediction.tokens
    if tokens == tuple(piece.text for piece in pieces if piece.token):
        return ()
    levels = scale.levels(prediction.attention).tolist()
    weights = [None if weight != weight else weight for weight in prediction.attention.tolist()]
    unknown = [False] * len(tokens) if prediction.unknown is None else prediction.unknown.tolist()
    columns = zip(tokens, levels, weights, unknown, strict=True)
    return tuple(Piece(word, True, *values) for word, *values in columns)


def gradient_map(prediction: Prediction, scale: Scale) -> Iterator[Piece]:
    """Yield the text shaded by what raised the answer; nothing where that was not computed."""
    if prediction.explanation is None or prediction.explanation.gradients is None:
        return
    raised = np.maximum(np.nan_to_num(prediction.explanation.gradients), 0)
    ends = scale.ends(raised)
    for text, tokens in _parts(prediction):
        if tokens:
            share = float(scale.shares(raised[tokens].sum(keepdims=True), ends)[0])
            yield Piece(text, True, round((LEVELS - 1) * share), 0.0)
        else:
            yield Piece(text)


def token_map(prediction: Prediction, scale: Scale = PLAIN) -> Iterator[Piece]:
    """Yield the whole text as tokens and what stands between them.

    A piece that several tokens share, such as the bytes of one emoji, has the sum of their
    weights. A token without a place in the text is left out.
    """
    text, at, parts = prediction.text, 0, list(regions(prediction.spans or ()))
    values = prediction.attention.tolist()
    unknown = [False] * len(values) if prediction.unknown is None else prediction.unknown.tolist()
    weights = _weights(values, parts)
    levels = scale.levels(np.array(weights), scale.ends(prediction.attention)).tolist()
    for (start, end, tokens), weight, level in zip(parts, weights, levels, strict=True):
        if start > at:
            yield Piece(text[at:start])
        shown = None if weight != weight else weight  # NaN: not read
        strange = unknown[tokens[0]] or (len(tokens) > 1 and any(unknown[i] for i in tokens))
        yield Piece(text[start:end], True, level, shown, strange)
        at = end
    if at < len(text):
        yield Piece(text[at:])


def head_levels(
    prediction: Prediction, scale: Scale = PLAIN, with_cells: bool = False
) -> Iterator[tuple[int, ...]]:
    """Yield for each attention head the levels of what ``token_map`` shows.

    ``with_cells`` has those of the heatmap's cells follow, where they are others.
    """
    if prediction.heads is None:
        return
    parts = list(regions(prediction.spans or ()))
    for head in prediction.heads:
        weights = np.array(_weights(head.tolist(), parts))
        if with_cells:
            weights = np.append(weights, head)
        yield tuple(scale.levels(weights, scale.ends(head)).tolist())


def _weights(values: list[float], parts: list[tuple[int, int, list[int]]]) -> list[float]:
    """Return the weight of each part of the text, NaN where it was not read."""
    return [values[t[0]] if len(t) == 1 else _sum([values[i] for i in t]) for _, _, t in parts]


def _sum(weights: list[float]) -> float:
    """Return the sum of the weights that are not NaN; NaN where none is."""
    read = [weight for weight in weights if not math.isnan(weight)]
    return sum(read) if read else math.nan


def _parts(prediction: Prediction) -> Iterator[tuple[str, list[int]]]:
    """Yield the parts of the text, each with its tokens; those between tokens have none."""
    text, at = prediction.text, 0
    for start, end, tokens in regions(prediction.spans or ()):
        if start > at:
            yield text[at:start], []
        yield text[start:end], tokens
        at = end
    if at < len(text):
        yield text[at:], []
