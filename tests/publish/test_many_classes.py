"""Reports of six, twenty and 1,500 classes: what is drawn, listed and left out."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo
from tests.publish.conftest import Page, body_of


def report_of(classes: int, rows: int, folder: Path) -> Path:
    """Render a table in which each class is predicted as itself, every third row as the first."""
    names = tuple(f"class {i:04}" for i in range(classes))
    predictions = [
        Prediction(
            str(i),
            "two words",
            names[i % classes],
            np.eye(classes, dtype=np.float32)[0 if i % 3 == 0 else i % classes],
            ("two", "words"),
            np.array([0.4, 0.6], dtype=np.float32),
        )
        for i in range(rows)
    ]
    info = RunInfo(names, DataInfo("many", "test", rows, rows), ModelInfo(), seed=1)
    write_predictions(folder / "many.parquet", info, predictions, columns=())
    return pipeline.render(
        folder / "many.parquet", ReportOptions(), pipeline.Workspace(folder), pipeline.Execution()
    ).folder


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_of(6, 30, tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_of(20, 60, tmp_path_factory.mktemp("twenty"))


@pytest.fixture(scope="module")
def very_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_of(1500, 4, tmp_path_factory.mktemp("very-many"))


def figure_of(run: Path) -> str:
    text = body_of(run / "index.html")
    return text[text.index('<figure class="confusion') :].split("</figure>")[0]


def pdf_text(run: Path) -> str:
    command = ["pdftotext", "-layout", str(run / "report.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_matrix_of_six_classes_is_wide_with_turned_heads(six: Path) -> None:
    figure = figure_of(six)
    assert figure.startswith('<figure class="confusion wide">')
    assert '<table class="matrix turned">' in figure
    assert figure.count("<td>") == 36
    assert "mistakes" not in figure
    assert "Most frequent mistakes" not in pdf_text(six)
    whole = json.loads((six / "metrics.json").read_text())["quality"]["confusion"]
    assert [sum(row) for row in whole] == [5] * 6


def test_of_twenty_classes_the_mistakes_stand_before_the_matrix(twenty: Path) -> None:
    figure = figure_of(twenty)
    listed, matrix = figure.split("<details")
    rows = re.findall(r"<tr><td><bdi>(.*?)</bdi></td><td><bdi>(.*?)</bdi></td>", listed)
    assert len(rows) == 12
    assert {predicted for _, predicted in rows} == {"class 0000"}
    assert '<table class="matrix many">' in matrix
    assert matrix.count("<td>") == 400
    assert matrix.count("<a ") == 20 + 19  # the diagonal and the mistakes; empty cells are no links
    assert "<small>" not in matrix
    reading = Page(figure).text
    assert "Shown are the 12 most frequent of 19 pairs of classes that are confused" in reading
    text = pdf_text(twenty)
    assert "Most frequent mistakes" in text
    assert "class 0019" in text  # every class has a row in the table


def test_the_cost_of_1500_classes_is_not_their_square(very_many: Path) -> None:
    figure = figure_of(very_many)
    assert "matrix" not in figure
    text = Page(body_of(very_many / "index.html")).text
    assert "The 100 classes with the most examples, of 1,500; metrics.json has all." in text
    assert "1,480 further classes" in text
    assert (very_many / "index.html").stat().st_size < 300_000
    measured = json.loads((very_many / "metrics.json").read_text())
    assert measured["quality"]["confusion"] is None
    assert [(m["label"], m["predicted"], m["count"]) for m in measured["quality"]["mistakes"]] == [
        ("class 0003", "class 0000", 1)
    ]
    assert len(measured["quality"]["classes"]) == 1500
    assert len(pdf_text(very_many)) < 40_000


def test_a_class_that_is_never_predicted_has_no_precision(six: Path) -> None:
    """Of the six, class 0003 is always predicted as class 0000."""
    page = body_of(six / "index.html")
    table = page[page.index('<table class="classes">') :].split("</table>")[0]
    row = table.split("<bdi>class 0003</bdi>")[1].split("</tr>")[0]
    precision, recall, f1, labelled, predicted = re.findall(r"<td>(.*?)</td>", row)
    assert (precision, labelled, predicted) == ("–", "5", "0")
    assert recall == f1 == "0.0\N{NO-BREAK SPACE}%"
    measured = json.loads((six / "metrics.json").read_text())
    assert measured["quality"]["classes"][3]["precision"] is None
    assert measured["metrics"]["precision.class 0003"]["value"] is None
    line = next(line for line in pdf_text(six).splitlines() if line.startswith("class 0003"))
    assert line.split()[2] == "–"


def test_cards_and_sections_say_the_same_in_html_and_pdf(six: Path) -> None:
    """Its probabilities are 0 and 1: the label of a mistake has none, and so has a runner-up."""
    page, paper = (
        " ".join(text.split()) for text in (Page(body_of(six / "index.html")).text, pdf_text(six))
    )
    rule = "Confident: the two largest probabilities are at least 0.2 apart."
    for text in (page, paper):
        assert rule in text
    assert "label class 0003 0.00 runner-up class 0001 0.00" in page
    assert "label class 0003 (0.00), runner-up class 0001 (0.00)" in paper


def test_no_alternative_text_repeats_its_caption(six: Path) -> None:
    figures = re.findall(r"<figure.*?</figure>", body_of(six / "index.html"), re.DOTALL)
    assert len(figures) >= 4
    for figure in figures:
        caption = Page(figure[figure.index("<figcaption") :]).text
        for told in re.findall(r'(?:alt|aria-label)="([^"]*)"', figure):
            for sentence in re.split(r"(?<=\.) |; ", told):
                assert len(sentence) < 30 or sentence not in caption
