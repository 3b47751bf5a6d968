"""Fit the temperature that calibrates a model best, from logits and labels."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from reportgen.errors import TrainingError

__all__ = ["fit_temperature"]

LARGEST = 20.0


def fit_temperature(logits: NDArray[np.float64], gold: Iterable[int]) -> float:
    """Return the temperature that minimises the log loss of logits [N, K] (Guo et al. 2017).

    ``gold`` [N] are the class indices of the labels.

    Raises:
        TrainingError: no finite temperature is best, as where every prediction is correct.
    """
    labels = np.fromiter(gold, dtype=np.int64)
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(logits / math.exp(log_temperature), axis=1)[rows, labels].mean())

    bound = math.log(LARGEST)
    best = minimize_scalar(loss, bounds=(-bound, bound), method="bounded")
    perfect = bool((logits.argmax(axis=1) == labels).all())
    if perfect or abs(best.x) > 0.99 * bound:
        raise TrainingError(
            f"no temperature from {1 / LARGEST:g} to {LARGEST:g} fits {len(labels):,} validation"
            " examples; use more of them"
        )
    return math.exp(best.x)
