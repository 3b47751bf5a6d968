from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from matplotlib.font_manager import fontManager

from reportgen.figures import fonts
from reportgen.figures.fonts import families, missing_glyphs, properties, renderer, width
from reportgen.figures.scripts import packages


def test_the_first_family_comes_with_matplotlib() -> None:
    assert families(())[0] == "DejaVu Sans"
    assert properties(8.5).get_size() == 8.5
    assert properties(8.5).get_family()[0] == "DejaVu Sans"
    assert {"Noto Sans CJK JP", "Symbola"} <= set(properties(8.5).get_family())  # not known yet
    assert not [name for name in properties(8.5, "plain").get_family() if "CJK" in name]


SCRIPTS = ["映画电影영화", "فيلم", "סרט", "फ़िल्म", "หนัง", "চলচ্চিত্র", "திரைப்படம்", "😀🎬✅", "ǎ̂", "ཀ"]


@pytest.fixture
def _hidden(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No font but matplotlib's own is installed."""
    monkeypatch.setattr(fonts, "_installed", frozenset)
    caches = (fonts.families, fonts._properties)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def lacking(text: str) -> set[str]:
    found: set[str] = set()
    with missing_glyphs(found):
        renderer(8, 8, 72).get_text_width_height_descent(text, properties(8, text), False)
    return found


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_is_drawn_with_the_fonts_that_the_tests_need(text: str) -> None:
    assert lacking(text) == set()
    assert len(properties(8, text).get_family()) < 8


@pytest.mark.usefixtures("_hidden")
def test_without_fonts_each_script_lacks_its_characters() -> None:
    assert lacking("映画 a ह หน") == set("映画हหน")
    assert set(packages(lacking("映画 หนัง"))) == {"fonts-noto-cjk", "fonts-noto-core"}


def test_fonts_installed_after_matplotlib_listed_its_fonts_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = [
        font for font in fontManager.ttflist if font.name not in ("Symbola", "Noto Sans Thai")
    ]
    monkeypatch.setattr(fontManager, "ttflist", listed)
    fonts._notice_new_fonts()
    assert {"Symbola", "Noto Sans Thai"} <= {font.name for font in fontManager.ttflist}


def test_missing_glyphs_are_collected() -> None:
    found: set[str] = set()
    with missing_glyphs(found):
        warnings.warn("Glyph 128512 (\\N{GRINNING FACE}) missing from font(s) X.", stacklevel=1)
        warnings.warn("Glyph 10 (\n) missing from font(s) X.", stacklevel=1)
        warnings.warn("Matplotlib currently does not support Arabic natively.", stacklevel=1)
    assert found == {"😀", "\n"}


def test_other_warnings_pass() -> None:
    with pytest.warns(DeprecationWarning, match="old"), missing_glyphs(set()):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


@pytest.mark.parametrize("text", ["film", "W" * 9, "naïve", "קصة", "映画", "nnnnn\u0303"])
def test_widths_grow_with_the_size_and_are_as_drawn(text: str) -> None:
    from matplotlib.textpath import TextPath

    assert width(text, 40) == pytest.approx(4 * width(text, 10), rel=0.1)
    with missing_glyphs(set()):
        outline = TextPath((0, 0), text, size=40, prop=properties(40)).get_extents()
    assert width(text, 40) == pytest.approx(outline.width, rel=0.15)
