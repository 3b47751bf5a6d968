"""Make the cards of a comparison: of each example what every run predicts of its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reportgen.analysis.findings import ExampleResult
from reportgen.predictions import RowSlice
from reportgen.publish.cards import BLANK, Card, CardMaker
from reportgen.publish.names import safe_name
from reportgen.publish.words import flips as words
from reportgen.publish.words.cards import picture
from reportgen.records import Prediction

__all__ = ["Flip", "Flips", "Reading", "blank"]

Maker = Callable[[Prediction, ExampleResult], Card]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run makes of a text: the card that its own report would have of it."""

    letter: str
    card: Card

    @property
    def mark(self) -> str:
        """Whether it is right, as a sign; "?" without a label."""
        return "?" if self.card.label is None else "✓" if self.card.outcome.correct else "✕"


@dataclass(frozen=True, slots=True)
class Flip:
    """An example as the page shows it: what became of it, and how each run reads its text.

    ``change`` is the key of its section, ``label`` None where there is none.
    """

    id: str
    name: str
    change: str
    label: str | None
    readings: tuple[Reading, ...]

    @property
    def mark(self) -> str:
        """The sign of its change."""
        return words.verdict(self.change)[0]

    @property
    def verdict(self) -> str:
        """The name of its change."""
        return words.verdict(self.change)[1]

    @property
    def description(self) -> str:
        """What the runs predict, for a list of contents."""
        cards = [(reading.letter, reading.card) for reading in self.readings]
        return words.description(
            self.verdict, [(of, c.predicted, c.confidence) for of, c in cards], self.label
        )

    @property
    def extra(self) -> tuple[tuple[str, str], ...]:
        """The further columns of the data, of the first run that has them."""
        found: dict[str, str] = {}
        for reading in reversed(self.readings):
            found |= {name: value for name, value in reading.card.extra if value}
        return tuple(sorted(found.items()))

    @property
    def tokens(self) -> int:
        """How many tokens the run has that has most."""
        return max(reading.card.tokens for reading in self.readings)

    @property
    def picture(self) -> str:
        """What its heatmaps are called."""
        return self.readings[0].card.picture

    @property
    def signed(self) -> bool:
        """Whether the weights of every run are attributions."""
        return all(reading.card.signed for reading in self.readings)

    @property
    def long(self) -> bool:
        """Whether a page folds it."""
        return any(reading.card.long for reading in self.readings)

    @property
    def whole(self) -> bool:
        """Whether a page of a PDF keeps it together."""
        return all(reading.card.drawn.whole for reading in self.readings)


@dataclass(frozen=True, slots=True, eq=False)
class Flips:
    """Some examples in their order, and what their cards are made of; workers are sent this.

    Of each run: its letter, what was measured of the examples, its rows of them, and what makes its
    part of a card. ``labels`` are classes, None without one.
    """

    letters: str
    changes: Sequence[str]
    labels: Sequence[str | None]
    results: Sequence[Sequence[ExampleResult]]
    rows: Sequence[RowSlice]
    makers: Sequence[CardMaker]

    def __len__(self) -> int:
        return len(self.changes)

    def cards(self, makers: Sequence[Maker] | None = None) -> list[Flip]:
        """Make the cards; other ``makers`` of each run's part of them may draw them too."""
        made = makers or [maker.card for maker in self.makers]
        readings = [list(self._readings(k, maker)) for k, maker in enumerate(made)]
        return [
            Flip(of[0].card.id, safe_name(of[0].card.id), change, label, of)
            for change, label, of in zip(
                self.changes, self.labels, zip(*readings, strict=True), strict=True
            )
        ]

    def _readings(self, k: int, maker: Maker) -> Iterator[Reading]:
        taken = zip(self.rows[k].take(), self.results[k], self.labels, strict=True)
        for prediction, result, label in taken:
            yield Reading(self.letters[k], maker(replace(prediction, label=label), result))


def blank(letters: str, makers: Sequence[CardMaker]) -> Flip:
    """Return what the script of a page clones: a card with every part that may stand in one."""
    readings = tuple(
        Reading(letter, replace(BLANK, signed=maker.signed, picture=picture(maker.signed)))
        for letter, maker in zip(letters, makers, strict=True)
    )
    return Flip("", "", "", "", readings)
