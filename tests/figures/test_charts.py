from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from reportgen.analysis.calibration import calibration, confidence_histogram
from reportgen.analysis.metrics import Mistake, Quality, Scores, quality
from reportgen.figures import charts
from reportgen.figures.charts import DARK, LIGHT, Theme
from reportgen.figures.palette import contrast

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("$5 and $10", "a<b>&\"c'", r"$\nosuch$", "映画 --> <!--", "שלום")
LONG = tuple(f"a class name of more than sixteen characters, {i}" for i in range(12))
LOG = [
    {"epoch": i, "train_loss": 0.7 / i, "valid_loss": 0.6 / i, "valid_accuracy": 1 - 0.3 / i}
    for i in (1, 2, 3)
]
Chart = Callable[[Theme], bytes]


def scores(k: int, n: int = 200) -> Scores:
    rng = np.random.default_rng(k)
    return Scores.of(rng.integers(0, k, n), rng.dirichlet(np.full(k, 0.4), n))


def named(names: tuple[str, ...]) -> Quality:
    return quality(scores(len(names)), names)


def one_example(right: bool) -> Scores:
    return Scores.of(np.array([0 if right else 1]), np.array([[1.0, 0.0]]))


CHARTS: dict[str, Chart] = {
    "histogram": lambda theme: charts.histogram(*confidence_histogram(scores(2), 2), theme),
    "histogram of 12": lambda theme: charts.histogram(*confidence_histogram(scores(12), 12), theme),
    "histogram of one": lambda theme: charts.histogram(
        *confidence_histogram(one_example(False), 2), theme
    ),
    "reliability": lambda theme: charts.reliability(calibration(scores(2)), theme),
    "reliability of one right": lambda theme: charts.reliability(
        calibration(one_example(True)), theme
    ),
    "reliability of one wrong": lambda theme: charts.reliability(
        calibration(one_example(False)), theme
    ),
    "confusion": lambda theme: charts.confusion(named(("negative", "positive")), theme),
    "confusion of 12 long names": lambda theme: charts.confusion(named(LONG), theme),
    "confusion of hostile names": lambda theme: charts.confusion(named(HOSTILE), theme),
    "confusion with a class that never occurs": lambda theme: charts.confusion(
        quality(one_example(True), ("a", "b")), theme
    ),
    "mistakes": lambda theme: charts.mistakes(named(HOSTILE).mistakes, theme),
    "training": lambda theme: charts.training_curve(LOG, 2, theme),
    "training of one epoch": lambda theme: charts.training_curve(LOG[:1], None, theme),
}


@cache
def svg_of(chart: str, theme: Theme) -> bytes:
    return CHARTS[chart](theme)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("chart", CHARTS)
def test_charts_are_xml_without_date_or_script(chart: str, theme: Theme) -> None:
    svg = svg_of(chart, theme)
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert "viewBox" in root.attrib
    assert b"<dc:date>" not in svg
    assert b"<script" not in svg
    assert not re.search(rb'(href|src)="(?!#)', svg)  # it stands on its own


@pytest.mark.parametrize("chart", CHARTS)
def test_the_themes_differ(chart: str) -> None:
    assert svg_of(chart, LIGHT) != svg_of(chart, DARK)


REAL = ("histogram", "reliability", "confusion of hostile names", "training")


@pytest.mark.parametrize("chart", REAL)
def test_the_same_input_gives_the_same_bytes(chart: str) -> None:
    assert CHARTS[chart](LIGHT) == svg_of(chart, LIGHT)


def test_no_state_of_pyplot_is_left() -> None:
    before = dict(mpl.rcParams)
    for chart in REAL:
        CHARTS[chart](DARK)
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


