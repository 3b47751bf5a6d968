from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text as Drawn

from reportgen.figures import heatmap, shapes
from reportgen.figures.fonts import missing_glyphs
from reportgen.figures.heatmap import draw_heatmap, plot
from reportgen.figures.layout import SCALE, Band, Grid, grid
from reportgen.figures.raster import UNITS, Heatmap, fit_word, points
from reportgen.figures.scales import LEVELS
from reportgen.figures.shapes import Dots, Hatch, Line, Shade, Shape, Text, level_shade

NAN = float("nan")
SCRIPTS = (
    "<script>alert(1)</script>",
    "&amp;",
    '"quoted"',
    "👍🏽",
    "👩‍👩‍👧",
    "مرحبا",
    "שלום",
    "e\u0301te\u0301",
    "n\u0303\u0323\u0330",
    "क्षि",
    "映画",
    "\ufffd",
    "\u202eabc",
)


def weights_of(n: int) -> np.ndarray:
    raw = np.arange(n, 0, -1, dtype=np.float32)
    return raw / raw.sum() if n else raw


def draw(tokens: Sequence[str], unknown: Sequence[bool] | None = None) -> Heatmap:
    marks = None if unknown is None else np.array(unknown)
    return draw_heatmap(tuple(tokens), weights_of(len(tokens)), marks)


@dataclass
class Plotted:
    figure: Figure
    cells: Grid
    grid: Axes  # what seaborn drew
    sheet: Axes  # all else above the key
    key: Axes

    @property
    def words(self) -> list[str]:
        return [text.get_text() for text in self.grid.texts]


def plotted(
    tokens: Sequence[str],
    weights: Sequence[float] | None = None,
    unknown: Sequence[bool] | None = None,
    columns: int = 10,
) -> Plotted:
    attention = weights_of(len(tokens)) if weights is None else np.array(weights, dtype=np.float32)
    marks = None if unknown is None else np.array(unknown)
    cells = grid(tuple(tokens), attention, marks, columns)
    width, height = cells.size
    figure = Figure(figsize=(width / UNITS, height / UNITS), dpi=heatmap.DPI)
    FigureCanvasAgg(figure)
    with missing_glyphs(set()):
        axes = plot(figure, cells)
        figure.canvas.draw()
    return Plotted(figure, cells, *axes)


