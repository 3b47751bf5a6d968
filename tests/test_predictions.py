from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.errors import PredictionsError
from reportgen.predictions import METADATA_KEY, open_predictions, schema, write_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo, Skipped

Row = dict[str, Any]
CLASSES = ["neg", "pos"]
META = {"classes": CLASSES}
NAN = float("nan")


def row(id_: str = "a", **changes: Any) -> Row:
    whole: Row = {
        "id": id_,
        "text": "not bad",
        "label": "pos",
        "probabilities": [0.25, 0.75],
        "tokens": ["not", "bad"],
        "attention": [0.5, 0.5],
    }
    return whole | changes


def jsonl(path: Path, rows: Sequence[Row], meta: Any = META) -> Path:
    lines = [json.dumps({METADATA_KEY: meta}), *map(json.dumps, rows)]
    blob = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(blob) if path.suffix == ".gz" else blob)
    return path


def parquet(path: Path, rows: Sequence[Row], meta: Any = META) -> Path:
    table = pa.Table.from_pylist(list(rows))
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(meta)}), path)
    return path


def problem(path: Path) -> str:
    """The message of the error, without the folder."""
    with pytest.raises(PredictionsError) as caught, open_predictions(path):
        pass
    return str(caught.value).replace(f"{path.parent}/", "")


def read(path: Path) -> list[Prediction]:
    with open_predictions(path) as table:
        return list(table)


def assert_same(one: Prediction, other: Prediction) -> None:
    for name in ("id", "text", "label", "tokens", "spans", "in_train"):
        assert getattr(one, name) == getattr(other, name), name
    assert dict(one.extra) == dict(other.extra)
    for name in ("probabilities", "attention", "unknown", "logits"):
        mine, its = getattr(one, name), getattr(other, name)
        assert (mine is None) == (its is None), name
        if mine is not None:
            assert mine.dtype == its.dtype
            np.testing.assert_array_equal(mine, its)


def some(n: int) -> list[Prediction]:
    rng = np.random.default_rng(n)
    made = []
    for i in range(n):
        tokens = tuple(f"w{j}" for j in range(i % 4))
        text = " ".join(tokens)
        weights = np.full(len(tokens), 1 / max(len(tokens), 1), dtype=np.float32)
        made.append(
            Prediction(
                id=f"r/{i}",
                text=text,
                label=CLASSES[i % 2],
                probabilities=rng.dirichlet([1, 1]).astype(np.float32),
                tokens=tokens,
                attention=weights,
                spans=tuple((3 * j, 3 * j + 2) for j in range(len(tokens))),
                unknown=np.array([j == 1 for j in range(len(tokens))], dtype=bool),
                logits=rng.normal(size=2).astype(np.float32),
                extra={"source": f"s{i}"},
            )
        )
    return made


INFO = RunInfo(("neg", "pos"), DataInfo("d", "test", 9, 9), ModelInfo("m"))


# What is written is read


def test_every_field_survives_parquet(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    info = RunInfo(
        ("neg", "pos"),
        DataInfo("d", "test", 4, 3, skipped=(Skipped("f.csv", 2, "no label"),)),
        ModelInfo("m", parameters=5, training_log=({"epoch": 1},)),
        seed=7,
        max_tokens=2,
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
    )
    other = Prediction(
        id="2",
        text="",
        label="neg",
        probabilities=np.array([0.5, 0.5], dtype=np.float32),
        tokens=(),
        attention=np.zeros(0, dtype=np.float32),
        spans=(),
        unknown=np.zeros(0, dtype=bool),
        logits=np.zeros(2, dtype=np.float32),
        in_train=False,
        extra={"stars": "1"},
    )
    columns = ("spans", "unknown", "logits", "in_train")
    write_predictions(path, info, [one, other], ["stars", "by"], columns)
    with open_predictions(path) as table:
        assert table.info == info
        assert table.extra == ("stars", "by")
        assert set(table.missing) == {"explain.attention_removed"}
        assert len(table) == 2
        assert table.ids == ["übung/1.txt", "2"]
        assert table.gold.tolist() == [1, 0]
        assert table.probabilities.tolist() == [[0.125, 0.875], [0.5, 0.5]]
        assert table.lengths.tolist() == [3, 0]
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


def test_the_error_of_row_groups_names_the_row_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 2)
    rows = [row(str(i)) for i in range(5)] + [row("bad", attention=[1.0])]
    message = "attention has not one value per token"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 6: {message}"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:7: {message}"


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
        assert set(table.columns) == set(schema.REQUIRED)
        assert table.extra == ()
        assert len(list(table)) == 1


@pytest.mark.parametrize("name", list(schema.REQUIRED))
@pytest.mark.parametrize("write", [parquet, jsonl])
def test_each_missing_required_column_is_named(tmp_path: Path, name: str, write: Any) -> None:
    rows = [{k: v for k, v in row().items() if k != name}]
    path = write(tmp_path / f"p.{write.__name__}", rows)
    assert problem(path) == f"{path.name}: no column {name}; see the README"


