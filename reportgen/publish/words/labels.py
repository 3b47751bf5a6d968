"""What a report says where all examples lack a label, or some do."""

from __future__ import annotations

from reportgen.analysis.findings import Findings
from reportgen.analysis.performance import Performance
from reportgen.publish.words.numbers import counted
from reportgen.publish.words.weights import terms

__all__ = ["drawn_kinds", "lead", "missing_labels", "noun", "word_kinds"]


def noun(performance: Performance) -> str:
    """Return what the numbers of a table count: its examples, or only the labelled ones."""
    return "labelled example" if performance.unlabelled else "example"


def lead(findings: Findings) -> str:
    """Say that no example has a label, as the beginning of a sentence."""
    number = len(findings.scores)
    if number == 1:
        return "The one example has no label, so accuracy is not measured"
    return f"The {number:,} examples have no labels, so accuracy is not measured"


def missing_labels(findings: Findings) -> list[str]:
    """Name what a report lacks without labels, or which examples its measures leave out."""
    performance = findings.performance
    if performance is None:
        return [
            "The predictions have no labels: accuracy and the other measures, the confusion matrix,"
            " calibration, accuracy against coverage, the comparison of groups, and labels worth a"
            " second look cannot be shown."
        ]
    if not performance.unlabelled:
        return []
    total, labelled = len(findings.scores), len(performance.scores)
    return [
        f"{performance.unlabelled:,} of {counted(total, 'prediction')}"
        f" {'has' if performance.unlabelled == 1 else 'have'} no label. The measures, the classes,"
        " the confusion matrix, calibration, accuracy against coverage, the groups and the labels"
        f" worth a second look are over the {labelled:,} with one{_without_labels(findings)}."
    ]


def _without_labels(findings: Findings) -> str:
    """Say what needs no labels."""
    if not findings.weighted:
        return ""
    return (
        f"; the tests of {terms(findings.weights).the} do not need labels and are over labelled and"
        " unlabelled examples alike"
    )


def word_kinds(findings: Findings) -> dict[bool | None, str]:
    """Return how the title of words goes on: right, wrong, no label; empty where none has one."""
    if findings.performance is None:
        return {None: ""}
    kinds: dict[bool | None, str] = {True: ", right", False: ", wrong"}
    return {**kinds, None: ", no label"} if findings.performance.unlabelled else kinds


def drawn_kinds(findings: Findings) -> dict[bool | None, str]:
    """Return the kinds of words that the chart has room for: of three, those with a label.

    Where their words are too few, it shows those of the examples without one.
    """
    kinds, found = word_kinds(findings), [*findings.words.items(), *findings.moves.items()]
    if len(kinds) < 3:
        return kinds
    labelled = any(used for (_, kind), used in found if kind is not None)
    return {kind: title for kind, title in kinds.items() if (kind is not None) == labelled}
