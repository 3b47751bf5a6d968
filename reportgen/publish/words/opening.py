"""The opening of a report: its headline, what follows from the numbers, the key figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.analysis.faithfulness import LEAST_EXAMPLES, Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.analysis.intervals import LEAST
from reportgen.publish.words import verdict
from reportgen.publish.words.numbers import counted, interval, percent, small
from reportgen.records import DataInfo

__all__ = ["Fact", "facts", "headline", "lede"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name and what must be known beside it."""

    name: str
    value: str
    note: str


def headline(data: DataInfo, findings: Findings) -> str:
    """Say the accuracy, on how many examples, and of how many they are a sample."""
    quality = findings.quality
    text = f"Accuracy {percent(quality.accuracy)} on {counted(quality.examples, 'example')}"
    if data.evaluated < data.rows:
        text += f" sampled from {data.rows:,}"
    return text


def lede(findings: Findings) -> str:
    """Compare with the baseline, count confident mistakes, judge confidence and attention.

    Of few examples, or few texts whose attention was tested, say that it cannot be told.
    """
    if findings.quality.examples < LEAST:
        parts = [_untold(findings.quality.examples)]
    else:
        parts = [_baseline(findings), _mistakes(findings), _confidence(findings)]
    result = findings.faithfulness
    if result is not None and result.examples >= LEAST_EXAMPLES:
        if result.depends is False:
            parts.append(verdict.INDEPENDENT)
        drops = verdict.drops_at_a_tenth(result)
        parts.append(f"{drops[0].upper()}{drops[1:]}.")
    return " ".join(parts)


def _untold(examples: int) -> str:
    return (
        f"With {counted(examples, 'example')} this report gives numbers and draws no conclusions:"
        f" at least {LEAST} are needed to tell whether the model is better than always predicting"
        " the most frequent class, whether its confidence can be trusted, and which mistakes it"
        " makes most."
    )


def _baseline(findings: Findings) -> str:
    quality = findings.quality
    if quality.majority == 1:
        return "All examples have the same label, so there is no baseline to be better than."
    points = 100 * (quality.accuracy - quality.majority)
    low, high = quality.interval
    baseline = f"always predicting the most frequent class ({percent(quality.majority)})"
    if low <= quality.majority <= high:
        return f"This is not distinguishable from {baseline}, which lies in its 95 % interval."
    if points > 0:
        return f"This is {points:.1f} percentage points above {baseline}."
    return f"This is {-points:.1f} percentage points below {baseline}."


def _mistakes(findings: Findings) -> str:
    mistakes = findings.quality.examples - findings.quality.right
    confident, margin = len(findings.sections[0]), findings.unsure_margin
    if not mistakes:
        return "There is no mistake among these examples."
    means = f" (confident: its two largest probabilities are at least {margin:g} apart)"
    if mistakes == 1:
        return f"The one mistake was {'confident' if confident else 'not confident'}{means}."
    if confident in (0, mistakes):
        return (
            f"{'All' if confident else 'None'} of its {mistakes:,} mistakes were confident{means}."
        )
    verb = "was" if confident == 1 else "were"
    return f"Of its {mistakes:,} mistakes, {confident:,} {verb} confident{means}."


def _confidence(findings: Findings) -> str:
    """Judge the confidence by two intervals: of the calibration error, and of the accuracy.

    The first begins at 0 where a perfectly calibrated model may show the measured error.
    """
    mean, accuracy = float(findings.scores.confidence.mean()), findings.quality.accuracy
    least, most = findings.reference.interval
    if least <= 0:
        return (
            "Its confidence is not distinguishable from that of a perfectly calibrated model: the"
            f" 95 % interval of its calibration error reaches from 0 to {most:.3f}."
        )
    low, high = findings.quality.interval
    if low <= mean <= high:
        return (
            "Its confidence is miscalibrated, though its mean confidence lies in the 95 % interval"
            " of its accuracy."
        )
    word = "overconfident" if mean > accuracy else "underconfident"
    return f"On average it is {word}: its mean confidence is {percent(mean)}."


def facts(findings: Findings) -> Iterator[Fact]:
    """Yield the key figures, each with its interval and how that was computed."""
    quality, ece = findings.quality, findings.measures["ece"]
    yield Fact(
        "Accuracy",
        percent(quality.accuracy),
        f"95 % interval {interval(quality.interval)} (Wilson)",
    )
    expected = findings.reference
    low = small(ece.low) if ece.low > 0 else "0"  # which it is, or is not, for good reason
    note = (
        f"95 % interval {low} to {ece.high:.3f} (inverted test), 15 bins; a perfectly"
        f" calibrated model would show {expected.mean:.3f} on average, and up to"
        f" {expected.quantile:.3f} in 95 % of draws"
    )
    yield Fact("Calibration error (ECE)", f"{ece.value:.3f}", note)
    at_90 = findings.measures["accuracy_at_90"]
    ends = interval((at_90.low, at_90.high))
    note = f"95 % interval {ends} (Wilson), on the 90 % with the highest confidence"
    yield Fact("Accuracy at 90 % coverage", percent(at_90.value), note)
    result = findings.faithfulness
    if result is None:
        yield Fact("Attention", "not tested", "no example was tested by removing words")
    elif not result.examples:
        yield Fact("Attention", "not testable", verdict.untested(result))
    else:
        yield from _attention(result)


def _attention(result: Faithfulness) -> Iterator[Fact]:
    """Yield the three parts of the verdict on the attention."""
    random, content = result.against_random, result.against_content
    note = verdict.ends(random, "+.2f", "95 % interval {}")
    if result.examples < LEAST_EXAMPLES:
        note = f"too few texts to tell; {note}"
    note += f" (bootstrap, {counted(result.examples, 'text')}): confidence lost without the"
    note += " most-attended words, beyond that without random words"
    if content is not None:
        ends = verdict.ends(content, "+.2f")
        note += f"; beyond random content words {content.value:+.2f} ({ends})"
    yield Fact("Attention points at words that matter", f"{random.value:+.2f}", note)
    share = result.share_of_gradients
    if share is None:
        yield Fact("How much of them attention finds", "not measured", verdict.amount(result))
    else:
        note = verdict.ends(share, frame="95 % interval {}")
        note += " (bootstrap), as a share of the confidence lost without the words of the largest"
        note += " integrated gradients"
        yield Fact("How much of them attention finds", percent(share.value), note)
    parts = {"uniform": result.uniform, "shuffled": result.permuted}
    notes = [
        f"{how} attention: {percent(c.changed.value)} of the answers change"
        f" ({interval((c.changed.low, c.changed.high))}, Wilson), probability by"
        f" {c.change.value:.3f} ({verdict.ends(c.change, '.3f', '{}, bootstrap')})"
        for how, c in parts.items()
        if c is not None
    ]
    most = max((c.changed.value for c in parts.values() if c is not None), default=None)
    value = "not measured" if most is None else percent(most)
    yield Fact(
        "Answers that depend on attention", value, "; ".join(notes) or verdict.dependence(result)
    )
