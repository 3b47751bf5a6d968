"""Compare the predictions of two or more runs on the examples that they share.

The first run is the baseline; every difference is another run's value minus its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import Calibration
from reportgen.analysis.intervals import Interval
from reportgen.analysis.matching import Matched, class_order, match
from reportgen.analysis.metrics import Scores
from reportgen.analysis.ordering import Section
from reportgen.analysis.scores import Measure
from reportgen.analysis.selective import Coverage
from reportgen.predictions import Predictions

__all__ = [
    "BOTH_RIGHT",
    "BOTH_WRONG",
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

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Changes of a labelled example of two runs: the keys of sections, and the words in every file.
BROKEN, FIXED, CHANGED = "broken", "fixed", "changed"
BOTH_WRONG, BOTH_RIGHT = "both wrong", "both right"
ALL_RIGHT, ALL_WRONG, SOME_RIGHT = "all right", "all wrong", "some right"  # of more runs
DIFFER, SAME = "differ", "same"  # of an unlabelled example
TITLES = {
    BROKEN: "Broken", FIXED: "Fixed", CHANGED: "Changed", ALL_WRONG: "All wrong",
    DIFFER: "Other answers, without a label",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of run ``run`` (1 …) against that of the first, with the interval of ``value``.

    ``first`` and ``second`` are the two values, ``value`` the second less the first. ``p`` is of
    the test that there is no difference, ``adjusted`` the same after Holm's correction over the
    runs that are compared with the first. What is undefined is NaN. ``better`` is "higher" or
    "lower".
    """

    run: int
    key: str
    title: str
    better: str
    first: float
    second: float
    value: float
    low: float
    high: float
    p: float
    adjusted: float
    method: str

    @property
    def loss(self) -> tuple[float, float, float]:
        """How much worse than the first: the value, the least and the largest of the interval."""
        if self.better == "lower":
            return self.value, self.low, self.high
        return -self.value, -self.high, -self.low


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Right and wrong labelled examples of run ``run`` (1 …) against the first; McNemar's test.

    ``changed`` of those ``both_wrong`` have another wrong answer.
    """

    run: int
    both_right: int
    broken: int
    fixed: int
    both_wrong: int
    changed: int
    p: float
    adjusted: float


@dataclass(frozen=True, slots=True)
class SliceDifference:
    """A group of examples in which run ``run`` (1 …) is held against the first.

    ``value`` is the difference in accuracy; ``p`` is McNemar's within the group, corrected by
    Holm's method over all ``tests``.
    """

    run: int
    group: str
    name: str
    count: int
    first: float
    second: float
    broken: int
    fixed: int
    value: float
    interval: Interval
    p: float
    tests: int

    @property
    def stands_out(self) -> bool:
        """Whether the runs differ in it at the 5 % level after the correction."""
        return self.p < 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Reliability, and accuracy by coverage, of one run on the shared labelled examples."""

    calibration: Calibration
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """Runs of one setting that differ by their seeds: a measure's mean, deviation, least, most.

    ``deviation`` is the standard deviation over the runs (ddof 1).
    """

    key: str
    mean: float
    deviation: float
    least: float
    most: float


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


def compare(names: Sequence[str], tables: Sequence[Predictions]) -> Comparison:
    """Compare tables of the same classes, of which at least one example is shared."""
    matched, pairs, gold = match(tables)
    classes = tables[0].info.classes
    ids = [tables[0].ids[row] for row in pairs[0].tolist()]
    scores = [_scores(classes, t, rows, gold)[0] for t, rows in zip(tables, pairs, strict=True)]
    predicted = np.stack([s.predicted for s in scores])
    confidence = np.stack([s.confidence for s in scores])
    change = _changes(gold, predicted)
    return Comparison(
        names=tuple(names),
        classes=classes,
        matched=matched,
        pairs=pairs,
        ids=ids,
        gold=gold,
        predicted=predicted,
        confidence=confidence,
        change=change,
        sections=_sections(change, gold, predicted, confidence),
        identical=(),
        agreed=int((predicted == predicted[0]).all(axis=0).sum()),
        right_in=(),
        measures=(),
        differences=(),
        outcomes=(),
        slices=(),
        curves=(),
        seeds=(),
        seed_numbers=(),
    )


def _scores(
    classes: Sequence[str],
    table: Predictions,
    rows: NDArray[np.int64],
    gold: NDArray[np.int64],
) -> tuple[Scores, NDArray[np.float64]]:
    """Return the scores of some rows and their probabilities [n, C], in the order of ``classes``.

    Of equal probabilities the first class of the table itself is the answer, as in its report.
    """
    order = class_order(classes, table.info.classes)
    own = Scores.of(np.full(len(rows), -1), table.probabilities[rows])
    predicted = order[own.predicted]
    probabilities = np.empty_like(table.probabilities[rows])
    probabilities[:, order] = table.probabilities[rows]
    scores = Scores(gold, predicted, own.confidence, own.margin, predicted == gold)
    return scores, probabilities


def _changes(gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> list[str]:
    """Say of each example what became of it."""
    same = (predicted == predicted[0]).all(axis=0)
    right = predicted == gold
    count = right.sum(axis=0)
    runs = len(predicted)
    if runs == 2:
        kinds = [
            (right.all(axis=0), BOTH_RIGHT),
            (right[0], BROKEN),
            (right[1], FIXED),
            (same, BOTH_WRONG),
        ]
        rest = CHANGED
    else:
        only = [(right[i] & (count == 1), only_right(LETTERS[i])) for i in range(runs)]
        kinds = [(count == runs, ALL_RIGHT), (count == 0, ALL_WRONG), *only]
        rest = SOME_RIGHT
    bare = gold < 0
    kinds = [(bare & same, SAME), (bare, DIFFER), *kinds]
    tests, words = zip(*kinds, strict=True)
    found: list[str] = np.select(tests, words, rest).tolist()
    return found


def only_right(letter: str) -> str:
    """Return the change of an example that one run of three or more alone gets right."""
    return f"only {letter} right"


def _sections(
    change: Sequence[str],
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    confidence: NDArray[np.float64],
) -> list[Section]:
    """Put the examples to be shown into sections, the most confident wrong answer first.

    Of unlabelled ones it is the most confident answer. Positions follow ids, so ties do too.
    """
    runs = len(predicted)
    keys = [BROKEN, FIXED, CHANGED]
    if runs > 2:
        keys = [ALL_WRONG, *(only_right(letter) for letter in LETTERS[:runs])]
    wrong = np.where(predicted == gold, -1.0, confidence).max(axis=0, initial=-1.0)
    order = np.argsort(-wrong, kind="stable")
    kinds = np.array(change, dtype=object)[order]
    has_label = (gold >= 0).any()
    found = []
    for key in [*(keys if has_label else []), *([DIFFER] if (gold < 0).any() else [])]:
        inside = order[kinds == key]
        found.append(
            Section(key.replace(" ", "-"), TITLES.get(key, key.capitalize()), inside, len(inside))
        )
    return found
