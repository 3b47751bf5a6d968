"""Find the labels worth a second look, from labels and probabilities (confident learning)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["label_errors"]

MOST = 20


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
