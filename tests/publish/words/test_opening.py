"""The opening: what follows from the numbers, and which number stands where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.faithfulness import AT, LEAST_EXAMPLES, Estimate
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.ordering import Section, outcomes, sections
from reportgen.analysis.scores import measure_all
from reportgen.publish.words.opening import facts, headline, lede
from tests.publish.small import CLASSES, INFO, numbers, opened, with_performance

Table = tuple[NDArray[np.int64], NDArray[np.float64]]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Findings]:
    with opened(tmp_path_factory.mktemp("opening")) as report:
        yield report.findings


def with_quality(findings: Findings, **more: Any) -> Findings:
    """Findings of enough examples to draw conclusions."""
    changes = {"examples": 90, **more}
    return with_performance(findings, quality=replace(findings.performance.quality, **changes))


def with_confidence(findings: Findings, mean: float, least: float = 0.1) -> Findings:
    performance = findings.performance
    scores = replace(performance.scores, confidence=np.full(90, mean))
    expected = replace(performance.reference, interval=(least, 0.375))
    return with_performance(findings, scores=scores, reference=expected)


def judged(findings: Findings, texts: int = LEAST_EXAMPLES) -> Findings:
    """Findings of enough texts whose attention was tested."""
    assert findings.faithfulness
    return replace(findings, faithfulness=replace(findings.faithfulness, examples=texts))


def of(findings: Findings, gold: NDArray[np.int64], p: NDArray[np.float64]) -> Findings:
    """Findings of these labels and probabilities."""
    scores = Scores.of(gold, p)
    measured, calibrated = quality(scores, CLASSES[: p.shape[1]]), calibration(scores)
    expected = reference(calibrated, 1)
    found = with_performance(
        findings,
        scores=scores,
        quality=measured,
        calibration=calibrated,
        reference=expected,
        measures=measure_all(scores, p, measured, (calibrated, expected), 1),
    )
    in_order = sections(scores, outcomes(scores, 0.2), [str(i) for i in range(len(gold))])
    return replace(found, scores=scores, sections=in_order, faithfulness=None)


def drawn(n: int, spread: float, factor: float, seed: int = 0) -> Table:
    """Labels drawn from probabilities, which are then made more extreme by a factor."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, spread, n)
    gold = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    second = 1 / (1 + np.exp(-factor * logit))
    return gold, np.column_stack([1 - second, second])


def alike(gold: list[int], predicted: list[int], confidence: float = 0.9) -> Table:
    """Predictions of one confidence."""
    p = np.full((len(gold), 2), 1 - confidence)
    p[np.arange(len(gold)), predicted] = confidence
    return np.array(gold), p


def test_the_headline_says_of_how_many_the_examples_are_a_sample(findings: Findings) -> None:
    whole = headline(INFO.data, findings)
    assert numbers(whole) == [55.6, 9]
    sample = headline(replace(INFO.data, rows=22_985), findings)
    assert sample.startswith(whole)
    assert numbers(sample) == [55.6, 9, 22_985]


@pytest.mark.parametrize(
    ("majority", "wanted", "first"),
    [
        (0.25, "above", [25.0, 25.0]),
        (0.75, "below", [25.0, 75.0]),
        (0.55, "not distinguishable", [55.0, 95]),
    ],
)
def test_the_accuracy_is_compared_with_the_baseline(
    findings: Findings, majority: float, wanted: str, first: list[float]
) -> None:
    changed = with_quality(findings, accuracy=0.5, interval=(0.4, 0.6), majority=majority)
    text = lede(changed)
    sentence = text.split(". ")[0]
    assert [word for word in ("above", "below", "not distinguishable") if word in sentence] == [
        wanted
    ]
    assert numbers(sentence) == first


def mistakes(findings: Findings, count: int, confident: int) -> str:
    section = Section("mistakes", "", np.arange(confident), confident)
    changed = with_quality(findings, right=90 - count)
    return lede(replace(changed, sections=[section, *findings.sections[1:]]))


def test_mistakes_are_counted_and_how_many_were_confident(findings: Findings) -> None:
    assert "no mistake among" in mistakes(findings, 0, 0)
    assert "was confident" in mistakes(findings, 1, 1)
    assert "was not confident" in mistakes(findings, 1, 0)
    assert "4 mistakes, 2 were confident" in mistakes(findings, 4, 2)
    assert "4 mistakes, 1 was confident" in mistakes(findings, 4, 1)
    assert "None of its 2 mistakes" in mistakes(findings, 2, 0)
    for count in (1, 2, 4):
        assert "at least 0.2 apart" in mistakes(findings, count, 1)
    assert "All of its 2 mistakes" in mistakes(findings, 2, 2)


def counted_as(findings: Findings, predicted: list[int]) -> Findings:
    """Return the findings with so many predictions of the classes a, b …"""
    first = findings.certainty.classes[0]
    classes = tuple(
        replace(first, name=name, count=n) for name, n in zip("abcdef", predicted, strict=False)
    )
    return replace(findings, certainty=replace(findings.certainty, classes=classes))


