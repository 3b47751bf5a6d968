"""A PNG for each example of the gallery, under its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reportgen.figures import fast_heatmap, heatmap
from reportgen.figures.heatmap import Heatmap
from reportgen.figures.scales import Scale
from reportgen.publish import heatmaps
from reportgen.publish.heatmaps import Drawn, write_heatmaps
from reportgen.publish.names import safe_name
from tests.publish.small import ATTRIBUTIONS, ROWS, opened, row


class Watched:
    """Remembers what was said and how much was to be done."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[str, int, int]] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def track(self, items: Iterable[Any], name: str, total: int, size: Any = None) -> Iterator[Any]:
        count = 0
        for item in items:
            count += size(item) if size else 1
            yield item
        self.steps.append((name, total, count))


COLUMNS = {15, 32}  # of the small table's words, and of single letters


def stub(glyphs: str = "", attributions: bool = False) -> Any:
    def draw(tokens: Any, attention: Any, unknown: Any, columns: int, scale: Scale) -> Heatmap:
        assert columns in COLUMNS
        assert scale.signed == attributions
        assert scale.darkest is not None
        assert len(tokens) == len(attention) == len(unknown)
        last = frozenset(glyphs if len(tokens) == 12 else "")
        return Heatmap(" ".join(tokens).encode(), 1, 1, last)

    return draw


@pytest.fixture(autouse=True)
def painters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_heatmap, "draw_fast", stub())
    monkeypatch.setattr(heatmap, "draw_heatmap", stub("x"))
    monkeypatch.setattr(heatmaps, "TOGETHER", 4)


def test_every_example_has_its_own_picture(tmp_path: Path) -> None:
    watched = Watched()
    with opened(tmp_path) as report:
        assert write_heatmaps(replace(report, progress=watched)) == Drawn(frozenset(), 0, 0)
    for example in ROWS:
        picture = tmp_path / "heatmaps" / f"{safe_name(example.id)}.png"
        assert picture.read_text() == " ".join(example.tokens)
    assert len(list((tmp_path / "heatmaps").iterdir())) == 9
    assert watched.lines == []
    ((_, total, count),) = watched.steps
    assert total == count == 9


def test_only_the_examples_of_the_gallery_are_drawn(tmp_path: Path) -> None:
    with opened(tmp_path, gallery=5) as report:
        write_heatmaps(report)
        names = {f"{safe_name(ROWS[i].id)}.png" for i in report.indices}
    assert {path.name for path in (tmp_path / "heatmaps").iterdir()} == names


def test_characters_without_a_glyph_are_returned_and_named_once(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(fast_heatmap, "draw_fast", stub("ﬀ映"))
    watched = Watched()
    with opened(tmp_path) as report:
        drawn = write_heatmaps(replace(report, progress=watched))
    assert drawn.missing == frozenset("ﬀ映")
    (line,) = watched.lines
    assert "2 characters" in line
    assert "U+6620" in line


def test_the_engine_that_was_asked_for_draws(tmp_path: Path) -> None:
    with opened(tmp_path, heatmap_engine="seaborn") as report:
        assert write_heatmaps(report).missing == frozenset("x")


@pytest.mark.parametrize("engine", ["fast", "seaborn"])
def test_attributions_are_drawn_with_their_sign(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_heatmap, "draw_fast", stub(attributions=True))
    monkeypatch.setattr(heatmap, "draw_heatmap", stub(attributions=True))
    with opened(tmp_path, info=ATTRIBUTIONS, heatmap_engine=engine) as report:
        assert write_heatmaps(report) == Drawn(frozenset(), 0, 0)


def test_examples_are_counted_whose_tokens_have_no_place_or_share_one(tmp_path: Path) -> None:
    nowhere = row("a", "bad", (0.7, 0.2, 0.1), ["x", "y"], spans=(None, (1, 2)))
    shared = row("b", "bad", (0.7, 0.2, 0.1), ["x", "y"], spans=((1, 2), (1, 2)))
    neither = row("c", "bad", (0.7, 0.2, 0.1), ["x", "y"], spans=((1, 2), (3, 4)))
    with opened(tmp_path, [nowhere, shared, neither, replace(nowhere, id="d")]) as report:
        assert write_heatmaps(report) == Drawn(frozenset(), 2, 1)
