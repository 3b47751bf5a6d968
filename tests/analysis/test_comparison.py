"""Two or more tables compared: known truths, what must not change, and hostile tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.comparison import Comparison
from reportgen.errors import UsageError
from reportgen.records import Prediction
from tests.analysis.tables import CLASSES, INFO, compared, drawn, renamed, row, rows

GOLD, FIRST, SECOND = drawn(120, seed=2)


def models(*probabilities: Any, gold: Sequence[int | None] = GOLD) -> list[list[Prediction]]:
    return [rows(gold, given) for given in probabilities]


def numbers(found: Comparison) -> list[Any]:
    """All numbers of a comparison that the order of rows must not change."""
    return [
        found.matched, found.ids, found.gold.tolist(), found.predicted.tolist(), found.change,
        [s.indices.tolist() for s in found.sections], repr(found.differences), found.outcomes,
        found.slices, found.right_in, found.agreed, found.identical,
    ]  # fmt: skip


def test_two_runs(tmp_path: Path) -> None:
    found = compared(tmp_path, *models(FIRST, SECOND))
    assert (found.names, found.letters, len(found)) == (("a", "b"), "AB", 120)
    assert found.pairs.tolist() == [list(range(120))] * 2
    correct = np.stack([np.asarray(p).argmax(axis=1) == GOLD for p in (FIRST, SECOND)])
    assert np.array_equal(found.correct, correct)
    assert np.allclose(found.confidence[1], np.asarray(SECOND).max(axis=1))
    (pair,) = found.outcomes
    assert pair.broken == (correct[0] & ~correct[1]).sum() == len(found.sections[0])
    assert pair.fixed == (correct[1] & ~correct[0]).sum() == len(found.sections[1])
    assert found.right_in == (pair.both_wrong, pair.broken + pair.fixed, pair.both_right)
    assert found.change.count("broken") == pair.broken
    accuracy = found.differences[0]
    assert (accuracy.key, accuracy.first, accuracy.second) == ("accuracy", *correct.mean(axis=1))
    assert found.measures[1]["accuracy"].value == correct[1].mean()
    assert found.curves[0].coverage.accuracy[-1] == correct[0].mean()
    assert found.curves[1].calibration.error == found.measures[1]["ece"].value
    assert found.agreed == (found.predicted[0] == found.predicted[1]).sum()
    assert found.identical == (False,)
    assert found.seed_numbers == ()


def test_the_order_of_rows_means_nothing(tmp_path: Path) -> None:
    first, second = models(FIRST, SECOND)
    order = np.random.default_rng(0).permutation(120)
    one = compared(tmp_path, first, second)
    other = compared(tmp_path, [first[i] for i in order], second[::-1])
    assert numbers(one) == numbers(other)
    assert other.pairs[0].tolist() == np.argsort(order).tolist()


def test_swapping_the_runs_flips_the_signs(tmp_path: Path) -> None:
    first, second = models(FIRST, SECOND)
    one, other = compared(tmp_path, first, second), compared(tmp_path, second, first)
    for d, turned in zip(one.differences, other.differences, strict=True):
        assert (d.value, d.low, d.high) == pytest.approx((-turned.value, -turned.high, -turned.low))
        assert d.p == pytest.approx(turned.p)
    assert one.outcomes[0].broken == other.outcomes[0].fixed
    assert {(s.group, s.name): s.value for s in one.slices} == {
        (s.group, s.name): -s.value for s in other.slices
    }
    assert one.sections[0].indices.tolist() == other.sections[1].indices.tolist()


def test_a_run_and_itself(tmp_path: Path) -> None:
    first, again = models(FIRST, FIRST)
    found = compared(tmp_path, first, again)
    assert found.identical == (True,)
    assert all(d.value == 0 and d.p == 1 and math.isnan(d.low) for d in found.differences)
    assert (found.outcomes[0].p, found.agreed) == (1, 120)
    assert [len(s) for s in found.sections] == [0, 0, 0]
    assert found.slices == ()


def test_the_order_of_classes_means_nothing(tmp_path: Path) -> None:
    first, second = models(FIRST, SECOND)
    turned = [replace(r, probabilities=np.ascontiguousarray(r.probabilities[::-1])) for r in second]
    one = compared(tmp_path, first, second)
    other = compared(tmp_path, first, turned, infos=(INFO, replace(INFO, classes=CLASSES[::-1])))
    assert numbers(one) == numbers(other)


def test_of_equal_probabilities_the_answer_is_that_of_the_runs_own_report(tmp_path: Path) -> None:
    even = [row("a", "no", (0.5, 0.5))]
    infos = (INFO, replace(INFO, classes=CLASSES[::-1]))
    found = compared(tmp_path, even, even, infos=infos)
    assert found.classes == CLASSES
    assert found.predicted.tolist() == [[0], [1]]
    assert found.change == ["broken"]


def test_only_shared_examples_count(tmp_path: Path) -> None:
    first, second = models(FIRST, SECOND)
    found = compared(tmp_path, first[:90], second[30:])
    alone = compared(tmp_path, first[30:90], second[30:90])
    assert found.ids == alone.ids
    assert numbers(found)[1:] == numbers(alone)[1:]
    assert found.matched.examples == (90, 90)
    assert found.pairs[:, 0].tolist() == [30, 0]


def test_examples_without_a_label_count_in_no_measure(tmp_path: Path) -> None:
    gold = [None if i % 3 == 0 else int(g) for i, g in enumerate(GOLD)]
    found = compared(tmp_path, *models(FIRST, SECOND, gold=gold))
    kept = [i for i in range(120) if i % 3]
    alone = compared(
        tmp_path, *([part[i] for i in kept] for part in models(FIRST, SECOND, gold=gold))
    )
    assert repr(found.differences) == repr(alone.differences)
    assert (found.outcomes, found.right_in) == (alone.outcomes, alone.right_in)
    assert (found.matched.labelled, len(found)) == (80, 120)
    assert found.sections[-1].key == "differ"
    assert set(found.change) >= {"same", "differ"}


def test_without_any_label_there_are_no_measures(tmp_path: Path) -> None:
    found = compared(tmp_path, *models(FIRST, SECOND, gold=[None] * 120))
    assert found.measures == found.differences == found.outcomes == found.slices == ()
    assert found.curves == found.right_in == found.seeds == ()
    assert [s.key for s in found.sections] == ["differ"]
    assert len(found.sections[0]) == 120 - found.agreed


def test_nothing_shared_is_empty(tmp_path: Path) -> None:
    found = compared(tmp_path, [row("a", "no", (0.9, 0.1))], [row("b", "no", (0.9, 0.1))])
    assert (len(found), found.ids, found.change) == (0, [], [])


def test_one_class_only(tmp_path: Path) -> None:
    found = compared(tmp_path, *models(FIRST[:40], SECOND[:40], gold=[1] * 40))
    by_key = {d.key: d for d in found.differences}
    assert math.isnan(by_key["mcc"].value)
    assert not math.isnan(by_key["accuracy"].low)


def test_slices_are_of_the_first_runs_columns(tmp_path: Path) -> None:
    first, second = models(FIRST, SECOND)
    topical = [replace(r, extra={"topic": f"t{i % 2}"}) for i, r in enumerate(first)]
    found = compared(tmp_path, topical, second, columns=("topic",))
    topics = {s.name: s for s in found.slices if s.group == "topic"}
    assert {name: s.count for name, s in topics.items()} == {"t0": 60, "t1": 60}
    correct = found.correct[:, ::2]
    assert topics["t0"].broken == (correct[0] & ~correct[1]).sum()
    assert {s.group for s in found.slices} >= {"length", "label", "topic"}
    with pytest.raises(UsageError, match="--slice topic: the data have no such column"):
        compared(tmp_path, first, second, columns=("topic",))


def test_three_runs(tmp_path: Path) -> None:
    _, _, third = drawn(120, seed=2, noise=1.6)
    found = compared(tmp_path, *models(FIRST, SECOND, third))
    assert found.letters == "ABC"
    right = found.correct.sum(axis=0)
    assert found.right_in == tuple(int((right == k).sum()) for k in range(4))
    assert {d.run for d in found.differences} == {1, 2}
    assert len(found.sections[0]) == found.right_in[0]
    assert sum(len(s) for s in found.sections[1:]) == found.right_in[1]
    pair = compared(tmp_path, *models(FIRST, third))
    assert [(o.broken, o.fixed, o.p) for o in found.outcomes][1] == (
        pair.outcomes[0].broken, pair.outcomes[0].fixed, pair.outcomes[0].p,
    )  # fmt: skip


def test_seeds_of_one_setting(tmp_path: Path) -> None:
    data = replace(INFO.data, sha256="ab" * 32)
    infos = [replace(renamed(checkpoint_sha256=f"{k:064}"), data=data, seed=k) for k in (1, 2)]
    found = compared(tmp_path, *models(FIRST, SECOND), infos=infos)
    assert found.seed_numbers == (1, 2)
    spread = next(s for s in found.seeds if s.key == "accuracy")
    both = [m["accuracy"].value for m in found.measures]
    assert (spread.mean, spread.deviation) == pytest.approx((np.mean(both), np.std(both, ddof=1)))
