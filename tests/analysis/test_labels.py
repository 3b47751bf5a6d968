"""Labels worth a second look: by hand, planted, and as cleanlab lists them."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray

from reportgen.analysis.intervals import wilson_interval
from reportgen.analysis.labels import MOST, label_errors, list_precision


def test_label_errors_by_hand() -> None:
    gold = np.array([0, 0, 0, 1, 1, 1])
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.95, 0.05]])
    # Thresholds: class 0: (0.9 + 0.8 + 0.1) / 3 = 0.6; class 1: (0.8 + 0.7 + 0.05) / 3 = 0.517.
    assert label_errors(gold, p).tolist() == [5, 2]  # least probable label first
    assert label_errors(gold, np.eye(2)[gold]).tolist() == []


def test_planted_label_errors_are_found() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 3000)
    logits = rng.normal(size=(3000, 3)) + 6 * np.eye(3)[truth]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gold, wrong = truth.copy(), rng.choice(3000, 90, replace=False)
    gold[wrong] = (gold[wrong] + 1) % 3
    found = label_errors(gold, p)
    assert len(found) == 20
    assert set(found.tolist()) <= set(wrong.tolist())


def test_a_label_that_is_predicted_is_never_flagged() -> None:
    # The thresholds are 0.9 and 0.25: the last reaches only class 1, though class 0 is predicted.
    gold = np.array([0, 0, 1, 1, 0])
    p = np.array([[1, 0], [1, 0], [0.9, 0.1], [0.6, 0.4], [0.7, 0.3]])
    assert label_errors(gold, p).tolist() == [2]


def test_the_precision_of_the_list() -> None:
    gold = np.arange(600) % 3
    sure = np.eye(3)[gold] * 0.94 + 0.02
    found = list_precision(gold, sure, seed=1)
    assert found is not None
    assert found.precision == 1
    assert found.found == pytest.approx(20 / 30)
    assert found.precision_interval == wilson_interval(100, 100)
    assert found.found_interval == wilson_interval(100, 150)
    noise = list_precision(gold, np.random.default_rng(2).dirichlet(np.ones(3), 600), seed=1)
    assert noise is not None
    assert noise.precision < 0.3
    assert list_precision(gold[:399], sure[:399], seed=1) is None
    assert list_precision(gold[:400], sure[:400], seed=1) is not None


def test_a_list_without_labels_has_no_precision() -> None:
    # Class 0 has a threshold just above 0.51, which its changed labels do not reach.
    first = np.append(np.full(399, 0.51), 0.99)
    found = list_precision(np.zeros(400, np.int64), np.column_stack([first, 1 - first]), seed=1)
    assert found is not None
    assert np.isnan([found.precision, *found.precision_interval]).all()
    assert found.found == 0


def noisy(n: int, k: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Labels of which a tenth are changed, and the probabilities of a model of the true ones."""
    rng = np.random.default_rng(seed)
    truth = np.append(np.arange(k), rng.integers(0, k, n - k))
    logits = rng.normal(size=(n, k)) + 2 * np.eye(k)[truth]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.where(rng.random(n) < 0.1, rng.integers(0, k, n), truth), p


def cleanlabs(gold: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.int64]:
    """All that cleanlab finds by confident learning, in its order."""
    found = find_label_issues(
        gold,
        p,
        filter_by="confident_learning",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    return np.asarray(found)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [11, 100, 2000])
def test_of_two_classes_the_list_is_cleanlabs(n: int, seed: int) -> None:
    gold, p = noisy(n, 2, seed)
    assert label_errors(gold, p).tolist() == cleanlabs(gold, p)[:MOST].tolist()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "k"), [(40, 3), (300, 5), (2000, 6), (2000, 20)])
def test_of_more_classes_the_list_is_cleanlabs_but_for_labels_that_reach_most(
    n: int, k: int, seed: int
) -> None:
    """Of the classes that reach their threshold the paper takes the most probable one.

    Cleanlab takes the most probable of all where two or more reach it, though it may not itself.
    """
    gold, p = noisy(n, k, seed)
    reached = p >= [p[gold == c, c].mean() if (gold == c).any() else 2.0 for c in range(k)]
    best = np.where(reached, p, -1.0).argmax(axis=1)
    found = cleanlabs(gold, p)
    assert len(found)
    kept = found[best[found] != gold[found]]
    assert len(kept) >= 0.9 * len(found)
    assert label_errors(gold, p).tolist() == kept[:MOST].tolist()


def test_a_class_without_examples_is_as_in_cleanlab() -> None:
    gold, p = noisy(400, 4, 1)
    gold = np.where(gold == 2, 1, gold)
    found = cleanlabs(gold, p)
    assert len(found) >= MOST
    assert label_errors(gold, p).tolist() == found[:MOST].tolist()
