"""Draw what two or more runs show on the same examples, over each other, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reportgen.analysis.calibration import Calibration
from reportgen.analysis.selective import Coverage
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

__all__ = ["DRAWN", "ForestRow", "coverages", "forest", "reliabilities"]

# Told apart without colour: by the line, and by the mark.
STYLES = (("--", "o"), ("-", "s"), ("-.", "^"), (":", "D"), ((0, (5, 1)), "v"), ((0, (1, 1)), "P"))
DRAWN = len(STYLES)  # runs that are drawn


def _color(run: int, theme: Theme) -> str:
    return (theme.soft, theme.blue, theme.wrong, theme.right, theme.ink, theme.soft)[run]


@drawing()
def reliabilities(runs: Sequence[Calibration], names: Sequence[str], theme: Theme = LIGHT) -> bytes:
    """Draw accuracy against confidence per bin of each run, with 95 % Wilson intervals."""
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 1], color=theme.line, linewidth=0.9, zorder=0)
    lows = []
    for run, (found, name) in enumerate(zip(runs, names, strict=True)):
        used = [b for b in found.bins if b.accuracy is not None]
        x = np.array([b.confidence for b in used], dtype=float)
        y = np.array([b.accuracy for b in used], dtype=float)
        ends = np.array([b.interval for b in used], dtype=float).reshape(-1, 2)
        (line, mark), color = STYLES[run], _color(run, theme)
        axes.errorbar(
            x, y, yerr=np.abs(ends.T - y), color=color, linestyle=line, marker=mark, markersize=4,
            linewidth=1.2, elinewidth=0.8, capsize=2, label=name, zorder=2 + run,
        )  # fmt: skip
        lows += [float(ends.min()), min(b.low for b in used)]
    axes.set(xlim=(min(lows[1::2]), 1.015), ylim=(min(lows) - 0.02, 1.02))
    dress(axes, theme, "mean confidence of the bin", "accuracy")
    legend(axes, theme, None)
    return svg(figure)


@drawing()
def coverages(runs: Sequence[Coverage], names: Sequence[str], theme: Theme = LIGHT) -> bytes:
    """Draw each run's accuracy on its most confident share of the examples, for each share."""
    figure, axes = new_figure()
    for run, (found, name) in enumerate(zip(runs, names, strict=True)):
        (line, mark), color = STYLES[run], _color(run, theme)
        axes.plot(
            found.shares, found.accuracy, color=color, linestyle=line, linewidth=1.5, label=name,
            marker=mark, markersize=4, markevery=(run, max(1, len(found.shares) // 8)),
        )  # fmt: skip
    axes.set_xlim(0, 1.02)
    percents(axes.xaxis)
    percents(axes.yaxis)
    dress(axes, theme, "coverage (most confident first)", "accuracy")
    legend(axes, theme, None)
    return svg(figure)


def _signed(number: float, place: int | None) -> str:
    return f"{number:+g}".replace("-", "\N{MINUS SIGN}") if number else "0"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A difference of a run (1 …) with its interval, and whether it is beyond chance.

    Rows that follow each other with the same label stand beside it together.
    """

    label: str
    run: int
    value: float
    low: float
    high: float
    marked: bool


@drawing()
def forest(rows: Sequence[ForestRow], names: Sequence[str], theme: Theme = LIGHT) -> bytes:
    """Draw differences, of shares in points, with their intervals; the first row is on top.

    A filled mark is beyond chance. ``names`` are those of all runs, the first of them the baseline.
    """
    labels = list(dict.fromkeys(row.label for row in rows))
    several = len({row.run for row in rows}) > 1
    height = 0.2 if not several else 0.14 + 0.1 * len({row.run for row in rows})
    figure, axes = new_figure((2 * SIZE[0], 0.7 + height * len(labels)))
    axes.axvline(0, color=theme.soft, linestyle="--", linewidth=0.9, zorder=0)
    step = 0.7 / max(1, len(names) - 1)
    named: set[int] = set()
    for row in rows:
        middle = (row.run - len(names) / 2) * step if several else 0.0
        place = labels.index(row.label) + middle
        color = theme.wrong if row.marked and row.value < 0 else theme.blue
        mark = STYLES[row.run][1] if several else ("D" if row.marked else "o")
        label = names[row.run] if several and row.run not in named else None
        named.add(row.run)
        axes.plot([100 * row.low, 100 * row.high], [place, place], color=color, linewidth=1.5)
        axes.scatter(
            [100 * row.value], [place], marker=mark, s=22, zorder=3, edgecolor=color,
            facecolor=color if row.marked else theme.paper, label=label,
        )  # fmt: skip
    axes.set_yticks(range(len(labels)), short(labels, 56))
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:+g}".replace("-", "−") if x else "0")
    )
    dress(axes, theme, "difference in points; better than A to the right", "")
    if several:
        legend(axes, theme, None)
    return svg(figure)
