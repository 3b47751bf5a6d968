"""Find the labels worth a second look, from labels and probabilities (confident learning)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import NO_INTERVAL, Interval, wilson_interval

__all__ = ["MOST", "ListPrecision", "label_errors", "list_precision"]

MOST = 20
NOISE, SEEDS = 0.05, 5  # share of labels changed; repetitions
LEAST = round(MOST / NOISE)  # examples; of fewer the changed labels could not fill the list


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
    the changed ones that were listed, both over ``seeds`` repetitions and with Wilson's intervals.
    ``precision`` is NaN where nothing was listed.
    """

    noise: float
    seeds: int
    precision: float
    precision_interval: Interval
    found: float
    found_interval: Interval


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
    precision = hits / listed if listed else math.nan
    ends = wilson_interval(hits, listed) if listed else NO_INTERVAL
    every = SEEDS * number
    return ListPrecision(NOISE, SEEDS, precision, ends, hits / every, wilson_interval(hits, every))
