"""Agreement of raters: examples of the literature, another library, and what must always hold."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score

from reportgen.analysis import raters
from reportgen.analysis.intervals import NO_INTERVAL
from reportgen.analysis.raters import LEAST_RATED, MISSING, Agreement, Coefficient, agreement

Ratings = np.ndarray


def columns(*rows: str) -> Ratings:
    """Ratings [N, R] from a row of letters or digits per rater; a point is a missing answer."""
    answers = sorted(set("".join(rows)) - set(" ."))
    named = {answer: place for place, answer in enumerate(answers)} | {".": MISSING}
    return np.array([[named[c] for c in row.replace(" ", "")] for row in rows]).T


def measure(ratings: Ratings, answers: int, ordered: bool = False, seed: int = 1) -> Agreement:
    return agreement(ratings, answers, ordered=ordered, seed=seed)


# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", the data of its sections A to D.
BINARY = columns("0100000010", "1110010000")
NOMINAL = columns("aabbdcccedda", "babbbcccеddd".replace("е", "e"))
FOUR = columns("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def alpha(ratings: Ratings, answers: int, ordered: bool) -> float:
    """Krippendorff's alpha of two raters too, as in the article."""
    tables = raters._coincidences(ratings[(ratings != MISSING).sum(axis=1) >= 2], answers)
    return float(raters._coefficient(tables.sum(axis=0), Coefficient.ALPHA, ordered))


@pytest.mark.parametrize(
    ("ratings", "answers", "ordered", "published"),
    [
        (BINARY, 2, False, 0.095),
        (NOMINAL, 5, False, 0.692),
        (FOUR, 5, False, 0.743),
        (FOUR, 5, True, 0.815),
    ],
)
def test_alpha_of_the_examples_of_krippendorff(
    ratings: Ratings, answers: int, ordered: bool, published: float
) -> None:
    assert alpha(ratings, answers, ordered) == pytest.approx(published, abs=0.0005)


def test_what_is_counted_of_krippendorffs_four_observers() -> None:
    found = measure(FOUR, 5)
    assert (found.raters, found.examples, found.coefficient) == (4, 11, Coefficient.ALPHA)
    assert found.value == pytest.approx(0.743, abs=0.0005)
    # Pairs of observers: 3 in each of the units 1 and 10, 1 in the 11th, 6 in each of the others.
    assert found.pairs == 3 + 3 + 1 + 8 * 6
    assert found.share == pytest.approx((3 + 3 + 1 + 3 * 6 + 0 + 6 + 6 + 3 + 3) / 55)
    assert found.interval == pytest.approx(NO_INTERVAL, nan_ok=True)  # 11 units are few


def test_kappa_by_hand() -> None:
    """Of 50 applications two readers say yes to 20, no to 15: p 0.7, by chance 0.5."""
    pairs = [(0, 0)] * 20 + [(0, 1)] * 5 + [(1, 0)] * 10 + [(1, 1)] * 15
    found = measure(np.array(pairs), 2)
    assert found.coefficient is Coefficient.KAPPA
    assert found.share == pytest.approx(0.7)
    assert found.value == pytest.approx(0.4)


def test_alpha_by_hand() -> None:
    """Three raters; the last example has one answer, which is not compared with any."""
    found = measure(np.array([[0, 0, 0], [1, 1, 0], [0, 1, MISSING], [1, MISSING, MISSING]]), 4)
    # Coincidences: 5 answers 0 and 3 answers 1, of which 4 meet another one.
    assert found.value == pytest.approx(1 - (4 / 8) / (2 * 5 * 3 / (8 * 7)))
    assert (found.examples, found.pairs, found.share) == (3, 7, pytest.approx(4 / 7))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("ordered", "weights"), [(False, None), (True, "linear")])
def test_kappa_is_that_of_scikit_learn(seed: int, ordered: bool, weights: str | None) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 4, 50)
    second = np.where(rng.random(50) < 0.5, first, rng.integers(0, 4, 50))
    found = measure(np.stack([first, second], axis=1), 4, ordered)
    assert found.value == pytest.approx(
        cohen_kappa_score(first, second, labels=range(4), weights=weights)
    )


