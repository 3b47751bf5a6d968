"""The font families of this machine in, families to write any script with out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from matplotlib.font_manager import FontProperties, fontManager

__all__ = ["families", "missing_glyphs", "properties"]

# DejaVu comes with matplotlib. The others are looked for in this order.
FALLBACKS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans CJK KR",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Emoji",
    "Symbola",
    "Arial Unicode MS",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return DejaVu Sans and every installed family of the fallbacks."""
    installed = {font.name for font in fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in FALLBACKS if name in installed))


@lru_cache(maxsize=64)
def properties(size: float) -> FontProperties:
    """Return the font of that size in points."""
    return FontProperties(family=list(families()), size=size)


@contextmanager
def missing_glyphs(found: set[str]) -> Iterator[None]:
    """Collect the characters that no font has, instead of one warning each time."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        glyph = re.match(r"Glyph (\d+) .* missing from", str(warning.message), re.DOTALL)
        if glyph:
            found.add(chr(int(glyph[1])))
        elif not re.search("Matplotlib currently does not support", str(warning.message)):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
