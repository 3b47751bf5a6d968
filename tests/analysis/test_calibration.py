from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reportgen.analysis import calibration as calibration_module
from reportgen.analysis.calibration import calibration, confidence_histogram, reference
from reportgen.analysis.metrics import Scores, wilson_interval
from reportgen.analysis.selective import aurc, coverage


def scored(confidence: list[float], correct: list[bool]) -> Scores:
    """Two classes; class 0 is always predicted."""
    p = np.array(confidence)
    gold = np.where(correct, 0, 1)
    return Scores.of(gold, np.stack([p, 1 - p], axis=1))


def drawn(n: int, k: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(k, 0.5), n).astype(np.float32).astype(np.float64)
    return rng.integers(0, k, n), rows


@pytest.mark.parametrize(("n", "k"), [(1, 2), (40, 2), (500, 2), (500, 3), (300, 10)])
def test_the_error_equals_torchmetrics(n: int, k: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from torchmetrics.functional.classification import multiclass_calibration_error

        gold, rows = drawn(n, k, n + k)
        reference = multiclass_calibration_error(
            torch.tensor(rows), torch.tensor(gold), num_classes=k, n_bins=15, norm="l1"
        )
    assert calibration(Scores.of(gold, rows)).error == pytest.approx(float(reference), abs=1e-5)


def test_the_error_by_hand() -> None:
    # Bins of a fifth: (0.4, 0.6] has 0.5 and 0.6, one right; (0.8, 1] has 0.9, 1 and 1, two right.
    scores = scored([0.5, 0.6, 0.9, 1.0, 1.0], [True, False, False, True, True])
    found = calibration(scores, bins=5)
    gaps = (abs(1 / 2 - 0.55), abs(2 / 3 - 2.9 / 3))
    assert found.error == pytest.approx(2 / 5 * gaps[0] + 3 / 5 * gaps[1])
    assert [b.count for b in found.bins] == [0, 0, 2, 0, 3]
    assert [b.right for b in found.bins] == [0, 0, 1, 0, 2]
    middle = found.bins[2]
    assert (middle.low, middle.high) == (pytest.approx(0.4), pytest.approx(0.6))
    assert middle.confidence == pytest.approx(0.55)
    assert middle.accuracy == 0.5
    assert middle.interval == wilson_interval(1, 2)


def test_a_bin_holds_its_upper_edge() -> None:
    found = calibration(scored([0.75, 0.76], [True, True]), bins=4)
    assert [b.count for b in found.bins] == [0, 0, 1, 1]


def test_an_empty_bin_has_no_means() -> None:
    empty = calibration(scored([0.9], [True])).bins[0]
    assert (empty.count, empty.right) == (0, 0)
    assert (empty.confidence, empty.accuracy, empty.interval) == (None, None, None)


def test_a_perfectly_calibrated_model_has_no_error() -> None:
    correct = [True] * 3 + [False]
    assert calibration(scored([0.75] * 4, correct)).error == 0


def test_sure_and_always_wrong_is_the_worst() -> None:
    assert calibration(scored([1.0] * 3, [False] * 3)).error == 1


@pytest.mark.parametrize("k", [2, 3, 5, 15, 30])
def test_certain_and_even_predictions_are_binned(k: int) -> None:
    rows = np.vstack([np.full(k, 1 / k), np.eye(k)[0]])
    scores = Scores.of(np.array([0, 1]), rows)
    found = calibration(scores)
    assert sum(b.count for b in found.bins) == 2
    assert (found.bins[-1].count, found.bins[-1].right) == (1, 0)
    edges, right, wrong, _ = confidence_histogram(scores, k)
    assert (edges[0], edges[-1]) == (pytest.approx(1 / k), 1)
    assert right[0] == 1
    assert wrong[-1] == 1
    assert right.sum() + wrong.sum() == 2


def test_rounding_of_float32_loses_no_example() -> None:
    rows = np.array([[1 / 3 - 1e-7] * 3, [1 + 1e-7, 0, 0]])
    scores = Scores.of(np.array([0, 0]), rows)
    assert sum(b.count for b in calibration(scores).bins) == 2
    _, right, _, _ = confidence_histogram(scores, 3)
    assert (right[0], right[-1]) == (1, 1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(2, 6), st.integers(0, 10_000), st.integers(1, 40))
def test_bins_and_histogram_hold_every_example(n: int, k: int, seed: int, bins: int) -> None:
    scores = Scores.of(*drawn(n, k, seed))
    found = calibration(scores, bins)
    assert len(found.bins) == bins
    assert sum(b.count for b in found.bins) == n
    assert sum(b.right for b in found.bins) == scores.correct.sum()
    assert 0 <= found.error <= 1
    for b in found.bins:
        if b.confidence is not None:
            assert b.low - 1e-9 <= b.confidence <= b.high + 1e-9
    edges, right, wrong, _ = confidence_histogram(scores, k, bins)
    assert len(edges) == bins + 1
    assert right.sum() == scores.correct.sum()
    assert right.sum() + wrong.sum() == n


def test_coverage_by_hand() -> None:
    # From the most confident: right, then one of two right, then wrong.
    scores = scored([0.6, 0.9, 0.7, 0.7], [False, True, False, True])
    curve = coverage(scores, points=4)
    assert curve.shares == (0.25, 0.5, 0.75, 1.0)
    assert curve.accuracy == pytest.approx((1, 3 / 4, 2 / 3, 1 / 2))
    assert coverage(scores) == curve  # a hundred points of four examples are four
    assert len(coverage(scored([0.9] * 1000, [True] * 1000)).shares) == 100
    assert coverage(scores, points=3).shares == (0.5, 0.75, 1.0)
    assert [curve.at(share) for share in (0.1, 0.25, 0.26, 0.5, 0.9, 1.0)] == [0, 0, 1, 1, 3, 3]


def test_the_histogram_by_hand() -> None:
    scores = scored([0.5, 0.55, 0.74, 0.75, 1.0], [True, False, True, False, True])
    edges, right, wrong, _ = confidence_histogram(scores, 2, bins=2)
    assert edges.tolist() == [0.5, 0.75, 1.0]
    assert (right.tolist(), wrong.tolist()) == ([2, 1], [1, 1])
    assert len(confidence_histogram(scores, 2)[1]) == 20
    assert len(calibration(scores).bins) == 15


def test_ties_are_averaged_whatever_the_order() -> None:
    correct = np.array([True] * 90 + [False] * 10)
    for order in (np.arange(100), np.arange(100)[::-1], np.random.default_rng(1).permutation(100)):
        scores = scored([0.9] * 100, correct[order].tolist())
        assert aurc(scores)[0] == pytest.approx(0.1)
        assert coverage(scores).accuracy == pytest.approx([0.9] * 100)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(51, 60), st.booleans()), min_size=1, max_size=25))
