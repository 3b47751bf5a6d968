"""Say in a sentence or two what each chart shows, from the numbers that it is drawn of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.analysis.intervals import LEAST, wilson_interval
from reportgen.analysis.metrics import Mistake, Quality, Scores
from reportgen.analysis.performance import Performance
from reportgen.analysis.slices import Slice
from reportgen.publish.words import verdict
from reportgen.publish.words.labels import drawn_kinds, noun
from reportgen.publish.words.numbers import (
    counted,
    decimal,
    interval,
    percent,
    points,
    signed_points,
    verb,
)
from reportgen.publish.words.weights import Terms, terms

__all__ = [
    "MATRIX",
    "MISTAKES",
    "NO_LISTS",
    "SLICES",
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
SLICES = 12  # groups in the chart of them
NO_LISTS = (
    "Rates of negation and contrast words are left out: there are lists of them in English only,"
    " and these texts have too few English stop words to be in English."
)


def read_confidence(scores: Scores) -> str:
    """Say how many predictions have a high confidence, and how many of those are wrong."""
    high = scores.confidence > 0.9
    number, known = int(high.sum()), int(scores.labelled[high].sum())
    wrong = int((scores.labelled & ~scores.correct)[high].sum())
    if not number:
        return f"None of {counted(len(scores), 'prediction')} has a confidence above 0.9."
    text = (
        f"{number:,} of {counted(len(scores), 'prediction')} {verb(number, 'has', 'have')} a"
        " confidence above 0.9"
    )
    if not scores.labelled.any():
        return f"{text}."
    if not known:
        return f"{text}; none of those has a label."
    if known < number:
        text += f"; {known:,} of those {verb(known, 'has', 'have')} a label"
    if known < LEAST:
        return f"{text}, too few to tell how often such a prediction is wrong."
    ends = interval(wilson_interval(wrong, known))
    share = f"{percent(wrong / known)}, 95 % interval {ends}"
    some = f"{wrong:,}" if wrong else "none"
    which = "; {} of those" if known == number else ", and {} of them"
    are = "are" if wrong > 1 else "is"
    return f"{text}{which.format(some)} {are} wrong ({share})."


def read_confusion(measured: Quality, one: str = "example") -> str:
    """Name the most frequent mistake, and say how many are listed where the matrix is not."""
    mistakes = measured.mistakes
    if measured.examples < LEAST:
        number = counted(measured.examples, one)
        text = f"{number}, too few to tell which mistakes are frequent."
    elif not mistakes:
        text = "No class is predicted in place of another."
    elif len(mistakes) > 1 == mistakes[0].count:
        text = "No two mistakes are alike: no class is predicted in place of another twice."
    else:
        text = _most_frequent(mistakes)
    if len(measured.classes) <= MATRIX:
        text += (
            " The shade of a cell is its share of the examples with that label, of its row: from"
            " the lightest, none of them, to the darkest, all."
        )
    elif len(mistakes) > MISTAKES:
        text += (
            f" Shown are the {MISTAKES} most frequent of {len(mistakes):,} pairs of classes that"
            " are confused; metrics.json has all."
        )
    return text


def _most_frequent(mistakes: Sequence[Mistake]) -> str:
    first = mistakes[0]
    if first.count == 1:
        return f"The only mistake: {first.label} predicted as {first.predicted}."
    tied = len(mistakes) > 1 and mistakes[1].count == first.count
    return (
        f"{'Among the most frequent mistakes' if tied else 'The most frequent mistake'}:"
        f" {first.label} predicted as {first.predicted}, {first.count:,} times."
    )


def read_calibration(performance: Performance) -> str:
    """Say how far confidence lies from accuracy, before and after a temperature, and by length."""
    error, expected = performance.calibration.error, performance.reference
    text = (
        "Below the diagonal confidence exceeds accuracy, above it falls short. The expected"
        f" calibration error, the mean gap weighted by count, is {decimal(error, 3)}"
    )
    if performance.uncalibrated is not None:
        text += f" ({decimal(performance.uncalibrated.error, 3)} before a temperature was fitted)"
    text += (
        f"; a perfectly calibrated model would show {decimal(expected.mean, 3)} on average, and"
        f" up to {decimal(expected.quantile, 3)} in 95 % of draws"
    )
    text += ". Bars are 95 % Wilson intervals."
    gaps = sorted(performance.lengths, key=lambda s: s.confidence - s.accuracy)
    if len(gaps) > 1:
        low, high = (_gap(s) for s in (gaps[0], gaps[-1]))
        text += (
            " By length, mean confidence minus accuracy lies between"
            f" {low} and {high} percentage points; in brackets, 95 % Wilson intervals."
        )
    return text


def _gap(one: Slice) -> str:
    """Say how far the mean confidence of a group lies above its accuracy, with its interval."""
    ends = [signed_points(one.confidence - end) for end in reversed(one.interval)]
    gap = signed_points(one.confidence - one.accuracy)
    return f"{gap} ({one.name}; {ends[0]} to {ends[1]})"


def read_coverage(performance: Performance) -> str:
    """Say how accurate the most confident predictions are."""
    accuracy, at_90 = performance.quality.accuracy, performance.measures["accuracy_at_90"]
    return (
        f"On the 90 % of the {noun(performance)}s with the highest confidence, accuracy is"
        f" {percent(at_90.value)} ({interval((at_90.low, at_90.high))}); on all of them,"
        f" {percent(accuracy)}. The area under the risk-coverage curve is"
        f" {decimal(performance.measures['aurc'].value, 3)}."
    )


def read_removal(result: Faithfulness, words: Terms) -> str:
    """Say whether the weights point at words that matter, and what the lines are."""
    lines = (
        f"the lines are mean drops in confidence over {counted(result.examples, 'sampled example')}"
    )
    return " ".join(
        [*verdict.independent(result, words), f"{verdict.lead(result, words)}; {lines}."]
    )


def read_slices(performance: Performance, english: bool) -> str:
    """Say which groups have a lower accuracy than the other examples, and what could be found."""
    tests = performance.slices[0].tests
    worse = [s for s in performance.slices if s.stands_out and s.accuracy < s.rest]
    tested = f"{counted(tests, 'test')} (Fisher's exact test, p-values corrected by Holm's method)"
    language, groups = "" if english else f" {NO_LISTS}", len(performance.slices)
    left = f" Shown are the {SLICES} of {groups:,} groups with the lowest accuracy."
    left = left if groups > SLICES else ""
    marks = (
        " Solid lines are 95 % Wilson intervals, the dashed line is the accuracy on all"
        f" {noun(performance)}s."
    )
    if not worse:
        return (
            f"No group of {LEAST} or more is significantly worse than the other"
            f" {noun(performance)}s in {tested}. {_smallest_gap(performance.slices)}"
            f"{marks}{left}{language}"
        )
    named = "; ".join(
        f"{s.group} {s.name}: {percent(s.accuracy)} against {percent(s.rest)}{_needed(s)}"
        for s in worse[:3]
    )
    more = f" and {counted(len(worse) - 3, 'further group')}" if len(worse) > 3 else ""
    return (
        f"Significantly worse than the other {noun(performance)}s (diamonds): {named}{more}."
        f" {tested}; the gaps in brackets are found with 80 % power.{marks}{left}{language}"
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
    words = terms(findings.weights, findings.unit)
    text = f"By predicted class{_apart(findings)}. {_by_weight(words)}"
    explained = findings.faithfulness.explained if findings.faithfulness else 0
    if explained and any(findings.moves.values()):
        text += (
            " Moved the prediction: integrated gradients, in probability of the predicted class,"
            f" summed over {counted(explained, 'explained example')}; {words.units} in 4 texts"
            " or more and with a sum of 0.005 or more, without punctuation"
            f"{' and stop words' if findings.english else ''}."
        )
    number, classes = len(shown), len(findings.certainty.classes)
    if number < classes:
        kinds = [*findings.words.items(), *findings.moves.items()]
        rich = {name for (name, _), used in kinds if used}
        text += f" Shown are {number:,} of {classes:,} classes"
        if len(rich) > number:
            text += f", the most predicted of the {len(rich):,} with such {words.units}"
        few = classes - len(rich)
        have = verb(few, "has", "have")
        text += f"; {few:,} {have} no such {words.units}." if few else "."
    return text


def _by_weight(words: Terms) -> str:
    if words.signed:
        return (
            f"{words.full[0].upper()}{words.full[1:]}: the mean over the occurrences of a"
            f" {words.unit},"
            f" the largest by size first, above 0 where it raised the {words.raised};"
            f" {words.units} that"
            " occur 20 times or more."
        )
    return (
        f"Most attended: by the mean {words.full} of an occurrence, in even shares, where it is one"
        f" or more; {words.units} that occur 20 times or more."
    )


def _apart(findings: Findings) -> str:
    """Say which predictions have panels of their own, and where the words of others are."""
    if findings.performance is None:
        return ""
    if None in drawn_kinds(findings):
        units = f"{findings.unit}s"
        return f", of examples without a label; those with one have no {units} frequent enough"
    found = [*findings.words.items(), *findings.moves.items()]
    others = any(used for (_, kind), used in found if kind is None)
    rest = (
        f"; those of examples without a label stand in the table of {findings.unit}s"
        if others
        else ""
    )
    return f", right and wrong apart{rest}"


def read_training(
    log: Sequence[Mapping[str, Any]], best: Any, examples: int | None = None, ended: bool = False
) -> str:
    """Say which epoch's weights are used, and how good they were on so many examples.

    ``ended``: the training was not interrupted.
    """
    row = next((row for row in log if row["epoch"] == best), log[-1])
    accuracy = row["valid_accuracy"]
    text = (
        f"The weights of epoch {row['epoch']} of {len(log)} are used: accuracy {percent(accuracy)}"
    )
    mark = " The dotted line marks that epoch." if row["epoch"] == best else ""
    if ended and row["epoch"] == best == log[-1]["epoch"] and len(log) > 1:
        mark = " The dotted line marks that epoch: the last, so more epochs may do better."
    if not examples or not 0 <= accuracy <= 1:
        return f"{text} on the validation examples.{mark}"
    ends = interval(wilson_interval(round(accuracy * examples), examples))
    return (
        f"{text} on {counted(examples, 'validation example')} (95 % interval {ends}, Wilson), by"
        f" which the epoch was chosen.{mark}"
    )
