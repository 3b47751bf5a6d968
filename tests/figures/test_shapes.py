"""The whole picture as shapes: what stands where, for all painters."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from reportgen.figures import fitting, layout, palette, scales, shapes
from reportgen.figures.fitting import FONT_SIZE, Fitted, fit
from reportgen.figures.fonts import width
from reportgen.figures.layout import CELL_HEIGHT, KEY_HEIGHT, MARGIN, WIDTH, Band, grid
from reportgen.figures.palette import SOFT, contrast
from reportgen.figures.scales import LEVELS
from reportgen.figures.shapes import (
    KEY_MIDDLE,
    Dots,
    Hatch,
    Line,
    Shade,
    Text,
    hatches,
    key,
    level_shade,
    rules,
    shades,
    underlines,
    words,
)

NAN = float("nan")
COLUMNS = [10, 7, 16]


def wide(text: str, size: float) -> float:
    return len(text) * size * 0.6


def by_length(word: str, room: float) -> Fitted:
    return fit(word, room, wide)


def band_of(
    weights: list[float], unknown: list[int] | None = None, columns: int = 10, **rows: int
) -> Band:
    n = len(weights)
    marks = np.isin(np.arange(n), unknown or [])
    tokens = tuple(f"w{i}" for i in range(n))
    cells = grid(tokens, np.array(weights, dtype=np.float32), marks, columns)
    return Band(cells, rows.get("start", 0), rows.get("stop", cells.rows))


def of_kind(found: Any, kind: type) -> list[Any]:
    return [shape for shape in found if isinstance(shape, kind)]


def corner(i: int, columns: int = 10) -> tuple[int, int]:
    """Where cell i begins in a whole picture; written here once more, on purpose."""
    row, column = divmod(i, columns)
    return 4 + column * {10: 66, 7: 94, 16: 40}[columns], 4 + row * 20


@pytest.mark.parametrize("module", [fitting, layout, palette, scales, shapes])
def test_the_layout_knows_no_painter(module: Any) -> None:
    imported = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    own = {f"reportgen.figures.{name}" for name in ("fitting", "layout", "palette", "scales")}
    own |= {"reportgen.characters", "reportgen.errors"}
    standard = {"__future__", "ast", "collections.abc", "dataclasses", "functools", "itertools"}
    standard |= {"collections", "math", "re", "typing", "unicodedata"}
    assert imported <= own | standard | {"numpy", "numpy.typing"}


@pytest.mark.parametrize("columns", COLUMNS)
def test_words_stand_in_the_middle_of_their_cells_in_reading_order(columns: int) -> None:
    band = band_of([1 / 23] * 23, columns=columns)
    drawn = list(words(band, by_length))
    assert [text.text for text in drawn] == [f"w{i}" for i in range(23)]
    half = band.cells.cell_width / 2
    for i, text in enumerate(drawn):
        x, y = corner(i, columns)
        assert (text.x, text.y) == (x + half, y + 10)
        assert text.centered
        assert (text.size, text.whole) == (FONT_SIZE, "")


def test_a_word_is_fitted_by_the_painters_measure_into_the_room_of_its_cell() -> None:
    asked = []

    def fitted(word: str, room: float) -> Fitted:
        asked.append((word, room))
        return Fitted(word[:3] + "…", 7.0, cut=True)

    cells = grid(("wonderful",), np.array([1], dtype=np.float32))
    (text,) = words(Band(cells, 0, 1), fitted)
    assert asked == [("wonderful", 58)]
    assert (text.text, text.size, text.whole) == ("won…", 7.0, "wonderful")


def test_every_ink_is_legible_on_its_ground() -> None:
    weights = np.linspace(0, 1, 200)
    band = band_of([*(weights / weights.sum()), NAN, NAN])
    levels = band.cells.levels.ravel()
    assert set(levels[:200]) == set(range(LEVELS))
    drawn = list(words(band, by_length))
    for text, level in zip(drawn[:200], levels.tolist(), strict=False):
        assert contrast(text.color, level_shade(level)) >= 4.5
    assert [text.color for text in drawn[200:]] == [SOFT, SOFT]
    assert contrast(SOFT, (1, 1, 1)) >= 4.5


def test_backgrounds_are_runs_of_one_level_of_words_that_were_read() -> None:
    band = band_of([0.0, 0.0, 0.4, 0.6, NAN, NAN, 0.0])
    level = {i: int(band.cells.levels[0, i]) for i in range(7)}
    assert level[0] == level[1] == 0 < level[2] < level[3] == LEVELS - 1
    assert list(shades(band)) == [
        Shade(4, 4, 132, 20, 0),
        Shade(136, 4, 66, 20, level[2]),
        Shade(202, 4, 66, 20, LEVELS - 1),
        Shade(400, 4, 66, 20, 0),
    ]


@pytest.mark.parametrize("columns", COLUMNS)
def test_dotted_lines_stand_below_unknown_words_and_no_others(columns: int) -> None:
    unknown = [1, 12, 15, 22]
    band = band_of([1 / 20] * 20 + [NAN] * 3, unknown, columns)
    lines = list(underlines(band))
    cell = band.cells.cell_width
    for i, line in zip(unknown, lines, strict=True):
        x, y = corner(i, columns)
        assert x + 5 < line.x < line.x + line.width < x + cell - 5
        assert line.x + line.width / 2 == pytest.approx(x + cell / 2)
        assert y + 15 < line.y < y + 19
    texts = list(words(band, by_length))
    assert [line.color for line in lines] == [texts[i].color for i in unknown]
    assert not list(underlines(band_of([0.5, 0.5])))


@pytest.mark.parametrize("columns", COLUMNS)
def test_hatching_lies_on_unread_words_and_no_others(columns: int) -> None:
    weights = [NAN if i in (3, 4, 11, 22) else 0.05 for i in range(23)]
    band = band_of(weights, columns=columns)
    cell = band.cells.cell_width
    covered = set()
    for hatch in hatches(band):
        for i in range(23):
            x, y = corner(i, columns)
            if hatch.y == y and hatch.x <= x and x + cell <= hatch.x + hatch.width:
                covered.add(i)
        assert hatch.width % cell == 0
        assert hatch.height == CELL_HEIGHT
    assert covered == {3, 4, 11, 22}
    assert sum(h.width for h in hatches(band)) == 4 * cell  # and on nothing beside them


def test_hatching_rises_to_the_right_within_its_box_and_joins_its_neighbours() -> None:
    box = Hatch(10, 20, 66, 20)
    lines = list(box.lines())
    assert len(lines) >= 12
    for line in lines:
        assert 10 <= line.x < line.to_x <= 76
        assert 20 <= line.to_y < line.y <= 40
        assert line.to_x - line.x == line.y - line.to_y
        assert (line.x + line.y) % shapes.HATCH_STEP == 0
    ends = {line.to_y for line in lines if line.to_x == 76} - {20}  # but for the corner
    assert ends == {line.y for line in Hatch(76, 20, 66, 20).lines() if line.x == 76} - {40}


@pytest.mark.parametrize("y", range(20, 26))
def test_hatching_leaves_no_line_out(y: int) -> None:
    lines = list(Hatch(10, y, 66, 20).lines())
    sums = [line.x + line.y for line in lines]
    assert sums == [total for total in range(10 + y + 1, 76 + y + 20) if total % 6 == 0]


def test_levels_run_from_the_lightest_shade_to_the_darkest() -> None:
    assert level_shade(0) == palette.shade(0)
    assert level_shade(LEVELS - 1) == palette.shade(1)
    assert len({level_shade(level) for level in range(LEVELS)}) == LEVELS


@pytest.mark.parametrize("columns", COLUMNS)
def test_rules_frame_every_cell(columns: int) -> None:
    band = band_of([0.05] * 20, columns=columns)
    lines = list(rules(band))
    right = 4 + columns * band.cells.cell_width
    bottom = 4 + band.cells.rows * 20
    assert right <= WIDTH - MARGIN
    level = [line for line in lines if line.y == line.to_y]
    assert [line.y for line in level] == list(range(4, bottom + 1, 20))
    assert {(line.x, line.to_x) for line in level} == {(4, right)}
    upright = [line for line in lines if line.x == line.to_x]
    assert [line.x for line in upright] == list(range(4, right + 1, band.cells.cell_width))
    assert {(line.y, line.to_y) for line in upright} == {(4, bottom)}
    assert len(lines) == len(level) + len(upright)


def test_a_later_band_begins_at_its_own_top() -> None:
    whole = band_of([0.01] * 65 + [NAN] * 5, [0, 31, 62])
    part = band_of([0.01] * 65 + [NAN] * 5, [0, 31, 62], start=3, stop=7)
    assert (whole.top, part.top, part.bottom) == (4, 0, 80)
    assert part.height == 80 + KEY_HEIGHT + MARGIN
    assert band_of([0.01] * 70, start=3, stop=6).height == 60  # the last band alone has the key
    assert band_of([0.01] * 70, start=0, stop=6).height == MARGIN + 120
    drawn = list(words(part, by_length))
    assert [text.text for text in drawn] == [f"w{i}" for i in range(30, 70)]
    assert (drawn[0].x, drawn[0].y) == (37, 10)
    assert [(line.x - 13.2, line.y) for line in underlines(part)] == [(70, 18), (136, 78)]
    assert [(hatch.x, hatch.y, hatch.width) for hatch in hatches(part)] == [(334, 60, 330)]
    assert min(line.y for line in rules(part)) == 0
    assert {(box.x, box.y) for box in shades(part)} == {(4, y) for y in (0, 20, 40, 60)}


# The key


def test_the_scale_runs_from_the_smaller_number_to_the_larger_from_light_to_dark() -> None:
    found = list(key(band_of([0.75, 0.25]).cells))
    lightest, darkest = of_kind(found, Text)
    assert (lightest.text, darkest.text) == ("even share 0.5000", "largest: 0.7500")
    boxes = sorted(of_kind(found, Shade), key=lambda box: box.x)
    assert [box.level for box in boxes] == list(range(LEVELS))
    end = boxes[0].x + boxes[0].width
    assert {box.x + box.width for box in boxes} == {end}  # a later one covers the earlier
    assert {box.y + box.height / 2 for box in boxes} == {KEY_MIDDLE}
    steps = np.diff([box.x for box in boxes] + [end])
    np.testing.assert_allclose(steps, steps[0])
    assert lightest.x + width(lightest.text, lightest.size) < boxes[0].x
    assert end < darkest.x
    frame = {(line.x, line.y, line.to_x, line.to_y) for line in of_kind(found, Line)}
    left, top, bottom = boxes[0].x, boxes[0].y, boxes[0].y + boxes[0].height
    assert frame == {
        (left, top, end, top), (left, bottom, end, bottom),
        (left, top, left, bottom), (end, top, end, bottom),
    }  # fmt: skip


MARKS: list[tuple[list[float], list[int], list[str]]] = [
    ([0.5, 0.5], [], []),
    ([0.5, 0.5], [1], ["abc", "not in the vocabulary"]),
    ([0.5, NAN], [], ["not read by the model"]),
    ([0.5, NAN], [0], ["abc", "not in the vocabulary", "not read by the model"]),
]


@pytest.mark.parametrize(("weights", "unknown", "wanted"), MARKS)
def test_the_key_explains_the_marks_that_occur(
    weights: list[float], unknown: list[int], wanted: list[str]
) -> None:
    found = list(key(band_of(weights, unknown).cells))
    texts = of_kind(found, Text)
    assert [text.text for text in texts[2:]] == wanted
    named = {text.text: text for text in texts}
    dots, boxes = of_kind(found, Dots), of_kind(found, Hatch)
    assert len(dots) == ("abc" in wanted)
    assert len(boxes) == ("not read by the model" in wanted)
    for line in dots:  # below its word
        word = named["abc"]
        assert (line.x, line.color) == (word.x, word.color)
        assert word.y + 5 < line.y < KEY_HEIGHT - MARGIN
    for box in boxes:  # left of its words
        assert box.x + box.width < named["not read by the model"].x
        assert box.y + box.height / 2 == KEY_MIDDLE


def test_nothing_in_the_key_overlaps_or_leaves_it() -> None:
    found = list(key(band_of([0.5, 0.4, NAN], [0]).cells))
    spans = [(t.x, t.x + width(t.text, t.size)) for t in of_kind(found, Text)]
    spans += [(b.x, b.x + b.width) for b in of_kind(found, Hatch)]
    scale = of_kind(found, Shade)[0]
    spans.append((scale.x, scale.x + scale.width))
    spans.sort()
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    assert spans[0][0] >= MARGIN
    assert spans[-1][1] <= WIDTH


def test_a_text_of_which_nothing_was_read_has_no_ends() -> None:
    texts = of_kind(key(band_of([NAN, NAN]).cells), Text)
    assert [t.text for t in texts] == ["attention", "none", "not read by the model"]


def test_no_word_at_all_says_so_in_an_empty_frame() -> None:
    band = band_of([])
    (text,) = words(band, by_length)
    assert (text.x, text.y, text.text) == (334, 14, "no words")
    assert len(list(rules(band))) == 4
    assert not [*key(band.cells), *shades(band), *hatches(band), *underlines(band)]
