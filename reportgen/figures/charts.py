"""Draw the charts of a run's quality as SVG, for light and for dark pages."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

from reportgen.analysis.calibration import Calibration
from reportgen.analysis.metrics import Mistake, Quality
from reportgen.figures.fonts import missing_glyphs, properties
from reportgen.figures.palette import ink

__all__ = [
    "DARK",
    "FEW",
    "LIGHT",
    "SIZE",
    "Theme",
    "confusion",
    "drawing",
    "dress",
    "histogram",
    "legend",
    "mistakes",
    "new_figure",
    "percents",
    "reliability",
    "short",
    "svg",
    "training_curve",
]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a page."""

    name: str
    paper: str
    ink: str
    soft: str
    line: str
    right: str
    wrong: str
    blue: str


LIGHT = Theme("light", "#ffffff", "#1d2126", "#5d666f", "#d9d6cd", "#98c5e4", "#b8460e", "#08519c")
DARK = Theme("dark", "#1a1e22", "#e8e6e1", "#9aa4ad", "#39414a", "#2f6d9f", "#f08a52", "#8fc1ee")
SIZE = (3.8, 2.4)  # inches, about as large as it is shown
FEW = 4  # classes; above, the matrix takes the whole width and its heads are turned


@contextmanager
def drawing() -> Iterator[None]:
    """Make equal bytes of equal numbers, keep class names literal, and silence missing glyphs."""
    settings: Any = {"svg.hashsalt": "reportgen", "text.parse_math": False}
    with mpl.rc_context(settings), missing_glyphs(set()):
        yield


def new_figure(size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    """Open a figure of so many inches with one pair of axes."""
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def dress(axes: Axes, theme: Theme, x: str, y: str) -> None:
    """Name the axes and give everything the colours and fonts of a page."""
    axes.set_facecolor("none")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    for side, spine in axes.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=theme.line)
    axes.tick_params(colors=theme.soft, length=3, width=0.6)
    for label in (axes.xaxis.label, axes.yaxis.label, *axes.texts):
        label.set_fontproperties(properties(8.5, label.get_text()))
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(theme.soft)
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_fontproperties(properties(8, tick.get_text()))
        tick.set_color(theme.soft)


class _Percent(Formatter):
    """Write shares as per cent, with the decimals that all ticks of the axis need together."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        shares = 100 * np.asarray(values, dtype=float)
        exact = (n for n in range(4) if np.allclose(shares, np.round(shares, n), 0, 1e-6))
        places = next(exact, 4)
        return [f"{share:.{places}f} %" for share in shares]


class _Shares(MaxNLocator):
    """Mark no share below 0 or above 1, where the axis goes on beyond its curve."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        return [t for t in super().tick_values(vmin, vmax) if -1e-9 < t < 1 + 1e-9]


def percents(axis: Axis) -> None:
    """Mark shares on an axis in steps of 1, 2 or 5 times a power of ten, written as they are."""
    axis.set_major_locator(_Shares("auto", steps=[1, 2, 5, 10]))
    axis.set_major_formatter(_Percent())


def legend(axes: Axes, theme: Theme, place: str | None) -> None:
    """Write the legend into a corner; None: in two columns above the axes."""
    style: dict[str, Any] = {"loc": place, "frameon": False, "prop": properties(8)}
    if place is None:
        beside = blended_transform_factory(axes.figure.transFigure, axes.transAxes)
        style |= {"loc": "lower left", "bbox_to_anchor": (0.03, 1), "bbox_transform": beside}
        style |= {"ncols": 2, "borderpad": 0}  # from the edge of the chart, which is wider
        style |= {"columnspacing": 1.2, "handlelength": 1.8, "handletextpad": 0.5}
    for text in axes.legend(**style).get_texts():
        text.set_color(theme.ink)


