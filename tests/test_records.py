from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
from typing import Any

import numpy as np
import pytest

import reportgen
from reportgen.records import (
    DataInfo,
    Example,
    Explanation,
    ModelInfo,
    Prediction,
    RunInfo,
    Skipped,
    Tokens,
    Weights,
)


def test_only_the_classes_are_needed() -> None:
    info = RunInfo.from_dict({"classes": ["neg", "pos"]})
    assert info == RunInfo(
        classes=("neg", "pos"),
        data=DataInfo(name="unnamed", split="", rows=0, evaluated=0),
        model=ModelInfo(),
    )


def test_a_run_survives_json() -> None:
    info = RunInfo(
        classes=("neg", "pos", "mixed"),
        data=DataInfo(
            name="reviews",
            split="test",
            rows=12,
            evaluated=10,
            sha256="ab" * 32,
            split_sizes={"train": 30, "test": 12},
            skipped=(Skipped("test.csv", 7, "no label"),),
            replaced_characters=2,
        ),
        model=ModelInfo(
            name="a model",
            description="of words",
            tokenizer="basic_english",
            checkpoint_sha256="cd" * 32,
            parameters=1234,
            settings={"layers": 2},
            training_log=({"epoch": 1, "train_loss": 0.5},),
            training={"best": 1},
        ),
        seed=3,
        max_tokens=256,
        versions={"torch": "2.13.0"},
        weights=Weights("attribution", "SHAP values", "positive", ("pieces summed",)),
    )
    assert RunInfo.from_dict(json.loads(json.dumps(info.to_dict()))) == info


def test_unknown_keys_are_ignored_everywhere() -> None:
    info = RunInfo.from_dict(
        {
            "classes": ["a", "b"],
            "later": 1,
            "data": {
                "name": "d",
                "later": 2,
                "skipped": [{"file": "f", "line": 3, "reason": "r", "later": 4}],
            },
            "model": {"name": "m", "later": 5},
        }
    )
    assert info.data.name == "d"
    assert info.data.skipped == (Skipped("f", 3, "r"),)
    assert info.model.name == "m"


def test_classes_may_be_numbers_and_truth_values() -> None:
    assert RunInfo.from_dict({"classes": [1, 0]}).classes == ("1", "0")
    assert RunInfo.from_dict({"classes": [False, True]}).classes == ("false", "true")


def test_weights_are_attention_where_only_their_name_is_given() -> None:
    info = RunInfo.from_dict({"classes": ["a", "b"], "weights": {"name": "rollout"}})
    assert info.weights == Weights("attention", "rollout", "predicted class", ())
    assert RunInfo.from_dict({"classes": ["a", "b"]}).weights is None


def test_null_stands_for_a_value_that_is_not_there() -> None:
    nothing = {"name": None, "split": None, "rows": None, "skipped": None, "split_sizes": None}
    model = {"name": None, "parameters": None, "settings": None, "training_log": None}
    raw = {"classes": ["a", "b"], "data": nothing, "model": model, "seed": None}
    assert RunInfo.from_dict(raw) == RunInfo.from_dict({"classes": ["a", "b"]})


@pytest.mark.parametrize(
    ("raw", "error", "message"),
    [
        ({}, KeyError, "'classes'"),
        ([], TypeError, "not an object"),
        ({"classes": "ab"}, TypeError, "classes is not a list of strings or whole numbers"),
        ({"classes": [0.5, 1]}, TypeError, "classes is not a list of strings or whole numbers"),
        ({"classes": ["a"], "data": "d"}, TypeError, "data is not an object"),
        ({"classes": ["a"], "model": "m"}, TypeError, "model is not an object"),
        (
            {"classes": ["a"], "model": {"settings": [1]}},
            TypeError,
            "model.settings is not an object",
        ),
        (
            {"classes": ["a"], "model": {"training_log": [1]}},
            TypeError,
            "model.training_log is not a list of objects",
        ),
        (
            {"classes": ["a"], "data": {"skipped": {"file": "f"}}},
            TypeError,
            "data.skipped is not a list of objects",
        ),
        ({"classes": ["a"], "data": {"skipped": [{"file": "f"}]}}, KeyError, "'line'"),
        (
            {"classes": ["a"], "model": {"parameters": "many"}},
            ValueError,
            "model.parameters is not a whole number from 0 on",
        ),
        (
            {"classes": ["a"], "weights": {"kind": "saliency"}},
            ValueError,
            "weights.kind 'saliency' is neither 'attention' nor 'attribution'",
        ),
        (
            {"classes": ["a"], "weights": {"steps": "summed"}},
            TypeError,
            "weights.steps is not a list of strings",
        ),
    ],
)
def test_wrong_types_are_named(raw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        RunInfo.from_dict(raw)
    assert str(caught.value) == message


def test_records_are_frozen_and_slotted() -> None:
    example = Example("a", "text", "pos")
    with pytest.raises(dataclasses.FrozenInstanceError):
        example.text = "other"  # type: ignore[misc]
    assert not hasattr(example, "__dict__")


def dataclasses_of_the_package() -> list[type]:
    names = [m.name for m in pkgutil.walk_packages(reportgen.__path__, "reportgen.")]
    members = [value for name in names for value in vars(importlib.import_module(name)).values()]
    return list({cls for cls in members if isinstance(cls, type) and dataclasses.is_dataclass(cls)})


def test_records_with_arrays_compare_by_identity() -> None:
    """A generated ``==`` of arrays raises, and so does a generated hash."""
    with_arrays = [
        cls
        for cls in dataclasses_of_the_package()
        if any("NDArray" in str(f.type) or "Tensor" in str(f.type) for f in dataclasses.fields(cls))
    ]
    assert {Explanation, Prediction, Tokens} <= set(with_arrays)
    assert [cls for cls in with_arrays if cls.__dataclass_params__.eq] == []
    tokens = Tokens(["a"], np.zeros(2, np.int64), np.zeros(2), np.array([2]))
    assert tokens == tokens
    assert tokens != dataclasses.replace(tokens)
    assert len({tokens, dataclasses.replace(tokens)}) == 2
