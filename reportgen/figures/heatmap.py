"""Draw a heatmap by seaborn as a PNG: the reference for the fast painter."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reportgen.figures.fonts import missing_glyphs, properties
from reportgen.figures.layout import COLUMNS, MARGIN, Band, Grid, grid
from reportgen.figures.palette import RGB, WHITE
from reportgen.figures.raster import DPI, TALLEST, UNITS, Heatmap, fit_word, points
from reportgen.figures.scales import LEVELS, PLAIN, SIDE, Scale
from reportgen.figures.shapes import (
    DOT,
    DOT_GAP,
    DOT_WEIGHT,
    LINE_WEIGHT,
    Bar,
    Dots,
    Hatch,
    Line,
    Shade,
    Shape,
    Text,
    hatches,
    key,
    level_shade,
    rules,
    signs,
    underlines,
    words,
)

__all__ = ["draw_heatmap"]


def draw_heatmap(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
    columns: int = COLUMNS,
    scale: Scale = PLAIN,
) -> Heatmap:
    """Draw the tokens in reading order as cells of a wrapped grid, shaded by their attention.

    ``attention`` [T] is NaN on tokens that were not read (hatched); ``unknown`` [T] marks words
    that are not in the vocabulary (dotted underline). A word too long for its cell shrinks, then
    is cut. Attributions have shades of two colours on both sides of 0, and a line over words that
    lowered the answer; ``scale`` says whether the weights are such, and where it ends.
    """
    cells = grid(tokens, attention, unknown, columns, scale)
    width, height = cells.size
    dpi = min(DPI, TALLEST * UNITS / height)
    with mpl.rc_context({"svg.hashsalt": "reportgen"}):
        figure = Figure(figsize=(width / UNITS, height / UNITS), dpi=dpi, facecolor="white")
        FigureCanvasAgg(figure)
        missing: set[str] = set()
        with missing_glyphs(missing):
            plot(figure, cells)
            png = io.BytesIO()
            figure.savefig(png, format="png", dpi=dpi, metadata={"Software": None})
    return Heatmap(png.getvalue(), width, height, frozenset(missing))


def plot(figure: Figure, cells: Grid) -> tuple[Axes, Axes, Axes]:
    """Draw a heatmap into a figure of ``cells.size``.

    Returns the axes of seaborn's cells, of the other shapes of the grid, and of the key.
    """
    band = Band(cells, 0, cells.rows)
    right, bottom = MARGIN + cells.columns * cells.cell_width, band.bottom
    axes = _sheet(figure, MARGIN, band.top, right, bottom)
    sheet = _sheet(figure, 0, 0, *cells.size)
    texts = list(words(band, fit_word))
    if cells.token.any():
        _shade(axes, cells, texts)
        texts = [
            text for text, read in zip(texts, cells.read[cells.token], strict=True) if not read
        ]
    _paint(sheet, [*hatches(band), *rules(band), *texts, *underlines(band), *signs(band)])
    key_sheet = _sheet(figure, 0, band.key_top, *cells.size)
    _paint(key_sheet, key(cells))
    return axes, sheet, key_sheet


def _sheet(figure: Figure, left: float, top: float, right: float, bottom: float) -> Axes:
    """Add axes over a part of the picture, in CSS pixels from its own upper left corner."""
    width, height = (figure.get_size_inches() * UNITS).tolist()
    w, h = right - left, bottom - top
    place = (left / width, 1 - bottom / height, w / width, h / height)
    return figure.add_axes(place, xlim=(0, w), ylim=(h, 0), frame_on=False, xticks=[], yticks=[])


def _shade(axes: Axes, cells: Grid, texts: list[Text]) -> None:
    """Draw the cells that were read, and their words, by seaborn."""
    annotations = np.full(cells.words.shape, "", dtype=object)
    annotations[cells.token] = [text.text for text in texts]
    order = slice(None, None, -1 if cells.leftward else 1)
    levels = range(-SIDE, SIDE + 1) if cells.signed else range(LEVELS)
    low, top = cells.limits
    half = (
        (top - low) / (len(levels) - 1) / 2
    )  # of a step, as the ends lie in the middle of a level
    sns.heatmap(
        cells.weights[:, order],
        mask=~cells.read[:, order],
        annot=annotations[:, order],
        fmt="",
        cmap=ListedColormap([level_shade(level, cells.signed) for level in levels]),
        vmin=low - half,
        vmax=top + half,
        xticklabels=False,
        yticklabels=False,
        annot_kws={"parse_math": False},
        cbar=False,
        ax=axes,
    )
    kept = np.full(cells.words.shape, None, dtype=object)
    kept[cells.token] = texts
    read = kept[:, order][cells.read[:, order]]
    for drawn, text in zip(axes.texts, read, strict=True):  # seaborn writes row by row
        drawn.set(color=text.color, fontproperties=properties(points(text.size), text.text))


def _paint(axes: Axes, shapes: Iterable[Shape]) -> None:
    """Paint shapes; boxes lie below lines, and lines below texts, as matplotlib orders them."""
    lines: list[Line] = []
    dots: list[Dots] = []
    for shape in shapes:
        match shape:
            case Line():
                lines.append(shape)
            case Dots():
                dots.append(shape)
            case Shade() | Bar():
                _paint_box(axes, shape, shape.color)
            case Hatch():
                _paint_box(axes, shape, WHITE)
                lines.extend(shape.lines())
            case Text():
                axes.text(
                    shape.x,
                    shape.y,
                    shape.text,
                    ha="center" if shape.centered else "left",
                    va="center",
                    color=shape.color,
                    fontproperties=properties(points(shape.size), shape.text),
                    parse_math=False,
                )
    ends = [[(line.x, line.y), (line.to_x, line.to_y)] for line in lines]
    _paint_lines(axes, ends, lines, LINE_WEIGHT, "solid")
    pattern = (0, (DOT / DOT_WEIGHT, DOT_GAP / DOT_WEIGHT))  # in widths of the line
    ends = [[(line.x, line.y), (line.x + line.width, line.y)] for line in dots]
    _paint_lines(axes, ends, dots, DOT_WEIGHT, pattern)


def _paint_box(axes: Axes, box: Shade | Bar | Hatch, color: RGB) -> None:
    corner = (box.x, box.y)
    axes.add_patch(Rectangle(corner, box.width, box.height, color=color, linewidth=0))


def _paint_lines(
    axes: Axes,
    ends: list[list[tuple[float, float]]],
    lines: Sequence[Line | Dots],
    weight: float,
    pattern: Any,
) -> None:
    colors = [line.color for line in lines]
    drawn = LineCollection(ends, colors=colors, linewidths=points(weight), linestyles=[pattern])
    axes.add_collection(drawn, autolim=False)
