"""What a report calls the weights of its table: decided here, used in every sentence and axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reportgen.analysis.findings import Findings
from reportgen.figures.scales import signed_number
from reportgen.predictions.weights import are_gradients
from reportgen.records import PREDICTED, Weights

__all__ = ["ATTENTION", "ATTRIBUTIONS", "Terms", "lacking", "terms", "word_heads", "words_title"]


@dataclass(frozen=True, slots=True)
class Terms:
    """The words for one kind of weights.

    ``subject`` begins a sentence and ``full`` stands inside one, both with the name of the method;
    ``noun`` is without it, ``the`` has its article, ``name`` is that of a line in a chart. ``top``
    are the words with the largest weights, ``share_of_top`` a share of all words with them.
    ``words`` is what a list of words by their weights is called, ``axis`` and ``column`` what its
    numbers are. ``raised`` is the class that a positive weight speaks for,
    ``unit`` what a token is: a word, a character, or where that cannot be told a token.
    """

    signed: bool
    noun: str
    the: str
    subject: str
    full: str
    name: str
    top: str
    share_of_top: str
    words: str
    axis: str
    column: str
    title: str
    untested: str
    raised: str = PREDICTED
    gradients: bool = False
    unit: str = "word"

    @property
    def units(self) -> str:
        """What the tokens are called: words, characters, or tokens."""
        return f"{self.unit}s"

    def verb(self, one: str, more: str) -> str:
        """Return the form of a verb that goes with the noun."""
        return more if self.signed else one

    def number(self, mean: float) -> str:
        """Write the mean weight of a word's occurrences; of attention it is in even shares."""
        return signed_number(mean) if self.signed else f"{mean:.1f}"


ATTENTION = Terms(
    signed=False,
    noun="attention",
    the="the attention",
    subject="Attention",
    full="attention",
    name="attention",
    top="most-attended words",
    share_of_top="{} most-attended words",
    words="most attended",
    axis="attention (even share = 1)",
    column="most attended: mean attention in even shares (occurrences)",
    title="Is the attention faithful?",
    untested="The attention on average",
)
ATTRIBUTIONS = Terms(
    signed=True,
    noun="attributions",
    the="the attributions",
    subject="The attributions",
    full="attributions",
    name="attribution",
    top="words with the largest attributions",
    share_of_top="{} of the words with the largest attributions",
    words="attributions",
    axis="attribution (mean)",
    column="mean attribution of an occurrence, the largest by size first (occurrences)",
    title="Are the attributions faithful?",
    untested="The attributions on average",
)
# What a report of attributions lacks without these columns; None: nothing that it could have.
MISSING = {
    "explain.attention_removed": "the test of the attributions by removing words",
    "explain.random_removed": "the test of the attributions against random words",
    "explain.content_removed": "the test of the attributions against random content words",
    "explain.gradients_removed": "how much of the words that matter the attributions find",
    "explain.attention_kept": (
        "the confidence on the words with the largest attributions alone (metrics.json)"
    ),
    "explain.gradients": "integrated gradients beside the attributions",
    "explain.uniform": None,
    "explain.permuted": None,
}


def terms(weights: Weights | None, unit: str = "word") -> Terms:
    """Return the words for these weights; None are the model's own attention."""
    weights = weights or Weights()
    plain = ATTRIBUTIONS if weights.kind == "attribution" else ATTENTION
    plain = replace(
        plain,
        raised=weights.of,
        gradients=are_gradients(weights),
        unit=unit,
        top=plain.top.replace("word", unit),
        share_of_top=plain.share_of_top.replace("word", unit),
    )
    if not weights.name:
        return plain
    full = f"{plain.noun} ({weights.name})"
    if weights.name.lower().startswith(plain.noun):  # "attention of layer 12"
        full = weights.name[0].lower() + weights.name[1:]
    return replace(
        plain,
        full=full,
        subject=f"The {full}" if plain.signed else full[0].upper() + full[1:],
        name=weights.name,
        axis=plain.axis.replace(plain.name, weights.name),
    )


def lacking(missing: Mapping[str, str], words: Terms) -> dict[str, str]:
    """Return the columns that a report of these weights lacks, each with what it lacks for it."""
    if not words.signed:
        return {name: what.replace("word", words.unit) for name, what in missing.items()}
    of_gradients = "explain.gradients" if words.gradients else None
    found = {name: MISSING.get(name, what) for name, what in missing.items()}
    return {
        name: what.replace("word", words.unit)
        for name, what in found.items()
        if what is not None and not (of_gradients and name.startswith(of_gradients))
    }


def words_title(findings: Findings) -> str:
    """Name the section of words by what it lists: their weights, what moved the prediction."""
    attended, moved = (any(found.values()) for found in (findings.words, findings.moves))
    words = terms(findings.weights, findings.unit)
    first, last = words.words, "those that moved the prediction"
    return f"{words.units.capitalize()}: {', and '.join([*[first] * attended, *[last] * moved])}"


def word_heads(findings: Findings) -> tuple[str, ...]:
    """Return the heads of the table of words: of their weights, of what moved the prediction."""
    moved = "moved the prediction: sum of integrated gradients (texts)"
    return (terms(findings.weights).column, *[moved] * any(findings.moves.values()))
