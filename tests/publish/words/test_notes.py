"""Notes: which numbers they hold, and when there is none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.intervals import NO_INTERVAL
from reportgen.analysis.labels import ListPrecision
from reportgen.analysis.metrics import ClassQuality, Quality
from reportgen.analysis.ordering import Section
from reportgen.analysis.slices import Slice
from reportgen.publish.words import notes
from reportgen.publish.words.weights import ATTRIBUTIONS
from tests.publish.small import numbers


def section(count: int, whole: int | None = None, key: str = "mistakes") -> Section:
    return Section(key, key, np.arange(count), count if whole is None else whole)


def test_a_sample_says_how_many_of_how_many_and_its_seed() -> None:
    assert notes.gallery_sample(40, 40, 7) is None
    text = notes.gallery_sample(1000, 25_000, 7)
    assert text
    assert numbers(text) == [1000, 25_000, 7]


def few_of_a_class() -> Quality:
    classes = tuple(
        ClassQuality(name, 0.5, 0.5, 0.5, support, 3)
        for name, support in (("common", 40), ("rare", 3), ("absent", 0))
    )
    return Quality(43, 20, 20 / 43, (0.3, 0.6), 0.615, {}, classes)


def test_the_baseline_and_the_classes_of_few_examples_are_named() -> None:
    text = notes.measures(few_of_a_class(), False)
    assert "61.5" in text
    assert "rare (3)" in text
    assert "left out of the means: absent." in text
    assert "common" not in text
    assert "metrics.json" not in text
    assert "metrics.json" in notes.measures(few_of_a_class(), True)


def test_the_list_of_labels_says_how_precise_it_is() -> None:
    found = ListPrecision(0.05, 5, 0.6, (0.5, 0.7), 0.25, (0.2, 0.3))
    better = replace(few_of_a_class(), majority=0.29)
    text = notes.label_errors(7, better, found)
    assert numbers(text) == [7, 20, 2021, 5, 60, 50, 70, 25, 20, 30, 5]
    nothing = notes.label_errors(
        0, better, replace(found, precision=math.nan, precision_interval=NO_INTERVAL)
    )
    assert "– of the list were changed labels (–)" in nothing
    assert "cannot be estimated" in notes.label_errors(7, better, None)


def test_a_model_that_is_no_better_than_the_most_frequent_class_cannot_judge_labels() -> None:
    doubt = "not shown to be better than always predicting the most frequent class"
    for majority, no_better in ((0.29, False), (0.3, True), (0.7, True), (1.0, False)):
        measured = replace(few_of_a_class(), majority=majority)
        assert (doubt in notes.label_errors(1, measured, None)) is no_better
    assert notes.label_errors(1, measured, None).startswith("1 label is listed")


def test_means_over_more_than_two_classes_are_called_means() -> None:
    three = few_of_a_class()
    two = replace(three, classes=three.classes[:2])
    assert "means over the classes, each against the rest" in notes.measures(three, False)
    assert "each against the rest" not in notes.measures(two, False)


def test_rows_that_the_table_of_words_lacks_are_named() -> None:
    assert notes.words(2, 12) is None
    text = notes.words(2, 12, ["predicted a, wrong", "predicted b, wrong"])
    assert text is not None
    assert text.startswith("Without a row: predicted a, wrong; predicted b, wrong. There no word")
    assert "even share" in text
    assert numbers(text) == [20]
    assert "even share" not in str(notes.words(2, 12, ["predicted a, wrong"], ATTRIBUTIONS))
    assert numbers(str(notes.words(20, 12, ["predicted a, wrong"]))) == [20, 12, 20]
    text = str(notes.words(2, 12, ["predicted a, wrong"], ATTRIBUTIONS, 4))
    assert text.endswith(" 4 classes have no words in this table.")
    assert notes.words(2, 12, (), ATTRIBUTIONS, 1) == ("1 class has no words in this table.")


def test_it_is_said_why_no_words_are_listed() -> None:
    assert notes.no_words(["a"]) == []
    (text,) = notes.no_words([])
    assert numbers(text) == [20]
    assert "even share of the attention" in text
    assert "attention" not in notes.no_words([], ATTRIBUTIONS)[0]


def test_rows_left_out_that_are_not_listed() -> None:
    assert notes.skipped(40, 40) is None
    text = notes.skipped(1240, 40)
    assert text
    assert numbers(text) == [1200]


def test_the_heading_of_a_section() -> None:
    assert numbers(notes.heading(section(0), 1, 0, 1300, 1300)) == [1300]
    assert "none" in notes.heading(section(0), 1, 0, 1300, 1300)
    whole = notes.heading(section(12), 1, 12, 1300, 1300)
    assert numbers(whole) == [12, 1300]
    assert "all shown here" in whole
    assert numbers(notes.heading(section(1200), 101, 200, 1300, 1300)) == [1200, 1300, 101, 200]
    assert numbers(notes.heading(section(12), 1, 11, 1300, 1300)) == [12, 1300, 1, 11]
    assert numbers(notes.heading(section(12), 2, 12, 1300, 1300)) == [12, 1300, 2, 12]
    sample = notes.heading(section(12, 1200), 1, 12, 1300, 25_000)
    assert numbers(sample) == [12, 1300, 1200, 25_000]


@pytest.mark.parametrize("key", ["mistakes", "unsure", "right"])
def test_only_the_unsure_have_two_outcomes_to_order(key: str) -> None:
    text = notes.order(section(3, key=key))
    assert ("wrong before right" in text) == (key == "unsure")
    assert "most confident first" in text
    assert notes.heading(section(3, key=key), 1, 3, 9, 9).endswith(text)
    assert notes.volume_heading(section(3, key=key), 1, 3, 9).endswith(text)


def test_what_a_volume_shows_of_a_section() -> None:
    assert notes.shown_of(section(1200), 1, 1000) == "1,000 of 1,200"
    assert notes.shown_of(section(1200), 1001, 1200) == "1,001 to 1,200 of 1,200"
    assert numbers(notes.volume_heading(section(1200), 1001, 1200, 9)) == [1001, 1200, 1200]
    none = notes.volume_heading(section(0), 1, 0, 1300)
    assert "none" in none
    assert numbers(none) == [1300]


def test_what_a_pdf_shows_and_where_the_others_are() -> None:
    whole = notes.document(1, 1300, 1300, 1300, 7)
    assert numbers(whole) == [1300]
    assert "document" in whole
    assert "volumes" in notes.document(2, 1300, 1300, 1300, 7)
    part = notes.document(1, 120, 1300, 1300, 7)
    assert numbers(part)[:2] == [120, 1300]
    assert "every one" in part
    assert "sample" not in part
    sample = notes.document(1, 120, 1300, 25_000, 7)
    assert numbers(sample)[:4] == [120, 25_000, 1300, 7]
    assert "whole sample" in sample
    all_of_it = notes.document(1, 1300, 1300, 25_000, 7)
    assert numbers(all_of_it) == [1300, 25_000, 1300, 7]
    assert "the same" in all_of_it
    assert "the same" in whole
    assert len({whole, part, sample, all_of_it}) == 4


def test_how_the_places_of_a_pdf_are_shared_out() -> None:
    labelled, none = notes.shares(120, True), notes.shares(120, False)
    assert labelled in notes.document(1, 25, 98, 98, 7, labelled)
    assert numbers(labelled) == [120, 12]
    assert numbers(none) == [120]
    assert "12 confidently right ones" in labelled
    assert "1 confidently right one," in notes.shares(9, True)
    assert "mistakes" not in none


def test_missing_columns_are_named_with_what_they_cost() -> None:
    lines = notes.missing_columns({"spans": "the spacing", "logits": "an earlier error"})
    assert len(lines) == 2
    assert all(part in lines[0] for part in ("spans", "the spacing"))
    assert all(part in lines[1] for part in ("logits", "an earlier error"))


def test_missing_glyphs_are_counted_and_named_by_their_code_points() -> None:
    assert notes.missing_glyphs(frozenset()) == []
    (line,) = notes.missing_glyphs(frozenset("映a"), frozenset())
    assert "2 characters" in line
    assert "U+0061 (Debian package fonts-noto-core), U+6620 (Debian package" in line
    both, pictures, pdf = notes.missing_glyphs(frozenset("映🥹"), frozenset("映🥺"))
    assert "of the heatmaps and of the PDF" in both
    assert "fonts-noto-cjk" in both
    assert "fonts-unifont" in pictures
    assert "of the PDF" in pdf
    assert "fonts-noto-color-emoji" in pdf


@pytest.mark.parametrize(("count", "more"), [(1, None), (12, None), (13, 1), (20, 8)])
def test_a_dozen_glyphs_are_named(count: int, more: int | None) -> None:
    text = notes.name_glyphs({chr(0x4E00 + i) for i in range(count)})
    assert text.count("U+") == min(count, 12)
    assert text.startswith("U+4E00")
    assert (f"{more} more" in text) if more else ("more" not in text)


def test_tokens_without_a_place_and_those_that_share_one_are_told() -> None:
    assert notes.unlocated(0, 1300) == notes.shared(0, 1300) == []
    (unlocated,), (shared,) = notes.unlocated(2, 1300), notes.shared(1, 1)
    assert numbers(unlocated) == [2, 1300]
    assert numbers(shared) == [1, 1]
    assert unlocated != notes.shared(2, 1300)[0]


def test_classes_that_are_not_listed_are_told() -> None:
    assert notes.classes(100, 100) is None
    assert notes.words(12, 12) is None
    assert numbers(notes.classes(1001, 100) or "") == [100, 1001]
    assert numbers(notes.words(1001, 12) or "") == [1001, 12]


def test_it_is_told_what_is_left_out_of_few_examples() -> None:
    one = Slice("length", "long", 40, 20, 0.5, (0.3, 0.7), 0.5, 0.8, 0.5, 1, None)
    (groups,) = notes.too_few(30, [])
    (labels,) = notes.too_few(29, [one])
    assert (numbers(groups), numbers(labels)) == ([30, 30], [30])
    assert groups.startswith("Groups")
    assert labels.startswith("Labels")
    assert notes.too_few(29, []) == [groups, labels]
    assert notes.too_few(30, [one]) == []


def test_tests_of_groups_are_counted() -> None:
    assert "1 test " in notes.slices(1)
    assert "1,234 tests" in notes.slices(1234)
