"""Bad tables of every kind, in both formats: exit 1 and one line with file and row, or key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from reportgen.predictions.schema import EXPLAIN, OPTIONAL
from reportgen.remedies import MULTI_LABEL
from tests.predictions.conftest import BACK, META, NAN, Row, jsonl, parquet, row

INF = float("inf")


def explained(**changes: Any) -> Row:
    """A row with a whole explanation."""
    values = {name: [0.5] * 5 for name in OPTIONAL if name.startswith(EXPLAIN)}
    per_two = ("uniform", "permuted", "gradients", "left_out")
    values |= {f"{EXPLAIN}{name}": [0.5, 0.5] for name in per_two}
    return row("b") | values | {f"{EXPLAIN}{k}": v for k, v in changes.items()}


GOOD = row("a")
# What is wrong with the second row, and what the error says after its place.
ROWS: dict[str, tuple[Row, str]] = {
    "explained nan": (explained(attention_removed=[NAN, 0.5, 0.5, 0.5, 0.5]), "outside 0 to 1"),
    "explained -7e9": (explained(gradients_kept=[0.5, 0.5, 0.5, 0.5, -7e9]), "outside 0 to 1"),
    "random 1.5": (explained(random_removed=[1.5, 0.5, 0.5, 0.5, 0.5]), "outside 0 to 1"),
    "uniform null": (explained(uniform=[None, 1.0]), "explain.uniform has a number outside 0 to 1"),
    "permuted below 0": (explained(permuted=[-1.0, 2.0]), "outside 0 to 1"),
    "left out 2": (explained(left_out=[2.0, None]), "outside 0 to 1"),
    "gradients inf": (explained(gradients=[INF, 0.0]), "has a number that is not finite"),
    "id empty": (row(""), "the id is empty"),
    "id blank": (row("\t "), "the id is empty"),
    "id twice": (row("a"), "duplicate id 'a'"),
    "id null": (row("b") | {"id": None}, "id is null"),
    "text null": (row("b", text=None), "text is null"),
    "label of no class": (row("b", label="meh"), "label 'meh' is not a class (neg, pos)"),
    "probability nan": (row("b", probabilities=[NAN, 1.0]), "are not between 0 and 1"),
    "probability inf": (row("b", probabilities=[INF, 0.0]), "are not between 0 and 1"),
    "probability -0.5": (row("b", probabilities=[-0.5, 1.5]), "are not between 0 and 1"),
    "probabilities of several": (row("b", probabilities=[0.9, 0.8]), "one table for each label"),
    "probability 1e300": (row("b", probabilities=[1e300, 0.0]), "are not between 0 and 1"),
    "probabilities of one": (row("b", probabilities=[1.0]), "are not 2, one per class"),
    "attention inf": (row("b", attention=[INF, 0.0]), "attention has an infinite weight"),
    "attention short": (row("b", attention=[1.0]), "has not one value per token"),
    "attention of 9": (row("b", attention=[4.0, 5.0]), "does not sum to 1"),
    "heads infinite": (row("b", attention_heads=[[INF, 0.0]]), "have an infinite weight"),
    "heads negative": (row("b", attention_heads=[[-0.5, 0.5]]), "have a negative weight"),
    "heads short": (row("b", attention_heads=[[0.5, 0.5], [1.0]]), "in each head"),
    "heads none": (row("b", attention_heads=[]), "attention_heads is an empty list"),
    "token null": (row("b", tokens=["not", None]), "tokens has a null in its list"),
    "spans short": (row("b", spans=[[0, 3]]), "spans are not one per token"),
    "span beyond": (row("b", spans=[[0, 3], [4, 99]]), "span [4, 99] does not lie within the text"),
    "span turned": (row("b", spans=[[3, 0], [4, 7]]), "span [3, 0] does not lie within the text"),
    "span -1": (row("b", spans=[[-1, 3], [4, 7]]), "span [-1, 3] does not lie within the text"),
    "span back": (row("b", spans=[[4, 7], [0, 3]]), f"span [0, 3] {BACK}"),
    "span of one": (row("b", spans=[[0], [4, 7]]), "span [0] does not lie within the text"),
    "span half null": (row("b", spans=[[0, None], [4, 7]]), "does not lie within the text"),
    "unknown null": (row("b", unknown=[None, True]), "unknown has a null in its list"),
    "unknown short": (row("b", unknown=[True]), "unknown has not one value per token"),
    "logits inf": (row("b", logits=[INF, 0.0]), "logits are not finite numbers"),
    "logits -inf": (row("b", logits=[0.0, -INF]), "logits are not finite numbers"),
    "logits nan": (row("b", logits=[NAN, 0.0]), "logits are not finite numbers"),
    "logits 1e39": (row("b", logits=[1e39, 0.0]), "logits are not finite numbers"),
    "logits of three": (row("b", logits=[0.0, 0.0, 0.0]), "logits are not 2, one per class"),
}
LABEL = "one class name, a class number, true or false"
HEADS = "a list of lists of numbers, one list for each head"
# A value of another type: in JSON Lines the row is named, in parquet the column.
TYPES: dict[str, tuple[str, Any, str]] = {
    "half a span": ("spans", [[0.5, 3], [4, 7]], "a list of pairs of whole numbers"),
    "spans flat": ("spans", [0, 3], "a list of pairs of whole numbers"),
    "spans of strings": ("spans", [["0", "3"], ["4", "7"]], "a list of pairs of whole numbers"),
    "spans of truth": ("spans", [[False, True], [True, True]], "a list of pairs of whole numbers"),
    "spans deeper": ("spans", [[[0], [3]], [[4], [7]]], "a list of pairs of whole numbers"),
    "attention of truth": ("attention", [True, False], "a list of numbers"),
    "attention of strings": ("attention", ["0.5", "0.5"], "a list of numbers"),
    "attention a number": ("attention", 0.5, "a list of numbers"),
    "attention deeper": ("attention", [[0.5], [0.5]], "a list of numbers"),
    "probabilities of strings": ("probabilities", ["0.5", "0.5"], "a list of numbers"),
    "probabilities of truth": ("probabilities", [True, False], "a list of numbers"),
    "probabilities an object": ("probabilities", {"neg": 0.5, "pos": 0.5}, "a list of numbers"),
    "logits of truth": ("logits", [True, False], "a list of numbers"),
    "tokens of numbers": ("tokens", [1, 2], "a list of strings"),
    "tokens a string": ("tokens", "not bad", "a list of strings"),
    "text a number": ("text", 7, "a string or a list of two strings"),
    "text of numbers": ("text", [1, 2], "a string or a list of two strings"),
    "id a list": ("id", ["b"], "a string"),
    "id truth": ("id", True, "a string"),
    "id half": ("id", 0.5, "a string"),
    "label half": ("label", 0.5, LABEL),
    "label a list": ("label", ["neg", "pos"], f"{LABEL}; {MULTI_LABEL}"),
    "heads flat": ("attention_heads", [0.5, 0.5], HEADS),
    "heads of strings": ("attention_heads", [["0.5", "0.5"]], HEADS),
    "unknown of numbers": ("unknown", [0, 1], "a list of true and false"),
    "unknown of strings": ("unknown", ["no", "yes"], "a list of true and false"),
    "in_train a number": ("in_train", 1, "true or false"),
    "in_train a string": ("in_train", "false", "true or false"),
    "extra a list": ("extra.stars", [4], "a string"),
    "extra an object": ("extra.stars", {"n": 4}, "a string"),
}
DATA, MODEL = "data", "model"
METADATA: dict[str, tuple[Any, str]] = {
    "no object": ([], "not an object"),
    "no classes": ({}, "'classes' is missing"),
    "classes a string": ({"classes": "ab"}, "classes is not a list of strings"),
    "classes of halves": ({"classes": [0.5, 1]}, "classes is not a list of strings or whole"),
    "seed a list": (META | {"seed": [1]}, "seed is not a whole number"),
    "seed negative": (META | {"seed": -1}, "seed is not a whole number"),
    "seed a string": (META | {"seed": "1"}, "seed is not a whole number"),
    "seed truth": (META | {"seed": True}, "seed is not a whole number"),
    "seed half": (META | {"seed": 0.5}, "seed is not a whole number"),
    "seed huge": (META | {"seed": 10**30}, "seed is not a whole number"),
    "max_tokens negative": (META | {"max_tokens": -3}, "max_tokens is not a whole number"),
    "max_tokens 0": (META | {"max_tokens": 0}, "max_tokens is not a whole number from 1 on"),
    "max_tokens a string": (META | {"max_tokens": "all"}, "max_tokens is not a whole number"),
    "rows negative": (META | {DATA: {"rows": -1}}, "data.rows is not a whole number"),
    "rows a string": (META | {DATA: {"rows": "9"}}, "data.rows is not a whole number"),
    "rows nan": (META | {DATA: {"rows": NAN}}, "data.rows is nan"),
    "evaluated negative": (META | {DATA: {"evaluated": -1}}, "data.evaluated is not a whole"),
    "evaluated too many": (
        META | {DATA: {"rows": 1, "evaluated": 2}},
        "data.evaluated is more than data.rows",
    ),
    "name a list": (META | {DATA: {"name": ["x"]}}, "data.name is not a string"),
    "hash a number": (META | {DATA: {"sha256": 5}}, "data.sha256 is not a string"),
    "sizes a list": (META | {DATA: {"split_sizes": [1]}}, "data.split_sizes is not an object"),
    "size negative": (META | {DATA: {"split_sizes": {"a": -1}}}, "data.split_sizes.a is not a"),
    "skipped null": (
        META | {DATA: {"skipped": [{"file": "f", "line": None, "reason": "r"}]}},
        "data.skipped.line is null",
    ),
    "data 0": (META | {DATA: 0}, "data is not an object"),
    "model a string": (META | {MODEL: "bert"}, "model is not an object"),
    "parameters inf": (META | {MODEL: {"parameters": INF}}, "model.parameters is inf"),
    "temperature a string": (
        META | {MODEL: {"settings": {"temperature": "1.5"}}},
        "model.settings.temperature is not a number",
    ),
    "temperature 0": (META | {MODEL: {"settings": {"temperature": 0}}}, "is not above 0"),
    "log nan": (META | {MODEL: {"training_log": [{"train_loss": NAN}]}}, "train_loss is nan"),
    "log a string": (META | {MODEL: {"training_log": [{"epoch": "1"}]}}, "epoch is not a number"),
    "log truth": (META | {MODEL: {"training_log": [{"epoch": True}]}}, "epoch is not a number"),
    "log huge": (META | {MODEL: {"training_log": [{"epoch": 10**400}]}}, "epoch is not a number"),
    "log of lists": (META | {MODEL: {"training_log": [[1]]}}, "training_log is not a list of"),
    "best a list": (META | {MODEL: {"training": {"best": [2]}}}, "model.training.best is not a"),
    "vectors a string": (META | {MODEL: {"training": {"vectors": 5}}}, "vectors is not an object"),
}  # fmt: skip
Refused = Callable[[Path], str]


@pytest.fixture
def refused(invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Render a table that is refused, and return the error without the word."""
    monkeypatch.chdir(tmp_path)

    def render(path: Path) -> str:
        done = invoke("render", "--predictions", path.name, "--out", "reports")
        assert (done.code, done.out) == (1, ""), done.err
        assert done.err.count("\n") == 1, done.err
        assert done.err.startswith(f"error: {path.name}"), done.err
        assert not list(tmp_path.glob("reports/*/*"))
        return str(done.err).removeprefix("error: ")

    return render


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row(refused: Refused, tmp_path: Path, name: str) -> None:
    bad, problem = ROWS[name]
    good = GOOD | {key: None for key in bad if key not in GOOD}
    for path, place in ((tmp_path / "p.jsonl", ":3: "), (tmp_path / "p.parquet", ", row 2: ")):
        (jsonl if path.suffix == ".jsonl" else parquet)(path, [good, bad])
        message = refused(path)
        assert message.startswith(path.name + place)
        assert message.rstrip().endswith(problem) or problem in message


