"""The texts as the gallery searches them: whole, in ASCII, frequent runs in short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.publish.html import search
from reportgen.publish.html.data import index_data
from reportgen.publish.html.search import (
    DIGITS,
    FIRST,
    fold,
    parts,
    runs_of,
    texts_data,
    texts_script,
    write_texts,
)
from tests.publish.small import ROWS, opened


def decoded(data: dict[str, Any]) -> list[list[str]]:
    """The runs of every text: each character below ``FIRST`` begins a number."""
    runs, texts = data["runs"].split("\x7f"), []
    for text in data["texts"]:
        numbers: list[int] = []
        for value in map(DIGITS.index, text):
            if value < FIRST:
                numbers.append(value)
            else:
                numbers[-1] = numbers[-1] * (len(DIGITS) - FIRST) + value
        texts.append([runs[number] for number in numbers])
    return texts


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("A Naïve CAFÉ", "a naive cafe"),
        ("e\u0301\u0301 Ñ", "e n"),
        ("ΟΔΟΣ", "οδος"),
        ("가", "\u1100\u1161"),
    ],
)
def test_folding_drops_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("Waste of  time!", ["waste", "of", "  ", "time", "!"]),
        ("don't", ["don", "'", "t"]),
        (" 10/10 snake_case ", [" ", "10", "/", "10", "snake", "_", "case", " "]),
        ("iPhone手机。好", ["iphone", "手", "机", "。", "好"]),
        ("手 机 a b", ["手", " ", "机", " ", "a", "b"]),
        ("", []),
    ],
)
def test_a_text_is_split_into_runs(text: str, runs: list[str]) -> None:
    assert runs_of(text) == runs


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x7f"))))
def test_no_run_is_lost(texts: list[str]) -> None:
    data = texts_data(texts)
    assert decoded(data) == [runs_of(text) for text in texts]
    script = texts_script("x", texts)
    assert script.isascii()
    assert json.loads(script.removeprefix("(self.reportgen??=[]).push(").removesuffix(")\n"))


def test_frequent_runs_have_the_short_numbers() -> None:
    texts = [" ".join(f"w{k}" for k in range(n)) for n in range(2000)]
    data = texts_data(texts)
    assert data["runs"].split("\x7f")[:3] == ["w0", "w1", "w2"]
    assert decoded(data) == [text.split() for text in texts]
    assert len(data["texts"][64]) == 64
    equal = texts_data(["b a"])
    assert equal["runs"] == "a\x7fb"
    codes = search._codes(2000)
    assert len(set(codes)) == 2000
    assert [len(code) for code in (codes[63], codes[64], codes[1855], codes[1856])] == [1, 2, 2, 3]


def test_every_part_is_written_in_the_order_of_the_gallery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "TEXTS", 4)
    (tmp_path / "data").mkdir()
    with opened(tmp_path) as report:
        write_texts(report)
        order = report.indices
        assert [(name, len(rows)) for name, rows in parts(report)] == [
            ("texts-0001", 4),
            ("texts-0002", 4),
            ("texts-0003", 1),
        ]
        assert index_data(report)["texts"] == 1000
    found = []
    for number in (1, 2, 3):
        text = (tmp_path / "data" / f"texts-000{number}.js").read_text(encoding="ascii")
        text = text.removeprefix("(self.reportgen??=[]).push(").removesuffix(")\n")
        name, data = json.loads(text)
        assert name == f"texts-000{number}"
        found += decoded(data)
    assert found == [runs_of(ROWS[i].text) for i in order]
