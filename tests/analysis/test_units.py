"""What tokens are called: by their tokenizer, and by what they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.analysis.units import Units
from reportgen.records import Tokens


def units(*texts: list[str]) -> Units:
    found = Units()
    for tokens in texts:
        words = sorted(set(tokens))
        codes = np.array([words.index(token) for token in tokens], dtype=np.int64)
        lengths = np.array([len(tokens)])
        found.add(Tokens(words, codes, np.zeros(len(tokens)), lengths))
    return found


@pytest.mark.parametrize(
    ("texts", "unit"),
    [
        ([["plain", "awful", "a"]], "word"),
        ([["a", "b", "c"]], "word"),  # of a script with spaces
        ([list("とても良い"), list("だめ。")], "character"),
        ([["とても", "良い", "。"]], "token"),  # words or pieces
        ([[*"とても良いです最高", "料理"]], "character"),
        ([[*"とても良いです", "料理"]], "token"),
        ([["ok", "良"], ["fine", "good"]], "word"),
        ([["良", "い", "ok"]], "character"),
        ([["!", "?"]], "word"),
        ([[]], "word"),
    ],
)
def test_the_tokens_say_what_they_are(texts: list[list[str]], unit: str) -> None:
    assert units(*texts).unit() == unit


def test_the_tokenizer_goes_before_the_tokens() -> None:
    assert units(["p", "l", "a", "i", "n"]).unit("character") == "character"
    assert units(["plain"]).unit("basic_english") == "word"
