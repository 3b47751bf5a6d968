"""The CSV and metrics.json: which number stands in which column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.findings import measure
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.words import WordUse
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.tables import (
    csv_rows,
    csv_text,
    metrics,
    write_csv,
    write_metrics,
    write_predictions_csv,
)
from tests.publish.small import CLASSES, ROWS, WORDS, opened, row, with_performance

IDS = [prediction.id for prediction in ROWS]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The report of the small table, with label errors and verdicts chosen here."""
    with opened(tmp_path_factory.mktemp("tables")) as opened_report:
        support = {0: Support.SUPPORTED, 3: Support.UNSUPPORTED, 4: Support.UNTESTABLE}
        findings = replace(opened_report.findings, support=support)
        findings = with_performance(findings, label_errors=[5, 2])
        yield replace(opened_report, findings=findings)


def column(report: Report, name: str) -> list[str]:
    return [str(found[name]) for found in csv_rows(report, range(len(ROWS)))]


def test_the_columns_and_their_order(report: Report) -> None:
    (first,) = csv_rows(report, [0])
    assert list(first) == [
        "id", "label", "predicted", "correct", "confidence", "margin", "outcome", "tokens",
        "label_error", "attention", "in_train",
        "probability.bad", "probability.fair", "probability.good", "card", "heatmap",
    ]  # fmt: skip


def test_a_row_of_the_csv_by_hand(report: Report) -> None:
    (fifth,) = csv_rows(report, [4])
    assert fifth == {
        "id": "r4",
        "label": "fair",
        "predicted": "good",
        "correct": "no",
        "confidence": "0.450000",
        "margin": "0.150000",
        "outcome": "unsure-wrong",
        "tokens": 3,
        "label_error": "",
        "attention": "not testable",
        "in_train": "no",
        "probability.bad": "0.300000",
        "probability.fair": "0.250000",
        "probability.good": "0.450000",
        "card": "index.html#ex-r4",
        "heatmap": "heatmaps/r4.png",
    }


def test_probabilities_stand_under_their_classes(report: Report) -> None:
    for k, name in enumerate(CLASSES):
        given = [f"{prediction.probabilities[k]:.6f}" for prediction in ROWS]
        assert column(report, f"probability.{name}") == given


def test_what_was_found_of_an_example_stands_in_its_row(report: Report) -> None:
    likely = [bool(value) for value in column(report, "label_error")]
    assert likely == [i in (2, 5) for i in range(9)]
    verdicts = ["supported", "", "", "not supported", "not testable", "", "", "", ""]
    assert column(report, "attention") == verdicts
    assert column(report, "in_train") == ["no", "yes", *["no"] * 7]
    right = ["yes", "yes", "no", "yes", "no", "no", "yes", "yes", "no"]
    assert column(report, "correct") == right
    assert column(report, "label") == [prediction.label for prediction in ROWS]
    predicted = ["good", "bad", "bad", "fair", "good", "good", "good", "bad", "fair"]
    assert column(report, "predicted") == predicted
    assert column(report, "tokens") == ["12", "4", "5", "12", "3", "6", "0", "2", "1"]


def test_without_its_column_nothing_is_said_of_training(tmp_path) -> None:
    with opened(tmp_path, columns=()) as bare:
        assert column(bare, "in_train") == [""] * 9
        assert column(bare, "attention") == [""] * 9
        assert metrics(bare)["in_train"] is None
        assert metrics(bare)["attention"] is None


def test_only_examples_of_the_gallery_have_card_and_heatmap(tmp_path) -> None:
    with opened(tmp_path, gallery=4) as sample:
        rows = list(csv_rows(sample, range(9)))
        assert len(sample.indices) == 4
    for i, found in enumerate(rows):
        name = safe_name(IDS[i])
        shown = i in sample.indices
        assert found["card"] == (f"index.html#ex-{name}" if shown else "")
        assert found["heatmap"] == (f"heatmaps/{name}.png" if shown else "")


def test_an_example_of_a_later_page_is_linked_there(report: Report) -> None:
    moved = replace(report, page_of={1: "page-0002.html"})
    (found,) = csv_rows(moved, [1])
    assert found["card"] == "page-0002.html#ex-r1"


def test_the_text_has_a_header_and_the_rows_in_the_order_asked_for(report: Report) -> None:
    text = csv_text(report, [3, 1], 7)
    assert text.endswith("\r\n")
    assert text.count("\n") == 3
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [found["id"] for found in rows] == ["r3", "r1"]
    assert rows[0]["probability.good"] == "0.400000"
    assert csv_text(report, [], 1) == ""


def test_the_table_in_the_pdf_has_numbers_texts_and_room_for_remarks(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(report, [3, 1], 7))))
    assert [found["number"] for found in rows] == ["7", "8"]
    assert [found["text"] for found in rows] == list(report.rows.texts([3, 1]))
    assert [found["remark"] for found in rows] == ["", ""]
    assert list(rows[0])[:3] == ["number", "id", "text"]
    assert list(rows[0])[-1] == "remark"
    assert not {"card", "heatmap"} & rows[0].keys()  # they lead to files that did not come along


