"""Captions: which numbers they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.findings import Findings
from reportgen.analysis.intervals import wilson_interval
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.slices import Slice
from reportgen.publish.words.captions import (
    read_calibration,
    read_confidence,
    read_confusion,
    read_coverage,
    read_slices,
    read_training,
)
from tests.publish.small import numbers, opened


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Findings]:
    with opened(tmp_path_factory.mktemp("captions")) as report:
        yield report.findings


def scores(confidences: list[float], right: list[bool]) -> Scores:
    p = np.array(confidences)
    return Scores.of(np.array([0 if r else 1 for r in right]), np.stack([p, 1 - p], axis=1))


def test_high_confidences_and_how_many_of_them_are_wrong() -> None:
    found = read_confidence(scores([0.9, 0.91, 0.99] * 20, [False, True, False] * 20))
    ends = [round(100 * end, 1) for end in wilson_interval(20, 40)]
    assert numbers(found) == [40, 60, 0.9, 20, 50, 95, *ends]
    assert "20 of those are wrong" in found
    assert "1 of those is wrong" in read_confidence(scores([0.99] * 40, [True] * 39 + [False]))
    assert "; none of those is wrong (0.0" in read_confidence(scores([0.99] * 40, [True] * 40))
    assert numbers(read_confidence(scores([0.9, 0.8], [True, False]))) == [2, 0.9]


@pytest.mark.parametrize(("high", "verb"), [(1, "has"), (2, "have"), (29, "have"), (30, "")])
def test_of_few_high_confidences_it_is_not_told_how_often_they_are_wrong(
    high: int, verb: str
) -> None:
    text = read_confidence(scores([0.95] * high + [0.6] * 40, [True] * (high + 40)))
    assert ("too few to tell" in text) == (high < 30)
    assert ("wrong (" in text) == (high == 30)
    assert f"{high} of {high + 40} predictions {verb}" in text


def test_high_confidences_of_examples_without_a_label() -> None:
    known = scores([0.91, 0.95, 0.99, 0.6], [False, True, True, True])
    none = read_confidence(replace(known, gold=np.full(4, -1), correct=np.zeros(4, dtype=bool)))
    assert none == "3 of 4 predictions have a confidence above 0.9."
    gold, correct = np.array([1, 0, -1, 0]), np.array([False, True, False, True])
    some = read_confidence(replace(known, gold=gold, correct=correct))
    assert some.endswith(
        " above 0.9; 2 of those have a label, too few to tell how often such a prediction is wrong."
    )
    ones = replace(
        known,
        gold=np.append(np.zeros(98, np.int64), [-1, -1]),
        correct=np.arange(100) >= 1,
        confidence=np.full(100, 0.95),
    )
    many = read_confidence(ones)
    assert " above 0.9; 98 of those have a label, and 1 of them is wrong (" in many
    assert numbers(many)[-2:] == [round(100 * end, 1) for end in wilson_interval(1, 98)]
    none = read_confidence(replace(ones, confidence=np.where(np.arange(100) < 1, 0.95, 0.5)))
    assert none.startswith("1 of 100 predictions has a confidence")
    last = read_confidence(replace(known, gold=np.array([-1, -1, -1, 0])))
    assert last.endswith(" above 0.9; none of those has a label.")


def test_the_most_frequent_mistake_is_named_label_first() -> None:
    gold = np.array([0, 0, 0, 1, 1, 2] * 10)
    predicted = np.array([0, 2, 2, 0, 1, 2] * 10)
    found = read_confusion(quality(Scores.of(gold, np.eye(3)[predicted]), ("aa", "bb", "cc")))
    assert found.index("aa") < found.index("cc")
    assert "bb" not in found
    assert numbers(found) == [20]
    perfect = read_confusion(quality(Scores.of(gold, np.eye(3)[gold]), ("aa", "bb", "cc")))
    assert not any(name in perfect for name in ("aa", "bb", "cc"))


def test_of_mistakes_that_are_as_frequent_none_is_the_most_frequent() -> None:
    def read(*predicted: int) -> str:
        gold = np.array([0, 0, 1, 1] * 10)
        answers = np.eye(2)[list(predicted) * 10]
        return read_confusion(quality(Scores.of(gold, answers), ("aa", "bb")))

    assert read(1, 0, 0, 1).split()[0] == "Among"
    assert read(1, 1, 0, 1).split()[0] == read(1, 1, 1, 1).split()[0] == "The"


def test_mistakes_that_happen_once_are_not_frequent() -> None:
    def read(mistakes: int, examples: int = 30) -> str:
        gold = np.arange(examples) % 3
        predicted = np.where(np.arange(examples) < mistakes, (gold + 1) % 3, gold)
        names = ("aa", "bb", "cc")
        return read_confusion(quality(Scores.of(gold, np.eye(3)[predicted]), names))

    assert read(1).startswith("The only mistake: aa predicted as bb.")
    assert "no class is predicted in place of another twice" in read(2)
    assert "aa predicted as bb, 2 times" in read(4)
    few = read(4, examples=29)
    assert numbers(few) == [29]
    assert "too few to tell" in few


@pytest.mark.parametrize(
    ("classes", "mistakes", "left_out"), [(12, 13, False), (13, 12, False), (13, 13, True)]
)
def test_mistakes_that_are_not_listed_are_told(classes: int, mistakes: int, left_out: bool) -> None:
    gold = np.arange(mistakes) % classes
    predicted = (gold + 1 + (np.arange(mistakes) >= classes)) % classes  # a pair of its own each
    names = tuple(f"c{i}" for i in range(classes))
    right = np.arange(40) % classes
    gold, predicted = np.append(gold, right), np.append(predicted, right)
    text = read_confusion(quality(Scores.of(gold, np.eye(classes)[predicted]), names))
    assert ("metrics.json" in text) == left_out
    assert ("shade of a cell" in text) == (classes <= 12)  # there is a matrix
    assert not left_out or numbers(text)[-2:] == [12, 13]


def test_accuracy_at_coverage_and_on_all(findings: Findings) -> None:
    at_90, area = (
        findings.performance.measures["accuracy_at_90"],
        findings.performance.measures["aurc"],
    )
    found = numbers(read_coverage(findings.performance))
    ends = [round(100 * end, 1) for end in (at_90.value, at_90.low, at_90.high)]
    assert found == [90, *ends, 55.6, round(area.value, 3)]


def test_the_epoch_whose_weights_are_used() -> None:
    log = [{"epoch": k, "valid_accuracy": k / 10} for k in (1, 2, 3)]
    assert numbers(read_training(log, 2)) == [2, 3, 20.0]
    assert numbers(read_training(log, None)) == [3, 3, 30.0]
    assert numbers(read_training(log, 9)) == [3, 3, 30.0]
    assert ["dotted line" in read_training(log, best) for best in (2, None)] == [True, False]
    more = [
        read_training(log, best, None, ended).endswith("more epochs may do better.")
        for best, ended in ((2, True), (3, True), (None, True), (3, False))
    ]
    assert more == [False, True, False, False]
    assert "more epochs" not in read_training(log[:1], 1, None, True)
    few, many = read_training(log, 2, 10), read_training(log, 2, 1000)
    assert "on 10 validation examples (95 % interval 5.7 to 51.0" in few.replace("\xa0", " ")
    assert "on 1,000 validation examples (95 % interval 17.6 to 22.6" in many.replace("\xa0", " ")


def test_captions_follow_the_findings(findings: Findings) -> None:
    found = findings.performance
    changed = replace(found, quality=replace(found.quality, accuracy=0.25))
    assert 25.0 in numbers(read_coverage(changed))


def group(name: str, accuracy: float, confidence: float = 0.5, p: float = 0.001) -> Slice:
    """A slice by length; the accuracy of the others is 0.8."""
    return Slice("length", name, 40, 20, accuracy, (0.1, 0.9), confidence, 0.8, p, 9, 0.25)


def test_three_worse_groups_are_named_and_the_others_counted(findings: Findings) -> None:
    worse = [group(f"g{i}", 0.5 + i / 100) for i in range(4)]
    better, by_chance = group("better", 0.9), group("chance", 0.1, p=0.05)
    three = read_slices(replace(findings.performance, slices=[by_chance, *worse[:3], better]), True)
    four = read_slices(replace(findings.performance, slices=[by_chance, *worse, better]), True)
    for text in (three, four):
        assert all(f"g{i}: {50 + i}.0" in text for i in range(3))
        assert not any(name in text for name in ("g3", "better", "chance"))
        assert text.count("80.0") == 3
        assert "the dashed line is the accuracy on all examples." in text
    assert "further group" not in three
    assert "1 further group" in four


def test_the_calibration_error_and_the_gaps_by_length(findings: Findings) -> None:
    calibration = replace(findings.performance.calibration, error=0.125)
    slices = [group("a", 0.5, 0.75), group("b", 0.75, 0.5), group("c", 0.5, 0.5)]
    changed = replace(findings.performance, calibration=calibration, slices=slices)
    text = read_calibration(changed)
    assert numbers(text)[0] == 0.125
    # Accuracy lies between 0.1 and 0.9 in both, so 0.5 - 0.9 to 0.5 - 0.1, and 0.75 - …
    assert "\N{MINUS SIGN}25.0 (b; \N{MINUS SIGN}40.0 to +40.0)" in text
    assert "+25.0 (a; \N{MINUS SIGN}15.0 to +65.0)" in text
    assert text.index("(b;") < text.index("(a;")
    assert text.endswith("percentage points; in brackets, 95 % Wilson intervals.")
    assert "(a;" not in read_calibration(replace(changed, slices=slices[:1]))
    assert "0.375" not in text
    before = replace(findings.performance.calibration, error=0.375)
    assert "0.375" in read_calibration(replace(changed, uncalibrated=before))
