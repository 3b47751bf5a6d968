"""Merge word-pieces into words: tokens as tokenizers write them come in, words with weights go out.

Pieces of a word are recognised by the marks of their tokenizer (``marks``), by their places in the
text, or by the word ids that fast tokenizers give. Weights of pieces are summed; special tokens are
left out.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.marks import Piece, find_marks, pieces
from reportgen.records import Span, WeightKind

__all__ = ["Merged", "Words", "find_words", "merge_subwords", "steps"]

# Scripts without spaces between words: Thai and Lao, Myanmar, Khmer, kana, Han.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
JOINERS = "\u200c\u200d"  # which stand inside words


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a text, and which of its tokens they are made of.

    ``tokens`` and ``spans`` are of the W words; ``spans`` is None where the T tokens had none.
    ``index`` [T] is the word of each token, -1 for special tokens, which are left out.
    """

    tokens: tuple[str, ...]
    spans: tuple[Span | None, ...] | None
    index: NDArray[np.int64]

    @property
    def pieces(self) -> NDArray[np.int64]:
        """The number of tokens of each word [W]."""
        return np.bincount(self.index[self.index >= 0], minlength=len(self.tokens))

    @property
    def dropped(self) -> bool:
        """Whether special tokens were left out."""
        return bool((self.index < 0).any())

    @property
    def merged(self) -> bool:
        """Whether a word has several tokens."""
        return bool((self.pieces > 1).any())

    def sums(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Sum numbers of tokens [..., T] by word [..., W]; NaN where no token has a number."""
        rows = np.asarray(values, dtype=np.float64)
        lead = rows.shape[:-1]
        summed = [self._sum(row) for row in rows.reshape(math.prod(lead), len(self.index))]
        return np.array(summed, np.float32).reshape(*lead, len(self.tokens))

    def _sum(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        known = (self.index >= 0) & ~np.isnan(row)
        count = np.bincount(self.index[known], minlength=len(self.tokens))
        return np.where(count, np.bincount(self.index[known], row[known], len(self.tokens)), np.nan)

    def weights(self, values: NDArray[Any], kind: WeightKind) -> NDArray[np.float32]:
        """Sum weights of tokens [..., T] by word [..., W].

        Where special tokens were left out, attention is rescaled to a sum of 1; NaN if nothing
        is left to rescale. Attributions keep their unit.
        """
        summed = self.sums(values)
        if kind != "attention" or not self.dropped:
            return summed
        total = np.nansum(summed, axis=-1, keepdims=True, dtype=np.float64)
        return np.divide(summed, total, out=np.full_like(summed, np.nan), where=total > 0)

    def alone(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the numbers [W] of words that are one token, NaN for others."""
        return np.where(self.pieces == 1, self.sums(values), np.float32(np.nan))

    def any(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say of each word [W] whether one of its tokens has the flag."""
        return np.asarray(self.sums(flags) > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Words with their weights [W]; ``steps`` say what was done, as ``records.Weights`` does."""

    tokens: tuple[str, ...]
    weights: NDArray[np.float32]
    spans: tuple[Span | None, ...] | None
    words: Words
    steps: tuple[str, ...]


def merge_subwords(
    tokens: Sequence[str],
    weights: Sequence[float] | NDArray[Any],
    spans: Sequence[Span | None] | None = None,
    text: str | None = None,
    word_ids: Sequence[int | None] | None = None,
    kind: WeightKind = "attention",
) -> Merged:
    """Merge the word-pieces of one text: weights summed, special tokens left out.

    ``weights`` [T] are NaN where a token was not read. ``spans`` are each token's place in
    ``text`` (None or empty: it has none); with both, a word is written as in the text. ``word_ids``
    [T], as fast tokenizers give them, decide which tokens are one word (None: a special token);
    for texts in scripts without spaces, where they may cover a sentence, see ``find_words``.
    Attention is rescaled to a sum of 1 where special tokens were left out, attributions are not.

    Raises:
        ValueError: the lengths differ.

    Example:
        >>> merged = rg.merge_subwords(["[CLS]", "bor", "##ing"], [0.5, 0.125, 0.375])
        >>> merged.tokens, merged.weights.tolist()
        (('boring',), [1.0])
        >>> merged.steps
        ('word-pieces summed to words', 'special tokens left out and the rest rescaled')
    """
    words = find_words(tokens, spans, text, word_ids)
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (len(tokens),):
        raise ValueError(f"{len(tokens)} tokens, but weights of shape {values.shape}")
    done = steps(words.merged, words.dropped, kind)
    return Merged(words.tokens, words.weights(values, kind), words.spans, words, done)


def steps(merged: bool, dropped: bool, kind: WeightKind) -> tuple[str, ...]:
    """Say what was done to weights, in the words of ``records.Weights.steps``."""
    left_out = "special tokens left out"
    if kind == "attention":
        left_out += " and the rest rescaled"
    return ("word-pieces summed to words",) * merged + (left_out,) * dropped


def find_words(
    tokens: Sequence[str],
    spans: Sequence[Span | None] | None = None,
    text: str | None = None,
    word_ids: Sequence[int | None] | None = None,
    marks: frozenset[str] | None = None,
) -> Words:
    """Find the words that tokens are pieces of; where nothing is recognised, all stay as they are.

    ``marks`` are those of the whole table (``find_marks``); without them those of this text count.
    Tokens are one word if they share characters, if a mark says so, or, where marks stand for
    spaces, if letters meet without a space between. ``word_ids`` decide instead of marks, but in
    scripts without spaces tokens stay apart unless "##" joins them or they share a character.

    Raises:
        ValueError: the lengths differ.
    """
    for name, given in (("spans", spans), ("word_ids", word_ids)):
        if given is not None and len(given) != len(tokens):
            raise ValueError(f"{len(tokens)} tokens, but {len(given)} {name}")
    if marks is None:
        marks = find_marks([text or ""], [tokens], [spans])
    if not marks and word_ids is None:
        return Words(tuple(tokens), None if spans is None else tuple(spans), np.arange(len(tokens)))
    places = _places(spans, text, len(tokens))
    read = pieces(tokens, spans, text, marks)
    lost = frozenset(i for i, place in enumerate(places) if not place and not read[i].blank)
    line = _Line(read, places, text, marks, word_ids, lost)
    index = line.index()
    firsts = np.flatnonzero(np.diff(np.maximum.accumulate(index), prepend=-1)).tolist()
    counts = np.bincount(index[index >= 0]).tolist()  # the tokens of a word follow each other
    members = [range(i, i + count) for i, count in zip(firsts, counts, strict=True)]
    found = tuple(line.span(m) for m in members)
    names = tuple(line.name(m, span, tokens) for m, span in zip(members, found, strict=True))
    return Words(names, None if spans is None else found, index)


@dataclass(frozen=True, slots=True)
class _Line:
    """The tokens of a text with their marks and places, and which of them go on with a word."""

    pieces: Sequence[Piece]
    places: Sequence[Span | None]
    text: str | None
    marks: frozenset[str]
    word_ids: Sequence[int | None] | None
    lost: frozenset[int]  # tokens without a place

    def index(self) -> NDArray[np.int64]:
        """Return the word of each token, -1 of a special one."""
        index = np.full(len(self.pieces), -1, dtype=np.int64)
        word, begun, before = -1, b"", False  # bytes of a character that is not whole yet
        for i, piece in enumerate(self.pieces):
            if piece.special if self.word_ids is None else self.word_ids[i] is None:
                begun, before = b"", False
                continue
            joined = before and self._joins(i)
            if begun or not piece.last:
                rest = _rest(begun + piece.data)
                joined = before and (joined or (bool(begun) and rest is not None))
                begun = (_rest(piece.data) if rest is None else rest) or b""
            word += not joined
            index[i] = word
            before = True
        return index

    def _joins(self, i: int) -> bool:
        """Say whether a token goes on with the word of the one before it."""
        one, other = self.pieces[i - 1], self.pieces[i]
        left, right = self.places[i - 1], self.places[i]
        if other.opens and self.word_ids is None:
            return left is not None and right is not None and right[0] < left[1]
        last = self.text[left[1] - 1] if left and self.text else one.last or self._last(i - 1)
        first = self.text[right[0]] if right and self.text else other.first or self._first(i)
        shared = left is not None and right is not None and right[0] < left[1]
        if self.word_ids is not None:
            apart = UNSPACED.match(last) or UNSPACED.match(first)
            whole = shared or one.blank or other.goes_on or not apart
            return whole and self.word_ids[i - 1] == self.word_ids[i]
        gap = self._gap(left, right)
        if shared or any(map(str.isspace, gap)):
            return shared
        if other.goes_on or one.unfinished:
            return True
        if "</w>" in self.marks:
            return not one.closes
        if not self.marks & {"Ġ", "▁"}:
            return False
        return (one.blank and not first.isspace()) or (
            not gap and _in_word(last) and _in_word(first)
        )

    def _first(self, i: int) -> str:
        """Return the first character of a token that may need the bytes of the next ones."""
        data = b"".join(piece.data for piece in self.pieces[i : i + 4])
        return data.decode("utf-8", "ignore")[:1]

    def _last(self, i: int) -> str:
        data = b"".join(piece.data for piece in self.pieces[max(i - 3, 0) : i + 1])
        return data.decode("utf-8", "ignore")[-1:]

    def _gap(self, left: Span | None, right: Span | None) -> str:
        """Return what stands between two tokens, some mark where the text is not known."""
        if left is None or right is None or left[1] >= right[0]:
            return ""
        return "?" if self.text is None else self.text[left[1] : right[0]]

    def name(self, members: range, span: Span | None, tokens: Sequence[str]) -> str:
        """Return a word as the text writes it, else put together from its tokens without marks."""
        if len(members) == 1 and not self.pieces[members[0]].marked:
            return tokens[members[0]]
        if span and self.text and not (self.lost and self.lost.intersection(members)):
            return self.text[span[0] : span[1]]
        data = b"".join(self.pieces[i].data for i in members)
        name = data.decode("utf-8", "replace")
        return name.strip(" ") or name

    def span(self, members: range) -> Span | None:
        """Return the place of a word: from the first to the last of its tokens that have one."""
        found = self.places[members[0]]
        if len(members) == 1:
            return found
        if self.pieces[members[0]].blank:
            found = None
        for i in members[1:]:
            place = self.places[i]
            if place and found:
                found = found[0], max(found[1], place[1])
            found = found or place
        return found


def _rest(data: bytes) -> bytes | None:
    """Return the beginning of a character at the end of bytes; None if they are no UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return data[error.start :] if error.reason == "unexpected end of data" else None
    return b""


@lru_cache(maxsize=4096)
def _in_word(character: str) -> bool:
    """Say whether a character is of a word in a script that puts spaces between words."""
    if not character or UNSPACED.match(character):
        return False
    letter = character.isalnum() or character in JOINERS
    return letter or unicodedata.category(character)[0] == "M"


def _places(spans: Sequence[Span | None] | None, text: str | None, n: int) -> list[Span | None]:
    """Return spans without white space at their ends, unless they are all white space."""
    if spans is None:
        return [None] * n
    places: list[Span | None] = []
    for span in spans:
        if span is None or span[0] >= span[1]:
            places.append(None)
            continue
        start, end = span
        if text and (text[start : start + 1].isspace() or text[end - 1 : end].isspace()):
            part = text[start:end]
            end -= len(part) - len(part.rstrip())
            start += len(part) - len(part.lstrip())
        places.append((start, end) if start < end else (span[0], span[1]))
    return places
