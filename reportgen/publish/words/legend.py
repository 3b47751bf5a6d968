"""Say how a card is read: in a paragraph above the gallery, sign by sign on the PDF's cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.analysis.findings import Findings
from reportgen.figures.scales import MINUS, PLAIN, Scale
from reportgen.publish.words.weights import ATTENTION, Terms, terms

__all__ = ["Sign", "legend", "reading_help", "shadings"]

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


def shadings(own: Scale, shared: Scale) -> list[tuple[str, str]]:
    """Return what a page offers to shade by, each with its name; "" is as the report is written."""
    offered = {"run": _one_scale(shared), "text": "each text up to its largest weight"}
    first = "text" if own.darkest is None else "run"
    return sorted(
        (("" if name == first else name, text) for name, text in offered.items()),
        key=lambda pair: pair[0],
    )


def _one_scale(scale: Scale) -> str:
    if scale.darkest is None:
        return "all texts on one scale"
    end = f"{scale.darkest:g}" if scale.signed else f"{scale.darkest:g} even shares"
    return f"all texts up to {end}"


def reading_help(
    has_unknown: bool, words: Terms = ATTENTION, scale: Scale = PLAIN, weighted: bool = True
) -> str:
    """Explain the shades of a card, which has none without weights."""
    unknown = UNKNOWN.format(words.unit)
    return " ".join([*[_shades(words, scale)] * weighted, *[unknown] * has_unknown])


def _shades(words: Terms, scale: Scale) -> str:
    if words.signed:
        end = "In each example the strongest shade is the weight that is largest by size."
        if scale.darkest is not None:
            end = (
                "The shades mean the same in every example: the strongest stands for"
                f" +{scale.darkest:g} or {MINUS}{scale.darkest:g} and beyond."
            )
        return (
            f"{words.units.capitalize()} are shaded by {words.full}: red where they raised the"
            f" {words.raised}; blue, with a line over them, where they lowered it. {end} Another"
            f" method may divide an answer among the {words.units} in another way."
        )
    end = "in each example the strongest shade is its largest weight"
    if scale.darkest is not None:
        end = (
            f"the strongest shade stands for {scale.darkest:g} even shares or more, in a text of"
            " fewer tokens for all of its attention, and shades mean the same in every example"
        )
    return (
        f"A {words.unit} is shaded where it received more than an even share of the model's"
        f" {words.full}, which is 1 / the number of tokens read; {end}. The weights of an example"
        " sum to 1. Attention shows where the model looked, not why it decided."
    )


def legend(findings: Findings, has_unknown: bool, scale: Scale = PLAIN) -> Iterator[Sign]:
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
    yield Sign(
        "confidence",
        "The confidence: the probability of the predicted class. In brackets stands that of another"
        " class, the label or the runner-up.",
    )
    if findings.weighted:
        yield Sign("shades", _shades(words, scale))
    if has_unknown:
        yield Sign("unknown", UNKNOWN.format(words.unit))
    if not findings.weighted:
        return
    named = "raised and lowered the answer most" if words.signed else "have the largest weights"
    yield Sign("words", f"Up to three {words.units} that {named}, each with its weight.")
