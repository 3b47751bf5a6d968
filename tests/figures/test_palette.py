from __future__ import annotations

import re

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex, to_rgb

from reportgen.figures.charts import DARK, LIGHT, Theme
from reportgen.figures.layout import LEVELS
from reportgen.figures.palette import BLACK, DARK_INK, WHITE, contrast, ink, shade
from tests.conftest import ROOT

RULE = re.compile(r"\.s(\d+)\{background:(#[0-9a-f]{6});color:(#[0-9a-f]{6})\}")


def shades(sheet: str) -> dict[int, tuple[str, str]]:
    """Background and ink of each level that the style sheet knows."""
    text = (ROOT / "templates" / sheet).read_text("utf-8")
    return {int(level): (background, color) for level, background, color in RULE.findall(text)}


def test_contrast_of_known_pairs() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    assert contrast(to_rgb("#777777"), WHITE) == pytest.approx(4.48, abs=0.005)  # WebAIM's example


@pytest.mark.parametrize("level", range(LEVELS))
def test_every_shade_has_a_legible_ink(level: int) -> None:
    background = shade(level / (LEVELS - 1))
    assert contrast(ink(background), background) >= 4.5


@pytest.mark.parametrize("share", [i / 500 for i in range(0, 501, 10)])
def test_shades_are_matplotlibs_blues(share: float) -> None:
    assert shade(share) == pytest.approx(mpl.colormaps["Blues"](share)[:3])
    assert contrast(ink(shade(share)), shade(share)) >= 4.5


def test_ink_is_dark_on_light_and_white_on_dark() -> None:
    assert ink(WHITE) == DARK_INK
    assert ink(BLACK) == WHITE


def test_the_light_page_has_the_colours_of_the_heatmap() -> None:
    wanted = {
        level: (to_hex(shade(level / 31)), to_hex(ink(shade(level / 31)))) for level in range(1, 32)
    }
    assert shades("report.css") == wanted


def test_the_dark_page_is_legible() -> None:
    found = shades("screen.css")
    assert list(found) == list(range(1, 32))
    for background, color in found.values():
        assert contrast(to_rgb(background), to_rgb(color)) >= 4.5


def test_on_the_dark_page_more_attention_is_brighter() -> None:
    light = [contrast(to_rgb(background), BLACK) for background, _ in shades("screen.css").values()]
    assert light == sorted(light)
    assert len(set(light)) == len(light)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_chart_texts_are_legible_on_their_page(theme: Theme) -> None:
    for color in (theme.ink, theme.soft):
        assert contrast(to_rgb(color), to_rgb(theme.paper)) >= 4.5
