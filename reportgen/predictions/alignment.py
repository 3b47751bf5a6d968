"""Find where tokens stand in their text, and give each the form in which a reader sees it.

Tokenizers write tokens in forms of their own: in lower case, without accents, with a mark for the
space before a word ("Ġword", "▁word") or for a word that goes on ("##ing"), and in bytes. The text
is never changed to fit them: a token that is not found in it has no place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np

from reportgen.characters import visible
from reportgen.marks import BYTE, MARKED, as_bytes, decoded, unmarked
from reportgen.records import Prediction, Span

__all__ = ["located", "places", "regions", "share_places"]

BYTES_OF_ONE = 12  # tokens that may share one character
BLOCK, SETTLED = 32, 16  # tokens that are matched together, and those that are kept of them
REACH = 512  # characters beyond their own that are searched for them at first


def located(prediction: Prediction) -> Prediction:
    """Return the prediction with tokens as a reader sees them and a span or None for each.

    Spans of the table are kept; empty ones, as of special tokens, become None. Without spans each
    token is sought, in order, with case, accents and marks of spaces folded.
    """
    text, tokens = prediction.text, prediction.tokens
    if prediction.spans is None:
        spans = places(text, tokens)
    else:
        spans = [span if span and span[0] < span[1] else None for span in prediction.spans]
    if not _is_plain(tokens):
        lower = text.casefold()
        tokens = tuple(_shown(text, lower, *pair) for pair in zip(tokens, spans, strict=True))
    return replace(prediction, tokens=tokens, spans=tuple(spans))


def places(text: str, tokens: Sequence[str]) -> list[Span | None]:
    """Return the place in the text of each token, None where it is not found."""
    spans = _follow(text, tokens)
    return spans if len(spans) == len(tokens) else _find(text, tokens)


def share_places(spans: Sequence[Span | None]) -> bool:
    """Say whether two tokens share a part of the text."""
    return not _apart(spans) and any(len(tokens) > 1 for _, _, tokens in _merged(spans))


def regions(spans: Sequence[Span | None]) -> Iterable[tuple[int, int, list[int]]]:
    """Return start, end and tokens of each part of a text, in order; it has a part only once.

    Tokens whose spans overlap, such as the bytes of one emoji, are of one part.
    """
    if _apart(spans):
        return [(*span, [i]) for i, span in enumerate(spans) if span]
    return _merged(spans)


def _apart(spans: Sequence[Span | None]) -> bool:
    """Say at once that every token has a place after those before it."""
    return None not in spans and all(a[1] <= b[0] for a, b in pairwise(spans) if a and b)


def _merged(spans: Sequence[Span | None]) -> Iterator[tuple[int, int, list[int]]]:
    start, end, tokens = 0, 0, list[int]()
    for i, span in enumerate(spans):
        if span is None:
            continue
        if tokens and span[0] < end:
            end = max(end, span[1])
            tokens.append(i)
            continue
        if tokens:
            yield start, end, tokens
        start, end = span
        tokens = [i]
    if tokens:
        yield start, end, tokens


def _has_shifted(token: str) -> bool:
    """Say whether it has a letter that stands for an unprintable byte in byte-level BPE."""
    return any("Ā" <= c <= "ń" for c in token)


def _is_plain(tokens: Sequence[str]) -> bool:
    """Say at once that no token has a mark, white space or a character beyond ASCII."""
    joined = "".join(tokens)
    return (
        joined.isascii()
        and joined.isprintable()
        and " " not in joined
        and "" not in tokens
        and not MARKED.search(joined)
    )


def _shown(text: str, lower: str, token: str, span: Span | None) -> str:
    """Return a token without marks; one written in bytes is shown as what it is part of."""
    if token.casefold() in lower:
        return visible(token)
    data = as_bytes(token)
    if data is not None and decoded(data) is None:
        return text[slice(*span)].strip() if span else data.hex(" ").upper()
    return visible(unmarked(token))


def _follow(text: str, tokens: Sequence[str], at: int = 0) -> list[Span | None]:
    """Return the places of the first tokens, as long as they follow without a letter between."""
    spans: list[Span | None] = []
    for token in tokens:
        start = text.find(token, at)
        if start < 0 or not token or (start > at and any(map(str.isalnum, text[at:start]))):
            break
        at = start + len(token)
        spans.append((start, at))
    return spans


def _find(text: str, tokens: Sequence[str]) -> list[Span | None]:
    """Return the place of each token that is found, with case, accents and marks folded."""
    units = list(_units(text, tokens))
    foldings = [_fold(text, strip) for strip in (False, True)]
    forms = [[_folded(form, strip) for form, _ in units] for strip in (False, True)]
    found: list[Sequence[Span | None]] = []
    for folding, folded in zip(foldings, forms, strict=True):
        found.append([folding.place(span) for span in _chains(folding.text, folded)])
        if None not in found[-1]:
            break
    best = max(found, key=lambda spans: sum(span is not None for span in spans))
    places: list[Span | None] = [None] * len(tokens)
    for (_, members), span in zip(units, best, strict=True):
        for i in members:
            places[i] = span
    return places


def _units(text: str, tokens: Sequence[str]) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield what is sought in the text, each with its tokens: bytes are sought together."""
    lower = text.casefold()
    i = 0
    while i < len(tokens):
        token = tokens[i]
        literal = token.casefold() in lower
        form = token if literal else unmarked(token)
        members: Sequence[int] = (i,)
        if not literal and as_bytes(form) is not None:
            alone = "" if _has_shifted(form) or BYTE.fullmatch(form) else form
            form, members = _joined(tokens, i) or (alone, members)
        yield form.strip() or form, members
        i += len(members)