@pytest.mark.parametrize("name", TYPES)
def test_a_value_of_another_type(refused: Refused, tmp_path: Path, name: str) -> None:
    column, value, wanted = TYPES[name]
    bad = row("b") | {column: value}
    good = GOOD | {column: GOOD.get(column)}
    assert refused(jsonl(tmp_path / "p.jsonl", [good, bad])) == (
        f"p.jsonl:3: {column} is not {wanted}\n"
    )
    message = refused(parquet(tmp_path / "p.parquet", [bad]))
    assert message.startswith(f"p.parquet: column {column} is ")
    assert message.endswith(f", not {wanted}\n")


@pytest.mark.parametrize("name", METADATA)
def test_bad_metadata(refused: Refused, tmp_path: Path, name: str) -> None:
    meta, problem = METADATA[name]
    for write in (jsonl, parquet):
        path = write(tmp_path / f"p.{write.__name__}", [GOOD], meta)
        message = refused(path)
        assert message.startswith(f"{path.name}: the metadata 'reportgen.run' cannot be used: ")
        assert problem in message


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "9" * 5000])
def test_a_huge_number_of_json(refused: Refused, tmp_path: Path, number: str) -> None:
    path = jsonl(tmp_path / "p.jsonl", [GOOD, row("b", attention=["HERE", 0.5])])
    path.write_text(path.read_text().replace('"HERE"', number))
    assert refused(path).startswith("p.jsonl:3: ")


