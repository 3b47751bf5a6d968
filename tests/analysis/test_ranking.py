"""Measures of rankings: their uncertainty against SciPy's and against leaving examples out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import brunnermunzel, t

from reportgen.analysis.ranking import average_precision, roc_auc


def made_up(n: int, k: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Labels and probabilities with ties; every class has two examples."""
    rng = np.random.default_rng(seed)
    gold = np.concatenate([np.repeat(np.arange(k), 2), rng.integers(0, k, n - 2 * k)])
    return gold, np.round(rng.dirichlet(np.ones(k), n) + 0.3 * np.eye(k)[gold], 1)


@pytest.mark.parametrize("rare", [3, 12, 40])
def test_the_area_is_judged_as_by_brunner_and_munzel(rare: int) -> None:
    rng = np.random.default_rng(rare)
    gold = np.repeat([1, 0], [rare, 80 - rare])
    score = np.round(0.5 + 0.1 * rng.normal(size=80) + 0.1 * gold, 2)
    found = roc_auc(gold, np.column_stack([1 - score, score]))
    theirs = brunnermunzel(score[gold == 0], score[gold == 1])
    statistic = (found.value - 0.5) / found.deviation
    assert statistic == pytest.approx(theirs.statistic)
    assert 2 * t.sf(abs(statistic), found.degrees) == pytest.approx(theirs.pvalue)
    assert found.trials == min(rare, 80 - rare)


@pytest.mark.parametrize(("n", "k"), [(20, 2), (24, 4), (60, 5)])
def test_average_precision_is_jackknifed_by_leaving_out_each_example(n: int, k: int) -> None:
    gold, p = made_up(n, k)
    found = average_precision(gold, p)
    without = [
        average_precision(np.delete(gold, i), np.delete(p, i, axis=0)).value for i in range(n)
    ]
    assert found.deviation == pytest.approx(np.std(without) * np.sqrt(n - 1))
    assert np.isinf(found.degrees)


def test_a_class_of_one_example_leaves_the_mean_with_it() -> None:
    gold, p = made_up(24, 4)
    gold[gold == 3] = 2
    gold[0] = 3
    found = average_precision(gold, p)
    without = [
        average_precision(np.delete(gold, i), np.delete(p, i, axis=0)).value for i in range(24)
    ]
    assert found.deviation == pytest.approx(np.std(without) * np.sqrt(23))


@pytest.mark.parametrize("measure", [roc_auc, average_precision])
def test_of_one_class_there_is_no_ranking(measure) -> None:
    found = measure(np.zeros(3, np.int64), np.full((3, 3), 1 / 3))
    assert found.trials == 0
    assert np.isnan([found.value, found.deviation]).all()


@pytest.mark.parametrize("measure", [roc_auc, average_precision])
def test_a_perfect_ranking_has_no_deviation_and_its_trials(measure) -> None:
    gold = np.array([0, 0, 0, 1, 1])
    found = measure(gold, np.eye(2)[gold])
    assert (found.value, found.deviation, found.trials) == (1, 0, 2)
    three = np.array([0, 0, 0, 1, 1, 2])
    assert measure(three, np.eye(3)[three]).trials == 3 + 2 + 1


@pytest.mark.parametrize("measure", [roc_auc, average_precision])
def test_a_class_without_examples_is_not_ranked(measure) -> None:
    gold, p = made_up(24, 3)
    wider = np.column_stack([p, np.zeros(24)])
    assert measure(gold, wider) == pytest.approx(measure(gold, p))