def _joined(tokens: Sequence[str], i: int) -> tuple[str, range] | None:
    """Return the text that tokens from ``i`` on write in bytes, and which they are."""
    data = b""
    for end in range(i, min(i + BYTES_OF_ONE, len(tokens))):
        token = tokens[end]
        part = token.encode() if token.isascii() and not BYTE.fullmatch(token) else as_bytes(token)
        if part is None:
            return None
        data += part
        if (text := decoded(data)) is not None:
            return text.strip() or text, range(i, end + 1)
    return None


@dataclass(frozen=True, slots=True)
class _Folding:
    """A folded text, and from where to where each of its characters stands in the text."""

    text: str
    starts: list[int]
    ends: list[int]

    def place(self, span: Span | None) -> Span | None:
        """Return where a span of the folded text stands in the text."""
        return span and (self.starts[span[0]], self.ends[span[1] - 1])


def _fold(text: str, strip: bool) -> _Folding:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for i, character in enumerate(text):
        part = _character(character, strip)
        if not part and ends:
            ends[-1] = i + 1  # an accent belongs to the letter before it
        parts.append(part)
        starts += [i] * len(part)
        ends += [i + 1] * len(part)
    return _Folding("".join(parts), starts, ends)


def _folded(text: str, strip: bool) -> str:
    return "".join(_character(character, strip) for character in text)


@lru_cache(maxsize=65_536)
def _character(character: str, strip: bool) -> str:
    """Fold case and compatibility forms (NFKD) and drop accents; ``strip`` drops vowel signs too.

    Signs of Indic scripts are letters to most tokenizers, and accents to BERT's uncased one.
    """
    if character.isspace():
        return character
    parts = unicodedata.normalize("NFKD", character.casefold())
    return "".join(
        c
        for c in parts
        if unicodedata.category(c) != "Mn" or not (strip or unicodedata.combining(c) not in (0, 9))
    )


def _chains(text: str, forms: Sequence[str]) -> list[Span | None]:
    """Return the places of the forms: each right after the one before it, else the best chain.

    A chain is sought block by block, so that the time grows with the length alone.
    """
    present = {form for form in set(forms) if form in text}
    forms = [form if form in present else "" for form in forms]
    spans: list[Span | None] = []
    at = 0
    while len(spans) < len(forms):
        first = len(spans)
        spans += _follow(text, forms[first:], at)
        at = max((span[1] for span in spans[first:] if span), default=at)
        block = forms[len(spans) : len(spans) + BLOCK]
        found = _chain(text[at : at + 4 * sum(map(len, block)) + REACH], block)
        if any(block) and not any(found):
            found = _chain(text[at:], block)
        if len(spans) + BLOCK < len(forms):
            found = found[:SETTLED]  # what follows decides better on the others
        spans += [span and (span[0] + at, span[1] + at) for span in found]
        at = max((span[1] for span in spans[first:] if span), default=at)
    return spans


def _chain(text: str, forms: Sequence[str]) -> list[Span | None]:
    """Place as many characters as possible of the forms in order: dynamic programming.

    ``best[p]`` is the score of what was placed before p, ``link[p]`` its last form and ``edge[p]``
    where that ends. A character counts 4; a form gets 1 more if no letter stands before it.
    """
    places = np.arange(len(text) + 1)
    best, link, edge = (np.zeros(len(places), dtype=np.int64) for _ in range(3))
    link -= 1
    letters = np.array([*accumulate(map(str.isalnum, text), initial=0)])
    links: list[tuple[int, int, int]] = []  # form, start, link before it
    for k, form in enumerate(forms):
        starts = np.array(list(_occurrences(text, form)), dtype=np.int64)
        ends = starts + len(form)
        near = letters[starts] == letters[edge[starts]]
        scores = best[starts] + 4 * len(form) + near
        starts, ends, scores = (a[scores > best[ends]] for a in (starts, ends, scores))
        if not len(starts):
            continue
        raised, links_at = best.copy(), link.copy()
        raised[ends] = scores
        links_at[ends] = len(links) + np.arange(len(ends))
        links += zip([k] * len(starts), starts.tolist(), link[starts].tolist(), strict=True)
        running = np.maximum.accumulate(raised)
        source = np.maximum.accumulate(np.where(raised == running, places, 0))
        changed = running > best
        link = np.where(changed, links_at[source], link)
        edge = np.where(changed, source, edge)
        best = running
    spans: list[Span | None] = [None] * len(forms)
    last = int(link[-1])
    while last >= 0:
        k, start, last = links[last]
        spans[k] = start, start + len(forms[k])
    return spans


def _occurrences(text: str, form: str) -> Iterator[int]:
    at = text.find(form) if form else -1
    while at >= 0:
        yield at
        at = text.find(form, at + 1)
