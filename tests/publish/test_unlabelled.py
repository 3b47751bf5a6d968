"""Reports of tables without labels, or with some: what they say, show, leave out and write."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen import pipeline
from reportgen.analysis.ordering import Outcome
from reportgen.analysis.words import WordUse
from reportgen.errors import UsageError
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.charts import charts
from reportgen.publish.gate import Bound, check_labels
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.html.data import index_data
from reportgen.publish.report import Report
from reportgen.publish.summary import summarize
from reportgen.publish.tables import OF_LABELS, csv_rows, metrics
from reportgen.publish.words.questions import asks
from tests.publish.conftest import Page, assert_links_resolve, body_of
from tests.publish.small import CLASSES, COLUMNS, INFO, numbers, opened
from tests.publish.unlabelled import COUNT, MIXED, NONE, ONE

NOTHING = Drawn(frozenset(), 0, 0)
# What would claim that something is known of labels.
CLAIMS = re.compile(
    r"\b(right|wrong|correct|mistakes?|confusion|calibrat\w+|F1|precision|recall|baseline"
    r"|overconfident|underconfident|second look)\b",
    re.IGNORECASE,
)
LACKING = (
    "the confusion matrix, calibration, accuracy against coverage, the comparison of groups, and"
    " labels worth a second look cannot be shown."
)


@pytest.fixture(autouse=True)
def _any_words_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reportgen.publish.charts.LEAST_WORDS", 0)


@pytest.fixture(scope="module")
def none(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("none"), NONE, INFO, COLUMNS) as report:
        yield report


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("mixed"), MIXED, INFO, COLUMNS) as report:
        yield report


def rendered(folder: Path, rows: list) -> Path:
    write_predictions(folder / "t.parquet", INFO, rows, ["topic"], COLUMNS)
    options = ReportOptions(pdf_examples=8, slices=("topic",))
    workspace = pipeline.Workspace(folder / "reports")
    return pipeline.render(folder / "t.parquet", options, workspace, pipeline.Execution()).folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The run folders of a table without labels and of one with some."""
    tables = {"none": NONE, "mixed": MIXED}
    return {name: rendered(tmp_path_factory.mktemp(name), rows) for name, rows in tables.items()}


def text_of(run: Path) -> str:
    text = Page(body_of(run / "index.html")).text.replace("\xa0", " ")
    return " ".join(text.split())


def test_the_opening_of_a_table_without_labels(none: Report) -> None:
    found = summarize(none, (), NOTHING)
    assert found.headline == "60 unlabelled examples"
    unsure = none.findings.certainty.unsure
    assert found.lede.replace("\xa0", " ").startswith(
        "The 60 examples have no labels, so accuracy is not measured; the mean confidence is"
        f" {100 * none.findings.certainty.mean_confidence.value:.1f} %, and {unsure} of the"
        " predictions are unsure (the two largest probabilities differ by less than 0.2)."
    )
    assert "Removing the 10\xa0% most-attended words lowers" in found.lede
    accuracy, mean, share, *attention = found.facts
    assert (accuracy.name, accuracy.value) == ("Accuracy", "not measured")
    assert (mean.name, share.name) == ("Mean confidence", "Unsure predictions")
    assert numbers(share.value) == [round(100 * unsure / COUNT, 1)]
    assert numbers(share.note)[-2:] == [unsure, COUNT]
    assert len(attention) == 3
    assert found.results is None
    assert found.unlabelled == COUNT


@pytest.mark.parametrize(("unsure", "said"), [(0, "none of the predictions is"), (1, "1 of the")])
def test_few_unsure_predictions(none: Report, unsure: int, said: str) -> None:
    changed = replace(none.findings.certainty, unsure=unsure)
    shown = replace(none, findings=replace(none.findings, certainty=changed))
    assert f"and {said}" in summarize(shown, (), NOTHING).lede


def test_one_example_without_a_label(tmp_path: Path) -> None:
    with opened(tmp_path, NONE[1:2], INFO, ("spans",)) as report:
        found = summarize(report, (), NOTHING)
    assert found.headline == "1 unlabelled example"
    assert found.lede.startswith("The one example has no label, so accuracy is not measured; the")
    assert found.lede.endswith(" and is not unsure.")
    assert "without an interval" in found.facts[1].note


