"""Tokens find their place in the text as it was written, or are said to have none."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.marks import unmarked
from reportgen.predictions import open_predictions
from reportgen.predictions.alignment import located, regions, share_places
from reportgen.records import Prediction, Span
from tests.predictions.conftest import jsonl, row

REFUND = "The refund never showed up, broken checkout!"


def place(
    text: str, tokens: Sequence[str], spans: Sequence[Span | None] | None = None
) -> Prediction:
    weights = np.full(len(tokens), 1 / max(len(tokens), 1), dtype=np.float32)
    given_spans = None if spans is None else tuple(spans)
    one = np.ones(1, dtype=np.float32)
    return located(Prediction("a", text, "x", one, tuple(tokens), weights, given_spans))


def slices(prediction: Prediction) -> list[str | None]:
    assert prediction.spans is not None
    return [span and prediction.text[slice(*span)] for span in prediction.spans]


# text, tokens, what they stand for in the text, how they are shown where that differs from it
FOUND: dict[str, tuple[str, str, str, str]] = {
    "as written": ("so be it", "so be it", "so be it", ""),
    "byte-level": (
        REFUND,
        "The Ġrefund Ġnever Ġshowed Ġup , Ġbroken Ġcheck out !",
        "The refund never showed up , broken check out !",
        "",
    ),
    "sentencepiece": (
        REFUND,
        "▁The ▁refund ▁never ▁showed ▁up , ▁broken ▁check out !",
        "The refund never showed up , broken check out !",
        "",
    ),
    "wordpiece": (
        REFUND,
        "[CLS] the ref ##und [UNK] showed up , broken check ##out ! [SEP]",
        "- The ref und - showed up , broken check out ! -",
        "[CLS] the ref und [UNK] showed up , broken check out ! [SEP]",
    ),
    "lower case, no accents": (
        "The Plot is THIN, İstanbul café",
        "the plot is thin , istanbul cafe",
        "The Plot is THIN , İstanbul café",
        "the plot is thin , istanbul cafe",
    ),
    "an accent of its own": ("Die cafe\u0301 x", "die cafe x", "Die cafe\u0301 x", "die cafe x"),
    "an old mark at the end": ("low lower", "low</w> lo@@ wer</w>", "low lo wer", ""),
    "bytes of one emoji": ("I 😀!", "I ĠðŁĺ Ģ !", "I 😀 😀 !", ""),
    "bytes that are letters too": ("a 🦩", "a ĠðŁ ¦ ©", "a 🦩 🦩 🦩", ""),
    "byte fallback": ("hi 🦩", "▁hi <0xF0> <0x9F> <0xA6> <0xA9>", "hi 🦩 🦩 🦩 🦩", ""),
    "letters in bytes": ("été “x”", "Ã©tÃ© ĠâĢľ x âĢĿ", "été “ x ”", ""),
    "a letter that is a mark elsewhere": ("Ġanni go", "Ġanni go", "Ġanni go", ""),
    "a mark is no accent": ("I go", "I Ġo", "I o", ""),
    "ligature and fraction": ("ﬁne ½", "fine 1⁄2", "ﬁne ½", "fine 1⁄2"),
    "one letter, two tokens": ("Straße", "stras se", "Straß ße", "stras se"),
    "a space of its own": ("a b", "▁a ▁ b", "a \u2420 b", "a ␣ b"),
    "vowel signs": ("नमस्ते दुनिया", "न मस ् त े [X] दुनिया", "न मस ् त े - दुनिया", "न मस ् त े [X] दुनिया"),
    "vowel signs dropped": ("नमस्ते दुनिया", "नमसत [X] दनिया", "नमस्ते - दुनिया", "नमसत [X] दनिया"),
    "right to left": ("שלום עולם טוב", "שלום [UNK] טוב", "שלום - טוב", "שלום [UNK] טוב"),
    "a word is no part of another": ("Banana A new", "[UNK] a new", "- A new", "[UNK] a new"),
    "in another order": ("A B C", "c b a", "- - A", "c b a"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_tokens_are_found_in_the_text_as_it_is_written(case: str) -> None:
    text, tokens, found, shown = FOUND[case]
    wanted = [None if word == "-" else word.replace("\u2420", " ") for word in found.split()]
    prediction = place(text, tokens.split())
    assert prediction.text == text
    assert slices(prediction) == wanted
    assert list(prediction.tokens) == (shown or found).split()


def test_tokens_of_white_space_are_named_by_marks() -> None:
    prediction = place("a\n\n\tb  c", ["a", "Ċ", "\n", "ĉ", "b", "  ", " c", ""])
    assert slices(prediction)[:7] == ["a", "\n", "\n", "\t", "b", "  ", "c"]
    assert list(prediction.tokens) == ["a", "↵", "↵", "⇥", "b", "␣␣", "c", "◌"]
    assert prediction.spans is not None
    assert prediction.spans[7] is None


def test_spans_of_the_table_are_kept_but_empty_ones_are_no_place() -> None:
    spans = [(0, 0), (0, 1), None, (2, 6), (6, 6)]
    prediction = place("A fine", ["<s>", "A", "x", "Ġfine", "</s>"], spans)
    assert prediction.spans == (None, (0, 1), None, (2, 6), None)
    assert prediction.tokens == ("<s>", "A", "x", "fine", "</s>")


def test_bytes_are_shown_as_what_they_are_part_of_or_as_bytes() -> None:
    shared = place("a 😀", ["a", "ĠðŁĺ", "Ģ"], [(0, 1), (2, 3), (2, 3)])
    assert shared.tokens == ("a", "😀", "😀")
    assert place("a b", ["a", "ðŁĺ", "b"]).tokens == ("a", "F0 9F 98", "b")
    assert place("ga go", ["Ģ", "go"]).spans == (None, (3, 5))  # and not the g of ga


def test_overlapping_spans_are_one_region() -> None:
    spans = [None, (0, 2), (2, 3), (2, 3), (5, 8), (6, 9), (8, 10), (10, 11)]
    assert list(regions(spans)) == [
        (0, 2, [1]), (2, 3, [2, 3]), (5, 10, [4, 5, 6]), (10, 11, [7]),
    ]  # fmt: skip
    assert list(regions([None])) == list(regions([])) == []


@pytest.mark.parametrize(
    ("token", "shown"),
    [("Ġword", "word"), ("##ing", "ing"), ("▁", " "), ("##", "##"), ("word</w>", "word"),
     ("wo@@", "wo"), ("Ã©tÃ©", "été"), ("▁a▁b", "a b"), ("Ċ", "\n"), ("été", "été")],
)  # fmt: skip
def test_marks_are_taken_off(token: str, shown: str) -> None:
    assert unmarked(token) == shown


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=4), max_size=12))
def test_any_tokens_leave_the_text_whole_and_in_order(text: str, tokens: list[str]) -> None:
    prediction = place(text, tokens)
    assert prediction.text == text
    assert prediction.spans is not None
    assert len(prediction.spans) == len(prediction.tokens) == len(tokens)
    assert all(prediction.tokens)
    begins = [span[0] for span in prediction.spans if span]
    assert begins == sorted(begins)
    assert all(0 <= s[0] < s[1] <= len(text) for s in prediction.spans if s)


def test_a_long_text_with_unknown_words_is_found_in_linear_time() -> None:
    rng = random.Random(1)
    words = [rng.choice(["the", "A", "movie", "I", "o", "good", "Really"]) for _ in range(8000)]
    tokens = [word.lower() if rng.random() < 0.97 else "[UNK]" for word in words]
    start = time.perf_counter()
    prediction = place(" ".join(words), tokens)
    assert time.perf_counter() - start < 8  # 0.4 s; all tokens against all of the text take minutes
    assert prediction.spans is not None
    assert [s is None for s in prediction.spans] == [token == "[UNK]" for token in tokens]
    at, right = 0, 0
    for word, span in zip(words, prediction.spans, strict=True):
        right += span == (at, at + len(word))
        at += len(word) + 1
    assert right > 0.95 * len(words)


def test_words_are_counted_without_marks(tmp_path: Path) -> None:
    marked = row("a", tokens=["▁Not", "▁bad"])
    with open_predictions(jsonl(tmp_path / "p.jsonl", [marked, row("b")])) as table:
        (group,) = table.groups()
    assert (group.tokens.words, group.tokens.codes.tolist()) == (["not", "bad"], [0, 1, 0, 1])
    name = row("a", text="Ġanni ĠA", tokens=["Ġanni", "ĠA"])
    with open_predictions(jsonl(tmp_path / "p.jsonl", [name])) as table:
        (group,) = table.groups()
    assert group.tokens.words == ["ġanni", "ġa"]


def test_rows_that_are_taken_are_located(tmp_path: Path) -> None:
    spans = [[0, 3], None]
    table = jsonl(tmp_path / "p.jsonl", [row("a", tokens=["NOT", "[X]"], spans=spans)])
    with open_predictions(table) as opened:
        (taken,) = opened.rows([0], tmp_path / "rows").take([0])
        (read,) = opened
    assert read.spans == taken.spans == ((0, 3), None)


@pytest.mark.parametrize(
    ("spans", "shared"),
    [
        ((), False),
        (((0, 2), (2, 4)), False),
        (((0, 2), None, (2, 4)), False),
        (((0, 2), (0, 2)), True),
        (((0, 3), None, (2, 4)), True),
        (((4, 6), (0, 2)), True),  # the second lies before the end of the first
    ],
)
def test_tokens_that_share_a_part_of_the_text(spans, shared):
    assert share_places(spans) is shared
    assert any(len(tokens) > 1 for _, _, tokens in regions(spans)) is shared
