"""Tables that break the schema: the message names the place and the problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.predictions import METADATA_KEY, schema, write_predictions
from reportgen.remedies import MULTI_LABEL
from tests.predictions.conftest import BACK, INFO, META, NAN, Row, jsonl, parquet, problem, row

K = "probabilities are not between 0 and 1 with sum 1"
ADVICE = 'weights that are no attention need "weights": {"kind": "attribution"} in the metadata'
SUM = f"attention does not sum to 1 over the tokens; {ADVICE}"
BREACHES = {
    "label": (row(label="meh"), "label 'meh' is not a class (neg, pos)"),
    "too few": (row(probabilities=[1.0]), "probabilities are not 2, one per class"),
    "too many": (row(probabilities=[0.5, 0.25, 0.25]), "probabilities are not 2, one per class"),
    "no probabilities": (row(probabilities=[]), "probabilities are not 2, one per class"),
    "sum": (row(probabilities=[0.5, 0.49]), f"probabilities sum to 0.99, not 1; {MULTI_LABEL}"),
    "above 1": (row(probabilities=[0.5, 1.5]), K),
    "nan": (row(probabilities=[NAN, 0.5]), K),
    "null within": (row(probabilities=[None, 1.0]), K),
    "below 0": (row(probabilities=[-0.5, 1.5]), K),
    "infinite": (row(probabilities=[float("inf"), float("-inf")]), K),
    "attention short": (row(attention=[1.0]), "attention has not one value per token"),
    "attention infinite": (
        row(attention=[float("inf"), 0.0]),
        "attention has an infinite weight",
    ),
    "attention sum": (row(attention=[0.5, 0.4]), SUM),
    "attention of read": (row(attention=[0.5, None]), SUM),
    "attention zero": (row(attention=[0.0, 0.0]), SUM),
    "null token": (row(tokens=["not", None]), "tokens has a null in its list"),
    "spans short": (row(spans=[[0, 3]]), "spans are not one per token"),
    "span back": (row(spans=[[4, 7], [0, 3]]), f"span [0, 3] {BACK}"),
    "span turned": (row(spans=[[3, 0], [4, 7]]), "span [3, 0] does not lie within the text"),
    "span beyond": (row(spans=[[0, 3], [4, 8]]), "span [4, 8] does not lie within the text"),
    "span empty beyond": (row(spans=[[8, 8], [4, 7]]), "span [8, 8] does not lie within the text"),
    "span below 0": (row(spans=[[-1, 3], [4, 7]]), "span [-1, 3] does not lie within the text"),
    "span of one": (row(spans=[[0, 3], [4]]), "span [4] does not lie within the text"),
    "span of three": (
        row(spans=[[0, 3], [4, 5, 6]]),
        "span [4, 5, 6] does not lie within the text",
    ),
    "span half": (row(spans=[[0, 3], [None, 7]]), "span [None, 7] does not lie within the text"),
    "logits infinite": (row(logits=[float("inf"), 0.0]), "logits are not finite numbers"),
    "logits nan": (row(logits=[0.0, NAN]), "logits are not finite numbers"),
    "logits null": (row(logits=[0.0, None]), "logits are not finite numbers"),
    "id empty": (row(""), "the id is empty"),
    "id blank": (row(" \t"), "the id is empty"),
    "unknown short": (row(unknown=[True]), "unknown has not one value per token"),
    "unknown null": (row(unknown=[True, None]), "unknown has a null in its list"),
    "logits": (row(logits=[0.5]), "logits are not 2, one per class"),
    "twice": (row("ok"), "duplicate id 'ok'"),
    "twice when legal": (row("ok\x00"), "duplicate id 'ok\ufffd'"),
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


@pytest.mark.parametrize("name", list(schema.REQUIRED))
@pytest.mark.parametrize("write", [parquet, jsonl])
def test_each_missing_required_column_is_named(tmp_path: Path, name: str, write: Any) -> None:
    rows = [{k: v for k, v in row().items() if k != name}]
    path = write(tmp_path / f"p.{write.__name__}", rows)
    assert problem(path) == f"{path.name}: no column {name}; see the README"


def test_the_error_of_row_groups_names_the_row_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ROW_GROUP", 2)
    rows = [row(str(i)) for i in range(5)] + [row("bad", attention=[1.0])]
    message = "attention has not one value per token"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 6: {message}"
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:7: {message}"


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    write_predictions(path, INFO, [])
    assert problem(path) == "p.parquet: the table has no rows"
    assert problem(jsonl(tmp_path / "p.jsonl", [])) == "p.jsonl: the table has no rows"


@pytest.mark.parametrize("classes", [[], ["pos"], ["pos", "neg", "pos"]])
def test_classes_are_two_or_more_each_once(tmp_path: Path, classes: list[str]) -> None:
    path = parquet(tmp_path / "p.parquet", [row()], {"classes": classes})
    assert problem(path) == "p.parquet: classes must be two or more, each once"


@pytest.mark.parametrize("name", ["", " \t"])
def test_a_class_has_a_name(tmp_path: Path, name: str) -> None:
    path = parquet(tmp_path / "p.parquet", [row()], {"classes": ["pos", name]})
    assert problem(path) == "p.parquet: a class has an empty name"


def test_a_column_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    table = pa.Table.from_pylist([row()]).append_column("id", pa.array(["b"]))
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(META)}), path)
    assert problem(path) == "p.parquet: duplicate column id"


def test_a_column_that_comes_late_is_not_dropped_in_silence(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a"), row("b") | {"extra.stars": "4"}])
    assert problem(path) == "p.jsonl:3: column extra.stars is not in the first row"


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"label": 1.5}, "label is not one class name, a class number, true or false"),
        ({"label": ["pos"]}, "label is not one class name, a class number, true or false; of a"),
        ({"text": ["a"]}, "text is not a string or a list of two strings"),
        ({"text": ["a", 1]}, "text is not a string or a list of two strings"),
        ({"attention": 0.5}, "attention is not a list"),
        ({"tokens": "ab"}, "tokens is not a list"),
        ({"tokens": {"a": 1, "b": 2}}, "tokens is not a list"),
        ({"probabilities": ["a", "b"]}, "probabilities is not a list of numbers"),
    ],
)
def test_a_json_value_of_another_type_is_named(tmp_path: Path, changes: Row, start: str) -> None:
    path = jsonl(tmp_path / "p.jsonl", [row("a"), row("b", **changes)])
    assert problem(path).startswith(f"p.jsonl:3: {start}")


def test_a_parquet_column_of_another_type_is_named(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [row(attention=0.5)])
    assert problem(path).startswith("p.parquet: column attention is double, not a list")
