"""Set a shaded text in lines: pieces of the text in, lines of runs out, lengths in CSS pixels.

Where letters neither join nor combine and run to the right, each word is measured once for a
document and lines are broken at white space; all other paragraphs are laid out by Pango.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportgen.characters import space_marks
from reportgen.publish.pieces import Piece

__all__ = ["Line", "Part", "Run", "is_plain", "paragraphs", "wrapped"]

Part = tuple[str, Piece]
"""What is written of a piece, or of a part of it between two ends of lines."""

LINE_END = re.compile("\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
# White space, parts that a line may end after (a hyphen or dash between letters), and the rest.
ATOM = re.compile(r"\s+|\S*?\w\w[-–—]+(?=[^\W\d_]{2})|\S+")
# Latin, Greek, Cyrillic, Armenian and Georgian letters, punctuation and symbols, without marks
# that combine, soft hyphens, joiners and marks of direction.
PLAIN = re.compile(
    "[\t\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0588\u10a0-\u10ff\u1e00-\u200a"
    "\u2010-\u2027\u202f-\u205f\u2070-\u20bf\u2100-\u2319\u2400-\u25ff\ufffd]*"
)


@dataclass(slots=True)
class Run:
    """Neighbouring letters of one piece: ``x`` from the line's left edge, and what draws them.

    ``layout`` is None where ``text`` stands for itself, else what Pango laid out. Runs are read in
    the order of ``place``, and those of one place as they stand. ``spelled`` says that each glyph
    stands for letters of its own, so that programs can read the text off the glyphs.
    """

    piece: Piece
    text: str
    x: float
    width: float
    layout: Any = None
    place: int = 0
    spelled: bool = True

    @property
    def blank(self) -> bool:
        """Whether it has no ink."""
        return self.text.isspace()


@dataclass(slots=True)
class Line:
    """Runs from left to right. ``above`` is what the line leaves free above it."""

    runs: list[Run]
    height: float
    above: float = 0.0


def paragraphs(pieces: Iterable[Piece]) -> Iterator[list[Part]]:
    """Yield the parts of each paragraph, without the ends of lines; some are blank.

    A token of white space alone is written by its marks, as a page shows it.
    """
    parts: list[Part] = []
    for piece in pieces:
        text = piece.text
        if piece.token and not text[:1].isalnum() and (marks := space_marks(text)):
            parts.append((marks, piece))
        first, *others = LINE_END.split(text) if not text.isprintable() else (text,)
        parts.append((first, piece))
        for other in others:
            yield parts
            parts = [(other, piece)]
    yield parts


def is_plain(text: str) -> bool:
    """Say whether words can be shaped and placed one by one, from left to right."""
    return text.isascii() or PLAIN.fullmatch(text) is not None


@lru_cache(maxsize=65_536)
def _atoms(text: str) -> tuple[str, ...]:
    return tuple(" " if atom.isspace() else atom for atom in ATOM.findall(text))


def wrapped(
    parts: Sequence[Part], width: float, advance: Callable[[str], float]
) -> list[list[Run]]:
    """Break a plain paragraph into lines no wider than ``width``, as measured by ``advance``.

    Lines end at white space, which stays at their end, and after dashes between letters; a word
    that is longer than a line is broken where the line ends.
    """
    lines = _Lines(width, advance)
    for text, piece in parts:
        after_word = False
        for atom in _atoms(text):
            if atom == " ":
                lines.space(piece)
            else:
                if after_word:
                    lines.place()
                lines.add(atom, piece)
            after_word = atom != " "
    lines.place()
    return lines.done


class _Lines:
    """Lines that are being filled; letters wait until they may be parted from what follows."""

    def __init__(self, width: float, advance: Callable[[str], float]) -> None:
        self.width, self.advance = width, advance
        self.done: list[list[Run]] = [[]]
        self.x = 0.0
        self.waiting: list[Run] = []
        self.long = 0.0

    def add(self, atom: str, piece: Piece) -> None:
        """Add letters that stay together with those before them."""
        width = self.advance(atom)
        self.waiting.append(Run(piece, atom, 0.0, width))
        self.long += width

    def space(self, piece: Piece) -> None:
        """Place what waits, and white space after it."""
        self.place()
        if self.done[-1]:  # a line never begins with it
            self._put(Run(piece, " ", 0.0, self.advance(" ")))

    def place(self) -> None:
        """Write what waits on this line, or else on the next."""
        if self.x + self.long > self.width and self.done[-1]:
            self._next()
        whole = self.long <= self.width
        for run in self.waiting:
            if whole:
                self._put(run)
            else:
                self._break(run)
        self.waiting, self.long = [], 0.0

    def _break(self, run: Run) -> None:
        while self.x + run.width > self.width:
            at = self._fitting(run.text)
            if at == 0 and self.done[-1]:
                self._next()
                continue
            at = max(at, 1)
            head, run.text = run.text[:at], run.text[at:]
            self._put(Run(run.piece, head, 0.0, self.advance(head)))
            self._next()
            run.width = self.advance(run.text)
        if run.text:
            self._put(run)

    def _fitting(self, text: str) -> int:
        """Return how many letters of a text fit what is left of the line."""
        low, high = 0, len(text) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.x + self.advance(text[:middle]) <= self.width:
                low = middle
            else:
                high = middle - 1
        return low

    def _put(self, run: Run) -> None:
        run.x = self.x
        self.x += run.width
        self.done[-1].append(run)

    def _next(self) -> None:
        self.done.append([])
        self.x = 0.0
