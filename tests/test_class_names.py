"""Names of label numbers, from what Hugging Face datasets write into a schema."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from reportgen.class_names import class_names


def schema(metadata: object) -> pa.Schema:
    raw = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
    return pa.schema([("label", pa.int64())], {b"huggingface": raw})


def features(**named: object) -> dict[str, object]:
    return {"info": {"features": named}}


def test_the_names_of_a_class_label() -> None:
    feature = {"names": ["neg", "pos"], "_type": "ClassLabel"}
    text = {"dtype": "string", "_type": "Value"}
    fine = {"names": ["x"], "_type": "ClassLabel"}
    found = schema(features(text=text, label=feature, fine=fine))
    assert class_names(found, "label") == ("neg", "pos")
    assert class_names(found, "fine") == ("x",)
    assert class_names(found, "text") is None
    assert class_names(found, "other") is None


@pytest.mark.parametrize(
    "metadata",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        [],
        None,
        {"info": None},
        features(label=None),
        features(label=["neg", "pos"]),
        features(label={"names": ["neg", "pos"]}),
        features(label={"names": ["neg", "pos"], "_type": "Value"}),
        features(label={"names": "neg", "_type": "ClassLabel"}),
        features(label={"names": None, "_type": "ClassLabel"}),
        features(label={"names": ["neg", 1], "_type": "ClassLabel"}),
        features(label={"names": ["neg", " "], "_type": "ClassLabel"}),
        features(label={"names": ["neg", "neg"], "_type": "ClassLabel"}),
        features(label={"feature": {"names": ["a"], "_type": "ClassLabel"}, "_type": "List"}),
    ],
)
def test_other_metadata_names_nothing(metadata: object) -> None:
    assert class_names(schema(metadata), "label") is None


def test_a_schema_without_metadata() -> None:
    assert class_names(pa.schema([("label", pa.int64())]), "label") is None
