"""What a notebook shows of a report, beside its headline and its cards."""

from __future__ import annotations

from reportgen.publish.words.numbers import counted

__all__ = ["HTML", "PDF", "REGION", "heading", "verdict"]

REGION = "Report"
HTML, PDF = "HTML report", "PDF"


def heading(shown: int, total: int) -> str:
    """Say how many mistakes follow, in which order, and what their shades mean."""
    first = "The mistake" if total == 1 else f"All {counted(total, 'mistake')}"
    if shown < total:
        first = f"The first {shown} of {counted(total, 'mistake')}"
    order = ", confident ones first" if total > 1 else ""
    return f"{first}{order}; the stronger the shade of a word, the larger its weight."


def verdict(predicted: str, confidence: float, label: str, unsure: bool) -> str:
    """Say what was predicted instead of the label, and how confidently."""
    kind = "Wrong, unsure" if unsure else "Wrong"
    return f"{kind}: predicted {predicted} with confidence {confidence:.2f}, label {label}"
