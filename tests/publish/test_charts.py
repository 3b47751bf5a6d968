"""Which charts a report has, and what each is drawn of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.certainty import certainty
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordMove, WordUse
from reportgen.figures import charts as figures
from reportgen.figures import evidence
from reportgen.figures.charts import DARK, LIGHT
from reportgen.publish import charts as module
from reportgen.publish.charts import Chart, Figure, charts, write_charts
from reportgen.publish.report import Report
from reportgen.publish.words.captions import MATRIX
from reportgen.publish.words.numbers import percent
from reportgen.records import Weights
from tests.publish.small import CLASSES, INFO, opened, with_performance

ALWAYS = ["confidence", "confusion", "reliability", "coverage"]
EPOCH = {"epoch": 1, "train_loss": 0.7, "valid_loss": 0.6, "valid_accuracy": 0.7}


@pytest.fixture(autouse=True)
def _one_word_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_WORDS", 1)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("charts")) as opened_report:
        yield opened_report


def with_findings(report: Report, **findings: Any) -> Report:
    return replace(report, findings=replace(report.findings, **findings))


def of_labels(report: Report, **performance: Any) -> Report:
    return replace(report, findings=with_performance(report.findings, **performance))


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
    return words | {("bad", True): [WordUse("film", 30, 2.5)]}


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
    assert stems(of_labels(untested, slices=[a_slice("a", 0.5)])) == [*ALWAYS, "slices"]
    assert stems(with_findings(untested, words=some_words())) == [*ALWAYS, "words"]


def test_words_that_are_hardly_any_but_stop_words_are_not_drawn(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_WORDS", 2)
    used = [WordUse(word, 30, 2.5) for word in (",", "the", "of", "film", "dull")]

    def drawn_of(count: int, english: bool) -> bool:
        words = some_words() | {("bad", True): used[:count]}
        return "words" in stems(with_findings(report, words=words, english=english))

    assert [drawn_of(count, True) for count in (3, 4, 5)] == [False, False, True]
    assert [drawn_of(count, False) for count in (2, 3)] == [False, True]


def test_every_chart_says_what_it_is_to_those_who_do_not_see_it(report: Report) -> None:
    full = with_log(of_labels(report, slices=[a_slice("a", 0.5)]), EPOCH)
    full = with_findings(full, words=some_words())
    alts = {chart.stem: chart.figure.alt for chart in charts(full)}
    assert set(alts) == set(DRAWS)
    assert len(set(alts.values())) == len(alts)
    assert all(
        alts[stem] not in ("", chart.title) for stem, chart in zip(alts, charts(full), strict=True)
    )
    matrix = report.findings.performance.quality.matrix()  # type: ignore[union-attr]
    for label, row in zip(CLASSES, matrix, strict=True):
        counts = ", ".join(f"{n} predicted as {c}" for n, c in zip(row, CLASSES, strict=True))
        assert f"label {label}: {counts}" in alts["confusion"]


def test_the_number_of_validation_examples_is_taken_where_the_checkpoint_has_it(
    report: Report,
) -> None:
    def reading(valid: object) -> str:
        changed = with_log(report, {**EPOCH, "valid_accuracy": 0.5})
        model = replace(changed.info.model, training={"best": 1, "validation": valid})
        predictions = replace(changed.predictions, info=replace(INFO, model=model))
        found = charts(replace(changed, predictions=predictions))
        return next(chart.reading for chart in found if chart.stem == "training")

    assert "on 40 validation examples (95 % interval 35.2 to 64.8" in reading({"examples": 40})
    for unknown in (None, {}, {"examples": "40"}, {"examples": 0}):
        assert "interval" not in reading(unknown)


def test_wide_and_interactive_charts(report: Report) -> None:
    slices = [a_slice("a", 0.5)]
    full = with_log(of_labels(with_findings(report, words=some_words()), slices=slices), EPOCH)
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
    assert drawn(report, "confusion", monkeypatch) == (findings.performance.quality,)
    assert drawn(report, "reliability", monkeypatch) == (findings.performance.calibration,)
    curve, label = drawn(report, "coverage", monkeypatch)
    assert curve is findings.performance.coverage
    assert label == percent(float(curve.accuracy[curve.at(0.9)]))
    assert drawn(report, "removal", monkeypatch) == (findings.faithfulness, "attention", "word")


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (None, "attention"),
        (Weights(name="rollout"), "rollout"),
        (Weights("attribution", "SHAP values"), "SHAP values"),
        (Weights("attribution"), "attribution"),
    ],
)
def test_the_chart_of_removal_names_the_weights(
    report: Report, weights: Weights | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = replace(report, findings=replace(report.findings, weights=weights or Weights()))
    assert drawn(named, "removal", monkeypatch)[1] == name


@pytest.mark.parametrize("name", ["epoch", "train_loss", "valid_loss", "valid_accuracy"])
def test_epochs_without_a_number_are_not_drawn(report: Report, name: str, monkeypatch) -> None:
    second = {**EPOCH, "epoch": 2}
    part = with_log(report, EPOCH, {**EPOCH, name: None}, second, best=2)
    log, best = drawn(part, "training", monkeypatch)
    assert (log, best) == ([EPOCH, second], 2)
    assert "training" not in stems(with_log(report, {**EPOCH, name: "many"}))


def test_the_dozen_least_accurate_slices_are_drawn(report: Report, monkeypatch) -> None:
    slices = [a_slice(f"s{i}", i / 20) for i in range(14)]
    shown, accuracy = drawn(of_labels(report, slices=slices), "slices", monkeypatch)
    assert shown == slices[:12]
    assert accuracy == report.findings.performance.quality.accuracy


def test_words_are_drawn_of_the_classes_that_have_some(report: Report, monkeypatch) -> None:
    shown, columns = drawn(with_findings(report, words=some_words()), "words", monkeypatch)
    assert shown == ["bad"]
    assert [column.panels for column in columns] == [[[("film", 2.5)]]]


def of_classes(report: Report, count: int, mistakes: int) -> Report:
    """So many classes, of which the last ``mistakes`` are each predicted once as the first."""
    gold = np.concatenate([np.arange(count), np.arange(count - mistakes, count)])
    predicted = np.concatenate([np.arange(count), np.zeros(mistakes, dtype=np.int64)])
    names = tuple(f"c{i}" for i in range(count))
    measured = quality(Scores.of(gold, np.eye(count)[predicted]), names)
    counted = certainty(Scores.of(gold, np.eye(count)[predicted]), 0.2, names)
    return of_labels(with_findings(report, certainty=counted), quality=measured)


def test_the_matrix_of_many_classes_is_wide_and_that_of_very_many_a_list(
    report: Report, monkeypatch
) -> None:
    def confusion(count: int, mistakes: int) -> list[Chart]:
        changed = of_classes(report, count, mistakes)
        return [chart for chart in charts(changed) if chart.stem == "confusion"]

    for count, wide in ((figures.FEW, False), (figures.FEW + 1, True), (MATRIX, True)):
        (chart,) = confusion(count, 1)
        assert (chart.wide, chart.title) == (wide, "Confusion matrix")
    (chart,) = confusion(MATRIX + 1, 1)
    assert (chart.wide, chart.title) == (True, "Most frequent mistakes")
    assert len(confusion(MATRIX, 0)) == 1
    assert confusion(MATRIX + 1, 0) == []
    place = stems(of_classes(report, figures.FEW + 1, 1)).index("confusion")
    assert place > len(ALWAYS) - 2  # a wide one stands after the narrow ones
    listed: list[Any] = []
    monkeypatch.setattr(figures, "mistakes", lambda some, theme: listed.extend(some) or b"")
    confusion(30, 20)[0].draw(LIGHT)
    assert len(listed) == 12
    assert {mistake.predicted for mistake in listed} == {"c0"}


def test_words_of_many_classes_are_drawn_in_columns(report: Report, monkeypatch) -> None:
    uses = [WordUse(f"u{k}", 30, 9.0 - k) for k in range(9)]
    moves = {("c2", False): [WordMove(f"m{k}", 4, 0.5) for k in range(9)]}

    def columns(count: int) -> tuple[list[str], Any]:
        names = [f"c{i}" for i in range(count)]
        words = {(name, right): uses if right else [] for name in names for right in (True, False)}
        changed = with_findings(of_classes(report, count, 2), words=words, moves=moves)
        return drawn(changed, "words", monkeypatch)

    shown, (attended, moved) = columns(3)
    assert shown == ["c0", "c1", "c2"]
    assert [[word for word, _ in panel] for panel in attended.panels] == [
        [f"u{k}" for k in range(8)]
    ] * 3
    assert attended.panels[0][1] == ("u1", 8.0)
    assert (attended.right, attended.even, moved.right, moved.even) == (True, 1, False, None)
    assert [[word for word, _ in panel] for panel in moved.panels] == [
        [], [], [f"m{k}" for k in range(8)]
    ]  # fmt: skip
    assert moved.panels[2][0] == ("m0", 0.5)
    assert ("wrong" in moved.title, "right" in attended.title) == (True, True)
    shown, (attended, _) = columns(4)
    assert len(shown) == 4
    assert {len(panel) for panel in attended.panels} == {5}
    shown, _ = columns(8)
    assert shown == [f"c{i}" for i in range(6)]


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
        Figure("plain", "Plain", "says", wide=True, interactive=False, alt="Plain"),
        Figure("live", "Live", "acts", wide=False, interactive=True, alt="Live"),
    ]
    written = {path.name: path.read_text() for path in (tmp_path / "assets").iterdir()}
    assert written == {
        "plain-light.svg": "plain light",
        "plain-dark.svg": "plain dark",
        "live-light.svg": "live",
    }
    assert (LIGHT.name, DARK.name) == ("light", "dark")
