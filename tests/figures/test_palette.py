from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from reportgen.figures.charts import DARK, LIGHT, Theme
from reportgen.figures.palette import BLACK, DARK_INK, WHITE, contrast, ink, shade, signed_shade
from reportgen.figures.scales import LEVELS, SIDE
from tests.conftest import ROOT

COLOR = r"#[0-9a-f]{6}"
LIGHT_RULE = re.compile(rf"\.([spm]\d+)\{{background:({COLOR});color:({COLOR})\}}")
BOTH_RULE = re.compile(
    rf"\.([spm]\d+)\{{background:light-dark\(({COLOR}),({COLOR})\);"
    rf"color:light-dark\(({COLOR}),({COLOR})\)\}}"
)
# How colour-blind readers see linear red, green and blue: protanopia, deuteranopia, tritanopia
# (Machado, Oliveira and Fernandes, 2009, severity 1).
COLOR_BLIND = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
Shades = dict[int, tuple[str, str]]


def sheet(name: str) -> str:
    return (ROOT / "templates" / name).read_text("utf-8")


def levels(found: Iterable[tuple[str, str, str]], signed: bool) -> Shades:
    """Background and ink of each level of attention, or of attributions."""
    names = "pm" if signed else "s"
    return {
        int(name[1:]) * (-1 if name[0] == "m" else 1): (background, color)
        for name, background, color in found
        if name[0] in names
    }


def light_shades(signed: bool = False) -> Shades:
    """Background and ink of each level on any medium."""
    return levels(LIGHT_RULE.findall(sheet("report.css")), signed)


def screen_shades(theme: str, signed: bool = False) -> Shades:
    """Background and ink of each level on a screen."""
    at = ("light", "dark").index(theme)
    found = (
        (n, colors[at], colors[2 + at]) for n, *colors in BOTH_RULE.findall(sheet("screen.css"))
    )
    return levels(found, signed)


def paper_shades() -> Shades:
    """Background and ink of each level of attributions where a browser prints."""
    return levels(LIGHT_RULE.findall(sheet("screen.css").partition("@media print")[2]), True)


def seen(color: str, eyes: Any) -> Any:
    """CIELAB of a colour as such eyes see it (white: D65)."""
    red = np.array(to_rgb(color))
    linear = np.where(red <= 0.04045, red / 12.92, ((red + 0.055) / 1.055) ** 2.4)
    xyz = np.array(TO_XYZ) @ np.clip(np.array(eyes) @ linear, 0, 1) / (0.9505, 1, 1.089)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


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


# Attributions, on both sides of zero

SIDES = [k for k in range(-SIDE, SIDE + 1) if k]
THEMES = [light_shades(True), screen_shades("dark", True), paper_shades()]


@pytest.mark.parametrize("share", [i / 250 for i in range(-250, 251, 10) if i])
def test_signed_shades_are_matplotlibs_red_and_blue(share: float) -> None:
    wanted = mpl.colormaps["RdBu_r"]((1 + share) / 2)[:3]
    assert signed_shade(share) == pytest.approx(wanted)
    assert contrast(ink(signed_shade(share)), signed_shade(share)) >= 4.5


def test_zero_is_white() -> None:
    assert signed_shade(0) == WHITE


def test_the_light_page_has_the_colours_of_the_signed_heatmap() -> None:
    colors = {k: signed_shade(k / SIDE) for k in SIDES}
    wanted = {k: (to_hex(color), to_hex(ink(color))) for k, color in colors.items()}
    assert light_shades(True) == wanted
    assert screen_shades("light", True) == wanted


@pytest.mark.parametrize("shades", THEMES, ids=["light", "dark", "paper"])
def test_every_signed_shade_is_legible_and_stronger_than_the_one_before(shades: Shades) -> None:
    assert sorted(shades) == SIDES
    for background, color in shades.values():
        assert contrast(to_rgb(background), to_rgb(color)) >= 4.5
    for side in (1, -1):  # in greys, too
        greys = [contrast(to_rgb(shades[side * k][0]), BLACK) for k in range(1, SIDE + 1)]
        assert greys == sorted(greys, reverse=greys[0] > greys[-1])
        assert len(set(greys)) == SIDE


@pytest.mark.parametrize("shades", THEMES, ids=["light", "dark", "paper"])
@pytest.mark.parametrize("eyes", COLOR_BLIND)
def test_colour_blind_readers_tell_both_sides_apart(shades: Shades, eyes: str) -> None:
    for level in range(2, SIDE + 1):
        raised, lowered = (seen(shades[k][0], COLOR_BLIND[eyes]) for k in (level, -level))
        assert np.linalg.norm(raised - lowered) > 6, level  # 2.3 is just noticeable


def test_lines_tell_the_sign_on_every_medium() -> None:
    assert ".map [class^=m]{border-top:" in sheet("report.css")
    paper = sheet("screen.css").partition("@media print")[2]
    for side, first in (("top", 1), ("bottom", 7)):
        name = "m" if side == "top" else "p"
        rules = re.findall(rf"\.map :is\(([^)]*\.{name}\d[^)]*)\)\{{border-{side}:", paper)
        named = [int(k) for rule in rules for k in re.findall(rf"\.{name}(\d+)", rule)]
        assert named == list(range(first, SIDE + 1))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_chart_texts_are_legible_on_their_page(theme: Theme) -> None:
    for color in (theme.ink, theme.soft):
        assert contrast(to_rgb(color), to_rgb(theme.paper)) >= 4.5
