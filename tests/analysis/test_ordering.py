from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.metrics import Scores
from reportgen.analysis.ordering import Outcome, Section, outcomes, sample, sections, share_out
from reportgen.options import ReportOptions

SHARES = st.sampled_from([0.5, 0.55, 0.59375, 0.6, 0.625, 0.75, 0.9, 1.0])
RUNS = st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=40)


def scored(rows: list[tuple[float, bool]]) -> Scores:
    """Confidence and whether it was right, of two classes; class 0 is predicted."""
    p = np.array([confidence for confidence, _ in rows])
    gold = np.array([0 if right else 1 for _, right in rows])
    return Scores.of(gold, np.stack([p, 1 - p], axis=1))


MARGIN = ReportOptions().unsure_margin


def ordered(scores: Scores, ids: list[str], margin: float = MARGIN) -> list[Section]:
    return sections(scores, outcomes(scores, margin), ids)


def test_the_four_outcomes_and_their_sections() -> None:
    scores = scored([(0.9, True), (0.55, True), (0.55, False), (0.9, False)])
    assert outcomes(scores, MARGIN) == [
        Outcome.CONFIDENTLY_RIGHT,
        Outcome.UNSURE_RIGHT,
        Outcome.UNSURE_WRONG,
        Outcome.CONFIDENTLY_WRONG,
    ]
    found = ordered(scores, ["a", "b", "c", "d"])
    assert [(s.key, s.title) for s in found] == [
        ("mistakes", "Confident mistakes"),
        ("unsure", "Unsure"),
        ("right", "Confidently right"),
    ]
    assert [s.indices.tolist() for s in found] == [[3], [2, 1], [0]]
    assert [len(s) for s in found] == [1, 2, 1]


def test_the_names_of_the_outcomes_say_what_they_are() -> None:
    verdicts = {True: "right", False: "wrong", None: "unlabelled"}
    for outcome in Outcome:
        certainty, verdict = outcome.value.split("-")
        assert verdict == verdicts[outcome.correct]
        assert (certainty == "unsure") == outcome.unsure


def test_examples_without_a_label_are_neither_right_nor_wrong() -> None:
    probabilities = np.array([[0.9, 0.1], [0.55, 0.45], [0.2, 0.8], [0.45, 0.55], [0.7, 0.3]])
    bare = Scores.of(np.full(5, -1), probabilities)
    assert not bare.correct.any()
    ids = list("abcde")
    confident, unsure = ordered(bare, ids)
    assert (confident.key, confident.indices.tolist()) == ("unlabelled", [0, 2, 4])
    assert (unsure.key, unsure.indices.tolist()) == ("unlabelled-unsure", [1, 3])
    one = Scores.of(np.array([-1, 0, -1, -1, 1]), probabilities)
    found = ordered(one, ids)
    keys = ["mistakes", "unsure", "right", "unlabelled", "unlabelled-unsure"]
    assert [section.key for section in found] == keys
    assert [s.indices.tolist() for s in found] == [[4], [1], [], [0, 2], [3]]
    assert outcomes(one, MARGIN)[0] is Outcome.CONFIDENT_UNLABELLED
    assert outcomes(one, MARGIN)[3] is Outcome.UNSURE_UNLABELLED


def test_a_margin_at_the_threshold_is_sure() -> None:
    scores = scored([(0.625, False), (0.624, False)])  # margins 0.25 and 0.248
    assert outcomes(scores, 0.25) == [Outcome.CONFIDENTLY_WRONG, Outcome.UNSURE_WRONG]


def test_the_threshold_is_a_fifth() -> None:
    scores = scored([(0.6001, True), (0.5999, True)])
    assert outcomes(scores, MARGIN) == [Outcome.CONFIDENTLY_RIGHT, Outcome.UNSURE_RIGHT]


def test_with_threshold_0_nothing_is_unsure_and_beyond_1_everything() -> None:
    scores = scored([(0.5, True), (1.0, False)])
    assert [len(s) for s in ordered(scores, ["a", "b"], 0)] == [1, 0, 1]
    assert [len(s) for s in ordered(scores, ["a", "b"], 1.01)] == [0, 2, 0]


def test_equal_confidences_are_ordered_by_id() -> None:
    scores = scored([(0.9, False)] * 4 + [(0.95, False)])
    found = ordered(scores, ["b", "a10", "ä", "a2", "z"])[0]
    assert found.indices.tolist() == [4, 1, 3, 0, 2]


@settings(max_examples=60, deadline=None)
@given(RUNS, st.sampled_from([0.0, 0.2, 0.25, 0.5, 1.0]), st.randoms(use_true_random=False))
def test_sections_partition_the_run_in_order(
    rows: list[tuple[float, bool]], margin: float, random: object
) -> None:
    scores = scored(rows)
    ids = [f"id{i}" for i in range(len(rows))]
    random.shuffle(ids)  # type: ignore[attr-defined]
    found = ordered(scores, ids, margin)
    order = np.concatenate([s.indices for s in found])
    assert sorted(order.tolist()) == list(range(len(rows)))
    mistakes, unsure, right = (s.indices for s in found)
    assert not scores.correct[mistakes].any()
    assert scores.correct[right].all()
    assert (scores.margin[mistakes] >= margin).all()
    assert (scores.margin[right] >= margin).all()
    assert (scores.margin[unsure] < margin).all()
    verdicts = scores.correct[unsure].tolist()
    assert verdicts == sorted(verdicts)  # wrong before right
    rank = {outcome: i for i, outcome in enumerate(Outcome)}
    named = outcomes(scores, margin)
    keys = [(rank[named[i]], -scores.confidence[i], ids[i]) for i in order]
    assert all(one < other for one, other in pairwise(keys))


