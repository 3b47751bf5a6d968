"""Turn predictions into cards: what page and PDF show of each example, as plain records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Outcome
from reportgen.figures import layout
from reportgen.figures.layout import Columns
from reportgen.figures.scales import PLAIN, Scale, labels, signed_number
from reportgen.languages import language_of
from reportgen.publish.names import safe_name
from reportgen.publish.pieces import Piece, cells, gradient_map, head_levels, token_map
from reportgen.publish.shares import millionths, others, runner_up
from reportgen.publish.words import cards as words
from reportgen.records import PREDICTED, Prediction, RunInfo

__all__ = [
    "BLANK",
    "LONG",
    "LONG_TEXT",
    "Card",
    "CardMaker",
    "Drawn",
    "Named",
    "card_maker",
    "millionths",
    "runner_up",
]

LONG = 220  # tokens that a card shows before it is folded
LONG_TEXT = 1100  # characters, where the table has no tokens
NAMED = 3  # words of each kind
NEGLIGIBLE = 0.01  # of the largest attribution by size; smaller ones are not named
ANSWER = "answer"  # what attributions speak for, if not for a class of their own
COLUMNS = Columns()  # of a heatmap, where nothing is known of the words
GRADIENTS = Scale(signed=True)
LONGEST_WORD = 40  # characters, where a word is named rather than read


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
    ``signed`` says that weights are attributions; ``heads`` are levels of the tokens, then of the
    cells, for each attention head. ``read`` counts the tokens that the model read, ``ends`` is what
    the key says of the two ends of their scale. ``cells`` are those of the heatmap, where they are
    not the tokens of the text as it stands; they run ``leftward`` or not. ``flags`` are what a
    reader must know of it; ``gradients`` is the text shaded by integrated gradients, where they
    were computed, ``gradients_key`` its key. ``drawn`` is what a PDF shows in place of the pieces.
    One that is not ``weighted`` has no heatmap; ``tokens`` counts the ``unit`` then used of its
    text. ``language`` is a tag, empty where it is not known.
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
    weighted: bool = True
    unit: str = "token"
    language: str = ""

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
        return self.tokens > (LONG if self.unit == "token" else LONG_TEXT)


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Makes the cards of predictions over these classes.

    ``scale`` shades their weights, ``gradients`` their integrated gradients. ``raised`` is what
    positive attributions speak for; ``columns`` are those of the run's heatmaps, which lie in the
    folder ``heatmaps``. ``weighted`` says whether the table has weights, ``unit`` in what its texts
    are counted, ``language`` which they are in where a row does not say, ``called`` what a token
    is.
    """

    classes: tuple[str, ...]
    scale: Scale = PLAIN
    raised: str = ANSWER
    columns: Columns = COLUMNS
    gradients: Scale = GRADIENTS
    heatmaps: str = "heatmaps"
    weighted: bool = True
    unit: str = "token"
    language: str = ""
    called: str = "word"

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
        pieces = () if drawn else self.pieces(prediction)
        gradients = () if drawn else tuple(gradient_map(prediction, self.gradients))
        own_cells = cells(prediction, pieces, self.scale) if self.weighted and not drawn else ()
        return Card(
            id=prediction.id,
            name=name,
            outcome=result.outcome,
            label=prediction.label,
            predicted=predicted,
            confidence=confidence,
            description=words.description(predicted, confidence, prediction.label),
            pieces=pieces,
            tokens=words.length(prediction, self.unit),
            read=int(np.count_nonzero(~np.isnan(prediction.attention))),
            counts=words.counts(prediction, self.signed, self.unit, self.weighted),
            attended=tuple(named_words(prediction, self.signed, self.raised)),
            picture=words.picture(self.signed),
            heatmap=f"{self.heatmaps}/{name}.png",
            width=width,
            height=height,
            columns=self.columns.picture,
            extra=tuple(sorted(prediction.extra.items())),
            flags=words.flags(prediction.in_train, result, self.signed, self.called),
            gradients=gradients,
            gradients_key=words.gradients_key(self.gradients, prediction, self.called)
            if gradients
            else "",
            ends=key_ends(prediction, self.scale),
            cells=own_cells,
            leftward=layout.runs_leftward(prediction.tokens),
            drawn=drawn,
            signed=self.signed,
            heads=() if drawn else tuple(head_levels(prediction, self.scale, bool(own_cells))),
            label_share=label_share,
            second=second,
            weighted=self.weighted,
            unit=self.unit,
            language=self.language_of(prediction),
        )

    def language_of(self, prediction: Prediction) -> str:
        """Return the tag of the text's language, empty where it is not known."""
        return language_of(prediction.extra, self.language)

    def blank(self) -> Card:
        """Return what the script of a page clones: a card with every part that may stand in one."""
        tokens = BLANK.tokens if self.unit == "token" else LONG_TEXT + 1
        return replace(
            BLANK,
            signed=self.signed,
            weighted=self.weighted,
            unit=self.unit,
            tokens=tokens,
            picture=words.cells(self.signed, self.called),
        )

    def pieces(self, prediction: Prediction) -> tuple[Piece, ...]:
        """Return the text as tokens and what stands between; without weights none is shaded."""
        pieces = token_map(prediction, self.scale)
        return tuple(pieces if self.weighted else (p._replace(weight=0.0) for p in pieces))


def card_maker(info: RunInfo, columns: Columns = COLUMNS, **more: Any) -> CardMaker:
    """Return the maker of the cards of a table, which has no weights where ``info`` names none.

    ``more`` are further fields of it; without a ``scale`` each text has its own.
    """
    of = info.weights.of if info.weights else PREDICTED
    more.setdefault("scale", Scale(signed=info.signed))
    return CardMaker(
        info.classes,
        raised=ANSWER if of == PREDICTED else of,
        columns=columns,
        weighted=info.weights is not None,
        **more,
    )


def key_ends(prediction: Prediction, scale: Scale) -> tuple[str, ...]:
    """Return what the key says of the ends of the scale; nothing where nothing was read."""
    if np.isnan(prediction.attention).all():
        return ()
    return labels(scale, *scale.ends(prediction.attention))


def named_words(
    prediction: Prediction, signed: bool = False, raised: str = ANSWER
) -> Iterator[Named]:
    """Yield what the card names: the most attended words, or those that raised and lowered it.

    An attribution that is next to nothing beside the largest one by size is not named.
    """
    weights = np.nan_to_num(prediction.attention)
    least = NEGLIGIBLE * np.abs(weights).max(initial=0) if signed else 0
    sides = (
        {words.RAISED: weights, words.LOWERED: -weights} if signed else {words.ATTENDED: weights}
    )
    for title, sizes in sides.items():
        places = [int(i) for i in largest(sizes) if sizes[i] > least]
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


# Of a table with tokens and attention.
BLANK = Card(
    id="", name="", outcome=Outcome.CONFIDENTLY_RIGHT, label="", predicted="", confidence=0.0,
    description="", pieces=(Piece(""),), tokens=LONG + 1, read=0, counts="",
    attended=(Named(words.ATTENDED, (("", "0.000"),)),), picture=words.picture(False),
    heatmap="", width=layout.WIDTH, height=0,
    columns=layout.COLUMNS, extra=(("x", "x"),), flags=("x",),
    gradients=(Piece(""),), gradients_key="x", label_share="0", second=("", "0"),
)  # fmt: skip
