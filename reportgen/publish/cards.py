"""Turn predictions into cards: what page and PDF show of each example, as plain records."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Outcome
from reportgen.figures import layout
from reportgen.publish.names import safe_name
from reportgen.publish.words import cards as words
from reportgen.records import Prediction, Span

__all__ = ["BLANK", "LONG", "Card", "CardMaker", "Piece", "token_map"]

LONG = 220  # tokens that a card shows before it is folded
ATTENDED = 3
LONGEST_WORD = 40  # characters, where a word is named rather than read


@dataclass(frozen=True, slots=True)
class Piece:
    """A token, or the text between two (``weight`` is None, ``token`` false).

    ``level`` is the shade; ``weight`` is None on tokens that the model did not read.
    """

    text: str
    token: bool = False
    level: int = 0
    weight: float | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One example as the page shows it. Sizes are CSS pixels.

    ``flags`` are what a reader must know of it; ``gradients`` is the text shaded by integrated
    gradients, where they were computed. ``bands`` are the addresses of the parts of a heatmap
    drawn into a PDF; there are none in HTML.
    """

    id: str
    name: str
    outcome: Outcome
    label: str
    predicted: str
    confidence: float
    description: str
    pieces: tuple[Piece, ...]
    tokens: int
    counts: str
    attended: tuple[tuple[str, float], ...]
    heatmap: str
    width: int
    height: int
    extra: tuple[tuple[str, str], ...]
    flags: tuple[str, ...] = ()
    gradients: tuple[Piece, ...] = ()
    bands: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        """Whether a page folds it."""
        return self.tokens > LONG


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Makes the cards of predictions over these classes."""

    classes: tuple[str, ...]

    def cards(
        self, predictions: Iterable[Prediction], results: Iterable[ExampleResult]
    ) -> list[Card]:
        """Make the cards of predictions, with what was measured of each."""
        return [self.card(*pair) for pair in zip(predictions, results, strict=True)]

    def card(
        self, prediction: Prediction, result: ExampleResult, bands: tuple[str, ...] = ()
    ) -> Card:
        """Make the card of one prediction; one with bands needs no shaded text."""
        predicted = self.classes[result.predicted]
        width, height = layout.size(len(prediction.tokens))
        name = safe_name(prediction.id)
        return Card(
            id=prediction.id,
            name=name,
            outcome=result.outcome,
            label=prediction.label,
            predicted=predicted,
            confidence=result.confidence,
            description=words.description(predicted, result.confidence, prediction.label),
            pieces=() if bands else tuple(token_map(prediction)),
            tokens=len(prediction.tokens),
            counts=words.counts(prediction),
            attended=most_attended(prediction),
            heatmap=f"heatmaps/{name}.png",
            width=width,
            height=height,
            extra=tuple(sorted(prediction.extra.items())),
            flags=words.flags(prediction, result),
            gradients=() if bands else tuple(_gradient_map(prediction)),
            bands=bands,
        )


def _gradient_map(prediction: Prediction) -> Iterator[Piece]:
    """Yield the text shaded by what raised the answer; nothing where that was not computed."""
    if prediction.explanation is None or prediction.explanation.gradients is None:
        return
    raised = np.maximum(np.nan_to_num(prediction.explanation.gradients), 0)
    levels = np.rint((layout.LEVELS - 1) * raised / max(float(raised.max()), 1e-12)).astype(int)
    at = 0
    for piece in token_map(prediction):
        if piece.token:
            yield Piece(piece.text, True, int(levels[at]), 0.0)
            at += 1
        else:
            yield piece


def most_attended(prediction: Prediction, count: int = ATTENDED) -> tuple[tuple[str, float], ...]:
    """Return the tokens of the largest weights with them; of equal ones the earlier first."""
    weights = np.nan_to_num(prediction.attention)
    places = np.argsort(-weights, kind="stable")[:count]
    return tuple((_cut(prediction.tokens[i]), float(weights[i])) for i in places if weights[i] > 0)


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else word[: LONGEST_WORD - 1] + "…"


def token_map(prediction: Prediction) -> Iterator[Piece]:
    """Yield the whole text as tokens and what stands between them.

    Without spans each token is sought in the text after the one before it; where one is not
    found, the tokens are shown with spaces between them instead of the text.
    """
    text = prediction.text
    spans = prediction.spans if prediction.spans is not None else _find(text, prediction.tokens)
    if spans is None:
        text = " ".join(prediction.tokens)
        spans = _find(text, prediction.tokens) or ()
    levels = layout.shade_levels(prediction.attention)
    at = 0
    for i, (start, end) in enumerate(spans):
        if start > at:
            yield Piece(text[at:start])
        weight = float(prediction.attention[i])
        yield Piece(
            text[start:end],
            token=True,
            level=int(levels[i]),
            weight=None if math.isnan(weight) else weight,
            unknown=prediction.unknown is not None and bool(prediction.unknown[i]),
        )
        at = end
    if at < len(text):
        yield Piece(text[at:])


def _find(text: str, tokens: Sequence[str]) -> tuple[Span, ...] | None:
    spans, at = [], 0
    for token in tokens:
        start = text.find(token, at)
        if start < 0:
            return None
        at = start + len(token)
        spans.append((start, at))
    return tuple(spans)


# What the script of a page clones: a card with every part that may stand in one.
BLANK = Card(
    id="", name="", outcome=Outcome.CONFIDENTLY_RIGHT, label="", predicted="", confidence=0.0,
    description="", pieces=(Piece(""),), tokens=LONG + 1, counts="", attended=(("", 0.0),),
    heatmap="", width=layout.WIDTH, height=0, extra=(("x", "x"),), flags=("x",),
    gradients=(Piece(""),),
)  # fmt: skip
