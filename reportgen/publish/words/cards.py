"""What a card says of its example."""

from __future__ import annotations

import numpy as np

from reportgen.analysis.findings import ExampleResult
from reportgen.publish.words.numbers import counted
from reportgen.records import Prediction

__all__ = ["counts", "description", "flags"]


def description(predicted: str, confidence: float, label: str) -> str:
    """Say in a line what was predicted, for those who do not see the picture."""
    return f"predicted {predicted} with confidence {confidence:.2f}, label {label}"


def counts(prediction: Prediction) -> str:
    """Count the tokens, those out of the vocabulary and those that were not read."""
    parts = [counted(len(prediction.tokens), "token")]
    if prediction.unknown is not None and prediction.unknown.any():
        parts.append(f"{int(prediction.unknown.sum()):,} out of vocabulary")
    unread = int(np.isnan(prediction.attention).sum())
    if unread:
        parts.append(f"{unread:,} not read")
    return ", ".join(parts)


def flags(prediction: Prediction, result: ExampleResult) -> tuple[str, ...]:
    """Say what a reader must know of the example before trusting its card."""
    lines = []
    if result.label_error:
        lines.append("the label is worth a second look")
    if prediction.in_train:
        lines.append("this text is also in the training data")
    if result.support is not None:
        lines.append(f"attention {result.support.value} by removal")
    return tuple(lines)
