"""Measure a predictions table, read once, and return everything the report says in one record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import Histogram, confidence_histogram
from reportgen.analysis.certainty import Certainty, certainty
from reportgen.analysis.faithfulness import Faithfulness, Support, faithfulness, support
from reportgen.analysis.metrics import Scores
from reportgen.analysis.ordering import Outcome, Section, outcomes, sections
from reportgen.analysis.performance import Performance, labelled_rows, performance
from reportgen.analysis.slices import VALUES, LeftOut, by_length, groups, left_out
from reportgen.analysis.units import Units
from reportgen.analysis.words import Reading, WordMove, WordUse, moves, read, words
from reportgen.errors import UsageError
from reportgen.predictions import Predictions
from reportgen.records import Prediction, Tokens, Weights

__all__ = ["ExampleResult", "Findings", "measure"]

WORDS = 12  # most-attended words of each predicted class, right and wrong
KINDS = (False, True, None)  # wrong, right, without a label: the words of each are apart


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What was measured of one example: decided here, shown by its card.

    ``predicted`` is a class index; ``support`` is None where the attention was not tested.
    """

    predicted: int
    confidence: float
    margin: float
    outcome: Outcome
    label_error: bool
    support: Support | None


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """The numbers of a run.

    ``performance`` is over the labelled examples, None where there are none; all else is over the
    whole table. ``words`` are by predicted class and whether it was right (None: no label), and so
    are ``moves``, the words that moved the predictions of the explained examples. The lists of stop
    words, negations and contrasts were used only if the texts are ``english``. ``categories`` are
    the further columns of the data that have few values, by name. ``attention_means`` are means
    over examples: entropy, largest weight, weight on function words (of attributions by their
    absolute values). ``support`` is by index, of the examples whose weights were tested.
    ``peaks`` [N] is the largest weight of each example in even shares (of attributions its size),
    NaN where nothing was read; ``gradient_peaks`` the largest integrated gradient above 0 of each
    explained example that has some.
    ``left_out`` says what of the columns of further slices is not compared. ``tokenized`` and
    ``weighted`` say whether the table has tokens and weights of them; texts are else counted in
    characters, and ``weights`` say nothing. ``unit`` is what a token is (``units``).
    """

    scores: Scores
    certainty: Certainty
    performance: Performance | None
    histogram: Histogram
    categories: dict[str, list[str | None]]
    attention_means: dict[str, float]
    words: dict[tuple[str, bool | None], list[WordUse]]
    moves: dict[tuple[str, bool | None], list[WordMove]]
    english: bool
    faithfulness: Faithfulness | None
    support: dict[int, Support]
    outcomes: list[Outcome]
    sections: list[Section]
    unsure_margin: float
    weights: Weights
    peaks: NDArray[np.float64]
    gradient_peaks: NDArray[np.float64]
    left_out: tuple[LeftOut, ...] = ()
    tokenized: bool = True
    weighted: bool = True
    unit: str = "word"

    @property
    def label_errors(self) -> list[int]:
        """The labels worth a second look, as indices."""
        return self.performance.label_errors if self.performance else []

    def results(self, indices: Sequence[int]) -> list[ExampleResult]:
        """Return what was measured of these examples."""
        doubtful = set(self.label_errors)
        return [
            ExampleResult(
                int(self.scores.predicted[i]),
                float(self.scores.confidence[i]),
                float(self.scores.margin[i]),
                self.outcomes[i],
                i in doubtful,
                self.support.get(i),
            )
            for i in indices
        ]


def measure(
    predictions: Predictions, unsure_margin: float, columns: Sequence[str] = (), seed: int = 0
) -> Findings:
    """Measure the predictions and put them into their order; ``columns`` are further slices.

    Raises:
        UsageError: the data have no such column.
    """
    check_columns(predictions.extra, columns)
    classes, scores = (
        predictions.info.classes,
        Scores.of(predictions.gold, predictions.probabilities),
    )
    units = Units()
    reading, explained, further = read_table(predictions, scores, columns, units)
    rows = labelled_rows(predictions.gold)
    chosen = {name: [further[name][i] for i in rows] for name in dict.fromkeys(columns)}
    members = _members(predictions, reading, chosen)
    by_outcome = outcomes(scores, unsure_margin)
    return Findings(
        scores=scores,
        certainty=certainty(scores, unsure_margin, classes),
        performance=performance(predictions, members, seed) if scores.labelled.any() else None,
        histogram=confidence_histogram(scores, len(classes)),
        categories={name: c for name, c in further.items() if len({*c, None, ""}) <= VALUES + 2},
        attention_means=_attention_means(reading),
        words={
            (name, right): words(reading, len(KINDS) * k + KINDS.index(right), WORDS)
            for k, name in enumerate(classes)
            for right in _kinds_in(scores)
        },
        moves=_moves(predictions, scores, explained, reading.english),
        english=reading.english,
        faithfulness=faithfulness(list(explained.values()), seed),
        support={i: verdict for i, row in explained.items() if (verdict := support(row))},
        outcomes=by_outcome,
        sections=sections(scores, by_outcome, predictions.ids),
        unsure_margin=unsure_margin,
        weights=predictions.info.weights or Weights(),
        peaks=reading.peaks,
        gradient_peaks=_gradient_peaks(explained.values()),
        left_out=tuple(left_out(*column) for column in chosen.items()) if len(rows) else (),
        tokenized=predictions.tokenized,
        weighted=predictions.weighted,
        unit=units.unit(predictions.info.model.tokenizer),
    )