def test_missing_optional_columns_are_listed(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row(unknown=[False, True])])
    with open_predictions(path) as table:
        assert table.missing == {
            "spans": "the exact place of each token in its text",
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


# What breaks the schema

K = "probabilities are not between 0 and 1 with sum 1"
BREACHES = {
    "label": (row(label="meh"), "label 'meh' is not a class (neg, pos)"),
    "too few": (row(probabilities=[1.0]), "probabilities are not 2, one per class"),
    "too many": (row(probabilities=[0.5, 0.25, 0.25]), "probabilities are not 2, one per class"),
    "no probabilities": (row(probabilities=[]), "probabilities are not 2, one per class"),
    "sum": (row(probabilities=[0.5, 0.49]), K),
    "nan": (row(probabilities=[NAN, 0.5]), K),
    "null within": (row(probabilities=[None, 1.0]), K),
    "below 0": (row(probabilities=[-0.5, 1.5]), K),
    "infinite": (row(probabilities=[float("inf"), float("-inf")]), K),
    "attention short": (row(attention=[1.0]), "attention has not one value per token"),
    "attention below 0": (
        row(attention=[-0.5, 1.5]),
        "attention has a negative or infinite weight",
    ),
    "attention infinite": (
        row(attention=[float("inf"), 0.0]),
        "attention has a negative or infinite weight",
    ),
    "attention sum": (row(attention=[0.5, 0.4]), "attention does not sum to 1 over the tokens"),
    "attention of read": (
        row(attention=[0.5, None]),
        "attention does not sum to 1 over the tokens",
    ),
    "attention zero": (row(attention=[0.0, 0.0]), "attention does not sum to 1 over the tokens"),
    "null token": (row(tokens=["not", None]), "tokens has a null in its list"),
    "spans short": (row(spans=[[0, 3]]), "spans are not one per token"),
    "span null": (row(spans=[[0, 3], None]), "spans has a null in its list"),
    "span back": (row(spans=[[4, 7], [0, 3]]), "span [0, 3] does not follow in the text"),
    "span overlap": (row(spans=[[0, 3], [2, 5]]), "span [2, 5] does not follow in the text"),
    "span turned": (row(spans=[[3, 0], [4, 7]]), "span [3, 0] does not follow in the text"),
    "span beyond": (row(spans=[[0, 3], [4, 8]]), "span [4, 8] does not follow in the text"),
    "span below 0": (row(spans=[[-1, 3], [4, 7]]), "span [-1, 3] does not follow in the text"),
    "span of one": (row(spans=[[0, 3], [4]]), "span [4] does not follow in the text"),
    "span half": (row(spans=[[0, 3], [None, 7]]), "span [None, 7] does not follow in the text"),
    "unknown short": (row(unknown=[True]), "unknown has not one value per token"),
    "unknown null": (row(unknown=[True, None]), "unknown has a null in its list"),
    "logits": (row(logits=[0.5]), "logits are not 2, one per class"),
    "twice": (row("ok"), "id 'ok' is there twice"),
    "twice when legal": (row("ok\x00"), "id 'ok\ufffd' is there twice"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_each_breach_names_its_place(tmp_path: Path, breach: str) -> None:
    bad, message = BREACHES[breach]
    optional = {"spans": [[0, 3], [4, 7]], "unknown": [False, False], "logits": [0.0, 1.0]}
    names = {k: v for k, v in optional.items() if k in bad}
    good = [row("ok") | names, row("ok\ufffd") | names]
    rows = [*good, bad, row("z") | names]
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 3: {message}"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:4: {message}"


@pytest.mark.parametrize("name", list(schema.REQUIRED))
def test_each_null_of_a_required_column_is_named(tmp_path: Path, name: str) -> None:
    rows = [row("a"), row("b") | {name: None}]
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 2: {name} is null"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:3: {name} is null"


def test_sums_may_miss_1_by_rounding(tmp_path: Path) -> None:
    rows = [row(probabilities=[0.3334, 0.6671], attention=[0.3334, 0.6661])]
    assert len(read(jsonl(tmp_path / "p.jsonl", rows))) == 1


def test_no_such_file(tmp_path: Path) -> None:
    assert problem(tmp_path / "p.parquet") == "p.parquet: no such predictions file"
    folder = tmp_path / "p.jsonl"
    folder.mkdir()
    assert problem(folder) == "p.jsonl: no such predictions file"


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    write_predictions(path, INFO, [])
    assert problem(path) == "p.parquet: the table has no rows"
    assert problem(jsonl(tmp_path / "p.jsonl", [])) == "p.jsonl: the table has no rows"


@pytest.mark.parametrize("content", [b"", b"id,text\n1,a\n", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_not_a_parquet_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(content)
    message = problem(path)
    assert message.startswith("p.parquet: not a parquet file that can be read (")
    assert "\n" not in message


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row()])
    path.write_bytes(path.read_bytes()[:-20])
    assert problem(path).startswith("p.parquet: not a parquet file that can be read (")


def test_no_metadata(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.Table.from_pylist([row()]), path)
    assert problem(path) == "p.parquet: no file metadata 'reportgen.run', which names the classes"


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({}, "'classes' is missing"),
        ({"classes": "neg"}, "classes is not a list of strings"),
        (
            {"classes": CLASSES, "data": {"rows": "x"}},
            "invalid literal for int() with base 10: 'x'",
        ),
        (
            {"classes": CLASSES, "data": {"rows": float("inf")}},
            "cannot convert float infinity to integer",
        ),
        ([], "not an object"),
        (None, "not an object"),
        ("neg", "not an object"),
    ],
)
@pytest.mark.parametrize("write", [parquet, jsonl])
def test_metadata_that_cannot_be_used(tmp_path: Path, write: Any, meta: Any, message: str) -> None:
    path = write(tmp_path / f"p.{write.__name__}", [row()], meta)
    start = f"{path.name}: the metadata 'reportgen.run' cannot be used: "
    assert problem(path) == start + message


def test_metadata_that_is_not_json(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    table = pa.Table.from_pylist([row()]).replace_schema_metadata({METADATA_KEY: "{neg"})
    pq.write_table(table, path)
    assert problem(path).startswith(
        "p.parquet: the metadata 'reportgen.run' cannot be used: Expecting property name"
    )


@pytest.mark.parametrize("classes", [[], ["pos"], ["pos", "neg", "pos"]])
def test_classes_are_two_or_more_each_once(tmp_path: Path, classes: list[str]) -> None:
    path = parquet(tmp_path / "p.parquet", [row()], {"classes": classes})
    assert problem(path) == "p.parquet: classes must be two or more, each once"


@pytest.mark.parametrize("content", ["", "\n\n", json.dumps(row()), '{"classes": ["a", "b"]}'])
def test_the_first_json_line_is_the_metadata(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(content)
    wanted = 'the first line must be {"reportgen.run": {"classes": [...], ...}}'
    assert problem(path) == f"p.jsonl:1: {wanted}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": oops}', "not JSON (Expecting value at column 8)"),
        ("[1]", "not a JSON object"),
        ('"a"', "not a JSON object"),
    ],
)
def test_a_json_error_names_its_line(tmp_path: Path, line: str, message: str) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a"), row("b")])
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert problem(path) == f"p.jsonl:4: {message}"


