"""Find fonts for any script, and say how wide a text is and which characters no font has.

Texts that need neither shaping nor another font than DejaVu Sans, which comes with matplotlib, are
measured by Pillow; all others by matplotlib, which shapes and falls back.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager
from PIL import ImageFont

from reportgen.figures import scripts

__all__ = [
    "face",
    "families",
    "files",
    "is_plain",
    "missing_glyphs",
    "properties",
    "renderer",
    "width",
]

PRIMARY = "DejaVu Sans"
FREQUENT = "字אعहไবத😀"  # a character of each script whose fonts a text may need
PLAIN_END = 0x2C00  # Latin, Greek, Cyrillic, punctuation and symbols lie below
MEASURED_AT = 100  # pixels; advances are in proportion to the size


@lru_cache(maxsize=1)
def _installed() -> frozenset[str]:
    """Return the installed families of the table of scripts."""
    _notice_new_fonts()
    return frozenset(font.name for font in fontManager.ttflist).intersection(scripts.families())


def _notice_new_fonts() -> None:
    """Add fonts that were installed after matplotlib had written its list of them."""
    known = {Path(font.fname) for font in fontManager.ttflist}
    wanted = tuple(_stem(name) for name in scripts.families())
    for path in sorted(map(Path, findSystemFonts())):
        stem = _stem(path.stem.removesuffix("-Regular").removesuffix("_hint"))
        if path not in known and any(name.startswith(stem) for name in wanted):
            with suppress(RuntimeError):  # a font of pictures, which matplotlib cannot draw
                fontManager.addfont(path)


def files() -> list[str]:
    """Return the name and the size of every font file of this machine, sorted."""
    return sorted(f"{path.name} {path.stat().st_size}" for path in map(Path, findSystemFonts()))


def _stem(name: str) -> str:
    return name.replace(" ", "").replace("_", "").casefold()


@lru_cache(maxsize=256)
def families(rows: tuple[int, ...]) -> tuple[str, ...]:
    """Return DejaVu Sans and the installed families for these rows of the table of scripts."""
    return (PRIMARY, *(name for name in scripts.families(rows) if name in _installed()))


@lru_cache(maxsize=256)
def _properties(size: float, rows: tuple[int, ...]) -> FontProperties:
    return FontProperties(family=list(families(rows)), size=size)


def properties(size: float, text: str = FREQUENT) -> FontProperties:
    """Return the font of that size in points, with the fonts that the scripts of a text need.

    matplotlib opens every font it is given, so it is not given all of them; for a text that is
    not known yet those of frequent scripts.
    """
    return _properties(size, scripts.rows(text))


@lru_cache(maxsize=1)
def _path() -> str:
    return str(findfont(FontProperties(family=PRIMARY)))


@lru_cache(maxsize=64)
def face(pixels: float) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans in that size for Pillow, for plain texts."""
    return ImageFont.truetype(_path(), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    from matplotlib.font_manager import get_font

    characters = (chr(code) for code in get_font(_path()).get_charmap() if code < PLAIN_END)
    return frozenset(
        c
        for c in characters
        if unicodedata.category(c)[0] in "LNPSZ" and unicodedata.bidirectional(c) not in ("R", "AL")
    )


def is_plain(text: str) -> bool:
    """Say whether DejaVu Sans has every character and none joins, combines or runs leftwards."""
    return _plain().issuperset(text)


def width(text: str, size: float) -> float:
    """Return the width of a text in pixels, where the size of the font is in pixels."""
    if is_plain(text):
        return float(face(MEASURED_AT).getlength(text) / MEASURED_AT * size)
    with missing_glyphs(set()):
        shaped, _, _ = renderer(8, 8, 72).get_text_width_height_descent(  # a point is a pixel
            text, properties(size, text), False
        )
    return float(shaped)


@lru_cache(maxsize=8)
def renderer(width: int, height: int, dpi: float) -> Any:
    """Return a matplotlib renderer of that size in pixels, which is kept."""
    return RendererAgg(width, height, dpi)  # type: ignore[no-untyped-call]


@contextmanager
def missing_glyphs(missing: set[str]) -> Iterator[None]:
    """Collect the characters that no font has, instead of one warning each time."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        glyph = re.match(r"Glyph (\d+) .* missing from", str(warning.message), re.DOTALL)
        if glyph:
            missing.add(chr(int(glyph[1])))
        elif not re.search("Matplotlib currently does not support", str(warning.message)):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
