"""The histogram and the confusion matrix as a page draws them, by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.calibration import Histogram
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Scores, quality
from reportgen.figures.scales import LEVELS
from reportgen.publish.html.interactive import HEIGHT, WIDTH, Interactive, interactive
from tests.publish.small import opened, with_performance

TOP = LEVELS - 1


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Findings]:
    with opened(tmp_path_factory.mktemp("interactive")) as report:
        yield report.findings


def histogram(findings: Findings, right: Sequence[int], wrong: Sequence[int]) -> Interactive:
    edges = np.linspace(1 / 3, 1, len(right) + 1)
    counted = Histogram(edges, np.array(right), np.array(wrong), np.zeros(len(right), np.int64))
    return interactive(replace(findings, histogram=counted))


def test_bars_share_the_width_and_the_highest_fills_the_height(findings: Findings) -> None:
    found = histogram(findings, [3, 0, 1200, 4], [1, 0, 0, 1196])
    assert found.low == "0.333"
    assert [bar.x for bar in found.bars] == ["0.000", "25.000", "50.000", "75.000"]
    assert {bar.width for bar in found.bars} == {"22.500"}
    assert (WIDTH, HEIGHT) == (100, 40)
    last = found.bars[3]
    assert [(p.kind, abs(float(p.top)), p.height) for p in last.parts] == [
        ("right", 0, "0.13"),
        ("wrong", 0.13, "39.87"),
    ]
    assert [float(bar.parts[0].height) for bar in found.bars] == [0.1, 0.0, 40.0, 0.13]
    for bar in found.bars:  # right on top of wrong, and wrong on the ground
        right, wrong = bar.parts
        ground = float(right.top) + float(right.height)
        assert ground == pytest.approx(float(wrong.top), abs=0.011)
        assert float(wrong.top) + float(wrong.height) == pytest.approx(HEIGHT, abs=0.011)


def test_predictions_without_a_label_lie_on_top(findings: Findings) -> None:
    edges, parts = np.array([0.5, 0.75, 1.0]), np.array([[1, 0], [2, 4], [5, 0]])
    found = interactive(replace(findings, histogram=Histogram(edges, *parts)))
    assert found.kinds == ("unlabelled", "right", "wrong")
    assert found.bars[0].title == "0.5 to 0.75: 5 unlabelled, 1 right, 2 wrong"
    assert [(p.kind, p.top, p.height) for p in found.bars[0].parts] == [
        ("unlabelled", "0.00", "25.00"),
        ("right", "25.00", "5.00"),
        ("wrong", "30.00", "10.00"),
    ]
    alone = Histogram(edges, parts[0] * 0, parts[0] * 0, parts[2])
    bare = interactive(replace(findings, histogram=alone, performance=None))
    assert (bare.kinds, bare.matrix, bare.mistakes) == (("unlabelled",), (), ())
    assert bare.bars[0].title == "0.5 to 0.75: 5 unlabelled"
    assert [len(bar.parts) for bar in bare.bars] == [1, 1]


def test_a_bar_says_its_ends_and_its_counts(findings: Findings) -> None:
    found = histogram(findings, [3, 0, 1200, 4], [1, 0, 0, 1196])
    assert found.bars[0].title == "0.333 to 0.5: 3 right, 1 wrong"
    assert found.bars[2].title == "0.667 to 0.833: 1,200 right, 0 wrong"


def test_a_histogram_of_nothing_is_flat(findings: Findings) -> None:
    found = histogram(findings, [0, 0], [0, 0])
    assert {(p.top, p.height) for bar in found.bars for p in bar.parts} == {("40.00", "0.00")}


def test_cells_are_shaded_by_their_share_of_the_row(findings: Findings) -> None:
    gold = np.array([0] * 4 + [1] * 2)
    predicted = np.array([0, 0, 0, 2, 1, 0])
    scores = Scores.of(gold, np.eye(3)[predicted])
    found = interactive(with_performance(findings, quality=quality(scores, ("a", "b", "c")))).matrix
    assert [label for label, _ in found] == ["a", "b", "c"]
    assert [[cell.count for cell in cells] for _, cells in found] == [
        [3, 0, 1],
        [1, 1, 0],
        [0, 0, 0],
    ]
    assert [cell.share for cell in found[0][1]] == [0.75, 0.0, 0.25]
    assert [cell.level for cell in found[0][1]] == [round(TOP * 0.75), 0, round(TOP * 0.25)]
    assert [cell.level for cell in found[1][1]] == [round(TOP / 2), round(TOP / 2), 0]
    assert all(math.isnan(cell.share) for cell in found[2][1])  # none of none is no 0.0 %
    assert [cell.predicted for cell in found[0][1]] == ["a", "b", "c"]


def test_a_row_predicted_alike_is_darkest(findings: Findings) -> None:
    scores = Scores.of(np.array([0, 0, 1]), np.eye(2)[[1, 1, 1]])
    found = interactive(with_performance(findings, quality=quality(scores, ("a", "b")))).matrix
    assert [[cell.level for cell in cells] for _, cells in found] == [[0, TOP], [0, TOP]]


def test_mistakes_are_listed_of_many_classes_and_the_matrix_of_very_many_is_left_out(
    findings: Findings,
) -> None:
    def laid(count: int, mistakes: int) -> Interactive:
        gold = np.arange(count)
        predicted = np.where(gold < count - mistakes, gold, 0)
        scores = Scores.of(gold, np.eye(count)[predicted])
        measured = quality(scores, tuple(f"c{i}" for i in range(count)))
        return interactive(with_performance(findings, quality=measured))

    assert (len(laid(12, 5).matrix), laid(12, 5).mistakes) == (12, ())
    assert (len(laid(13, 5).matrix), len(laid(13, 5).mistakes)) == (13, 5)
    assert (len(laid(100, 20).matrix), len(laid(100, 20).mistakes)) == (100, 12)
    assert (laid(101, 20).matrix, len(laid(101, 20).mistakes)) == ((), 12)
