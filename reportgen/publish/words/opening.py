"""The opening of a report: its headline, what follows from the numbers, the key figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.analysis.faithfulness import LEAST_EXAMPLES, Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.analysis.intervals import LEAST
from reportgen.analysis.metrics import Quality
from reportgen.analysis.performance import Performance
from reportgen.publish.words import verdict
from reportgen.publish.words.labels import lead, noun
from reportgen.publish.words.numbers import (
    counted,
    decimal,
    interval,
    listed,
    percent,
    small,
    verb,
)
from reportgen.publish.words.weights import Terms, terms
from reportgen.records import DataInfo
from reportgen.removal import LEAST_TOKENS

__all__ = ["Fact", "facts", "headline", "lede"]


NAMED = 3  # classes that are never predicted; of more, the most frequent


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name and what must be known beside it."""

    name: str
    value: str
    note: str


def headline(data: DataInfo, findings: Findings) -> str:
    """Say the accuracy, on how many examples, and of how many they are a sample."""
    performance, total = findings.performance, len(findings.scores)
    if performance is None:
        text = counted(total, "unlabelled example")
    else:
        quality = performance.quality
        examples = counted(quality.examples, noun(performance))
        text = f"Accuracy {percent(quality.accuracy)} on {examples}"
        text += f" of {total:,}" if performance.unlabelled else ""
    if data.evaluated == total < data.rows:  # else the metadata say nothing of this table
        text += f" sampled from {data.rows:,}"
    return text


def lede(findings: Findings) -> str:
    """Compare with the baseline, count confident mistakes, judge confidence and attention.

    Of few labelled examples, or few texts whose attention was tested, say that it cannot be told.
    """
    performance = findings.performance
    if performance is None:
        parts = [_unlabelled(findings)]
    else:
        parts = [*_of_labels(findings, performance), *_left_out(performance)]
    result, words = findings.faithfulness, terms(findings.weights, findings.unit)
    if result is not None and result.examples >= LEAST_EXAMPLES:
        parts += verdict.independent(result, words)
        drops = verdict.drops_at_a_tenth(result, words)
        parts.append(f"{drops[0].upper()}{drops[1:]}.")
    return " ".join(parts)


def _of_labels(findings: Findings, performance: Performance) -> list[str]:
    examples, one = performance.quality.examples, noun(performance)
    if examples >= LEAST:
        judged = _baseline(performance), _mistakes(findings, performance.quality)
        return [*judged, *_never(findings, performance), _confidence(performance)]
    return [
        f"With {counted(examples, one)} this report gives numbers and draws no conclusions:"
        f" at least {LEAST} are needed to tell whether the model is better than always predicting"
        " the most frequent class, whether its confidence can be trusted, and which mistakes it"
        " makes most."
    ]


def _unlabelled(findings: Findings) -> str:
    """Say that accuracy is unknown, and what is known instead."""
    found = findings.certainty
    text, mean = f"{lead(findings)}; ", found.mean_confidence.value
    if found.examples == 1:
        sure = "unsure" if found.unsure else "not unsure"
        return f"{text}the prediction has a confidence of {percent(mean)} and is {sure}."
    number = f"{found.unsure:,}" if found.unsure else "none"
    return (
        f"{text}the mean confidence is {percent(mean)}, and {number} of the predictions"
        f" {'are' if found.unsure > 1 else 'is'} unsure (the two largest probabilities differ by"
        f" less than {findings.unsure_margin:g})."
    )


def _left_out(performance: Performance) -> Iterator[str]:
    """Say how many examples count in none of these numbers for want of a label."""
    number = performance.unlabelled
    if number == 1:
        yield "The one example without a label counts in none of these numbers."
    elif number:
        yield f"The {number:,} examples without a label count in none of these numbers."


def _baseline(performance: Performance) -> str:
    quality = performance.quality
    if quality.majority == 1:
        text = f"All {noun(performance)}s have the same label"
        return f"{text}, so there is no baseline to be better than."
    points = 100 * (quality.accuracy - quality.majority)
    low, high = quality.interval
    baseline = f"always predicting the most frequent class ({percent(quality.majority)})"
    if low <= quality.majority <= high:
        return f"This is not distinguishable from {baseline}, which lies in its 95 % interval."
    if points > 0:
        return f"This is {points:.1f} percentage points above {baseline}."
    return f"This is {-points:.1f} percentage points below {baseline}."


