"""Measure what reviewers answered about the examples of a run, held against what the run says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.intervals import Interval, wilson_interval
from reportgen.analysis.raters import Agreement, Ratings, agreement

__all__ = [
    "SPLIT",
    "UNDECIDED",
    "Accuracy",
    "Answers",
    "ListFound",
    "Opinion",
    "Reviewed",
    "RunResults",
    "majority",
    "measure_reviews",
]

UNDECIDED, SPLIT = -1, -2  # too few answers to an example; no answer has more than half of them
BOTH = 2  # answers that an example needs, but where one reviewer alone answered the question


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The answers to one question: ratings [N, R] of the ``kinds`` of answers.

    ``bad`` is the answer that finds fault: a wrong label, a shading without sense. ``ordered``
    answers lie the farther apart the more they differ.
    """

    ratings: Ratings
    kinds: int
    bad: int
    ordered: bool


@dataclass(frozen=True, slots=True, eq=False)
class RunResults:
    """What the run says of its N examples.

    ``gold`` [N] is -1 without a label; ``classes`` counts the classes; ``doubted`` [N] are the
    labels worth a second look; ``support`` has the result of each removal test, None where the
    weights were not tested.
    """

    gold: NDArray[np.int64]
    predicted: NDArray[np.int64]
    classes: int
    doubted: NDArray[np.bool_]
    support: Sequence[Support | None]


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """What reviewers answered to one question.

    ``counts`` is how often each answer was given, ``least`` how many answers an example needs to
    be decided, ``majority`` [N] the answer of more than half of them, or UNDECIDED, or SPLIT.
    ``bad`` are the examples (indices) with which the majority finds fault.
    """

    agreement: Agreement
    counts: tuple[int, ...]
    least: int
    majority: NDArray[np.int64]
    bad: tuple[int, ...]

    @property
    def decided(self) -> int:
        """How many examples have enough answers, whether or not these have a majority."""
        return int((self.majority != UNDECIDED).sum())

    @property
    def split(self) -> int:
        """How many examples have enough answers, and no majority."""
        return int((self.majority == SPLIT).sum())


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Right predictions of the labelled examples with enough answers, of which there are any.

    ``right`` is by the labels as they are. ``low`` and ``high`` are by those that the majority
    does not find wrong: what the right class of a wrong label is, reviewers do not say, so with
    three classes or more a prediction that differs from a wrong label may be right or not.
    """

    examples: int
    labelled: int
    corrected: int
    right: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class ListFound:
    """The labels worth a second look: how many are listed, decided, and found wrong.

    ``interval`` is Wilson's of the share found wrong, None where none is decided.
    """

    listed: int
    decided: int
    wrong: int
    interval: Interval | None


@dataclass(frozen=True, slots=True, eq=False)
class Reviewed:
    """What the reviewers' answers show.

    ``errors`` are examples (indices) whose label, ``rejected`` those without a label whose
    predicted class is wrong by the majority; ``accuracy`` is None without a decided label.
    ``by_test`` counts the examples with a decided shading by the result of the removal test: each
    answer, in the order of the question, and last those without a majority.
    """

    label: Opinion
    shading: Opinion
    errors: tuple[int, ...]
    rejected: tuple[int, ...]
    accuracy: Accuracy | None
    second_look: ListFound
    by_test: dict[Support | None, tuple[int, ...]]


def majority(ratings: Ratings, kinds: int, least: int) -> NDArray[np.int64]:
    """Return the answer [N] that more than half of those who answered gave.

    It is UNDECIDED for an example with fewer than ``least`` answers, and SPLIT where no answer
    has more than half of them.
    """
    counts = np.stack([(ratings == k).sum(axis=1) for k in range(kinds)], axis=1)
    given, first = counts.sum(axis=1), counts.argmax(axis=1)
    found = np.where(2 * counts.max(axis=1) > given, first, SPLIT)
    return np.where(given < least, UNDECIDED, found).astype(np.int64)


def measure_reviews(run: RunResults, label: Answers, shading: Answers, seed: int) -> Reviewed:
    """Measure the answers to both questions over the examples of a run."""
    labels, shadings = (_opinion(answers, seed) for answers in (label, shading))
    has_label = run.gold >= 0
    wrong = np.isin(np.arange(len(run.gold)), labels.bad)
    return Reviewed(
        label=labels,
        shading=shadings,
        errors=_places(wrong & has_label),
        rejected=_places(wrong & ~has_label),
        accuracy=_accuracy(run, labels.majority != UNDECIDED, wrong),
        second_look=_list_found(run.doubted, labels.majority != UNDECIDED, wrong),
        by_test=_by_test(run.support, shadings.majority, shading.kinds),
    )


def _opinion(answers: Answers, seed: int) -> Opinion:
    ratings = answers.ratings
    measured = agreement(ratings, answers.kinds, ordered=answers.ordered, seed=seed)
    least = BOTH if measured.raters > 1 else 1
    decided = majority(ratings, answers.kinds, least)
    return Opinion(
        agreement=measured,
        counts=tuple(int((ratings == kind).sum()) for kind in range(answers.kinds)),
        least=least,
        majority=decided,
        bad=_places(decided == answers.bad),
    )


def _places(chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(chosen).tolist())


def _accuracy(
    run: RunResults, decided: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> Accuracy | None:
    has_label = run.gold >= 0
    decided = decided & has_label
    if not decided.any():
        return None
    right = run.gold == run.predicted
    low = right & ~wrong
    other = ~right & wrong  # of two classes the predicted one is then right; of more it may be
    high = low | other
    if run.classes == 2:
        low = high
    return Accuracy(
        examples=int(decided.sum()),
        labelled=int(has_label.sum()),
        corrected=int((decided & wrong).sum()),
        right=int((decided & right).sum()),
        low=int((decided & low).sum()),
        high=int((decided & high).sum()),
    )


def _list_found(
    doubted: NDArray[np.bool_], decided: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> ListFound:
    listed, found = int((doubted & decided).sum()), int((doubted & wrong).sum())
    interval = wilson_interval(found, listed) if listed else None
    return ListFound(int(doubted.sum()), listed, found, interval)


def _by_test(
    support: Sequence[Support | None], decided: NDArray[np.int64], kinds: int
) -> dict[Support | None, tuple[int, ...]]:
    table: dict[Support | None, tuple[int, ...]] = {}
    for result in (*Support, None):
        of = decided[[s is result for s in support]]
        counts = [*(int((of == kind).sum()) for kind in range(kinds)), int((of == SPLIT).sum())]
        if any(counts):
            table[result] = tuple(counts)
    return table
