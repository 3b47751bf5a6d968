"""Differences of measures: their intervals, p-values and corrections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.differences import (
    Difference,
    correlation,
    differences,
    mover_interval,
    outcomes,
    p_value,
    percentiles,
    slice_differences,
)
from reportgen.analysis.mcnemar import mcnemar, tango_interval
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.paired import Weighted
from reportgen.analysis.scores import Measure, measure_all
from tests.analysis.tables import CLASSES, drawn


def measured(gold: Any, *models: Any, classes: Sequence[str] = CLASSES) -> tuple[Difference, ...]:
    """The differences of models with these probabilities from the first."""
    runs, measures = [], []
    for given in models:
        probabilities = np.asarray(given, dtype=np.float64)
        scores = Scores.of(gold, probabilities)
        found = calibration(scores)
        both = found, reference(found, 0)
        measures.append(
            measure_all(scores, probabilities, quality(scores, tuple(classes)), both, 0)
        )
        runs.append(Weighted(scores, probabilities, classes))
    return differences(runs, measures, 0)


@pytest.fixture(scope="module")
def two() -> dict[str, Difference]:
    return {d.key: d for d in measured(*drawn(400))}


def test_a_difference_is_the_second_less_the_first(two: dict[str, Difference]) -> None:
    gold, first, second = drawn(400)
    correct = [np.asarray(p).argmax(axis=1) == gold for p in (first, second)]
    one = two["accuracy"]
    assert (one.first, one.second) == (correct[0].mean(), correct[1].mean())
    for d in two.values():
        assert d.value == d.second - d.first
        assert d.low <= d.value <= d.high
        assert d.run == 1
        assert d.adjusted == d.p
    loss = two["log_loss"]
    assert loss.loss == (loss.value, loss.low, loss.high), "more is worse"
    assert one.loss == (-one.value, -one.high, -one.low)


def test_accuracy_has_tangos_interval_and_mcnemars_test(two: dict[str, Difference]) -> None:
    gold, first, second = drawn(400)
    a, b = (np.asarray(p).argmax(axis=1) == gold for p in (first, second))
    broken, fixed = int((a & ~b).sum()), int((b & ~a).sum())
    one = two["accuracy"]
    assert (one.low, one.high) == tango_interval(broken, fixed, 400)
    assert one.p == mcnemar(broken, fixed)
    assert one.method == "Tango; McNemar"


def test_losses_have_the_paired_bootstrap_of_scipy(two: dict[str, Difference]) -> None:
    gold, first, second = drawn(400)
    a, b = (-np.log(np.asarray(p, dtype=float)[np.arange(400), gold]) for p in (first, second))
    its = stats.bootstrap((b - a,), np.mean, method="percentile", random_state=1, n_resamples=5000)
    d = two["log_loss"]
    width = d.high - d.low
    assert (d.low, d.high) == pytest.approx(its.confidence_interval, abs=0.08 * width)
    assert d.method == "paired bootstrap"


def test_a_ranking_has_the_paired_bootstrap_of_scipy(two: dict[str, Difference]) -> None:
    from sklearn.metrics import roc_auc_score

    gold, first, second = drawn(400)

    def statistic(i: Any) -> float:
        i = i.astype(int)
        return float(roc_auc_score(gold[i], second[i, 1]) - roc_auc_score(gold[i], first[i, 1]))

    its = stats.bootstrap(
        (np.arange(400),), statistic, method="percentile", random_state=1, n_resamples=999,
        vectorized=False,
    )  # fmt: skip
    d = two["roc_auc"]
    width = d.high - d.low
    assert (d.low, d.high) == pytest.approx(its.confidence_interval, abs=0.15 * width)


def test_swapping_the_runs_flips_every_sign(two: dict[str, Difference]) -> None:
    gold, first, second = drawn(400)
    for d in measured(gold, second, first):
        other = two[d.key]
        assert (d.value, d.low, d.high) == pytest.approx((-other.value, -other.high, -other.low))
        assert d.p == pytest.approx(other.p)
        assert d.loss == pytest.approx((-other.loss[0], -other.loss[2], -other.loss[1]))


def test_pairing_narrows_the_interval(two: dict[str, Difference]) -> None:
    """Runs that have much in common differ by less than their own intervals would say."""
    gold, first, _ = drawn(400)
    for name in ("log_loss", "macro_f1", "roc_auc", "mcc"):
        apart = 2 * math.sqrt(2) * _half(gold, first, name)
        assert two[name].high - two[name].low < 0.9 * apart


def _half(gold: Any, probabilities: Any, name: str) -> float:
    scores = Scores.of(gold, np.asarray(probabilities, dtype=float))
    found = calibration(scores)
    both = found, reference(found, 0)
    given = np.asarray(probabilities, dtype=float)
    measure = measure_all(scores, given, quality(scores, CLASSES), both, 0)[name]
    return (measure.high - measure.low) / 2


def test_the_same_predictions_have_no_difference_and_no_interval() -> None:
    gold, first, _ = drawn(100)
    for d in measured(gold, first, first.copy()):
        assert (d.value, d.p, d.adjusted) == (0, 1, 1)
        assert math.isnan(d.low)
        assert math.isnan(d.high)


def test_equal_answers_with_other_probabilities_keep_an_interval() -> None:
    gold, first, _ = drawn(100)
    flatter = np.asarray(first, dtype=float) ** 0.8
    flatter /= flatter.sum(axis=1, keepdims=True)
    found = {d.key: d for d in measured(gold, first, flatter)}
    accuracy = found["accuracy"]
    assert (accuracy.value, accuracy.p) == (0, 1)
    assert accuracy.low < 0 < accuracy.high
    assert found["log_loss"].value != 0
    assert found["roc_auc"].p == 1, "no resample orders them in another way"
    assert math.isnan(found["roc_auc"].low)


def test_with_few_wrong_answers_no_resamples_are_trusted() -> None:
    rng = np.random.default_rng(3)
    gold = rng.integers(0, 2, 120)
    sure = np.where(np.eye(2)[gold] > 0, 0.95, 0.05)
    models = []
    for wrong in (3, 5):
        p = sure + rng.uniform(-0.04, 0.04, (120, 1)) * np.array([1, -1])
        p[:wrong] = p[:wrong, ::-1]
        models.append(p)
    few = {d.key: d for d in measured(gold, *models)}
    assert few["roc_auc"].method == "MOVER, paired bootstrap"
    assert few["accuracy"].method == "Tango; McNemar"
    models[0][:12] = sure[:12, ::-1]
    models[1][:12] = sure[:12, ::-1] * 0.98 + 0.01
    many = {d.key: d for d in measured(gold, *models)}
    assert many["roc_auc"].method == "paired bootstrap"
    assert many["macro_f1"].method == "MOVER, paired bootstrap"


def test_of_one_class_what_is_undefined_has_no_difference() -> None:
    _, first, second = drawn(60)
    found = {d.key: d for d in measured(np.zeros(60, dtype=int), first, second)}
    for key in ("roc_auc", "average_precision", "mcc", "recall.yes"):
        assert all(map(math.isnan, (found[key].value, found[key].low, found[key].p)))
        assert math.isnan(found[key].adjusted)
    assert not math.isnan(found["accuracy"].low)


def test_of_one_example_nothing_fails() -> None:
    for wrong in (0, 1):
        found = {d.key: d for d in measured(np.array([wrong]), [[0.9, 0.1]], [[0.4, 0.6]])}
        assert found["accuracy"].p == 1
        assert found["accuracy"].low < 0 < found["accuracy"].high or found["accuracy"].value


def test_p_values_of_several_runs_are_corrected() -> None:
    gold, first, second = drawn(300, noise=1.5)
    _, _, third = drawn(300, noise=0.3)
    found = measured(gold, first, second, third)
    assert [d.run for d in found] == [1] * (len(found) // 2) + [2] * (len(found) // 2)
    for one in (d for d in found if d.run == 1):
        other = next(d for d in found if d.run == 2 and d.key == one.key)
        low, high = sorted((one, other), key=lambda d: d.p)
        assert low.adjusted == pytest.approx(min(1, 2 * low.p))
        assert high.adjusted == pytest.approx(min(1, max(high.p, 2 * low.p)))
    alone = {d.key: d for d in measured(gold, first, second)}
    for d in found[: len(found) // 2]:
        assert (d.value, d.low, d.high, d.p) == (
            alone[d.key].value, alone[d.key].low, alone[d.key].high, alone[d.key].p,
        )  # fmt: skip


def measure(value: float, low: float, high: float) -> Measure:
    return Measure("m", "M", value, low, high, "by hand")


def test_mover_without_correlation_adds_the_squares_of_the_arms() -> None:
    """Newcombe 1998, method 10, of 36 + 12 and 36 + 2 successes of 50 without its correlation."""
    first, second = measure(0.76, 0.62, 0.86), measure(0.96, 0.87, 0.99)
    low, high = mover_interval(first, second, 0)
    assert low == pytest.approx(0.20 - math.hypot(0.09, 0.10))
    assert high == pytest.approx(0.20 + math.hypot(0.03, 0.14))


def test_mover_is_newcombes_interval_of_paired_proportions() -> None:
    """Newcombe 1998, table II: 36, 12, 2, 0 has 0.0569 to 0.3404 by his method 10."""
    from reportgen.analysis.intervals import wilson_interval

    ends = [measure(k / 50, *wilson_interval(k, 50)) for k in (38, 48)]
    phi = (36 * 0 - 12 * 2) / math.sqrt(48 * 2 * 38 * 12)
    assert mover_interval(ends[0], ends[1], phi) == pytest.approx((0.0569, 0.3404), abs=5e-5)


def test_mover_needs_both_intervals() -> None:
    nothing = measure(0.5, math.nan, math.nan)
    assert all(map(math.isnan, mover_interval(nothing, measure(0.6, 0.5, 0.7), 0.5)))
    one = measure(0.5, 0.4, 0.6)
    assert mover_interval(one, one, 1.0) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_correlation() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 50))
    assert correlation(a, b) == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert correlation(a, -a) == pytest.approx(-1)
    a[3], b[7] = np.nan, np.nan
    known = np.isfinite(a + b)
    assert correlation(a, b) == pytest.approx(np.corrcoef(a[known], b[known])[0, 1])
    assert correlation(np.ones(50), b) == 0
    assert correlation(np.full(50, np.nan), b) == 0


def test_the_p_value_of_an_interval() -> None:
    assert p_value(1.0, (0.0, 3.0)) == pytest.approx(0.05)
    assert p_value(-1.0, (-3.0, 0.0)) == pytest.approx(0.05)
    assert p_value(1.0, (0.01, 3.0)) < 0.05 < p_value(1.0, (-0.01, 3.0))
    assert p_value(2.0, (0.0, 3.0)) == pytest.approx(0.05), "only the arm towards 0 counts"
    assert p_value(0.0, (-1.0, 1.0)) == 1
    assert math.isnan(p_value(0.3, (math.nan, math.nan)))


def test_percentiles_and_their_p_value_say_the_same() -> None:
    for below in range(20, 32):
        values = np.concatenate([-np.arange(1.0, below + 1), np.arange(1.0, 1001 - below)])
        (low, high), p = percentiles(values)
        assert p == 2 * (below + 1) / 1001
        assert (low > 0) == (p < 0.05), below
        assert high > 0
        assert percentiles(-values) == ((-high, -low), p)


def test_percentiles_of_too_few_or_equal_draws() -> None:
    assert all(map(math.isnan, percentiles(np.zeros(1000))[0]))
    assert percentiles(np.zeros(1000))[1] == 1
    assert math.isnan(percentiles(np.full(1000, 0.3))[1])
    assert math.isnan(percentiles(np.array([0.1, 0.2, np.nan]))[1])
    assert math.isnan(percentiles(np.full(9, np.nan))[1])


def test_outcomes() -> None:
    gold = np.array([0, 0, 0, 1, 1, 1, 2])
    runs = np.array([[0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 1, 0, 2, 1], [0] * 7])
    first, same = outcomes(gold, runs)
    assert (first.both_right, first.broken, first.fixed, first.both_wrong) == (1, 2, 1, 3)
    assert first.changed == 2
    assert first.p == mcnemar(2, 1)
    assert (same.both_right, same.broken, same.fixed, same.both_wrong, same.p) == (3, 0, 0, 4, 1)
    assert (first.run, same.run) == (1, 2)


def test_slices_have_the_test_within_each_group() -> None:
    correct = np.zeros((2, 200), dtype=bool)
    correct[0, :100] = True
    correct[1, :60] = correct[1, 100:105] = True
    halves = np.arange(200) < 100
    groups = [
        ("half", "first", halves), ("half", "second", ~halves), ("again", "first", halves),
        ("few", "here", np.arange(200) < 29),
    ]  # fmt: skip
    found = slice_differences(correct, [1], groups)
    assert [(s.group, s.name) for s in found] == [
        ("again", "first"),
        ("half", "first"),
        ("half", "second"),
    ]
    worst, _, best = found
    assert (worst.count, worst.first, worst.second) == (100, 1.0, 0.6)
    assert (worst.broken, worst.fixed, worst.value) == (40, 0, -0.4)
    assert worst.interval == tango_interval(40, 0, 100)
    assert worst.tests == 2, "a group under another name is no test more"
    assert worst.p == 2 * mcnemar(40, 0)
    assert best.p == mcnemar(0, 5)
    assert (worst.stands_out, best.stands_out) == (True, False)
    assert slice_differences(correct, [], groups) == ()
