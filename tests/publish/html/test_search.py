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
    runs_of,
    scripts,
    search_scripts,
    split,
    write_texts,
)
from tests.publish.small import ROWS, opened


def value(text: str) -> Any:
    """The value of a data file, as a browser takes it."""
    assert text.isascii()
    return json.loads(text.removeprefix("(self.reportgen??=[]).push(").removesuffix(")\n"))[1]


def decoded(runs: list[str], texts: list[str]) -> list[list[str]]:
    """The runs of every text: each character below ``FIRST`` begins a number."""
    found = []
    for text in texts:
        numbers: list[int] = []
        for digit in map(DIGITS.index, text):
            if digit < FIRST:
                numbers.append(digit)
            else:
                numbers[-1] = numbers[-1] * (len(DIGITS) - FIRST) + digit
        found.append([runs[number] for number in numbers])
    return found


def read_back(written: list[tuple[str, str]]) -> tuple[list[str], list[list[str]]]:
    """All runs, and the runs of every text of every part."""
    (_, first), *others = written
    runs = value(first).split("A")
    return runs, [text for _, script in others for text in decoded(runs, value(script))]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("A Naïve CAFÉ", "a naive cafe"),
        ("e\u0301\u0301 Ñ", "e n"),
        ("ΟΔΟΣ", "οδος"),
        ("가", "가"),
        ("が は ば ぱ", "が は ば ぱ"),
        ("ＦＵＬＬ ﾊﾟ ﬁ", "full パ fi"),
        ("कि", "कि"),
        ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
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
        ("कि ताब", ["कि", "ताब"]),
        ("人々がABC", ["人", "々", "が", "abc"]),
        ("ไม่ดี", ["ไ", "ม", "่", "ด", "ี"]),
        ("", []),
    ],
)
def test_a_text_is_split_into_runs(text: str, runs: list[str]) -> None:
    assert runs_of(text) == runs


@given(st.text(st.characters(codec="ascii")))
def test_a_text_in_ascii_has_the_runs_that_it_has_beside_other_scripts(text: str) -> None:
    assert [*runs_of(text), "手"] == runs_of(f"{text}手")


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")))))
def test_no_run_is_lost(parts: list[list[str]]) -> None:
    written = list(scripts([split(texts) for texts in parts]))
    names = ["runs", *(f"texts-{number:04}" for number in range(1, len(parts) + 1))]
    assert [name for name, _ in written] == names
    _, found = read_back(written)
    assert found == [runs_of(text) for texts in parts for text in texts]


def test_frequent_runs_have_the_short_numbers() -> None:
    texts = [" ".join(f"w{k}" for k in range(n)) for n in range(300)]
    written = list(scripts([split(texts[:200]), split(texts[200:])]))
    runs, found = read_back(written)
    assert runs[:3] == ["w0", "w1", "w2"]
    assert found == [text.split() for text in texts]
    assert len(value(written[1][1])[64]) == 64
    runs, _ = read_back(list(scripts([split(["b a"])])))
    assert runs == ["a", "b"]  # of equal ones by the alphabet
    codes = search._codes(2000)
    assert len(set(codes)) == 2000
    assert [len(code) for code in (codes[63], codes[64], codes[1855], codes[1856])] == [1, 2, 2, 3]


def test_every_part_is_written_in_the_order_of_the_gallery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "TEXTS", 4)
    (tmp_path / "data").mkdir()
    with opened(tmp_path) as report:
        write_texts(report.folder, report.rows, report.indices, report.executor, report.progress)
        order, alone = report.indices, search_scripts(report.rows, report.indices)
        assert index_data(report)["texts"] == 1000
    names = ["runs", "texts-0001", "texts-0002", "texts-0003"]
    assert sorted(path.stem for path in (tmp_path / "data").iterdir()) == names
    texts = [(tmp_path / "data" / f"{name}.js").read_text(encoding="ascii") for name in names]
    assert texts == alone
    _, found = read_back(list(zip(names, texts, strict=True)))
    assert found == [runs_of(ROWS[i].text) for i in order]
    assert [len(value(text)) for text in texts[1:]] == [4, 4, 1]
