"""Resamples as weights, and the percentile intervals of what is measured with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from reportgen.analysis import bootstrap
from reportgen.analysis.bootstrap import bootstrap_intervals, bootstrap_mean, resamples


def test_a_resample_draws_as_many_as_there_are() -> None:
    drawn = list(resamples(50, 1))
    assert len(drawn) == 1000
    assert all(weights.sum() == len(weights) == 50 for weights in drawn)
    assert np.mean(drawn, axis=0) == pytest.approx(1, abs=0.15)
    assert np.var(drawn) == pytest.approx(1 - 1 / 50, rel=0.02)  # of a binomial, 50 at 1 in 50


def test_of_many_examples_there_are_fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "LARGE", 10)
    assert (len(list(resamples(10, 1))), len(list(resamples(11, 1)))) == (1000, 200)


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = np.random.default_rng(3).normal(0.1, 1, 400)
    mine = bootstrap_mean(values, seed=1)
    its = stats.bootstrap((values,), np.mean, method="percentile", random_state=2)
    assert mine == pytest.approx(its.confidence_interval, abs=0.01)
    assert bootstrap_mean(values, seed=1) == mine
    assert bootstrap_mean(values, seed=2) != mine
    assert all(np.isnan(bootstrap_mean(np.zeros(0), 1)))


def test_the_interval_of_a_ratio_of_weighted_sums_is_scipys() -> None:
    rng = np.random.default_rng(4)
    below = rng.gamma(4, 1, 300)
    above = below * rng.uniform(0.2, 0.6, 300)
    mine = bootstrap_intervals(300, lambda w: {"ratio": float(w @ above / (w @ below))}, 1)
    its = stats.bootstrap(
        (above, below),
        lambda x, y, axis: x.sum(axis=axis) / y.sum(axis=axis),
        paired=True,
        method="percentile",
        random_state=2,
    )
    assert mine["ratio"] == pytest.approx(its.confidence_interval, rel=0.01)


def test_every_measure_is_of_the_same_resamples() -> None:
    values = np.random.default_rng(5).normal(size=30)

    def both(weights: np.ndarray) -> dict[str, float]:
        mean = float(weights @ values) / 30
        return {"mean": mean, "shifted": mean + 1, "upside down": -mean}

    found = bootstrap_intervals(30, both, 1)
    low, high = found["mean"]
    assert found["mean"] == pytest.approx(bootstrap_mean(values, 1))
    assert found["shifted"] == pytest.approx((low + 1, high + 1))
    assert found["upside down"] == pytest.approx((-high, -low))


def test_a_resample_without_a_value_is_left_out() -> None:
    def sometimes(weights: np.ndarray) -> dict[str, float]:
        return {
            "first": float(weights[1]) if weights[0] else float("nan"),
            "never": float("nan"),
        }

    found = bootstrap_intervals(20, sometimes, 1)
    wanted = [weights[1] for weights in resamples(20, 1) if weights[0]]
    assert found["first"] == pytest.approx(np.percentile(wanted, (2.5, 97.5)))
    assert all(np.isnan(found["never"]))
