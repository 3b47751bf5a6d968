"""The measurement of a table: which function measured what, and what of an example is decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from reportgen.analysis.calibration import calibration, confidence_histogram
from reportgen.analysis.faithfulness import Support
from reportgen.analysis.findings import ExampleResult, Findings, measure
from reportgen.analysis.intervals import LEAST
from reportgen.analysis.labels import label_errors
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.ordering import Outcome
from reportgen.errors import UsageError
from reportgen.predictions import Predictions, schema
from reportgen.records import Prediction
from tests.publish.small import (
    CLASSES,
    COLUMNS,
    INFO,
    ROWS,
    WORDS,
    explanation,
    opened,
    row,
    with_performance,
)

LENGTHS = (3, 4, 6, 9)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Predictions]:
    with opened(tmp_path_factory.mktemp("small")) as report:
        yield report.predictions


def example(i: int) -> Prediction:
    """Even ones are labelled good; every third is wrong; lengths and topics go round."""
    label = "good" if i % 2 == 0 else "bad"
    likely = label if i % 3 else ("bad" if label == "good" else "good")
    p = {likely: 0.7 + i / 1000, "fair": 0.1}
    values = [p.get(name, 0.2 - i / 1000) for name in CLASSES]
    words = [*WORDS[: LENGTHS[i % 4] - 1], "not" if i % 4 == 0 else "but"]
    topic = {"topic": f"t{i % 2}", "year": str(i)}
    return row(f"e{i}", label, values, words, extra=topic, in_train=None)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Predictions]:
    rows = [example(i) for i in range(160)]
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "ROW_GROUP", 50)  # read in four parts
        with opened(folder, rows, columns=("spans", "unknown")) as report:
            yield report.predictions


def test_every_part_measures_the_same_scores(small: Predictions) -> None:
    found = measure(small, 0.2, (), 7)
    gold = np.array([CLASSES.index(r.label) for r in ROWS])
    probabilities = np.stack([r.probabilities for r in ROWS]).astype(np.float64)
    scores = Scores.of(gold, probabilities)
    for name in ("gold", "predicted", "confidence", "margin", "correct"):
        np.testing.assert_array_equal(getattr(found.scores, name), getattr(scores, name))
    assert found.performance.quality == quality(scores, CLASSES)
    assert found.performance.calibration == calibration(scores)
    assert (found.performance.coverage.shares[-1], found.performance.coverage.accuracy[-1]) == (
        1,
        5 / 9,
    )
    assert (found.performance.coverage.shares[0], found.performance.coverage.accuracy[0]) == (
        1 / 9,
        1,
    )
    for one, other in zip(found.histogram, confidence_histogram(scores, 3), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(label_errors(gold, probabilities))
    assert found.label_errors == []  # of nine examples it cannot be told
    assert found.unsure_margin == 0.2
    assert found.performance.slices == []


def test_labels_worth_a_second_look_are_named_of_enough_examples(large: Predictions) -> None:
    found = measure(large, 0.2).label_errors
    assert found == label_errors(large.gold, large.probabilities).tolist() != []
    assert all(type(i) is int for i in found)


def test_examples_are_decided_once(small: Predictions) -> None:
    found = with_performance(measure(small, 0.2, (), 7), label_errors=[5, 2])
    found = replace(found, support={0: Support.SUPPORTED})
    assert [section.indices.tolist() for section in found.sections] == [
        [2, 5], [4, 8, 3], [6, 0, 1, 7]
    ]  # fmt: skip
    fifth, first = found.results([5, 0])
    assert fifth == ExampleResult(
        predicted=2,
        confidence=pytest.approx(0.9),
        margin=pytest.approx(0.83),
        outcome=Outcome.CONFIDENTLY_WRONG,
        label_error=True,
        support=None,
    )
    assert first == ExampleResult(
        predicted=2,
        confidence=pytest.approx(0.8),
        margin=pytest.approx(0.65),
        outcome=Outcome.CONFIDENTLY_RIGHT,
        label_error=False,
        support=Support.SUPPORTED,
    )
    assert type(first.predicted) is int
    assert type(first.confidence) is type(first.margin) is float
    assert found.results([]) == []


def test_only_explained_examples_are_tested(small: Predictions) -> None:
    found = measure(small, 0.2, (), 7)
    assert set(found.support) <= {0, 3, 4}
    assert found.faithfulness is not None
    bare = replace(small, explained=np.zeros(9, dtype=bool))
    untested = measure(bare, 0.2, (), 7)
    assert (untested.faithfulness, untested.support) == (None, {})


def test_explained_examples_keep_their_places_over_row_groups(tmp_path: Path) -> None:
    tested = explanation(12, 0.1, [0.0] * 12)
    rows = [
        row(f"e{i}", "good", (0.1, 0.1, 0.8), WORDS, explanation=tested if i in (4, 7) else None)
        for i in range(9)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "ROW_GROUP", 3)
        with opened(tmp_path, rows, columns=COLUMNS) as report:
            assert set(report.findings.support) == {4, 7}


@pytest.mark.parametrize(("temperature", "known"), [(1.0, False), (None, False), (2.0, True)])
def test_calibration_before_a_temperature(
    small: Predictions, temperature: float | None, known: bool
) -> None:
    settings = {} if temperature is None else {"temperature": temperature}
    info = replace(INFO, model=replace(INFO.model, settings=settings))
    assert small.logits is not None
    logits = 3 * small.logits
    found = measure(replace(small, info=info, logits=logits), 0.2).performance.uncalibrated
    if not known:
        assert found is None
        return
    scores = Scores.of(small.gold, softmax(logits, axis=1))
    assert found == calibration(scores)
    assert measure(replace(small, info=info, logits=None), 0.2).performance.uncalibrated is None


def test_words_are_of_predicted_classes_and_right_or_wrong(large: Predictions) -> None:
    found = measure(large, 0.2)
    assert list(found.words) == [(name, right) for name in CLASSES for right in (True, False)]
    counts = {
        (name, right): {use.word: use.count for use in used}
        for (name, right), used in found.words.items()
    }
    predicted = found.scores.predicted
    but = np.arange(160) % 4 > 0  # the last word of these, and so the most attended
    for k, name in enumerate(CLASSES):
        for right in (True, False):
            inside = but & (predicted == k) & (found.scores.correct == right)
            assert counts[name, right].get("but", 0) == (n if (n := inside.sum()) >= 20 else 0)
            assert "one" not in counts[name, right]  # the first, with the least attention
    assert counts["bad", True] != counts["bad", False]
    assert max(map(len, counts.values())) <= 12


def test_slices_are_by_length_label_marks_and_the_columns_asked_for(large: Predictions) -> None:
    found = measure(large, 0.2, ("topic",))
    groups = {s.group for s in found.performance.slices}
    assert {"length", "label", "topic"} <= groups
    assert "year" not in groups
    topics = {s.name: s for s in found.performance.slices if s.group == "topic"}
    assert {name: s.count for name, s in topics.items()} == {"t0": 80, "t1": 80}
    right = found.scores.correct
    assert topics["t0"].right == right[::2].sum()
    assert topics["t1"].right == right[1::2].sum()
    assert [s.group for s in found.performance.lengths] == ["length"] * len(
        found.performance.lengths
    )
    assert (
        len(found.performance.lengths)
        == len([s for s in found.performance.slices if s.group == "length"])
        > 1
    )
    assert "topic" not in {s.group for s in measure(large, 0.2).performance.slices}
    assert all(s.count >= LEAST for s in found.performance.slices)


def test_means_of_the_attention_are_over_examples_with_tokens(large: Predictions) -> None:
    means = measure(large, 0.2).attention_means
    largest = [n / (n * (n + 1) / 2) for n in LENGTHS]
    assert means["largest"] == pytest.approx(np.mean(largest), rel=1e-5)
    assert 0 < means["entropy"] < 1
    assert {"function", "function_tokens"} <= set(means)


def test_without_any_token_there_are_no_means(tmp_path: Path) -> None:
    rows = [row(f"e{i}", "good", (0.1, 0.1, 0.8), ()) for i in range(3)]
    with opened(tmp_path, rows) as report:
        assert report.findings.attention_means == {}


def test_the_seed_decides_resamples(large: Predictions) -> None:
    def ends(findings: Findings) -> list[tuple[float, float]]:
        return [(m.low, m.high) for m in findings.performance.measures.values()]

    assert ends(measure(large, 0.2, (), 1)) == ends(measure(large, 0.2, (), 1))
    assert ends(measure(large, 0.2, (), 1)) != ends(measure(large, 0.2, (), 2))
    assert ends(measure(large, 0.2)) == ends(measure(large, 0.2, (), 0))


def test_an_unknown_column_is_refused_by_name(large: Predictions, small: Predictions) -> None:
    with pytest.raises(UsageError, match=r"^--slice month: .*topic, year"):
        measure(large, 0.2, ("topic", "month"))
    with pytest.raises(UsageError, match=r"^--slice topic: .*none"):
        measure(small, 0.2, ("topic",))


def test_further_columns_of_few_values_are_kept(large: Predictions, tmp_path: Path) -> None:
    found = measure(large, 0.2)
    assert list(found.categories) == ["topic"]
    assert found.categories["topic"] == [f"t{i % 2}" for i in range(160)]
    for values, kept in ((20, True), (21, False)):
        folder = tmp_path / str(values)
        folder.mkdir()
        rows = [replace(example(i), extra={"x": str(i % values) if i else ""}) for i in range(45)]
        with opened(folder, rows, columns=("spans",)) as report:
            assert ("x" in report.findings.categories) == kept


def test_words_that_moved_are_of_the_predicted_class_and_right_or_wrong(tmp_path: Path) -> None:
    words = ["zebra", "yellow", "xylophone"]
    tested = explanation(3, 0.1, [0.5, 0.25, -1.0])
    rows = [
        row(f"e{i}", "good" if i < 6 else "bad", (0.1, 0.1, 0.8), words, explanation=tested)
        for i in range(10)
    ]
    with opened(tmp_path, rows) as report:
        found = report.findings.moves
    assert set(found) == {("good", True), ("good", False)}
    assert [(use.word, use.moved) for use in found["good", True]] == [
        ("zebra", 3.0), ("yellow", 1.5)
    ]  # fmt: skip
    assert [(use.word, use.moved) for use in found["good", False]] == [
        ("zebra", 2.0), ("yellow", 1.0)
    ]  # fmt: skip