@settings(max_examples=30, deadline=None)
@given(RUNS, st.integers(0, 1000))
def test_the_order_does_not_depend_on_that_of_the_table(
    rows: list[tuple[float, bool]], seed: int
) -> None:
    ids = [f"id{i}" for i in range(len(rows))]
    mixed = np.random.default_rng(seed).permutation(len(rows))
    there = [[ids[i] for i in s.indices] for s in ordered(scored(rows), ids)]
    mixed_ids = [ids[i] for i in mixed]
    mixed_scores = scored([rows[i] for i in mixed])
    assert [[mixed_ids[i] for i in s.indices] for s in ordered(mixed_scores, mixed_ids)] == there


def parts(*sizes: int) -> list[Section]:
    """Sections of so many examples, each in falling order of indices."""
    starts = np.cumsum([0, *sizes])
    return [
        Section(f"s{k}", f"S{k}", np.arange(start, start + size)[::-1], size)
        for k, (start, size) in enumerate(zip(starts, sizes, strict=False))
    ]


@pytest.mark.parametrize("count", [0, 1, 10, 29])
def test_a_sample_keeps_order_sections_and_how_many_there_were(count: int) -> None:
    whole = parts(12, 0, 18)
    drawn = sample(whole, count, 3)
    assert sum(map(len, drawn)) == count
    for part, section in zip(drawn, whole, strict=True):
        assert (part.key, part.title, part.whole) == (section.key, section.title, section.whole)
        assert [i for i in section.indices if i in part.indices] == part.indices.tolist()


@pytest.mark.parametrize("count", [30, 31, 1000])
def test_a_sample_of_all_is_all(count: int) -> None:
    assert [s.indices.tolist() for s in sample(parts(12, 0, 18), count, 3)] == [
        s.indices.tolist() for s in parts(12, 0, 18)
    ]


def test_a_sample_is_drawn_evenly_from_the_whole_run_by_its_seed() -> None:
    whole = parts(100, 300)
    draws = [sample(whole, 40, seed) for seed in range(200)]
    chosen = [tuple(i for s in drawn for i in s.indices) for drawn in draws]
    assert len(set(chosen)) == 200
    again = sample(whole, 40, 7)
    assert tuple(i for s in again for i in s.indices) == chosen[7]
    counts = np.bincount(np.concatenate(chosen), minlength=400)  # each is expected 20 times
    assert counts.min() > 5
    assert counts.max() < 40
    assert np.mean([len(drawn[0]) for drawn in draws]) == pytest.approx(10, abs=0.6)


LABELLED, PARTLY, NONE = (
    ("mistakes", "unsure", "right"),
    ("mistakes", "unsure", "right", "unlabelled", "unlabelled-unsure"),
    ("unlabelled", "unlabelled-unsure"),
)


def sized(keys: tuple[str, ...], sizes: list[int]) -> list[Section]:
    return [Section(key, key, np.arange(size), size) for key, size in zip(keys, sizes, strict=True)]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 300), st.sampled_from([LABELLED, PARTLY, NONE]), st.data())
def test_shares_are_whole_and_fit(total: int, keys: tuple[str, ...], data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 200), min_size=len(keys), max_size=len(keys)))
    taken = share_out(total, sized(keys, sizes))
    assert all(0 <= t <= size for t, size in zip(taken, sizes, strict=True))
    right = dict(zip(keys, taken, strict=True)).get("right", 0)
    others = sum(size for key, size in zip(keys, sizes, strict=True) if key != "right")
    assert right <= max(total // 10, 1)
    assert sum(taken) - right >= min(total - max(total // 10, 1), others)
    assert sum(taken) <= total
    if sum(sizes):
        assert bool(sum(taken)) == bool(total)


@pytest.mark.parametrize(
    ("total", "sizes", "taken"),
    [
        (120, [500, 500, 500], [54, 54, 12]),
        (120, [10, 500, 500], [10, 98, 12]),
        (120, [500, 0, 500], [108, 0, 12]),
        (120, [10, 3, 85], [10, 3, 12]),
        (120, [0, 0, 85], [0, 0, 12]),
        (120, [5, 6, 7], [5, 6, 7]),
        (0, [5, 6, 7], [0, 0, 0]),
        (1, [5, 6, 7], [1, 0, 0]),
        (1, [0, 0, 7], [0, 0, 1]),
        (5, [9, 9, 9], [2, 2, 1]),
        (120, [100, 100, 100, 100, 100], [54, 18, 12, 18, 18]),
        (120, [100, 100], [60, 60]),
        (120, [10, 100], [10, 100]),
    ],
)
def test_shares_by_hand(total: int, sizes: list[int], taken: list[int]) -> None:
    keys = {2: NONE, 3: LABELLED, 5: PARTLY}[len(sizes)]
    assert share_out(total, sized(keys, sizes)) == taken