def test_the_area_is_the_mean_over_orders_of_ties(rows: list[tuple[int, bool]]) -> None:
    confidence, correct = np.array([c for c, _ in rows]), np.array([r for _, r in rows])
    rng, areas = np.random.default_rng(0), []
    for _ in range(2000):
        order = np.lexsort((rng.random(len(rows)), -confidence))
        areas.append((np.cumsum(~correct[order]) / np.arange(1, len(rows) + 1)).mean())
    value, influence = aurc(scored((confidence / 100).tolist(), correct.tolist()))
    assert value == pytest.approx(np.mean(areas), abs=0.02)
    assert influence.sum() == pytest.approx(0, abs=0.1)


def test_a_calibrated_model_of_200_is_not_told_from_calibrated() -> None:
    rng, inside, above = np.random.default_rng(0), 0, 0
    for seed in range(60):
        p = rng.uniform(0.5, 1, 200)
        found = calibration(scored(p.tolist(), (rng.random(200) < p).tolist()))
        expected = reference(found, seed)
        low, high = expected.interval
        assert low < high
        inside += low <= 0.001
        above += found.error > expected.quantile
    assert inside >= 54
    assert above <= 8


def test_an_overconfident_model_exceeds_what_a_calibrated_one_shows() -> None:
    rng = np.random.default_rng(0)
    found = calibration(scored([0.95] * 300, rng.permutation([True] * 240 + [False] * 60).tolist()))
    expected = reference(found, 0)
    assert found.error > expected.quantile > expected.mean
    assert expected.interval[0] < 0.15 < expected.interval[1]
    assert expected.interval[0] > 0.05
    certain = reference(calibration(scored([1.0] * 5, [True] * 5)), 0).interval
    assert certain[0] < certain[1]


def test_an_underconfident_model_is_not_taken_for_an_overconfident_one() -> None:
    """Were it 8 points over, 300 examples would show 4 to 12 points; under, only 6 to 10."""
    found = calibration(scored([0.9] * 300, [True] * 294 + [False] * 6))
    low, high = reference(found, 0).interval
    assert found.error == pytest.approx(0.08)
    assert 0.055 < low < 0.07
    assert 0.09 < high < 0.1


def test_errors_of_both_signs_are_found() -> None:
    """Bins 15 points over and under, so that mean confidence and accuracy are alike."""
    confidence = [0.6] * 200 + [0.9] * 200
    correct = [True] * 150 + [False] * 50 + [True] * 150 + [False] * 50
    found = reference(calibration(scored(confidence, correct)), 0)
    low, high = found.interval
    assert 0.1 < low < 0.15 < high < 0.2


@pytest.mark.parametrize("right", [0, 1])
@pytest.mark.parametrize("n", [1, 2, 11, 100])
def test_no_interval_of_the_error_lacks_width(n: int, right: int) -> None:
    for confidence in (0.5, 0.75, 1.0):
        found = calibration(scored([confidence] * n, [bool(right)] * n))
        low, high = reference(found, 0).interval
        assert 0 <= low <= found.error <= high <= 1
        assert low < high


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 80), st.integers(0, 10_000), st.floats(0.5, 2))
def test_the_interval_begins_at_zero_where_a_calibrated_model_shows_as_much(
    n: int, seed: int, power: float
) -> None:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.5, 1, n)
    found = calibration(scored(p.tolist(), (rng.random(n) < p**power).tolist()))
    expected = reference(found, seed)
    assert (expected.interval[0] == 0) == (found.error <= expected.quantile)
    assert expected.interval[0] <= found.error <= expected.interval[1]
    assert 0 < expected.mean < expected.quantile or n < 4
    assert reference(found, seed) == expected


def test_candidates_lie_in_four_directions_about_the_measured_error() -> None:
    """The first bin's gap is within its noise, so that some candidates have none there."""
    count, right, confidence = np.array([100, 100]), np.array([89, 40]), np.array([0.9, 0.7])
    found = calibration_module._candidates(count, right, confidence)
    gaps = confidence - found
    assert found.shape == (4 * 41, 2)
    measured, beyond, over, under = np.split(gaps, 4)
    assert measured[:, 1] == pytest.approx(30 * measured[:, 0])
    assert (beyond[:, 0] == 0).all()
    assert over[1:, 0] == pytest.approx(over[1:, 1])
    assert (over[1:] > 0).all()
    assert (under[1:] <= 0).all()
    for way in (measured, beyond, over):
        errors = np.abs(way).mean(axis=1)
        assert errors[0] < 0.155 - 0.06 < 0.155 + 0.06 < errors[-1]
