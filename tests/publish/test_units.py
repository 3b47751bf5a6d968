"""A report of characters never calls them words, in any of its sentences, axes and keys."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.words.cards import WARNINGS
from reportgen.publish.words.finding import SEARCH, SEARCHED
from reportgen.records import ModelInfo, Prediction
from tests.publish.conftest import Page, body_of
from tests.publish.small import CLASSES, COLUMNS, INFO, explanation, row

TEXT = "料理はとても美味しかったですまた行きたい"
# What is said of words all the same: of what a reader searches, and of a list in English.
MEANT = (SEARCH, SEARCHED, "negation and contrast words", "English stop words")


def rows() -> Iterator[Prediction]:
    for i in range(40):
        rng = np.random.default_rng(i)
        p = rng.dirichlet([1.0, 0.8, 1.2])
        words = [TEXT[(i + k) % len(TEXT)] for k in range(14)]
        tested = explanation(14, float(rng.random() / 4), rng.random(14).tolist())
        one = row(f"e{i:02}", CLASSES[i % 3], p.tolist(), words, explanation=tested)
        text = "".join(words)
        yield replace(one, text=text, spans=tuple((k, k + 1) for k in range(14)))


@pytest.fixture(scope="module", params=["attention", "without explanations"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("units")
    info = replace(INFO, model=ModelInfo("a model", tokenizer="character"))
    columns = COLUMNS if request.param == "attention" else COLUMNS[:4]
    write_predictions(folder / "t.parquet", info, rows(), (), columns)
    options = ReportOptions(pdf_examples=3, review=True)
    workspace = pipeline.Workspace(folder / "reports")
    return pipeline.render(folder / "t.parquet", options, workspace, pipeline.Execution()).folder


def test_no_sentence_speaks_of_words(run: Path) -> None:
    page = Page(body_of(run / "index.html")).text
    printed = subprocess.run(
        ("pdftotext", "-layout", "report.pdf", "-"), cwd=run, capture_output=True, text=True
    ).stdout
    for text in (page, printed):
        text = " ".join(text.split())
        for meant in MEANT:
            text = text.replace(meant, "")
        assert [
            text[max(m.start() - 60, 0) : m.end() + 30] for m in re.finditer("[Ww]ord", text)
        ] == []
        assert "A character is shaded where it received more than an even share" in text


def test_charts_and_attributes_speak_of_characters(run: Path) -> None:
    page = body_of(run / "index.html")
    assert 'data-called="character"' in page
    for chart in (run / "assets").glob("*.svg"):
        assert not re.search(r"<!--[^>]*\bwords?\b", chart.read_text()), chart.name
    flags = re.findall(
        r'"flags":\["(most-attended [^"]*)"', (run / "data" / "index.js").read_text()
    )
    assert all("characters" in flag for flag in flags)
    assert "most-attended characters not shown to matter more than random characters" in WARNINGS
