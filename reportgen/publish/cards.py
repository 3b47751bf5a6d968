"""Turn predictions into cards: what page and PDF show of each example, as plain records."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Outcome
from reportgen.figures import layout
from reportgen.figures.layout import Columns
from reportgen.figures.scales import LEVELS, PLAIN, Scale, labels, signed_number
from reportgen.predictions.alignment import regions
from reportgen.publish.names import safe_name
from reportgen.publish.shares import millionths, others, runner_up
from reportgen.publish.words import cards as words
from reportgen.records import PREDICTED, Prediction, RunInfo

__all__ = [
    "BLANK",
    "LONG",
    "Card",
    "CardMaker",
    "Drawn",
    "Named",
    "Piece",
    "card_maker",
    "millionths",
    "runner_up",
    "token_map",
]

LONG = 220  # tokens that a card shows before it is folded
NAMED = 3  # words of each kind
ANSWER = "answer"  # what attributions speak for, if not for a class of their own
COLUMNS = Columns()  # of a heatmap, where nothing is known of the words
GRADIENTS = Scale(signed=True)
LONGEST_WORD = 40  # characters, where a word is named rather than read


@dataclass(frozen=True, slots=True)
class Piece:
    """A token, or the text between two (``weight`` is None, ``token`` false).

    ``level`` is the shade, below 0 on tokens that lowered the answer; ``weight`` is None on tokens
    that the model did not read.
    """

    text: str
    token: bool = False
    level: int = 0
    weight: float | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """The words that a card names: what they have in common, and each with its weight."""

    title: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of a card into a PDF: the addresses of the parts of its text and heatmap.

    ``whole`` says that a page keeps them together.
    """

    text: tuple[str, ...] = ()
    heatmap: tuple[str, ...] = ()
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.text or self.heatmap)


NOTHING = Drawn()


