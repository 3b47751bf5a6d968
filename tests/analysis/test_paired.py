"""Weighted measures: those of a report under even weights, those of the resample under others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reportgen.analysis import paired
from reportgen.analysis.bootstrap import resamples
from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.paired import Weighted, draws
from reportgen.analysis.scores import measure_all
from tests.analysis.tables import drawn

Floats = NDArray[np.float64]


def given(n: int, classes: int, seed: int, ties: bool = False) -> tuple[Any, Floats]:
    """Labels and probabilities; with ties, of few distinct values."""
    gold, probabilities, _ = drawn(n, seed, classes)
    if ties:
        probabilities = np.round(probabilities * 6) + 0.5
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    return gold, np.asarray(probabilities, dtype=np.float64)


def names(classes: int) -> tuple[str, ...]:
    return tuple(f"c{k}" for k in range(classes))


def report(gold: Any, probabilities: Floats) -> dict[str, float]:
    """The values of a report."""
    scores, of = Scores.of(gold, probabilities), names(probabilities.shape[1])
    found = calibration(scores)
    measures = measure_all(
        scores, probabilities, quality(scores, of), (found, reference(found, 0)), 0
    )
    return {name: measure.value for name, measure in measures.items()}


def weighted(gold: Any, probabilities: Floats) -> Weighted:
    scores = Scores.of(gold, probabilities)
    return Weighted(scores, probabilities, names(probabilities.shape[1]))


def equal(found: dict[str, Floats], expected: dict[str, float], place: int = 0) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert found[name][place] == pytest.approx(value, abs=1e-12, nan_ok=True), name


KINDS = {
    "two classes": lambda: given(200, 2, 1),
    "five classes": lambda: given(150, 5, 2),
    "ties": lambda: given(200, 2, 3, ties=True),
    "ties of four": lambda: given(120, 4, 4, ties=True),
    "one class": lambda: (np.zeros(40, dtype=int), given(40, 2, 5)[1]),
    "a class that does not occur": lambda: (given(60, 2, 6)[0], given(60, 4, 6)[1]),
    "one example": lambda: given(1, 2, 7),
}


@pytest.mark.parametrize("kind", KINDS)
def test_even_weights_give_the_values_of_a_report(kind: str) -> None:
    gold, probabilities = KINDS[kind]()
    found = weighted(gold, probabilities).measures(np.ones((2, len(gold))))
    equal(found, report(gold, probabilities), 0)
    equal(found, report(gold, probabilities), 1)


@pytest.mark.parametrize("many_steps", [0, 10**9], ids=["few of a class", "many of a class"])
@pytest.mark.parametrize("kind", ["two classes", "five classes", "ties", "ties of four"])
def test_weights_give_the_values_of_the_resample(
    kind: str, many_steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An example that is drawn three times counts as three examples: the whole of the bootstrap."""
    monkeypatch.setattr(paired, "MANY_STEPS", many_steps)
    gold, probabilities = KINDS[kind]()
    run = weighted(gold, probabilities)
    rows = list(resamples(len(gold), 3))[:4]
    found = run.measures(np.stack(rows))
    for place, weights in enumerate(rows):
        again = np.repeat(np.arange(len(gold)), weights.astype(int))
        equal(found, report(gold[again], probabilities[again]), place)


def test_a_class_that_a_resample_lacks_leaves_the_means() -> None:
    gold, probabilities = given(60, 4, 8)
    weights = np.where(gold == 2, 0.0, 1.0)
    weights[np.flatnonzero(gold != 2)[0]] += 60 - weights.sum()
    found = weighted(gold, probabilities).measures(weights[None])
    again = np.repeat(np.arange(60), weights.astype(int))
    equal(found, report(gold[again], probabilities[again]))
    assert np.isnan(found["recall.c2"][0])


def test_all_runs_are_measured_on_the_same_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    gold, probabilities = given(50, 2, 9)
    run = weighted(gold, probabilities)
    blocks = list(draws([run, run], 5))
    for first, second in blocks:
        for name, values in first.items():
            assert np.array_equal(values, second[name], equal_nan=True)
    accuracy = np.concatenate([first["accuracy"] for first, _ in blocks])
    right = run.scores.correct.astype(float)
    expected = [weights @ right / 50 for weights in resamples(50, 5)]
    assert accuracy == pytest.approx(np.array(expected))
    monkeypatch.setattr(paired, "BLOCK", 1)
    one_by_one = np.concatenate([block[0]["accuracy"] for block in draws([run], 5)])
    assert np.array_equal(one_by_one, accuracy)


@pytest.mark.parametrize("measure", ["roc_auc", "average_precision", "aurc", "accuracy_at_90"])
def test_the_order_of_equal_scores_means_nothing(measure: str) -> None:
    gold, probabilities = KINDS["ties"]()
    order = np.random.default_rng(1).permutation(len(gold))
    weights = next(iter(resamples(len(gold), 2)))
    one = weighted(gold, probabilities).measures(weights[None])[measure]
    other = weighted(gold[order], probabilities[order]).measures(weights[order][None])[measure]
    assert one == pytest.approx(other, abs=1e-12)


def test_classes_of_few_and_of_many_examples_are_ranked_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gold, probabilities = given(300, 40, 6)
    weights = np.stack(list(resamples(300, 4))[:5])
    found = []
    for many_steps in (0, paired.MANY_STEPS, 10**9):
        monkeypatch.setattr(paired, "MANY_STEPS", many_steps)
        found.append(weighted(gold, probabilities).measures(weights))
    for name, values in found[0].items():
        for other in found[1:]:
            assert np.array_equal(values, other[name], equal_nan=True), name


def test_the_same_run_is_known_by_its_probabilities() -> None:
    gold, probabilities = given(30, 2, 1)
    run = weighted(gold, probabilities)
    assert run.same_as(weighted(gold, probabilities.copy()))
    moved = probabilities.copy()
    moved[3, 0] += 1e-9
    assert not run.same_as(weighted(gold, moved))


def test_of_many_ranked_classes_there_are_fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    gold, probabilities = given(40, 5, 1)
    run = weighted(gold, probabilities)
    assert run.ranked == 5
    assert weighted(*given(40, 2, 1)).ranked == 1

    def number() -> int:
        return sum(len(block[0]["accuracy"]) for block in draws([run, run], 0))

    monkeypatch.setattr(paired, "HEAVY", 200)
    assert number() == 1000
    monkeypatch.setattr(paired, "HEAVY", 199)
    assert number() == 200
