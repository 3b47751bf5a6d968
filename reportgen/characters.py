"""Replace characters that do not fit UTF-8, Arrow, HTML, PDF or a terminal."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["ILLEGAL", "legal", "printable"]

# Controls but tab, line feed and carriage return; lone surrogates; noncharacters of plane 0.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def legal(text: str) -> tuple[str, int]:
    """Return the text with U+FFFD for each illegal character, and their number."""
    return ILLEGAL.subn("\ufffd", text)


def printable(text: str) -> str:
    """Return the text with an escape for each character that could mislead on a terminal.

    These are controls, line ends, invisible and direction marks, and lone surrogates; the joiners
    that words and emoji need stay.
    """
    return "".join(ascii(c)[1:-1] if _misleads(c) else c for c in text)


def _misleads(character: str) -> bool:
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return hidden and character not in "\u200c\u200d"
