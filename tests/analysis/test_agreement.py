"""Counts of labels and predictions: what is measured without one example, and the intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from reportgen.analysis import agreement
from reportgen.analysis.agreement import (
    agreement_intervals,
    agreement_measures,
    count,
    has_few,
)
from reportgen.analysis.intervals import LEAST_OF_CLASS, jackknife_deviation
from reportgen.analysis.metrics import Scores

MEANS = ("balanced_accuracy", "macro_precision", "macro_recall", "macro_f1", "mcc")


def predicting(gold: list[int] | np.ndarray, predicted: list[int] | np.ndarray, k: int) -> Scores:
    return Scores.of(np.asarray(gold), np.eye(k)[np.asarray(predicted)])


def measured(scores: Scores, k: int) -> dict[str, np.ndarray]:
    counts = count(scores, k)
    return dict(agreement_measures(counts, counts[1] > 0))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("n", "k"), [(12, 3), (6, 2), (20, 6), (40, 12)])
def test_each_measure_without_one_example_of_each_pair(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    gold, said = rng.integers(0, k, (2, n))
    scores = predicting(gold, said, k)
    (labels, answers), number = agreement._pairs(scores, k)
    assert number.sum() == n
    found = agreement._without_one(count(scores, k), (labels, answers))
    assert set(found) == set(MEANS)
    for place, pair in enumerate(zip(labels, answers, strict=True)):
        one = np.flatnonzero((gold == pair[0]) & (said == pair[1]))[0]
        rest = measured(predicting(np.delete(gold, one), np.delete(said, one), k), k)
        for name in MEANS:
            if not np.isnan(rest[name]):
                assert found[name][place] == pytest.approx(float(rest[name])), name


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.array([1.0, 4, 4, 4, 9])
    kinds, number = np.unique(values, return_counts=True)
    without = (values.sum() - kinds) / 4
    found = jackknife_deviation(without, number.astype(float))
    assert found == pytest.approx(values.std(ddof=1) / np.sqrt(5))


def test_few_are_examples_of_a_class_that_occurs() -> None:
    assert LEAST_OF_CLASS == 10
    assert has_few(np.array([40.0, 9, 0]))
    assert not has_few(np.array([40.0, 10, 0]))


def test_ends_are_widened_where_a_class_has_few_examples() -> None:
    rng = np.random.default_rng(1)
    gold = np.append(np.repeat([0, 1], 60), [2] * 9)
    said = np.where(rng.random(129) < 0.7, gold, rng.integers(0, 3, 129))
    few = predicting(gold, said, 3)
    ends, values = agreement_intervals(few, 3, 1), measured(few, 3)
    pairs, number = agreement._pairs(few, 3)
    for name, without in agreement._without_one(count(few, 3), pairs).items():
        half = 1.96 * jackknife_deviation(without, number)
        assert ends[name][0] <= values[name] - half + 1e-4
        assert ends[name][1] >= min(values[name] + half, 1) - 1e-4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "LEAST_OF_CLASS", 9)
        narrow = agreement_intervals(few, 3, 1)
    assert narrow["macro_f1"][1] - narrow["macro_f1"][0] < ends["macro_f1"][1] - ends["macro_f1"][0]


@pytest.mark.parametrize("predicted", [[0, 1, 2], [1, 2, 0]])
def test_ends_stay_within_what_a_measure_can_be(predicted: list[int]) -> None:
    ends = agreement_intervals(predicting([0, 1, 2], predicted, 3), 3, 1)
    for name in MEANS:
        low, high = ends[name]
        assert (-1 if name == "mcc" else 0) <= low < high <= 1, name


def test_the_posterior_of_a_recall_is_jeffreys() -> None:
    from scipy.stats import beta

    scores = predicting([0] * 30 + [1] * 40, [0] * 24 + [1] * 46, 2)
    hits, support, _ = agreement._posterior(scores, 2, 1)
    drawn = np.quantile(hits[:, 0] / support[:, 0], (0.025, 0.5, 0.975))
    assert drawn == pytest.approx(beta(24.5, 6.5).ppf((0.025, 0.5, 0.975)), abs=0.015)
    without_mistake = np.quantile(hits[:, 1] / support[:, 1], (0.025, 0.5))
    assert without_mistake == pytest.approx(beta(40.5, 0.5).ppf((0.025, 0.5)), abs=0.015)


def test_the_posterior_shares_out_what_it_draws() -> None:
    rng = np.random.default_rng(2)
    gold = rng.integers(0, 5, 60)
    said = np.where(rng.random(60) < 0.6, gold, rng.integers(0, 5, 60))
    said[gold == 4] = 4  # without a mistake
    hits, labels, answers = agreement._posterior(predicting(gold, said, 5), 5, 1)
    assert labels.sum(axis=1) == pytest.approx(answers.sum(axis=1))
    assert (labels >= hits).all()
    assert (answers >= hits).all()
    counted = count(predicting(gold, said, 5), 5)
    assert labels.mean(axis=0) == pytest.approx(counted[1] + 1, rel=0.05)


def test_of_one_class_nothing_is_correlated() -> None:
    ends = agreement_intervals(predicting([0] * 5, [0] * 4 + [1], 2), 2, 1)
    assert np.isnan(ends["mcc"]).all()
    assert not np.isnan(ends["macro_f1"]).any()


@pytest.mark.parametrize("k", [2, 3, 5])
def test_measures_of_fractions_of_examples_are_scikit_learns(k: int) -> None:
    """The posterior draws counts that are no whole numbers: weights of the examples."""
    rng = np.random.default_rng(k)
    gold, said, weights = rng.integers(0, k, 90), rng.integers(0, k, 90), rng.gamma(1, 1, 90)
    said = np.where(rng.random(90) < 0.5, gold, said)
    right = gold == said
    counts = (
        np.bincount(gold[right], weights[right], k),
        np.bincount(gold, weights, k),
        np.bincount(said, weights, k),
    )
    found = agreement_measures(counts, counts[1] > 0)
    given = {"sample_weight": weights}
    average = {"average": "macro", "zero_division": 0, **given}
    assert found["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(gold, said, **given)
    )
    assert found["macro_precision"] == pytest.approx(sk.precision_score(gold, said, **average))
    assert found["macro_recall"] == pytest.approx(sk.recall_score(gold, said, **average))
    assert found["macro_f1"] == pytest.approx(sk.f1_score(gold, said, **average))
    assert found["mcc"] == pytest.approx(sk.matthews_corrcoef(gold, said, **given))
    assert found["f1"] == pytest.approx(sk.f1_score(gold, said, average=None, **given))
