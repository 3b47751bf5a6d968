from __future__ import annotations

import re

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex, to_rgb

from reportgen.figures.charts import DARK, LIGHT, Theme
from reportgen.figures.layout import LEVELS
from reportgen.figures.palette import BLACK, DARK_INK, WHITE, contrast, ink, shade
from tests.conftest import ROOT

COLOR = r"#[0-9a-f]{6}"
LIGHT_RULE = re.compile(rf"\.s(\d+)\{{background:({COLOR});color:({COLOR})\}}")
BOTH_RULE = re.compile(
    rf"\.s(\d+)\{{background:light-dark\(({COLOR}),({COLOR})\);"
    rf"color:light-dark\(({COLOR}),({COLOR})\)\}}"
)
Shades = dict[int, tuple[str, str]]


def sheet(name: str) -> str:
    return (ROOT / "templates" / name).read_text("utf-8")


def light_shades() -> Shades:
    """Background and ink of each level on any medium."""
    return {int(n): (back, ink_) for n, back, ink_ in LIGHT_RULE.findall(sheet("report.css"))}


def screen_shades(theme: str) -> Shades:
    """Background and ink of each level on a screen."""
    at = ("light", "dark").index(theme)
    return {
        int(n): (colors[at], colors[2 + at])
        for n, *colors in BOTH_RULE.findall(sheet("screen.css"))
    }


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
    assert light_shades() == wanted
    assert screen_shades("light") == wanted


def test_the_dark_page_is_legible() -> None:
    found = screen_shades("dark")
    assert list(found) == list(range(1, 32))
    for background, color in found.values():
        assert contrast(to_rgb(background), to_rgb(color)) >= 4.5


def test_on_the_dark_page_more_attention_is_brighter() -> None:
    light = [
        contrast(to_rgb(background), BLACK) for background, _ in screen_shades("dark").values()
    ]
    assert light == sorted(light)
    assert len(set(light)) == len(light)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_chart_texts_are_legible_on_their_page(theme: Theme) -> None:
    for color in (theme.ink, theme.soft):
        assert contrast(to_rgb(color), to_rgb(theme.paper)) >= 4.5
