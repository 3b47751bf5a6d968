"""Split a text into tokens, given as spans: spelling, case and position stay as they are.

A tokenizer is named by a string, so that a checkpoint can hold it:
``basic_english``, ``character``, ``spacy:MODEL`` or ``module:function``.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.errors import DependencyError, TokenizeError
from reportgen.records import Span

__all__ = ["Tokenizer", "get_tokenizer", "is_custom", "phrase_in"]

# The rules of torchtext's tokenizer of this name, with positions. (It deletes a double quote and
# so joins what stands on its two sides: here a double quote inside a word stays inside it.)
PIECES = re.compile(r"[.,()!?';:]|[^\s.,()!?';:]+")

# What belongs to the character before it but is no mark by its category: zero-width joiner and
# non-joiner, vowels and finals of decomposed Korean, halfwidth voicing, skin tones, tags of flags.
EXTENDING = re.compile(
    "[\u200c\u200d\u1160-\u11ff\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
# Runs too long for a word, of scripts that put no spaces between words: of Thai to Khmer, whose
# words have more letters, and of kana and Han.
PHRASE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{15,}|[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]{5,}"
)


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """``spans(text)`` gives the half-open character spans of the tokens, in reading order."""

    name: str
    spans: Callable[[str], list[Span]]


def get_tokenizer(name: str) -> Tokenizer:
    """Return the tokenizer of that name.

    Raises:
        TokenizeError: there is no such tokenizer, module, function or spaCy model.
        DependencyError: spaCy is not installed.
    """
    if name == "basic_english":
        return Tokenizer(name, basic_english)
    if name == "character":
        return Tokenizer(name, characters)
    kind, _, rest = name.partition(":")
    if kind == "spacy" and rest:
        return Tokenizer(name, _spacy(rest))
    if kind and rest:
        return Tokenizer(name, _imported(kind, rest))
    raise TokenizeError(
        f"unknown tokenizer {name!r};"
        " choose basic_english, character, spacy:MODEL or module:function"
    )


def is_custom(name: str) -> bool:
    """Return whether the tokenizer is a custom one: its use runs code from outside this package."""
    return ":" in name


def phrase_in(tokens: Iterable[str]) -> str | None:
    """Return the first token that is a phrase of a script without spaces, if most letters are so.

    None where less than half of the letters of the tokens stand in such phrases.
    """
    first, letters, inside = None, 0, 0
    for token in tokens:
        letters += sum(map(str.isalpha, token))
        for phrase in PHRASE.finditer(token):
            first = first or token
            inside += sum(map(str.isalpha, phrase[0]))
    return first if 2 * inside > letters else None


def basic_english(text: str) -> list[Span]:
    """Split on white space and around ``. , ( ) ! ? ' " ; :``, each of which is a token."""
    spans: list[Span] = []
    for match in PIECES.finditer(text):
        start, end = match.span()
        # Double quotes at either edge are tokens of their own; those inside a word stay.
        left = start
        while left < end and text[left] == '"':
            spans.append((left, left + 1))
            left += 1
        right = end
        while right > left and text[right - 1] == '"':
            right -= 1
        if left < right:
            spans.append((left, right))
        spans.extend((i, i + 1) for i in range(right, end))
    return spans


def characters(text: str) -> list[Span]:
    """Split into characters as a reader sees them; white space is left out.

    Combining marks, variation selectors, skin tones, tags, parts of a Korean syllable and what a
    zero-width joiner ties together stay with their base; two regional indicators make one flag.
    """
    spans: list[Span] = []
    for i, char in enumerate(text):
        if char.isspace():
            continue
        if spans and spans[-1][1] == i and _extends(text, spans[-1][0], i):
            spans[-1] = (spans[-1][0], i + 1)
        else:
            spans.append((i, i + 1))
    return spans


def _extends(text: str, start: int, i: int) -> bool:
    char, before = text[i], text[i - 1]
    if unicodedata.category(char) in ("Mn", "Mc", "Me") or before == "\u200d":
        return True
    if EXTENDING.match(char):
        return True
    flags = "\U0001f1e6", "\U0001f1ff"
    return i - start == 1 and flags[0] <= char <= flags[1] and flags[0] <= before <= flags[1]


def _spacy(model: str) -> Callable[[str], list[Span]]:
    try:
        import spacy
    except ImportError:
        raise DependencyError(
            f"tokenizer spacy:{model} needs spaCy: pip install 'reportgen[spacy]'"
        ) from None
    try:
        nlp = spacy.load(model)
    except (Exception, SystemExit) as error:  # a model may bring code that raises anything
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise TokenizeError(f"tokenizer spacy:{model}: {first}") from error

    def spans(text: str) -> list[Span]:
        doc = nlp.make_doc(text)
        return [(t.idx, t.idx + len(t)) for t in doc if not t.is_space]

    return spans


def _imported(module_name: str, function_name: str) -> Callable[[str], list[Span]]:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise TokenizeError(f"tokenizer {module_name}:{function_name}: {error}") from error
    except (Exception, SystemExit) as error:  # a module of the user's own may raise anything
        raise TokenizeError(
            f"tokenizer {module_name}:{function_name}: {type(error).__name__}: {error}"
        ) from error
    if not callable(function):
        raise TokenizeError(f"tokenizer {module_name}:{function_name} is not a function")

    def spans(text: str) -> list[Span]:
        return align(text, function(text))

    return spans


def align(text: str, tokens: Iterable[Any]) -> list[Span]:
    """Find the tokens in the text, in order; (start, end) pairs are taken as they are.

    Where the tokens as written do not all stand in the text, case is disregarded for all of them:
    a tokenizer that lower-cases must not have its first "the" found in the place of its second.

    Raises:
        TokenizeError: a token does not follow the one before it in the text.
    """
    tokens = list(tokens)
    try:
        return _aligned(text, tokens, str)
    except TokenizeError:
        return _aligned(_lower(text), tokens, str.lower)


def _lower(text: str) -> str:
    """Lower-case without a change of length (of all characters, only İ becomes two)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.replace("İ", "i").lower()


def _aligned(text: str, tokens: Sequence[Any], spell: Callable[[str], str]) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for token in tokens:
        if isinstance(token, str):
            word = spell(token)
            start = text.find(word, at)
            if start < 0 or not word:
                raise TokenizeError(f"token {token!r} is not in the text after character {at}")
            span = (start, start + len(word))
        else:
            start, end = token
            span = (int(start), int(end))
            if not at <= span[0] < span[1] <= len(text):
                raise TokenizeError(f"span {span} does not lie in the text after character {at}")
        spans.append(span)
        at = span[1]
    return spans
