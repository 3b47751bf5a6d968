"""Rows and sections in, pages of cards out: all that the templates show, as plain records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.faithfulness import support
from reportgen.analysis.ordering import UNSURE_MARGIN, Section
from reportgen.figures import layout
from reportgen.publish.names import safe_name
from reportgen.records import Prediction, Span

__all__ = [
    "BLANK",
    "LONG",
    "PAGE_SIZE",
    "Block",
    "Card",
    "CardMaker",
    "Page",
    "Piece",
    "page_file",
    "paginate",
    "token_map",
]

PAGE_SIZE = 100
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
    gradients, where they were computed.

    ``bands`` are the addresses of the parts of a heatmap drawn into a PDF; there are none in HTML.
    """

    id: str
    name: str
    outcome: str
    gold: str
    predicted: str
    confidence: float
    correct: bool
    unsure: bool
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
class Block:
    """The part of a section that stands on one page: examples ``first`` to ``last`` of it."""

    section: Section
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Page:
    """One HTML page."""

    number: int
    file: str
    blocks: tuple[Block, ...]


def page_file(number: int) -> str:
    """Return the file name of a page; the first is index.html."""
    return "index.html" if number == 1 else f"page-{number:04}.html"


def paginate(sections: Sequence[Section], size: int = PAGE_SIZE) -> list[Page]:
    """Lay the sections out on pages of ``size`` cards; the first has every empty section too."""
    pages: list[list[Block]] = [[]]
    room = size
    for section in sections:
        done = 0
        while done < len(section) or done == 0:
            if room == 0 and done < len(section):
                pages.append([])
                room = size
            count = min(room, len(section) - done)
            pages[-1].append(Block(section, done + 1, done + count))
            done += count
            room -= count
            if count == 0:
                break
    return [Page(i, page_file(i), tuple(blocks)) for i, blocks in enumerate(pages, 1)]


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Makes cards of predictions; ``doubted`` are the ids whose label may be wrong."""

    classes: tuple[str, ...]
    unsure_margin: float = UNSURE_MARGIN
    doubted: frozenset[str] = frozenset()

    def card(self, prediction: Prediction, bands: tuple[str, ...] = ()) -> Card:
        """Make the card of one prediction; one with bands needs no shaded text."""
        second, first = np.sort(prediction.probabilities.astype(np.float64))[-2:]
        predicted = self.classes[int(prediction.probabilities.argmax())]
        correct, unsure = predicted == prediction.label, bool(first - second < self.unsure_margin)
        width, height = layout.size(len(prediction.tokens))
        name = safe_name(prediction.id)
        return Card(
            id=prediction.id,
            name=name,
            outcome=f"{'unsure' if unsure else 'confidently'}-{'right' if correct else 'wrong'}",
            gold=prediction.label,
            predicted=predicted,
            confidence=float(first),
            correct=correct,
            unsure=unsure,
            pieces=() if bands else tuple(token_map(prediction)),
            tokens=len(prediction.tokens),
            counts=_counts(prediction),
            attended=most_attended(prediction),
            heatmap=f"heatmaps/{name}.png",
            width=width,
            height=height,
            extra=tuple(sorted(prediction.extra.items())),
            flags=tuple(_flags(prediction, prediction.id in self.doubted)),
            gradients=() if bands else tuple(_gradient_map(prediction)),
            bands=bands,
        )


def _flags(prediction: Prediction, doubted: bool) -> Iterator[str]:
    if doubted:
        yield "the label may be wrong"
    if prediction.in_train:
        yield "this text was also trained on"
    tested = support(prediction)
    if tested is not None:
        yield f"attention {tested.value} by removal"


def _gradient_map(prediction: Prediction) -> Iterator[Piece]:
    """Yield the text shaded by what raised the answer; nothing where that was not computed."""
    if prediction.explanation is None:
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


def _counts(prediction: Prediction) -> str:
    number = len(prediction.tokens)
    said = f"{number:,} token{'' if number == 1 else 's'}"
    if prediction.unknown is not None and prediction.unknown.any():
        said += f", {int(prediction.unknown.sum()):,} unknown"
    if np.isnan(prediction.attention).any():
        said += f", {int(np.isnan(prediction.attention).sum()):,} not read"
    return said


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
    id="", name="", outcome="", gold="", predicted="", confidence=0.0, correct=True, unsure=False,
    pieces=(Piece(""),), tokens=LONG + 1, counts="", attended=(("", 0.0),), heatmap="",
    width=layout.WIDTH, height=0, extra=(("x", "x"),),
    flags=("x",), gradients=(Piece(""),),
)  # fmt: skip
