from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection, QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from reportgen.figures import heatmap
from reportgen.figures.cells import FONT_SIZE, SMALLEST, Heatmap, fit_word
from reportgen.figures.fonts import missing_glyphs
from reportgen.figures.heatmap import draw_heatmap, plot
from reportgen.figures.layout import COLUMNS, SCALE, Grid, grid
from reportgen.figures.palette import contrast

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
    axes: Axes
    cells: Grid

    @property
    def words(self) -> list[str]:
        return [text.get_text() for text in self.axes.texts]

    def one(self, kind: type) -> Any:
        (found,) = [c for c in self.axes.collections if type(c) is kind]
        return found


def plotted(
    tokens: Sequence[str],
    weights: Sequence[float] | None = None,
    unknown: Sequence[bool] | None = None,
) -> Plotted:
    attention = weights_of(len(tokens)) if weights is None else np.array(weights, dtype=np.float32)
    cells = grid(tuple(tokens), attention, None if unknown is None else np.array(unknown))
    width, height = cells.size
    figure = Figure(figsize=(width / 100, height / 100), dpi=heatmap.DPI)
    FigureCanvasAgg(figure)
    with missing_glyphs(set()):
        axes = plot(figure, cells)
        figure.canvas.draw()
    return Plotted(figure, axes, cells)


def cell_colors(drawn: Plotted) -> np.ndarray:
    """The colours of the cells, [rows, COLUMNS, 4]."""
    mesh = drawn.one(QuadMesh)
    return np.asarray(mesh.get_facecolor()).reshape(drawn.cells.rows, COLUMNS, 4)


# What was drawn


def test_the_words_are_written_in_their_order_in_their_cells() -> None:
    tokens = [f"w{i}" for i in range(23)]
    drawn = plotted(tokens)
    assert drawn.words == tokens
    places = [text.get_position() for text in drawn.axes.texts]
    assert places == [(i % COLUMNS + 0.5, i // COLUMNS + 0.5) for i in range(23)]
    assert drawn.axes.yaxis_inverted()  # the first row is on top
    assert not drawn.axes.xaxis_inverted()


def test_cells_have_the_blue_of_their_place_between_an_even_share_and_the_largest() -> None:
    weights = [0.4, 0.3, 0.2, 0.1, 0.0]
    colors = cell_colors(plotted(list("abcde"), weights))
    shares = np.array([1, 0.5, 0, 0, 0])  # an even share is 0.2
    np.testing.assert_allclose(colors[0, :5], mpl.colormaps["Blues"](shares), atol=0.02)
    assert (colors[0, 5:, 3] == 0).all()  # nothing is drawn where there is no token


def test_every_ink_is_legible_on_its_cell() -> None:
    n = 64
    weights = np.linspace(0, 1, n)
    drawn = plotted([f"w{i}" for i in range(n)], list(weights / weights.sum()))
    colors = cell_colors(drawn).reshape(-1, 4)
    for text, background in zip(drawn.axes.texts, colors, strict=False):
        assert contrast(to_rgb(text.get_color()), tuple(background[:3])) >= 4.5


def test_unknown_words_are_written_and_underlined_with_dots() -> None:
    unknown = [i in (1, 12) for i in range(13)]
    tokens = [f"w{i}" for i in range(13)]
    drawn = plotted(tokens, unknown=unknown)
    assert drawn.words == tokens
    lines = drawn.one(LineCollection)
    ends = [segment.tolist() for segment in lines.get_segments()]
    assert ends == [[[1.2, 0.88], [1.8, 0.88]], [[2.2, 1.88], [2.8, 1.88]]]
    for _, dashes in lines.get_linestyle():
        assert dashes is not None  # not a solid line
    for color, background in zip(
        lines.get_colors(), cell_colors(drawn)[[0, 1], [1, 2]], strict=True
    ):
        assert contrast(tuple(color[:3]), tuple(background[:3])) >= 4.5
    assert "not in the vocabulary" in [text.get_text() for text in drawn.figure.texts]


def test_without_unknown_words_the_key_does_not_speak_of_them() -> None:
    drawn = plotted(["a", "b"], unknown=[False, False])
    assert len(drawn.one(LineCollection).get_segments()) == 0
    texts = [text.get_text() for text in drawn.figure.texts]
    assert texts == ["attention ≤ 0.5000", "0.6667"]


def test_tokens_not_read_are_hatched_and_written() -> None:
    drawn = plotted(["a", "b", "c", "d"], [0.5, 0.5, NAN, NAN])
    hatched = drawn.one(PatchCollection)
    assert hatched.get_hatch()
    boxes = [path.get_extents().bounds for path in hatched.get_paths()]
    assert boxes == [(2, 0, 1, 1), (3, 0, 1, 1)]
    assert drawn.words == ["a", "b", "c", "d"]
    for text in drawn.axes.texts[2:]:
        assert contrast(to_rgb(text.get_color()), (1, 1, 1)) >= 4.5
    assert "not read by the model" in [text.get_text() for text in drawn.figure.texts]
    assert (cell_colors(drawn)[0, 2:4, 3] == 0).all()


def test_a_text_of_which_nothing_was_read() -> None:
    drawn = plotted(["a", "b"], [NAN, NAN])
    assert drawn.words == ["a", "b"]
    texts = [text.get_text() for text in drawn.figure.texts]
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
    assert len(drawn.axes.texts) == 2 * n
    for text in drawn.axes.texts:
        column, row = (int(v) for v in text.get_position())
        (left, bottom), (right, top) = drawn.axes.transData.transform(
            [(column, row + 1), (column + 1, row)]
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
    assert plotted(["a", r"$\nosuch$"], [1, NAN]).words == ["a", r"$\nosuch$"]  # not read
    assert not any(text.get_parse_math() for text in drawn.axes.texts)
    assert draw(tokens).png != draw(["5 and 10", "x^2", "a", "b", "c"]).png


def test_dollars_are_drawn_literally() -> None:
    # As a formula the blank would be lost and the letters slanted: the width tells them apart.
    drawn = plotted(["$5 $10"])
    (text,) = drawn.axes.texts
    renderer = drawn.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    plain = text.get_window_extent(renderer).width
    text.set_parse_math(True)
    assert text.get_window_extent(renderer).width != plain


def test_the_scale_is_named_in_the_key() -> None:
    texts = [text.get_text() for text in plotted(["a", "b"], [0.75, 0.25]).figure.texts]
    assert texts == ["attention ≤ 0.5000", "0.7500"]


def test_no_word_at_all_says_so() -> None:
    drawn = plotted([])
    assert drawn.words == ["no words"]
    assert drawn.axes.collections[:] == []


# Fitting words


@pytest.mark.parametrize("word", ["a", "word", "film,"])
def test_a_word_that_fits_is_left_alone(word: str) -> None:
    assert fit_word(word) == (word, FONT_SIZE)


def test_a_longish_word_shrinks() -> None:
    word, size = fit_word("unforgettable")
    assert word == "unforgettable"
    assert SMALLEST <= size < FONT_SIZE


@pytest.mark.parametrize("length", [30, 80, 81, 5000])
def test_a_long_word_ends_in_an_ellipsis(length: int) -> None:
    whole = "".join(chr(97 + i % 26) for i in range(length))
    word, size = fit_word(whole)
    assert size == SMALLEST
    assert word.endswith("…")
    assert whole.startswith(word[:-1])
    assert len(word) > 8


def test_line_breaks_become_spaces() -> None:
    assert fit_word("a\nb\tc\r\n")[0] == "a b c  "


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
