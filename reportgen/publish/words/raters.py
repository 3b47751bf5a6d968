"""Say how far reviewers agree, by which measure, and why one is not given."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reportgen.analysis.intervals import LEAST, Interval
from reportgen.analysis.raters import LEAST_RATED, Agreement, Coefficient
from reportgen.publish.words.numbers import MINUS, counted, interval, percent
from reportgen.publish.words.questions import SHADING, Question

__all__ = [
    "AgreementRow",
    "agreement_fact",
    "agreement_note",
    "agreement_row",
    "few_examples",
    "is_ordered",
    "reason",
]

NAMES = {Coefficient.KAPPA: "Cohen's kappa", Coefficient.ALPHA: "Krippendorff's alpha"}


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """A question's row in the table of agreement; a dash stands for what is undefined.

    ``reason`` says why something is, or how much the numbers can carry; None where all is said.
    """

    asked: str
    reviewers: int
    examples: int
    pairs: int
    share: str
    share_interval: str
    coefficient: str
    value: str
    interval: str
    reason: str | None


def is_ordered(question: Question) -> bool:
    """Return whether the answers to a question have an order: yes, partly, no."""
    return question.key == SHADING.key


def agreement_row(question: Question, found: Agreement) -> AgreementRow:
    """Return the row of a question."""
    ordered = is_ordered(question)
    return AgreementRow(
        asked=question.asked,
        reviewers=found.raters,
        examples=found.examples,
        pairs=found.pairs,
        share=percent(found.share),
        share_interval=interval(found.share_interval),
        coefficient=_name(found, ordered),
        value=_signed(found.value),
        interval=_ends(found.interval),
        reason=reason(found),
    )


def _name(found: Agreement, ordered: bool) -> str:
    if found.coefficient is None:
        return "–"
    kind = ""
    if ordered:
        kind = ", linear weights" if found.coefficient is Coefficient.KAPPA else ", ordinal"
    return f"{NAMES[found.coefficient]}{kind}"


def _signed(number: float) -> str:
    return "–" if math.isnan(number) else f"{number:.2f}".replace("-", MINUS)


def _ends(ends: Interval) -> str:
    return "–" if math.isnan(ends[0]) else f"{_signed(ends[0])} to {_signed(ends[1])}"


def reason(found: Agreement) -> str | None:
    """Say why agreement, its coefficient or an interval is not given, or that examples are few."""
    if not found.raters:
        return "nobody answered"
    if found.raters == 1:
        return "one reviewer answered"
    if not found.examples:
        return "no example was answered by two reviewers"
    if found.examples < LEAST_RATED:
        few = f"fewer than {LEAST_RATED} examples: no intervals, and no conclusion"
    else:
        few = few_examples(found.examples) or ""
    if math.isnan(found.value):
        why = "only one answer occurs, so that chance alone would agree: no coefficient"
    elif math.isnan(found.interval[0]) and found.examples >= LEAST_RATED:
        same = found.value == 1 or found.share == 1
        why = "all agree, so nothing is known of the spread: " if same else ""
        why += "no interval of the coefficient"
    else:
        why = ""
    return "; ".join(part for part in (why, few) if part) or None


def few_examples(number: int) -> str | None:
    """Say that so many examples are too few for a conclusion; None where they are enough."""
    return f"fewer than {LEAST} examples: no conclusion" if number < LEAST else None


def agreement_fact(question: Question, found: Agreement) -> tuple[str, str]:
    """Return the number that stands in the opening, and what must be known beside it."""
    why = reason(found)
    if not found.examples:
        return "not measured", str(why)
    overlap = f"{percent(found.share)} of {counted(found.pairs, 'pair')} of answers equal"
    if math.isnan(found.value):
        return "undefined", f"{overlap}; {why}"
    note = _name(found, is_ordered(question))
    if not math.isnan(found.interval[0]):
        note += f", 95 % interval {_ends(found.interval)}"
    parts = [note, overlap, f"{counted(found.examples, 'example')} with two or more answers"]
    return _signed(found.value), "; ".join([*parts, why] if why else parts)


def agreement_note(seed: int, shading: bool = True) -> str:
    """Explain the measures and their intervals; without ``shading`` that was not asked about."""
    ordered = (
        " The answers about the shading are ordered, yes, partly, no, and disagree the more the"
        " farther they lie apart (kappa with linear weights, alpha with the ordinal metric); those"
        " about the label are not."
    )
    return (
        "Equal answers are counted over all pairs of answers to the same example. Cohen's kappa,"
        " for two reviewers, and Krippendorff's alpha, for more, say how far that goes beyond"
        " chance: 1 is full agreement, 0 what the same answers would show if given at random, less"
        " than 0 systematic disagreement; they are low where nearly all answers are the same one,"
        " even if most are equal. Every answer counts, “ambiguous” and “cannot tell” among them."
        f"{ordered if shading else ''} Intervals of 95 %: of the coefficient by a BCa bootstrap"
        f" over examples (seed {seed}), of the share on the logit scale by a jackknife over"
        " examples."
    )