def test_the_opening_of_a_partly_labelled_table(mixed: Report) -> None:
    found = summarize(mixed, (), NOTHING)
    assert numbers(found.headline)[1:] == [15, 60]
    assert found.headline.endswith("on 15 labelled examples of 60")
    assert "The 45 examples without a label count in none of these numbers." in found.lede
    assert found.lede.startswith("With 15 labelled examples this report gives numbers and draws no")
    assert "90\xa0% of the labelled examples" in found.facts[2].note
    assert found.results
    assert found.results.classes_caption == "By class, over the labelled examples"
    assert sum(c.support for c in found.results.classes) == 15
    rows = dict(found.provenance)
    assert rows["Labels"] == "15 of 60 examples"
    assert sum(numbers(rows["Class balance"])[::2]) == 15
    (note,) = [line for line in found.missing if "no label" in line]
    assert note.startswith("45 of 60 predictions have no label.")
    assert "over the 15 with one" in note


def test_one_labelled_example(tmp_path: Path) -> None:
    with opened(tmp_path, ONE, INFO, COLUMNS) as report:
        found = summarize(report, (), NOTHING)
        assert index_data(report)["label"].count(None) == COUNT - 1
    assert found.headline.endswith("on 1 labelled example of 60")
    assert "The 59 examples without a label" in found.lede
    assert found.results
    assert "Without a labelled example and left out" in found.results.measures_note


def test_one_example_without_a_label_among_others(tmp_path: Path) -> None:
    rows = [replace(r, label="good" if i else None) for i, r in enumerate(NONE)]
    with opened(tmp_path, rows, INFO, COLUMNS) as report:
        found = summarize(report, (), NOTHING)
    assert "The one example without a label counts in none of these numbers." in found.lede
    assert any(line.startswith("1 of 60 predictions has no label.") for line in found.missing)


def test_charts_that_need_labels_are_left_out_by_name(none: Report, mixed: Report) -> None:
    assert [chart.stem for chart in charts(none)] == ["confidence", "removal", "words"]
    assert [chart.stem for chart in charts(mixed)] == [
        "confidence", "confusion", "reliability", "coverage", "removal", "words"
    ]  # fmt: skip
    (line,) = [one for one in summarize(none, (), NOTHING).missing if "label" in one]
    for what in ("accuracy", "confusion matrix", "calibration", "coverage", "groups"):
        assert what in line
    assert line.endswith("cannot be shown.")


def test_words_without_labels_are_by_predicted_class_alone(none: Report, mixed: Report) -> None:
    titles = {row.title for row in summarize(none, (), NOTHING).words}
    assert titles <= {f"predicted {name}" for name in CLASSES} != set()
    ends = {row.title.split(", ")[1] for row in summarize(mixed, (), NOTHING).words}
    assert "no label" in ends <= {"right", "wrong", "no label"}
    captions = {report: _words(report) for report in (none, mixed)}
    assert captions[none].startswith("By predicted class. ")
    few = "By predicted class, of examples without a label; those with one have no words frequent"
    assert captions[mixed].startswith(few)
    words = {**mixed.findings.words, (CLASSES[0], True): [WordUse("one", 20, 2.0)]}
    richer = _words(replace(mixed, findings=replace(mixed.findings, words=words)))
    assert richer.startswith(
        "By predicted class, right and wrong apart; those of examples without a label stand in"
    )


def _words(report: Report) -> str:
    (chart,) = [chart for chart in charts(report) if chart.stem == "words"]
    return chart.reading


def test_numbers_that_need_labels_are_null(none: Report, mixed: Report) -> None:
    found = metrics(none)
    assert found["metrics"] == {}
    assert {name: found[name] for name in OF_LABELS} == dict.fromkeys(OF_LABELS)
    assert (found["examples"], found["labelled"]) == (COUNT, 0)
    assert found["sections"].keys() == {"unlabelled", "unlabelled-unsure"}
    assert sum(found["sections"].values()) == COUNT
    assert sum(found["confidence_histogram"]["unlabelled"]) == COUNT
    assert found["attention"]["examples"] + found["attention"]["untestable"] == 15
    assert found["certainty"]["unsure"] == none.findings.certainty.unsure
    assert {row["right"] for row in found["words"]} == {None}
    json.dumps(found, allow_nan=False)
    other = metrics(mixed)
    assert set(other) == set(found)
    assert (other["examples"], other["labelled"]) == (COUNT, 15)
    assert other["quality"]["examples"] == 15
    assert list(other["sections"]) == [
        "mistakes", "unsure", "right", "unlabelled", "unlabelled-unsure"
    ]  # fmt: skip


