"""Slices and likely label errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import fisher_exact

from reportgen.analysis.metrics import Scores, wilson_interval
from reportgen.analysis.slices import (
    LeftOut,
    Slice,
    detectable,
    groups,
    holm,
    left_out,
    slices,
)


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.04: times 4, 3, 2, 1, never less than the one before.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.5]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def scores_of(correct: np.ndarray) -> Scores:
    n = len(correct)
    gold = np.zeros(n, dtype=np.int64)
    return Scores(gold, np.where(correct, 0, 1), np.full(n, 0.9), np.full(n, 0.8), correct)


def test_the_worst_slice_comes_first_and_stands_out() -> None:
    rng = np.random.default_rng(0)
    bad = np.arange(1000) < 200
    correct = np.where(bad, rng.random(1000) < 0.5, rng.random(1000) < 0.9)
    other = rng.random(1000) < 0.3
    members = [("kind", "bad", bad), ("coin", "heads", other), ("few", "x", np.arange(1000) < 29)]
    found = slices(scores_of(correct), members)
    assert [s.name for s in found] == ["bad", "heads"]
    assert found[0].stands_out
    assert not found[1].stands_out
    assert found[0].accuracy == pytest.approx(correct[bad].mean())
    assert found[0].confidence == pytest.approx(0.9)
    assert found[0].rest == pytest.approx(correct[~bad].mean())
    assert (found[0].count, found[0].right) == (200, correct[bad].sum())
    assert found[0].interval == wilson_interval(found[0].right, 200)
    assert (found[0].group, found[1].group) == ("kind", "coin")


def test_p_values_are_fishers_corrected_over_all_slices_by_holm() -> None:
    rng = np.random.default_rng(2)
    correct = rng.random(400) < 0.8
    members = [rng.random(400) < share for share in (0.2, 0.3, 0.5, 0.6)]
    members.append(~correct | (rng.random(400) < 0.6))
    raw = [
        fisher_exact(
            [
                [(inside & correct).sum(), (inside & ~correct).sum()],
                [(~inside & correct).sum(), (~inside & ~correct).sum()],
            ]
        ).pvalue
        for inside in members
    ]
    found = slices(scores_of(correct), [("g", str(i), m) for i, m in enumerate(members)])
    by_name = sorted(found, key=lambda s: s.name)
    assert [s.p for s in by_name] == pytest.approx(holm(raw))
    assert [s.p for s in by_name] != pytest.approx(raw)
    assert [s.accuracy for s in found] == sorted(s.accuracy for s in found)


def test_a_slice_and_the_others_have_thirty_examples_each() -> None:
    correct = np.arange(100) % 4 > 0
    sizes = [29, 30, 31, 70, 71, 99, 100]
    members = [("g", str(n), np.arange(100) < n) for n in sizes]
    assert {s.count for s in slices(scores_of(correct), members)} == {30, 31, 70}
    assert {s.count for s in slices(scores_of(correct), members, least=51)} == set()
    assert {s.count for s in slices(scores_of(correct), members, least=1)} == {
        29,
        30,
        31,
        70,
        71,
        99,
    }


def test_a_group_and_its_complement_are_one_test() -> None:
    rng = np.random.default_rng(3)
    correct, inside, other = (rng.random(300) < share for share in (0.8, 0.4, 0.5))
    members = [("label", "a", inside), ("label", "b", ~inside), ("coin", "heads", other)]
    found = {s.name: s for s in slices(scores_of(correct), members)}
    pair, coin = (
        fisher_exact([[(m & correct).sum(), (m & ~correct).sum()],
                      [(~m & correct).sum(), (~m & ~correct).sum()]]).pvalue
        for m in (inside, other)
    )  # fmt: skip
    assert {s.tests for s in found.values()} == {2}
    wanted = holm([pair, coin])
    assert [found["a"].p, found["b"].p, found["heads"].p] == pytest.approx([wanted[0], *wanted])


@pytest.mark.parametrize(
    ("count", "others", "rest", "tests"),
    [(100, 400, 0.85, 1), (60, 60, 0.9, 5), (500, 1500, 0.8, 12), (40, 3000, 0.95, 3)],
)
def test_the_detectable_gap_is_found_four_times_in_five(
    count: int, others: int, rest: float, tests: int
) -> None:
    """By simulation: the power of Fisher's exact test at that gap, which is close to 80 %."""
    gap = detectable(count, others, rest, tests)
    assert gap is not None
    rng = np.random.default_rng(0)
    inside = rng.binomial(count, rest - gap, 600)
    outside = rng.binomial(others, rest, 600)
    found = [
        fisher_exact([[a, count - a], [b, others - b]]).pvalue < 0.05 / tests
        for a, b in zip(inside.tolist(), outside.tolist(), strict=True)
    ]
    assert 0.74 < np.mean(found) < 0.88


def test_no_gap_is_detectable_where_even_none_right_would_not_be() -> None:
    assert detectable(30, 30, 0.1, 20) is None
    assert detectable(30, 300, 0.0, 1) is None
    small, large = detectable(30, 300, 0.9, 1), detectable(300, 300, 0.9, 1)
    assert small is not None
    assert large is not None
    assert large < small


def test_equal_slices_stand_in_the_order_of_their_names() -> None:
    members = [(g, n, np.arange(80) < 40) for g, n in (("b", "x"), ("a", "z"), ("a", "y"))]
    found = slices(scores_of(np.arange(80) % 2 == 0), members)
    assert [(s.group, s.name) for s in found] == [("a", "y"), ("a", "z"), ("b", "x")]


