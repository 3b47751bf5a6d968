from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import reportgen as rg
from reportgen.errors import CheckpointError, DataError, PredictionsError, UsageError
from reportgen.records import Weights

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tests.adapters.models import TEXTS, bert, gpt2, labels  # noqa: E402

CLASSES = ("negative", "positive")
GOLD = [1, 0, "positive", "Negative", None, -1, "1", 0]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Any]:
    return bert(**labels(CLASSES))


def test_probabilities_are_those_of_the_model(pair: tuple[Any, Any]) -> None:
    model, tokenizer = pair
    predictions = rg.from_transformers(model, tokenizer, TEXTS, GOLD, explain=None)
    inputs = tokenizer(TEXTS, return_tensors="pt", padding=True, truncation=True)
    with torch.no_grad():
        expected = model(**inputs).logits.softmax(-1).numpy()
    found = np.array([row.probabilities for row in predictions])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert [row.text for row in predictions] == TEXTS
    assert predictions.classes == CLASSES
    assert [row.id for row in predictions if row.explanation is None] == ["8"]  # an empty text


def test_labels_may_be_spelled_as_data_spell_them(pair: tuple[Any, Any]) -> None:
    predictions = rg.from_transformers(*pair, TEXTS, GOLD, explain=0)
    p, n = "positive", "negative"
    assert [row.label for row in predictions] == [p, n, p, n, None, None, p, n]


def test_what_is_known_of_the_run_is_in_the_table(pair: tuple[Any, Any]) -> None:
    run = {"model": {"name": "Ours"}, "data": {"name": "d", "split": "s"}, "seed": 3}
    made = rg.from_transformers(*pair, TEXTS, run=run, ids=list("abcdefgh"), explain=0)
    info = made.info
    assert (info.model.name, info.data.name, info.data.split, info.seed) == ("Ours", "d", "s", 3)
    assert (info.data.rows, info.data.evaluated) == (8, 8)
    assert "BertForSequenceClassification" in info.model.description
    assert info.weights is not None
    assert info.weights.name == "attention of layer 3"
    assert {"torch", "transformers"} <= set(info.versions)
    assert not {"captum", "torchtext"} & set(info.versions)
    by_gradients = rg.from_transformers(*pair, TEXTS[:1], weights="gradients", explain=0)
    assert "captum" in by_gradients.info.versions
    assert [row.id for row in made] == list("abcdefgh")
    plain = rg.from_transformers(*pair, TEXTS[:2], explain=0)
    assert [row.id for row in plain] == ["1", "2"]
    assert plain.info.model.name == "BertForSequenceClassification"


def test_weights_are_of_the_method_that_is_named(pair: tuple[Any, Any]) -> None:
    signed = rg.from_transformers(*pair, TEXTS[:2], weights="gradients", explain=0)
    assert signed.info.weights is not None
    assert (signed.info.weights.kind, signed.info.signed) == ("attribution", True)
    rollout = rg.from_transformers(*pair, TEXTS[:2], weights="rollout", explain=0)
    assert isinstance(rollout.info.weights, Weights)
    assert rollout.info.weights.name == "rollout"


def test_a_decoder_will_do() -> None:
    made = rg.from_transformers(*gpt2(**labels(CLASSES)), TEXTS[:2], explain=0)
    assert made.info.weights is not None
    assert "attention from the last token" in made.info.weights.steps


def test_the_model_is_left_as_it_was(pair: tuple[Any, Any]) -> None:
    model, tokenizer = pair
    model.train()
    model.bert.embeddings.eval()
    model.set_attn_implementation("sdpa")
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    try:
        rg.from_transformers(model, tokenizer, TEXTS, weights="attention:1", explain=1)
        assert model.training
        assert model.bert.encoder.training
        assert not model.bert.embeddings.training
        assert model.config._attn_implementation == "sdpa"
        assert all(torch.equal(weights[n], value) for n, value in model.state_dict().items())
        assert all(parameter.grad is None for parameter in model.parameters())
    finally:
        model.eval()
        model.set_attn_implementation("eager")


