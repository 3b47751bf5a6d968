"""Compare the predictions of two or more runs on the examples that they share.

The first run is the baseline; every difference is another run's value minus its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import Calibration, calibration, reference
from reportgen.analysis.changes import (
    BROKEN,
    CHANGED,
    DIFFER,
    FIXED,
    LETTERS,
    change_sections,
    changes,
)
from reportgen.analysis.differences import (
    ALPHA,
    Difference,
    Outcomes,
    SliceDifference,
    differences,
    outcomes,
    slice_differences,
)
from reportgen.analysis.findings import check_columns, read_table
from reportgen.analysis.matching import Matched, class_order, match
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.ordering import Section
from reportgen.analysis.paired import Weighted
from reportgen.analysis.scores import Measure, measure_all
from reportgen.analysis.seeds import SeedSpread, seed_numbers, seed_spread
from reportgen.analysis.selective import Coverage, coverage
from reportgen.analysis.slices import groups
from reportgen.analysis.units import Units
from reportgen.predictions import Predictions

__all__ = [
    "ALPHA",
    "BROKEN",
    "CHANGED",
    "DIFFER",
    "FIXED",
    "LETTERS",
    "Comparison",
    "Curves",
    "Difference",
    "Outcomes",
    "SeedSpread",
    "SliceDifference",
    "compare",
]

SEED = 0  # of every draw: no run's own, so that which is the first makes no difference


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Reliability, and accuracy by coverage, of one run on the shared labelled examples."""

    calibration: Calibration
    coverage: Coverage


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What K runs show on the n examples that they share, which are in the order of their ids.

    ``pairs`` [K, n] are their rows in each table; ``gold`` [n] and ``predicted`` [K, n] are classes
    in the order of ``classes``, the first table's, ``gold`` -1 without a label; ``confidence``
    [K, n] is that of the predicted class. ``change`` [n] says what became of each example;
    ``sections`` are the gallery, of positions among the n. ``identical`` [K - 1] says of each other
    run whether all its probabilities are those of the first. ``agreed`` counts examples to which
    all runs give the same answer. What needs labels is empty where no shared example has one.
    ``right_in`` [K + 1] counts labelled examples that 0, 1, … K runs get right. ``seeds`` is empty
    unless the runs are of one setting and data and differ by their seeds, which ``seed_numbers``
    are.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    matched: Matched
    pairs: NDArray[np.int64]
    ids: list[str]
    gold: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    change: list[str]
    sections: list[Section]
    identical: tuple[bool, ...]
    agreed: int
    right_in: tuple[int, ...]
    measures: tuple[Mapping[str, Measure], ...]
    differences: tuple[Difference, ...]
    outcomes: tuple[Outcomes, ...]
    slices: tuple[SliceDifference, ...]
    curves: tuple[Curves, ...]
    seeds: tuple[SeedSpread, ...]
    seed_numbers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.gold)

    @property
    def letters(self) -> str:
        """The letter of each run, in the order given."""
        return LETTERS[: len(self.names)]

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Whether a shared example has a label [n]."""
        return self.gold >= 0

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each run's answer is the label [K, n]; false without a label."""
        return np.asarray(self.predicted == self.gold)


