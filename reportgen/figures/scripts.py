"""Which fonts have the characters of a script, and which Debian package installs them.

The packages are those of Debian 12. matplotlib takes the families named here, for the characters
beside which they stand; Pango, which draws the PDF, takes any installed font that has a character.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect
from collections.abc import Collection, Iterable

__all__ = ["families", "package", "packages", "rows"]

CORE, CJK, SYMBOLA = "fonts-noto-core", "fonts-noto-cjk", "fonts-symbola"
COLOR = "fonts-noto-color-emoji"  # pictures: Pango draws them, matplotlib cannot
HANAZONO, UNIFONT = "fonts-hanazono", "fonts-unifont"

# East Asian fonts in the order in which they are preferred; the last ones come with other systems.
EAST_ASIAN = (
    "Noto Sans CJK JP", "Noto Sans JP", "Noto Sans CJK SC", "Noto Sans SC", "Noto Sans CJK KR",
    "Hiragino Sans", "PingFang SC", "Microsoft YaHei", "Malgun Gothic", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "HanaMinA",
)  # fmt: skip
SYMBOLS = ("Noto Sans Symbols", "Noto Sans Symbols2", "Noto Sans Math", "Symbola")
EMOJI = ("Noto Emoji", "Symbola", "Noto Sans Symbols2")
LAST = ("Unifont", "Unifont Upper", "Arial Unicode MS")  # after those of the script

# From which character on, up to the next line: a package, and what matplotlib takes.
_TABLE: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0x0000, CORE, ("Noto Sans",)),  # Latin, Greek, Cyrillic
    (0x0530, CORE, ("Noto Sans Armenian",)),
    (0x0590, CORE, ("Noto Sans Hebrew",)),
    (0x0600, CORE, ("Noto Sans Arabic",)),
    (0x0700, CORE, ("Noto Sans Syriac",)),
    (0x0750, CORE, ("Noto Sans Arabic",)),
    (0x0780, CORE, ("Noto Sans Thaana",)),
    (0x07C0, CORE, ("Noto Sans NKo",)),
    (0x0800, UNIFONT, ()),
    (0x08A0, CORE, ("Noto Sans Arabic",)),
    (0x0900, CORE, ("Noto Sans Devanagari",)),
    (0x0980, CORE, ("Noto Sans Bengali",)),
    (0x0A00, CORE, ("Noto Sans Gurmukhi",)),
    (0x0A80, CORE, ("Noto Sans Gujarati",)),
    (0x0B00, CORE, ("Noto Sans Oriya",)),
    (0x0B80, CORE, ("Noto Sans Tamil",)),
    (0x0C00, CORE, ("Noto Sans Telugu",)),
    (0x0C80, CORE, ("Noto Sans Kannada",)),
    (0x0D00, CORE, ("Noto Sans Malayalam",)),
    (0x0D80, CORE, ("Noto Sans Sinhala",)),
    (0x0E00, CORE, ("Noto Sans Thai",)),
    (0x0E80, CORE, ("Noto Sans Lao",)),
    (0x0F00, CORE, ("Noto Serif Tibetan",)),
    (0x1000, CORE, ("Noto Sans Myanmar",)),
    (0x10A0, CORE, ("Noto Sans Georgian",)),
    (0x1100, CJK, EAST_ASIAN),  # Korean letters
    (0x1200, CORE, ("Noto Sans Ethiopic",)),
    (0x13A0, CORE, ("Noto Sans Cherokee",)),
    (0x1400, CORE, ("Noto Sans Canadian Aboriginal",)),
    (0x1680, CORE, ("Noto Sans Ogham",)),
    (0x16A0, CORE, ("Noto Sans Runic",)),
    (0x1700, UNIFONT, ()),
    (0x1780, CORE, ("Noto Sans Khmer",)),
    (0x1800, CORE, ("Noto Sans Mongolian",)),
    (0x18B0, CORE, ("Noto Sans Canadian Aboriginal",)),
    (0x1900, UNIFONT, ()),
    (0x19E0, CORE, ("Noto Sans Khmer",)),
    (0x1A00, UNIFONT, ()),
    (0x1B00, CORE, ("Noto Sans Balinese",)),
    (0x1B80, CORE, ("Noto Sans Sundanese",)),
    (0x1BC0, UNIFONT, ()),
    (0x1C80, CORE, ("Noto Sans",)),
    (0x1C90, CORE, ("Noto Sans Georgian",)),
    (0x1CC0, CORE, ("Noto Sans Sundanese",)),
    (0x1CD0, CORE, ("Noto Sans Devanagari",)),
    (0x1D00, CORE, ("Noto Sans",)),
    (0x2000, CORE, ("Noto Sans", *SYMBOLS)),
    (0x2300, SYMBOLA, SYMBOLS),
    (0x2400, CORE, SYMBOLS),
    (0x2500, SYMBOLA, SYMBOLS),
    (0x2800, CORE, SYMBOLS),
    (0x2C00, CORE, ("Noto Sans Glagolitic",)),
    (0x2C60, CORE, ("Noto Sans",)),
    (0x2C80, CORE, ("Noto Sans Coptic",)),
    (0x2D00, CORE, ("Noto Sans Georgian",)),
    (0x2D30, CORE, ("Noto Sans Tifinagh",)),
    (0x2D80, CORE, ("Noto Sans Ethiopic",)),
    (0x2DE0, CORE, ("Noto Sans", *SYMBOLS)),
    (0x2E80, CJK, EAST_ASIAN),  # radicals, punctuation, kana, bopomofo, ideographs
    (0x4DC0, CORE, SYMBOLS),
    (0x4E00, CJK, EAST_ASIAN),
    (0x9FF0, UNIFONT, ("HanaMinA",)),
    (0xA000, CORE, ("Noto Sans Yi",)),
    (0xA4D0, CORE, ("Noto Sans Lisu",)),
    (0xA500, CORE, ("Noto Sans Vai",)),
    (0xA640, CORE, ("Noto Sans",)),
    (0xA6A0, CORE, ("Noto Sans Bamum",)),
    (0xA700, CORE, ("Noto Sans",)),
    (0xA800, UNIFONT, ()),
    (0xA8E0, CORE, ("Noto Sans Devanagari",)),
    (0xA900, UNIFONT, ()),
    (0xA960, CJK, EAST_ASIAN),
    (0xA980, CORE, ("Noto Sans Javanese",)),
    (0xA9E0, CORE, ("Noto Sans Myanmar",)),
    (0xAA00, UNIFONT, ()),
    (0xAA60, CORE, ("Noto Sans Myanmar",)),
    (0xAA80, UNIFONT, ()),
    (0xAB00, CORE, ("Noto Sans Ethiopic",)),
    (0xAB30, CORE, ("Noto Sans",)),
    (0xAB70, CORE, ("Noto Sans Cherokee",)),
    (0xABC0, UNIFONT, ()),
    (0xAC00, CJK, EAST_ASIAN),  # Korean syllables
    (0xD800, "", ()),  # surrogates, private use
    (0xF900, CJK, EAST_ASIAN),
    (0xFA70, HANAZONO, EAST_ASIAN),
    (0xFB00, CORE, ("Noto Sans",)),
    (0xFB13, CORE, ("Noto Sans Armenian",)),
    (0xFB1D, CORE, ("Noto Sans Hebrew",)),
    (0xFB50, CORE, ("Noto Sans Arabic",)),
    (0xFE00, CORE, ("Noto Sans",)),
    (0xFE10, CJK, EAST_ASIAN),
    (0xFE20, CORE, ("Noto Sans",)),
    (0xFE30, CJK, EAST_ASIAN),
    (0xFE70, CORE, ("Noto Sans Arabic",)),
    (0xFF00, CJK, EAST_ASIAN),
    (0xFFF0, CORE, ("Noto Sans", *SYMBOLS)),
    (0x10000, CORE, ("Noto Sans Linear B", *SYMBOLS)),
    (0x10200, UNIFONT, ()),
    (0x10330, CORE, ("Noto Sans Gothic",)),
    (0x10350, UNIFONT, ()),
    (0x12000, CORE, ("Noto Sans Cuneiform",)),
    (0x12550, UNIFONT, ()),
    (0x13000, CORE, ("Noto Sans Egyptian Hieroglyphs",)),
    (0x13430, UNIFONT, ()),
    (0x14400, CORE, ("Noto Sans Anatolian Hieroglyphs",)),
    (0x14680, UNIFONT, ()),
    (0x16800, CORE, ("Noto Sans Bamum",)),
    (0x16A40, UNIFONT, ()),
    (0x17000, CORE, ("Noto Serif Tangut",)),
    (0x18B00, UNIFONT, ()),
    (0x1B000, UNIFONT, ("HanaMinA",)),  # old kana
    (0x1D000, CORE, ("Noto Music", *SYMBOLS)),
    (0x1D300, CORE, SYMBOLS),
    (0x1D800, UNIFONT, ()),
    (0x1E900, CORE, ("Noto Sans Adlam",)),
    (0x1E960, UNIFONT, ()),
    (0x1EE00, CORE, ("Noto Sans Math",)),
    (0x1EF00, UNIFONT, ()),
    (0x1F000, SYMBOLA, EMOJI),  # tiles, cards, emoji
    (0x1F200, CJK, EAST_ASIAN),
    (0x1F300, SYMBOLA, EMOJI),
    (0x1FA00, CORE, EMOJI),
    (0x1FC00, "", ()),
    (0x20000, HANAZONO, ("HanaMinB", "Noto Sans CJK JP")),  # rare ideographs
    (0x30000, "", ()),
)
_STARTS = [start for start, _, _ in _TABLE]

# Younger than the fonts that have their neighbours: emoji, Arabic and Latin letters, and others.
_YOUNG_EMOJI = (
    (0x1F6D5, 0x1F6DF), (0x1F6F9, 0x1F6FC), (0x1F7D5, 0x1F7F0), (0x1F90C, 0x1F90F),
    (0x1F93F, 0x1F93F), (0x1F94D, 0x1F94F), (0x1F96C, 0x1F97F), (0x1F998, 0x1F9BF),
    (0x1F9C1, 0x1F9CF), (0x1F9E7, 0x1F9FF), (0x1FA7B, 0x1FA7C), (0x1FAA9, 0x1FAAC),
    (0x1FAB7, 0x1FABA), (0x1FAC3, 0x1FAC5), (0x1FAD7, 0x1FAD9), (0x1FAE0, 0x1FAF6),
)  # fmt: skip
_YOUNG = (
    (0x05EF, 0x05EF), (0x061D, 0x061D), (0x08B5, 0x08B5), (0x08BF, 0x08D2), (0x0B55, 0x0B55),
    (0x0C3C, 0x0C3C), (0x0C5D, 0x0C5D), (0x0CDD, 0x0CDD), (0x1B4C, 0x1B4C), (0x1B7D, 0x1B7E),
    (0x1CFA, 0x1CFA), (0x20C0, 0x20C0), (0x2C2F, 0x2C2F), (0x2C5F, 0x2C5F), (0x2E53, 0x2E5D),
    (0x31BC, 0x31BF), (0x4DB6, 0x4DBF), (0xA7C0, 0xA7F4), (0xFBC2, 0xFBC2), (0xFD40, 0xFD4F),
    (0xFDCF, 0xFDCF), (0xFDFE, 0xFDFF), (0x1D1E9, 0x1D1EA), (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F),
    (0x1F16D, 0x1F16F), (0x1F1AD, 0x1F1AD), (0x1F260, 0x1F265), (0x1F8B0, 0x1F8B1),
)  # fmt: skip


def rows(text: str) -> tuple[int, ...]:
    """Return which rows of the table a text needs, in order."""
    if text.isascii():
        return ()
    return tuple(sorted({bisect(_STARTS, ord(c)) - 1 for c in text if c >= "\x80"}))


def families(rows: Iterable[int] = range(len(_TABLE))) -> tuple[str, ...]:
    """Return the families that matplotlib takes for these rows (all), beside DejaVu Sans."""
    return tuple(dict.fromkeys((*(name for row in rows for name in _TABLE[row][2]), *LAST)))


def package(character: str, pictures: bool = False) -> str:
    """Return the Debian package whose fonts have a character; "" where none is known.

    ``pictures`` says that fonts of pictures serve too, as they do in the PDF.
    """
    if unicodedata.category(character) in ("Cn", "Co", "Cs"):  # nothing, private, half a character
        return ""
    if _within(character, _YOUNG_EMOJI):
        return COLOR if pictures else UNIFONT
    return UNIFONT if _within(character, _YOUNG) else _TABLE[bisect(_STARTS, ord(character)) - 1][1]


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


def packages(characters: Collection[str], pictures: bool = False) -> dict[str, list[str]]:
    """Return the Debian packages whose fonts have these characters, each with its characters.

    Those that no package is known to have stand under "".
    """
    found: dict[str, list[str]] = {}
    for character in sorted(characters):
        found.setdefault(package(character, pictures), []).append(character)
    return found
