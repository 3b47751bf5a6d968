"""Which Debian package and which families have the characters of a script."""

from __future__ import annotations

import subprocess
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTCollection, TTFont

from reportgen.figures.scripts import families, package, packages, rows

SCRIPTS = {
    "映画": "fonts-noto-cjk", "电影": "fonts-noto-cjk", "영화": "fonts-noto-cjk",
    "えいが": "fonts-noto-cjk", "ﾊﾟ": "fonts-noto-cjk", "فيلم": "fonts-noto-core",
    "סרט": "fonts-noto-core", "फ़िल्म": "fonts-noto-core", "หนัง": "fonts-noto-core",
    "চলচ্চিত্র": "fonts-noto-core", "திரைப்படம்": "fonts-noto-core", "సినిమా": "fonts-noto-core",
    "ფილმი": "fonts-noto-core", "ፊልም": "fonts-noto-core", "រឿង": "fonts-noto-core",
    "ǎ̂": "fonts-noto-core", "😀🎬": "fonts-symbola", "✅": "fonts-symbola",
    "🥹": "fonts-unifont", "𠮷": "fonts-hanazono", "\ue000\U000f0000\U0002fffe": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "name"), SCRIPTS.items())
def test_the_package_of_a_script(text: str, name: str) -> None:
    assert set(packages(set(text) - {" "})) == {name}


def test_young_emoji_are_pictures_where_these_can_be_drawn() -> None:
    assert package("🥹", pictures=True) == "fonts-noto-color-emoji"
    assert package("映", pictures=True) == "fonts-noto-cjk"


def test_each_package_has_its_characters_in_order() -> None:
    assert packages("画映\ue000😀") == {
        "fonts-noto-cjk": ["映", "画"], "": ["\ue000"], "fonts-symbola": ["😀"],
    }  # fmt: skip


def test_a_text_asks_for_the_families_of_its_scripts_alone() -> None:
    assert rows("plain") == ()
    assert "Noto Sans Thai" in families(rows("a หนัง"))
    assert "Noto Sans Tamil" not in families(rows("a หนัง"))
    assert {"Noto Sans Thai", "Noto Sans CJK JP", "Symbola"} <= set(families())


def _characters(path: str) -> set[int]:
    with TTCollection(path) if path.endswith("c") else TTFont(path) as opened:
        fonts = opened.fonts if isinstance(opened, TTCollection) else [opened]
        return {code for font in fonts for code in font.getBestCmap() or ()}


@pytest.mark.parametrize("name", ["fonts-noto-core", "fonts-noto-cjk", "fonts-symbola"])
def test_the_packages_have_what_the_table_says(name: str) -> None:
    try:
        listed = subprocess.run(["dpkg", "-L", name], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"{name} is not installed by dpkg")
    kept = [
        line
        for line in listed.stdout.split()
        if (Path(line).stem.endswith(("-Regular", "_hint")) and "Serif" not in Path(line).stem)
        or "NotoSerifT" in line
    ]  # fmt: skip
    has = set().union(*map(_characters, kept))
    named = [
        code
        for code in range(0x80, 0x30000)
        if package(chr(code)) == name and unicodedata.category(chr(code))[0] in "LMNPS"
    ]
    assert sum(code not in has for code in named) <= len(named) // 300
