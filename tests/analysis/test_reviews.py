"""What reviewers' answers show, on a few examples that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.intervals import wilson_interval
from reportgen.analysis.raters import MISSING
from reportgen.analysis.reviews import (
    SPLIT,
    UNDECIDED,
    Accuracy,
    Answers,
    Reviewed,
    RunResults,
    majority,
    measure_reviews,
)

NA = MISSING
RIGHT, WRONG, AMBIGUOUS, CANNOT = range(4)
YES, PARTLY, NO = range(3)


def measured(
    label: list[list[int]],
    gold: list[int],
    predicted: list[int],
    classes: int = 2,
    doubted: tuple[int, ...] = (),
) -> Reviewed:
    n = len(label)
    results = RunResults(
        np.array(gold),
        np.array(predicted),
        classes,
        np.isin(np.arange(n), doubted),
        [Support.SUPPORTED, None, Support.UNTESTABLE, *[Support.UNSUPPORTED] * n][:n],
    )
    shading = np.array([[NO, NO, YES], [NO, NA, NA], [YES, NO, NA], *[[PARTLY] * 3] * n][:n])
    return measure_reviews(
        results,
        Answers(np.array(label), 4, WRONG, False),
        Answers(shading[:, : len(label[0])], 3, NO, True),
        seed=1,
    )


def test_the_majority_is_more_than_half_of_those_who_answered() -> None:
    ratings = np.array(
        [
            [WRONG, WRONG, RIGHT],
            [WRONG, RIGHT, NA],  # half is not more than half
            [WRONG, NA, NA],
            [WRONG, RIGHT, AMBIGUOUS],
            [WRONG, WRONG, NA],
            [NA, NA, NA],
            [CANNOT, CANNOT, CANNOT],
        ]
    )
    two = [WRONG, SPLIT, UNDECIDED, SPLIT, WRONG, UNDECIDED, CANNOT]
    assert majority(ratings, 4, 2).tolist() == two
    assert majority(ratings, 4, 1).tolist() == [WRONG, SPLIT, WRONG, *two[3:]]


def test_labels_of_two_classes_are_corrected() -> None:
    """In their order: wrong, predicted otherwise; wrong, predicted; two right ones; undecided."""
    found = measured(
        [[WRONG, WRONG], [WRONG, WRONG], [RIGHT, RIGHT], [RIGHT, RIGHT], [WRONG, NA]],
        gold=[0, 0, 1, 1, 0],
        predicted=[1, 0, 1, 0, 1],
    )
    assert found.errors == (0, 1)
    assert found.label.decided == 4
    assert found.accuracy == Accuracy(
        examples=4, labelled=5, corrected=2, right=2, low=2, high=2
    )  # right before: 1 and 2; after: 0 and 2


def test_of_three_classes_the_right_one_is_not_known() -> None:
    found = measured(
        [[WRONG, WRONG], [WRONG, WRONG], [RIGHT, RIGHT]], [0, 0, 1], [1, 0, 1], classes=3
    )
    assert found.accuracy is not None
    assert (found.accuracy.right, found.accuracy.low, found.accuracy.high) == (2, 1, 2)


def test_examples_without_a_label_have_no_label_that_is_wrong() -> None:
    found = measured([[WRONG, WRONG], [WRONG, WRONG], [RIGHT, RIGHT]], [-1, 0, -1], [0, 1, 1])
    assert (found.errors, found.rejected) == ((1,), (0,))
    assert found.accuracy is not None
    assert (found.accuracy.examples, found.accuracy.labelled) == (1, 1)
    assert measured([[WRONG, WRONG]], [-1], [0]).accuracy is None


def test_one_reviewer_decides_alone() -> None:
    found = measured([[WRONG], [RIGHT], [NA]], [0, 0, 0], [1, 0, 0])
    assert (found.label.least, found.label.decided, found.errors) == (1, 2, (0,))
    two = measured([[WRONG, NA], [RIGHT, RIGHT], [NA, NA]], [0, 0, 0], [1, 0, 0])
    assert (two.label.least, two.label.decided, two.errors) == (2, 1, ())


def test_the_list_of_second_looks_is_judged_where_it_was_answered() -> None:
    label = [[WRONG, WRONG], [RIGHT, RIGHT], [NA, NA], [WRONG, WRONG]]
    look = measured(label, [0] * 4, [1] * 4, doubted=(0, 1, 2)).second_look
    assert (look.listed, look.decided, look.wrong) == (3, 2, 1)
    assert look.interval == wilson_interval(1, 2)
    assert measured(label, [0] * 4, [1] * 4, doubted=(2,)).second_look.interval is None


def test_shading_is_counted_by_the_removal_test() -> None:
    found = measured([[RIGHT] * 3] * 4, [0] * 4, [0] * 4)
    assert found.shading.bad == (0,)
    assert found.by_test == {
        Support.SUPPORTED: (0, 0, 1, 0),
        Support.UNTESTABLE: (0, 0, 0, 1),
        Support.UNSUPPORTED: (0, 1, 0, 0),
    }  # example 1 has one answer and is not tested
    assert found.shading.counts == (2, 3, 4)


@pytest.mark.parametrize("renamed", [[2, 0, 1], [1, 2, 0]])
def test_the_order_of_reviewers_does_not_matter(renamed: list[int]) -> None:
    label = [[WRONG, WRONG, RIGHT], [RIGHT, NA, CANNOT], [WRONG, NA, WRONG]]
    one = measured(label, [0, 1, 0], [1, 1, 1])
    two = measured([[row[i] for i in renamed] for row in label], [0, 1, 0], [1, 1, 1])
    assert (one.errors, one.accuracy) == (two.errors, two.accuracy)
    assert one.label.majority.tolist() == two.label.majority.tolist()
