"""What a notebook shows of a report, beside its headline."""

from __future__ import annotations

from reportgen.publish.words.numbers import counted
from reportgen.publish.words.weights import Terms

__all__ = ["HTML", "PDF", "REGION", "heading", "verdict"]

REGION = "Report"
HTML, PDF = "HTML", "PDF"
SHADES = "the stronger the shade of a word, the larger its weight"


def heading(shown: int, total: int, terms: Terms | None) -> str:
    """Say how many mistakes follow, in which order, and what their shades mean, if any."""
    shades = f"; {SHADES}" if terms else ""
    if terms and terms.signed:
        shades = f"; red words raised the {terms.raised}, blue ones with a line above lowered it"
    if shown < total:
        first = f"The first {shown} of {counted(total, 'mistake')}"
    else:
        first = "The one mistake" if total == 1 else f"All {counted(total, 'mistake')}"
    order = ", confident ones first" if total > 1 else ""
    return f"{first}{order}{shades}."


def verdict(unsure: bool, description: str) -> str:
    """Say of a mistake what was predicted, and whether that was unsure."""
    return f"Wrong{', unsure' if unsure else ''}: {description}"
