"""Write the texts as the gallery's script searches them, in a fraction of their bytes.

A text is folded and split into runs: a word, what stands between two words, or a character of a
script that is written without spaces. A single space between words goes without saying. Each run
is a number, small for a frequent one, written in as few characters as it needs. All is ASCII, since
a browser reads a script of other characters more slowly, although it may be shorter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reportgen.predictions import Rows
from reportgen.publish.html.data import BETWEEN, TEXTS, script
from reportgen.publish.report import Report

__all__ = ["fold", "parts", "runs_of", "texts_data", "texts_script", "write_texts"]

# Thai to Khmer, kana, Han: every letter is a run, so that the search finds words inside a sentence.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
LETTER = rf"[^\W_{UNSPACED}]"
RUN = re.compile(rf"{LETTER}+|(?![\W_])[{UNSPACED}]|(?!(?<={LETTER}) {LETTER})[\W_]+")
# Of the characters that need no escape in a script, 64 begin a number and 28 continue it.
DIGITS = "".join(c for c in map(chr, range(0x20, 0x7F)) if c not in '"<\\')
FIRST = 64
MORE = len(DIGITS) - FIRST


@dataclass(frozen=True, slots=True)
class _Task:
    target: Path
    indices: Sequence[int]
    rows: Rows


def write_texts(report: Report) -> None:
    """Write the texts, ``TEXTS`` examples a file, in the order of the gallery."""
    tasks = (
        _Task(report.folder / "data" / f"{name}.js", indices, report.rows)
        for name, indices in parts(report)
    )
    written = report.executor.map(_write, tasks)
    for _ in report.progress.track(written, "search", len(report.indices), size=int):
        pass


def parts(report: Report) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the name of each data file and the rows of the table whose texts it has."""
    for number, at in enumerate(range(0, len(report.indices), TEXTS), 1):
        yield f"texts-{number:04}", report.indices[at : at + TEXTS]


def _write(task: _Task) -> int:
    task.target.write_text(texts_script(task.target.stem, task.rows.texts(task.indices)), "ascii")
    return len(task.indices)


def texts_script(name: str, texts: Iterable[str]) -> str:
    """Write texts as a script that hands them over under a name."""
    return script(name, texts_data(texts), ascii_only=True)


def texts_data(texts: Iterable[str]) -> dict[str, Any]:
    """Return ``runs``, the most frequent first, and for each text the numbers of its runs."""
    places: dict[str, int] = {}
    numbers = [[places.setdefault(run, len(places)) for run in runs_of(text)] for text in texts]
    counts = Counter(number for text in numbers for number in text)
    runs = sorted(places, key=lambda run: (-counts[places[run]], run))
    codes = dict(zip((places[run] for run in runs), _codes(len(runs)), strict=True))
    return {
        "runs": BETWEEN.join(runs),
        "texts": ["".join(map(codes.__getitem__, text)) for text in numbers],
    }


def runs_of(text: str) -> list[str]:
    """Return the runs of a text but for single spaces between words."""
    return RUN.findall(fold(text))


def fold(text: str) -> str:
    """Return a text without case and accents, as ``fold`` of the gallery's script does."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFD", text).translate(_marks()).lower()


@cache
def _marks() -> dict[int, None]:
    return dict.fromkeys(
        code for code in range(0x300, 0xE01F0) if unicodedata.category(chr(code))[0] == "M"
    )


def _codes(number: int) -> list[str]:
    """Write the numbers from 0 on: of n >= 64 all but the last character are those of a smaller."""
    codes = list(DIGITS[: min(number, FIRST)])
    for n in range(number - FIRST):
        codes.append(codes[n // MORE] + DIGITS[FIRST + n % MORE])
    return codes
