"""What the report says of groups and of words: the smallest gap, what is left out and why."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from reportgen.analysis.certainty import PredictedClass
from reportgen.analysis.faithfulness import Estimate
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordMove, WordUse
from reportgen.publish.charts import word_classes
from reportgen.publish.words.attention import attention
from reportgen.publish.words.captions import NO_LISTS, read_slices, read_words
from reportgen.publish.words.notes import words
from reportgen.records import Weights

GOOD = Slice("topic", "film", 60, 50, 0.83, (0.7, 0.9), 0.9, 0.85, 1.0, 4, 0.204)
BAD = replace(GOOD, name="book", count=1200, accuracy=0.6, p=0.001, detectable=0.051)


MARKS = " Solid lines are 95 % Wilson intervals, the dashed line is the accuracy on all examples."


def found(*slices: Slice) -> Any:
    return SimpleNamespace(slices=slices, unlabelled=0)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_a_worse_group_is_named_with_the_smallest_gap_of_its_size() -> None:
    said = plain(read_slices(found(BAD, GOOD), True))
    assert said == (
        "Significantly worse than the other examples (diamonds): topic book: 60.0 % against 85.0 %"
        " (1,200 examples: a gap of 5.1 points or more). 4 tests (Fisher's exact test, p-values"
        " corrected by Holm's method); the gaps in brackets are found with 80 % power."
        f"{MARKS}"
    )


def test_that_none_is_worse_says_what_could_have_been_found() -> None:
    small = replace(GOOD, name="play", detectable=None)
    said = plain(read_slices(found(replace(BAD, p=0.06), GOOD, small), True))
    assert (
        "No group of 30 or more is significantly worse than the other examples in 4 tests" in said
    )
    assert "lies below that of the others by at least 5.1 to 20.4 points, depending on its" in said
    assert said.endswith(f"; 1 group could show no gap at all.{MARKS}")
    assert "by at least 20.4 points." in plain(read_slices(found(GOOD), True))
    assert "large enough to find any gap" in read_slices(found(small), True)


def test_of_more_groups_than_are_drawn_it_says_how_many_are_shown() -> None:
    for one in (GOOD, BAD):
        assert "Shown are" not in read_slices(found(*[one] * 12), True)
        shown = "Shown are the 12 of 13 groups with the lowest accuracy."
        assert read_slices(found(*[one] * 13), True).endswith(shown)


def test_the_reason_for_missing_word_rates_is_said() -> None:
    assert NO_LISTS not in read_slices(found(GOOD), True)
    for one in (GOOD, BAD):
        assert read_slices(found(one), False).endswith(NO_LISTS)


@pytest.mark.parametrize(
    ("english", "named"),
    [(True, "Punctuation and stop words are"), (False, "Punctuation marks are")],
)
def test_stop_words_are_named_only_where_there_is_a_list_of_them(english: bool, named: str) -> None:
    means = {"entropy": 0.9, "largest": 0.1, "function": 0.2, "function_tokens": 0.3}
    found = SimpleNamespace(
        unit="word", attention_means=means, faithfulness=None, english=english, weights=Weights()
    )
    (said,) = attention(found)
    assert f"{named} 30.0 % of the tokens" in plain(said)


def of_classes(rich: int, few: int) -> Any:
    names = [f"c{i}" for i in range(rich + few)]
    share = Estimate(0.5, 0.4, 0.6)
    classes = [PredictedClass(name, i, share, 0.9) for i, name in enumerate(names)]
    used = [[WordUse("w", 30, 2.0)] if i < rich - 1 else [] for i in range(rich + few)]
    return SimpleNamespace(
        unit="word",
        certainty=SimpleNamespace(classes=classes),
        performance=SimpleNamespace(unlabelled=0),
        words={(n, right): w for n, w in zip(names, used, strict=True) for right in (True, False)},
        moves={(names[rich - 1], True): [WordMove("v", 4, 0.5)]},
        faithfulness=SimpleNamespace(explained=50),
        weights=Weights(),
        english=True,
    )


def test_every_class_with_words_is_shown_or_counted() -> None:
    found = of_classes(3, 0)
    assert word_classes(found) == ["c2", "c1", "c0"]  # the most predicted first
    assert "Shown are" not in read_words(found, word_classes(found))
    found = of_classes(8, 2)
    said = read_words(found, word_classes(found)[:6])
    assert said.endswith(
        " Shown are 6 of 10 classes, the most predicted of the 8 with such words; 2 have no such"
        " words."
    )
    assert "summed over 50 explained examples" in said
    found.faithfulness = None
    assert "integrated gradients" not in read_words(found, ["c0"])


@pytest.mark.parametrize(("classes", "listed"), [(12, False), (13, True)])
def test_the_table_of_words_says_what_it_leaves_out(classes: int, listed: bool) -> None:
    assert (words(classes, 12) is not None) == listed
