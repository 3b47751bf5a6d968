"""The record that templates show: which number of the findings stands in which field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.certainty import certainty
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordMove, WordUse
from reportgen.publish.charts import Figure
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary, summarize
from reportgen.records import Skipped
from tests.publish.small import INFO, INPUTS, ROWS, numbers, opened, with_performance

NOTHING = Drawn(frozenset(), 0, 0)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("summary")) as opened_report:
        findings = with_performance(opened_report.findings, label_errors=[5, 2, 6])
        yield replace(opened_report, findings=findings)


def with_findings(report: Report, **findings: Any) -> Summary:
    changed = replace(report, findings=replace(report.findings, **findings))
    return summarize(changed, (), NOTHING)


def of_labels(report: Report, **performance: Any) -> Summary:
    changed = replace(report, findings=with_performance(report.findings, **performance))
    return summarize(changed, (), NOTHING)


def test_what_was_tested_and_when(report: Report) -> None:
    figures = [Figure("a", "A", "a"), Figure("b", "B", "b")]
    found = summarize(report, figures, NOTHING)
    assert (found.experiment, found.split, found.run_id) == ("trial", "test", "1-2")
    assert found.run_hash == "ab" * 32
    assert (found.date, found.timestamp) == ("5 March 2026", "2026-03-05T01:02:03Z")
    assert found.charts == tuple(figures)
    assert (found.versions, found.git) == (INPUTS["versions"], None)
    made = replace(report.predictions.info, versions={"transformers": "5.1"})
    named = replace(report, predictions=replace(report.predictions, info=made))
    assert summarize(named, (), NOTHING).versions == {"reportgen": "1", "transformers": "5.1"}
    assert [c.name for c in found.results.classes] == list(INFO.classes)
    assert found.results.slices == tuple(report.findings.performance.slices)
    assert found.sample_note is None


def test_labels_that_may_be_wrong_are_listed_with_their_places(report: Report) -> None:
    found = summarize(report, (), NOTHING).results.label_errors
    assert [(e.id, e.label, e.predicted) for e in found] == [
        ("r5", "bad", "good"), ("r2", "good", "bad"), ("R 6", "good", "good")
    ]  # fmt: skip
    assert [e.probability for e in found] == ["0.070", "0.040", "0.950"]
    assert [e.page for e in found] == ["index.html"] * 3
    assert [e.anchor for e in found] == [f"ex-{safe_name(e.id)}" for e in found]


def test_all_labels_that_may_be_wrong_are_counted(report: Report) -> None:
    found = of_labels(report, label_errors=[i % 9 for i in range(21)])
    assert numbers(found.results.label_errors_note)[0] == found.results.label_errors_total == 21


def test_a_label_error_outside_the_gallery_has_no_page(report: Report) -> None:
    sample = replace(report, page_of={5: "page-0002.html"})
    found = summarize(sample, (), NOTHING).results.label_errors
    assert [e.page for e in found] == ["page-0002.html", None, None]


def measure(name: str, value: float) -> Measure:
    return Measure(name, name.upper(), value, value - 0.05, value + 0.05, "Wilson")


def test_shares_are_written_in_per_cent_and_other_measures_in_thousandths(report: Report) -> None:
    names = ["accuracy", "macro_f1", "precision.x", "recall.x", "f1.x", "accuracy_at_90"]
    others = ["mcc", "ece", "log_loss"]
    kept = {**report.findings.performance.measures}
    kept |= {name: measure(name, 0.25) for name in names + others}
    rows = {row[0]: row[1:] for row in of_labels(report, measures=kept).results.measures}
    assert len(rows) == len(kept)
    for name in names:
        value, ends, method = rows[name.upper()]
        assert (numbers(value), numbers(ends), method) == ([25.0], [20.0, 30.0], "Wilson")
        assert "%" in value
        assert "%" in ends
    for name in others:
        value, ends, _ = rows[name.upper()]
        assert (value, numbers(ends)) == ("0.250", [0.2, 0.3])


def test_what_is_missing_is_told(report: Report, tmp_path) -> None:
    assert len(summarize(report, (), NOTHING).missing) == 3  # of nine: groups, labels, words
    *_, glyphs = summarize(report, (), Drawn(frozenset("映"), 0, 0)).missing
    assert "U+6620" in glyphs
    *_, unlocated = summarize(report, (), Drawn(frozenset(), 2, 0)).missing
    *_, shared = summarize(report, (), Drawn(frozenset(), 0, 3)).missing
    assert numbers(unlocated)[:2] == [2, 9]
    assert numbers(shared)[:2] == [3, 9]
    assert unlocated.replace("2", "3") != shared
    with opened(tmp_path, columns=()) as bare:
        found = summarize(bare, (), NOTHING)
    for name in ("unknown", "logits", "in_train"):
        assert [line for line in found.missing if f"“{name}”" in line]
    whole = summarize(report, (), NOTHING)
    assert (found.has_unknown, whole.has_unknown) == (False, True)
    assert whole.reading_help.startswith(found.reading_help)
    assert len(whole.reading_help) > len(found.reading_help) > 50


def test_rows_left_out_and_git_are_handed_on(report: Report) -> None:
    rows = (Skipped("f.csv", 3, "short"),)
    info = replace(INFO, data=replace(INFO.data, skipped=rows))
    predictions = replace(report.predictions, info=info)
    git = {"commit": "c" * 40, "changed": True}
    changed = replace(report, predictions=predictions, inputs={**INPUTS, "git": git})
    found = summarize(changed, (), NOTHING)
    assert (found.skipped, found.git) == (rows, git)


def test_a_sample_is_told_with_its_seed(tmp_path) -> None:
    with opened(tmp_path, gallery=4) as sample:
        found = summarize(sample, (), NOTHING)
        assert [e.page is not None for e in found.results.label_errors] == [
            i in sample.indices for i in sample.findings.label_errors
        ]
    assert numbers(found.sample_note or "") == [4, 9, 7]


def test_numbers_of_the_opening_come_from_the_findings(report: Report) -> None:
    found = summarize(report, (), NOTHING)
    assert numbers(found.headline)[:1] == [55.6]
    assert found.facts[0].name == "Accuracy"
    assert 44.4 in numbers(found.results.measures_note)  # the most frequent class, 4 of 9
    assert len(found.lede) > 50
    assert len(found.provenance) > 5
    assert np.isclose(report.findings.performance.quality.accuracy, 5 / 9)
    assert len(ROWS) == report.findings.performance.quality.examples


def of_classes(report: Report, count: int) -> Report:
    """So many classes, each predicted once as itself, the last ten twice."""
    gold = np.concatenate([np.arange(count), np.arange(count - 10, count)])
    names = tuple(f"c{i}" for i in range(count))
    measured = quality(Scores.of(gold, np.eye(count)[gold]), names)
    used = {(name, right): [WordUse("w", 30, 2.0)] for name in names for right in (True, False)}
    moved = {("c0", True): [WordMove("v", 4, 0.5)]}
    measures = {name: measure(name, 0.5) for name in ("accuracy", "f1.c0")}
    findings = with_performance(
        replace(report.findings, words=used, moves=moved),
        quality=measured,
        measures={**report.findings.performance.measures, **measures},
    )
    counted = certainty(Scores.of(gold, np.eye(count)[gold]), 0.2, names)
    findings = replace(findings, certainty=counted)
    predictions = replace(report.predictions, info=replace(INFO, classes=names))
    return replace(report, findings=findings, predictions=predictions)


def test_of_many_classes_those_with_the_most_examples_are_listed(report: Report) -> None:
    few = summarize(of_classes(report, 100), (), NOTHING)
    assert ([c.name for c in few.results.classes], few.results.classes_note) == (
        [f"c{i}" for i in range(100)],
        None,
    )
    many = summarize(of_classes(report, 120), (), NOTHING)
    assert [c.name for c in many.results.classes] == [
        f"c{i}" for i in (*range(90), *range(110, 120))
    ]
    assert numbers(many.results.classes_note or "") == [100, 120]
    assert len(many.class_names) == 120


@pytest.mark.parametrize(("classes", "listed"), [(12, True), (13, False)])
def test_measures_of_each_class_are_listed_of_few(
    report: Report, classes: int, listed: bool
) -> None:
    found = summarize(of_classes(report, classes), (), NOTHING)
    titles = [row[0] for row in found.results.measures]
    assert ("F1.C0" in titles) == listed
    assert ("metrics.json" in found.results.measures_note) == (not listed)
    assert "ACCURACY" in titles


def test_words_are_listed_right_and_wrong_of_a_dozen_classes(report: Report) -> None:
    found = summarize(of_classes(report, 12), (), NOTHING)
    assert len(found.words) == 24
    assert found.words_note is None
    rows = {row.title: row for row in found.words}
    for title, moved in (("c0, right", ["v"]), ("c0, wrong", []), ("c11, right", [])):
        (row,) = [row for name, row in rows.items() if name.endswith(title)]
        assert [word for word, _, _ in row.attended] == ["w"]
        assert [use.word for use in row.moved] == moved
    many = summarize(of_classes(report, 13), (), NOTHING)
    assert len(many.words) == 24
    assert numbers(many.words_note or "") == [13, 12]
    nothing = {(name, right): [] for name in INFO.classes for right in (True, False)}
    assert with_findings(report, words=nothing, moves={}).words == ()
    only_moved = with_findings(report, words=nothing, moves={("good", False): [
        WordMove("v", 4, 0.5)
    ]})  # fmt: skip
    assert [(row.attended, len(row.moved)) for row in only_moved.words] == [((), 1)]


def test_tests_of_groups_are_counted(report: Report) -> None:
    one = Slice("length", "a", 40, 20, 0.5, (0.4, 0.6), 0.7, 0.8, 0.01, 17, 0.2)
    assert "17 tests" in of_labels(report, slices=[one]).results.slices_note
    assert "0 tests" in of_labels(report, slices=[]).results.slices_note


def test_the_attention_is_not_called_tested_where_it_was_not(report: Report) -> None:
    def title(report: Report) -> str:
        return summarize(report, (), Drawn(frozenset(), 0, 0)).attention_title

    assert title(report) == "Is the attention faithful?"
    untested = replace(report, findings=replace(report.findings, faithfulness=None))
    assert title(untested) == "The attention on average"