def svg(figure: Figure) -> bytes:
    """Write the figure."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return out.getvalue()


@drawing()
def histogram(
    edges: NDArray[np.float64],
    right: NDArray[np.int64],
    wrong: NDArray[np.int64],
    unlabelled: NDArray[np.int64],
    theme: Theme = LIGHT,
) -> bytes:
    """Draw how many examples have which confidence, the wrong ones at the bottom of each bar."""
    figure, axes = new_figure()
    widths = np.diff(edges)
    bar: dict[str, Any] = {"align": "edge", "width": widths * 0.94, "linewidth": 0}
    # Told apart without colour: dark and without a line, light and with one.
    outlined: dict[str, Any] = {"edgecolor": theme.blue, "linewidth": 0.5}
    labelled = right + wrong
    if labelled.any():
        axes.bar(edges[:-1], wrong, color=theme.wrong, label="wrong", **bar)
        axes.bar(
            edges[:-1], right, bottom=wrong, color=theme.right, label="right", **{**bar, **outlined}
        )
    if unlabelled.any():
        bar |= {"color": theme.soft, "label": "unlabelled"}
        axes.bar(edges[:-1], unlabelled, bottom=labelled, **bar)
    axes.set_xlim(edges[0], 1)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    dress(axes, theme, "confidence", "examples")
    if labelled.any():  # else there is one kind of bars
        legend(axes, theme, "upper left")
    return svg(figure)


@drawing()
def reliability(calibration: Calibration, theme: Theme = LIGHT) -> bytes:
    """Draw accuracy against confidence per bin with 95 % Wilson intervals and counts."""
    figure, axes = new_figure()
    used = [b for b in calibration.bins if b.accuracy is not None]
    axes.plot(
        [0, 1],
        [0, 1],
        color=theme.soft,
        linestyle="--",
        linewidth=0.9,
        label="perfectly calibrated",
    )
    x = np.array([b.confidence for b in used], dtype=float)
    y = np.array([b.accuracy for b in used], dtype=float)
    ends = np.array([b.interval for b in used], dtype=float).reshape(-1, 2)
    spread = np.abs(ends.T - y)
    axes.errorbar(
        x, y, yerr=spread, fmt="none", ecolor=theme.blue, elinewidth=1.2, capsize=2, alpha=0.7
    )
    counts = np.array([b.count for b in used], dtype=float)
    axes.scatter(
        x,
        y,
        s=14 + 90 * counts / counts.max(),
        color=theme.blue,
        zorder=3,
        clip_on=False,
        label="bin (area: examples)",
    )
    left = min(b.low for b in used)
    axes.set(xlim=(left, 1.015), ylim=(min(left, float(ends.min())) - 0.02, 1.02))
    dress(axes, theme, "mean confidence of the bin", "accuracy")
    legend(axes, theme, None)
    return svg(figure)


@drawing()
def confusion(quality: Quality, theme: Theme = LIGHT) -> bytes:
    """Draw the confusion matrix: counts, shaded by their share of the true class."""
    names = [c.name for c in quality.classes]
    side = len(names)
    figure, axes = new_figure((SIZE[0] if side <= FEW else 2 * SIZE[0], 0.6 + 0.45 * (2 + side)))
    counts = quality.matrix()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    scale = (
        sns.light_palette(theme.blue, 64) if theme is LIGHT else sns.dark_palette(theme.blue, 64)
    )
    sns.heatmap(
        shares, annot=np.vectorize("{:,}".format)(counts), fmt="", cmap=ListedColormap(scale),
        vmin=0, vmax=1, cbar=False, linewidths=1, linecolor=theme.paper, square=False,
        xticklabels=short(names), yticklabels=short(names), ax=axes,
    )  # fmt: skip
    dress(axes, theme, "predicted", "label")
    for text, share in zip(axes.texts, shares.flat, strict=True):
        red, green, blue = scale[round(share * 63)][:3]
        text.set(color=ink((red, green, blue)), fontsize=11 if side <= 4 else 9)
    axes.tick_params(length=0)
    axes.set_yticklabels(axes.get_yticklabels(), rotation=0)
    turned = side > FEW
    axes.set_xticklabels(axes.get_xticklabels(), rotation=90 if turned else 0)
    return svg(figure)


@drawing()
def mistakes(mistakes: Sequence[Mistake], theme: Theme = LIGHT) -> bytes:
    """Draw how often each pair of a label and another class was confused, the first on top."""
    figure, axes = new_figure((2 * SIZE[0], 0.7 + 0.2 * len(mistakes)))
    rows = np.arange(len(mistakes))[::-1]
    bars = axes.barh(rows, [m.count for m in mistakes], color=theme.wrong, height=0.7)
    axes.bar_label(bars, [f"{m.count:,} of {m.support:,}" for m in mistakes], padding=3)
    pairs = zip(short(m.label for m in mistakes), short(m.predicted for m in mistakes), strict=True)
    axes.set_yticks(rows, [f"{label} as {predicted}" for label, predicted in pairs])
    axes.set_xmargin(0.12)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    dress(axes, theme, "examples with this label predicted as that class", "")
    for text in axes.texts:
        text.set_color(theme.ink)
    return svg(figure)


def short(names: Iterable[str], most: int = 16) -> list[str]:
    """Cut names that are longer than so many characters; an ellipsis ends them."""
    return [name if len(name) <= most else name[: most - 1] + "…" for name in names]


@drawing()
def training_curve(
    log: Sequence[Mapping[str, Any]], best: int | None, theme: Theme = LIGHT
) -> bytes:
    """Draw training and validation loss and validation accuracy over the epochs."""
    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasSVG(figure)
    upper, lower = figure.subplots(2, 1, sharex=True)
    epochs = [row["epoch"] for row in log]
    lines = (
        (upper, "train_loss", "training", theme.soft, "--"),
        (upper, "valid_loss", "validation", theme.blue, "-"),
        (lower, "valid_accuracy", "validation", theme.blue, "-"),
    )
    for axes, key, name, color, style in lines:
        axes.plot(
            epochs,
            [row[key] for row in log],
            style,
            color=color,
            label=name,
            marker="o",
            markersize=3,
            linewidth=1.3,
        )
    for axes in (upper, lower):
        if best is not None:
            axes.axvline(best, color=theme.wrong, linewidth=0.9, linestyle=":")
    lower.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    percents(lower.yaxis)
    dress(upper, theme, "", "loss")
    dress(lower, theme, "epoch", "accuracy")
    legend(upper, theme, "best")
    return svg(figure)
