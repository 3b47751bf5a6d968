"""The exact test of one example: its p-value by hand, its level by simulation, its early stop."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.records import FRACTIONS
from reportgen.removal import (
    DRAWS,
    EXCEEDANCES,
    FIRST_DRAWS,
    LEAST_EFFECT,
    LEVEL,
    TESTED,
    RemovalTest,
    is_content_word,
    removal_test,
)

BEFORE = 0.9


def table(drops: np.ndarray) -> np.ndarray:
    """Probabilities [R, F] with these mean drops [R] at the tested sizes, NaN at the others."""
    values = np.full((len(drops), len(FRACTIONS)), np.nan, np.float32)
    for share, shift in zip(TESTED, (-0.01, 0.0, 0.01), strict=True):
        values[:, FRACTIONS.index(share)] = BEFORE - drops - shift
    return values


@pytest.mark.parametrize(
    ("test", "p", "decided", "supported"),
    [
        (RemovalTest(0.2, 0, 99), 0.01, True, True),
        (RemovalTest(0.2, 4, 99), 0.05, True, True),
        (RemovalTest(0.2, 5, 99), 0.06, True, False),
        (RemovalTest(0.05, 0, 99), 0.01, True, True),
        (RemovalTest(0.049, 0, 99), 0.01, True, False),  # beyond chance, but next to nothing
        (RemovalTest(0.2, 5, 20), 6 / 21, True, False),  # stopped early
        (RemovalTest(0.2, 4, 20), 5 / 21, False, False),
        (RemovalTest(0.2, 0, 20), 1 / 21, False, False),  # an older table: too few draws
        (RemovalTest(0.01, 0, 20), 1 / 21, True, False),
    ],
)
def test_by_hand(test: RemovalTest, p: float, decided: bool, supported: bool) -> None:
    assert test.p_value == pytest.approx(p)
    assert (test.decided, test.supported) == (decided, supported)


def test_the_statistic_is_the_mean_over_the_sizes_drawn() -> None:
    own = np.array([0.8, 0.0, 0.7, 0.6, 0.0], np.float32)  # drops 0.1, 0.2 and 0.3 where tested
    test = removal_test(BEFORE, own, table(np.array([0.1, 0.3, 0.25, 0.19])))
    assert test == RemovalTest(pytest.approx(0.2), 2, 4)
    whole = np.tile(own, (3, 1))  # an older table, drawn at all sizes; equal drops are no support
    assert removal_test(BEFORE, own, whole) == RemovalTest(pytest.approx(0.48), 3, 3)


def test_stopping_early_never_changes_the_result_and_random_attention_passes_in_five_percent() -> (
    None
):
    """The attention's drop is one more draw of chance: exchangeable, as under the null."""
    rng = np.random.default_rng(7)
    runs, passed, passed_in_full, drawn = 4000, 0, 0, 0
    for _ in range(runs):
        drops = 0.3 + 0.1 * rng.standard_normal(DRAWS + 1)
        larger = drops[1:] >= drops[0]
        full = RemovalTest(drops[0], int(larger.sum()), DRAWS)
        first = RemovalTest(drops[0], int(larger[:FIRST_DRAWS].sum()), FIRST_DRAWS)
        used = first if first.decided else full
        assert used.supported == full.supported or drops[0] < LEAST_EFFECT
        passed += used.supported
        passed_in_full += full.supported
        drawn += used.draws
    assert passed == passed_in_full
    assert abs(passed / runs - LEVEL) < 4 * np.sqrt(LEVEL * (1 - LEVEL) / runs)
    assert drawn / runs < 50, "most of chance is found out after the first draws"


def test_five_exceedances_settle_it() -> None:
    assert RemovalTest(1, EXCEEDANCES, DRAWS).p_value > LEVEL
    assert RemovalTest(1, EXCEEDANCES - 1, DRAWS).p_value <= LEVEL


@pytest.mark.parametrize(
    ("token", "content"),
    [
        ("Terrible", True), ("the", False), ("The", False), (",", False), ("...", False),
        ("10", True), ("schön", True), ("映", True), ("'s", True), ("", False),
    ],
)  # fmt: skip
def test_content_words(token: str, content: bool) -> None:
    assert is_content_word(token) is content
