from __future__ import annotations

import warnings

import pytest

from reportgen.figures.fonts import families, missing_glyphs, properties, width


def test_the_first_family_comes_with_matplotlib() -> None:
    assert families()[0] == "DejaVu Sans"
    assert properties(8.5).get_size() == 8.5
    assert properties(8.5).get_family() == list(families())


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
