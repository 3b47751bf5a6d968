"""Turn predictions into cards: what page and PDF show of each example, as plain records."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Outcome
from reportgen.figures import layout
from reportgen.predictions.alignment import regions
from reportgen.publish.names import safe_name
from reportgen.publish.words import cards as words
from reportgen.records import Prediction

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

    ``read`` counts the tokens that the model read. ``flags`` are what a reader must know of it;
    ``gradients`` is the text shaded by integrated gradients, where they were computed. ``bands``
    are the addresses of the parts of a heatmap drawn into a PDF; there are none in HTML.
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
    read: int
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
            label=prediction.label or "",
            predicted=predicted,
            confidence=result.confidence,
            description=words.description(predicted, result.confidence, prediction.label or ""),
            pieces=() if bands else tuple(token_map(prediction)),
            tokens=len(prediction.tokens),
            read=int(np.count_nonzero(~np.isnan(prediction.attention))),
            counts=words.counts(prediction),
            attended=most_attended(prediction),
            heatmap=f"heatmaps/{name}.png",
            width=width,
            height=height,
            extra=tuple(sorted(prediction.extra.items())),
            flags=words.flags(prediction.in_train, result),
            gradients=() if bands else tuple(_gradient_map(prediction)),
            bands=bands,
        )


def _gradient_map(prediction: Prediction) -> Iterator[Piece]:
    """Yield the text shaded by what raised the answer; nothing where that was not computed."""
    if prediction.explanation is None or prediction.explanation.gradients is None:
        return
    raised = np.maximum(np.nan_to_num(prediction.explanation.gradients), 0)
    top = max(float(raised.max()), 1e-12)
    for text, tokens in _parts(prediction):
        if tokens:
            share = min(float(raised[tokens].sum()) / top, 1.0)
            yield Piece(text, True, round((layout.LEVELS - 1) * share), 0.0)
        else:
            yield Piece(text)


def most_attended(prediction: Prediction, count: int = ATTENDED) -> tuple[tuple[str, float], ...]:
    """Return the tokens of the largest weights with them; of equal ones the earlier first."""
    weights = np.nan_to_num(prediction.attention)
    places = np.argsort(-weights, kind="stable")[:count]
    return tuple((_cut(prediction.tokens[i]), float(weights[i])) for i in places if weights[i] > 0)


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else word[: LONGEST_WORD - 1] + "…"


def token_map(prediction: Prediction) -> Iterator[Piece]:
    """Yield the whole text as tokens and what stands between them.

    A piece that several tokens share, such as the bytes of one emoji, has the sum of their
    weights. A token without a place in the text is left out.
    """
    text, at, parts = prediction.text, 0, list(regions(prediction.spans or ()))
    values = prediction.attention.tolist()
    unknown = [False] * len(values) if prediction.unknown is None else prediction.unknown.tolist()
    weights = [values[t[0]] if len(t) == 1 else _sum([values[i] for i in t]) for _, _, t in parts]
    levels = layout.shade_levels(np.array(weights), layout.scale(prediction.attention)).tolist()
    for (start, end, tokens), weight, level in zip(parts, weights, levels, strict=True):
        if start > at:
            yield Piece(text[at:start])
        shown = None if weight != weight else weight  # NaN: not read
        strange = unknown[tokens[0]] or (len(tokens) > 1 and any(unknown[i] for i in tokens))
        yield Piece(text[start:end], True, level, shown, strange)
        at = end
    if at < len(text):
        yield Piece(text[at:])


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


# What the script of a page clones: a card with every part that may stand in one.
BLANK = Card(
    id="", name="", outcome=Outcome.CONFIDENTLY_RIGHT, label="", predicted="", confidence=0.0,
    description="", pieces=(Piece(""),), tokens=LONG + 1, read=0, counts="", attended=(("", 0.0),),
    heatmap="", width=layout.WIDTH, height=0, extra=(("x", "x"),), flags=("x",),
    gradients=(Piece(""),),
)  # fmt: skip
