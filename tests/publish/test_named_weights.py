"""Reports name the weights of their table: attention, that of a method, attributions."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.charts import charts
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.html.data import flags
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary, summarize
from reportgen.publish.words.weights import lacking, terms
from reportgen.records import Prediction, Weights
from tests.publish.conftest import body_of
from tests.publish.small import COLUMNS, INFO, opened
from tests.publish.unlabelled import COUNT, example

OF_ATTENTION = re.compile(r"attention|attend|softmax|looked|even share", re.IGNORECASE)
NOTHING = Drawn(frozenset(), 0, 0)
SHAP = Weights("attribution", "SHAP values")
WITHOUT = tuple(c for c in COLUMNS if c not in ("explain.uniform", "explain.permuted"))


@pytest.fixture(autouse=True)
def _any_words_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reportgen.publish.charts.LEAST_WORDS", 0)


def signed(weights: Weights = SHAP) -> list[Prediction]:
    """Sixty examples with attributions; twenty-four are explained."""
    rows = []
    for i in range(COUNT):
        made, rng = example(i * 4 if i < 15 else i), np.random.default_rng(i)
        values = rng.normal(0, 0.2, len(made.tokens)).astype(np.float32)
        if weights.kind == "attention":
            values = made.attention
        rows.append(replace(made, id=f"s{i}", attention=values))
    return rows


def texts(found: Summary, report: Report) -> str:
    """All sentences, titles, heads and names that the templates show."""
    parts = [found.headline, found.lede, *found.attention, found.attention_title]
    parts += [f"{fact.name} {fact.value} {fact.note}" for fact in found.facts]
    parts += [found.words_title, *found.words_heads, found.reading_help, *found.missing]
    parts += [f"{chart.title} {chart.reading}" for chart in charts(report)]
    return "\n".join([*parts, *flags(report)[0]])


def said(folder: Path, weights: Weights | None, columns: Sequence[str] = WITHOUT) -> str:
    info = replace(INFO, weights=weights)
    with opened(folder, signed(weights or Weights()), info, columns) as report:
        return texts(summarize(report, (), NOTHING), report).replace("\xa0", " ")


def test_a_report_of_attributions_does_not_speak_of_attention(tmp_path: Path) -> None:
    info = replace(INFO, weights=SHAP)
    write_predictions(tmp_path / "t.parquet", info, signed(), ["topic"], WITHOUT)
    run = pipeline.render(
        tmp_path / "t.parquet",
        ReportOptions(pdf_examples=8, slices=("topic",)),
        pipeline.Workspace(tmp_path / "reports"),
        pipeline.Execution(),
    ).folder
    page = body_of(run / "index.html")
    shown = re.findall(r'(?:alt|title|aria-label)="([^"]*)"', page)
    shown += [re.sub(r"<[^>]+>", " ", page)]
    shown += re.findall(r"<text[^>]*>([^<]*)", (run / "assets/words-light.svg").read_text())
    text = unescape(" ".join(shown))
    if shutil.which("pdftotext"):
        done = subprocess.run(
            ["pdftotext", run / "report.pdf", "-"], capture_output=True, check=True, text=True
        )
        text += done.stdout
    column = re.compile(r"“explain\.\w+”")  # has its name from the table
    assert OF_ATTENTION.findall(column.sub("", text)) == []
    assert "Are the attributions faithful?" in text
    assert "attributions (SHAP values)" in text
    assert "raised the answer" in text


@pytest.mark.parametrize(
    ("weights", "named"),
    [
        (None, "Attention"),
        (Weights(name="rollout"), "Attention (rollout)"),
        (Weights(name="attention of layer 12"), "Attention of layer 12"),
    ],
)
def test_attention_is_called_by_its_method(
    tmp_path: Path, weights: Weights | None, named: str
) -> None:
    text = said(tmp_path, weights, COLUMNS)
    full = named[0].lower() + named[1:]
    for part in (
        f"{named} points at words that matter",
        f"more than an even share of the model's {full},",
        f"Most attended: by the mean {full} of an occurrence",
        f"On average the {full} has ",
        "Is the attention faithful?",
        "Do the answers depend on attention?",
        "removing the 10 % most-attended words lowers",
        "most attended: mean attention in even shares",
    ):
        assert part in text, part
    assert "attribution" not in text


def test_attributions_are_called_by_their_method(tmp_path: Path) -> None:
    text = said(tmp_path, SHAP)
    for part in (
        "The attributions (SHAP values) point at words that matter",
        "removing the 10 % of the words with the largest attributions lowers the confidence",
        "Are the attributions faithful?",
        "Do attributions point at words that matter?",
        "How does that compare with integrated gradients?",
        "(Kendall's tau) of attributions is",
        "By their absolute values the attributions (SHAP values) have",
        "Attributions (SHAP values): the mean over the occurrences of a word",
        "mean attribution of an occurrence, the largest by size first",
        "Words are shaded by attributions (SHAP values): red where they raised the predicted",
    ):
        assert part in text, part
    assert OF_ATTENTION.findall(text) == []


def test_what_the_answers_make_of_attention_is_told_where_it_was_measured(tmp_path: Path) -> None:
    text = said(tmp_path, SHAP, COLUMNS)
    assert "when the attention is made uniform" in text
    assert "Do the answers depend on attention?" in text


def test_integrated_gradients_are_shown_once(tmp_path: Path) -> None:
    text = said(tmp_path, Weights("attribution", "integrated gradients"))
    assert "The attributions (integrated gradients) point at" in text
    for part in (
        "compare with integrated",
        "tau) of attributions is 1",
        "moved the prediction",
        "Moved the",
    ):
        assert part not in text
    assert "explain.gradients" not in text


@pytest.mark.parametrize("weights", [Weights(), SHAP])
def test_each_lacking_column_drops_what_needs_it(tmp_path: Path, weights: Weights) -> None:
    few = tuple(c for c in WITHOUT if not c.startswith("explain.") or c.endswith(".left_out"))
    text = said(tmp_path, weights, few)
    noun = terms(weights).noun
    assert (
        f"The predictions have no column “explain.random_removed”: the test of the {noun}" in text
    )
    assert ("explain.uniform" in text) == (weights.kind == "attention")
    assert f"{noun.capitalize()} not tested" in text
    assert "leaving words out one by one; 1 is the same order" in text
    assert "Moved the prediction" not in text
    assert "moved the prediction" not in text
    assert "points at words" not in text


def test_what_attributions_of_another_class_raised(tmp_path: Path) -> None:
    info = replace(INFO, weights=Weights("attribution", of="class good"))
    with opened(tmp_path, signed(), info, WITHOUT) as report:
        cards = report.cards.cards(report.rows.take([0]), report.results([0]))
        help_ = summarize(report, (), NOTHING).reading_help
    assert [named.title for named in cards[0].attended] == [
        "raised the class good",
        "lowered the class good",
    ]
    assert "raised the class good" in help_


def test_columns_of_attention_are_not_missing_of_attributions() -> None:
    missing = {"explain.uniform": "a", "explain.gradients": "b", "in_train": "c"}
    assert lacking(missing, terms(None)) == missing
    found = lacking(missing, terms(SHAP))
    assert found == {
        "explain.gradients": "integrated gradients beside the attributions",
        "in_train": "c",
    }
    own = terms(Weights("attribution", "IntegratedGradients"))
    assert lacking(missing, own) == {"in_train": "c"}
