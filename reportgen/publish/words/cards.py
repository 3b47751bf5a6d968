"""What a card says of its example."""

from __future__ import annotations

import numpy as np

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.findings import ExampleResult
from reportgen.figures.layout import signed_number
from reportgen.publish.words.numbers import counted, percent
from reportgen.records import Prediction

__all__ = [
    "ATTENDED",
    "ATTENTION",
    "LOWERED",
    "RAISED",
    "counts",
    "description",
    "flags",
    "picture",
]

# What the named words of a card have in common.
ATTENDED, RAISED, LOWERED = "most attended", "raised the answer", "lowered the answer"
ATTENTION = {
    Support.SUPPORTED: "most-attended words matter more than random words",
    Support.UNSUPPORTED: "most-attended words not shown to matter more than random words",
    Support.UNTESTABLE: "attention not testable",
}


def description(predicted: str, confidence: float, label: str) -> str:
    """Say in a line what was predicted, for those who do not see the picture."""
    return f"predicted {predicted} with confidence {confidence:.2f}, label {label}"


def picture(signed: bool) -> str:
    """Name the picture of a card."""
    return "Attribution heatmap" if signed else "Attention heatmap"


def counts(prediction: Prediction, signed: bool = False) -> str:
    """Count the tokens, and those out of the vocabulary, not read, without a place in the text."""
    parts = [counted(len(prediction.tokens), "token")]
    if prediction.unknown is not None and prediction.unknown.any():
        parts.append(f"{int(prediction.unknown.sum()):,} out of vocabulary")
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


def flags(in_train: bool | None, result: ExampleResult) -> tuple[str, ...]:
    """Say what a reader must know of the example before trusting its card."""
    lines = []
    if result.label_error:
        lines.append("the label is worth a second look")
    if in_train:
        lines.append("this text is also in the training data")
    if result.support is not None:
        lines.append(ATTENTION[result.support])
    return tuple(lines)
