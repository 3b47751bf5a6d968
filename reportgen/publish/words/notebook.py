"""What a notebook shows of a report, beside its headline."""

from __future__ import annotations

from reportgen.publish.words.numbers import counted

__all__ = ["HTML", "PDF", "REGION", "heading", "verdict"]

REGION = "Report"
HTML, PDF = "HTML", "PDF"
SHADES = "the stronger the shade of a word, the larger its weight"
SIGNED_SHADES = (
    "red words raised the probability of the predicted class, blue ones with a line above lowered"
    " it"
)


def heading(shown: int, total: int, signed: bool) -> str:
    """Say how many mistakes follow, in which order, and what their shades mean."""
    if shown < total:
        first = f"The first {shown} of {counted(total, 'mistake')}"
    else:
        first = "The one mistake" if total == 1 else f"All {counted(total, 'mistake')}"
    order = ", confident ones first" if total > 1 else ""
    return f"{first}{order}; {SIGNED_SHADES if signed else SHADES}."


def verdict(unsure: bool, description: str) -> str:
    """Say of a mistake what was predicted, and whether that was unsure."""
    return f"Wrong{', unsure' if unsure else ''}: {description}"
