"""Replace characters that do not fit UTF-8, Arrow, HTML, PDF or a terminal; mark white space."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["ILLEGAL", "legal", "printable", "space_marks", "visible"]

# Controls but tab, line feed and carriage return; lone surrogates; noncharacters of plane 0.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def legal(text: str) -> tuple[str, int]:
    """Return the text with U+FFFD for each illegal character, and their number."""
    return ILLEGAL.subn("\ufffd", text)


# Characters without ink: white space, joiners and other zero-width ones, variation selectors. The
# gallery's script has the same list.
BLANK = re.compile("[\\s\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]*")
SPACE_MARKS = {"\n": "↵", "\r": "↵", "\t": "⇥"}
ZERO_WIDTH = "◌"


def space_marks(text: str) -> str | None:
    """Return visible marks for a text that is blank: a line break, a tab, spaces; else None."""
    if not BLANK.fullmatch(text):
        return None
    return "".join(SPACE_MARKS.get(c, "␣" if c.isspace() else ZERO_WIDTH) for c in text)


def visible(token: str) -> str:
    """Return a token as it is named: without spaces around it, a blank one by marks."""
    marks = space_marks(token)
    return token.strip() if marks is None else marks or ZERO_WIDTH


def printable(text: str) -> str:
    """Return the text with an escape for each character that could mislead on a terminal.

    These are controls, line ends, invisible and direction marks, and lone surrogates; the joiners
    that words and emoji need stay.
    """
    return "".join(ascii(c)[1:-1] if _misleads(c) else c for c in text)


def _misleads(character: str) -> bool:
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return hidden and character not in "\u200c\u200d"
