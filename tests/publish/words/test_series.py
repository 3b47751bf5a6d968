"""The sentences of an index: true of one run and of many, of whole data and of samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reportgen.publish.past import Estimate, Examples, Flaw, PastRun
from reportgen.publish.series import Odd
from reportgen.publish.words import series as words

EXAMPLES = Examples("stays", "test", "ab" * 32, 200, 200, None, "")
RUN = PastRun(
    "trial", "20261101T080000Z-ab12cd34", "ab12cd34" * 8, "", EXAMPLES, 200, "m", None,
    {"ece": Estimate(0.05, 0.02, 0.08), "accuracy": Estimate(0.9, None, None)}, (), (),
)  # fmt: skip
LATER = replace(RUN, id="20261127T080000Z-ab12cd34")


def test_every_measure_has_a_title_and_every_flaw_a_reason() -> None:
    from reportgen.publish.past import CONFIDENCE, MEASURES

    assert set(words.TITLES) == {*MEASURES, CONFIDENCE}
    assert set(words.REASONS) == set(Flaw)


def test_headings() -> None:
    assert words.heading(None) == "All runs"
    assert words.heading("trial") == "Runs of trial"


@pytest.mark.parametrize(
    ("runs", "experiments", "text"),
    [
        ([], None, "There is no run that could be listed."),
        ([RUN], None, "1 run of 1 November 2026."),
        ([RUN, RUN], 1, "2 runs in 1 experiment of 1 November 2026; the newest stands first."),
        (
            [RUN, LATER],
            None,
            "2 runs from 1 November 2026 to 27 November 2026; the newest stands first.",
        ),
    ],
)
def test_how_many_runs_there_are(runs: Any, experiments: int | None, text: str) -> None:
    assert words.range_of(runs, experiments) == text


def test_measures_are_written_as_in_the_report() -> None:
    share, error = Estimate(0.9, 0.85, 0.99999), Estimate(0.05, 0.0, 0.08)
    assert words.value("accuracy", share) == "90.0\xa0%"
    assert words.ends("accuracy", share) == "85.0 to > 99.9\xa0%"
    assert words.value("ece", error) == "0.050"
    assert words.ends("ece", error) == "0.000 to 0.080"
    assert words.ends("ece", Estimate(0.05, None, None)) == ""


def test_a_point_names_its_day_value_and_run() -> None:
    assert words.point("ece", RUN) == "1 November 2026: 0.050 (0.020 to 0.080), run ab12cd34"
    assert words.point("accuracy", RUN) == "1 November 2026: 90.0\xa0%, run ab12cd34"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "split test, sha256\xa0abababab"),
        ({"split": "", "sha256": None}, "no hash"),
        ({"columns": "text in body"}, "split test, text in body, sha256\xa0abababab"),
    ],
)
def test_data_are_told_apart(changes: dict[str, Any], text: str) -> None:
    assert words.data_note(replace(EXAMPLES, **changes)) == text


@pytest.mark.parametrize(
    ("changes", "rows", "text"),
    [
        ({}, 200, ""),
        ({"seed": 3}, 2000, "sampled from 2,000, seed 3"),
        ({}, 2000, "sampled from 2,000"),
        ({"labelled": 7}, 200, "7 labelled"),
        ({"labelled": 0}, 201, "sampled from 201; no labels"),
    ],
)
def test_samples_and_labels_are_counted(changes: dict[str, Any], rows: int, text: str) -> None:
    assert words.count_note(replace(EXAMPLES, **changes), rows) == text


def test_a_checkpoint_is_named_by_its_hash() -> None:
    assert words.model_note("0123456789") == "checkpoint 01234567"
    assert words.model_note(None) == ""


def test_pages_and_what_stands_beside_are_named() -> None:
    names = ("index.html", "report.html", "report.pdf", "review")
    assert [words.link(name) for name in names] == ["HTML", "one file", "PDF", "review"]


@pytest.mark.parametrize(
    ("groups", "drawn", "begins"),
    [(0, 0, ""), (1, 0, ""), (1, 1, ""), (2, 0, "No exp"), (2, 2, ""), (3, 1, "Where an")],
)
def test_why_there_is_no_trend(groups: int, drawn: int, begins: str) -> None:
    text = words.no_trend(groups, drawn)
    assert text.startswith(begins)
    assert bool(text) == bool(begins)


def test_reasons() -> None:
    missing = Odd("trial", "x", Flaw.MISSING, "report.pdf")
    assert words.reason(missing).endswith("the manifest names is missing (report.pdf)")
    assert words.reason(Odd("x", "", Flaw.FOREIGN)) == "there is no run in it"
    assert words.odd_title(1) == "Not listed: 1 folder"
    assert words.odd_more(2) == "and 2 further folders"
    assert words.odd_more(0) == words.odd_more(-1) == ""


def test_the_line_of_the_terminal() -> None:
    assert words.tally(1, 1, 0, 2) == "1 run in 1 experiment; 2 comparisons"
    assert words.tally(1, 1, 0) == "1 run in 1 experiment"
    assert words.tally(2, 1, 1) == "2 runs in 1 experiment; 1 other folder named with a reason"
