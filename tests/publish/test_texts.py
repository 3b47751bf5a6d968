"""Cards, heatmaps and PDF of texts in many scripts show each text as it was written."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Outcome
from reportgen.options import ReportOptions
from reportgen.predictions import open_predictions
from reportgen.publish.cards import Card, CardMaker
from reportgen.publish.html.data import cards_data
from reportgen.publish.html.templates import token_map
from reportgen.publish.words.notes import shared, unlocated
from reportgen.records import Explanation, Prediction
from tests.publish.conftest import body_of
from tests.publish.texts import ARABIC, BLANKS, TEXTS, write_texts

RESULT = ExampleResult(0, 0.9, 0.8, Outcome.CONFIDENTLY_RIGHT, False, None)


def rendered(folder: Path, tokens: str) -> Path:
    return pipeline.render(
        write_texts(folder / "texts.jsonl"),
        ReportOptions(),
        pipeline.Workspace(folder / "reports"),
        pipeline.Execution(),
        tokens=tokens,
    ).folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered(tmp_path_factory.mktemp("texts"), "words")


@pytest.fixture(scope="module")
def as_written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered(tmp_path_factory.mktemp("written"), "as-written")


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Card]:
    folder = tmp_path_factory.mktemp("cards")
    with open_predictions(write_texts(folder / "texts.jsonl")) as table:
        rows = table.rows(range(len(table)), folder / "rows").take(range(len(table)))
        return {row.id: CardMaker(("no", "yes")).card(row, RESULT) for row in rows}


def test_every_text_stands_whole_on_its_card(cards: dict[str, Card], run: Path) -> None:
    for id_, (text, _, _) in TEXTS.items():
        assert "".join(piece.text for piece in cards[id_].pieces) == text
    maps = re.findall(r'<p class="map">(.*?)</p>', body_of(run / "index.html"), re.DOTALL)
    shown = {unescape(re.sub("<[^>]*>", "", text)) for text in maps}
    assert shown == {text for text, _, _ in TEXTS.values()}


def test_tokens_without_a_place_are_said(cards: dict[str, Card], as_written: Path) -> None:
    assert cards["lower"].counts == "7 tokens"
    assert cards["hindi"].counts.replace("\xa0", " ") == (
        "2 tokens, 1 not located in the text (with 66.7 % of the attention)"
    )
    assert cards["special"].counts.startswith("5 tokens, 3 not located in the text (with 66.7")
    assert unlocated(0, 8) == []
    (note,) = unlocated(2, 8)
    assert note.startswith("In 2 of 8 examples of the gallery some tokens were not located")
    assert note in (as_written / "index.html").read_text()
    assert shared(0, 8) == []
    (note,) = shared(1, 8)
    assert note.startswith("In 1 of 8 examples of the gallery tokens share a piece of the text")
    assert note in (as_written / "index.html").read_text()


def test_a_shared_piece_has_the_sum_of_the_weights(cards: dict[str, Card]) -> None:
    pieces = {piece.text: piece for piece in cards["bytes"].pieces if piece.token}
    assert pieces["😀"].weight == pytest.approx(7 / 15)
    assert pieces["😀"].level == 31  # more than the largest of one token, 5/15
    assert 0 < pieces["!"].level == 31
    data = cards_data([cards["bytes"]])[0]
    assert data["read"] == 5
    assert [float(w) / 1e6 for w in data["weights"].split(",")] == pytest.approx(
        [1 / 15, 2 / 15, 7 / 15, 5 / 15], abs=1e-5
    )


def test_a_piece_that_was_read_in_part_has_the_weight_of_that() -> None:
    weights = np.array([0.4, np.nan, 0.6, np.nan], dtype=np.float32)
    spans = ((0, 1), (0, 1), (1, 2), (2, 3))
    one = np.array([0.9, 0.1], dtype=np.float32)
    made = Prediction("a", "abc", "no", one, tuple("wxyz"), weights, spans)
    pieces = CardMaker(("no", "yes")).card(made, RESULT).pieces
    assert [piece.text for piece in pieces] == ["a", "b", "c"]
    assert [piece.weight for piece in pieces] == [pytest.approx(0.4), pytest.approx(0.6), None]


def test_gradients_of_a_shared_piece_are_summed() -> None:
    empty = np.zeros(5, dtype=np.float32)
    gradients = np.array([0.1, 0.1, 0.4], dtype=np.float32)
    two = np.array([0.9, 0.1], dtype=np.float32)
    explanation = Explanation(
        *(empty,) * 4, empty[None], empty[None], two, two, gradients, gradients
    )
    even = np.full(3, 1 / 3, dtype=np.float32)
    spans = ((0, 1), (0, 1), (1, 2))
    made = Prediction("a", "ab", "no", two, tuple("xyz"), even, spans, explanation=explanation)
    levels = [piece.level for piece in CardMaker(("no", "yes")).card(made, RESULT).gradients]
    assert levels == [round(31 * 0.5), 31]


def test_white_space_has_marks_that_are_not_part_of_the_text(cards: dict[str, Card]) -> None:
    markup = str(token_map(cards["blanks"].pieces))
    assert re.findall(r'data-mark="([^"]*)"', markup) == ["↵", "↵", "⇥", "␣␣", "␣"]
    assert unescape(re.sub("<[^>]*>", "", markup)) == BLANKS
    (named,) = cards["blanks"].attended
    assert [word for word, _ in named.words] == ["␣", "end", "␣␣"]


def test_right_to_left_words_of_the_pdf_are_in_reading_order(run: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(
        ["pdftotext", "-raw", run / "report.pdf", "-"], capture_output=True, check=True, text=True
    )
    text = re.sub("[\u202a-\u202e\u2066-\u2069]", "", done.stdout)
    words = text.split()
    start = words.index("كان")
    assert words[start : start + 8] == ARABIC.split()[:8]
    assert "↵" in words
    assert "␣␣" in words