def test_the_file_has_every_example_in_the_order_of_the_table(report: Report) -> None:
    write_predictions_csv(report)
    text = (report.folder / "predictions.csv").read_bytes().decode()
    written = io.StringIO(newline="")
    write_csv(written, csv_rows(report, range(9)))
    assert text == written.getvalue()
    assert [found["id"] for found in csv.DictReader(io.StringIO(text))] == IDS


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    text = io.StringIO()
    write_csv(text, [{"a": "=1+1", "b": 3}, {"a": "x=1", "b": 4.5}])
    first, second = csv.DictReader(io.StringIO(text.getvalue()))
    assert first["a"][0] not in "=+-@"
    assert first["a"].endswith("=1+1")
    assert (second["a"], first["b"], second["b"]) == ("x=1", "3", "4.5")


def test_metrics_hold_what_was_measured(report: Report) -> None:
    found = metrics(report)
    findings = report.findings
    assert found["classes"] == list(CLASSES)
    assert found["metrics"]["accuracy"]["value"] == pytest.approx(5 / 9)
    assert set(found["metrics"]) == set(findings.performance.measures)
    assert found["quality"]["confusion"] == [[2, 0, 1], [0, 1, 1], [1, 1, 2]]
    assert found["label_errors"] == ["r5", "r2"]
    assert found["in_train"] == 1
    assert found["sections"] == {"mistakes": 2, "unsure": 3, "right": 4}
    assert found["unsure_margin"] == 0.2
    assert found["attention_is"] == findings.attention_means
    assert found["attention"]["points"] == findings.faithfulness.points.value
    assert found["attention"]["examples"] == 2  # one text is too short
    assert found["run"]["data"]["name"] == "small"
    histogram = found["confidence_histogram"]
    assert (sum(histogram["right"]), sum(histogram["wrong"])) == (5, 4)
    assert len(histogram["edges"]) == len(histogram["right"]) + 1
    named = [(use["predicted"], use["right"]) for use in found["words"]]
    assert named == [(name, right) for name in CLASSES for right in (True, False)]


def test_sections_are_counted_in_the_run_and_not_in_the_gallery(tmp_path) -> None:
    with opened(tmp_path, gallery=2) as sample:
        assert metrics(sample)["sections"] == {"mistakes": 2, "unsure": 3, "right": 4}


def test_most_attended_words_are_written_with_their_numbers(tmp_path) -> None:
    rows = [row(f"r{i}", "bad", (0.7, 0.2, 0.1), WORDS[:2]) for i in range(25)]
    with opened(tmp_path, rows) as report:
        first = metrics(report)["words"][0]
    assert (first["predicted"], first["right"]) == ("bad", True)
    assert [(w["word"], w["count"]) for w in first["words"]] == [("two", 25)]


def test_a_temperature_is_undone_for_the_error_before_it(report: Report, tmp_path) -> None:
    assert metrics(report)["ece_before_temperature"] is None
    cooled = replace(report.info, model=replace(report.info.model, settings={"temperature": 2.0}))
    with opened(tmp_path, info=cooled) as other:
        found = metrics(other)
    assert found["ece_before_temperature"]["error"] == pytest.approx(found["ece"]["error"])


def test_what_is_not_a_number_is_null(report: Report) -> None:
    faithfulness = replace(report.findings.faithfulness, tau_left_out=float("nan"))
    findings = replace(report.findings, faithfulness=faithfulness)
    write_metrics(replace(report, findings=findings))
    text = (report.folder / "metrics.json").read_text()
    assert text.endswith("}\n")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert found["attention"]["tau_left_out"] is None
    assert found["attention"]["tau_gradients"] is not None


def test_what_is_not_a_number_is_null_also_in_lists(report: Report) -> None:
    words = {("bad", True): [WordUse("w", 30, float("nan"))]}
    (found,) = metrics(replace(report, findings=replace(report.findings, words=words)))["words"]
    assert found["words"] == [{"word": "w", "count": 30, "relative": None}]


@pytest.mark.parametrize(("classes", "written"), [(100, True), (101, False)])
def test_the_matrix_of_very_many_classes_is_not_written(
    report: Report, classes: int, written: bool
) -> None:
    gold = np.arange(classes)
    predicted = np.where(gold == 1, 0, gold)
    names = tuple(f"c{i}" for i in gold)
    measured = quality(Scores.of(gold, np.eye(classes)[predicted]), names)
    findings = with_performance(report.findings, quality=measured)
    found = metrics(replace(report, findings=findings))["quality"]
    assert (found["confusion"] is not None) == written
    assert [(m["label"], m["predicted"], m["count"]) for m in found["mistakes"]] == [
        ("c1", "c0", 1)
    ]
    assert len(found["classes"]) == classes


def test_the_seed_of_the_table_decides_the_intervals(tmp_path) -> None:
    with opened(tmp_path) as report:
        seeded = measure(report.predictions, 0.2, (), 7)
        other = measure(report.predictions, 0.2, (), 8)
        assert report.seed == 7
        measures = [f.performance.measures for f in (report.findings, seeded, other)]
        assert measures[0] == measures[1] != measures[2]
        assert np.array_equal(report.findings.scores.gold, [2, 0, 2, 1, 1, 0, 2, 0, 2])