@dataclass(frozen=True, slots=True)
class Card:
    """One example as the page shows it. Sizes are CSS pixels.

    ``label`` is None where there is none; ``label_share`` is its probability where another class
    was predicted, ``second`` the runner-up with its probability where it is neither of the two.
    ``picture`` is what its heatmap is called, ``attended`` the words with the largest weights;
    ``signed`` says that weights are attributions; ``heads`` are levels of the tokens for each
    attention head. ``read`` counts the tokens that the model read, ``ends`` is what the key says of
    the two ends of their scale. ``cells`` are those of the heatmap, where they are not the tokens
    of the text as it stands; they run ``leftward`` or not. ``flags`` are what a reader must know of
    it; ``gradients`` is the text shaded by integrated gradients, where they were computed,
    ``gradients_key`` its key. ``drawn`` is what a PDF shows in place of the pieces.
    """

    id: str
    name: str
    outcome: Outcome
    label: str | None
    predicted: str
    confidence: float
    description: str
    pieces: tuple[Piece, ...]
    tokens: int
    read: int
    counts: str
    attended: tuple[Named, ...]
    picture: str
    heatmap: str
    width: int
    height: int
    columns: int
    extra: tuple[tuple[str, str], ...]
    flags: tuple[str, ...] = ()
    gradients: tuple[Piece, ...] = ()
    gradients_key: str = ""
    ends: tuple[str, ...] = ()
    cells: tuple[Piece, ...] = ()
    leftward: bool = False
    drawn: Drawn = NOTHING
    signed: bool = False
    heads: tuple[tuple[int, ...], ...] = ()
    label_share: str = ""
    second: tuple[str, str] | None = None

    @property
    def alt(self) -> str:
        """What the picture shows, for those who do not see it."""
        named = (
            f"{group.title}: {', '.join(w for w, _ in group.words)}" for group in self.attended
        )
        return "; ".join([f"{self.picture}: {self.description}", *named])

    @property
    def long(self) -> bool:
        """Whether a page folds it."""
        return self.tokens > LONG


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Makes the cards of predictions over these classes.

    ``scale`` shades their weights, ``gradients`` their integrated gradients. ``raised`` is what
    positive attributions speak for; ``columns`` are those of the run's heatmaps, which lie in the
    folder ``heatmaps``.
    """

    classes: tuple[str, ...]
    scale: Scale = PLAIN
    raised: str = ANSWER
    columns: Columns = COLUMNS
    gradients: Scale = GRADIENTS
    heatmaps: str = "heatmaps"

    @property
    def signed(self) -> bool:
        """Whether the weights are attributions."""
        return self.scale.signed

    def cards(
        self, predictions: Iterable[Prediction], results: Iterable[ExampleResult]
    ) -> list[Card]:
        """Make the cards of predictions, with what was measured of each."""
        return [self.card(*pair) for pair in zip(predictions, results, strict=True)]

    def card(self, prediction: Prediction, result: ExampleResult, drawn: Drawn = NOTHING) -> Card:
        """Make the card of one prediction; one that is drawn needs no shaded text."""
        predicted = self.classes[result.predicted]
        width, height = layout.size(len(prediction.tokens), self.columns.picture)
        name = safe_name(prediction.id)
        label_share, second = others(prediction, result.predicted, self.classes)
        confidence = millionths(result.confidence) / 1e6  # as the gallery's script has it
        pieces = () if drawn else tuple(token_map(prediction, self.scale))
        gradients = () if drawn else tuple(_gradient_map(prediction, self.gradients))
        return Card(
            id=prediction.id,
            name=name,
            outcome=result.outcome,
            label=prediction.label,
            predicted=predicted,
            confidence=confidence,
            description=words.description(predicted, confidence, prediction.label),
            pieces=pieces,
            tokens=len(prediction.tokens),
            read=int(np.count_nonzero(~np.isnan(prediction.attention))),
            counts=words.counts(prediction, self.signed),
            attended=tuple(named_words(prediction, self.signed, self.raised)),
            picture=words.picture(self.signed),
            heatmap=f"{self.heatmaps}/{name}.png",
            width=width,
            height=height,
            columns=self.columns.picture,
            extra=tuple(sorted(prediction.extra.items())),
            flags=words.flags(prediction.in_train, result, self.signed),
            gradients=gradients,
            gradients_key=words.gradients_key(self.gradients, prediction) if gradients else "",
            ends=key_ends(prediction, self.scale),
            cells=() if drawn else cells(prediction, pieces, self.scale),
            leftward=layout.runs_leftward(prediction.tokens),
            drawn=drawn,
            signed=self.signed,
            heads=() if drawn else tuple(head_levels(prediction, self.scale)),
            label_share=label_share,
            second=second,
        )


def card_maker(
    info: RunInfo,
    columns: Columns = COLUMNS,
    scale: Scale | None = None,
    gradients: Scale = GRADIENTS,
) -> CardMaker:
    """Return the maker of the cards of a table; without a ``scale`` each text has its own."""
    of = info.weights.of if info.weights else PREDICTED
    raised = ANSWER if of == PREDICTED else of
    return CardMaker(info.classes, scale or Scale(signed=info.signed), raised, columns, gradients)


def key_ends(prediction: Prediction, scale: Scale) -> tuple[str, ...]:
    """Return what the key says of the ends of the scale; nothing where nothing was read."""
    if np.isnan(prediction.attention).all():
        return ()
    return labels(scale, *scale.ends(prediction.attention))


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


def _gradient_map(prediction: Prediction, scale: Scale) -> Iterator[Piece]:
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


def named_words(
    prediction: Prediction, signed: bool = False, raised: str = ANSWER
) -> Iterator[Named]:
    """Yield what the card names: the most attended words, or those that raised and lowered it."""
    weights = np.nan_to_num(prediction.attention)
    sides = (
        {words.RAISED: weights, words.LOWERED: -weights} if signed else {words.ATTENDED: weights}
    )
    for title, sizes in sides.items():
        places = [int(i) for i in largest(sizes)]
        numbers = (_number(float(weights[i]), signed) for i in places)
        named = (_cut(prediction.tokens[i]) for i in places)
        if places:
            yield Named(title.format(raised), tuple(zip(named, numbers, strict=True)))


def largest(sizes: NDArray[np.floating[Any]], count: int = NAMED) -> NDArray[np.int64]:
    """Return the places of the largest numbers above 0; of equal ones the earlier first."""
    places = np.argsort(-sizes, kind="stable")[:count]
    found: NDArray[np.int64] = places[sizes[places] > 0]
    return found


def _number(weight: float, signed: bool) -> str:
    return signed_number(weight) if signed else f"{weight:.3f}"


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else word[: LONGEST_WORD - 1] + "…"


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


def head_levels(prediction: Prediction, scale: Scale = PLAIN) -> Iterator[tuple[int, ...]]:
    """Yield for each attention head the levels of what ``token_map`` shows."""
    if prediction.heads is None:
        return
    parts = list(regions(prediction.spans or ()))
    for head in prediction.heads:
        weights = np.array(_weights(head.tolist(), parts))
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


# What the script of a page clones: a card with every part that may stand in one.
BLANK = Card(
    id="", name="", outcome=Outcome.CONFIDENTLY_RIGHT, label="", predicted="", confidence=0.0,
    description="", pieces=(Piece(""),), tokens=LONG + 1, read=0, counts="",
    attended=(Named(words.ATTENDED, (("", "0.000"),)),), picture=words.picture(False),
    heatmap="", width=layout.WIDTH, height=0,
    columns=layout.COLUMNS, extra=(("x", "x"),), flags=("x",),
    gradients=(Piece(""),), gradients_key="x", label_share="0", second=("", "0"),
)  # fmt: skip
