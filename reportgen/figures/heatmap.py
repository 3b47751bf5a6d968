"""One example's tokens and attention in, its heatmap as PNG out, drawn by seaborn."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reportgen.figures import layout
from reportgen.figures.cells import (
    DPI,
    FONT_SIZE,
    HATCH,
    KEY_LEFT,
    KEY_SIZE,
    KEY_WIDTH,
    LINE,
    SOFT,
    TALLEST,
    UNITS,
    Heatmap,
    fit_word,
    key_texts,
)
from reportgen.figures.fonts import missing_glyphs, properties
from reportgen.figures.layout import Grid, grid, shares
from reportgen.figures.palette import COLORMAP, DARK_INK, ink, shade

__all__ = ["draw_heatmap"]


def draw_heatmap(
    tokens: tuple[str, ...],
    attention: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
) -> Heatmap:
    """Draw the tokens in reading order as cells of a wrapped grid, shaded by their attention.

    ``attention`` [T] is NaN on tokens that were not read (hatched); ``unknown`` [T] marks words
    that the vocab lacks (dotted underline). A word too long for its cell shrinks, then is cut.
    """
    cells = grid(tokens, attention, unknown)
    width, height = cells.size
    dpi = min(DPI, TALLEST * UNITS / height)
    with mpl.rc_context({"svg.hashsalt": "reportgen", "hatch.linewidth": 0.6}):
        figure = Figure(figsize=(width / UNITS, height / UNITS), dpi=dpi, facecolor="white")
        FigureCanvasAgg(figure)
        missing: set[str] = set()
        with missing_glyphs(missing):
            plot(figure, cells)
            png = io.BytesIO()
            figure.savefig(png, format="png", dpi=dpi, metadata={"Software": None})
    return Heatmap(png.getvalue(), width, height, frozenset(missing))


def plot(figure: Figure, cells: Grid) -> Axes:
    """Draw the grid and its key into a figure of ``cells.size``; return the grid's axes."""
    width, height = cells.size
    margin, key = layout.MARGIN, layout.KEY_HEIGHT

    def place(left: float, top: float, w: float, h: float) -> Axes:
        return figure.add_axes((left / width, 1 - (top + h) / height, w / width, h / height))

    axes = place(margin, margin, width - 2 * margin, height - key - 2 * margin)
    if not cells.token.any():
        _draw_nothing(axes)
        return axes
    key_axes = place(margin + KEY_LEFT, height - key + 13, KEY_WIDTH, 8)
    fitted = {str(word): fit_word(str(word)) for word in set(cells.words.flat)}
    written = np.vectorize(lambda word: fitted[word][0], otypes=[object])
    sns.heatmap(
        cells.weights,
        mask=~cells.read,
        annot=written(cells.words),
        fmt="",
        cmap=COLORMAP,
        vmin=cells.limits[0],
        vmax=cells.limits[1],
        linewidths=0.4,
        linecolor=LINE,
        xticklabels=False,
        yticklabels=False,
        annot_kws={"parse_math": False, "fontproperties": properties(FONT_SIZE)},
        cbar_ax=key_axes,
        cbar_kws={"orientation": "horizontal", "ticks": []},
        ax=axes,
    )
    _style_words(axes, cells, fitted)
    _hatch(axes, cells)
    for side in axes.spines.values():
        side.set(visible=True, color=LINE, linewidth=0.8)
    _draw_key(figure, key_axes, cells)
    return axes


def _draw_nothing(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set(color=LINE, linewidth=0.8)
    axes.text(
        0.5, 0.5, "no words", ha="center", va="center", color=SOFT,
        fontproperties=properties(FONT_SIZE), transform=axes.transAxes,
    )  # fmt: skip


def _style_words(axes: Axes, cells: Grid, fitted: dict[str, tuple[str, float]]) -> None:
    places = np.argwhere(cells.read)  # seaborn annotates these, row by row
    cells_share = shares(cells.weights)
    underlines, colors = [], []
    for text, (row, column) in zip(axes.texts, places, strict=True):
        background = shade(cells_share[row, column])
        color = ink(background)
        text.set(color=color, fontsize=fitted[cells.words[row, column]][1])
        if cells.unknown[row, column]:
            y = row + 0.88
            underlines.append([(column + 0.2, y), (column + 0.8, y)])
            colors.append(color)
    axes.add_collection(LineCollection(underlines, colors=colors, linestyles=":", linewidths=1.0))


def _hatch(axes: Axes, cells: Grid) -> None:
    places = np.argwhere(cells.token & ~cells.read)
    boxes = [Rectangle((column, row), 1, 1) for row, column in places]
    axes.add_collection(
        PatchCollection(boxes, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.4)
    )
    for row, column in places:
        word, size = fit_word(cells.words[row, column])
        axes.text(
            column + 0.5, row + 0.5, word, ha="center", va="center", color=SOFT,
            fontproperties=properties(size), parse_math=False,
        )  # fmt: skip


def _draw_key(figure: Figure, key_axes: Axes, cells: Grid) -> None:
    width, height = cells.size
    middle = layout.KEY_HEIGHT - 17

    def write(x: float, text: str) -> None:
        figure.text(
            x / width, middle / height, text, ha="left", va="center", color=SOFT,
            fontproperties=properties(KEY_SIZE),
        )  # fmt: skip

    for side in key_axes.spines.values():
        side.set(visible=True, color=LINE, linewidth=0.6)
    start = layout.MARGIN
    lightest, darkest = key_texts(cells)
    write(start, lightest)
    write(start + 256, darkest)
    x = start + 316.0
    if cells.unknown.any():
        write(x, "word")
        underline = ((x / width, (x + 24) / width), ((middle - 7) / height,) * 2)
        figure.add_artist(
            mpl.lines.Line2D(*underline, color=DARK_INK, linestyle=":", linewidth=1.0)
        )
        write(x + 30, "not in the vocabulary")
        x += 175
    if (cells.token & ~cells.read).any():
        figure.add_artist(
            Rectangle(
                (x / width, (middle - 5) / height),
                24 / width,
                10 / height,
                facecolor="white",
                edgecolor=HATCH,
                hatch="/////",
                linewidth=0.4,
                transform=figure.transFigure,
            )
        )
        write(x + 30, "not read by the model")
