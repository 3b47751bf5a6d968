"""A table saved for a report has words: every column by token follows, the others stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from reportgen.predictions import METADATA_KEY, Predictions, open_predictions, schema
from tests.predictions.conftest import META, NAN, jsonl, parquet, row

SUMMED = "word-pieces summed to words"
LEFT_OUT = "special tokens left out and the rest rescaled"
FIVE = [0.5] * 5


def pieces(id_: str = "p", **changes: Any) -> dict[str, Any]:
    return row(
        id_,
        text="not badly",
        tokens=["[CLS]", "not", "bad", "##ly", "[SEP]"],
        attention=[0.5, 0.1, 0.1, 0.05, 0.25],
        spans=[[0, 0], [0, 3], [4, 7], [7, 9], [0, 0]],
        unknown=[False, True, False, True, False],
        attention_heads=[[0.6, 0.2, 0.2, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]],
        **{
            "explain.gradients": [0.1, -0.2, 0.5, 0.25, 0.0],
            "explain.left_out": [0.9, 0.5, 0.6, 0.7, 0.8],
            "explain.attention_removed": FIVE,
            "explain.random_removed": FIVE,
        },
    ) | changes  # fmt: skip


def saved(path: Path, **how: Any) -> Predictions:
    with open_predictions(path) as table:
        return table.saved(path.parent / "saved.parquet", **how)


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_every_column_by_token_follows_the_words(tmp_path: Path, write: Any) -> None:
    nulls = dict.fromkeys([k for k in pieces() if "." in k or k == "attention_heads"])
    rows = [pieces(), pieces("n", **nulls), row("w", text="", tokens=[], attention=[])]
    table = saved(write(tmp_path / f"p.{write.__name__}", rows))
    one, two, three = table
    assert one.tokens == two.tokens == ("not", "badly")
    assert one.spans == ((0, 3), (4, 9))
    np.testing.assert_allclose(one.attention, [0.4, 0.6], rtol=1e-6)
    assert one.unknown is not None
    assert one.unknown.tolist() == [True, True]
    np.testing.assert_allclose(one.heads, [[0.5, 0.5], [0, 1]], rtol=1e-6)
    assert one.explanation is not None
    np.testing.assert_allclose(one.explanation.gradients, [-0.2, 0.75], rtol=1e-6)
    np.testing.assert_allclose(one.explanation.left_out, [0.5, NAN], rtol=1e-6)
    assert one.explanation.attention_removed.tolist() == FIVE  # type: ignore[union-attr]
    assert (two.heads, two.explanation) == (None, None)
    assert (three.tokens, three.spans, three.unknown) == ((), None, None)
    assert table.lengths.tolist() == [2, 2, 0]
    assert table.unknown_tokens is not None
    assert table.unknown_tokens.tolist() == [2, 2, 0]
    assert table.marks == frozenset()


def test_what_was_done_is_said_in_the_metadata(tmp_path: Path) -> None:
    meta = META | {"weights": {"name": "rollout", "steps": ["mean over 2 heads"]}}
    table = saved(parquet(tmp_path / "p.parquet", [pieces()], meta))
    assert table.info.weights is not None
    assert table.info.weights.name == "rollout"
    assert table.info.weights.steps == ("mean over 2 heads", SUMMED, LEFT_OUT)
    raw = (pq.read_schema(table.path).metadata or {})[METADATA_KEY.encode()]
    assert json.loads(raw)["weights"]["steps"] == ["mean over 2 heads", SUMMED, LEFT_OUT]
    again = tmp_path / "again.parquet"
    assert table.saved(again).info == table.info
    assert again.read_bytes() == table.path.read_bytes()


def test_only_what_was_done_is_said(tmp_path: Path) -> None:
    special = row(tokens=["[CLS]", "not", "bad"], attention=[0.5, 0.25, 0.25])
    table = saved(jsonl(tmp_path / "p.jsonl", [special]))
    assert table.info.weights is not None
    assert table.info.weights.steps == (LEFT_OUT,)
    signed = special | {"attention": [1.0, -2.0, 0.5], "tokens": ["[CLS]", "n", "##ot"]}
    table = saved(jsonl(tmp_path / "p.jsonl", [signed]))
    (one,) = table
    assert one.attention.tolist() == [-1.5]
    assert table.info.weights is not None
    assert table.info.weights.steps == (SUMMED, "special tokens left out")


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_a_table_of_words_is_copied(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / f"p.{write.__name__}", [row(spans=[[0, 3], [4, 7]])])
    with open_predictions(path) as table:
        copy = table.saved(tmp_path / "saved.parquet")
        assert copy.path.read_bytes() == table.path.read_bytes()
    assert copy.info.weights is not None
    assert copy.info.weights.steps == ()


def test_tokens_stay_as_they_are_written_where_that_is_asked(tmp_path: Path) -> None:
    table = saved(jsonl(tmp_path / "p.jsonl", [pieces()]), words=False)
    (one,) = table
    assert one.tokens == ("[CLS]", "not", "bad", "##ly", "[SEP]")
    assert table.info.weights is not None
    assert table.info.weights.steps == ()


def test_marks_of_one_group_of_rows_are_read_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 1)
    rows = [row("a", text="badly", tokens=["bad", "ly"]), row("b", tokens=["not", "Ġbad"])]
    rows.append(row("c", tokens=["[CLS]", "bad"]))
    table = saved(jsonl(tmp_path / "p.jsonl", rows))
    assert [one.tokens for one in table] == [("badly",), ("not", "bad"), ("bad",)]
    assert pq.ParquetFile(table.path).num_row_groups == 3


def test_replaced_characters_are_counted_once(tmp_path: Path) -> None:
    bad = pieces(text="not\x00badly")
    meta = META | {"data": {"replaced_characters": 2}}
    table = saved(parquet(tmp_path / "p.parquet", [bad], meta))
    assert table.info.data.replaced_characters == 3
    (one,) = table
    assert one.text == "not\ufffdbadly"


def test_pairs_and_numbers_of_classes_are_written_as_the_schema_has_them(tmp_path: Path) -> None:
    tokens = ["[CLS]", "a", "##b", "[SEP]", "a", "##b"]
    spans = [[0, 0], [0, 1], [1, 2], [0, 0], [0, 1], [1, 2]]
    attention = [0.0, 0.2, 0.2, 0.1, 0.25, 0.25]
    pair = row(text=["ab", "ab"], tokens=tokens, spans=spans, attention=attention, label=0)
    table = saved(parquet(tmp_path / "p.parquet", [pair]))
    (one,) = table
    assert (one.text, one.label, one.spans) == ("ab\nab", "neg", ((0, 2), (3, 5)))
    assert pq.read_table(table.path)["label"].to_pylist() == ["neg"]
