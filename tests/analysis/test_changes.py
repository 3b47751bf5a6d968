"""What became of each example, and the sections that show it."""

from __future__ import annotations

import numpy as np

from reportgen.analysis.changes import change_sections, changes, only_right

GOLD = np.array([0, 0, 1, 2, 0, 1, -1, -1])
FIRST = np.array([0, 0, 0, 0, 1, 0, 1, 1])
SECOND = np.array([0, 1, 1, 1, 1, 1, 1, 2])
BOTH = np.stack([FIRST, SECOND])
OF_TWO = ["both right", "broken", "fixed", "changed", "both wrong", "fixed", "same", "differ"]


def test_changes_of_two_runs() -> None:
    assert changes(GOLD, BOTH) == OF_TWO
    turned = changes(GOLD, BOTH[::-1])
    swap = {"broken": "fixed", "fixed": "broken"}
    assert turned == [swap.get(change, change) for change in OF_TWO]


def test_changes_of_three_runs() -> None:
    gold = np.array([0, 0, 0, 0, 0, -1, -1])
    runs = np.array([[0, 1, 0, 1, 1, 0, 0], [0, 1, 1, 0, 1, 0, 0], [0, 2, 0, 1, 0, 0, 1]])
    assert changes(gold, runs) == [
        "all right", "all wrong", "some right", "only B right", "only C right", "same", "differ",
    ]  # fmt: skip
    assert only_right("C") == "only C right"


def test_sections_have_the_most_confident_wrong_answer_first() -> None:
    gold = np.array([0, 0, 0, 0, 1, 1, 1])
    predicted = np.array([[0, 0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 1, 1]])
    confidence = np.array(
        [[0.9, 0.9, 0.9, 0.6, 0.7, 0.8, 0.8], [0.6, 0.8, 0.6, 0.99, 0.9, 0.7, 0.7]]
    )
    found = change_sections(changes(gold, predicted), gold, predicted, confidence)
    assert [(s.key, s.title) for s in found] == [
        ("broken", "Broken"), ("fixed", "Fixed"), ("changed", "Changed"),
    ]  # fmt: skip
    broken, fixed, changed = (s.indices.tolist() for s in found)
    assert broken == [1, 0, 2], "by the confidence of B, which is wrong; of equal ones by id"
    assert fixed == [5, 6, 3], "by that of A, which is wrong"
    assert changed == []


def test_of_two_wrong_answers_the_more_confident_counts() -> None:
    gold = np.array([0, 0])
    predicted = np.array([[1, 1], [2, 2]])
    confidence = np.array([[0.5, 0.8], [0.9, 0.4]])
    changed = change_sections(changes(gold, predicted), gold, predicted, confidence)[2]
    assert changed.indices.tolist() == [0, 1]


def test_of_unlabelled_examples_other_answers_are_shown() -> None:
    found = change_sections(changes(GOLD, BOTH), GOLD, BOTH, np.full((2, 8), 0.6))
    assert [s.key for s in found] == ["broken", "fixed", "changed", "differ"]
    assert found[-1].indices.tolist() == [7]
    bare = np.full(8, -1)
    alone = change_sections(changes(bare, BOTH), bare, BOTH, np.full((2, 8), 0.6))
    assert [s.key for s in alone] == ["differ"]
    assert alone[0].whole == 5


def test_sections_of_three_runs() -> None:
    gold = np.zeros(3, dtype=int)
    runs = np.array([[1, 0, 1], [2, 1, 0], [1, 1, 2]])
    confidence = np.array([[0.5, 0.9, 0.6], [0.5, 0.5, 0.5], [0.9, 0.5, 0.7]])
    found = change_sections(changes(gold, runs), gold, runs, confidence)
    assert [(s.key, s.title, s.indices.tolist()) for s in found] == [
        ("all-wrong", "All wrong", [0]),
        ("only-A-right", "Only A right", [1]),
        ("only-B-right", "Only B right", [2]),
        ("only-C-right", "Only C right", []),
    ]
