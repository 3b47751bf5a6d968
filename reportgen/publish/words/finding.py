"""What a page says where examples are found: how to search, and by which rule they stand apart."""

from __future__ import annotations

from collections.abc import Mapping

from reportgen.publish.words.numbers import verb

__all__ = ["SEARCH", "SEARCHED", "rule"]

SEARCH = 'Search: word, begin*, "a phrase"'
SEARCHED = (
    "Finds whole words, wherever they stand in a text; not* finds every word that begins with not,"
    " “a phrase” in quotes its words side by side. In scripts without spaces, such as Chinese,"
    " Japanese and Thai, it finds any part of a sentence. Capitals and accents do not count. A link"
    " copied from this report opens what it names."
)


def rule(section: str, margin: float, counts: Mapping[str, int]) -> str:
    """Say which predictions a section has, and where others of their kind stand.

    ``section`` is its key, ``counts`` are those of ``tally`` over the gallery.
    """
    if section == "unsure":
        parts = f"{counts['unsure-wrong']:,} wrong, {counts['unsure-right']:,} right"
        return f"Unsure: the two largest probabilities are less than {margin:g} apart; {parts}."
    if section == "unlabelled-unsure":
        return f"Unsure: the two largest probabilities are less than {margin:g} apart."
    text = f"Confident: the two largest probabilities are at least {margin:g} apart."
    kind, one, more = {
        "mistakes": ("unsure-wrong", "other mistake is", "other mistakes are"),
        "right": ("unsure-right", "other right prediction is", "other right predictions are"),
    }.get(section, ("", "", ""))
    others = counts[kind] if kind else 0
    return f"{text} {others:,} {verb(others, one, more)} unsure." if others else text
