"""Texts of two parts: one text with both, and every token at its place in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reportgen.predictions import open_predictions
from reportgen.predictions.pairs import joined, restart, shifted
from reportgen.records import Prediction
from tests.predictions.conftest import BACK, jsonl, parquet, problem, read, row

TOKENS = ["[CLS]", "a", "man", "plays", "[SEP]", "a", "man", "sleeps", "[SEP]"]
SPANS = [[0, 0], [0, 1], [2, 5], [6, 11], [0, 0], [0, 1], [2, 5], [6, 12], [0, 0]]
PARTS = ["A man plays", "A man sleeps"]


def pair(text: Any, spans: Any = SPANS, tokens: Any = TOKENS) -> dict[str, Any]:
    n = len(tokens)
    return row(text=text, tokens=tokens, attention=[1 / n] * n, spans=spans)


def slices(one: Prediction) -> list[str]:
    assert one.spans is not None
    return [one.text[slice(*span)] for span in one.spans if span and span[0] < span[1]]


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_a_list_of_two_texts_is_one_text_of_two_lines(tmp_path: Path, write: Any) -> None:
    other = pair(["x\x00", ""], [[0, 1]], ["x"]) | {"id": "o"}
    path = write(tmp_path / f"p.{write.__name__}", [pair(PARTS), other])
    with open_predictions(path) as table:
        one, two = table
        (taken,) = table.rows([0], tmp_path / "rows").take([0])
        assert table.info.data.replaced_characters == 1
    assert one.text == "A man plays\nA man sleeps"
    assert slices(one) == slices(taken) == ["A", "man", "plays", "A", "man", "sleeps"]
    assert two.text == "x\ufffd\n"


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_a_list_of_two_texts_without_spans(tmp_path: Path, write: Any) -> None:
    plain = {k: v for k, v in pair(PARTS).items() if k != "spans"}
    (one,) = read(write(tmp_path / f"p.{write.__name__}", [plain]))
    assert (one.text, one.spans) == ("A man plays\nA man sleeps", None)


@pytest.mark.parametrize("write", [jsonl, parquet])
@pytest.mark.parametrize("between", ["\n", " ", " [SEP] ", "</s></s>"])
def test_spans_that_start_again_are_moved_to_the_second_part(
    tmp_path: Path, write: Any, between: str
) -> None:
    rows = [row("s", spans=[[0, 3], [4, 7]]), pair(between.join(PARTS))]
    single, one = read(write(tmp_path / f"p.{write.__name__}", rows))
    assert slices(single) == ["not", "bad"]
    assert slices(one) == ["A", "man", "plays", "A", "man", "sleeps"]
    assert one.text == between.join(PARTS)


def test_spans_that_go_back_without_a_second_part_are_refused(tmp_path: Path) -> None:
    rows = [row("b", text="bad not", spans=[[4, 7], [0, 3]])]
    message = f"span [0, 3] {BACK}"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 1: {message}"
    rows = [pair("A man plays\nthe woman sings")]
    message = f"span [0, 1] {BACK}"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:2: {message}"


@pytest.mark.parametrize(("text", "row_2"), [(["a"], 1), (["a", "b", "c"], 1), (["a", None], 1)])
def test_a_text_has_one_part_or_two(tmp_path: Path, text: Any, row_2: int) -> None:
    rows = [pair(PARTS), pair(text) | {"id": "b"}]
    message = "text is not a string or a list of two strings"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:3: {message}"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 2: {message}"


def test_where_a_second_part_begins() -> None:
    assert restart([(0, 1), (2, 3), (0, 1)]) == 2
    assert restart([(0, 1), None, (0, 1)]) == 2
    assert restart([(0, 0), (0, 1), (0, 1)]) is None  # two tokens of one character
    assert restart([(0, 1), (2, 3), (3, 3)]) is None
    assert restart([]) is None


def test_spans_of_the_whole_text_stay() -> None:
    whole = [(0, 1), (2, 3)]
    assert joined(["a", "b"], whole) == ("a\nb", whole)
    assert joined(["", "b"], [(0, 1)]) == ("\nb", [(1, 2)])
    assert joined(["a", "b"], [(0, 1), (0, 1)])[1] == [(0, 1), (0, 1)]  # nothing parts them
    assert joined(["a", "b"], [(0, 1), None, (0, 1)])[1] == [(0, 1), None, (2, 3)]


def test_the_second_part_is_found_by_its_tokens() -> None:
    text = "is it is it? it IS"
    tokens, spans = (
        ["is", "it", "[SEP]", "it", "##", "is"],
        [(0, 2), (3, 5), None, (0, 2), (1, 2), (3, 5)],
    )
    moved = shifted(text, tokens, spans)
    assert moved is not None
    assert moved[3:] == [(13, 15), (14, 15), (16, 18)]
    assert shifted(text, tokens[:3], spans[:3]) is None
    less_than_half = "x y\nq b r", ["x", "y", "a", "b", "c"]
    assert shifted(*less_than_half, [(0, 1), (2, 3), (0, 1), (2, 3), (4, 5)]) is None
