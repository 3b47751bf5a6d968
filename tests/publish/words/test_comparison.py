"""What a comparison says: true of every table that can make it, and never more than it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.comparison import Comparison
from reportgen.publish.words.comparison import headline, lede
from reportgen.publish.words.differences import (
    measure_rows,
    read_coverage,
    read_forest,
    read_reliability,
    read_slices,
    seed_rows,
    slice_rows,
    slices_note,
)
from reportgen.records import Prediction
from tests.analysis.tables import INFO, compared, drawn, renamed, row


def sure(right: Sequence[bool], confidence: float = 0.9, labelled: int = 10**6) -> list[Prediction]:
    """Examples whose label is in turn no and yes, and which are right as told."""
    made = []
    for i, is_right in enumerate(right):
        p = confidence if (i % 2 == 1) == is_right else 1 - confidence
        label = ("no", "yes")[i % 2] if i < labelled else None
        made.append(row(f"e{i:04}", label, (1 - p, p)))
    return made


def outcomes(both: int, broken: int, fixed: int, wrong: int) -> list[list[bool]]:
    """Which answers of A, and of B, are right."""
    counts = (both, broken, fixed, wrong)
    return [
        [right for right, n in zip(pattern, counts, strict=True) for _ in range(n)]
        for pattern in ((True, True, False, False), (True, False, True, False))
    ]


def said(folder: Path, *right: Sequence[bool], **more: Any) -> tuple[str, str]:
    """The headline and the lede of runs with these right answers, with plain spaces."""
    found = compared(folder, *(sure(r, 0.9 - k / 50) for k, r in enumerate(right)), **more)
    return plain(headline(found)), plain(lede(found))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_worse_beyond_chance(tmp_path: Path) -> None:
    head, text = said(tmp_path, *outcomes(60, 20, 4, 16))
    assert head == (
        "B is worse than A beyond chance: accuracy 64.0 % against 80.0 %, −16.0 points (95 %"
        " interval −25.7 to −7.0), on 100 examples"
    )
    assert text.startswith(
        "Both runs have the same examples, by id and text. B breaks 20 of the 80 that A gets right"
        " and fixes 4 of the 20 that A gets wrong (McNemar's exact test: p = 0.002)."
    )


def test_better_beyond_chance(tmp_path: Path) -> None:
    head, _ = said(tmp_path, *outcomes(60, 4, 20, 16))
    assert head.startswith("B is better than A beyond chance: accuracy 80.0 % against 64.0 %, +16")


def test_not_beyond_chance_says_how_large_it_may_be(tmp_path: Path) -> None:
    head, _ = said(tmp_path, *outcomes(80, 6, 5, 9))
    assert head == (
        "No difference in accuracy beyond chance: 86.0 % (A) and 85.0 % (B) on 100 examples; B may"
        " be up to 8.3 points worse or up to 6.2 points better"
    )


def test_an_interval_that_ends_at_nothing(tmp_path: Path) -> None:
    head, _ = said(tmp_path, *outcomes(80, 5, 0, 15))  # score test below 5 %, exact test above
    assert head.endswith("on 100 examples; B may be as good as A, or up to 11.2 points worse")
    head, _ = said(tmp_path, *outcomes(80, 0, 5, 15))
    assert head.endswith("B may be as good as A, or up to 11.2 points better")


def test_few_examples_tell_nothing(tmp_path: Path) -> None:
    head, text = said(tmp_path, *outcomes(0, 29, 0, 0))
    assert head == ("29 examples are too few to tell the runs apart: accuracy 100.0 % and 0.0 %")
    assert text == (
        "Both runs have the same examples, by id and text. B breaks 29 of the 29 that A gets right"
        " and fixes 0 of the 0 that A gets wrong. At least 30 labelled examples are needed to draw"
        " a conclusion."
    )
    found = compared(tmp_path, *map(sure, outcomes(0, 29, 0, 0)))
    assert {cell.mark for r in measure_rows(found) for cell in r.differences} == {""}
    assert headline(compared(tmp_path, *map(sure, outcomes(0, 30, 0, 0)))).startswith("B is worse")
    three = said(tmp_path, *outcomes(5, 3, 2, 1), outcomes(5, 3, 2, 1)[0])
    assert three[0] == "11 examples are too few to tell the runs apart: accuracy 63.6 % to 72.7 %"


def test_the_same_predictions(tmp_path: Path) -> None:
    right = outcomes(20, 0, 0, 20)[0]
    one, two = sure(right), sure(right)
    found = compared(tmp_path, one, two)
    assert headline(found) == (
        "The same predictions: both runs give 40 examples equal probabilities"
    )
    assert lede(found) == "Both runs have the same examples, by id and text."
    found = compared(tmp_path, one, two[:30], one)
    assert headline(found) == (
        "The same predictions: all 3 runs give 30 shared examples equal probabilities"
    )
    assert lede(found) == (
        "Compared are the 30 examples that all 3 runs have, by id and text, of 40 in A, 30 in B and"
        " 40 in C."
    )


def test_one_of_three_is_the_same(tmp_path: Path) -> None:
    right, other = outcomes(20, 10, 0, 10)
    found = compared(tmp_path, sure(right), sure(right), sure(other))
    text = plain(lede(found))
    assert "B is the same predictions as A. C breaks 10 of the 30 that A gets right" in text
    assert "B breaks" not in text


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    first, second = (sure(right) for right in outcomes(40, 3, 3, 4))
    second[0] = replace(second[0], text="other")
    second[1] = replace(second[1], label="no")
    second[2] = replace(second[2], label=None)
    second[3] = replace(second[3], label=None)
    first[4], second[4] = (replace(r, label=None) for r in (first[4], second[4]))
    found = compared(tmp_path, first, second[:-1])
    assert plain(lede(found)).startswith(
        "Compared are the 47 examples that both runs have, by id and text, of 50 in A and 49 in B."
        " 1 id of both runs has another text in one of them and is left out. 1 example has another"
        " label in one of them and is left out. 2 labels are known from some of the runs only. 1"
        " example without a label counts in no measure."
    )
    assert "on 46 labelled shared examples" in plain(headline(found))


def test_without_labels(tmp_path: Path) -> None:
    parts = [sure(right, labelled=0) for right in outcomes(10, 3, 0, 4)]
    found = compared(tmp_path, *parts)
    assert headline(found) == "Both runs give the same answer to 14 of 17 unlabelled examples"
    assert lede(found) == "Both runs have the same examples, by id and text. "[:-1]
    found = compared(tmp_path, *parts, parts[0])
    assert headline(found) == "All 3 runs give the same answer to 14 of 17 unlabelled examples"


def test_several_runs(tmp_path: Path) -> None:
    good, bad = outcomes(60, 20, 0, 20)
    better = [True] * 95 + [False] * 5
    head, text = said(tmp_path, good, bad, better, good)
    assert head == (
        "Of 4 runs on 100 examples C is better and B is worse than A beyond chance: accuracy 80.0 %"
        " (A), 60.0 % to 95.0 % (the others)"
    )
    assert "p < 0.001, p < 0.001 corrected" in text
    assert text.endswith("All runs get 60 right and 5 wrong; 15 examples only one run gets right.")
    head, _ = said(tmp_path, good, good, good)
    assert head == (
        "Of 3 runs on 100 examples none differs from A beyond chance: accuracy 80.0 % (A), 80.0 %"
        " (the others)"
    )
    _, text = said(tmp_path, *[good] * 6)
    assert "breaks" not in text, "the tables tell it of so many runs"


def seeds(folder: Path, count: int) -> Comparison:
    data = replace(INFO.data, sha256="ab" * 32)
    infos = [
        replace(renamed(checkpoint_sha256=f"{k:064}"), data=data, seed=k + 1) for k in range(count)
    ]
    rights = [[i >= 10 + k for i in range(60)] for k in range(count)]
    return compared(folder, *(sure(r, 0.9 - k / 50) for k, r in enumerate(rights)), infos=infos)


def answered(*classes: int) -> list[Prediction]:
    """Examples of the label a, of three classes, that are answered as told."""
    shares = np.full((len(classes), 3), 0.1) + 0.7 * np.eye(3)[list(classes)]
    return [row(f"e{i:04}", "a", p) for i, p in enumerate(shares.tolist())]


def test_the_test_stands_with_the_numbers_it_is_of(tmp_path: Path) -> None:
    abc = replace(INFO, classes=("a", "b", "c"))
    first, second = [0] * 30 + [1] * 8, [0] * 28 + [1] * 2 + [0] * 3 + [2] * 5
    found = compared(tmp_path, answered(*first), answered(*second), infos=[abc, abc])
    assert (
        "B breaks 2 of the 30 that A gets right and fixes 3 of the 8 that A gets wrong (McNemar's"
        " exact test: p = 1.000); 5 are wrong in both, with another answer."
    ) in lede(found)


def test_other_measures_are_counted_as_the_table_lists_them(tmp_path: Path) -> None:
    found = compared(tmp_path, *map(sure, outcomes(60, 20, 4, 16)))
    text, titles = plain(lede(found)), [r.title for r in measure_rows(found)]
    over_all = [title for title in titles if " of " not in title and title != "Accuracy"]
    assert f"of {len(over_all)} other measures over all classes" in text
    assert "Recall, mean over classes" not in titles, "it is the balanced accuracy"
    listed = text.partition("interval: ")[2].partition(".")[0]
    assert "balanced accuracy, mean precision, mean F1, Matthews correlation" in listed


def test_groups_are_counted_once_for_all_runs(tmp_path: Path) -> None:
    good, bad = outcomes(60, 20, 0, 20)
    found = compared(tmp_path, *(sure(r, 0.9 - k / 50) for k, r in enumerate((good, bad, bad))))
    names = {(s.group, s.name) for s in found.slices}
    assert len(found.slices) == 2 * len(names)
    assert f"of {len(names)} groups of examples" in lede(found)


def test_seeds(tmp_path: Path) -> None:
    found = seeds(tmp_path, 3)
    assert plain(headline(found)) == (
        "3 runs that differ by their seed: mean accuracy 81.7 %, standard deviation 1.7 points, on"
        " 60 examples"
    )
    assert lede(found).endswith(
        "The runs have the same data and settings and differ by their seed (1, 2 and 3): their"
        " differences are what another seed makes."
    )
    rows = {title: rest for title, *rest in seed_rows(found)}
    assert [plain(r) for r in rows["Accuracy"]] == ["81.7 %", "1.7 points", "80.0 % to 83.3 %"]
    assert "Recall of yes" not in rows
    two = seeds(tmp_path, 2)
    assert headline(two).startswith("No difference in accuracy beyond chance")
    assert "differ by their seed (1 and 2)" in lede(two)


def test_rows_of_measures(tmp_path: Path) -> None:
    found = compared(tmp_path, *map(sure, outcomes(60, 20, 4, 16)))
    rows = {r.title: r for r in measure_rows(found)}
    one = rows["Accuracy"]
    assert tuple(map(plain, one.values)) == ("80.0 %", "64.0 %")
    (cell,) = one.differences
    assert (plain(cell.value), cell.ends, cell.p, cell.mark) == (
        "−16.0 points", "−25.7 to −7.0", "0.002", "worse",
    )  # fmt: skip
    assert rows["Log loss"].differences[0].mark == "worse", "higher is worse"
    assert "Recall of yes" in rows
    turned = compared(tmp_path, *map(sure, outcomes(60, 4, 20, 16)))
    assert {r.title: r for r in measure_rows(turned)}["Log loss"].differences[0].mark == "better"


def test_rows_of_groups(tmp_path: Path) -> None:
    found = compared(tmp_path, *map(sure, outcomes(60, 20, 4, 16)))
    rows = list(slice_rows(found))
    label = next(r for r in rows if (r.group, r.name) == ("label", "yes"))
    assert (label.count, label.run, label.broken) == (50, "B", 10)
    assert label.cell.value.startswith("−16")
    assert f"over {found.slices[0].tests} tests" in slices_note(found)
    few = compared(tmp_path, *(sure(r)[:40] for r in outcomes(10, 10, 10, 10)))
    assert {r.group for r in slice_rows(few)} <= {"length", "label", "negation", "contrast words"}
    none = compared(tmp_path, *(sure(r)[:20] for r in outcomes(10, 5, 3, 2)))
    assert slices_note(none) == "No group has 30 labelled examples, so none is compared."


def test_readings_of_the_charts(tmp_path: Path) -> None:
    _, first, second = drawn(60)
    three = [[row(f"e{i}", "no", p) for i, p in enumerate(part)] for part in (first, second, first)]
    found = compared(tmp_path, *three)
    assert "after Holm's correction over the runs" in read_forest(found, 3)
    assert read_forest(found, 2).endswith(" Drawn are 2 of 3 runs.")
    error = found.measures[1]["ece"].value
    assert f"A {found.measures[0]['ece'].value:.3f}, B {error:.3f}" in read_reliability(found, "AB")
    assert "C " not in plain(read_coverage(found, "AB")).partition(":")[2].partition(".")[0][-3:]
    assert read_slices(found, len(found.slices)).startswith("All groups, ")
    assert read_slices(found, 1).startswith("The 1 of ")
    assert read_slices(found, 1).endswith("The intervals are Tango's, not corrected.")


@pytest.mark.parametrize("seed", range(6))
def test_every_sentence_ends_and_no_number_is_missing(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 80))
    runs = [rng.random(n) < rng.uniform(0, 1) for _ in range(2 + seed % 3)]
    head, text = said(tmp_path, *runs)
    assert not head.endswith(".")
    assert text.endswith(".")
    for bad in ("nan", "None", "  ", "+-", "–", "..", "inf"):
        assert bad not in f"{head} {text}", text