def on_page(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Return a place of some axes in CSS pixels of the whole picture."""
    place = axes.transData.transform((x, y)) / axes.figure.dpi * UNITS
    return float(place[0]), float(axes.figure.get_figheight() * UNITS - place[1])


Written = tuple[str, float, float, float, tuple[float, ...], bool]


def text_of(drawn: Drawn) -> Written:
    """Return what was written where, how large, in which colour, and whether centred."""
    assert drawn.axes is not None
    assert drawn.get_verticalalignment() == "center"
    x, y = on_page(drawn.axes, *drawn.get_position())
    centered = drawn.get_horizontalalignment() == "center"
    color = to_rgb(drawn.get_color())
    return drawn.get_text(), round(x, 2), round(y, 2), drawn.get_fontsize(), color, centered


def wanted_text(text: Text, top: float = 0) -> Written:
    x, y = round(text.x, 2), round(text.y + top, 2)
    return text.text, x, y, points(text.size), to_rgb(text.color), text.centered


def segments(axes: Axes, solid: bool) -> list[tuple[float, ...]]:
    """Return ends and colours of the solid or of the dotted lines on some axes."""
    found = []
    for lines in axes.collections:
        if isinstance(lines, LineCollection) and (lines.get_linestyle()[0][1] is None) == solid:
            colors = np.resize(lines.get_colors(), (len(lines.get_segments()), 4))
            for ends, color in zip(lines.get_segments(), colors, strict=True):
                found.append((*np.round(ends.ravel(), 3), *np.round(color[:3], 3)))
    return sorted(found)


def assert_painted(axes: Axes, wanted: Sequence[Shape]) -> None:
    """Some axes show the lines, dots and boxes of these shapes, and no others."""
    hatched = [shape for shape in wanted if isinstance(shape, Hatch)]
    lines = [shape for shape in wanted if isinstance(shape, Line)]
    lines += chain.from_iterable(hatch.lines() for hatch in hatched)
    dots = [shape for shape in wanted if isinstance(shape, Dots)]
    assert segments(axes, solid=True) == sorted(
        (*np.round([line.x, line.y, line.to_x, line.to_y], 3), *np.round(line.color, 3))
        for line in lines
    )
    assert segments(axes, solid=False) == sorted(
        (*np.round([line.x, line.y, line.x + line.width, line.y], 3), *np.round(line.color, 3))
        for line in dots
    )
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    filled = [shape for shape in wanted if isinstance(shape, Shade | Hatch)]
    for patch, shape in zip(boxes, filled, strict=True):
        assert patch.get_bbox().bounds == (shape.x, shape.y, shape.width, shape.height)
        color = level_shade(shape.level) if isinstance(shape, Shade) else (1, 1, 1)
        assert patch.get_facecolor()[:3] == color


MIXED = [0.3, 0.25, 0.15, NAN, 0.05, 0.05, 0.3, NAN, NAN, 0, 0, 0, NAN]
UNKNOWN = [i in (1, 5, 12) for i in range(13)]


# What was drawn


@pytest.mark.parametrize("columns", [10, 7])
def test_everything_stands_where_the_layout_says(columns: int) -> None:
    tokens = ["wonderfully", "W" * 40, *(f"w{i}" for i in range(11))]
    drawn = plotted(tokens, MIXED, UNKNOWN, columns)
    band = Band(drawn.cells, 0, drawn.cells.rows)
    texts = [text_of(text) for text in (*drawn.grid.texts, *drawn.sheet.texts)]
    wanted = shapes.words(band, fit_word)
    assert sorted(texts) == sorted(wanted_text(text) for text in wanted)
    assert_painted(
        drawn.sheet, [*shapes.hatches(band), *shapes.rules(band), *shapes.underlines(band)]
    )
    assert on_page(drawn.sheet, 12, 34) == pytest.approx((12, 34))
    key = list(shapes.key(drawn.cells))
    labels = [wanted_text(shape, band.key_top) for shape in key if isinstance(shape, Text)]
    assert [text_of(text) for text in drawn.key.texts] == labels
    assert_painted(drawn.key, key)
    assert on_page(drawn.key, 12, 34) == pytest.approx((12, 34 + band.key_top))


@pytest.mark.parametrize("columns", [10, 7])
def test_seaborn_shades_the_cells_that_were_read_from_their_weights(columns: int) -> None:
    weights = [NAN, *np.linspace(1, 0, 100) / 50, NAN]
    drawn = plotted([f"w{i}" for i in range(102)], weights, columns=columns)
    (mesh,) = drawn.grid.collections
    assert isinstance(mesh, QuadMesh)
    colors = np.asarray(mesh.get_facecolor()).reshape(drawn.cells.rows, columns, 4)
    levels = drawn.cells.levels[drawn.cells.read]
    assert set(levels.tolist()) == set(range(LEVELS))
    np.testing.assert_allclose(
        colors[drawn.cells.read][:, :3], [level_shade(level) for level in levels.tolist()]
    )
    assert (colors[~drawn.cells.read][:, 3] == 0).all()  # nothing is drawn there
    width = columns * drawn.cells.cell_width
    assert on_page(drawn.grid, 0, 0) == pytest.approx((4, 4))
    assert on_page(drawn.grid, columns, drawn.cells.rows)[0] == pytest.approx(4 + width)


def test_a_text_of_which_nothing_was_read() -> None:
    drawn = plotted(["a", "b"], [NAN, NAN])
    assert drawn.words == []
    assert [text.get_text() for text in drawn.sheet.texts] == ["a", "b"]
    texts = [text.get_text() for text in drawn.key.texts]
    assert texts == ["attention", "none", "not read by the model"]


def test_no_word_leaves_its_cell() -> None:
    tokens = [
        "a", "I", "wonderful", "W" * 9, "m" * 40, "Donaudampfschifffahrtsgesellschaft",
        "https://example.org/a/very/long/path", "gÅjy|", "two\nlines", "tab\tbed", "\r\n", " ",
        "x" * 5000, "…" * 90, *SCRIPTS, "$5", "", "antidisestablishmentarianism",
    ]  # fmt: skip
    n = len(tokens)
    half = [1 / (n - 14)] * (n - 14) + [NAN] * 14  # both kinds of cells
    drawn = plotted([*tokens, *tokens], [w / 2 for w in half] + half[::-1])
    renderer = drawn.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [*drawn.grid.texts, *drawn.sheet.texts]
    assert len(texts) == 2 * n
    for text in texts:
        x, y = on_page(text.axes, *text.get_position())
        column, row = (x - 4) // 66, (y - 4) // 20
        (left, bottom), (right, top) = drawn.sheet.transData.transform(
            [(4 + column * 66, 24 + row * 20), (70 + column * 66, 4 + row * 20)]
        )
        with missing_glyphs(set()):
            box = text.get_window_extent(renderer)
        assert left < box.x0 or box.width == 0, text.get_text()
        assert box.x1 < right, text.get_text()
        assert box.height <= top - bottom + 4, text.get_text()  # marks may touch, lines may not
        assert "\n" not in text.get_text()


def test_dollars_are_dollars() -> None:
    tokens = ["$5 and $10", "$x^2$", r"$\nosuch$", r"\alpha", "_a_"]
    drawn = plotted(tokens)
    assert drawn.words[1:] == tokens[1:]
    (unread,) = plotted(["a", r"$\nosuch$"], [1, NAN]).sheet.texts
    assert unread.get_text() == r"$\nosuch$"
    assert not any(text.get_parse_math() for text in (*drawn.grid.texts, unread))
    assert draw(tokens).png != draw(["5 and 10", "x^2", "a", "b", "c"]).png


def test_dollars_are_drawn_literally() -> None:
    # As a formula the blank would be lost and the letters slanted: the width tells them apart.
    drawn = plotted(["$5 $10"])
    (text,) = drawn.grid.texts
    renderer = drawn.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    plain = text.get_window_extent(renderer).width
    text.set_parse_math(True)
    assert text.get_window_extent(renderer).width != plain


def test_no_word_at_all_says_so() -> None:
    drawn = plotted([])
    assert [text.get_text() for text in drawn.sheet.texts] == ["no words"]
    assert not [*drawn.grid.collections, *drawn.grid.texts, *drawn.key.texts, *drawn.key.patches]


# The picture


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(matplotlib.image.imread(io.BytesIO(png), format="png"))


@pytest.mark.parametrize("n", [0, 1, 10, 11, 175])
def test_the_picture_has_the_same_number_of_pixels_for_each_css_pixel(n: int) -> None:
    drawn = draw([f"w{i}" for i in range(n)])
    rows = max(-(-n // 10), 1)
    assert (drawn.width, drawn.height) == (668, rows * 20 + 42)
    assert pixels(drawn.png).shape[:2] == (drawn.height * SCALE, drawn.width * SCALE)


def test_2500_words() -> None:
    drawn = draw([f"w{i}" for i in range(2500)])
    assert (drawn.width, drawn.height) == (668, 250 * 20 + 42)
    assert pixels(drawn.png).shape[:2] == (drawn.height * SCALE, drawn.width * SCALE)


def test_a_picture_is_never_taller_than_agg_can_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heatmap, "TALLEST", 100)
    drawn = draw([f"w{i}" for i in range(35)])
    assert drawn.height == 122
    assert 98 <= pixels(drawn.png).shape[0] <= 100


def test_the_picture_is_white_with_blue_cells() -> None:
    picture = pixels(draw(["a", "b"]).png)
    assert (picture[0, 0, :3] == 1).all()
    darkest = np.array(mpl.colormaps["Blues"](1.0)[:3])
    np.testing.assert_allclose(picture[11, 11, :3], darkest, atol=0.01)  # within the first cell


@pytest.mark.parametrize("tokens", [SCRIPTS, ("",), ("", "a"), ("\n",), (" ", "\t")])
def test_any_script_is_drawn_without_a_warning(tokens: tuple[str, ...]) -> None:
    drawn = draw(tokens, [True] * len(tokens))
    assert pixels(drawn.png).shape[1] == 668 * SCALE


def test_characters_that_no_font_has_are_reported() -> None:
    assert draw(["a", "b\ue123", "\U0010fffd"]).missing == {"\ue123", "\U0010fffd"}
    weights = np.array([1, NAN], dtype=np.float32)
    assert draw_heatmap(("a", "\ue123"), weights).missing == {"\ue123"}  # a token not read
    assert draw(["plain", "übung", "שלום"]).missing == frozenset()


def test_the_same_input_gives_the_same_bytes() -> None:
    tokens = ["one", "two", "long" * 9, "שלום"]
    unknown = [False, True, False, True]
    first = draw(tokens, unknown)
    draw(["something", "else"])
    assert draw(tokens, unknown) == first
    assert b"tEXtSoftware" not in first.png


def test_no_state_of_pyplot_is_left() -> None:
    before = dict(mpl.rcParams)
    draw(["a", "b"])
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before