@pytest.mark.parametrize(
    ("support", "predicted", "wanted"),
    [
        ([50, 40, 0], [50, 40, 0], None),
        ([80, 10, 0], [90, 0, 0], "b (10 examples)."),
        ([80, 1, 9], [90, 0, 0], "c (9 examples) and b (1 example)."),
        ([60, 9, 11, 10], [90, 0, 0, 0], "c (11 examples), d (10 examples) and b (9 examples)."),
        ([50, 9, 11, 10, 10, 0], [90] + [0] * 5,
         "4 of the 5 classes that occur, the most frequent of them c (11 examples)."),
    ],
)  # fmt: skip
def test_classes_that_are_never_predicted_are_named(
    findings: Findings, support: list[int], predicted: list[int], wanted: str | None
) -> None:
    """An accuracy of 92.7 % said nothing of a class with 10 examples that all were wrong."""
    (first, *_), name = findings.performance.quality.classes, "abcdef"
    classes = tuple(
        replace(first, name=name[i], support=n, predicted=predicted[i])
        for i, n in enumerate(support)
    )
    changed = counted_as(with_quality(findings, classes=classes), predicted)
    text = lede(changed)
    assert ("never predicts" in text) == (wanted is not None)
    assert wanted is None or f"The model never predicts {wanted}" in text
    # Among examples without a label every class is predicted.
    assert "never predicts" not in lede(counted_as(changed, [n + 1 for n in predicted]))


@pytest.mark.parametrize(
    ("mean", "wanted"),
    [(0.35, "underconfident"), (0.375, None), (0.5, None), (0.625, None), (0.65, "overconfident")],
)
def test_confidence_is_judged_against_the_interval_of_the_accuracy(
    findings: Findings, mean: float, wanted: str | None
) -> None:
    changed = with_confidence(with_quality(findings, interval=(0.375, 0.625)), mean)
    text = lede(replace(changed, faithfulness=None))
    assert re.findall(r"\b(?:over|under)confident", text) == ([wanted] if wanted else [])
    assert (f"{100 * mean:.1f}" in text.rpartition("confident")[2]) == bool(wanted)
    assert ("miscalibrated" in text) == (wanted is None)
    unsure = lede(with_confidence(replace(changed, faithfulness=None), mean, least=0.0))
    assert "not distinguishable from that of a perfectly calibrated model" in unsure
    assert numbers(unsure)[-2:] == [0, 0.375]
    assert not any(word in unsure for word in ("miscalibrated", "overconf", "underconf"))


def test_the_removal_of_a_tenth_of_the_words_is_told_where_it_was_tested(
    findings: Findings,
) -> None:
    assert findings.faithfulness
    ways = [
        replace(way, drops=tuple(0.01 + i + (k == AT) * 10 for k in range(5)))
        for i, way in enumerate(findings.faithfulness.ways)
    ]
    assert {way.name for way in ways} >= {"attention", "gradients", "random"}
    result = replace(findings.faithfulness, ways=tuple(ways))
    text = lede(judged(replace(findings, faithfulness=result)))
    assert 10.01 + [way.name for way in ways].index("attention") in numbers(text)
    assert "emov" not in lede(replace(findings, faithfulness=None))
    assert "emov" not in lede(judged(findings, LEAST_EXAMPLES - 1))


def test_the_key_figures_with_their_intervals(findings: Findings) -> None:
    findings = judged(findings)
    accuracy, ece, at_90, *attention = facts(findings)
    assert numbers(accuracy.value) == [55.6]
    low, high = findings.performance.quality.interval
    assert numbers(accuracy.note)[1:] == [round(100 * low, 1), round(100 * high, 1)]
    measure = findings.performance.measures["ece"]
    assert numbers(ece.value) == [round(measure.value, 3)]
    assert numbers(ece.note)[1:3] == [round(measure.low, 3), round(measure.high, 3)]
    measure = findings.performance.measures["accuracy_at_90"]
    assert numbers(at_90.value) == [round(100 * measure.value, 1)]
    ends = [round(100 * measure.low, 1), round(100 * measure.high, 1)]
    assert numbers(at_90.note)[1:3] == ends
    assert findings.faithfulness
    random = findings.faithfulness.against_random
    assert numbers(attention[0].value) == [round(random.value, 2)]
    assert len(attention) == 3
    assert len({fact.name for fact in facts(findings)}) == 6


def test_attention_that_was_not_tested_says_so(findings: Findings) -> None:
    *_, attention = facts(replace(findings, faithfulness=None))
    assert "not tested" in attention.value


