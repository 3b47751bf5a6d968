"""Draw the charts of what the analysis found as SVG: coverage, removal, slices, words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.ticker import FuncFormatter

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.selective import Coverage
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordUse
from reportgen.figures.charts import (
    LIGHT,
    SIZE,
    Theme,
    drawing,
    dress,
    legend,
    new_figure,
    short,
    svg,
)
from reportgen.figures.fonts import properties
from reportgen.records import FRACTIONS

__all__ = ["coverage_curve", "removal", "slice_chart", "word_chart"]

PERCENT = FuncFormatter(lambda value, _: f"{100 * value:.0f} %")


@drawing()
def coverage_curve(coverage: Coverage, theme: Theme = LIGHT) -> bytes:
    """Draw the accuracy on the most confident share of the examples, for each share (coverage)."""
    figure, axes = new_figure()
    axes.plot(coverage.shares, coverage.accuracy, color=theme.blue, linewidth=1.6)
    at = coverage.at(0.9)
    axes.scatter(
        [coverage.shares[at], 1], [coverage.accuracy[at], coverage.accuracy[-1]], s=22,
        color=theme.blue, zorder=3,
    )  # fmt: skip
    axes.annotate(
        f"{100 * coverage.accuracy[at]:.1f} %", (coverage.shares[at], coverage.accuracy[at]),
        xytext=(-4, -12), textcoords="offset points", ha="right", color=theme.ink,
    )  # fmt: skip
    axes.set_xlim(0, 1.02)
    axes.xaxis.set_major_formatter(PERCENT)
    axes.yaxis.set_major_formatter(PERCENT)
    dress(axes, theme, "coverage (most confident first)", "accuracy")
    return svg(figure)


@drawing()
def removal(faithfulness: Faithfulness, theme: Theme = LIGHT) -> bytes:
    """Draw how the confidence drops as more words are removed, chosen in three ways."""
    figure, axes = new_figure()
    styles = {
        "gradients": ("integrated gradients", theme.wrong, "--", "s"),
        "attention": ("attention", theme.blue, "-", "o"),
        "random": ("random words", theme.soft, ":", "^"),
    }
    drops = {way.name: way.drops for way in faithfulness.ways}
    places = np.arange(len(FRACTIONS))
    for name, (label, color, style, marker) in styles.items():
        axes.plot(places, drops[name], style, marker=marker, color=color, label=label, markersize=4)
    axes.axhline(0, color=theme.line, linewidth=0.8)
    axes.set_xticks(places, [f"{100 * share:g} %" for share in FRACTIONS])
    dress(axes, theme, "words removed", "drop in confidence")
    legend(axes, theme, "upper left")
    return svg(figure)


@drawing()
def slice_chart(slices: Sequence[Slice], overall: float, theme: Theme = LIGHT) -> bytes:
    """Draw the accuracy of each slice with its 95 % interval; the first slice is on top."""
    figure, axes = new_figure((2 * SIZE[0], 0.8 + 0.26 * len(slices)))
    rows = np.arange(len(slices))[::-1]
    values = np.array([s.accuracy for s in slices])
    ends = np.array([s.interval for s in slices]).reshape(-1, 2)
    colors = [theme.wrong if s.stands_out and s.accuracy < s.rest else theme.blue for s in slices]
    axes.axvline(overall, color=theme.soft, linestyle="--", linewidth=0.9)
    for row, value, (low, high), color, s in zip(rows, values, ends, colors, slices, strict=True):
        axes.plot([low, high], [row, row], color=color, linewidth=1.6)
        axes.scatter([value], [row], color=color, s=20, marker="D" if s.stands_out else "o")
    names = short([f"{s.group}: {s.name}" for s in slices], 44)
    axes.set_yticks(rows, [f"{name} ({s.count:,})" for name, s in zip(names, slices, strict=True)])
    axes.xaxis.set_major_formatter(PERCENT)
    dress(axes, theme, "accuracy", "")
    return svg(figure)


@drawing()
def word_chart(panels: Sequence[tuple[str, Sequence[WordUse]]], theme: Theme = LIGHT) -> bytes:
    """Draw the most-attended words of each panel by their attention per occurrence."""
    most = max(len(used) for _, used in panels)
    figure, first = new_figure((2 * SIZE[0], 0.7 + 0.2 * most))
    figure.delaxes(first)
    for place, (title, used) in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), place)
        rows = np.arange(len(used))  # not the words: two may be equal when cut
        sns.barplot(
            x=[word.relative for word in used], y=rows, color=theme.right, ax=axes, orient="h",
            errorbar=None,
        )  # fmt: skip
        axes.set_yticks(rows, short([word.word for word in used]))
        axes.axvline(1, color=theme.soft, linestyle="--", linewidth=0.9)
        axes.set_title(title, fontproperties=properties(8.5), color=theme.ink, loc="left")
        dress(axes, theme, "attention (even share = 1)", "")
    return svg(figure)
