"""The sentences of a comparison's gallery."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reportgen.analysis.differences import SliceDifference
from reportgen.analysis.ordering import Section
from reportgen.figures.scales import PLAIN, Scale
from reportgen.publish.words import flips
from reportgen.records import Weights
from tests.publish.comparison.compared import opened, row, runs

SHAP = Weights("attribution", "SHAP values")


def section(key: str, count: int, whole: int | None = None) -> Section:
    return Section(key, key.capitalize(), np.arange(count), whole or count)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("broken", ("✕", "Broken")),
        ("fixed", ("✓", "Fixed")),
        ("changed", ("✕", "Changed, still wrong")),
        ("all-wrong", ("✕", "All wrong")),
        ("only-C-right", ("✓", "Only C right")),
        ("differ", ("?", "Other answers")),
    ],
)
def test_every_change_has_a_sign_and_a_name(key: str, said: tuple[str, str]) -> None:
    assert flips.verdict(key) == said
    assert flips.meaning(key)


def test_what_a_change_means() -> None:
    assert flips.meaning("only-C-right") == "Right in C, wrong in every other run."
    assert flips.meaning("fixed") == "Wrong in A, right in B."


def test_headings_count_the_section_and_say_the_order() -> None:
    assert flips.heading(section("fixed", 3), 1, 3, 20) == (
        "3 of 20 shared examples; all shown here, most confident wrong answer first"
    )
    assert "; 101 to 150 shown here, " in flips.heading(section("broken", 150), 101, 150, 2000)
    assert flips.heading(section("changed", 0), 1, 0, 20) == ("0 of 20 shared examples")
    sampled = flips.heading(section("broken", 5, 1200), 1, 5, 9000)
    assert "1,200 of 9,000 shared examples, 5 of these in the sample; all shown" in sampled
    assert flips.heading(section("differ", 1), 1, 1, 1).endswith("most confident answer first")


def test_headings_of_the_pdf() -> None:
    assert flips.volume_heading(section("broken", 9), 1, 4, 20) == (
        "showing 4 of 9, most confident wrong answer first"
    )
    none = flips.volume_heading(section("broken", 0), 1, 0, 20)
    assert none == "0 of 20 shared examples"


def test_what_the_gallery_leaves_out() -> None:
    assert flips.rest(5, 5, 8, 1).startswith("The gallery shows 5 of 8 shared examples; compari")
    text = flips.rest(5, 90, 800, 3)
    assert "a random sample, with seed 3, of the 90 in the sections below" in text
    assert flips.rest(0, 0, 8, 1).startswith("No shared example belongs in the gallery")
    assert flips.document(0, 0, 8) == flips.rest(0, 0, 8, 1)


def test_what_the_pdf_leaves_out() -> None:
    assert flips.document(5, 5, 8).endswith("(8 examples shared by the runs). The HTML pages show"
                                            " the same ones.")  # fmt: skip
    assert "5 of the 9 examples of the gallery" in flips.document(5, 9, 80)
    assert "Half of the places are for the first section" in flips.document(5, 9, 80)


def test_one_kind_of_weights_is_explained_once() -> None:
    same = flips.help_with("AB", [None, None], [PLAIN, PLAIN], False)
    assert same.count("A word is shaded") == 1
    assert "A: " not in same
    other = flips.help_with("ABC", [None, SHAP, None], [PLAIN, Scale(signed=True), PLAIN], False)
    assert "A, C: A word is shaded" in other
    assert "B: Words are shaded by attributions (SHAP values)" in other
    assert "dotted underline" in flips.help_with("AB", [None, None], [PLAIN, PLAIN], True)


def test_the_date_of_a_run_is_that_of_its_folder() -> None:
    assert flips.date_of("20260305T010203Z-0123abcd") == "5 March 2026"
    assert flips.date_of("my table.parquet") == "–"


def test_key_figures_of_two_runs(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        found = list(flips.facts(gallery.found))
    names = [fact.name for fact in found]
    assert names == ["Accuracy of A", "Accuracy of B", "Difference in accuracy, B − A"]
    assert found[0].value.replace("\xa0", " ") == "50.0 %"
    assert found[2].value.replace("\xa0", " ") == "−16.7 points"
    assert "Tango" in found[2].note


def test_runs_of_the_same_predictions_have_no_interval(tmp_path: Path) -> None:
    first, _ = runs()
    with opened(tmp_path, (first, first)) as gallery:
        *_, difference = flips.facts(gallery.found)
    assert (difference.value.replace("\xa0", " "), difference.note) == (
        "0 points", "the same predictions",
    )  # fmt: skip


def test_key_figures_of_three_runs(tmp_path: Path) -> None:
    first, second = runs()
    with opened(tmp_path, (first, second, first)) as gallery:
        *_, right, wrong = flips.facts(gallery.found)
    assert (right.name, right.value, right.note) == ("Right in all runs", "1", "of 6 examples")
    assert (wrong.name, wrong.value, wrong.note) == ("Wrong in all runs", "2", "of 6 examples")


def test_key_figures_without_labels(tmp_path: Path) -> None:
    pair = [[replace(p, label=None) for p in rows] for rows in runs()]
    with opened(tmp_path, pair) as gallery:
        (fact,) = flips.facts(gallery.found)
    assert (fact.name, fact.note) == ("Same answer of both runs", "3 of 8 examples")


def test_groups_are_counted_once_for_all_runs() -> None:
    one = SliceDifference(1, "label", "x", 50, 0.9, 0.5, 20, 0, -0.4, (-0.5, -0.3), 0.001, 4)
    all_groups = [one, replace(one, run=2), replace(one, name="y", p=0.5)]
    assert flips.groups_title(all_groups) == "By group: the runs differ in 1 of 2 groups"


def test_what_the_page_is() -> None:
    assert flips.kind("AB") == "comparison of A and B"
    assert flips.kind("ABC") == "comparison of 3 runs"


def test_a_description_names_every_answer() -> None:
    said = flips.description("Fixed", [("A", "x", 0.5), ("B", "y", 0.9999)], "y")
    assert said == "Fixed: A x 0.50, B y > 0.999, label y"
    assert row("x", "t", None, ("bad", 0.5)).label is None
    assert flips.description("Other answers", [], None) == "Other answers: no label"
