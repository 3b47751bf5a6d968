"""What a card says of its example."""

from __future__ import annotations

import numpy as np

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.findings import ExampleResult
from reportgen.figures.scales import Scale, signed_number
from reportgen.publish.words.numbers import counted, decimal, percent
from reportgen.publish.words.weights import ATTENTION, ATTRIBUTIONS
from reportgen.records import Prediction

__all__ = [
    "ATTENDED",
    "LOWERED",
    "RAISED",
    "SECOND_LOOK",
    "SUPPORT",
    "WARNINGS",
    "cells",
    "counts",
    "description",
    "flags",
    "gradients_key",
    "length",
    "picture",
    "share",
]

# What the named words of a card have in common.
ATTENDED, RAISED, LOWERED = "most attended", "raised the {}", "lowered the {}"
SUPPORT = {
    words.signed: {
        Support.SUPPORTED: f"{words.top} matter more than random words",
        Support.UNSUPPORTED: f"{words.top} not shown to matter more than random words",
        Support.UNTESTABLE: f"{words.noun} not testable",
    }
    for words in (ATTENTION, ATTRIBUTIONS)
}
UNITS = ("word", "character", "token")
SECOND_LOOK = "the label is worth a second look"
IN_TRAIN = "this text is also in the training data"
# The other flags are facts.
WARNINGS = (
    SECOND_LOOK,
    IN_TRAIN,
    *(of[Support.UNSUPPORTED].replace("word", u) for of in SUPPORT.values() for u in UNITS),
)


def description(predicted: str, confidence: float, label: str | None) -> str:
    """Say in a line what was predicted, for those who do not see the picture."""
    end = "no label" if label is None else f"label {label}"
    return f"predicted {predicted} with confidence {decimal(confidence)}, {end}"


def share(probability: float, is_second: bool = False) -> str:
    """Write the probability of a class that was not predicted; say if it is the runner-up."""
    return f"{decimal(probability)}{', runner-up' if is_second else ''}"


def picture(signed: bool) -> str:
    """Name the picture of a card."""
    return "Attribution heatmap" if signed else "Attention heatmap"


def cells(signed: bool, unit: str = "word") -> str:
    """Name the heatmap that a page draws, for those who do not see it: the text has its words."""
    return f"{picture(signed)} of the text, in which each {unit} has its weight"


def gradients_key(scale: Scale, prediction: Prediction, unit: str = "word") -> str:
    """Say what the shades of integrated gradients stand for."""
    explanation = prediction.explanation
    if explanation is None or explanation.gradients is None:
        return ""
    _, top = scale.ends(np.maximum(np.nan_to_num(explanation.gradients), 0))
    if not top:
        return f"No {unit} raised the probability."
    end = "or more" if scale.darkest else "the largest here"
    return f"no shade: 0 or less; strongest: {signed_number(top)}, {end}"


def counts(
    prediction: Prediction, signed: bool = False, unit: str = "token", weighted: bool = True
) -> str:
    """Count the tokens, and those out of the vocabulary, not read, without a place in the text.

    Without tokens the ``unit`` is another, and without weights nothing is said of reading.
    """
    parts = [counted(length(prediction, unit), unit)]
    if prediction.unknown is not None and prediction.unknown.any():
        parts.append(f"{int(prediction.unknown.sum()):,} out of vocabulary")
    if not weighted:
        return ", ".join(parts)
    unread = int(np.isnan(prediction.attention).sum())
    if unread:
        parts.append(f"{unread:,} not read")
    nowhere = [i for i, span in enumerate(prediction.spans or ()) if span is None]
    if nowhere:
        share = float(np.nansum(prediction.attention[nowhere]))
        parts.append(f"{len(nowhere):,} not located in the text")
        if signed:
            parts[-1] += f" (with {signed_number(share)} in sum)"
        elif share > 0:
            parts[-1] += f" (with {percent(share)} of the attention)"
    return ", ".join(parts)


def length(prediction: Prediction, unit: str) -> int:
    """Return how many of the unit a text has: tokens, or characters where it has none."""
    return len(prediction.tokens if unit == "token" else prediction.text)


def flags(
    in_train: bool | None, result: ExampleResult, signed: bool = False, unit: str = "word"
) -> tuple[str, ...]:
    """Say what a reader must know of the example before trusting its card.

    ``unit`` is what a token is called.
    """
    lines = []
    if result.label_error:
        lines.append(SECOND_LOOK)
    if in_train:
        lines.append(IN_TRAIN)
    if result.support is not None:
        lines.append(SUPPORT[signed][result.support].replace("word", unit))
    return tuple(lines)