def _mistakes(findings: Findings, quality: Quality) -> str:
    mistakes, confident = quality.examples - quality.right, len(findings.sections[0])
    margin = findings.unsure_margin
    if not mistakes:
        return "There is no mistake among these examples."
    means = f" (confident: the two largest probabilities are at least {margin:g} apart)"
    if mistakes == 1:
        return f"The one mistake was {'confident' if confident else 'not confident'}{means}."
    if confident in (0, mistakes):
        return (
            f"{'All' if confident else 'None'} of its {mistakes:,} mistakes were confident{means}."
        )
    were = verb(confident, "was", "were")
    return f"Of its {mistakes:,} mistakes, {confident:,} {were} confident{means}."


def _never(findings: Findings, performance: Performance) -> Iterator[str]:
    """Name the classes that examples have and that are never predicted, the most frequent first."""
    occur = [c for c in performance.quality.classes if c.support]
    predicted = {c.name for c in findings.certainty.classes if c.count}  # also without a label
    never = sorted((c for c in occur if c.name not in predicted), key=lambda c: -c.support)
    named = [f"{c.name} ({counted(c.support, noun(performance))})" for c in never]
    if 0 < len(named) <= NAMED:
        yield f"The model never predicts {listed(named)}."
    elif named:
        yield (
            f"The model never predicts {len(named):,} of the {len(occur):,} classes that occur, the"
            f" most frequent of them {named[0]}."
        )


def _confidence(performance: Performance) -> str:
    """Judge the confidence by two intervals: of the calibration error, and of the accuracy.

    The first begins at 0 where a perfectly calibrated model may show the measured error.
    """
    mean, accuracy = float(performance.scores.confidence.mean()), performance.quality.accuracy
    least, most = performance.reference.interval
    if least <= 0:
        return (
            "The model's confidence is not distinguishable from that of a perfectly calibrated"
            " model: the 95 % interval of its calibration error reaches from 0 to"
            f" {decimal(most, 3)}."
        )
    low, high = performance.quality.interval
    if low <= mean <= high:
        return (
            "The model's confidence is miscalibrated, though its mean lies in the 95 % interval of"
            " the accuracy."
        )
    word = "overconfident" if mean > accuracy else "underconfident"
    return f"On average the model is {word}: its mean confidence is {percent(mean)}."


def facts(findings: Findings) -> Iterator[Fact]:
    """Yield the key figures, each with its interval and how that was computed."""
    performance = findings.performance
    yield from _certainty(findings) if performance is None else _performance(performance)
    result, words = findings.faithfulness, terms(findings.weights, findings.unit)
    name = words.noun.capitalize()
    if not findings.weighted:
        return
    if result is None:
        yield Fact(name, "not tested", f"no example was tested by removing {words.units}")
    elif not result.examples:
        value = "not testable" if result.untestable else "not tested"
        yield Fact(name, value, verdict.untested(result, words))
    else:
        yield from _of_weights(result, words)


def _certainty(findings: Findings) -> Iterator[Fact]:
    """Yield the key figures that need no labels."""
    found = findings.certainty
    yield Fact("Accuracy", "not measured", "no example has a label")
    mean, unsure = found.mean_confidence, found.unsure_share
    note = f"95 % interval {interval((mean.low, mean.high))} (Hall)"
    if math.isnan(mean.low):
        note = "without an interval, for the confidences have no spread"
    yield Fact("Mean confidence", percent(mean.value), note)
    note = (
        f"95 % interval {interval((unsure.low, unsure.high))} (Wilson); {found.unsure:,} of"
        f" {counted(found.examples, 'prediction')}"
    )
    yield Fact("Unsure predictions", percent(unsure.value), note)


