"""Tables that are legal: both formats, all that is optional, odd characters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.predictions import METADATA_KEY, open_predictions, schema
from tests.predictions.conftest import META, NAN, assert_same, jsonl, parquet, problem, read, row


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz"])
def test_json_lines_of_the_same_shape_give_the_same_records(tmp_path: Path, name: str) -> None:
    rows = [
        row(
            "a",
            attention=[1.0, None],
            spans=[[0, 3], [4, 7]],
            unknown=[False, True],
            logits=[-0.5, 0.5],
            in_train=True,
        )
        | {"extra.stars": "4", "ignored": {"x": [1]}},
        row("b", spans=[[0, 3], [4, 7]], unknown=None, logits=None, in_train=None)
        | {"extra.stars": None},
    ]
    as_parquet = read(parquet(tmp_path / "p.parquet", rows))
    as_jsonl = read(jsonl(tmp_path / name, rows))
    assert [p.id for p in as_jsonl] == ["a", "b"]
    assert as_jsonl[0].extra == {"stars": "4"}
    assert as_jsonl[1].extra == {}
    assert as_jsonl[1].unknown is None
    for one, other in zip(as_parquet, as_jsonl, strict=True):
        assert_same(one, other)


def test_json_lines_across_groups_with_blank_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 2)
    path = jsonl(tmp_path / "p.jsonl", [row(str(i)) for i in range(5)])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n\n") + b"\n\n")
    assert [p.id for p in read(path)] == ["0", "1", "2", "3", "4"]
    path.write_text(path.read_text() + json.dumps(row("9", label="meh")))
    line = path.read_text().count("\n") + 1
    assert problem(path) == f"p.jsonl:{line}: label 'meh' is not a class (neg, pos)"


def test_json_lines_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row()])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read(path)) == 1


def test_unknown_columns_are_ignored(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row() | {"explain.deleted": [1.0], "z": 3}])
    with open_predictions(path) as table:
        assert set(table.columns) == {*schema.REQUIRED, "tokens", "attention", "label"}
        assert table.extra == ()
        assert len(list(table)) == 1


def test_missing_optional_columns_are_listed(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row(unknown=[False, True])])
    with open_predictions(path) as table:
        assert table.missing == {
            "spans": "the exact position of each token in its text (it is searched for)",
            "logits": "raw scores",
            "in_train": "which texts were also trained on",
            "explain.attention_removed": "the test of the attention by removing words",
        }
        (one,) = table
    assert one.spans is None
    assert one.logits is None
    assert one.in_train is None
    assert one.unknown is not None
    assert one.unknown.tolist() == [False, True]


def test_without_unknown_nothing_is_counted(tmp_path: Path) -> None:
    with open_predictions(parquet(tmp_path / "p.parquet", [row()])) as table:
        assert table.unknown_tokens is None


def test_other_number_and_string_types_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    table = pa.table(
        {
            "id": pa.array([1, 2]),
            "text": pa.array(["a b", "a b"], pa.large_string()),
            "label": pa.array(["neg", "pos"]).dictionary_encode(),
            "probabilities": pa.array([[0.1, 0.9]] * 2, pa.list_(pa.float64(), 2)),
            "tokens": pa.array([["a", "b"]] * 2, pa.large_list(pa.large_string())),
            "attention": pa.array([[0.1, 0.9]] * 2, pa.list_(pa.float64())),
            "spans": pa.array([[[0, 1], [2, 3]]] * 2, pa.list_(pa.list_(pa.int64(), 2))),
            "extra.stars": pa.array([1.5, None]),
        }
    )
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(META)}), path)
    one, two = read(path)
    assert (one.id, one.label, two.label) == ("1", "neg", "pos")
    assert one.spans == ((0, 1), (2, 3))
    assert one.probabilities.dtype == np.float32
    assert one.extra == {"stars": "1.5"}
    assert two.extra == {}


def test_empty_tokens_are_legal(tmp_path: Path) -> None:
    rows = [
        row("none", text="", tokens=[], attention=[], spans=[], unknown=[]),
        row("blank", tokens=["", "bad"], spans=[[0, 0], [4, 7]], unknown=[True, False]),
    ]
    for path in (parquet(tmp_path / "p.parquet", rows), jsonl(tmp_path / "p.jsonl", rows)):
        none, blank = read(path)
        assert none.tokens == ()
        assert none.attention.shape == (0,)
        assert blank.tokens == ("", "bad")


def test_a_text_of_which_nothing_was_read_is_legal(tmp_path: Path) -> None:
    (one,) = read(jsonl(tmp_path / "p.jsonl", [row(attention=[None, None])]))
    assert np.isnan(one.attention).all()


def test_illegal_characters_and_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    bad = row("x\ud800", text="a\x00 \udc00b\x1f\uffff", tokens=["a\x00", "\udc00b\x1f\uffff"])
    bad |= {"extra.k\ud800": "v\x07", "spans": [[0, 2], [3, 7]], "label": "p\x01"}
    meta = {"classes": ["neg", "p\x01"], "model": {"name": "m\ud800"}}
    path = jsonl(tmp_path / "p.jsonl", [bad], meta)
    with open_predictions(path) as table:
        (one,) = table
        assert table.ids == ["x\ufffd"]
        assert table.extra == ("k\ufffd",)
        assert table.info.classes == ("neg", "p\ufffd")
        assert table.info.model.name == "m\ufffd"
    assert one.id == "x\ufffd"
    assert one.text == "a\ufffd \ufffdb\ufffd\ufffd"
    assert one.tokens == ("a\ufffd", "\ufffdb\ufffd\ufffd")
    assert one.label == "p\ufffd"
    assert one.extra == {"k\ufffd": "v\ufffd"}
    assert one.spans is not None
    assert [one.text[a:b] for a, b in one.spans] == list(one.tokens)


def test_illegal_characters_of_parquet_are_replaced(tmp_path: Path) -> None:
    bad = row("x\x00", text="a\x0bb", tokens=["a\x0bb", "c\x7f"], label="p\x01")
    path = parquet(
        tmp_path / "p.parquet", [bad | {"extra.k\x02": "v\x02"}], {"classes": ["p\x01", "q\ud800"]}
    )
    with open_predictions(path) as table:
        assert table.ids == ["x\ufffd"]
        assert table.info.classes == ("p\ufffd", "q\ufffd")
        assert table.gold.tolist() == [0]
        (one,) = table
        assert tuple(one.extra) == table.extra == ("k\ufffd",)
    assert (one.text, one.label) == ("a\ufffdb", "p\ufffd")
    assert one.tokens == ("a\ufffdb", "c\ufffd")


@pytest.mark.parametrize("name", ["probabilities", "attention"])
@pytest.mark.parametrize(("second", "legal"), [(0.7509, 1), (0.7491, 1), (0.7512, 0), (0.7488, 0)])
def test_sums_may_miss_1_by_a_thousandth(
    tmp_path: Path, name: str, second: float, legal: bool
) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row(), row("b", **{name: [0.25, second]})])
    if legal:
        assert len(read(path)) == 2
    else:
        assert problem(path).startswith(f"p.jsonl:3: {name} ")


def test_logits_and_in_train_are_columns_where_every_row_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 2)
    rows = [row(str(i), logits=[i, -i], in_train=i == 1) for i in range(3)]
    with open_predictions(jsonl(tmp_path / "p.jsonl", rows)) as table:
        assert table.logits is not None
        assert table.logits.tolist() == [[0, 0], [1, -1], [2, -2]]
        assert table.in_train is not None
        assert table.in_train.tolist() == [False, True, False]
        assert table.explained.tolist() == [False] * 3
    rows[0] |= {"logits": None}
    rows[2] |= {"in_train": None}
    with open_predictions(jsonl(tmp_path / "p.jsonl", rows)) as table:
        assert table.logits is None
        assert table.in_train is None
        assert [p.in_train for p in table] == [False, True, None]
        assert [p.logits is None for p in table] == [True, False, False]


def test_out_of_vocabulary_words_are_counted_by_row(tmp_path: Path) -> None:
    rows = [
        row("a", unknown=[True, True]),
        row("b", tokens=[], attention=[], unknown=[]),
        row("c", unknown=None),
        row("d", unknown=[False, True]),
    ]
    with open_predictions(jsonl(tmp_path / "p.jsonl", rows)) as table:
        assert table.unknown_tokens is not None
        assert table.unknown_tokens.tolist() == [2, 0, 0, 1]
        assert table.lengths.tolist() == [2, 0, 2, 2]


def test_replaced_characters_are_counted_in_texts(tmp_path: Path) -> None:
    rows = [row("a\x00", text="x\x00y\x01"), row("b", text="fine"), row("c", text="\x02")]
    meta = META | {"data": {"replaced_characters": 10}}
    for path in (
        parquet(tmp_path / "p.parquet", rows, meta),
        jsonl(tmp_path / "p.jsonl", rows, meta),
    ):
        with open_predictions(path) as table:
            assert table.info.data.replaced_characters == 13


def test_tokens_are_coded_in_lower_case_by_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 2)
    rows = [
        row("a", tokens=["Not", "bad"], attention=[1.0, None]),
        row("b", tokens=["NOT"], attention=[1.0]),
        row("c", tokens=[], attention=[]),
    ]
    with open_predictions(jsonl(tmp_path / "p.jsonl", rows)) as table:
        first, second = (group.tokens for group in table.groups())
    assert first.words == ["not", "bad"]
    assert first.codes.tolist() == [0, 1, 0]
    assert first.lengths.tolist() == [2, 1]
    np.testing.assert_array_equal(first.weights, [1, NAN, 1])
    assert (second.words, second.codes.tolist(), second.lengths.tolist()) == ([], [], [0])


def test_a_column_of_the_data_has_a_value_per_row(tmp_path: Path) -> None:
    rows = [row("a") | {"extra.stars": "4"}, row("b") | {"extra.stars": None}]
    with open_predictions(jsonl(tmp_path / "p.jsonl", rows)) as table:
        (group,) = table.groups(["stars"])
    assert group.extra == {"stars": ["4", None]}


def test_columns_of_other_layouts_are_read(tmp_path: Path) -> None:
    """As pandas' categories, polars' large lists and arrays of fixed size come."""
    pairs = pa.list_(pa.list_(pa.int64(), 2))
    columns = {
        "id": pa.array(["a", "b"]).dictionary_encode(),
        "text": pa.array(["not bad", ""], pa.large_string()),
        "label": pa.array(["pos", "neg"]).dictionary_encode(),
        "probabilities": pa.array([[0.25, 0.75], [1, 0]], pa.list_(pa.float64(), 2)),
        "tokens": pa.array([["not", "bad"], []], pa.large_list(pa.large_string())),
        "attention": pa.array([[1, 0], []], pa.large_list(pa.int64())),
        "spans": pa.array([[[0, 3], [4, 7]], []], pairs),
        "in_train": pa.array([None, None]),
    }
    table = pa.table(columns).replace_schema_metadata({METADATA_KEY: json.dumps(META)})
    pq.write_table(table, tmp_path / "p.parquet")
    one, other = read(tmp_path / "p.parquet")
    assert (one.tokens, one.spans, one.attention.tolist()) == (
        ("not", "bad"), ((0, 3), (4, 7)), [1.0, 0.0],
    )  # fmt: skip
    assert (other.id, other.label, other.tokens, other.in_train) == ("b", "neg", (), None)