def test_the_model_is_left_as_it_was_after_an_error(pair: tuple[Any, Any]) -> None:
    model, tokenizer = pair
    model.train()
    with pytest.raises(UsageError, match="attention:9': the model has 3 layers"):
        rg.from_transformers(model, tokenizer, TEXTS, weights="attention:9")
    assert model.training
    model.eval()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model": 5}, UsageError, "int is no sequence classifier of transformers"),
        ({"tokenizer": 5}, UsageError, "int is no fast tokenizer"),
        ({"texts": "one text"}, UsageError, "texts are no list: give one string per text"),
        ({"texts": ["a", 5]}, PredictionsError, "texts, row 2: int, not a string"),
        ({"labels": [1]}, UsageError, "labels: 1, not one for each of 2 texts"),
        ({"labels": [0.5, 1]}, PredictionsError, r"labels, row 1: 0\.5 is no label"),
        ({"labels": ["x", 1]}, PredictionsError, "the predictions, row 1: label 'x' is not a cl"),
        (
            {"texts": ["a", ("b", "c")]},
            PredictionsError,
            "row 2: list, not a string; of a model of pairs",
        ),
        ({"ids": [1]}, UsageError, "ids: 1, not one for each of 2 texts"),
        ({"classes": ["a"]}, UsageError, "names 1, but the model has 2 classes"),
        ({"run": {"data": 5}}, UsageError, "run={'data': 5} cannot be used"),
        ({"weights": "shap"}, UsageError, "weights='shap'"),
        ({"batch_size": 0}, UsageError, "batch_size=0: a whole number from 1 on"),
    ],
)
def test_what_cannot_be_used_is_named(
    pair: tuple[Any, Any], changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    given = {"model": pair[0], "tokenizer": pair[1], "texts": ["a", "b"], "explain": 0} | changes
    with pytest.raises(error, match=message):
        rg.from_transformers(**given)


def test_weights_of_a_model_that_are_no_numbers_are_refused() -> None:
    model, tokenizer = bert(**labels(CLASSES))
    with torch.no_grad():
        model.classifier.weight[0, 0] = float("nan")
    with pytest.raises(CheckpointError, match=r"classifier\.weight is NaN or infinite"):
        rg.from_transformers(model, tokenizer, TEXTS)


def test_a_folder_is_predicted_by_its_name(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("text,label\nNot bad at all,positive\n")
    made = rg.predict(tmp_path, model=f"hf:{mine / 'my_model'}", weights="rollout", explain=0)
    assert made.info.weights is not None
    assert made.info.weights.name == "rollout"
    assert [row.tokens for row in made] == [("Not", "bad", "at", "all")]


FRAMES = {
    "columns": {"text": ["Not bad at all", "Plain awful"], "label": ["positive", "negative"]},
    "rows": [
        {"text": "Not bad at all", "label": "positive", "id": "0"},
        {"text": "Plain awful", "label": "negative", "id": "1"},
    ],
    "arrow": pa.table({"text": ["Not bad at all", "Plain awful"], "label": [1, 0]}),
    "pandas": pd.DataFrame({"text": ["Not bad at all", "Plain awful"], "label": [1, 0]}),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_is_predicted_as_a_file_of_its_rows(kind: str, mine: Path) -> None:
    made = rg.predict(FRAMES[kind], model=f"hf:{mine / 'my_model'}", explain=0)
    assert [(row.text, row.label) for row in made] == [
        ("Not bad at all", "positive"),
        ("Plain awful", "negative"),
    ]
    if kind != "arrow" and kind != "columns":
        assert [row.id for row in made] == ["0", "1"]
    assert (made.info.data.name, made.info.data.split) == ("data", "test")


def test_columns_of_a_frame_are_named_as_those_of_a_file(mine: Path) -> None:
    columns = {"review": ["fine", "bad"], "stars": [5, None], "n": [1, 2]}
    frame = pd.DataFrame(columns, index=[7, 8])
    keywords = {"text_column": "review", "id_column": "n", "unlabelled": True, "split": "new"}
    made = rg.predict(frame, model=f"hf:{mine / 'my_model'}", explain=0, **keywords)
    assert [(row.id, row.text, row.label) for row in made] == [
        ("1", "fine", None),
        ("2", "bad", None),
    ]
    assert made.info.data.split == "new"


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (5, UsageError, "int: not a data frame, rows"),
        ([], PredictionsError, "the rows: there are no rows"),
        ([{"text": "a", "label": "x"}], DataError, r"the data:1: unknown label 'x'"),
        ({"text": ["a"], "label": ["a", "b"]}, PredictionsError, "different lengths"),
        ({"words": ["a"], "label": ["positive"]}, DataError, "the data:1: no column 'text'"),
    ],
)
def test_a_frame_that_cannot_be_used_is_refused(
    data: Any, error: type[Exception], message: str, mine: Path
) -> None:
    with pytest.raises(error, match=message):
        rg.predict(data, model=f"hf:{mine / 'my_model'}", explain=0)
