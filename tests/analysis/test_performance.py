"""Measures over labelled rows: those of a table in which the others do not exist, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest

from reportgen.analysis.findings import Findings, measure
from reportgen.analysis.performance import Performance
from reportgen.publish.words.labels import drawn_kinds
from reportgen.records import Prediction
from tests.publish.small import CLASSES, COLUMNS, INFO, WORDS, explanation, opened, row

COUNT = 900
INFO_2 = replace(INFO, model=replace(INFO.model, settings={"temperature": 1.5}))
Measured = Callable[[Sequence[Prediction]], Findings]


def example(i: int) -> Prediction:
    """English words, explained now and then; a third is wrong."""
    rng = np.random.default_rng(i)
    p = rng.dirichlet([1.0, 0.8, 1.2])
    words = [str(word) for word in rng.choice([*WORDS, "the", "is", "not", "but", "a"], 9 + i % 9)]
    label = CLASSES[int(p.argmax() if rng.random() < 0.7 else rng.integers(3))]
    tested = explanation(len(words), float(rng.random() / 2), rng.normal(0, 1, len(words)).tolist())
    return row(
        f"e{i}", label, p.tolist(), words, explanation=None if i % 9 else tested,
        extra={"topic": f"t{i % 3}"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[Prediction]:
    return [example(i) for i in range(COUNT)]


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    def find(some: Sequence[Prediction]) -> Findings:
        with opened(tmp_path, some, INFO_2, COLUMNS) as report:
            return measure(report.predictions, 0.2, ("topic",), 7)

    return find


def bare(prediction: Prediction) -> Prediction:
    return replace(prediction, label=None)


def same(one: Performance, other: Performance) -> None:
    """Every number is the same to its last bit, or both are NaN."""
    for field in fields(Performance):
        if field.name not in ("scores", "unlabelled", "label_errors"):
            assert repr(getattr(one, field.name)) == repr(getattr(other, field.name))


def test_measures_are_those_of_the_labelled_rows_alone(
    rows: list[Prediction], measured: Measured
) -> None:
    partly = [bare(r) if i % 2 else r for i, r in enumerate(rows)]
    found, alone = measured(partly), measured(rows[::2])
    assert found.performance
    assert alone.performance
    assert found.performance.uncalibrated is not None
    assert found.performance.list_precision is not None
    assert {s.group for s in found.performance.slices} >= {"length", "label", "negation", "topic"}
    same(found.performance, alone.performance)
    assert found.performance.label_errors == [2 * i for i in alone.performance.label_errors] != []
    assert (found.performance.unlabelled, alone.performance.unlabelled) == (COUNT // 2, 0)
    for name in ("gold", "predicted", "confidence", "margin", "correct"):
        pair = [getattr(f.performance.scores, name) for f in (found, alone) if f.performance]
        np.testing.assert_array_equal(*pair)
    labelled = {key: used for key, used in found.words.items() if key[1] is not None}
    assert labelled == alone.words
    assert {key for key in found.words if key[1] is None} == {(name, None) for name in CLASSES}


def test_what_needs_no_labels_is_over_the_whole_table(
    rows: list[Prediction], measured: Measured
) -> None:
    whole = measured(rows)
    partly = measured([bare(r) if i % 2 else r for i, r in enumerate(rows)])
    none = measured([bare(r) for r in rows])
    assert none.performance is None
    assert none.label_errors == []
    for found in (partly, none):
        np.testing.assert_equal(asdict(found.certainty), asdict(whole.certainty))
        np.testing.assert_equal(asdict(found.faithfulness), asdict(whole.faithfulness))
        assert found.attention_means == whole.attention_means
        assert found.support == whole.support
        assert found.categories == whole.categories
    assert list(none.words) == [(name, None) for name in CLASSES]
    assert {kind for _, kind in none.moves} == {None}
    assert none.histogram.kinds == ("unlabelled",)
    assert none.histogram.unlabelled.sum() == COUNT
    assert partly.histogram.kinds == ("unlabelled", "right", "wrong")
    np.testing.assert_array_equal(sum(partly.histogram[1:]), none.histogram.unlabelled)
    assert partly.histogram.unlabelled.sum() == COUNT // 2


def test_words_without_a_label_are_of_the_predicted_class(
    rows: list[Prediction], measured: Measured
) -> None:
    some = [bare(r) for r in rows]
    found = measured(some)
    predicted = found.scores.predicted
    for k, name in enumerate(CLASSES):
        counts = {use.word: use.count for use in found.words[name, None]}
        for word in counts:
            times = sum(
                r.tokens.count(word) for r, p in zip(some, predicted, strict=True) if p == k
            )
            assert counts[word] == times


def test_one_labelled_row_is_measured(rows: list[Prediction], measured: Measured) -> None:
    found = measured([r if i == 4 else bare(r) for i, r in enumerate(rows)])
    assert found.performance
    same(found.performance, measured([rows[4]]).performance)
    assert found.performance.quality.examples == 1
    assert found.performance.unlabelled == COUNT - 1
    assert found.results([4])[0].outcome.correct is not None
    assert found.results([5])[0].outcome.correct is None


def test_the_chart_of_words_shows_labelled_examples_or_else_the_others(
    rows: list[Prediction], measured: Measured
) -> None:
    partly = measured([bare(r) if i % 2 else r for i, r in enumerate(rows)])
    assert list(drawn_kinds(partly)) == [True, False]
    few = measured([r if i == 4 else bare(r) for i, r in enumerate(rows)])
    assert drawn_kinds(few) == {None: ", no label"}
    assert drawn_kinds(measured([bare(r) for r in rows])) == {None: ""}
    assert list(drawn_kinds(measured(rows))) == [True, False]