@pytest.fixture
def figure(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures whose charts were written."""
    drawn: list[Figure] = []
    write = charts.svg
    monkeypatch.setattr(charts, "svg", lambda f: drawn.append(f) or write(f))
    return drawn


def test_class_names_are_written_literally(figure: list[Figure]) -> None:
    charts.confusion(named(HOSTILE))
    (axes,) = figure[0].axes
    for axis in (axes.xaxis, axes.yaxis):
        labels = axis.get_ticklabels()
        assert [label.get_text() for label in labels] == list(HOSTILE)
        assert not any(label.get_parse_math() for label in labels)


def test_long_class_names_are_cut(figure: list[Figure]) -> None:
    charts.confusion(named(LONG))
    (axes,) = figure[0].axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["a class name of…"] * 12
    assert len(figure[0].axes[0].texts) == 144


@pytest.mark.parametrize("names", [("negative", "positive"), LONG, HOSTILE])
def test_class_names_stay_inside_the_picture(figure: list[Figure], names: tuple[str, ...]) -> None:
    charts.confusion(named(names))
    (axes,) = figure[0].axes
    width, height = figure[0].bbox.size
    with charts.missing_glyphs(set()):
        boxes = [
            label.get_window_extent()
            for axis in (axes.xaxis, axes.yaxis)
            for label in (*axis.get_ticklabels(), axis.label)
        ]
        across = [label.get_window_extent() for label in axes.get_xticklabels()]
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height
    assert not any(a.overlaps(b) for a, b in pairwise(across))


@pytest.mark.parametrize(("classes", "turned"), [(4, 0), (5, 90), (12, 90)])
def test_the_heads_of_more_than_four_classes_are_turned(
    figure: list[Figure], classes: int, turned: float
) -> None:
    charts.confusion(named(LONG[:classes]))
    (axes,) = figure[0].axes
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {turned}
    assert {label.get_rotation() for label in axes.get_yticklabels()} == {0}
    assert (figure[0].get_figwidth() > charts.SIZE[0]) == (classes > charts.FEW)


def test_mistakes_have_a_bar_each_the_first_on_top(figure: list[Figure]) -> None:
    charts.mistakes([Mistake("a", "$b$", 1200, 1500), Mistake("c", "a", 3, 9)])
    (axes,) = figure[0].axes
    names = dict(zip(axes.get_yticks(), axes.get_yticklabels(), strict=True))
    assert {at: name.get_text() for at, name in names.items()} == {1: "a as $b$", 0: "c as a"}
    assert [bar.get_width() for bar in axes.patches] == [1200, 3]
    assert [text.get_text() for text in axes.texts] == ["1,200 of 1,500", "3 of 9"]
    assert not axes.yaxis_inverted()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_counts_of_the_confusion_are_legible(figure: list[Figure], theme: Theme) -> None:
    gold = np.repeat([0, 1, 2], [2000, 40, 40])  # shares from 0 to 1
    wrong = np.concatenate([np.zeros(2020), np.ones(20), np.full(30, 2), np.ones(10)])
    found = quality(Scores.of(gold, np.eye(3)[wrong.astype(int)]), ("a", "b", "c"))
    charts.confusion(found, theme)
    (axes,) = figure[0].axes
    counts = [f"{count:,}" for count in found.matrix().flat]
    assert [text.get_text() for text in axes.texts] == counts
    colors = axes.collections[0].get_facecolor()
    for text, background in zip(axes.texts, colors, strict=True):
        ink = mpl.colors.to_rgb(text.get_color())
        assert contrast(ink, tuple(background[:3])) >= 4.5


def test_bars_of_examples_without_a_label_lie_on_top(figure: list[Figure]) -> None:
    edges, right, wrong, none = confidence_histogram(scores(2), 2)
    charts.histogram(edges, right, wrong, right + 1)
    charts.histogram(edges, none, none, right)
    partly, bare = (one.axes[0] for one in figure)
    bars = partly.patches[2 * len(right) :]
    assert [bar.get_height() for bar in bars] == list(right + 1)
    assert [bar.get_y() for bar in bars] == list(right + wrong)
    assert [text.get_text() for text in partly.get_legend().get_texts()][-1] == "unlabelled"
    assert [bar.get_height() for bar in bare.patches] == list(right)
    assert bare.get_legend() is None


def test_the_bars_hold_every_example(figure: list[Figure]) -> None:
    _, right, wrong, _ = counted = confidence_histogram(scores(2), 2)
    charts.histogram(*counted)
    (axes,) = figure[0].axes
    bars = axes.patches
    assert [bar.get_height() for bar in bars] == [*wrong, *right]
    assert [bar.get_y() for bar in bars] == [0.0] * len(wrong) + list(wrong)
    assert (bars[0].get_linewidth() > 0) != (bars[-1].get_linewidth() > 0)  # not in colour alone
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["wrong", "right"]


def test_the_reliability_shows_each_used_bin(figure: list[Figure]) -> None:
    found = calibration(scores(2))
    charts.reliability(found)
    (axes,) = figure[0].axes
    used = [(b.confidence, b.accuracy) for b in found.bins if b.count]
    np.testing.assert_allclose(axes.collections[-1].get_offsets(), used)
    low, high = axes.get_ylim()
    for b in found.bins:
        if b.interval is not None:
            assert low < b.interval[0] <= b.interval[1] < high + 1e-9


def test_the_training_curve_marks_the_best_epoch(figure: list[Figure]) -> None:
    charts.training_curve(LOG, 2)
    upper, lower = figure[0].axes
    assert [list(line.get_xdata()) for line in upper.lines] == [[1, 2, 3], [1, 2, 3], [2, 2]]
    assert list(lower.lines[0].get_ydata()) == [row["valid_accuracy"] for row in LOG]


def test_parts_of_charts_have_the_colours_of_the_theme() -> None:
    for chart in ("histogram", "training"):
        for theme in (LIGHT, DARK):
            assert theme.wrong.encode() in svg_of(chart, theme)