def test_rows_of_the_csv_without_a_label(mixed: Report) -> None:
    rows = list(csv_rows(mixed, range(COUNT)))
    for i, one in enumerate(rows):
        known = i % 4 == 0
        assert (one["label"] != "") == (one["correct"] in ("yes", "no")) == known
        outcome = mixed.findings.outcomes[i]
        assert one["outcome"] == outcome.value
        assert (outcome.correct is not None) == known
        assert outcome.unsure == (float(one["margin"]) < 0.2)


def test_the_index_has_no_label_where_there_is_none(mixed: Report) -> None:
    found = index_data(mixed)
    for i, label, p, outcome in zip(
        found["id"], found["label"], found["labelProbability"], found["outcome"], strict=True
    ):
        assert (label is None) == (p is None) == (int(i[1:]) % 4 > 0)
        assert (label is None) == found["outcomes"][outcome].endswith("-unlabelled")


def test_a_bound_on_a_table_without_labels_is_refused(tmp_path: Path) -> None:
    check_labels([], False)
    check_labels([Bound("accuracy", 0.5)], True)
    with pytest.raises(UsageError, match=r"^--fail-over ece: no example has a label, so"):
        check_labels([Bound("ece", 0.1, over=True), Bound("accuracy", 0.5)], False)
    write_predictions(tmp_path / "t.parquet", INFO, NONE[:3], [], ("spans",))
    with pytest.raises(UsageError, match=r"^--fail-under accuracy: no example has a label"):
        pipeline.render(
            tmp_path / "t.parquet", ReportOptions(), pipeline.Workspace(tmp_path / "r"),
            pipeline.Execution(), [Bound("accuracy", 0.5)],
        )  # fmt: skip
    assert not (tmp_path / "r").exists()


def test_a_page_without_labels_claims_nothing_of_them(runs: dict[str, Path]) -> None:
    assert_links_resolve(runs["none"])
    text = text_of(runs["none"])
    assert text.count(LACKING) == 1
    text = text.replace(LACKING, "")
    assert CLAIMS.findall(text) == []
    assert "label" not in re.sub(r"[Uu]nlabelled|no labels?|example has a label", "", text)
    html = (runs["none"] / "index.html").read_text()
    chips = re.findall(r'data-outcome="(\w*)"', html)
    assert chips == ["", "unsure"]
    assert 'name="label"' not in html
    assert "-loss" not in html
    assert html.count('<article class="card confident-unlabelled') == (
        sum(o is Outcome.CONFIDENT_UNLABELLED for o in _outcomes(runs["none"]))
    )


def _outcomes(run: Path) -> list[Outcome]:
    with (run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return [Outcome(one["outcome"]) for one in csv.DictReader(file)]


def test_a_page_of_a_partly_labelled_table_has_every_filter(runs: dict[str, Path]) -> None:
    assert_links_resolve(runs["mixed"])
    html = (runs["mixed"] / "index.html").read_text()
    assert re.findall(r'data-outcome="(\w*)"', html) == [
        "", "wrong", "unsure", "right", "unlabelled"
    ]  # fmt: skip
    assert 'name="label"' in html
    assert "-loss" in html
    body = body_of(runs["mixed"] / "index.html")
    assert body.count('<span class="label">') == 15
    assert body.count(", no label") == 45 + body.count("no label</bdi>")
    for title in ("Unlabelled, confident", "Unlabelled, unsure"):
        assert f">{title} <small>" in html


def test_the_pdf_says_the_same(runs: dict[str, Path]) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    texts = {}
    for name, run in runs.items():
        done = subprocess.run(
            ["pdftotext", "-raw", run / "report.pdf", "-"], capture_output=True, check=True,
            text=True,
        )  # fmt: skip
        texts[name] = " ".join(done.stdout.split())
    assert "60 unlabelled examples" in texts["none"]
    assert "confident predictions, the other half for unsure ones" in texts["none"]
    assert "Predicted classes" in texts["none"]
    assert texts["none"].count("? Unlabelled: predicted") == 4
    assert texts["none"].count("? Unlabelled, unsure: predicted") == 4
    asked = " ".join(asks(False))
    assert asked in texts["none"]
    assert CLAIMS.findall(texts["none"].replace(LACKING, "").replace(asked, "")) == []
    assert "By class, over the labelled examples" in texts["mixed"]
    assert "confident mistakes" in texts["mixed"]
