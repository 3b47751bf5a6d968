"""Find out what the tokens of a table are: words, single characters, or pieces of either kind."""

from __future__ import annotations

import numpy as np

from reportgen.records import Tokens
from reportgen.subwords import UNSPACED

__all__ = ["Units"]

CHARACTER = "character"  # also the name of the tokenizer that gives them
SINGLE = 0.9  # of the tokens of scripts without spaces: more in single characters are no words
HALF = 0.5


class Units:
    """Counts tokens of scripts without spaces between words, and single characters among them."""

    def __init__(self) -> None:
        self.lettered = self.unspaced = self.single = 0

    def add(self, tokens: Tokens) -> None:
        """Count the tokens of further examples."""
        counts = np.bincount(tokens.codes, minlength=len(tokens.words)).tolist()
        for word, count in zip(tokens.words, counts, strict=True):
            if any(map(str.isalpha, word)):
                self.lettered += count
                if not word.isascii() and any(map(UNSPACED.match, word)):
                    self.unspaced += count
                    self.single += count * (len(word) == 1)

    def unit(self, tokenizer: str = "") -> str:
        """Return what a token is: "word", "character", or "token" where that cannot be told.

        In a script without spaces a tokenizer may give words or pieces of them.
        """
        if tokenizer == CHARACTER:
            return CHARACTER
        if self.unspaced <= HALF * self.lettered:
            return "word"
        return CHARACTER if self.single >= SINGLE * self.unspaced else "token"
