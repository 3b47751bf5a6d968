"""The opening: what follows from the numbers, and which number stands where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.faithfulness import AT
from reportgen.analysis.findings import Findings
from reportgen.analysis.ordering import Section
from reportgen.publish.words.opening import facts, headline, lede
from tests.publish.small import INFO, numbers, opened, with_performance


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Findings]:
    with opened(tmp_path_factory.mktemp("opening")) as report:
        yield report.findings


def with_quality(findings: Findings, **quality: Any) -> Findings:
    return with_performance(findings, quality=replace(findings.performance.quality, **quality))


def with_confidence(findings: Findings, mean: float) -> Findings:
    scores = replace(findings.performance.scores, confidence=np.full(9, mean))
    return with_performance(findings, scores=scores)


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
    changed = with_quality(findings, right=9 - count)
    return lede(replace(changed, sections=[section, *findings.sections[1:]]))


def test_mistakes_are_counted_and_how_many_were_confident(findings: Findings) -> None:
    assert "no mistakes" in mistakes(findings, 0, 0)
    assert "was confident" in mistakes(findings, 1, 1)
    assert "was not confident" in mistakes(findings, 1, 0)
    assert "4 mistakes, 2 were confident" in mistakes(findings, 4, 2)
    assert "4 mistakes, 1 was confident" in mistakes(findings, 4, 1)
    assert "2 mistakes, 0 were confident" in mistakes(findings, 2, 0)


@pytest.mark.parametrize(
    ("mean", "wanted"),
    [(0.39, "underconfident"), (0.4, None), (0.5, None), (0.6, None), (0.61, "overconfident")],
)
def test_confidence_is_judged_against_the_interval_of_the_accuracy(
    findings: Findings, mean: float, wanted: str | None
) -> None:
    changed = with_confidence(with_quality(findings, interval=(0.4, 0.6)), mean)
    text = lede(replace(changed, faithfulness=None))
    named = [word for word in text.replace(":", " ").split() if word.endswith("confident")]
    assert [word for word in named if word != "confident"] == ([wanted] if wanted else [])
    assert (f"{100 * mean:.1f}" in text.rpartition("confident")[2]) == bool(wanted)


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
    text = lede(replace(findings, faithfulness=result))
    assert 10.01 + [way.name for way in ways].index("attention") in numbers(text)
    assert "emov" not in lede(replace(findings, faithfulness=None))


def test_the_key_figures_with_their_intervals(findings: Findings) -> None:
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