def test_a_slice_stands_out_below_five_percent() -> None:
    one = Slice("g", "n", 30, 15, 0.5, (0.3, 0.7), 0.9, 0.8, p=0.0499, tests=1, detectable=0.1)
    assert one.stands_out
    assert not replace(one, p=0.05).stands_out


def test_groups_cover_every_example_once() -> None:
    lengths = np.arange(1, 101)
    made = list(
        groups(
            np.arange(100) % 2, ("a", "b"), lengths, lengths // 10,
            {"negation": np.where(lengths > 90, 2.0, 0.0)},
            {"topic": ["x", "y", None, "x"] * 25},
        )
    )  # fmt: skip
    kinds = {kind for kind, _, _ in made}
    assert kinds == {
        "length",
        "out-of-vocabulary words",
        "label",
        "negation",
        "topic",
    }
    for kind in kinds - {"topic"}:
        assert np.sum([inside for k, _, inside in made if k == kind], axis=0).tolist() == [1] * 100
    inside = {(kind, name): np.flatnonzero(members) + 1 for kind, name, members in made}
    assert [name for kind, name in inside if kind == "topic"] == ["x", "y"]
    assert inside["topic", "x"].tolist() == [i for i in range(1, 101) if i % 4 in (0, 1)]
    assert inside["label", "a"].tolist() == list(range(1, 101, 2))
    assert inside["negation", "any"].tolist() == list(range(91, 101))
    assert inside["negation", "none"].tolist() == list(range(1, 91))
    quarters = {name: (i[0], i[-1]) for (kind, name), i in inside.items() if kind == "length"}
    assert quarters == {
        "up to 26 tokens": (1, 26),
        "over 26 to 51 tokens": (27, 51),
        "over 51 to 76 tokens": (52, 76),
        "over 76 tokens": (77, 100),
    }


def test_out_of_vocabulary_words_are_grouped_by_their_share() -> None:
    lengths = np.array([0, 10, 10, 10, 200, 200, 200, 200])
    unknown = np.array([0, 0, 1, 1, 20, 40, 50, 60])
    gold = np.zeros(8, dtype=np.int64)
    kinds = list(groups(gold, (), lengths, unknown, {}, {}))
    shares = {name: i.tolist() for kind, name, i in kinds if kind == "out-of-vocabulary words"}
    f, t = False, True
    assert shares == {
        "up to 10.0 %": [t, t, t, t, t, f, f, f],
        "over 10.0 to 25.0 %": [f, f, f, f, f, t, t, f],
        "over 25.0 %": [f, f, f, f, f, f, f, t],
    }
    assert {kind for kind, _, _ in groups(gold, (), lengths, None, {}, {})} == {"length"}


def test_equal_values_are_one_group() -> None:
    made = list(groups(np.zeros(4, np.int64), (), np.full(4, 1200), None, {}, {}))
    assert [(kind, name) for kind, name, _ in made] == [("length", "up to 1,200 tokens")]


def of_column(column: list[str | None]) -> dict[str, list[int]]:
    lengths = np.ones(len(column), dtype=np.int64)
    made = groups(np.zeros(len(column), np.int64), (), lengths, None, {}, {"x": column})
    return {name: np.flatnonzero(inside).tolist() for kind, name, inside in made if kind == "x"}


MANY = ["often"] * 40 + ["seldom"] * 29 + [f"once {i:02}" for i in range(25)] + [None, ""]


def test_of_a_column_of_many_values_the_frequent_ones_are_compared_and_the_rest_is_named() -> None:
    assert of_column(MANY)["often"] == list(range(40))
    scores = scores_of(np.arange(len(MANY)) % 3 > 0)
    made = groups(scores.gold, (), np.ones(len(MANY), np.int64), None, {}, {"x": MANY})
    assert [s.name for s in slices(scores, made) if s.group == "x"] == ["often"]
    found = left_out("x", MANY)
    assert (found.column, found.quarters, found.values) == ("x", False, 26)
    assert (found.examples, found.empty) == (29 + 25, 2)
    assert found.named[:2] == (("seldom", 29), ("once 00", 1))
    assert len(found.named) == 12


def test_a_value_of_nearly_all_examples_is_left_out_too() -> None:
    assert left_out("x", ["a"] * 100 + ["b"] * 29).named == (("a", 100), ("b", 29))
    assert left_out("x", ["a"] * 100 + ["b"] * 30).values == 0


def test_numbers_that_seldom_repeat_are_compared_by_quarters() -> None:
    numbers = [f"{i - 50}" for i in range(160)]
    found = of_column([*numbers, ""])
    assert list(found) == ["up to -10", "over -10 to 30", "over 30 to 70", "over 70"]
    assert [len(rows) for rows in found.values()] == [41, 40, 40, 39]
    assert left_out("x", [*numbers, ""]) == LeftOut("x", True, 0, 0, 1, ())
    years = [f"{1990 + i % 25}" for i in range(25 * 30)]  # as frequent as categories
    assert len(of_column(years)) == 25
    assert not left_out("x", years).quarters
    assert "page 7" in of_column([*numbers, "page 7"])  # not all are numbers
    assert "inf" in of_column([*numbers, "inf"])


def test_quarters_of_numbers_around_zero_are_named_by_their_ends() -> None:
    found = of_column(["-1", "0", "0", "1"])
    assert list(found) == ["up to 0", "over 0 to 1"]


def test_one_token_is_said_in_the_singular() -> None:
    made = groups(np.zeros(5, np.int64), (), np.array([1, 1, 1, 1, 9]), None, {}, {})
    assert [name for _, name, _ in made] == ["up to 1 token", "over 1 token"]
