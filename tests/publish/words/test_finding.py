"""The rule of each section, and how many of its kind stand elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from reportgen.analysis.ordering import Outcome, tally
from reportgen.publish.words.finding import SEARCH, SEARCHED, rule
from tests.publish.small import opened

COUNTS = {"unsure-wrong": 18, "unsure-right": 1}


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("mistakes", "at least 0.25 apart. 18 other mistakes are unsure."),
        ("right", "at least 0.25 apart. 1 other right prediction is unsure."),
        ("unsure", "less than 0.25 apart; 18 wrong, 1 right."),
        ("unlabelled", "at least 0.25 apart."),
        ("unlabelled-unsure", "less than 0.25 apart."),
    ],
)
def test_the_rule_of_a_section(section: str, text: str) -> None:
    said = rule(section, 0.25, COUNTS)
    first = "Unsure" if "unsure" in section else "Confident"
    assert said == f"{first}: the two largest probabilities are {text}"


def test_nothing_is_said_of_others_where_there_are_none() -> None:
    counts = {"unsure-wrong": 0, "unsure-right": 0}
    assert rule("mistakes", 0.2, counts).endswith("at least 0.2 apart.")


def test_examples_are_counted_by_outcome_and_by_each_property() -> None:
    counts = tally([Outcome.UNSURE_WRONG, Outcome.UNSURE_WRONG, Outcome.CONFIDENTLY_WRONG])
    assert counts == {
        "unsure-wrong": 2,
        "confidently-wrong": 1,
        "unsure": 2,
        "confidently": 1,
        "wrong": 3,
    }


def test_sections_of_a_report_hold_their_rule(tmp_path: Path) -> None:
    """Of three classes a confidence below one half may be clear of the runner-up."""
    with opened(tmp_path, unsure_margin=0.1) as report:
        scores = report.findings.scores
        for section in report.sections:
            said = rule(section.key, 0.1, report.tally)
            margins = scores.margin[section.indices]
            assert len(margins)
            apart = margins >= 0.1
            assert apart.all() if "at least 0.1 apart" in said else not apart.any()
        wrong = int((~scores.correct).sum())
        assert report.tally["wrong"] == wrong
        mistakes = next(s for s in report.sections if s.key == "mistakes")
        assert len(mistakes) + report.tally["unsure-wrong"] == wrong


def test_the_search_is_explained() -> None:
    for part in ("whole words", "not*", "“a phrase”", "Japanese", "accents", "link"):
        assert part in SEARCHED
    assert "*" in SEARCH
