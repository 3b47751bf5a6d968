"""Draw a heatmap as SVG: the picture that ``heatmap`` draws by seaborn, in vectors."""

from __future__ import annotations

import io
import re

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reportgen.figures.fonts import missing_glyphs
from reportgen.figures.heatmap import plot
from reportgen.figures.layout import COLUMNS, grid
from reportgen.figures.raster import UNITS
from reportgen.figures.scales import PLAIN, Scale

__all__ = ["draw_svg"]


def draw_svg(
    tokens: tuple[str, ...],
    weights: NDArray[np.float32],
    unknown: NDArray[np.bool_] | None = None,
    columns: int = COLUMNS,
    scale: Scale = PLAIN,
) -> str:
    """Draw the picture of ``draw_heatmap`` as SVG, in CSS pixels; letters are paths, not text."""
    cells = grid(tokens, weights, unknown, columns, scale)
    width, height = cells.size
    with mpl.rc_context({"svg.hashsalt": "reportgen", "svg.fonttype": "path"}):
        figure = Figure(figsize=(width / UNITS, height / UNITS), facecolor="white")
        with missing_glyphs(set()):
            plot(figure, cells)
            svg = io.StringIO()
            figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    size = f'width="{width}" height="{height}"'
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', size, svg.getvalue(), count=1)
