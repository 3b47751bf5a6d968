"""Labels as programs write them: names, numbers, truth values, none; in both formats alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reportgen.predictions import METADATA_KEY, open_predictions
from reportgen.predictions.labels import Labels
from tests.predictions.conftest import NAN, jsonl, parquet, problem, read, row

NEG_POS, NUMBERS, TRUTH = ("neg", "pos"), ("1", "2"), ("True", "False")
THREE = ("a", "b", "c")


@pytest.mark.parametrize(
    ("classes", "value", "name"),
    [
        (NEG_POS, "pos", "pos"),
        (NEG_POS, 1, "pos"),
        (NEG_POS, 1.0, "pos"),
        (NEG_POS, -1, None),
        (NEG_POS, None, None),
        (NEG_POS, NAN, None),
        (NEG_POS, 2, "2"),
        (NEG_POS, "1", "1"),
        (NEG_POS, True, "pos"),
        (NEG_POS, False, "neg"),
        (NUMBERS, 1, "1"),
        (NUMBERS, 2.0, "2"),
        (NUMBERS, 0, "0"),
        (NUMBERS, -1, "-1"),
        (NUMBERS, True, "1"),
        (TRUTH, True, "True"),
        (TRUTH, False, "False"),
        (TRUTH, 1, "False"),
        (THREE, 2, "c"),
        (THREE, True, "true"),
        (("true", "false", "unclear"), True, "true"),
    ],
)
def test_a_label_names_a_class_or_numbers_it(
    classes: tuple[str, ...], value: Any, name: str | None
) -> None:
    assert Labels(classes).name(value) == name


def test_names_of_the_files_metadata_come_first() -> None:
    labels = Labels(("pos", "neg"), ("neg", "pos"))
    assert [labels.name(v) for v in (0, 1, -1, 2, "pos")] == ["neg", "pos", None, "2", "pos"]
    assert Labels(("1", "2"), ("2", "1")).name(0) == "2"


@pytest.mark.parametrize("value", [0.5, ["pos"], {"pos": 1}, float("inf")])
def test_what_is_no_label(value: Any) -> None:
    with pytest.raises(TypeError):
        Labels(NEG_POS).name(value)


TABLES: dict[str, tuple[list[Any], Any, list[int]]] = {
    "numbers": ([0, 1, None], NEG_POS, [0, 1, -1]),
    "numbers that are names": ([1, 0, None], ["0", "1"], [1, 0, -1]),
    "names that are numbers": ([1, 0, 1], [1, 0], [0, 1, 0]),
    "truth": ([True, False, None], ["no", "yes"], [1, 0, -1]),
    "truth that is a name": ([True, False, True], [True, False], [0, 1, 0]),
    "pandas with a gap": ([0.0, None, 1.0], NEG_POS, [0, -1, 1]),
    "Hugging Face": ([0, -1, 1], NEG_POS, [0, -1, 1]),
    "strings": (["neg", None, "pos"], NEG_POS, [0, -1, 1]),
    "none at all": ([None, None, None], NEG_POS, [-1, -1, -1]),
}


@pytest.mark.parametrize("case", TABLES)
@pytest.mark.parametrize("write", [jsonl, parquet])
def test_labels_of_a_table(tmp_path: Path, case: str, write: Any) -> None:
    labels, classes, gold = TABLES[case]
    rows = [row(str(i), label=label) for i, label in enumerate(labels)]
    path = write(tmp_path / f"p.{write.__name__}", rows, {"classes": list(classes)})
    with open_predictions(path) as table:
        assert table.gold.tolist() == gold
        names = [None if g < 0 else table.info.classes[g] for g in gold]
        assert [one.label for one in table] == names
        assert ("label" in table.missing) == (max(gold) < 0)


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_a_table_without_labels(tmp_path: Path, write: Any) -> None:
    rows = [{k: v for k, v in row(i).items() if k != "label"} for i in ("a", "b")]
    with open_predictions(write(tmp_path / f"p.{write.__name__}", rows)) as table:
        assert table.gold.tolist() == [-1, -1]
        assert [one.label for one in table] == [None, None]
        assert table.missing["label"] == "which predictions are right"


def test_a_label_may_come_after_the_first_row_of_json_lines(tmp_path: Path) -> None:
    first = {k: v for k, v in row("a").items() if k != "label"}
    one, two = read(jsonl(tmp_path / "p.jsonl", [first, row("b")]))
    assert (one.label, two.label) == (None, "pos")


@pytest.mark.parametrize("label", [2, "1", -2, "POS"])
def test_a_label_of_no_class_is_named(tmp_path: Path, label: Any) -> None:
    message = f"label {str(label)!r} is not a class (neg, pos)"
    same = 0 if isinstance(label, int) else "neg"
    rows = [row("a", label=same), row("b", label=label)]
    assert problem(jsonl(tmp_path / "p.jsonl", rows)) == f"p.jsonl:3: {message}"
    assert problem(parquet(tmp_path / "p.parquet", rows)) == f"p.parquet, row 2: {message}"


def test_class_names_come_from_the_metadata_of_hugging_face(tmp_path: Path) -> None:
    feature = {"_type": "ClassLabel", "names": ["pos", "neg"]}
    meta = {
        METADATA_KEY: json.dumps({"classes": ["neg", "pos"]}),
        "huggingface": json.dumps({"info": {"features": {"label": feature}}}),
    }
    rows = [row(str(i), label=label) for i, label in enumerate([0, 1, -1])]
    table = pa.Table.from_pylist(rows).replace_schema_metadata(meta)
    pq.write_table(table, tmp_path / "p.parquet")
    with open_predictions(tmp_path / "p.parquet") as found:
        assert found.gold.tolist() == [1, 0, -1]
        assert [one.label for one in found] == ["pos", "neg", None]