def by_definition(ratings: Ratings, ordered: bool) -> float:
    """Alpha from all pairs of values, without any table of counts."""
    units = [[int(v) for v in row if v != MISSING] for row in ratings]
    units = [unit for unit in units if len(unit) > 1]
    values = [v for unit in units for v in unit]

    def away(a: int, b: int) -> float:
        if not ordered:
            return float(a != b)
        low, high = min(a, b), max(a, b)
        between = sum(values.count(k) for k in range(low, high + 1))
        return (between - (values.count(low) + values.count(high)) / 2) ** 2

    n = len(values)
    observed = sum(
        2 * sum(away(a, b) for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in units
    )
    expected = 2 * sum(away(a, b) for a, b in combinations(values, 2))
    return 1 - (n - 1) * observed / expected if expected else math.nan


some_ratings = st.tuples(st.integers(1, 12), st.integers(3, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(MISSING, 3))
)


@settings(deadline=None)
@given(some_ratings, st.booleans())
def test_alpha_is_its_definition(ratings: Ratings, ordered: bool) -> None:
    assert alpha(ratings, 4, ordered) == pytest.approx(by_definition(ratings, ordered), nan_ok=True)


@settings(deadline=None)
@given(some_ratings, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_raters_examples_and_answers_does_not_matter(
    ratings: Ratings, ordered: bool, random: object
) -> None:
    """Neither do other names: of ordered answers only their direction may change."""
    rng = np.random.default_rng(0)
    renamed = np.array([3, 2, 1, 0]) if ordered else rng.permutation(4)
    other = np.where(ratings == MISSING, MISSING, renamed[ratings])
    other = rng.permutation(rng.permutation(other, axis=1), axis=0)
    one, two = measure(ratings, 4, ordered), measure(other, 4, ordered)
    assert (one.raters, one.examples, one.pairs) == (two.raters, two.examples, two.pairs)
    assert one.coefficient is two.coefficient
    for name in ("share", "share_interval", "value"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), nan_ok=True), name


@settings(deadline=None, max_examples=30)
@given(arrays(np.int64, (25, 3), elements=st.integers(MISSING, 2)), st.booleans())
def test_intervals_hold_their_value_and_have_a_width(ratings: Ratings, ordered: bool) -> None:
    found = measure(ratings, 3, ordered)
    for value, (low, high) in (
        (found.share, found.share_interval),
        (found.value, found.interval),
    ):
        if not math.isnan(low):
            assert low <= value <= high
            assert high - low > 1e-6
    assert math.isnan(found.share_interval[0]) == (found.examples < LEAST_RATED)


def test_one_rater_or_none_agrees_with_nobody() -> None:
    for ratings, number in ((np.full((3, 2), MISSING), 0), (np.array([[0, MISSING]] * 3), 1)):
        found = measure(ratings, 2)
        assert (found.raters, found.examples, found.pairs) == (number, 0, 0)
        assert found.coefficient is None
        assert math.isnan(found.share)
        assert math.isnan(found.value)


def test_raters_of_other_examples_do_not_overlap() -> None:
    found = measure(np.array([[0, MISSING], [MISSING, 1]]), 2)
    assert (found.raters, found.examples, found.coefficient) == (2, 0, None)


def test_a_rater_without_answers_does_not_count() -> None:
    """Two of three answered this question, so kappa is asked for."""
    ratings = np.array([[0, MISSING, 0], [1, MISSING, 0], [1, MISSING, 1]])
    assert measure(ratings, 2).coefficient is Coefficient.KAPPA
    assert measure(ratings, 2) == measure(ratings[:, [0, 2]], 2)


@pytest.mark.parametrize("number", [2, 3])
def test_only_one_answer_leaves_the_coefficient_undefined(number: int) -> None:
    found = measure(np.zeros((40, number), np.int64), 3)
    assert found.share == 1
    assert math.isnan(found.value)
    assert found.share_interval[0] < 0.95  # and yet an interval, as of a proportion of 40


def test_full_agreement_has_no_interval() -> None:
    answers = np.arange(40) % 3
    found = measure(np.stack([answers] * 3, axis=1), 3)
    assert found.value == 1
    assert math.isnan(found.interval[0])


def test_the_interval_begins_at_twenty_examples() -> None:
    rng = np.random.default_rng(2)
    ratings = rng.integers(0, 3, (LEAST_RATED, 3))
    assert LEAST_RATED == 20
    assert not math.isnan(measure(ratings, 3).interval[0])
    assert not math.isnan(measure(ratings, 3).share_interval[0])
    assert math.isnan(measure(ratings[1:], 3).interval[0])
    assert math.isnan(measure(ratings[1:], 3).share_interval[0])


def test_the_seed_decides_the_bootstrap() -> None:
    ratings = np.random.default_rng(3).integers(0, 3, (40, 3))
    assert measure(ratings, 3, seed=1) == measure(ratings, 3, seed=1)
    assert measure(ratings, 3, seed=1).interval != measure(ratings, 3, seed=2).interval


def test_the_bootstrap_interval_is_that_of_scipy() -> None:
    """BCa, of a measure that is a function of examples: the resamples differ, the ends hardly."""
    from scipy.stats import bootstrap

    rng = np.random.default_rng(4)
    first = rng.integers(0, 3, 80)
    second = np.where(rng.random(80) < 0.6, first, rng.integers(0, 3, 80))
    found = measure(np.stack([first, second], axis=1), 3)

    def kappa(a: np.ndarray, b: np.ndarray) -> float:
        equal = float((a == b).mean())
        chance = sum(float((a == k).mean() * (b == k).mean()) for k in range(3))
        return (equal - chance) / (1 - chance)

    other = bootstrap(
        (first, second), kappa, paired=True, vectorized=False, n_resamples=2000, rng=5
    ).confidence_interval
    assert found.interval == pytest.approx((other.low, other.high), abs=0.03)


def test_the_interval_does_not_depend_on_the_order_of_examples_and_raters() -> None:
    rng = np.random.default_rng(6)
    ratings = rng.integers(MISSING, 3, (60, 4))
    other = rng.permutation(rng.permutation(ratings, axis=1), axis=0)
    assert measure(ratings, 3).interval == pytest.approx(measure(other, 3).interval)


def test_an_interval_of_skewed_resamples_holds_the_value() -> None:
    low, high = raters._bca(0.999, np.linspace(0, 1, 1001), np.linspace(0, 1, 30))
    assert low <= 0.999 <= high


def test_many_examples_take_little_memory() -> None:
    """Two hundred thousand, drawn one by one a thousand times, would take 1.6 GB."""
    import tracemalloc

    ratings = np.random.default_rng(7).integers(0, 3, (200_000, 3))
    tracemalloc.start()
    measure(ratings, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
