"""Raw text in, text that fits UTF-8, Arrow, HTML and PDF out."""

from __future__ import annotations

import re

__all__ = ["clean"]

# A line break in any spelling: <br>, <br/>, <BR />, </br>, <br clear="all">.
LINE_BREAK = re.compile(r"<\s*/?\s*br\b[^<>]{0,40}>", re.IGNORECASE)

# Controls but tab, line feed and carriage return; lone surrogates; noncharacters of plane 0.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def clean(raw: str) -> tuple[str, int]:
    """Return the text with line-break tags as spaces and illegal characters as U+FFFD.

    The second value counts the characters replaced by U+FFFD.
    """
    return ILLEGAL.subn("\ufffd", LINE_BREAK.sub(" ", raw))
