"""Know the marks of tokenizers: what each says of its token, and what a token is without them.

Tokenizers mark a space before a word ("Ġword", "▁word"), a word that goes on ("##ing", "lo@@") or
ends ("wer</w>"), write characters in bytes, and put tokens around a text that are no part of it
("[CLS]", "</s>"). Only a text tells whether a token has a mark: it may itself hold "##" or "ł".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from reportgen.records import Span

__all__ = [
    "BYTE",
    "MARKED",
    "Piece",
    "as_bytes",
    "decoded",
    "find_marks",
    "is_special",
    "mark",
    "pieces",
    "unmarked",
]

SPACES = ("Ġ", "▁")  # before a word: byte-level BPE (GPT-2), SentencePiece
STARTS, ENDS = (*SPACES, "##"), ("</w>", "@@")
BREAKS = {"Ċ": "\n", "ĉ": "\t"}  # as byte-level BPE writes them
MARKED = re.compile("[Ā-ń▁]|##|@@|</w>|<0x")  # what only some tokenizers write
BYTE = re.compile("<0x([0-9A-F]{2})>")  # a byte that SentencePiece has no piece for
SPECIAL = re.compile(  # tokens of a model that are no part of a text; unknown words are
    r"\[(cls|sep|pad|bos|eos)\]|</?s>|<(cls|sep|pad|bos|eos|eod)>|<[|｜][^<>|｜]+[|｜]>", re.I
)
ODD = re.compile("##|@@|[<[]")  # one of which every mark in ASCII has


def _byte_letters() -> dict[str, int]:
    """Return the byte of each letter of byte-level BPE (Radford et al. 2019, ``encoder.py``)."""
    printed = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(b): b for b in printed} | {chr(256 + n): b for n, b in enumerate(others)}


BYTES = _byte_letters()


def is_special(token: str) -> bool:
    """Say whether a token has the name of one that a model puts around texts: "[CLS]", "</s>"."""
    return token[:1] in ("[", "<") and SPECIAL.fullmatch(token) is not None


def unmarked(token: str) -> str:
    """Return a token without the marks of its tokenizer; one that is only a mark is a space."""
    if token.isascii() and not MARKED.search(token):
        return token
    if token in STARTS or token in ENDS:
        return " " if token in SPACES else token
    token = _bare(token)
    if token and all(c in BREAKS for c in token):
        return "".join(map(BREAKS.__getitem__, token))
    token = token.replace("▁", " ")
    text = decoded(as_bytes(token))
    return text.strip(" ") or " " if text else token


def _bare(token: str) -> str:
    """Return a token without marks at its ends."""
    for mark in STARTS:
        token = token.removeprefix(mark)
    for mark in ENDS:
        token = token.removesuffix(mark)
    return token


def as_bytes(token: str) -> bytes | None:
    """Return the bytes that a token stands for, if it is written in them."""
    if BYTE.fullmatch(token):
        return bytes([int(token[3:5], 16)])
    if token.isascii() or not all(c in BYTES for c in token):
        return None
    return bytes(BYTES[c] for c in token)


def decoded(data: bytes | None) -> str | None:
    """Return the text of whole characters in UTF-8, else None."""
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


def find_marks(
    texts: Sequence[str], rows: Sequence[Sequence[str]], spans: Sequence[Any] | None = None
) -> frozenset[str]:
    """Return the kinds of marks that the tokens of these texts have and the texts themselves lack.

    These are "##", "@@", "</w>", "Ġ" (byte-level BPE), "▁", "<0x" (bytes) and "special".
    ``spans`` are those of each row's tokens, or None for a row without.
    """
    kinds = {token: mark(token) for token in {token for row in rows for token in row}}
    wanted = {token: kind for token, kind in kinds.items() if kind}
    found: set[str] = set()
    for n, row in enumerate(rows) if wanted else ():
        if len(found) == len(set(wanted.values())):
            break
        known = _Text(texts[n])
        for i, token in enumerate(row):
            kind = wanted.get(token)
            if kind is None or kind in found:
                continue
            place = spans[n][i] if spans is not None and spans[n] is not None else _UNKNOWN
            text = decoded(as_bytes(token)) if kind == "Ġ" and token[0] != "Ġ" else ""
            if not _stands(token, place, known) and (text or "") in texts[n]:
                found.add(kind)
    return frozenset(found)


_UNKNOWN: Any = object()  # the place of a token in a table without spans


def mark(token: str) -> str | None:
    """Return the kind of mark that a token may have; only a text can tell that it has it."""
    if token.isascii() and not ODD.search(token):
        return None
    if is_special(token):
        return "special"
    if BYTE.fullmatch(token):
        return "<0x"
    starts = next((m for m in STARTS if token.startswith(m) and token != "##"), None)
    ends = next((mark for mark in ENDS if token.endswith(mark) and token != mark), None)
    if starts or ends:
        return starts or ends
    text = decoded(as_bytes(token))  # letters in bytes: "æĹ¥"
    return "Ġ" if text and text != token else None


class _Text:
    """A text, and its form without case, made when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lower(self) -> str:
        return self.text.casefold()


def _stands(token: str, place: Any, text: _Text) -> bool:
    """Say whether a token stands in the text as it is; without a place, anywhere in it."""
    if place is _UNKNOWN:
        return token.casefold() in text.lower
    if not place or place[0] >= place[1]:
        return False
    part = text.text[slice(*place)]
    return part == token or part.casefold() == token.casefold()


@dataclass(frozen=True, slots=True)
class Piece:
    """A token without its marks, and what they say.

    ``data`` are the bytes of its text; ``first`` and ``last`` are characters, empty where its text
    does not begin or end with a whole one.
    """

    data: bytes
    first: str
    last: str
    marked: bool = False
    special: bool = False
    opens: bool = False  # a space is before it
    blank: bool = False  # it is only that space
    goes_on: bool = False  # ##
    unfinished: bool = False  # @@
    closes: bool = False  # </w>


def pieces(
    tokens: Sequence[str],
    spans: Sequence[Span | None] | None,
    text: str | None,
    marks: frozenset[str],
) -> list[Piece]:
    """Read the marks of a text's tokens; one that stands in the text as it is has none.

    ``marks`` are the kinds that ``find_marks`` found.
    """
    read = [_piece(token, marks) for token in tokens]
    if text is None or (text.isascii() and not ODD.search(text)):
        return read
    known = _Text(text)
    for i, piece in enumerate(read):
        if piece.marked or piece.special:
            place = _UNKNOWN if spans is None else spans[i]
            if _stands(tokens[i], place, known):
                read[i] = _plain(tokens[i])
    return read


@lru_cache(maxsize=1 << 17)
def _piece(token: str, marks: frozenset[str]) -> Piece:
    kind = mark(token)
    if kind == "special" and kind in marks:
        return Piece(b"", "", "", special=True)
    data = as_bytes(_bare(token)) if kind == "<0x" or "Ġ" in marks else None
    if kind not in marks and data is None:
        return _plain(token)
    if data is not None and decoded(data) is None:
        first = last = ""
    else:
        form = unmarked(token)
        first, last, data = form[:1], form[-1:], form.encode("utf-8", "replace")
    return Piece(
        data,
        first,
        last,
        marked=True,
        opens=token.startswith(SPACES),
        blank=token in SPACES,
        goes_on=kind == "##",
        unfinished=kind == "@@",
        closes=kind == "</w>",
    )


@lru_cache(maxsize=1 << 17)
def _plain(token: str) -> Piece:
    return Piece(token.encode("utf-8", "replace"), token[:1], token[-1:])
