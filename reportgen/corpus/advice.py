"""Say which ``--delimiter`` and ``--encoding`` a text file needs that cannot be read without."""

from __future__ import annotations

import codecs
import csv
import gzip
import shlex
from dataclasses import replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import IO, cast

from reportgen.corpus.reading import Reading
from reportgen.corpus.sources import kind_of
from reportgen.files import check_regular

__all__ = ["Advice", "bad_byte", "guess_encoding", "looks_utf16", "open_text"]

HEAD = 1 << 20  # bytes that are looked at
DELIMITERS = (";", "\t", ",", "|")
WORDS = {"\t": "tab"}
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # begins like UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ERRORS = "reportgen.surrogate"


def _surrogate(error: UnicodeError) -> tuple[str | bytes, int]:
    """Put a lone surrogate, which no encoding gives, where bytes do not fit, and the byte back."""
    if isinstance(error, UnicodeDecodeError):
        return chr(0xDC00 + error.object[error.start]), error.end
    if isinstance(error, UnicodeEncodeError):
        marks = error.object[error.start : error.end]
        return bytes((ord(mark) - 0xDC00) & 0xFF for mark in marks), error.end
    raise error


codecs.register_error(ERRORS, _surrogate)


def open_text(path: Path) -> IO[bytes]:
    """Open a file for reading, also a gzipped one.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    check_regular(path)
    return cast(IO[bytes], gzip.open(path, "rb")) if path.name.endswith(".gz") else path.open("rb")


def bad_byte(text: str) -> int | None:
    """Return the first byte that did not fit the encoding, from the mark that stands for it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return (ord(text[error.start]) - 0xDC00) & 0xFF
    return None


def looks_utf16(content: str | bytes) -> bool:
    """Say whether it is UTF-16 read as UTF-8, in which a few characters at most are NUL."""
    nul = content.count("\0") if isinstance(content, str) else content.count(0)
    return 4 * nul > len(content)


def guess_encoding(sample: bytes) -> str | None:
    """Return a name for ``--encoding``, or None where none can be told."""
    for mark, name in MARKS.items():
        if sample.startswith(mark):
            return name
    if looks_utf16(sample):
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    text = sample.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= c <= "\udcff" for c in text)
    if bad <= sum(c > "\x7f" for c in text) - bad:
        return "utf-8"  # damaged, or cut off at the end
    accented = sum("\udcc0" <= c <= "\udcff" for c in text)  # or of another alphabet
    plain = sum(c.isascii() and c.isalpha() for c in text)
    if accented > plain:
        return None  # not a Latin alphabet
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return "cp1252"


class Advice:
    """What would read a file that cannot be read as asked; looked for when first needed."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading
        self.delimiter = reading.delimiter or ("\t" if kind_of(path) == "tsv" else ",")
        self._row = b""  # the first with bytes that do not fit

    @cached_property
    def _head(self) -> bytes:
        with open_text(self.path) as file:
            return file.read(HEAD)

    @cached_property
    def _guess(self) -> str | None:
        return guess_encoding(self._head + self._row)

    def bad_bytes(self, text: str) -> tuple[str, str]:
        """Return the problem of a row with bytes that do not fit, as it was decoded; a remedy."""
        byte = f"byte 0x{bad_byte(text) or 0:02x}"
        utf8 = _same(self.reading.encoding, "utf-8")
        if utf8 and not self._row:
            self._row = text.encode("utf-8", ERRORS)
        guess = self._guess
        if utf8 and guess == "utf-8":
            return f"broken UTF-8 ({byte})", "save the file as UTF-8 or use --on-bad-row skip"
        what = f"not UTF-8 ({byte})"
        if not utf8:
            what = f"{byte} does not fit --encoding {self.reading.encoding}"
        if guess is None or _same(guess, self.reading.encoding):
            return what, "name the encoding of the file, as in --encoding cp1251"
        return what, f"try --encoding {guess} or use --on-bad-row skip"

    def failed(self, error: UnicodeError) -> str:
        """Return the problem of a file in which an encoding cannot go on after an error."""
        remedy = "" if self._guess is None else f"; try --encoding {self._guess}"
        return f"cannot be read with --encoding {self.reading.encoding} ({error}){remedy}"

    def utf16(self) -> tuple[str, str]:
        """Return the problem of a file with a NUL for every character of plain text; a remedy."""
        whole = self._guess is not None and self._guess.startswith("utf-16")
        remedy = f"use --encoding {self._guess}" if whole else "save the file as UTF-8"
        return "NUL characters, as in UTF-16", remedy

    def options(self) -> str:
        """Return the options under which the file has all its columns; empty where none help."""
        now = self.reading.encoding
        guess = self._guess or now
        for encoding, delimiter in product((now, guess), (self.delimiter, *DELIMITERS)):
            if self._has_columns(replace(self.reading, encoding=encoding, delimiter=delimiter)):
                found = []
                if delimiter != self.delimiter:
                    found.append(f"--delimiter {WORDS.get(delimiter) or shlex.quote(delimiter)}")
                later = guess if _same(now, "utf-8") else encoding  # what rows below will need
                if not _same(later, now):
                    found.append(f"--encoding {later}")
                return " ".join(found)
        return ""

    def _has_columns(self, reading: Reading) -> bool:
        try:
            text = self._head.decode(reading.codec, ERRORS)
            line = next(filter(str.strip, text.splitlines()), "")
            header = next(csv.reader([line], delimiter=reading.delimiter or ","), [])
        except (csv.Error, UnicodeError):
            return False
        return bad_byte(line) is None and reading.missing(header) is None


def _same(encoding: str, other: str) -> bool:
    return codecs.lookup(encoding).name == codecs.lookup(other).name
