"""Replace characters that do not fit UTF-8, Arrow, HTML or PDF, keeping a string's length."""

from __future__ import annotations

import re

__all__ = ["ILLEGAL", "legal"]

# Controls but tab, line feed and carriage return; lone surrogates; noncharacters of plane 0.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def legal(text: str) -> tuple[str, int]:
    """Return the text with U+FFFD for each illegal character, and their number."""
    return ILLEGAL.subn("\ufffd", text)