@pytest.mark.parametrize(
    ("low", "written"), [(0.0, "interval 0 to"), (0.0004, "< 0.001 to"), (0.0123, "0.012 to")]
)
def test_an_error_that_is_not_zero_is_not_written_as_zero(
    findings: Findings, low: float, written: str
) -> None:
    measures = findings.performance.measures
    changed = {**measures, "ece": replace(measures["ece"], low=low)}
    _, ece, *_ = facts(with_performance(findings, measures=changed))
    assert written in ece.note


def test_of_few_texts_nothing_is_said_of_the_attention(findings: Findings) -> None:
    *_, few, compared, _ = facts(judged(findings, LEAST_EXAMPLES - 1))
    *_, enough, told, _ = facts(judged(findings))
    for fact in (few, compared):
        assert fact.note.startswith("too few texts to tell; 95 % interval")
    assert "too few" not in enough.note + told.note


def test_an_interval_without_width_is_not_printed(findings: Findings) -> None:
    same = Estimate(0.25, 0.25, 0.25)
    result = judged(findings).faithfulness
    assert result
    assert result.uniform
    changed = replace(
        result,
        against_random=same,
        against_content=same,
        share_of_gradients=same,
        uniform=replace(result.uniform, change=same),
    )
    *_, points, share, depends = facts(replace(findings, faithfulness=changed))
    assert points.note.count("the same in every text") == 2
    assert "the same in every text" in share.note
    assert "the same in every text" in depends.note
    assert "25 to" not in points.note + share.note + depends.note


TABLES: dict[str, Table] = {
    "2": alike([0, 1], [0, 0]),
    "11": drawn(11, 1.7, 1),
    "29, perfect": alike([0, 1] * 14 + [0], [0, 1] * 14 + [0]),
    "30": drawn(30, 1.7, 1),
    "100": drawn(100, 1.7, 1),
    "100, overconfident": drawn(100, 1.7, 4),
    "10,000": drawn(10_000, 1.7, 1),
    "10,000, overconfident": drawn(10_000, 1.7, 1.3),
    "10,000, underconfident": drawn(10_000, 1.7, 0.7),
    "10,000 at chance": (drawn(10_000, 0, 1, 1)[0], drawn(10_000, 1, 1)[1]),
    "one class": alike([1] * 100, [1] * 90 + [0] * 10),
    "one class, perfect": alike([1] * 100, [1] * 100),
    "perfect": alike([0, 1] * 50, [0, 1] * 50),
    "perfect and certain": alike([0, 1] * 50, [0, 1] * 50, 1.0),
    "always wrong": alike([0, 1] * 50, [1, 0] * 50),
    "one answer": alike([0] * 60 + [1] * 40, [0] * 100, 0.6),
}


@pytest.mark.parametrize("name", TABLES)
def test_sentences_follow_from_the_intervals_that_are_printed(
    findings: Findings, name: str
) -> None:
    made = of(findings, *TABLES[name])
    text = lede(made)
    ece, accuracy = made.performance.measures["ece"], made.performance.measures["accuracy"]
    assert (ece.low == 0) == (ece.value <= made.performance.reference.quantile)
    assert ece.low <= ece.value <= ece.high
    assert ece.low < ece.high
    if made.performance.quality.examples < 30:
        assert numbers(text) == [made.performance.quality.examples, 30]
        assert "no conclusions" in text
        return
    majority, mean = made.performance.quality.majority, made.scores.confidence.mean()
    between = accuracy.low <= majority <= accuracy.high
    assert ("not distinguishable from always" in text) == (between and majority < 1)
    assert (" above always" in text) == (majority < accuracy.low)
    assert (" below always" in text) == (accuracy.high < majority < 1)
    assert ("same label" in text) == (majority == 1)
    assert ("perfectly calibrated" in text) == (ece.low == 0)
    assert ("overconfident" in text) == (ece.low > 0 and mean > accuracy.high)
    assert ("underconfident" in text) == (ece.low > 0 and mean < accuracy.low)
    near = accuracy.low <= mean <= accuracy.high
    assert ("miscalibrated" in text) == (ece.low > 0 and near)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("100", ("above always", "perfectly calibrated")),
        ("10,000", ("above always", "perfectly calibrated")),
        ("10,000, overconfident", ("above always", "overconfident")),
        ("10,000, underconfident", ("above always", "underconfident")),
        ("10,000 at chance", ("not distinguishable from always", "overconfident")),
        ("one class", ("same label", "perfectly calibrated")),
        ("one class, perfect", ("same label", "no mistake", "underconfident")),
        ("perfect and certain", ("above always", "no mistake", "perfectly calibrated")),
        ("always wrong", ("below always", "All of its 100", "overconfident")),
        ("one answer", ("not distinguishable from always", "perfectly calibrated")),
    ],
)
def test_what_is_said_of_tables_of_many_kinds(
    findings: Findings, name: str, wanted: tuple[str, ...]
) -> None:
    text = lede(of(findings, *TABLES[name]))
    assert [part for part in wanted if part not in text] == []
