"""Which charts a report has, and what each is drawn of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordUse
from reportgen.figures import charts as figures
from reportgen.figures import evidence
from reportgen.figures.charts import DARK, LIGHT
from reportgen.publish import charts as module
from reportgen.publish.charts import Chart, Figure, charts, write_charts
from reportgen.publish.report import Report
from tests.publish.small import CLASSES, INFO, opened

ALWAYS = ["confidence", "confusion", "reliability", "coverage"]
EPOCH = {"epoch": 1, "train_loss": 0.7, "valid_loss": 0.6, "valid_accuracy": 0.7}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("charts")) as opened_report:
        yield opened_report


def with_findings(report: Report, **findings: Any) -> Report:
    return replace(report, findings=replace(report.findings, **findings))


def with_log(report: Report, *log: dict[str, Any], best: object = None) -> Report:
    model = replace(INFO.model, training_log=log, training={"best": best})
    predictions = replace(report.predictions, info=replace(INFO, model=model))
    return replace(report, predictions=predictions)


def a_slice(name: str, accuracy: float) -> Slice:
    return Slice("length", name, 40, 20, accuracy, (0.4, 0.6), 0.7, 0.8, 0.01, 14, 0.2)


def some_words() -> dict[tuple[str, bool], list[WordUse]]:
    words: dict[tuple[str, bool], list[WordUse]] = {
        (name, right): [] for name in CLASSES for right in (True, False)
    }
    return words | {("bad", True): [WordUse("one", 30, 2.5)]}


def stems(report: Report) -> list[str]:
    return [chart.stem for chart in charts(report)]


def drawn(report: Report, stem: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """What the chart hands to the function that draws it."""
    calls: list[tuple[Any, ...]] = []

    def record(*given: Any) -> bytes:
        calls.append(given)
        return b"<svg/>"

    for room in (figures, evidence):
        for name in room.__all__:
            if name in DRAWS.values():
                monkeypatch.setattr(room, name, record)
    (chart,) = (chart for chart in charts(report) if chart.stem == stem)
    assert chart.draw(DARK) == b"<svg/>"
    (given,) = calls
    assert given[-1] is DARK
    return given[:-1]


DRAWS = {
    "confidence": "histogram",
    "confusion": "confusion",
    "reliability": "reliability",
    "coverage": "coverage_curve",
    "removal": "removal",
    "training": "training_curve",
    "slices": "slice_chart",
    "words": "word_chart",
}


def test_each_chart_is_drawn_where_it_has_numbers(report: Report) -> None:
    assert stems(report) == [*ALWAYS, "removal"]
    untested = with_findings(report, faithfulness=None)
    assert stems(untested) == ALWAYS
    assert stems(with_log(untested, EPOCH)) == [*ALWAYS, "training"]
    assert stems(with_findings(untested, slices=[a_slice("a", 0.5)])) == [*ALWAYS, "slices"]
    assert stems(with_findings(untested, words=some_words())) == [*ALWAYS, "words"]


def test_wide_and_interactive_charts(report: Report) -> None:
    slices = [a_slice("a", 0.5)]
    full = with_log(with_findings(report, slices=slices, words=some_words()), EPOCH)
    found = {chart.stem: chart for chart in charts(full)}
    assert set(found) == set(DRAWS)
    assert {stem for stem, chart in found.items() if chart.wide} == {"slices", "words"}
    assert {stem for stem, chart in found.items() if chart.interactive} == {
        "confidence",
        "confusion",
    }
    assert all(chart.title and chart.reading for chart in found.values())
    assert len({chart.reading for chart in found.values()}) == len(found)


def test_charts_are_drawn_of_the_findings(report: Report, monkeypatch) -> None:
    findings = report.findings
    assert drawn(report, "confidence", monkeypatch) == tuple(findings.histogram)
    assert drawn(report, "confusion", monkeypatch) == (findings.quality,)
    assert drawn(report, "reliability", monkeypatch) == (findings.calibration,)
    assert drawn(report, "coverage", monkeypatch) == (findings.coverage,)
    assert drawn(report, "removal", monkeypatch) == (findings.faithfulness,)


@pytest.mark.parametrize("name", ["epoch", "train_loss", "valid_loss", "valid_accuracy"])
def test_epochs_without_a_number_are_not_drawn(report: Report, name: str, monkeypatch) -> None:
    second = {**EPOCH, "epoch": 2}
    part = with_log(report, EPOCH, {**EPOCH, name: None}, second, best=2)
    log, best = drawn(part, "training", monkeypatch)
    assert (log, best) == ([EPOCH, second], 2)
    assert "training" not in stems(with_log(report, {**EPOCH, name: "many"}))


def test_the_dozen_least_accurate_slices_are_drawn(report: Report, monkeypatch) -> None:
    slices = [a_slice(f"s{i}", i / 20) for i in range(14)]
    shown, accuracy = drawn(with_findings(report, slices=slices), "slices", monkeypatch)
    assert shown == slices[:12]
    assert accuracy == report.findings.quality.accuracy


def test_words_are_drawn_of_the_classes_that_have_some(report: Report, monkeypatch) -> None:
    shown, columns = drawn(with_findings(report, words=some_words()), "words", monkeypatch)
    assert shown == ["bad"]
    assert [column.panels for column in columns] == [[[("one", 2.5)]]]


def test_files_are_written_for_light_pages_and_for_dark_ones(
    report: Report, tmp_path: Path, monkeypatch
) -> None:
    def two(of: Report) -> Iterator[Chart]:
        yield Chart("plain", "Plain", "says", lambda theme: f"plain {theme.name}".encode(), True)
        yield Chart("live", "Live", "acts", lambda theme: b"live", interactive=True)

    monkeypatch.setattr(module, "charts", two)
    (tmp_path / "assets").mkdir()
    run = replace(report.run, folder=tmp_path)
    assert write_charts(replace(report, run=run)) == [
        Figure("plain", "Plain", "says", wide=True, interactive=False),
        Figure("live", "Live", "acts", wide=False, interactive=True),
    ]
    written = {path.name: path.read_text() for path in (tmp_path / "assets").iterdir()}
    assert written == {
        "plain-light.svg": "plain light",
        "plain-dark.svg": "plain dark",
        "live-light.svg": "live",
    }
    assert (LIGHT.name, DARK.name) == ("light", "dark")
