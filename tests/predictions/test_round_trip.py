"""What is written is read."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from reportgen.errors import PredictionsError
from reportgen.predictions import open_predictions, schema, write_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo, Skipped, Weights
from tests.predictions.conftest import INFO, NAN, assert_same, read, some


def test_every_field_survives_parquet(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    info = RunInfo(
        ("neg", "pos"),
        DataInfo("d", "test", 4, 3, skipped=(Skipped("f.csv", 2, "no label"),)),
        ModelInfo("m", parameters=5, training_log=({"epoch": 1},)),
        seed=7,
        max_tokens=2,
        weights=Weights("attention", "rollout", "pos", ("mean over 2 heads",)),
    )
    one = Prediction(
        id="übung/1.txt",
        text="Not « bad » 👍🏽 at all",
        label="pos",
        probabilities=np.array([0.125, 0.875], dtype=np.float32),
        tokens=("Not", "bad", "👍🏽"),
        attention=np.array([0.25, 0.75, NAN], dtype=np.float32),
        spans=((0, 3), (6, 9), (12, 14)),
        unknown=np.array([False, False, True]),
        logits=np.array([-1.5, 2.5], dtype=np.float32),
        in_train=True,
        extra={"stars": "4", "by": "Ann"},
        heads=np.array([[0.5, 0.5, NAN], [0, 1, NAN]], dtype=np.float32),
    )
    other = Prediction(
        id="2",
        text="",
        label=None,
        probabilities=np.array([0.5, 0.5], dtype=np.float32),
        tokens=(),
        attention=np.zeros(0, dtype=np.float32),
        spans=(),
        unknown=np.zeros(0, dtype=bool),
        logits=np.zeros(2, dtype=np.float32),
        in_train=False,
        extra={"stars": "1"},
    )
    columns = ("spans", "unknown", "logits", "in_train", "attention_heads")
    write_predictions(path, info, [one, other], ["stars", "by"], columns)
    with open_predictions(path) as table:
        assert table.info == info
        assert table.extra == ("stars", "by")
        assert set(table.missing) == {"explain.attention_removed"}
        assert len(table) == 2
        assert table.ids == ["übung/1.txt", "2"]
        assert table.gold.tolist() == [1, -1]
        assert table.probabilities.tolist() == [[0.125, 0.875], [0.5, 0.5]]
        assert table.lengths.tolist() == [3, 0]
        assert table.unread.tolist() == [1, 0]
        assert table.unknown_tokens is not None
        assert table.unknown_tokens.tolist() == [1, 0]
        first, second = table
    assert_same(first, one)
    assert_same(second, other)


def test_tokens_that_were_not_read_are_null_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    weights = np.array([1, NAN], dtype=np.float32)
    one = Prediction("a", "b c", "pos", np.array([0, 1], np.float32), ("b", "c"), weights)
    write_predictions(path, INFO, [one], columns=())
    assert pq.read_table(path)["attention"].to_pylist() == [[1.0, None]]
    np.testing.assert_array_equal(read(path)[0].attention, weights)


@pytest.mark.parametrize("group", [1, 3, 4, 1024])
def test_rows_across_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", group)
    path, rows = tmp_path / "p.parquet", some(10)
    write_predictions(path, INFO, iter(rows), ["source"])
    assert pq.ParquetFile(path).num_row_groups == -(-10 // group)
    with open_predictions(path) as table:
        assert table.ids == [r.id for r in rows]
        assert table.lengths.tolist() == [len(r.tokens) for r in rows]
        assert table.unread.tolist() == [int(np.isnan(r.attention).sum()) for r in rows]
        for mine, its in zip(table, rows, strict=True):
            assert_same(mine, its)
        wanted = [9, 0, 4, 3, 5, 0, 8]
        for mine, i in zip(table.rows(wanted, tmp_path / "rows").take(wanted), wanted, strict=True):
            assert_same(mine, rows[i])


def test_take_nothing_and_take_all_backwards(tmp_path: Path) -> None:
    path, rows = tmp_path / "p.parquet", some(5)
    write_predictions(path, INFO, rows)
    with open_predictions(path) as table:
        nothing = table.rows([], tmp_path / "none")
        assert list(nothing.take([])) == []
        every = table.rows(range(5), tmp_path / "rows")
        assert [p.id for p in every.take(np.arange(5)[::-1])] == [f"r/{i}" for i in (4, 3, 2, 1, 0)]
        assert [p.id for p in table] == [p.id for p in table]  # again from the start


@pytest.mark.parametrize("group", [2, 1000])
def test_some_rows_can_be_sent_to_a_process_that_lacks_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", group)
    path, predictions = tmp_path / "p.parquet", some(9)
    write_predictions(path, INFO, predictions, ["source"])
    with open_predictions(path) as table:
        rows = table.rows([8, 3, 1, 7, 0], tmp_path / "rows")
    wanted = [7, 1, 8, 1]
    sent, texts = rows.slice(wanted), rows.slice(wanted, ["text", "a column that is not there"])
    nothing = pickle.loads(pickle.dumps(rows.slice([])))
    rows.close()
    assert not (tmp_path / "rows").exists()
    rows.close()  # a second time does no harm
    for mine, i in zip(pickle.loads(pickle.dumps(sent)).take(), wanted, strict=True):
        assert_same(mine, predictions[i])
    assert list(texts.texts()) == [predictions[i].text for i in wanted]
    assert len(texts.content) < len(sent.content)
    assert list(nothing.take()) == list(nothing.texts()) == []


def test_a_table_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "no" / "p.parquet"
    with pytest.raises(PredictionsError) as caught:
        write_predictions(path, INFO, some(1))
    assert str(caught.value).startswith(f"{path}: cannot write the predictions (")