@pytest.mark.parametrize("place", ["row", "metadata"])
def test_json_that_is_nested_deeply(refused: Refused, tmp_path: Path, place: str) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    path = jsonl(tmp_path / "p.jsonl", [GOOD | {"later": "HERE"}], META | {"later": "THERE"})
    name = '"HERE"' if place == "row" else '"THERE"'
    path.write_text(path.read_text().replace(name, deep))
    assert refused(path).startswith("p.jsonl:2: " if place == "row" else "p.jsonl:1: ")


def test_metadata_of_parquet_that_is_nested_deeply(refused: Refused, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    raw = '{"classes": ["neg", "pos"], "later": ' + "[" * 100_000 + "]" * 100_000 + "}"
    table = pa.Table.from_pylist([GOOD]).replace_schema_metadata({"reportgen.run": raw})
    pq.write_table(table, tmp_path / "p.parquet")
    assert "cannot be used" in refused(tmp_path / "p.parquet")


def test_a_whole_number_stands_for_a_name_in_both_formats(tmp_path: Path) -> None:
    from reportgen.predictions import open_predictions

    rows = [row("a") | {"id": i, "label": i, "extra.stars": 4.5} for i in (0, 1)]
    for path in (
        jsonl(tmp_path / "p.jsonl", rows, {"classes": ["0", "1"], "seed": 3.0}),
        parquet(tmp_path / "p.parquet", rows, {"classes": ["0", "1"], "seed": 3.0}),
    ):
        with open_predictions(path) as table:
            assert (table.ids, table.gold.tolist()) == (["0", "1"], [0, 1])
            assert [dict(one.extra) for one in table] == [{"stars": "4.5"}] * 2
            assert json.dumps(table.info.seed) == "3"
