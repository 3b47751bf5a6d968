"""Define the removal test of attention: sizes, draws, and the p-value of one example.

Both sides of the predictions table use it: the explanation stops drawing where the test is
decided, the analysis reads the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DRAWS",
    "EXCEEDANCES",
    "FIRST_DRAWS",
    "LEAST_EFFECT",
    "LEAST_TOKENS",
    "LEVEL",
    "TESTED",
    "RemovalTest",
    "is_content_word",
    "removal_test",
]

# Shares of the tokens at which random words are removed. The first is small because the sets are
# nested: 5 % of the words hold the one that decides with a probability of 5 %.
TESTED = (0.01, 0.1, 0.2)
LEVEL = 0.05  # of the test
DRAWS = 99  # random removals that decide every test
EXCEEDANCES = 5  # this many of up to 99 draws put p above the level, whatever comes after
FIRST_DRAWS = 20  # made of every text; what is said of random words on average rests on them
LEAST_EFFECT = 0.05  # of probability; a smaller mean drop is not called one
LEAST_TOKENS = 10  # read; an example with fewer cannot be tested


@dataclass(frozen=True, slots=True)
class RemovalTest:
    """How the removal of the most-attended words compares with random removals of equal sizes.

    ``drop`` is the mean drop of the confidence over the sizes at which random words were removed,
    ``exceedances`` counts the random draws of a mean drop over the same sizes at least as large.
    """

    drop: float
    exceedances: int
    draws: int

    @property
    def p_value(self) -> float:
        """The exact p-value of a Monte Carlo test, (1 + b) / (1 + R) (Phipson and Smyth 2010).

        Where drawing stopped early, after ``EXCEEDANCES`` larger ones (the sequential test of
        Besag and Clifford 1991), it lies above the level, as it would after all draws: the result
        at the level is that of all of them.
        """
        return (1 + self.exceedances) / (1 + self.draws)

    @property
    def decided(self) -> bool:
        """Whether further draws cannot change the result, or all have been made."""
        return self.draws >= DRAWS or self.exceedances >= EXCEEDANCES or self.drop < LEAST_EFFECT

    @property
    def supported(self) -> bool:
        """Whether the drop is beyond chance and large enough to matter."""
        return self.decided and self.p_value <= LEVEL and self.drop >= LEAST_EFFECT


def removal_test(
    confidence: float, own: NDArray[np.float32], random: NDArray[np.float32]
) -> RemovalTest:
    """Compare probabilities without the most-attended words [F] with those without random ones.

    ``random`` is [R, F], NaN at the sizes at which no random words were removed; ``confidence``
    is the probability of the same class with all words.
    """
    sizes = ~np.isnan(random[0])
    drop = (confidence - own[sizes].astype(np.float64)).mean()
    chance = (confidence - random[:, sizes].astype(np.float64)).mean(axis=1)
    return RemovalTest(float(drop), int((chance >= drop).sum()), len(random))


def is_content_word(token: str) -> bool:
    """Return whether a token has a letter or digit and is no English stop word.

    In texts of other languages hardly a word is on the list: there every word counts.
    """
    return any(map(str.isalnum, token)) and token.lower() not in _stop_words()


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # here: workers never ask

    return frozenset(ENGLISH_STOP_WORDS)