def _members(
    predictions: Predictions, reading: Reading, extra: Mapping[str, Sequence[str | None]]
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Return the groups of the labelled rows, for which ``extra`` has the chosen columns."""
    rows, unknown = labelled_rows(predictions.gold), predictions.unknown_tokens
    rates = {"negation": reading.negation[rows], "contrast words": reading.contrast[rows]}
    lengths = predictions.lengths[rows]
    found = groups(
        predictions.gold[rows],
        predictions.info.classes,
        lengths,
        None if unknown is None else unknown[rows],
        rates if reading.english else {},
        extra,
    )
    others = (members for members in found if members[0] != "length")
    return chain(by_length(lengths, predictions.unit), others)


def _kinds(scores: Scores) -> NDArray[np.int64]:
    """Number the groups of examples whose words are apart: by predicted class, then by KINDS."""
    kind = np.select([scores.correct, scores.labelled], [1, 0], 2)
    return np.asarray(len(KINDS) * scores.predicted + kind, dtype=np.int64)


def _kinds_in(scores: Scores) -> list[bool | None]:
    """Return the kinds that a table may have: both of labelled examples, or the third."""
    labelled = scores.labelled
    both: list[bool | None] = [True, False] if labelled.any() else []
    return both if labelled.all() else [*both, None]


def _moves(
    predictions: Predictions, scores: Scores, explained: dict[int, Prediction], english: bool
) -> dict[tuple[str, bool | None], list[WordMove]]:
    by_kind = moves(explained, _kinds(scores), WORDS, english)
    classes = predictions.info.classes
    return {
        (classes[kind // len(KINDS)], KINDS[kind % len(KINDS)]): used
        for kind, used in sorted(by_kind.items())
    }


def check_columns(available: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a slice by a column that is not available.

    Raises:
        UsageError: the data have no such column; the message lists those they have.
    """
    for name in columns:
        if name not in available:
            known = ", ".join(available) or "none"
            raise UsageError(
                f"--slice {name}: the data have no such column (further columns: {known})"
            )


def read_table(
    predictions: Predictions, scores: Scores, chosen: Sequence[str], units: Units
) -> tuple[Reading, dict[int, Prediction], dict[str, list[str | None]]]:
    """Read the table once: use of words, explained rows, columns chosen or of few values."""
    explained: dict[int, Prediction] = {}
    columns: dict[str, list[str | None]] = {name: [] for name in predictions.extra}
    values: dict[str, set[str | None]] = {name: {None, ""} for name in columns}

    def tokens() -> Iterator[Tokens]:
        for group in predictions.groups(tuple(columns)):
            explained.update(group.explained)
            for name in set(columns):
                columns[name].extend(group.extra[name])
                values[name].update(group.extra[name])
                if len(values[name]) > VALUES + 2 and name not in chosen:  # no category
                    del columns[name]
            units.add(group.tokens)
            yield group.tokens

    number = len(KINDS) * len(predictions.info.classes)
    reading = read(tokens(), _kinds(scores), number, predictions.info.signed)
    return reading, explained, columns


def _gradient_peaks(explained: Iterable[Prediction]) -> NDArray[np.float64]:
    measured = [row.explanation.gradients for row in explained if row.explanation is not None]
    peaks = [float(np.nan_to_num(g).max(initial=0.0)) for g in measured if g is not None]
    return np.array([peak for peak in peaks if peak > 0])


def _attention_means(reading: Reading) -> dict[str, float]:
    columns = ("entropy", "largest", "function", "function_tokens")
    values = {name: getattr(reading, name) for name in columns}
    return {k: float(np.nanmean(v)) for k, v in values.items() if np.isfinite(v).any()}
