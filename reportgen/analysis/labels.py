"""Find the labels worth a second look, from labels and probabilities (confident learning)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ListPrecision", "label_errors", "list_precision"]

MOST = 20
NOISE, SEEDS, LEAST = 0.05, 5, 400  # share of labels changed; repetitions; examples needed


def label_errors(gold: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices of at most 20 labels worth a second look, least self-confidence first.

    Northcutt, Jiang and Chuang 2021: the threshold of a class is the mean probability of that
    class over the examples labelled so. An example is off the diagonal of the confident joint
    where, among the classes whose threshold it reaches, the most probable is not its label.
    Self-confidence is the probability of the label. An example whose label is predicted is left
    out, for there the model agrees with it.
    """
    n, k = probabilities.shape
    own = probabilities[np.arange(n), gold]
    thresholds = np.full(k, np.inf)  # a class without examples is never reached
    labels, starts = np.unique(np.sort(gold), return_index=True)
    groups = np.split(own[np.argsort(gold, kind="stable")], starts[1:])
    thresholds[labels] = [group.mean() for group in groups]
    reached = probabilities >= thresholds
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    off = np.flatnonzero(
        reached.any(axis=1) & (best != gold) & (probabilities.argmax(axis=1) != gold)
    )
    order: NDArray[np.int64] = off[np.argsort(own[off], kind="stable")]
    return order[:MOST]


@dataclass(frozen=True, slots=True)
class ListPrecision:
    """How well the list finds labels that were changed on purpose, a share ``noise`` of all.

    ``precision`` is the share of the listed labels that had been changed, ``found`` the share of
    the changed ones that were listed; both are means over ``seeds`` repetitions.
    """

    noise: float
    seeds: int
    precision: float
    found: float


def list_precision(
    gold: NDArray[np.int64], probabilities: NDArray[np.float64], seed: int
) -> ListPrecision | None:
    """Change 5 % of the labels to another class at random and list again; None of few examples.

    Labels that are wrong already count as mistakes of the list, so the precision is rather too
    low; the changed labels do not look like those that people get wrong, so it may be too high.
    """
    n, k = probabilities.shape
    if n < LEAST:
        return None
    rng = np.random.default_rng(seed)
    number = round(NOISE * n)
    hits, listed = 0, 0
    for _ in range(SEEDS):
        changed = rng.choice(n, number, replace=False)
        noisy = gold.copy()
        noisy[changed] = (noisy[changed] + rng.integers(1, k, number)) % k
        found = label_errors(noisy, probabilities)
        hits += int(np.isin(found, changed).sum())
        listed += len(found)
    return ListPrecision(NOISE, SEEDS, hits / max(listed, 1), hits / (SEEDS * number))
