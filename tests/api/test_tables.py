from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import reportgen as rg
from reportgen.api.tables import as_predictions
from reportgen.errors import PredictionsError, ReportgenError, UsageError
from tests.api.conftest import CLASSES, ROWS


def test_a_table_goes_to_pandas_and_back(mine: Path) -> None:
    table = rg.open_predictions(mine / "my.parquet")
    assert (len(table), table.classes) == (2, ("no", "yes"))
    frame = table.to_pandas()
    assert frame.id.tolist() == ["1", "2"]
    again = as_predictions(frame, table.classes, table.info.to_dict())
    assert again.info == table.info
    for one, other in zip(table, again, strict=True):
        assert (one.id, one.text, one.label, one.tokens) == (
            other.id, other.text, other.label, other.tokens
        )  # fmt: skip
        np.testing.assert_array_equal(one.attention, other.attention)


def test_json_lines_are_opened_too(tmp_path: Path) -> None:
    path = tmp_path / "my.jsonl"
    lines = [
        {"reportgen.run": {"classes": CLASSES}},
        *({"id": str(i), **r} for i, r in enumerate(ROWS)),
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    table = rg.open_predictions(str(path))
    assert table.path == path
    assert table.to_pandas().text.tolist() == ["Plain awful", "Not bad"]


def test_a_temporary_table_goes_with_its_object(tmp_path: Path) -> None:
    table = as_predictions(ROWS, CLASSES, None)
    path = table.path
    with pytest.raises(UsageError, match=r"x\.csv: the table is written as parquet; name it"):
        table.save(tmp_path / "x.csv")
    kept = table.save(tmp_path / "new" / "kept.parquet")
    assert kept.read_bytes() == path.read_bytes()
    assert path.is_file()
    del table
    gc.collect()
    assert not path.parent.exists()
    assert [row.text for row in rg.open_predictions(kept)] == ["Plain awful", "Not bad"]


def test_nothing_temporary_is_left_by_a_table_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportgen.api.tables.gettempdir", lambda: str(tmp_path))
    with pytest.raises(PredictionsError, match="row 2: attention does not sum to 1") as kept:
        as_predictions(broken(attention=[0.4, 0.4]), CLASSES, None)
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) not in str(kept.value)


def test_a_file_is_never_replaced(mine: Path) -> None:
    with pytest.raises(ReportgenError, match="already exists"):
        rg.open_predictions(mine / "my.parquet").save(mine / "my.parquet")


def broken(**changes: Any) -> list[dict[str, Any]]:
    return [ROWS[0], {**ROWS[1], **changes}]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (broken(attention=[0.4, 0.4]), "the rows, row 2: attention does not sum to 1"),
        (broken(attention=[1.0]), "the rows, row 2: attention has not one value per token"),
        (broken(attention="x"), "the rows, row 2: attention is not a list of numbers"),
        (broken(text=5), "the rows, row 2: text is not a string"),
        (broken(label="maybe"), r"the rows, row 2: label 'maybe' is not a class \(no, yes\)"),
        (broken(probabilities=[1.0]), "the rows, row 2: probabilities are not 2, one per class"),
        (broken(text=None), "the rows, row 2: text is null"),
        (broken(id="1"), "the rows, row 2: duplicate id '1'"),
        (pd.DataFrame(broken(text=None)), "the data frame, row 2: text is null"),
    ],
)
def test_what_breaks_the_schema_is_named_with_its_row(source: Any, message: str) -> None:
    with pytest.raises(PredictionsError, match=f"^{message}"):
        as_predictions(source, CLASSES, None)


def test_missing_values_of_a_frame_are_missing_in_the_table() -> None:
    frame = pd.DataFrame(ROWS)
    frame.loc[1, "label"] = np.nan
    frame["topic"] = pd.Series(["art", None])
    first, second = as_predictions(frame, CLASSES, None)
    assert (first.label, second.label) == ("no", None)
    assert (first.extra, second.extra) == ({"topic": "art"}, {})


def test_characters_that_are_not_legal_are_replaced_and_counted() -> None:
    table = as_predictions(broken(text="Not \ud800 bad\0"), CLASSES, None)
    assert [row.text for row in table][1] == "Not \ufffd bad\ufffd"
    assert table.info.data.replaced_characters == 2


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ({"data": 5}, "the rows: run= cannot be used: data is not an obj"),
        ({"seed": object()}, "the rows: run= cannot be used: Object of"),
        ({"seed": float("nan")}, "the rows: run= cannot be used: seed is"),
    ],
)
def test_metadata_that_cannot_be_used_are_named(run: dict[str, Any], message: str) -> None:
    with pytest.raises(PredictionsError, match=message):
        as_predictions(ROWS, CLASSES, run)


def test_metadata_are_kept() -> None:
    run = {"data": {"name": "mine", "split": "dev"}, "model": {"name": "m"}, "classes": CLASSES}
    info = as_predictions(ROWS, None, run).info
    assert (info.data.name, info.data.split, info.model.name) == ("mine", "dev", "m")


@pytest.mark.parametrize("given", [{"classes": CLASSES}, {"run": {"seed": 1}}])
def test_a_table_holds_its_own_metadata(given: dict[str, Any], mine: Path) -> None:
    arguments = {"classes": None, "run": None} | given
    with pytest.raises(UsageError, match="a table holds its own metadata"):
        as_predictions(mine / "my.parquet", **arguments)


@pytest.mark.parametrize("call", [rg.open_predictions, rg.render])
def test_a_missing_file_is_named(call: Any, tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match=r"none\.parquet: no such predictions file"):
        call(tmp_path / "none.parquet")


def test_labels_may_be_numbers_of_classes() -> None:
    table = rg.from_attributions(
        [["a"]] * 4, [[0.1]] * 4, [0.5] * 4, [1, np.int64(0), None, -1], classes=CLASSES
    )
    assert [row.label for row in table] == ["yes", "no", None, None]
    with pytest.raises(PredictionsError, match="row 1: label '7' is not a class"):
        rg.from_attributions([["a"]], [[0.1]], [0.5], [7], classes=CLASSES)
    with pytest.raises(PredictionsError, match=r"labels, row 1: 0\.5 is no label"):
        rg.from_attributions([["a"]], [[0.1]], [0.5], [0.5], classes=CLASSES)


def test_another_kind_of_weights_is_refused() -> None:
    with pytest.raises(UsageError, match="kind='gradient': one of attention, attribution"):
        rg.from_attributions([["a"]], [[0.1]], [0.5], classes=CLASSES, kind="gradient")  # type: ignore[arg-type]


def test_a_table_of_a_checkpoint_is_that_of_the_command_line(tmp_path: Path, invoke: Any) -> None:
    made = rg.predict(limit=3, explain=1, seed=4)
    words = ("predict", "--limit", "3", "--explain", "1", "--seed", "4", "--quiet")
    assert invoke(*words, "--out", str(tmp_path / "p.parquet")).code == 0
    assert made.path.read_bytes() == (tmp_path / "p.parquet").read_bytes()


def test_nothing_is_printed_unless_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    rg.predict(limit=2, explain=0)
    assert capsys.readouterr() == ("", "")
    rg.predict(limit=2, explain=0, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "predicting: 2 examples" in err


def test_errors_of_the_system_are_those_of_this_package(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReportgenError, match="file: Not a directory"):
        as_predictions(ROWS, CLASSES, None).save(tmp_path / "file" / "p.parquet")
