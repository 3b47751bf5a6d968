from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from reportgen.analysis.faithfulness import Way
from reportgen.analysis.selective import Coverage
from reportgen.analysis.slices import Slice
from reportgen.figures import evidence
from reportgen.figures.charts import DARK, LIGHT
from reportgen.records import FRACTIONS

COVERAGE = Coverage((0.25, 0.5, 0.9, 1.0), (1.0, 0.95, 0.9, 0.8125))
DROPS = {
    "attention": (0.01, 0.02, 0.03, 0.04, 0.05),
    "gradients": (0.1, 0.2, 0.3, 0.4, 0.5),
    "content": (0.01, np.nan, 0.02, 0.03, np.nan),
    "random": (0.0, np.nan, 0.002, 0.003, np.nan),
}
FAITHFULNESS: Any = SimpleNamespace(ways=[Way(k, 0.0, 0.0, d) for k, d in DROPS.items()])
BAD = Slice("length", "over 400", 1200, 720, 0.6, (0.55, 0.65), 0.9, 0.85, 0.001, 2, 0.05)
SLICES = (BAD, replace(BAD, name="$1 and $2", accuracy=0.8, interval=(0.7, 0.9), p=0.5))
USES = [("a word of more than sixteen characters, 1", 3.0)]
USES += [("a word of more than sixteen characters, 2", 2.0), ("$x$", 0.5)]
COLUMNS = [
    evidence.WordColumn("attended", "attention", True, [USES, USES[:1]], 1),
    evidence.WordColumn("moved", "probability", False, [[], USES[1:]]),
]


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures whose charts were written."""
    drawn: list[Figure] = []
    write = evidence.svg
    monkeypatch.setattr(evidence, "svg", lambda f: drawn.append(f) or write(f))
    return drawn


def labels(axes: Axes) -> tuple[str, str]:
    return axes.get_xlabel(), axes.get_ylabel()


def ticks(axis: object) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_charts_are_svg_in_the_colours_of_the_theme(theme: object) -> None:
    for chart in (
        evidence.coverage_curve(COVERAGE, "90.0 %", theme),
        evidence.removal(FAITHFULNESS, "attention", theme=theme),
        evidence.slice_chart(SLICES, 0.8, theme),
        evidence.word_chart(["neg", "pos"], COLUMNS, theme),
    ):
        assert ElementTree.fromstring(chart).tag == "{http://www.w3.org/2000/svg}svg"
        assert theme.soft.encode() in chart


def test_coverage_is_accuracy_on_the_most_confident(figures: list[Figure]) -> None:
    evidence.coverage_curve(COVERAGE, "90.0 %")
    (axes,) = figures[0].axes
    assert labels(axes) == ("coverage (most confident first)", "accuracy")
    assert list(axes.lines[0].get_xdata()) == list(COVERAGE.shares)
    assert list(axes.lines[0].get_ydata()) == list(COVERAGE.accuracy)
    points = axes.collections[0].get_offsets().tolist()
    assert points == [[0.9, 0.9], [1.0, 0.8125]]  # at 90 % coverage, and all
    assert [text.get_text() for text in axes.texts] == ["90.0 % at 90 % coverage"]


@pytest.mark.parametrize("low", [0.5, 0.75, 0.883, 0.9, 0.92, 0.96, 0.991, 0.9984])
def test_ticks_of_shares_are_written_as_they_stand(figures: list[Figure], low: float) -> None:
    evidence.coverage_curve(Coverage((0.25, 0.5, 0.9, 1.0), (1.0, 1.0, low, low)), "90 %")
    evidence.slice_chart([replace(BAD, accuracy=low, interval=(low, 1.0))], low)
    for axis in (figures[0].axes[0].xaxis, figures[0].axes[0].yaxis, figures[1].axes[0].xaxis):
        places = [100 * float(place) for place in axis.get_ticklocs()]
        written = ticks(axis)
        assert len(written) >= 3
        assert [float(text.removesuffix(" %")) for text in written] == pytest.approx(places)
        assert len({len(text.partition(".")[2]) for text in written}) == 1  # decimals alike


def test_removal_draws_each_way_in_its_own_line(figures: list[Figure]) -> None:
    evidence.removal(FAITHFULNESS)
    (axes,) = figures[0].axes
    assert labels(axes) == ("words removed", "drop in confidence")
    assert ticks(axes.xaxis) == [f"{100 * share:g} %" for share in FRACTIONS]
    names = {"integrated gradients": "gradients", "attention": "attention"}
    names |= {"random words": "random", "random content words": "content"}
    drawn = {names[str(line.get_label())]: line for line in axes.lines[:4]}
    assert drawn.keys() == DROPS.keys()
    for name, line in drawn.items():
        known = ~np.isnan(DROPS[name])  # a line goes on over sizes that were not drawn
        np.testing.assert_array_equal(line.get_xdata(), np.flatnonzero(known))
        np.testing.assert_array_equal(line.get_ydata(), np.array(DROPS[name])[known])
    assert len({line.get_linestyle() for line in axes.lines[:4]}) == 4  # more than colour


def test_removal_draws_the_ways_that_were_measured(figures: list[Figure]) -> None:
    ways = [way for way in FAITHFULNESS.ways if way.name in ("attention", "random")]
    evidence.removal(SimpleNamespace(ways=ways))
    (axes,) = figures[0].axes
    written = [text.get_text() for text in axes.get_legend().get_texts()]
    assert written == ["attention", "random words"]


def test_removal_names_the_weights_of_the_table(figures: list[Figure]) -> None:
    ways = [way for way in FAITHFULNESS.ways if way.name in ("attention", "random")]
    for name in ("SHAP values", "attention of layer 12, head 3"):
        evidence.removal(SimpleNamespace(ways=ways), name)
    legends = [figure.axes[0].get_legend().get_texts()[0].get_text() for figure in figures]
    assert legends == ["SHAP values", "attention of layer 12, …"]


@pytest.mark.parametrize("name", ["attention", "attention of layer 12, head 3"])
def test_the_legend_of_removal_is_not_cut(figures: list[Figure], name: str) -> None:
    """It ended with “random content character”."""
    evidence.removal(FAITHFULNESS, name, "character")
    (figure,) = figures
    figure.draw_without_rendering()
    box = figure.axes[0].get_legend().get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    assert box.y1 <= figure.bbox.y1 + 1


def test_slices_have_their_accuracy_and_interval_first_on_top(figures: list[Figure]) -> None:
    evidence.slice_chart(SLICES, 0.8)
    (axes,) = figures[0].axes
    assert labels(axes) == ("accuracy", "")
    overall, *intervals = axes.lines
    assert list(overall.get_xdata()) == [0.8, 0.8]
    assert [list(line.get_xdata()) for line in intervals] == [[0.55, 0.65], [0.7, 0.9]]
    points = [c for c in axes.collections if isinstance(c, PathCollection)]
    assert [p.get_offsets().tolist() for p in points] == [[[0.6, 1]], [[0.8, 0]]]
    assert not axes.yaxis_inverted()
    written = dict(zip(axes.get_yticks(), ticks(axes.yaxis), strict=True))
    assert written == {1: "length: over 400 (1,200)", 0: "length: $1 and $2 (1,200)"}
    assert [to_hex(line.get_color()) for line in intervals] == [LIGHT.wrong, LIGHT.blue]


def test_titles_of_many_columns_of_words_take_several_lines(figures: list[Figure]) -> None:
    columns = [replace(COLUMNS[0], title="moved the prediction, wrong")] * 4
    evidence.word_chart(["neg", "pos"], columns[:2])
    evidence.word_chart(["neg", "pos"], columns)
    titles = [figure.axes[0].get_title(loc="left") for figure in figures]
    assert titles == ["moved the prediction, wrong", "moved the\nprediction,\nwrong"]


@pytest.mark.parametrize("accuracy", [0.0, 0.5, 0.99, 1.0])
def test_no_tick_is_a_share_that_cannot_be(figures: list[Figure], accuracy: float) -> None:
    """The axis of a level curve goes on beyond it: one at 100 % was marked up to 104 %."""
    evidence.coverage_curve(Coverage((0.25, 0.9, 1.0), (accuracy,) * 3), "as said")
    evidence.slice_chart([replace(SLICES[0], accuracy=1.0, interval=(1.0, 1.0))], 1.0)
    for figure, axis in zip(figures, ("yaxis", "xaxis"), strict=True):
        ticks = getattr(figure.axes[0], axis).get_ticklocs()
        assert len(ticks) > 1
        assert all(0 <= tick <= 1 + 1e-9 for tick in ticks)
    assert [text.get_text() for text in figures[0].axes[0].texts] == ["as said at 90 % coverage"]


def test_words_have_one_bar_each_also_when_cut_alike(figures: list[Figure]) -> None:
    evidence.word_chart(["neg", "pos"], COLUMNS)
    first, second, empty, last = figures[0].axes
    assert [axes.get_title(loc="left") for axes in (first, empty)] == ["attended", "moved"]
    assert [labels(axes) for axes in (first, second)] == [("", ""), ("attention", "")]
    assert [axes.texts[0].get_text() for axes in (first, second)] == [
        "predicted neg",
        "predicted pos",
    ]
    np.testing.assert_allclose([bar.get_width() for bar in first.patches], [3.0, 2.0, 0.5])
    assert ticks(first.yaxis) == ["a word of more …", "a word of more …", "$x$"]
    assert first.yaxis_inverted()  # the largest on top
    assert list(first.lines[0].get_xdata()) == [1, 1]
    assert [text.get_text() for text in empty.texts] == ["too few words"]
    assert [to_hex(axes.patches[0].get_facecolor()) for axes in (first, last)] != 2 * [
        to_hex(first.patches[0].get_facecolor())
    ]
    assert not last.lines  # movement has no even share


def test_nothing_in_a_chart_of_words_covers_a_name_or_is_cut(figures: list[Figure]) -> None:
    """Names of classes were turned, and lay over each other where they were longer than a row."""
    classes = ["Other / general question", "Technical problem", "低評価のクラス"]
    words = [(f"{'w' * n}ord", 1.0) for n in (3, 9, 1, 2, 4)]
    titles = ("Most attended, right", "Most attended, wrong", "Moved the prediction, right",
              "Moved the prediction, wrong")  # fmt: skip
    shown = [replace(COLUMNS[0], title=title, panels=[words] * 3) for title in titles]
    evidence.word_chart(classes, shown)
    evidence.word_chart(classes, shown[:3])
    for figure in figures:
        figure.draw_without_rendering()
        first = figure.axes[:3]
        names = [axes.texts[0] for axes in first]
        assert [name.get_text() for name in names] == [f"predicted {name}" for name in classes]
        boxes = [name.get_window_extent() for name in names]
        heads = [axes._left_title.get_window_extent() for axes in figure.axes[::3]]
        for axes in figure.axes:
            ticks = (*axes.get_xticklabels(), *axes.get_yticklabels())
            others = [axes.get_window_extent(), *[tick.get_window_extent() for tick in ticks]]
            assert not any(box.overlaps(other) for box in boxes for other in others)
        assert not any(box.overlaps(head) for box in boxes for head in heads)
        assert all(head.x0 >= 0 and head.x1 <= figure.bbox.x1 for head in heads)
