"""Reports of tables without attention: all that needs none is there, and what is not is named."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from pathlib import Path

import pypdf
import pytest

import reportgen as rg
from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.publish.verification import verify
from tests.publish.conftest import Page, assert_links_resolve, body_of
from tests.publish.weightless import COUNT, TEXTS, rows, write

CLAIMS = re.compile(
    r"\b(attend\w*|heatmaps?|shaded|shading|weights?|faithful|removing|not read)\b", re.I
)
ALLOWED = "“attention”: shaded texts, heatmaps, words by their weights and every test of these"


def rendered(folder: Path, tokens: bool) -> Path:
    table = write(folder / "plain.jsonl", tokens)
    options = ReportOptions(pdf_examples=12, slices=("topic",), review=True)
    workspace = pipeline.Workspace(folder / "reports")
    return pipeline.render(table, options, workspace, pipeline.Execution()).folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {"none": False, "tokens": True}
    return {name: rendered(tmp_path_factory.mktemp(name), tokens) for name, tokens in made.items()}


@pytest.fixture(params=["none", "tokens"])
def run(request: pytest.FixtureRequest, runs: dict[str, Path]) -> Path:
    return runs[request.param]


def text_of(file: Path) -> str:
    return " ".join(Page(body_of(file)).text.replace("\xa0", " ").split())


def printed(run: Path) -> str:
    words = ("pdftotext", "-layout", "report.pdf", "-")
    found = subprocess.run(words, cwd=run, capture_output=True, text=True, check=True).stdout
    return " ".join(found.split())


def test_nothing_is_claimed_of_weights(run: Path) -> None:
    for text in (text_of(run / "index.html"), printed(run)):
        assert ALLOWED in text
        assert CLAIMS.findall(text.replace(ALLOWED, "")) == []


def test_all_else_is_there(run: Path) -> None:
    for text in (text_of(run / "index.html"), printed(run)):
        assert "Accuracy 50.0 % on 40 examples" in text
        for part in ("Calibration", "Confusion matrix", "Accuracy against coverage"):
            assert part in text
        assert "Plain awful <b>food</b> & a slow waiter" in text
    assert_links_resolve(run)
    assert verify(run) == []
    assert not (run / "heatmaps").exists()
    assert '<img class="heatmap"' not in body_of(run / "index.html")


def test_texts_are_counted_in_what_is_known(runs: dict[str, Path]) -> None:
    none, tokens = (text_of(run / "index.html") for run in runs.values())
    assert "median 17 characters, longest 1,600" in none
    assert "median 4 tokens, longest 400" in tokens
    assert "Show all 1,600 characters" in none
    assert "Show all 400 tokens" in tokens
    assert "“tokens”: how many tokens a text has, and words out of the vocabulary cannot" in none
    assert "“tokens”" not in tokens
    assert "7 tokens, 1 out of vocabulary" in tokens
    assert "A word with a dotted underline is not in the model's vocabulary" in tokens
    assert "dotted" not in none
    assert '<i class="u">awful</i>' in body_of(runs["tokens"] / "index.html")
    assert "too few English stop words" not in none


def test_numbers_and_rows_are_written(runs: dict[str, Path]) -> None:
    for name, run in runs.items():
        found = json.loads((run / "metrics.json").read_text())
        assert found["metrics"]["accuracy"]["value"] == 0.5
        assert (found["attention"], found["attention_is"]) == (None, {})
        assert not [row for row in found["words"] if row["words"]]
        assert found["run"]["weights"] is None
        lines = list(csv.DictReader(io.StringIO((run / "predictions.csv").read_text())))
        assert len(lines) == COUNT
        assert {line["heatmap"] for line in lines} == {""}
        assert lines[0]["tokens"] == ("" if name == "none" else "7")
        assert lines[0]["card"].startswith("index.html#ex-")


def test_reviewers_are_asked_of_the_label_alone(run: Path) -> None:
    assert 'data-question="label"' in body_of(run / "index.html")
    assert 'data-question="shading"' not in body_of(run / "index.html")
    fields = pypdf.PdfReader(run / "report.pdf").get_fields() or {}
    assert {name.split("-")[0] for name in fields} == {"label", "remark", "reviewer"}


def test_rows_without_weights_are_rendered_in_python(tmp_path: Path) -> None:
    made = rows(tokens=False)[:10]
    report = rg.render(
        made, classes=["no", "yes"], out=tmp_path, experiment="plain", pdf_examples=0
    )
    assert report.metrics["accuracy"].value == 0.5
    mistake = report.mistakes(1)[0]
    assert (mistake.tokens, mistake.weights.size) == ((), 0)
    assert mistake.text in TEXTS
    shown = report._repr_html_()
    assert shown is not None
    assert "shade" not in re.sub(r"<style>.*?</style>", "", shown, flags=re.S)


def test_a_picture_of_no_heatmap_is_a_text(tmp_path: Path) -> None:
    table = write(tmp_path / "plain.jsonl", tokens=True)
    options = ReportOptions(pdf_examples=2, pdf_cards="heatmap")
    workspace = pipeline.Workspace(tmp_path / "reports")
    run = pipeline.render(table, options, workspace, pipeline.Execution()).folder
    assert any(text.split("<")[0].strip() in printed(run) for text in TEXTS if text)
