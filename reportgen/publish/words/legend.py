"""Say how a card is read: in a paragraph above the gallery, sign by sign on the PDF's cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.analysis.findings import Findings
from reportgen.publish.words.weights import ATTENTION, Terms, terms

__all__ = ["Sign", "legend", "reading_help"]

UNKNOWN = (
    "A {0} with a dotted underline is not in the model's vocabulary: the model saw only that some"
    " {0} stood there."
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of a card and what it means.

    ``kind`` is one of marks, confidence, shades, unknown, words; the template draws it.
    """

    kind: str
    text: str


def reading_help(has_unknown: bool, words: Terms = ATTENTION, weighted: bool = True) -> str:
    """Explain the shades of a card, which has none without weights."""
    unknown = UNKNOWN.format(words.unit)
    return " ".join([*[_shades(words)] * weighted, *[unknown] * has_unknown])


def _shades(words: Terms) -> str:
    if words.signed:
        return (
            f"{words.units.capitalize()} are shaded by {words.full}: red where they raised the"
            f" {words.raised}; blue,"
            " with a line over them, where they lowered it. In each example the strongest shade is"
            " the weight that is largest by size. Another method may divide an answer among the"
            f" {words.units} in another way."
        )
    return (
        f"A {words.unit} is shaded where it received more than an even share of the model's"
        f" {words.full};"
        " in each example the strongest shade is its largest weight, and the weights of an example"
        " sum to 1. Attention shows where the model looked, not why it decided."
    )


def legend(findings: Findings, has_unknown: bool) -> Iterator[Sign]:
    """Yield the signs of a card in the order in which a reader meets them."""
    words = terms(findings.weights, findings.unit)
    edge = (
        "The edge of a card is broken where the prediction is unsure: its two largest probabilities"
        f" differ by less than {findings.unsure_margin:g}."
    )
    label = "No example has a label to compare the predicted class with."
    if findings.performance is not None:
        label = "Right: the predicted class is the label. Wrong: it is not."
        if findings.performance.unlabelled:
            label += " Unlabelled: there is no label to compare it with."
    yield Sign("marks", f"{label} {edge}")
    yield Sign("confidence", "The confidence: the probability of the predicted class.")
    if findings.weighted:
        yield Sign("shades", _shades(words))
    if has_unknown:
        yield Sign("unknown", UNKNOWN.format(words.unit))
    if not findings.weighted:
        return
    named = "raised and lowered the answer most" if words.signed else "have the largest weights"
    yield Sign("words", f"Up to three {words.units} that {named}, each with its weight.")
