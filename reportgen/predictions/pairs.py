"""Join texts of two parts, such as premise and hypothesis, into one text with one row of spans.

Tokenizers count characters anew in the second part. Its spans are moved to where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportgen.marks import unmarked
from reportgen.records import Span

__all__ = ["BETWEEN", "joined", "restart", "shifted"]

BETWEEN = "\n"  # the parts of a text that was given as two
COMPARED = 16  # tokens of the second part that are looked for

Spans = Sequence[Sequence[int] | None]


def joined(parts: Sequence[str], spans: Spans | None) -> tuple[str, Spans | None]:
    """Return a text of two parts as one, with the spans of the second part moved there.

    Spans that go on beyond the first part are of the whole text already and stay.
    """
    first, second = parts
    text = f"{first}{BETWEEN}{second}"
    if spans is None:
        return text, None
    at = 0 if not first else restart(spans)
    if at is None or not _within(spans[:at], len(first)) or not _within(spans[at:], len(second)):
        return text, spans
    return text, _moved(spans, at, len(first) + len(BETWEEN))


def restart(spans: Spans) -> int | None:
    """Return the first token of a second part, whose span begins before the one before it.

    A token without a place, as "[SEP]", between two that begin alike parts them too.
    """
    before, parted = -1, False
    for i, span in enumerate(spans):
        if span is None or len(span) != 2 or span[0] >= span[1]:
            parted = True
            continue
        if span[0] < before or (parted and span[0] == before):
            return i
        before, parted = span[0], False
    return None


def shifted(text: str, tokens: Sequence[str], spans: Spans) -> Spans | None:
    """Return the spans of a text that holds two parts, those of the second part moved to it.

    Where the second part begins is found by its tokens: at least half of the first ones have to
    stand there. None where they do not, or the spans do not start again.
    """
    at = restart(spans)
    if at is None:
        return None
    end = max((span[1] for span in spans[:at] if span and len(span) == 2), default=0)
    rest = [(t, s) for t, s in zip(tokens[at:], spans[at:], strict=True) if s and s[0] < s[1]]
    last = max(span[1] for _, span in rest)
    tried = [(unmarked(t).casefold(), s) for t, s in rest[:COMPARED]]
    best, move = 0, 0
    for by in range(end, len(text) - last + 1):
        found = sum(text[s[0] + by : s[1] + by].casefold() == form for form, s in tried)
        if found > best:
            best, move = found, by
    return _moved(spans, at, move) if 2 * best >= len(tried) else None


def _within(spans: Spans, length: int) -> bool:
    return all(span is None or len(span) != 2 or span[1] <= length for span in spans)


def _moved(spans: Spans, at: int, by: int) -> list[Span | Sequence[int] | None]:
    return [
        span if i < at or span is None or len(span) != 2 or span[0] >= span[1]
        else (span[0] + by, span[1] + by)
        for i, span in enumerate(spans)
    ]  # fmt: skip
