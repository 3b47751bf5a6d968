"""Say in a sentence or two what each chart shows, from the numbers that it is drawn of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.analysis.faithfulness import AT, Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Quality, Scores
from reportgen.analysis.words import WordUse
from reportgen.publish.words.numbers import counted, interval, percent

__all__ = [
    "read_calibration",
    "read_confidence",
    "read_confusion",
    "read_coverage",
    "read_removal",
    "read_slices",
    "read_training",
    "read_words",
]


def read_confidence(scores: Scores) -> str:
    """Say how many predictions have a high confidence, and how many of those are wrong."""
    high = scores.confidence > 0.9
    if not high.any():
        return "No prediction has a confidence above 0.9."
    wrong = int((~scores.correct[high]).sum())
    return (
        f"{int(high.sum()):,} of {counted(len(scores), 'prediction')} have a confidence above 0.9;"
        f" {wrong:,} of those are wrong."
    )


def read_confusion(measured: Quality) -> str:
    """Name the most frequent mistake."""
    counts = np.array(measured.confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "No class is predicted in place of another."
    label, predicted = np.unravel_index(counts.argmax(), counts.shape)
    names = [c.name for c in measured.classes]
    return (
        f"The most frequent mistake: {names[label]} predicted as {names[predicted]},"
        f" {counted(int(counts.max()), 'time')}."
    )


def read_calibration(findings: Findings) -> str:
    """Say how far confidence lies from accuracy, before and after a temperature, and by length."""
    text = (
        "Below the diagonal confidence exceeds accuracy, above it falls short. The expected"
        f" calibration error, the mean gap weighted by count, is {findings.calibration.error:.3f}"
    )
    if findings.uncalibrated is not None:
        text += f" ({findings.uncalibrated.error:.3f} before a temperature was fitted)"
    text += (
        f"; a perfectly calibrated model would show {findings.reference.mean:.3f} on average, and"
        f" up to {findings.reference.quantile:.3f} in 95 % of draws"
    )
    text += ". Bars are 95 % Wilson intervals."
    gaps = sorted(findings.lengths, key=lambda s: s.confidence - s.accuracy)
    if len(gaps) > 1:
        low, high = (f"{100 * (s.confidence - s.accuracy):+.1f}" for s in (gaps[0], gaps[-1]))
        text += (
            f" By length, mean confidence minus accuracy lies between {low} ({gaps[0].name}) and"
            f" {high} percentage points ({gaps[-1].name})."
        )
    return text


def read_coverage(findings: Findings) -> str:
    """Say how accurate the most confident predictions are."""
    accuracy, at_90 = findings.quality.accuracy, findings.measures["accuracy_at_90"]
    return (
        f"On the 90 % of the examples with the highest confidence, accuracy is"
        f" {percent(at_90.value)} ({interval((at_90.low, at_90.high))}); on all of them,"
        f" {percent(accuracy)}. The area under the risk-coverage curve is"
        f" {findings.measures['aurc'].value:.3f}."
    )


def read_removal(result: Faithfulness) -> str:
    """Say what the removal test shows, from its numbers."""
    drop = {way.name: way.drops[AT] for way in result.ways}
    verdict = {
        "supported": "Attention points at words that matter",
        "not supported": "Attention points at words that matter no more than random ones",
        "contradicted": "Attention points at words that matter less than random ones",
    }[result.verdict]
    low, high = result.difference_interval
    return (
        f"{verdict}: removing the 10 % most-attended words lowers the confidence by"
        f" {drop['attention']:.2f} on average, removing random words by {drop['random']:.2f}, and"
        " removing the words with the largest integrated gradients by"
        f" {drop['gradients']:.2f}. Averaged over all removal sizes, the drop exceeds that of"
        f" random removal by {result.difference:.2f} (95 % interval {low:.2f} to {high:.2f},"
        f" bootstrap over {counted(result.examples, 'sampled example')})."
    )


def read_slices(findings: Findings) -> str:
    """Say which groups have a lower accuracy than the other examples, from the numbers."""
    worse = [s for s in findings.slices if s.stands_out and s.accuracy < s.rest]
    tested = (
        f"{counted(len(findings.slices), 'group')} tested (p-values corrected by Holm's method)"
    )
    if not worse:
        return f"No group is significantly worse than the other examples; {tested}."
    named = "; ".join(
        f"{s.group} {s.name}: {percent(s.accuracy)} against {percent(s.rest)}" for s in worse[:3]
    )
    more = f" and {counted(len(worse) - 3, 'further group')}" if len(worse) > 3 else ""
    return f"Significantly worse than the other examples (diamonds): {named}{more}. {tested}."


def read_words(panels: Sequence[tuple[str, Sequence[WordUse]]]) -> str:
    """Name the most-attended word of each panel."""
    named = "; ".join(
        f"{title}: “{used[0].word}” with {used[0].relative:.1f} times an even share,"
        f" {counted(used[0].count, 'occurrence')}"
        for title, used in panels
    )
    return f"The words with the most attention per occurrence. {named}."


def read_training(log: Sequence[Mapping[str, Any]], best: Any) -> str:
    """Say which epoch's weights are used."""
    row = next((row for row in log if row["epoch"] == best), log[-1])
    return (
        f"The weights of epoch {row['epoch']} of {len(log)} are used: accuracy"
        f" {percent(row['valid_accuracy'])} on the validation examples."
    )
