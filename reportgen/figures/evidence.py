"""Draw the charts of what the analysis found as SVG: coverage, removal, slices, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.selective import Coverage
from reportgen.analysis.slices import Slice
from reportgen.figures.charts import (
    LIGHT,
    SIZE,
    Theme,
    drawing,
    dress,
    legend,
    new_figure,
    percents,
    short,
    svg,
)
from reportgen.figures.fonts import properties
from reportgen.records import FRACTIONS

__all__ = ["WordColumn", "coverage_curve", "removal", "slice_chart", "word_chart"]

TITLES = 60  # letters for which there is room beside each other


@drawing()
def coverage_curve(coverage: Coverage, label: str, theme: Theme = LIGHT) -> bytes:
    """Draw the accuracy on the most confident share of the examples, for each share (coverage).

    ``label`` is the accuracy that is written at a coverage of 90 %.
    """
    figure, axes = new_figure()
    axes.plot(coverage.shares, coverage.accuracy, color=theme.blue, linewidth=1.6)
    at = coverage.at(0.9)
    share, accuracy = coverage.shares[at], coverage.accuracy[at]
    axes.scatter([share, 1], [accuracy, coverage.accuracy[-1]], s=22, color=theme.blue, zorder=3)
    axes.axvline(share, color=theme.line, linewidth=0.8, zorder=0)
    axes.annotate(  # above the axes, where no curve runs
        f"{label} at 90 % coverage", (share, 1),
        xycoords=axes.get_xaxis_transform(), xytext=(0, 3), textcoords="offset points",
        ha="right", color=theme.ink,
    )  # fmt: skip
    axes.set_xlim(0, 1.02)
    percents(axes.xaxis)
    percents(axes.yaxis)
    dress(axes, theme, "coverage (most confident first)", "accuracy")
    return svg(figure)


@drawing()
def removal(
    faithfulness: Faithfulness,
    weights: str = "attention",
    unit: str = "word",
    theme: Theme = LIGHT,
) -> bytes:
    """Draw how the confidence drops as more words are removed, chosen in up to four ways.

    ``weights`` is the name of those of the table, ``unit`` what a token is called.
    """
    figure, axes = new_figure()
    styles = {
        "gradients": ("integrated gradients", theme.wrong, "--", "s"),
        "attention": (short([weights], 24)[0], theme.blue, "-", "o"),
        "content": (f"random content {unit}s", theme.soft, "-.", "v"),
        "random": (f"random {unit}s", theme.soft, ":", "^"),
    }
    drops = {way.name: np.array(way.drops) for way in faithfulness.ways}
    places = np.arange(len(FRACTIONS))
    for name, (label, color, style, marker) in styles.items():
        if name in drops:
            drawn = ~np.isnan(drops[name])  # random words are not removed at every size
            axes.plot(
                places[drawn], drops[name][drawn], style, marker=marker, color=color, label=label,
                markersize=4,
            )  # fmt: skip
    axes.axhline(0, color=theme.line, linewidth=0.8)
    axes.set_xticks(places, [f"{100 * share:g} %" for share in FRACTIONS])
    dress(axes, theme, f"{unit}s removed", "drop in confidence")
    legend(axes, theme, None)
    return svg(figure)


@drawing()
def slice_chart(slices: Sequence[Slice], overall: float, theme: Theme = LIGHT) -> bytes:
    """Draw the accuracy of each slice with its 95 % interval; the first slice is on top."""
    figure, axes = new_figure((2 * SIZE[0], 0.7 + 0.2 * len(slices)))
    rows = np.arange(len(slices))[::-1]
    values = np.array([s.accuracy for s in slices])
    ends = np.array([s.interval for s in slices]).reshape(-1, 2)
    colors = [theme.wrong if s.stands_out and s.accuracy < s.rest else theme.blue for s in slices]
    axes.axvline(overall, color=theme.soft, linestyle="--", linewidth=0.9)
    for row, value, (low, high), color, s in zip(rows, values, ends, colors, slices, strict=True):
        axes.plot([low, high], [row, row], color=color, linewidth=1.6)
        axes.scatter([value], [row], color=color, s=20, marker="D" if s.stands_out else "o")
    names = short([f"{s.group}: {s.name}" for s in slices], 52)
    axes.set_yticks(rows, [f"{name} ({s.count:,})" for name, s in zip(names, slices, strict=True)])
    percents(axes.xaxis)
    dress(axes, theme, "accuracy", "")
    return svg(figure)


@dataclass(frozen=True, slots=True)
class WordColumn:
    """A column of panels: its title, what its bars measure, and words with their numbers by class.

    ``even`` is where a line stands, None for none; ``unit`` is what the words are called.
    """

    title: str
    axis: str
    right: bool | None
    panels: Sequence[Sequence[tuple[str, float]]]
    even: float | None = None
    unit: str = "word"


@drawing()
def word_chart(
    classes: Sequence[str],
    columns: Sequence[WordColumn],
    theme: Theme = LIGHT,
) -> bytes:
    """Draw a row of panels for each class: its words, the first on top, by each column's number."""
    most = max(5, *(len(words) for column in columns for words in column.panels))
    rows = len(classes)
    size = 2 * SIZE[0], 0.6 + rows * (0.36 + 0.145 * most)
    spaced = ConstrainedLayoutEngine(h_pad=0.1)  # inches: room for the names of the rows
    figure, names = Figure(figsize=size, layout=spaced), short(classes, 40)
    FigureCanvasSVG(figure)
    for k, column in enumerate(columns):
        for row, words in enumerate(column.panels):
            axes = figure.add_subplot(rows, len(columns), row * len(columns) + k + 1)
            _words(axes, words, most, column, theme)
            if not words:
                _say_few(axes, column.unit, theme)
            last = row == rows - 1
            if k == 0:
                _name_row(axes, names[row], theme)
            dress(axes, theme, column.axis if last else "", "")
            if row == 0:
                title = fill(column.title, TITLES // len(columns))
                font = properties(8.5, title)
                axes.set_title(title, fontproperties=font, color=theme.ink, loc="left", pad=18)
    return svg(figure)


def _name_row(axes: Axes, name: str, theme: Theme) -> None:
    """Write the predicted class above a row: turned, it would be longer than the row is high."""
    axes.annotate(
        f"predicted {name}", (0, 1), xycoords="axes fraction", xytext=(0, 3),
        textcoords="offset points", color=theme.ink, in_layout=False,
    )  # fmt: skip


def _words(
    axes: Axes, words: Sequence[tuple[str, float]], most: int, column: WordColumn, theme: Theme
) -> None:
    """Draw one panel; all have room for as many words, so that bars are of one thickness."""
    colors = {True: theme.right, False: theme.wrong, None: theme.soft}
    if words:
        sns.barplot(
            x=[number for _, number in words], y=np.arange(len(words)), ax=axes, orient="h",
            color=colors[column.right], errorbar=None,
        )  # fmt: skip
    axes.set_yticks(np.arange(len(words)), short([word for word, _ in words]))
    axes.set_ylim(most - 0.5, -0.5)
    if words:
        axes.xaxis.set_major_locator(MaxNLocator(3))
    if column.even is not None and words:
        axes.axvline(column.even, color=theme.soft, linestyle="--", linewidth=0.9)


def _say_few(axes: Axes, unit: str, theme: Theme) -> None:
    said = f"too few {unit}s"
    axes.text(0.02, 0.9, said, transform=axes.transAxes, color=theme.soft, va="top")
    axes.set_xticks([])
