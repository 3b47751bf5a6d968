"""Tables of probabilities alone, or of tokens without weights: read alike in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.predictions import open_predictions, schema
from tests.predictions.conftest import jsonl, parquet, problem, read, row

BOTH = pytest.mark.parametrize("write", [parquet, jsonl])


def rows(*without: str, **changes: Any) -> list[dict[str, Any]]:
    made = (row("a", **changes), row("b", text="so-so 😀", tokens=["so-so"], **changes))
    return [{k: v for k, v in one.items() if k not in without} for one in made]


@BOTH
@pytest.mark.parametrize("absent", [False, True])
def test_probabilities_alone_are_a_table(tmp_path: Path, write: Any, absent: bool) -> None:
    whole = rows("tokens", "attention", spans=[[0, 3]], **{"explain.uniform": [0.5, 0.5]})
    if not absent:
        whole = [one | {"tokens": None, "attention": None} for one in whole]
    path = write(tmp_path / f"p.{write.__name__}", whole)
    with open_predictions(path) as table:
        assert (table.tokenized, table.weighted, table.info.weights) == (False, False, None)
        assert (table.unit, table.lengths.tolist()) == ("character", [7, 7])
        assert table.unread.tolist() == [0, 0]
        assert not table.explained.any()
        assert sorted(table.unused) == ["explain.uniform", "spans"]
        assert [name for name in table.missing if name != "label"] == [
            "tokens", "attention", "logits", "in_train"
        ]  # fmt: skip
        one, _ = table
        (group,) = table.groups()
        (taken,) = table.rows([1], tmp_path / "rows").take([1])
        saved = table.saved(tmp_path / "saved.parquet")
    assert (one.tokens, one.attention.size, one.spans) == ((), 0, None)
    assert (taken.text, taken.tokens) == ("so-so 😀", ())
    assert group.tokens.lengths.tolist() == [0, 0]
    assert (saved.weighted, saved.unused) == (False, table.unused)


@BOTH
def test_tokens_without_weights_are_counted(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / f"p.{write.__name__}", rows("attention", attention_heads=[[0.5, 0.5]]))
    with open_predictions(path) as table:
        assert (table.tokenized, table.weighted, table.info.weights) == (True, False, None)
        assert (table.unit, table.lengths.tolist()) == ("token", [2, 1])
        assert table.unread.tolist() == [0, 0]
        assert table.unused == (schema.HEADS,)
        assert "spans" not in table.missing
        assert "attention" in table.missing
        one, other = table
        (group,) = table.groups()
    assert (one.tokens, other.tokens) == (("not", "bad"), ("so-so",))
    assert np.isnan(one.attention).tolist() == [True, True]
    assert group.tokens.lengths.tolist() == [2, 1]


@BOTH
def test_word_pieces_without_weights_become_words(tmp_path: Path, write: Any) -> None:
    pieces = [row(text="badly", tokens=["[CLS]", "bad", "##ly"], attention=None)]
    with open_predictions(write(tmp_path / f"p.{write.__name__}", pieces)) as table:
        saved = table.saved(tmp_path / "saved.parquet")
        assert [one.tokens for one in saved] == [("badly",)]
        assert saved.info.weights is None


@BOTH
@pytest.mark.parametrize("name", ["attention", "weights"])
def test_weights_without_tokens_are_refused(tmp_path: Path, write: Any, name: str) -> None:
    whole = [one | {name: [0.5, 0.5]} for one in rows("tokens", "attention")]
    message = problem(write(tmp_path / f"p.{write.__name__}", whole))
    assert message.endswith(f": column {name} without column tokens; see the README")


@BOTH
@pytest.mark.parametrize("name", ["tokens", "attention"])
def test_a_value_in_some_rows_only_is_refused(tmp_path: Path, write: Any, name: str) -> None:
    whole = [row("a", **{name: None}), row("b")]
    assert problem(write(tmp_path / f"p.{write.__name__}", whole)).endswith(f": {name} is null")


def test_a_table_with_all_columns_uses_them(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row()])
    with open_predictions(path) as table:
        assert (table.tokenized, table.weighted, table.unused) == (True, True, ())
    assert read(path)[0].attention.tolist() == [0.5, 0.5]
