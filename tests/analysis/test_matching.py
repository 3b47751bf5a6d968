"""Which examples tables share: by id and text, with labels that agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from reportgen.analysis.matching import Matched, match
from reportgen.records import Prediction
from tests.analysis.tables import CLASSES, INFO, opened, row

NO, YES = (0.9, 0.1), (0.2, 0.8)


def matched(
    folder: Path, *of: Sequence[Prediction], turned: bool = False
) -> tuple[Matched, list[str], list[int]]:
    infos = (INFO, replace(INFO, classes=CLASSES[::-1])) if turned else (INFO,)
    with opened(folder, *of, infos=infos) as tables:
        found, pairs, gold = match(tables)
        ids = [[table.ids[i] for i in part] for table, part in zip(tables, pairs, strict=True)]
        assert all(part == ids[0] for part in ids), "the rows of one column are one example"
        return found, ids[0], gold.tolist()


def test_the_same_examples_in_another_order_are_all_matched(tmp_path: Path) -> None:
    rows = [row("b", "no", NO), row("a", "yes", YES), row("c", None, YES)]
    found, ids, gold = matched(tmp_path, rows, rows[::-1])
    assert ids == ["a", "b", "c"], "in the order of ids, whatever that of the rows"
    assert gold == [1, 0, -1]
    assert found == Matched((3, 3), 3, 2, 0, 0, 0)
    assert found.whole


def test_what_one_run_lacks_or_has_otherwise_is_left_out_and_counted(tmp_path: Path) -> None:
    first = [row(id_, "no", NO) for id_ in "abcdef"]
    second = [
        row("a", "no", NO), row("b", "no", NO, text="other words"), row("c", "yes", NO),
        row("d", None, NO), row("g", "no", NO),
    ]  # fmt: skip
    found, ids, gold = matched(tmp_path, first, second)
    assert ids == ["a", "d"]
    assert gold == [0, 0], "a label that one run lacks is the other's"
    assert found == Matched((6, 5), 2, 2, other_text=1, other_label=1, borrowed=1)
    assert not found.whole
    again, others, turned = matched(tmp_path, second, first)
    assert (others, turned) == (ids, gold)
    assert again == replace(found, examples=(5, 6))


def test_an_example_that_differs_twice_counts_once(tmp_path: Path) -> None:
    first, second = [row("a", "no", NO)], [row("a", "yes", NO, text="other")]
    found, ids, _ = matched(tmp_path, first, second)
    assert (ids, found.other_text, found.other_label) == ([], 1, 0)


def test_of_three_runs_all_must_have_it(tmp_path: Path) -> None:
    parts = [[row(id_, "no", NO) for id_ in ids] for ids in ("abc", "bcd", "cde")]
    found, ids, _ = matched(tmp_path, *parts)
    assert (ids, found.examples, found.shared) == (["c"], (3, 3, 3), 1)
    parts[2][0] = row("c", "yes", NO)
    assert matched(tmp_path, *parts)[0].other_label == 1
    parts[2][0] = row("c", "no", NO, text="other")
    assert matched(tmp_path, *parts)[0].other_text == 1


def test_labels_are_matched_by_name_and_not_by_number(tmp_path: Path) -> None:
    rows = [row("a", "yes", YES), row("b", "no", NO)]
    turned = [replace(r, probabilities=np.asarray(r.probabilities)[::-1].copy()) for r in rows]
    found, ids, gold = matched(tmp_path, rows, turned, turned=True)
    assert (ids, gold, found.other_label) == (["a", "b"], [1, 0], 0)


def test_nothing_shared(tmp_path: Path) -> None:
    found, ids, gold = matched(tmp_path, [row("a", "no", NO)], [row("b", "no", NO)])
    assert (found.shared, ids, gold) == (0, [], [])
