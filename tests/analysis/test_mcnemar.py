"""McNemar's exact test and Tango's interval against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reportgen.analysis.intervals import Z
from reportgen.analysis.mcnemar import mcnemar, tango_interval


def exact(broken: int, fixed: int) -> float:
    """Twice the lower tail of a binomial distribution with one half; the mode is not exceeded."""
    n = broken + fixed
    tail = sum(math.comb(n, i) for i in range(min(broken, fixed) + 1)) / 2**n
    return min(1.0, 2 * tail)


@pytest.mark.parametrize(
    ("broken", "fixed"), [(0, 0), (1, 0), (5, 0), (6, 0), (10, 2), (121, 59), (33, 33), (59, 121)]
)
def test_the_exact_test_is_twice_the_binomial_tail(broken: int, fixed: int) -> None:
    assert mcnemar(broken, fixed) == pytest.approx(exact(broken, fixed), rel=1e-9)
    assert mcnemar(broken, fixed) == mcnemar(fixed, broken)


def test_known_values() -> None:
    # By hand: 2 (1 + 10 + 45) / 1024 of ten; 2 / 32 and 2 / 64 where all go one way.
    assert mcnemar(2, 8) == pytest.approx(112 / 1024)
    assert mcnemar(5, 0) == pytest.approx(1 / 16)
    assert mcnemar(6, 0) == pytest.approx(1 / 32)


def score(b: int, c: int, n: int, d: float) -> float:
    """Tango's statistic with the nuisance parameter found by likelihood on a fine grid."""
    q = np.linspace(max(0.0, -d), (1 - d) / 2, 400_001)[1:-1]
    likelihood = c * np.log(q) + b * np.log(np.maximum(q + d, 1e-300))
    likelihood += (n - b - c) * np.log(np.maximum(1 - 2 * q - d, 1e-300))
    best = q[np.argmax(likelihood)]
    return float((b - c - n * d) / math.sqrt(n * (2 * best + d * (1 - d))))


@pytest.mark.parametrize(
    ("broken", "fixed", "n"), [(2, 12, 50), (9, 21, 60), (40, 10, 500), (1, 8, 20)]
)
def test_the_ends_are_where_the_score_test_rejects(broken: int, fixed: int, n: int) -> None:
    low, high = tango_interval(broken, fixed, n)
    assert mcnemar(broken, fixed) < 0.05
    assert score(fixed, broken, n, low) == pytest.approx(Z, abs=2e-3)
    assert score(fixed, broken, n, high) == pytest.approx(-Z, abs=2e-3)
    assert low < (fixed - broken) / n < high


def test_nothing_changed_is_no_proof_that_nothing_can_change() -> None:
    low, high = tango_interval(0, 0, 100)
    assert high == pytest.approx(Z**2 / (100 + Z**2), rel=1e-9)
    assert low == -high


def test_swapping_the_runs_flips_the_interval() -> None:
    for broken, fixed in ((3, 9), (0, 7), (5, 5), (30, 2)):
        low, high = tango_interval(broken, fixed, 40)
        assert tango_interval(fixed, broken, 40) == (-high, -low)


def test_interval_and_test_say_the_same() -> None:
    for broken in range(12):
        for fixed in range(12):
            low, high = tango_interval(broken, fixed, 25)
            assert (low > 0 or high < 0) == (mcnemar(broken, fixed) < 0.05), (broken, fixed)
            assert low <= (fixed - broken) / 25 <= high


def test_all_changed_one_way_ends_at_one() -> None:
    low, high = tango_interval(0, 30, 30)
    assert high == pytest.approx(1.0)
    assert low == pytest.approx((30 - Z**2) / (30 + Z**2), rel=1e-6)
