"""Captions: which numbers they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Scores, quality
from reportgen.publish.words.captions import (
    read_confidence,
    read_confusion,
    read_coverage,
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
    found = read_confidence(scores([0.9, 0.91, 0.95, 0.99, 0.6], [False, True, False, True, True]))
    assert numbers(found) == [3, 5, 0.9, 1]
    assert numbers(read_confidence(scores([0.9, 0.8], [True, False]))) == [0.9]


def test_the_most_frequent_mistake_is_named_label_first() -> None:
    gold = np.array([0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 2, 2, 0, 1, 2])
    found = read_confusion(quality(Scores.of(gold, np.eye(3)[predicted]), ("aa", "bb", "cc")))
    assert found.index("aa") < found.index("cc")
    assert "bb" not in found
    assert numbers(found) == [2]
    perfect = read_confusion(quality(Scores.of(gold, np.eye(3)[gold]), ("aa", "bb", "cc")))
    assert not any(name in perfect for name in ("aa", "bb", "cc"))


def test_accuracy_at_coverage_and_on_all(findings: Findings) -> None:
    at_90, area = findings.measures["accuracy_at_90"], findings.measures["aurc"]
    found = numbers(read_coverage(findings))
    ends = [round(100 * end, 1) for end in (at_90.value, at_90.low, at_90.high)]
    assert found == [90, *ends, 55.6, round(area.value, 3)]


def test_the_epoch_whose_weights_are_used() -> None:
    log = [{"epoch": k, "valid_accuracy": k / 10} for k in (1, 2, 3)]
    assert numbers(read_training(log, 2)) == [2, 3, 20.0]
    assert numbers(read_training(log, None)) == [3, 3, 30.0]
    assert numbers(read_training(log, 9)) == [3, 3, 30.0]


def test_captions_follow_the_findings(findings: Findings) -> None:
    changed = replace(findings, quality=replace(findings.quality, accuracy=0.25))
    assert 25.0 in numbers(read_coverage(changed))
