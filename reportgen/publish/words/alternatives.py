"""Say what each chart shows, for those who do not see it; its caption says what follows."""

from __future__ import annotations

from reportgen.analysis.metrics import Quality
from reportgen.publish.words.numbers import counted

__all__ = ["CHARTS", "confusion"]

CHARTS = {
    "confidence": "Histogram: how many predictions have which confidence",
    "reliability": (
        "Points: the accuracy and the mean confidence of each bin of confidence, with 95 %"
        " intervals, beside a diagonal for perfect calibration"
    ),
    "coverage": "Curve: the accuracy on the most confident share of the examples, for each share",
    "removal": (
        "Lines: how far the confidence drops as more words are removed, for each way of choosing"
        " them"
    ),
    "training": (
        "Lines: the loss on training and validation examples and the accuracy on validation"
        " examples, over the epochs"
    ),
    "slices": "Points: the accuracy of each group, with 95 % intervals, beside that of all",
    "words": "Bars: the words of each predicted class with the largest weights",
}


def confusion(measured: Quality, listed: bool, few: int) -> str:
    """Say what the chart of mistakes shows; of ``few`` classes at most, every count."""
    if listed:
        return "Bars: how often each of the most frequent pairs of label and prediction occurs"
    names, text = [c.name for c in measured.classes], "Table of counts: label by predicted class"
    if len(names) > few:
        return text
    rows = (
        f"label {label}: "
        + ", ".join(f"{int(n):,} predicted as {name}" for n, name in zip(row, names, strict=True))
        for label, row in zip(names, measured.matrix(), strict=True)
    )
    return f"{text}, {counted(measured.examples, 'example')}; {'; '.join(rows)}"
