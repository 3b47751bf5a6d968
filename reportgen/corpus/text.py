"""Clean a raw text for tokenizing and display."""

from __future__ import annotations

import re

from reportgen.characters import legal

__all__ = ["clean"]

# A line break in any spelling: <br>, <br/>, <BR />, </br>, <br clear="all">.
LINE_BREAK = re.compile(r"<\s*/?\s*br\b[^<>]{0,40}>", re.IGNORECASE)


def clean(raw: str) -> tuple[str, int]:
    """Return the text with line-break tags as spaces and illegal characters as U+FFFD.

    The second value counts the characters replaced by U+FFFD.
    """
    return legal(LINE_BREAK.sub(" ", raw))
