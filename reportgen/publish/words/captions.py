"""Say in a sentence or two what each chart shows, from the numbers that it is drawn of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Quality, Scores
from reportgen.analysis.slices import Slice
from reportgen.publish.words import verdict
from reportgen.publish.words.numbers import counted, interval, percent, points

__all__ = [
    "MATRIX",
    "MISTAKES",
    "NO_LISTS",
    "read_calibration",
    "read_confidence",
    "read_confusion",
    "read_coverage",
    "read_removal",
    "read_slices",
    "read_training",
    "read_words",
]

MATRIX = 12  # classes whose confusion matrix is the first thing shown; of more, the mistakes are
MISTAKES = 12  # that are listed then
NO_LISTS = (
    "Rates of negation and contrast words are left out: there are lists of them in English only,"
    " and these texts have too few English stop words to be in English."
)


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
    """Name the most frequent mistake, and say how many are listed where the matrix is not."""
    mistakes = measured.mistakes
    if not mistakes:
        return "No class is predicted in place of another."
    first = mistakes[0]
    tied = len(mistakes) > 1 and mistakes[1].count == first.count
    text = (
        f"{'Among the most frequent mistakes' if tied else 'The most frequent mistake'}:"
        f" {first.label} predicted as {first.predicted}, {counted(first.count, 'time')}."
    )
    if len(measured.classes) > MATRIX and len(mistakes) > MISTAKES:
        text += (
            f" Shown are the {MISTAKES} most frequent of {len(mistakes):,} pairs of classes that"
            " are confused; metrics.json has all."
        )
    return text


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
    """Say what the tests of the attention show; first, where so, that the answers ignore it."""
    if not result.examples:
        return verdict.untested(result)
    first = [verdict.INDEPENDENT] if result.depends is False else []
    return " ".join([*first, verdict.pointing(result), verdict.amount(result)])


def read_slices(findings: Findings) -> str:
    """Say which groups have a lower accuracy than the other examples, and what could be found."""
    tests = findings.slices[0].tests
    worse = [s for s in findings.slices if s.stands_out and s.accuracy < s.rest]
    tested = f"{counted(tests, 'test')} (Fisher's exact test, p-values corrected by Holm's method)"
    language = "" if findings.english else f" {NO_LISTS}"
    if not worse:
        return (
            f"No group is significantly worse than the other examples in {tested}."
            f" {_smallest_gap(findings.slices)}{language}"
        )
    named = "; ".join(
        f"{s.group} {s.name}: {percent(s.accuracy)} against {percent(s.rest)}{_needed(s)}"
        for s in worse[:3]
    )
    more = f" and {counted(len(worse) - 3, 'further group')}" if len(worse) > 3 else ""
    return (
        f"Significantly worse than the other examples (diamonds): {named}{more}. {tested};"
        f" the gaps in brackets are found with 80 % power.{language}"
    )


def _needed(one: Slice) -> str:
    if one.detectable is None:
        return f" ({counted(one.count, 'example')})"
    return f" ({counted(one.count, 'example')}: a gap of {points(one.detectable)} or more)"


def _smallest_gap(compared: Sequence[Slice]) -> str:
    """Say how far below the others a group must lie to be found."""
    gaps = [s.detectable for s in compared if s.detectable is not None]
    if not gaps:
        return "None of the groups is large enough to find any gap with 80 % power."
    low, high = f"{100 * min(gaps):.1f}", points(max(gaps))
    if points(min(gaps)) != high:
        high = f"{low} to {high}, depending on its size"
    text = (
        "With 80 % power the tests find a group whose accuracy lies below that of the others by at"
        f" least {high}"
    )
    blind = len(compared) - len(gaps)
    return text + (f"; {counted(blind, 'group')} could show no gap at all." if blind else ".")


def read_words(findings: Findings, shown: Sequence[str]) -> str:
    """Say what the picture of words shows, of which classes, and what it leaves out."""
    text = (
        "By predicted class, right and wrong apart. Most attended: by the mean attention of an"
        " occurrence, in even shares; words that occur 20 times or more."
    )
    explained = findings.faithfulness.explained if findings.faithfulness else 0
    if explained:
        text += (
            " Moved the prediction: integrated gradients, in probability of the predicted class,"
            f" summed over {counted(explained, 'explained example')}; words in 4 texts or more,"
            f" without punctuation{' and stop words' if findings.english else ''}."
        )
    number, classes = len(shown), len(findings.quality.classes)
    if number < classes:
        kinds = [*findings.words.items(), *findings.moves.items()]
        rich = {name for (name, _), used in kinds if used}
        text += f" Shown are {number:,} of {classes:,} classes"
        if len(rich) > number:
            text += f", the most predicted of the {len(rich):,} with such words"
        few = classes - len(rich)
        text += (
            f"; {few:,} {'has' if few == 1 else 'have'} no words frequent enough." if few else "."
        )
    return text


def read_training(log: Sequence[Mapping[str, Any]], best: Any) -> str:
    """Say which epoch's weights are used."""
    row = next((row for row in log if row["epoch"] == best), log[-1])
    return (
        f"The weights of epoch {row['epoch']} of {len(log)} are used: accuracy"
        f" {percent(row['valid_accuracy'])} on the validation examples."
    )
