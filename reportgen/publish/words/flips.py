"""What the gallery of a comparison says: its cards, its sections, how they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from reportgen.analysis.comparison import Comparison, SliceDifference
from reportgen.analysis.ordering import Section
from reportgen.figures.scales import Scale
from reportgen.publish.archive import RUN_ID
from reportgen.publish.words.comparison import groups
from reportgen.publish.words.legend import reading_help
from reportgen.publish.words.measures import difference
from reportgen.publish.words.notes import shown_of
from reportgen.publish.words.numbers import counted, decimal, interval, percent
from reportgen.publish.words.opening import Fact
from reportgen.publish.words.weights import terms
from reportgen.records import Weights

__all__ = [
    "GROUPS_LEFT", "NOT_SAID", "date_of", "description", "document", "facts", "groups_title",
    "heading", "help_with", "kind", "meaning", "predicted_by", "rest", "verdict", "volume_heading",
]  # fmt: skip

# The sign of what became of an example and its name, by the key of its section; what it means.
VERDICTS = {
    "broken": ("✕", "Broken", "Right in A, wrong in B."),
    "fixed": ("✓", "Fixed", "Wrong in A, right in B."),
    "changed": ("✕", "Changed, still wrong", "Wrong in both, with another answer."),
    "all-wrong": ("✕", "All wrong", "Wrong in every run."),
    "differ": ("?", "Other answers", "Without a label; the answers of the runs differ."),
}
GROUPS_LEFT = "The groups with the largest losses are listed; metrics.json has all."
EQUAL = "the same predictions"
NONE_LISTED = "No shared example belongs in the gallery: comparison.csv lists all of them."
NOT_SAID = "not said"  # of a run, where the others say it
ONLY = "only-"  # begins the key of what one run alone gets right


def _known(change: str) -> tuple[str, str, str]:
    letter = change.removeprefix(ONLY)[:1]
    only = ("✓", f"Only {letter} right", f"Right in {letter}, wrong in every other run.")
    return VERDICTS.get(change, only)


def verdict(change: str) -> tuple[str, str]:
    """Return the sign and the name of a change, by the key of its section."""
    return _known(change)[:2]


def meaning(change: str) -> str:
    """Say what a change means."""
    return _known(change)[2]


def description(verdict: str, answers: Sequence[tuple[str, str, float]], label: str | None) -> str:
    """Say in a line what the runs predict: of each its letter, its answer, its confidence."""
    told = [f"{letter} {answer} {decimal(confidence)}" for letter, answer, confidence in answers]
    end = "no label" if label is None else f"label {label}"
    return f"{verdict}: {', '.join([*told, end])}"


def _order(section: Section) -> str:
    answer = "answer" if section.key == "differ" else "wrong answer"
    return f"most confident {answer} first"


def heading(section: Section, first: int, last: int, shared: int) -> str:
    """Say how many examples a section has, and which of them stand here."""
    total = len(section)
    text = f"{section.whole:,} of {counted(shared, 'shared example')}"
    if not total:
        return text
    if section.whole > total:
        text += f", {total:,} of these in the sample"
    here = "all shown here" if (first, last) == (1, total) else f"{first:,} to {last:,} shown here"
    return f"{text}; {here}, {_order(section)}"


def volume_heading(section: Section, first: int, last: int, shared: int) -> str:
    """Say which examples of a section stand in the PDF, and in which order."""
    if not last:
        return heading(section, first, last, shared)
    return f"showing {shown_of(section, first, last)}, {_order(section)}"


def rest(shown: int, listed: int, shared: int, seed: int) -> str:
    """Say which of the shared examples the gallery shows, and where the others are."""
    if not listed:
        return NONE_LISTED
    text = f"The gallery shows {shown:,} of {counted(shared, 'shared example')}"
    if shown < listed:
        text += f": a random sample, with seed {seed}, of the {listed:,} in the sections below"
    return f"{text}; comparison.csv lists every one with the predictions of all runs."


def document(shown: int, gallery: int, shared: int) -> str:
    """Say which of the examples the PDF shows, as they are shared out, and where the others are."""
    if not gallery:
        return NONE_LISTED
    text = f"This document shows {shown:,} of the {counted(gallery, 'example')} of the gallery"
    text += f" ({counted(shared, 'example')} shared by the runs)"
    if shown == gallery:
        return f"{text}. The HTML pages show the same ones."
    return (
        f"{text}, of each section the first in its order. Half of the places are for the first"
        " section, the other half shared evenly by the others; what a section is too small to fill"
        " goes to the others. The HTML pages show the whole gallery."
    )


def help_with(
    letters: str, weights: Sequence[Weights | None], scales: Sequence[Scale], unknown: bool
) -> str:
    """Explain the shades of a card, whose texts are shaded by the weights of each run."""
    told = "In each card the text of a run is shaded by the weights of that run alone."
    by_kind: dict[str, str] = {}
    for letter, of, scale in zip(letters, weights, scales, strict=True):
        text = reading_help(unknown, terms(of), scale)
        by_kind[text] = f"{by_kind[text]}, {letter}" if text in by_kind else letter
    if len(by_kind) == 1:
        return f"{told} {next(iter(by_kind))}"
    return " ".join([told, *(f"{of}: {text}" for text, of in by_kind.items())])


def predicted_by(letter: str) -> str:
    """Name the filter by the predictions of a run."""
    return f"Predicted by {letter}"


def date_of(name: str) -> str:
    """Return the day of a run by the name of its folder; a dash where that does not say it."""
    known = RUN_ID.fullmatch(name)
    if not known:
        return "–"
    time = datetime.strptime(name[:8], "%Y%m%d")
    return f"{time.day} {time:%B %Y}"


def kind(letters: str) -> str:
    """Say what the page is, beside its date."""
    return f"comparison of {'A and B' if len(letters) == 2 else f'{len(letters)} runs'}"


def groups_title(of: Sequence[SliceDifference]) -> str:
    """Name the table of groups, and say in how many of them the runs differ."""
    clear = groups([s for s in of if s.stands_out])
    return f"By group: the runs differ in {clear:,} of {counted(groups(of), 'group')}"


def facts(found: Comparison) -> Iterator[Fact]:
    """Yield the key figures: the accuracy of every run, and what sums them up."""
    for letter, of in zip(found.letters, found.measures, strict=False):
        accuracy = of["accuracy"]
        ends = interval((accuracy.low, accuracy.high))
        note = f"95 % interval {ends} ({accuracy.method})"
        yield Fact(f"Accuracy of {letter}", percent(accuracy.value), note)
    if not found.measures:
        which = "both" if len(found.names) == 2 else "all"
        note = f"{found.agreed:,} of {counted(len(found), 'example')}"
        yield Fact(f"Same answer of {which} runs", percent(found.agreed / len(found)), note)
    elif len(found.names) == 2:
        d = next(d for d in found.differences if d.key == "accuracy")
        value, ends = difference(d.key, d.value, (d.low, d.high))
        note = EQUAL if all(found.identical) else f"95 % interval {ends} ({d.method})"
        yield Fact("Difference in accuracy, B − A", value, note)
    else:
        wrong, *_, right = found.right_in
        note = f"of {counted(found.matched.labelled, 'example')}"
        yield Fact("Right in all runs", f"{right:,}", note)
        yield Fact("Wrong in all runs", f"{wrong:,}", note)
