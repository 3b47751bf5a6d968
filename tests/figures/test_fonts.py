from __future__ import annotations

import warnings

import pytest

from reportgen.figures.fonts import families, missing_glyphs, properties


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
