"""Charts of a comparison: what is drawn, told apart without colour, and the same bytes twice."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from reportgen.analysis.calibration import Calibration, calibration
from reportgen.analysis.metrics import Scores
from reportgen.analysis.selective import Coverage, coverage
from reportgen.figures import comparison
from reportgen.figures.charts import DARK, LIGHT
from reportgen.figures.comparison import DRAWN, ForestRow, coverages, forest, reliabilities
from tests.analysis.tables import drawn

LETTERS = "ABCDEF"


def curves(runs: int, n: int = 200) -> tuple[list[Calibration], list[Coverage]]:
    scores = []
    for seed in range(runs):
        gold, probabilities, _ = drawn(n, seed)
        scores.append(Scores.of(gold, np.asarray(probabilities, dtype=float)))
    return [calibration(s) for s in scores], [coverage(s) for s in scores]


def row(label: str, run: int = 1, value: float = 0.01, marked: bool = False) -> ForestRow:
    return ForestRow(label, run, value, value - 0.02, value + 0.02, marked)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures whose charts were written."""
    made: list[Figure] = []
    write = comparison.svg
    monkeypatch.setattr(comparison, "svg", lambda f: made.append(f) or write(f))
    return made


def named(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


@pytest.mark.parametrize("runs", range(2, DRAWN + 1))
def test_curves_are_named_and_told_apart_without_colour(figures: list[Figure], runs: int) -> None:
    found, shares = curves(runs)
    reliabilities(found, LETTERS[:runs])
    coverages(shares, LETTERS[:runs])
    for figure in figures:
        (axes,) = figure.axes
        assert named(axes) == list(LETTERS[:runs])
        lines = [line for line in axes.get_lines() if line.get_marker() not in ("None", "_")]
        assert len({line.get_marker() for line in lines}) == runs
        assert len({str(line._dash_pattern) for line in lines}) == runs


def test_curves_are_those_of_the_runs(figures: list[Figure]) -> None:
    found, shares = curves(2)
    reliabilities(found, "AB")
    coverages(shares, "AB")
    bins, curve = (figure.axes[0] for figure in figures)
    marked = [line for line in bins.get_lines() if line.get_marker() in ("o", "s")]
    for line, of in zip(marked, found, strict=True):
        used = [b for b in of.bins if b.count]
        assert line.get_ydata().tolist() == [b.accuracy for b in used]
        assert line.get_xdata().tolist() == [b.confidence for b in used]
    for line, share in zip(curve.get_lines(), shares, strict=True):
        assert line.get_xdata().tolist() == list(share.shares)
        assert line.get_ydata().tolist() == list(share.accuracy)
    assert (bins.get_xlabel(), bins.get_ylabel()) == ("mean confidence of the bin", "accuracy")
    assert curve.get_xlabel() == "coverage (most confident first)"
    lows = [b.interval[0] for of in found for b in of.bins if b.interval]
    assert bins.get_ylim()[0] < min(lows), "no interval leaves the axes"


def test_a_forest_has_its_rows_from_above_and_marks_what_is_beyond_chance(
    figures: list[Figure],
) -> None:
    rows = [
        row("first"), row("second", value=-0.05, marked=True), row("third", value=0.05, marked=True)
    ]  # fmt: skip
    forest(rows, "AB")
    (axes,) = figures[0].axes
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert labels == ["first", "second", "third"]
    low, high = axes.get_ylim()
    assert low > high, "the first is on top"
    points = axes.collections
    assert [float(p.get_offsets()[0][0]) for p in points] == pytest.approx([1, -5, 5])
    filled = [tuple(p.get_facecolor()[0]) for p in points]
    assert filled == [to_rgba(c) for c in (LIGHT.paper, LIGHT.wrong, LIGHT.blue)]
    ends = [line.get_xdata() for line in axes.get_lines()[1:]]
    assert ends == [pytest.approx(e) for e in ([-1, 3], [-7, -3], [3, 7])]
    ticks = [axes.xaxis.get_major_formatter()(x, 0) for x in (-5, 0, 2.5)]
    assert ticks == ["−5", "0", "+2.5"]
    assert named(axes) == []
    assert "better than A to the right" in axes.get_xlabel()


def test_runs_of_a_measure_stand_together(figures: list[Figure]) -> None:
    forest([row(label, run) for label in ("first", "second") for run in (1, 2)], "ABC")
    (axes,) = figures[0].axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["first", "second"]
    assert named(axes) == ["B", "C"]
    places = [float(p.get_offsets()[0][1]) for p in axes.collections]
    assert places[0] < 0 < places[1] < 0.5 < places[2] < 1 < places[3]


def test_long_and_odd_names_and_one_example(figures: list[Figure]) -> None:
    ElementTree.fromstring(forest([row(f"group: $a^b$ <&> {'x' * 200}")], "AB"))
    (label,) = figures[0].axes[0].get_yticklabels()
    assert label.get_text().startswith("group: $a^b$ <&> xx")
    assert len(label.get_text()) == 56
    found, shares = curves(2, n=1)
    ElementTree.fromstring(reliabilities(found, "AB"))
    ElementTree.fromstring(coverages(shares, "AB"))


def test_equal_numbers_give_equal_bytes_in_both_themes() -> None:
    found, shares = curves(3)
    for theme in (LIGHT, DARK):
        assert reliabilities(found, "ABC", theme) == reliabilities(found, "ABC", theme)
        assert coverages(shares, "ABC", theme) == coverages(shares, "ABC", theme)
        assert forest([row("x")], "AB", theme) == forest([row("x")], "AB", theme)
    assert forest([row("x")], "AB", LIGHT) != forest([row("x")], "AB", DARK)
