"""The measures under weights: scikit-learn's with such sample weights, and values by hand."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from sklearn import metrics as sk

from reportgen.analysis.bootstrap import LARGE, MANY, RESAMPLES, intervals, mean_interval, resamples
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.scores import measure_all
from reportgen.analysis.weighted import confidence_measures, label_measures, ranking_measures


def drawn(k: int, n: int = 200) -> tuple[Scores, np.ndarray, np.ndarray]:
    """Scores with ties, their probabilities [N, K], and how often each example was drawn."""
    rng = np.random.default_rng(k)
    gold = rng.integers(0, k, n)
    p = np.round(rng.dirichlet(np.ones(k), n) + np.eye(k)[gold] / 3, 1) + 0.01
    p /= p.sum(axis=1, keepdims=True)
    return Scores.of(gold, p), p, rng.integers(0, 4, n).astype(np.float64)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_labels_agree_with_scikit_learn(k: int) -> None:
    scores, _, weights = drawn(k)
    y, answers, given = scores.gold, scores.predicted, {"sample_weight": weights}
    names = [f"c{i}" for i in range(k)]
    found = label_measures(scores, names)(weights)
    average = {"average": "macro", "zero_division": 0, **given}
    assert found["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(y, answers, **given)
    )
    assert found["macro_precision"] == pytest.approx(sk.precision_score(y, answers, **average))
    assert found["macro_recall"] == pytest.approx(sk.recall_score(y, answers, **average))
    assert found["macro_f1"] == pytest.approx(sk.f1_score(y, answers, **average))
    assert found["mcc"] == pytest.approx(sk.matthews_corrcoef(y, answers, **given))
    f1 = sk.f1_score(y, answers, average=None, **given)
    assert [found[f"f1.{name}"] for name in names] == pytest.approx(f1)
    assert len(found) == 5 + k


def test_labels_of_classes_that_do_not_occur() -> None:
    scores = Scores.of(np.array([0, 0, 1, 3]), np.eye(4)[[0, 1, 1, 2]])
    found = label_measures(scores, "abcd")(np.array([1.0, 1.0, 1.0, 0.0]))
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 1) / 2)  # classes without labels
    assert found["macro_recall"] == pytest.approx((1 / 2 + 1) / 4)  # are left out, or count as 0
    assert found["macro_precision"] == pytest.approx((1 + 1 / 2) / 4)
    assert [found[f"f1.{name}"] for name in "abcd"] == pytest.approx([2 / 3, 2 / 3, 0, 0])
    one = label_measures(scores, "abcd")(np.array([1.0, 0.0, 0.0, 0.0]))
    assert one["mcc"] == 0  # one class alone has no correlation


@pytest.mark.parametrize("k", [2, 3, 5])
def test_rankings_agree_with_scikit_learn(k: int) -> None:
    scores, p, weights = drawn(k)
    found = ranking_measures(scores.gold, p)(weights)
    positives = [1] if k == 2 else range(k)
    for name, function in (
        ("roc_auc", sk.roc_auc_score),
        ("average_precision", sk.average_precision_score),
    ):
        each = [function(scores.gold == c, p[:, c], sample_weight=weights) for c in positives]
        assert found[name] == pytest.approx(np.mean(each)), name


def test_rankings_need_every_class() -> None:
    gold, p = np.array([0, 1, 1]), np.array([[0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
    measure = ranking_measures(gold, p)
    whole = measure(np.ones(3))
    assert whole == {"roc_auc": 0.5, "average_precision": pytest.approx((1 + 2 / 3) / 2)}
    assert all(np.isnan(list(measure(np.array([1.0, 0.0, 0.0])).values())))
    positive = measure(np.array([0.0, 1.0, 1.0]))
    assert np.isnan(positive["roc_auc"])
    assert positive["average_precision"] == 1
    three = np.column_stack([p, np.zeros(3)])
    assert all(np.isnan(list(ranking_measures(gold, three)(np.ones(3)).values())))


@pytest.mark.parametrize("k", [2, 3, 5])
def test_probabilities_agree_with_scikit_learn(k: int) -> None:
    scores, p, weights = drawn(k)
    found = confidence_measures(scores, p)(weights)
    assert found["log_loss"] == pytest.approx(sk.log_loss(scores.gold, p, sample_weight=weights))
    squares = ((p - np.eye(k)[scores.gold]) ** 2).sum(axis=1) / (2 if k == 2 else 1)
    assert found["brier"] == pytest.approx(np.average(squares, weights=weights))
    if k == 2:
        other = sk.brier_score_loss(scores.gold, p[:, 1], sample_weight=weights)
        assert found["brier"] == pytest.approx(other)


def test_certain_and_wrong_has_a_bounded_loss() -> None:
    p = np.array([[1.0, 0.0]])
    found = confidence_measures(Scores.of(np.array([1]), p), p)(np.ones(1))
    assert found["log_loss"] == pytest.approx(-np.log(np.finfo(np.float32).eps))
    assert (found["brier"], found["ece"], found["aurc"]) == (1, 1, 1)


def by_hand(weights: list[float]) -> dict[str, float]:
    """Confidences 0.95, 0.9, 0.8, 0.7, 0.62, given in another order; right, wrong, then right."""
    confidence = np.array([0.7, 0.95, 0.62, 0.9, 0.8])
    p = np.column_stack([confidence, 1 - confidence])
    scores = Scores.of(np.array([0, 0, 0, 1, 0]), p)
    return confidence_measures(scores, p)(np.array(weights))


def test_selective_measures_by_hand() -> None:
    found = by_hand([1, 1, 1, 1, 1])
    assert found["aurc"] == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 5)
    assert found["accuracy_at_90"] == pytest.approx(4 / 5)  # nine tenths of five is five
    # 0.7 and 0.62 count as ten examples each: of 23, 21 are kept, so 0.62 is not.
    found = by_hand([10, 1, 10, 1, 1])
    risks = 1 * 0 + 1 * 1 / 2 + 1 * 1 / 3 + 10 * 1 / 13 + 10 * 1 / 23
    assert found["aurc"] == pytest.approx(risks / 23)
    assert found["accuracy_at_90"] == pytest.approx(12 / 13)


def test_calibration_error_by_hand() -> None:
    # Fifteenths: 0.7 and 0.72 share (10/15, 11/15]; a third bin ends at 12/15 = 0.8 exactly.
    confidence = np.array([0.7, 0.72, 0.8, 0.81])
    p = np.column_stack([confidence, 1 - confidence])
    measure = confidence_measures(Scores.of(np.array([0, 1, 0, 1]), p), p)
    gaps = abs(0.7 - 1 + 0.72) + abs(0.8 - 1) + 0.81
    assert measure(np.ones(4))["ece"] == pytest.approx(gaps / 4)
    gaps = abs(3 * (0.7 - 1) + 0.72) + abs(0.8 - 1)
    assert measure(np.array([3.0, 1.0, 1.0, 0.0]))["ece"] == pytest.approx(gaps / 5)


def test_the_number_of_resamples() -> None:
    assert (RESAMPLES, MANY, LARGE) == (1000, 200, 50_000)
    assert sum(1 for _ in resamples(2, 0)) == RESAMPLES
    assert sum(1 for _ in resamples(LARGE, 0)) == RESAMPLES
    assert sum(1 for _ in resamples(LARGE + 1, 0)) == MANY


def test_intervals_are_percentiles_over_the_same_resamples() -> None:
    values = np.arange(30.0)
    means = [float(w @ values / w.sum()) for w in resamples(30, 7)]
    found = intervals(
        30,
        lambda w: {
            "mean": float(w @ values / w.sum()),
            "opposite": -float(w @ values / w.sum()),
            "seldom": float(w @ values / w.sum()) if w[0] > 1 else float("nan"),
        },
        seed=7,
    )
    low, high = np.percentile(means, (2.5, 97.5))
    assert found["mean"] == pytest.approx((low, high))
    assert found["opposite"] == pytest.approx((-high, -low))
    some = [m for m, w in zip(means, resamples(30, 7), strict=True) if w[0] > 1]
    assert found["seldom"] == pytest.approx(np.percentile(some, (2.5, 97.5)))
    narrow = intervals(30, lambda w: {"mean": float(w @ values / w.sum())}, seed=7, level=0.5)
    assert narrow["mean"] == pytest.approx(np.percentile(means, (25, 75)))


def test_the_cost_of_many_classes_is_that_of_few() -> None:
    """1,500 classes and one example: a table of all pairs at each resample took half a minute."""
    k = 1500
    p = np.full((1, k), 0.5 / (k - 1))
    p[0, 7] = 0.5
    scores = Scores.of(np.array([7]), p)
    start = perf_counter()
    found = measure_all(scores, p, quality(scores, tuple(map(str, range(k)))), seed=0)
    assert perf_counter() - start < 10
    assert len(found) == 11 + 3 * k  # no ranking
    assert (found["f1.7"].value, found["f1.8"].value) == (1, 0)


def test_the_interval_of_a_mean() -> None:
    values = np.arange(30.0)
    means = [float(w @ values / 30) for w in resamples(30, 7)]
    assert mean_interval(values, 7) == pytest.approx(np.percentile(means, (2.5, 97.5)))
    assert mean_interval(np.array([2.0]), 7) == (2, 2)
    assert all(np.isnan(mean_interval(np.zeros(0), 7)))


def test_a_resample_draws_each_example_with_the_same_chance() -> None:
    drawn = np.array(list(resamples(4, 1)))
    assert drawn.shape == (RESAMPLES, 4)
    assert set(drawn.sum(axis=1)) == {4}
    assert drawn.mean(axis=0) == pytest.approx(np.ones(4), abs=0.1)
    assert (drawn != np.array(list(resamples(4, 2)))).any()
