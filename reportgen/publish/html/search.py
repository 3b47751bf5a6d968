"""Write the texts as the gallery's script searches them, in a fraction of their bytes.

A text is folded and split into runs: a word, what stands between two words, or a character of a
script that is written without spaces, so that any part of a sentence is found there. A single space
between words goes without saying. Each run is a number, small for a frequent one, written in as few
characters as it needs. All is ASCII, since a browser reads a script of other characters more
slowly, although it may be shorter.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportgen.executors import Executor, without_collection
from reportgen.predictions import Rows, RowSlice
from reportgen.progress import Progress
from reportgen.publish.html.data import TEXTS, script

__all__ = ["Part", "fold", "runs_of", "scripts", "search_scripts", "split", "write_texts"]

# Thai to Khmer, Tai scripts, kana, Han, Yi …: the scripts whose words no spaces part.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1b7f\u3005-\u312f\u31a0-\u4dbf"
    "\u4e00-\ua4cf\ua980-\ua9ff\uaa60-\uaadf\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Blocks of marks that change no word where they are left out: accents, Hebrew and Arabic points.
ACCENTS = (
    (0x300, 0x77F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE2F),
    (0xE0100, 0xE01EF),
)  # fmt: skip
LETTER = rf"[^\W_{UNSPACED}]"
# The same as ``_run`` matches, in a fraction of its time, where no script is unspaced.
ASCII_RUN = re.compile(r"[^\W_]+|(?!(?<=[^\W_]) [^\W_])[\W_]+", re.ASCII)
CAPITAL = "A"  # stands between runs, of which none has a capital letter
# Of the characters that need no escape in a script, 64 begin a number and 28 continue it.
DIGITS = "".join(c for c in map(chr, range(0x20, 0x7F)) if c not in '"<\\')
FIRST = 64
MORE = len(DIGITS) - FIRST


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Texts as numbers of runs: ``runs[k]`` occurs ``counts[k]`` times, and is k in ``numbers``.

    ``numbers`` has those of all texts, one after the other; ``lengths`` says how many each has.
    """

    runs: list[str]
    counts: list[int]
    numbers: NDArray[np.uint32]
    lengths: list[int]


def write_texts(
    folder: Path, rows: Rows, indices: Sequence[int], executor: Executor, progress: Progress
) -> None:
    """Write the runs, and the texts of these rows, which are in the order of the gallery."""
    done = executor.map(_split, _tasks(rows, indices))
    total = len(indices)
    tracked = progress.track(done, "search", total, size=lambda part: len(part.lengths))
    for name, text in scripts(list(tracked)):
        (folder / "data" / f"{name}.js").write_text(text, encoding="ascii")


def search_scripts(rows: Rows, indices: Sequence[int]) -> list[str]:
    """Return the same as the scripts of a single page."""
    return [text for _, text in scripts(list(map(_split, _tasks(rows, indices))))]


def _tasks(rows: Rows, indices: Sequence[int]) -> Iterator[RowSlice]:
    for at in range(0, len(indices), TEXTS):
        yield rows.slice(indices[at : at + TEXTS], ["text"])


@without_collection()
def _split(rows: RowSlice) -> Part:
    return split(rows.texts())


def split(texts: Iterable[str]) -> Part:
    """Number the runs of texts as they come."""
    places: dict[str, int] = {}
    numbers, lengths = array("I"), []
    for text in texts:
        runs = runs_of(text)
        numbers.extend([places.setdefault(run, len(places)) for run in runs])
        lengths.append(len(runs))
    flat = np.array(numbers, dtype=np.uint32)
    counts = np.bincount(flat, minlength=len(places)).tolist()
    return Part(list(places), counts, flat, lengths)


def scripts(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Yield the scripts with their names: all runs, the most frequent first; texts of each part."""
    counts = Counter[str]()
    for part in parts:
        counts.update(dict(zip(part.runs, part.counts, strict=True)))
    runs = sorted(counts, key=lambda run: (-counts[run], run))
    codes = dict(zip(runs, _codes(len(runs)), strict=True))
    yield "runs", script("runs", CAPITAL.join(runs), ascii_only=True)
    for number, part in enumerate(parts, 1):
        own = [codes[run] for run in part.runs]
        ends = np.cumsum([0, *part.lengths]).tolist()
        texts = [
            "".join([own[place] for place in part.numbers[start:end].tolist()])
            for start, end in pairwise(ends)
        ]
        name = f"texts-{number:04}"
        yield name, script(name, texts, ascii_only=True)


def runs_of(text: str) -> list[str]:
    """Return the runs of a text but for single spaces between words."""
    folded = fold(text)
    return (ASCII_RUN if folded.isascii() else _run()).findall(folded)


@cache
def _run() -> re.Pattern[str]:
    """Match a run. Marks that are no accents, such as vowel signs, belong to their word."""
    outside = re.compile(f"[^{UNSPACED}]")
    marks = "".join(mark for mark in map(chr, _marks(range(0x300, 0x1F000))) if outside.match(mark))
    word = rf"{LETTER}+(?:[{marks}]+{LETTER}*)*"
    space = rf"(?<=[^\W_{UNSPACED}]|[{marks}]) {LETTER}"
    return re.compile(rf"{word}|(?![\W_])[{UNSPACED}]|(?!{space})[\W_]+")


def fold(text: str) -> str:
    """Return a text as it is compared, as ``fold`` of the gallery's script does.

    Case, accents, and full or half width do not count.
    """
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text).translate(_accents())
    return unicodedata.normalize("NFC", bare).lower()


@cache
def _accents() -> dict[int, None]:
    return dict.fromkeys(code for start, end in ACCENTS for code in _marks(range(start, end + 1)))


def _marks(codes: Iterable[int]) -> Iterator[int]:
    return (code for code in codes if unicodedata.category(chr(code))[0] == "M")


def _codes(number: int) -> list[str]:
    """Write the numbers from 0 on: of n >= 64 all but the last character are those of a smaller."""
    codes = list(DIGITS[: min(number, FIRST)])
    for n in range(number - FIRST):
        codes.append(codes[n // MORE] + DIGITS[FIRST + n % MORE])
    return codes
