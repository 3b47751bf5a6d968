"""Findings in, one sentence for each out: what a chart says, computed from its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.analysis.faithfulness import AT, Faithfulness
from reportgen.analysis.metrics import Quality, Scores
from reportgen.analysis.words import WordUse
from reportgen.publish.tables import Findings

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
    """Say how many answers are sure, and how many of those are wrong."""
    sure = scores.confidence > 0.9
    if not sure.any():
        return "No answer has a confidence above 0.9."
    wrong = int((~scores.correct[sure]).sum())
    return (
        f"{int(sure.sum()):,} of {len(scores):,} answers have a confidence above 0.9;"
        f" {wrong:,} of those are wrong."
    )


def read_confusion(measured: Quality) -> str:
    """Name the most frequent mistake."""
    counts = np.array(measured.confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "No class is taken for another."
    gold, predicted = np.unravel_index(counts.argmax(), counts.shape)
    names = [c.name for c in measured.classes]
    return (
        f"The most frequent mistake: {names[gold]} taken for {names[predicted]},"
        f" {counts.max():,} time{'s' if counts.max() > 1 else ''}."
    )


def read_calibration(findings: Findings) -> str:
    """Say how far confidence lies from accuracy, before and after a temperature, and by length."""
    said = (
        "Where the dots lie below the line, it is surer than it is right; the mean gap, weighted"
        f" by count, is {findings.calibration.error:.3f}"
    )
    if findings.before is not None:
        said += f" ({findings.before.error:.3f} before its temperature was fitted)"
    said += ". Bars are 95 % Wilson intervals."
    gaps = sorted(findings.lengths, key=lambda s: s.confidence - s.accuracy)
    if len(gaps) > 1:
        low, high = (f"{100 * (s.confidence - s.accuracy):+.1f}" for s in (gaps[0], gaps[-1]))
        said += (
            f" By length, mean confidence lies between {low} ({gaps[0].name}) and {high} points"
            f" ({gaps[-1].name}) off the accuracy."
        )
    return said


def read_coverage(findings: Findings) -> str:
    """Say how right the surest answers are."""
    all_, most = findings.quality.accuracy, findings.measures["accuracy_at_90"]
    return (
        f"Answering only its surest 90 %, it is right on {100 * most.value:.1f} % of them"
        f" ({100 * most.low:.1f} to {100 * most.high:.1f}); answering all, on {100 * all_:.1f} %."
        f" Area under the risk-coverage curve: {findings.measures['aurc'].value:.3f}."
    )


def read_removal(judged: Faithfulness) -> str:
    """Say what removal found, from its numbers."""
    lost = {way.name: way.drops[AT] for way in judged.ways}
    low, high = judged.difference_interval
    verdict = {
        "supported": "The attention points at words that matter",
        "not supported": "The attention points at words no better than chance",
        "contradicted": "The attention points at words that matter less than others",
    }[judged.verdict]
    return (
        f"{verdict}: removing the most attended 10 % of words lowers the confidence by"
        f" {lost['attention']:.2f} on average, random words by {lost['random']:.2f}, and the words"
        f" that integrated gradients name by {lost['gradients']:.2f}. Over all sizes it is"
        f" {judged.difference:.2f} more than random ({low:.2f} to {high:.2f}; bootstrap over"
        f" {judged.examples:,} sampled examples)."
    )


def read_slices(findings: Findings) -> str:
    """Say which groups stand out, from the numbers."""
    bad = [s for s in findings.slices if s.stands_out and s.accuracy < s.rest]
    looked = f"{len(findings.slices)} groups were looked at (p-values corrected by Holm's method)"
    if not bad:
        return f"No group does worse than the others beyond chance; {looked}."
    named = "; ".join(
        f"{s.group} {s.name}: {100 * s.accuracy:.1f} % against {100 * s.rest:.1f} %"
        for s in bad[:3]
    )
    return f"Worse than the others beyond chance (diamonds): {named}. {looked}."


def read_words(panels: Sequence[tuple[str, Sequence[WordUse]]]) -> str:
    """Name the word with the most attention of each panel."""
    said = "; ".join(
        f"{title}: “{used[0].word}” with {used[0].relative:.1f} times an even share,"
        f" {used[0].count:,} times"
        for title, used in panels
    )
    return f"The words with the most attention each time they occur. {said}."


def read_training(log: Sequence[Mapping[str, Any]], best: Any) -> str:
    """Say which epoch is used."""
    row = next((row for row in log if row["epoch"] == best), log[-1])
    return (
        f"The weights of epoch {row['epoch']} of {len(log)} are used:"
        f" {100 * row['valid_accuracy']:.1f} % right on the validation examples."
    )
