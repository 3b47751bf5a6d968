"""The same rows in parquet and in JSON Lines: the same outcome, and the same message."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen.errors import PredictionsError
from reportgen.predictions import open_predictions
from tests.predictions.conftest import assert_same, jsonl, parquet, row

NUMBERS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, -0.5, None])
PAIRS = st.sampled_from([[0, 3], [4, 7], [0, 0], [4, 4], [3, 0], [0, 99], [1], None])
# Values of one type each, as a parquet column has them.
VALUES: dict[str, list[st.SearchStrategy[Any]]] = {
    "label": [
        st.sampled_from(["neg", "pos", "meh", "1", None]),
        st.sampled_from([0, 1, 2, -1, None]),
        st.sampled_from([True, False, None]),
        st.sampled_from([0.0, 1.0, None]),
        st.sampled_from([0.5, 1.0]),
        st.just(["neg", "pos"]),
        st.none(),
    ],
    "text": [
        st.sampled_from(["not bad", "", "NOT\nbad", None]),
        st.sampled_from([["not", "bad"], ["not bad", ""], ["not"], ["a", "b", "c"]]),
        st.integers(0, 3),
    ],
    "probabilities": [
        st.sampled_from([[0.25, 0.75], [1, 0], [0.9, 0.8], [1.5, -0.5], [1.0], None]),
    ],
    "attention": [st.lists(NUMBERS, min_size=1, max_size=3), st.sampled_from([[0.5, 0.5], [1, 0]])],
    "weights": [st.lists(NUMBERS, min_size=2, max_size=2)],
    "attention_heads": [
        st.lists(st.lists(st.sampled_from([0.5, -0.5]), min_size=2, max_size=2), max_size=2),
        st.sampled_from([[[0.5, 0.5]], [[1.0]], None]),
    ],
    "spans": [st.lists(PAIRS, min_size=1, max_size=2), st.none()],
    "unknown": [st.lists(st.booleans() | st.none(), min_size=1, max_size=2)],
    "explain.gradients": [st.lists(NUMBERS, min_size=1, max_size=2) | st.none()],
    "explain.uniform": [st.sampled_from([[0.5, 0.5], [1.0], [2.0, 0.0], None])],
    "in_train": [st.booleans() | st.none()],
    "extra.stars": [st.integers(0, 5) | st.none(), st.text("ab", max_size=2)],
}  # fmt: skip
CLASSES = st.sampled_from([["neg", "pos"], ["0", "1"], [0, 1], ["no", "True"], ["a", "b", "1"]])
ABSENT = ["", "label", "attention", "text", "id"]
KINDS = st.sampled_from([None, {"kind": "attention"}, {"kind": "attribution"}])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of which one column is other than usual; of two faults the formats may name either."""
    changed = draw(st.sampled_from(["", *VALUES]))
    kind = draw(st.sampled_from(VALUES[changed])) if changed else st.none()
    dropped = "attention" if changed == "weights" else ""
    if not changed:
        dropped = draw(st.sampled_from(ABSENT))
    number = draw(st.integers(1, 3))
    rows = [row(str(i)) | ({changed: draw(kind)} if changed else {}) for i in range(number)]
    meta = {"classes": draw(CLASSES), "weights": draw(KINDS)}
    return [{k: v for k, v in one.items() if k != dropped} for one in rows], meta


def outcome(path: Path) -> Any:
    """What a table gives, or the message without its place."""
    try:
        with open_predictions(path) as table:
            info = (table.info, table.gold.tolist(), table.missing, table.marks)
            return info, list(table)
    except PredictionsError as error:
        problem = str(error).removeprefix(str(path))
        place = re.match(r", row (\d+): |:(\d+): |: ", problem)
        assert place, problem
        number = int(place[1]) if place[1] else int(place[2]) - 1 if place[2] else None
        return number, problem[place.end() :]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_both_formats_have_one_outcome(table: tuple[list[dict[str, Any]], Any]) -> None:
    rows, meta = table
    with tempfile.TemporaryDirectory() as folder:
        lines = outcome(jsonl(Path(folder) / "p.jsonl", rows, meta))
        columns = outcome(parquet(Path(folder) / "p.parquet", rows, meta))
    if isinstance(columns[1], str):
        assert isinstance(lines[1], str), columns[1]
        typed = re.fullmatch(r"column (\S+) is .*?, (not .*)", columns[1])
        if typed:  # a column has a type in parquet, in JSON Lines each value has one
            assert lines[1] == f"{typed[1]} is {typed[2]}"
        else:
            assert lines == columns
        return
    assert not isinstance(lines[1], str), lines[1]
    assert lines[0] == columns[0]
    for one, other in zip(lines[1], columns[1], strict=True):
        assert_same(one, other)


def test_the_property_sees_both_outcomes(tmp_path: Path) -> None:
    good = outcome(jsonl(tmp_path / "p.jsonl", [row()]))
    assert not isinstance(good[1], str)
    bad = outcome(parquet(tmp_path / "p.parquet", [row(), row("b", label="meh")]))
    assert bad == (2, "label 'meh' is not a class (neg, pos)")
