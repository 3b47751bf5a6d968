"""What a row of the summary says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.publish.html.templates import render
from reportgen.publish.words.questions import LABEL, REMARK, SHADING
from reportgen.review.collecting import _numbers
from reportgen.review.reading import Reviewer
from reportgen.review.source import ReviewedRun, open_run
from reportgen.review.summary import _example, measured, summarize
from tests.publish.weightless import write

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_a_confidence_below_one_is_never_written_as_one(opened: ReviewedRun) -> None:
    opened.scores.confidence[0] = 0.9998
    assert _example(measured(opened, [], None), 0, LABEL).confidence == "> 0.999"


def test_a_review_calls_tokens_what_they_are(opened: ReviewedRun) -> None:
    assert opened.unit == "word"
    shown = summarize(measured(replace(opened, unit="character"), [], None), [], NOW, "1")
    said = [shown.shading_title, shown.shaded, *shown.shading, *(row[0] for row in shown.by_test)]
    assert any("character" in text for text in said)
    assert not any("word" in text for text in said)


def test_a_run_without_a_removal_test_has_no_table_of_it(opened: ReviewedRun) -> None:
    results = replace(opened.results, support=[None] * len(opened.results.support))
    answers = {p.id: {SHADING.key: SHADING.answers[2]} for p in list(opened.predictions)[:3]}
    reviewer = Reviewer("Ann", True, (), (), None, answers)
    shown = summarize(measured(replace(opened, results=results), [reviewer], None), [], NOW, "1")
    assert (shown.shading_title, shown.by_test, len(shown.senseless)) == ("Shading", (), 3)
    page = render(
        "collected.html.j2", {"report": shown, "policy": "", "paper": "A4", "print": False}
    )
    assert "Shading without sense" in page
    assert "not tested" not in page
    assert "removal" not in page


def test_without_weights_a_review_says_nothing_of_shading(tmp_path: Path) -> None:
    table = tmp_path / "table.jsonl"
    write(table, tokens=True)
    done = pipeline.render(
        table,
        ReportOptions(review=True),
        pipeline.Workspace(tmp_path / "reports"),
        pipeline.Execution(),
    )
    with open_run(done.folder) as run:
        review = measured(run, [], None)
        shown = summarize(review, [], NOW, "1")
        told = _numbers(review, shown)
    assert "label" in told
    assert not any("shading" in name for name in told)
    assert list(review.counts) == [LABEL, REMARK]
    assert shown.questions == (LABEL.short, REMARK.short)
    assert [row.asked for row in shown.agreement] == [LABEL.asked]
    assert (shown.shading, len(shown.tallies)) == ((), 1)
    assert not any("shading" in fact.name for fact in shown.facts)
    page = render(
        "collected.html.j2", {"report": shown, "policy": "", "paper": "A4", "print": False}
    )
    assert "hading" not in page