def _performance(performance: Performance) -> Iterator[Fact]:
    quality, ece = performance.quality, performance.measures["ece"]
    yield Fact(
        "Accuracy",
        percent(quality.accuracy),
        f"95 % interval {interval(quality.interval)} (Wilson)",
    )
    expected = performance.reference
    low = small(ece.low) if ece.low > 0 else "0"  # which it is, or is not, for good reason
    note = (
        f"95 % interval {low} to {decimal(ece.high, 3)} (inverted test), 15 bins; a perfectly"
        f" calibrated model would show {decimal(expected.mean, 3)} on average, and up to"
        f" {decimal(expected.quantile, 3)} in 95 % of draws"
    )
    yield Fact("Calibration error (ECE)", decimal(ece.value, 3), note)
    at_90 = performance.measures["accuracy_at_90"]
    ends = interval((at_90.low, at_90.high))
    of_labelled = "of the labelled examples " if performance.unlabelled else ""
    note = f"95 % interval {ends} (Wilson), on the 90 % {of_labelled}with the highest confidence"
    yield Fact("Accuracy at 90 % coverage", percent(at_90.value), note)


def _of_weights(result: Faithfulness, words: Terms) -> Iterator[Fact]:
    """Yield the parts of the verdict on the weights: all three of attention."""
    random, content = result.against_random, result.against_content
    note = verdict.ends(random, 2, "95 % interval {}", sign=True)
    if result.examples < LEAST_EXAMPLES:
        note = f"too few texts to tell; {note}"
    note += f" (bootstrap, {_tested(result)}): confidence lost without the"
    note += f" {words.top}, beyond that without random {words.units}, averaged over removing"
    note += f" {verdict.SIZES} of the {words.units}"
    if content is not None:
        ends = verdict.ends(content, 2, sign=True)
        note += (
            f"; beyond random content {words.units} {decimal(content.value, sign=True)} ({ends})"
        )
    name = f"{words.verb('Does', 'Do')} {words.noun} point at {words.units} that matter?"
    yield Fact(name, decimal(random.value, sign=True), note)
    if not words.gradients:
        yield _share_of_gradients(result, words)
    if result.uniform or result.permuted or not words.signed:
        yield _dependence(result, words)


def _tested(result: Faithfulness) -> str:
    """Say how many texts were tested, and why not all that were explained for it."""
    if not result.untestable:
        return counted(result.examples, "text")
    total = counted(result.examples + result.untestable, "text")
    return f"{result.examples:,} of {total}: those of {LEAST_TOKENS} tokens or more"


def _share_of_gradients(result: Faithfulness, words: Terms) -> Fact:
    """Hold the drop without the words of the largest weights against that of gradients."""
    name = "How does that compare with integrated gradients?"
    share = result.share_of_gradients
    if share is None:
        return Fact(name, "not measured", verdict.amount(result, words))
    note = verdict.ends(share, frame="95 % interval {}")
    if result.examples < LEAST_EXAMPLES:
        note = f"too few texts to tell; {note}"
    note += f" (bootstrap): the confidence lost without the {words.top}, as a share of that lost"
    note += (
        f" without the {words.units} of the largest integrated gradients, averaged over the same"
    )
    note += " sizes"
    return Fact(name, percent(share.value), note)


def _dependence(result: Faithfulness, words: Terms) -> Fact:
    """Return what depends on the model's attention."""
    parts = {"uniform": result.uniform, "shuffled": result.permuted}
    notes = [
        f"{how} attention: {percent(c.changed.value)} of the answers change"
        f" ({interval((c.changed.low, c.changed.high))}, Wilson), the probability by"
        f" {decimal(c.change.value, 3)} ({verdict.ends(c.change, 3, '{}, bootstrap')})"
        " on average"
        for how, c in parts.items()
        if c is not None
    ]
    most = max((c.changed.value for c in parts.values() if c is not None), default=None)
    value = "not measured" if most is None else f"{percent(most)} change"
    told = verdict.decided(result)
    if notes and told:
        notes.insert(0, told)
    note = "; ".join(notes) or verdict.dependence(result, words)
    return Fact("Do the answers depend on attention?", value, note)