def compare(
    names: Sequence[str], tables: Sequence[Predictions], columns: Sequence[str] = ()
) -> Comparison:
    """Compare tables of the same classes; ``columns`` are further slices of the first one's data.

    Where no example is shared, all is empty.

    Raises:
        UsageError: the first table has no such column.
    """
    check_columns(tables[0].extra, columns)
    matched, pairs, gold = match(tables)
    classes = tables[0].info.classes
    answers = [_answers(classes, t, rows) for t, rows in zip(tables, pairs, strict=True)]
    predicted, confidence = (
        np.stack([getattr(answer, name) for answer in answers])
        for name in ("predicted", "confidence")
    )
    change = changes(gold, predicted)
    return Comparison(
        names=tuple(names),
        classes=classes,
        matched=matched,
        pairs=pairs,
        ids=[tables[0].ids[row] for row in pairs[0].tolist()],
        gold=gold,
        predicted=predicted,
        confidence=confidence,
        change=change,
        sections=change_sections(change, gold, predicted, confidence),
        identical=tuple(
            np.array_equal(answers[0].probabilities, answer.probabilities) for answer in answers[1:]
        ),
        agreed=int((predicted == predicted[0]).all(axis=0).sum()),
        **_of_labels(tables, pairs[0], gold, answers, columns),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """One run's answers to the shared examples, in the class order of the first."""

    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    def scores(self, gold: NDArray[np.int64], rows: NDArray[np.int64]) -> Scores:
        """Return the scores of those examples that have a label."""
        labels, predicted = gold[rows], self.predicted[rows]
        right = np.asarray(predicted == labels)
        return Scores(labels, predicted, self.confidence[rows], self.margin[rows], right)


def _answers(classes: Sequence[str], table: Predictions, rows: NDArray[np.int64]) -> _Answers:
    """Return the answers in some rows, with the classes in this order.

    Of equal probabilities the first class of the table itself is the answer, as in its report.
    """
    order = class_order(classes, table.info.classes)
    given = table.probabilities[rows]
    own = Scores.of(np.full(len(rows), -1), given)
    ordered = np.empty_like(given)
    ordered[:, order] = given
    return _Answers(order[own.predicted], own.confidence, own.margin, ordered)


def _of_labels(
    tables: Sequence[Predictions],
    first: NDArray[np.int64],
    gold: NDArray[np.int64],
    answers: Sequence[_Answers],
    columns: Sequence[str],
) -> dict[str, Any]:
    """Return what labels show of the runs; ``first`` [n] are the examples' rows in the first."""
    rows, classes = np.flatnonzero(gold >= 0), tables[0].info.classes
    if not len(rows):
        empty = ("right_in", "measures", "differences", "outcomes", "slices", "curves", "seeds")
        return dict.fromkeys((*empty, "seed_numbers"), ())
    scores = [answer.scores(gold, rows) for answer in answers]
    probabilities = [answer.probabilities[rows] for answer in answers]
    measures = []
    for of, given in zip(scores, probabilities, strict=True):
        calibrated = calibration(of)
        both = calibrated, reference(calibrated, SEED)
        measures.append(measure_all(of, given, quality(of, classes), both, SEED))
    runs = [Weighted(s, p, classes) for s, p in zip(scores, probabilities, strict=True)]
    correct = np.stack([s.correct for s in scores])
    seeds = seed_numbers([table.info for table in tables])
    return {
        "right_in": tuple(np.bincount(correct.sum(axis=0), minlength=len(tables) + 1).tolist()),
        "measures": tuple(measures),
        "differences": differences(runs, measures, SEED),
        "outcomes": outcomes(gold[rows], np.stack([s.predicted for s in scores])),
        "slices": slice_differences(
            correct,
            [run for run in range(1, len(runs)) if not runs[run].same_as(runs[0])],
            _members(tables[0], first[rows], gold[rows], columns),
        ),
        "curves": tuple(Curves(calibration(s), coverage(s)) for s in scores),
        "seeds": seed_spread(measures) if seeds else (),
        "seed_numbers": seeds,
    }


def _members(
    table: Predictions,
    rows: NDArray[np.int64],
    gold: NDArray[np.int64],
    columns: Sequence[str],
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Return the groups of labelled shared examples, by the tokens and columns of the first run."""
    reading, _, categories = read_table(
        table, Scores.of(table.gold, table.probabilities), columns, Units()
    )
    unknown = table.unknown_tokens
    rates = {"negation": reading.negation[rows], "contrast words": reading.contrast[rows]}
    return groups(
        gold,
        table.info.classes,
        table.lengths[rows],
        None if unknown is None else unknown[rows],
        rates if reading.english else {},
        {name: [categories[name][i] for i in rows] for name in columns if name in categories},
    )
