"""A table as a transformer's program writes it becomes a report: of words, or as it was written."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from reportgen.predictions import open_predictions

TOKENS = ["[CLS]", "not", "bad", "##ly", "[SEP]", "not", "[SEP]"]
ROW = {
    "text": ["Not badly", "not"],
    "label": 1,
    "probabilities": [0.25, 0.75],
    "tokens": TOKENS,
    "weights": [0.5, 0.1, 0.1, 0.05, 0.1, 0.0, 0.15],
    "spans": [[0, 0], [0, 3], [4, 7], [7, 9], [0, 0], [0, 3], [0, 0]],
    "attention_heads": [[0.5, 0.1, 0.1, 0.05, 0.1, 0.0, 0.15]],
    "explain.gradients": [0.0, 0.1, 0.2, 0.3, 0.0, -0.1, 0.0],
}


@pytest.fixture
def rendered(invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    run = {"classes": ["no", "yes"], "data": {"name": "mine", "split": "test"}}
    rows = [ROW | {"id": "1"}, ROW | {"id": "2", "label": 0}]
    lines = [{"reportgen.run": run}, *rows]
    Path("mine.jsonl").write_text("\n".join(map(json.dumps, lines)))

    def render(*options: str) -> Path:
        words = ("--predictions", "mine.jsonl", "--out", "out", "--workers", "1", "--quiet")
        done = invoke("render", *words, *options)
        assert done.code == 0, done.err
        (folder,) = Path("out/mine").glob("2*")
        return folder

    return render


def page(folder: Path) -> str:
    return html.unescape(re.sub(r"<[^>]*>|\s+", " ", (folder / "index.html").read_text()))


def test_word_pieces_are_merged_and_said(rendered: Any) -> None:
    folder = rendered()
    with open_predictions(folder / "predictions.parquet") as table:
        one, _ = table
        assert table.gold.tolist() == [1, 0]
    assert one.tokens == ("not", "badly", "not")
    assert one.text == "Not badly\nnot"
    assert one.attention.tolist() == pytest.approx([0.4, 0.6, 0.0])
    assert one.heads is not None
    assert one.heads.shape == (1, 3)
    text = " ".join(page(folder).split())
    assert "attention of the model; word-pieces summed to words; special tokens left out" in text
    assert "[CLS]" not in text
    assert "##ly" not in text
    assert "not tested by removing words" in text
    inputs = json.loads((folder / "inputs.json").read_text())
    assert inputs["predictions"]["tokens"] == "words"
    assert json.loads((folder / "metrics.json").read_text())["run"]["weights"]["steps"]


def test_tokens_may_stay_as_they_are_written(rendered: Any) -> None:
    folder = rendered("--tokens", "as-written")
    with open_predictions(folder / "predictions.parquet") as table:
        one, _ = table
    assert one.tokens == tuple(TOKENS)
    assert "[CLS]" in page(folder)
    assert json.loads((folder / "inputs.json").read_text())["predictions"]["tokens"] == "as-written"


def test_metadata_of_another_number_of_rows_are_warned_of(
    invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = {"name": "mine", "rows": 22_985, "evaluated": 22_985}
    lines = [{"reportgen.run": {"classes": ["no", "yes"], "data": data}}, ROW | {"id": "1"}]
    Path("mine.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = invoke("render", "--predictions", "mine.jsonl", "--out", "out", "--workers", "1")
    assert done.code == 0, done.err
    assert "warning: the table has 1 row, its metadata say 22,985 of 22,985;" in done.err
