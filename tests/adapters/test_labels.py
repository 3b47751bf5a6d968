"""Which labels of the data stand for which classes of a model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen.adapters.hf.labels import spellings
from reportgen.corpus.dataset import Dataset
from reportgen.errors import DataError
from reportgen.records import Labels


@pytest.mark.parametrize(
    ("classes", "known"),
    [
        (
            ("NEGATIVE", "POSITIVE"),
            {"negative": "NEGATIVE", "0": "NEGATIVE", "1": "POSITIVE", "positive": "POSITIVE"}
            | {"false": "NEGATIVE", "true": "POSITIVE"},
        ),
        (
            ("LABEL_0", "LABEL_1"),
            {"label_0": "LABEL_0", "label_1": "LABEL_1", "0": "LABEL_0", "1": "LABEL_1"}
            | {"false": "LABEL_0", "true": "LABEL_1"},
        ),
        (("1 star", "2 Stars"), {"1 star": "1 star", "2 stars": "2 Stars"}),
        (("a", "A"), {"0": "a", "1": "A", "false": "a", "true": "A"}),
        (("True", "False"), {"true": "True", "false": "False", "0": "True", "1": "False"}),
        (("b", "c", "d"), {"b": "b", "c": "c", "d": "d", "0": "b", "1": "c", "2": "d"}),
        (("1", "0"), {"1": "1", "0": "0"}),
    ],
)
def test_spellings(classes, known):
    assert spellings(classes) == known


def test_labels_of_the_data_become_classes(tmp_path):
    (tmp_path / "test.csv").write_text("text,label\na,Pos\nb,neg\nc,1\nd,NEG\n")
    classes = ("NEG", "POS")
    dataset = Dataset.open(tmp_path)
    with pytest.raises(DataError, match=r"unknown label 'Pos' \(the model's classes: NEG, POS\)$"):
        dataset.read("test", classes)
    spelled = replace(dataset, labels=Labels(spellings(classes), "do this"))
    assert [e.label for e in spelled.read("test", classes).examples] == ["POS", "NEG", "POS", "NEG"]
    with pytest.raises(DataError, match=r"test.csv:2: unknown label 'Pos' \(.*: A, B\); do this$"):
        replace(dataset, labels=Labels({}, "do this")).read("test", ("A", "B"))
