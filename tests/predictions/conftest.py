"""Small predictions tables, right and wrong, as parquet and as JSON Lines."""

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
from reportgen.predictions import METADATA_KEY, open_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo

Row = dict[str, Any]
CLASSES = ["neg", "pos"]
META = {"classes": CLASSES}
NAN = float("nan")
BACK = "begins before the one before it; a pair of texts is a list of two strings"


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
    for name in ("probabilities", "attention", "unknown", "logits", "heads"):
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