@pytest.mark.parametrize("line", [b'{"id": "\xff"}', b"[" * 100_000])
def test_broken_utf8_and_endless_nesting_are_not_json(tmp_path: Path, line: bytes) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a")])
    path.write_bytes(path.read_bytes() + b"\n" + line)
    assert problem(path).startswith("p.jsonl:3: not JSON (")


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"label": 1}, "label is not of the type string ("),
        ({"attention": 0.5}, "attention is not a list"),
        ({"tokens": "ab"}, "tokens is not a list"),
        ({"tokens": {"a": 1, "b": 2}}, "tokens is not a list"),
        ({"probabilities": ["a", "b"]}, "probabilities is not of the type list<"),
    ],
)
def test_a_json_value_of_another_type_is_named(tmp_path: Path, changes: Row, start: str) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a"), row("b", **changes)])
    assert problem(path).startswith(f"p.jsonl:3: {start}")


def test_a_parquet_column_of_another_type_is_named(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row(attention=0.5)])
    assert problem(path).startswith("p.parquet: column attention is double, not list<")


def test_a_column_that_comes_late_is_not_dropped_in_silence(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a"), row("b") | {"extra.stars": "4"}])
    assert problem(path) == "p.jsonl:3: column extra.stars is not in the first row"


def test_a_column_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    table = pa.Table.from_pylist([row()]).append_column("id", pa.array(["b"]))
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(META)}), path)
    assert problem(path) == "p.parquet: column id is there twice"


def test_damaged_archives_are_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl.gz", [row()])
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert problem(path).startswith("p.jsonl.gz:2: damaged archive (Compressed file ended before")
    path.write_bytes(whole[:20] + b"\xff\xff\xff" + whole[23:])
    assert problem(path).startswith("p.jsonl.gz:1: damaged archive (Error -3")
    path.write_bytes(b"plain")
    assert problem(path) == "p.jsonl.gz:1: damaged archive (Not a gzipped file (b'pl'))"


def test_a_table_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "no" / "p.parquet"
    with pytest.raises(PredictionsError) as caught:
        write_predictions(path, INFO, some(1))
    assert str(caught.value).startswith(f"{path}: cannot write the predictions (")
