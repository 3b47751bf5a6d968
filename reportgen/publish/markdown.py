"""Write Markdown in which nothing that others named is markup: paragraphs, lists, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reportgen.characters import legal

__all__ = ["bullets", "code", "heading", "one_line", "plain", "table"]

# What CommonMark or the tables and links of GitHub would take for markup, anywhere in a line. The
# colon and "www." keep an address from becoming a link, "@" from becoming a mention.
MARKS = re.compile(r"[\\`*_\[\]<>|~&$#@]|(?<=\w):(?=//)|(?<=www)\.", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return a text without line ends and other white space than single blanks; legal for files."""
    return " ".join(legal(text)[0].replace("\N{NO-BREAK SPACE}", "\0").split()).replace(
        "\0", "\N{NO-BREAK SPACE}"
    )


def plain(text: str) -> str:
    """Return a text that a reader of Markdown sees as it is."""
    return MARKS.sub(r"\\\g<0>", one_line(text))


def code(text: str) -> str:
    """Return a text in a typewriter's letters, whatever accents it has."""
    line = one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    blank = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{blank}{line}{blank}{fence}"


def heading(text: str, level: int = 2) -> str:
    """Return a heading."""
    return f"{'#' * level} {plain(text)}"


def bullets(items: Iterable[str]) -> str:
    """Return a list of texts that are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table of plain texts; the last ``numbers`` columns are set to the right."""
    words = len(heads) - numbers
    rule = [":---"] * words + ["---:"] * numbers
    body = [[plain(cell) for cell in row] for row in rows]
    lines = [[plain(head) for head in heads], rule, *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
