"""Put the differences between runs into the rows of tables, and say how they were measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportgen.analysis.comparison import ALPHA, Comparison, Difference, SliceDifference
from reportgen.analysis.intervals import LEAST
from reportgen.publish.words.comparison import BALANCED
from reportgen.publish.words.measures import difference, value
from reportgen.publish.words.numbers import counted, decimal, percent, small

__all__ = [
    "COVERAGE_ALT",
    "COVERAGE_TITLE",
    "FOREST_ALT",
    "FOREST_TITLE",
    "MEASURES_NOTE",
    "RELIABILITY_ALT",
    "RELIABILITY_TITLE",
    "SLICES_ALT",
    "SLICES_TITLE",
    "DifferenceCell",
    "MeasureRow",
    "SliceRow",
    "measure_rows",
    "read_coverage",
    "read_forest",
    "read_reliability",
    "read_slices",
    "seed_rows",
    "slice_rows",
    "slices_note",
]

MANY = 12  # classes; of more the measures of each are in metrics.json alone
MEASURES_NOTE = (
    "A difference is the run's value less that of A, on the same examples. Accuracy has Tango's"
    " score interval and McNemar's exact test. Rankings and losses have percentiles of the"
    " difference over 1,000 resamples of the examples (200 where these or the classes are many),"
    " each the same for all runs. The other measures combine the intervals of the two runs by their"
    " correlation over these resamples (MOVER), and so do all where a run has fewer than ten wrong"
    " or ten right answers. Balanced accuracy is the mean recall over classes. Each interval is a"
    " 95 % interval by itself: of many measures a few seem to differ by chance."
)


FOREST_TITLE, FOREST_ALT = (
    "Differences from A",
    "A row a measure: the difference from A with its 95 % interval, better to the right; the"
    " numbers are in the table of measures",
)
RELIABILITY_TITLE, RELIABILITY_ALT = (
    "Calibration",
    "Accuracy against mean confidence for each run, over each other, with 95 % intervals",
)
COVERAGE_TITLE, COVERAGE_ALT = (
    "Accuracy against coverage",
    "Accuracy on the most confident share of the examples for each run, over each other",
)
SLICES_TITLE, SLICES_ALT = (
    "Difference in accuracy by group",
    "A row a group of examples: the difference in accuracy from A with its 95 % interval; the"
    " numbers are in the table of groups",
)


def read_forest(found: Comparison, drawn: int) -> str:
    """Say how the picture of differences is read, and what it leaves out."""
    text = (
        "Each measure is turned so that better than A lies to the right; a filled mark is beyond"
        f" chance{_corrected(found)}. A point is a hundredth. Log loss has another scale and stands"
        " in the table alone."
    )
    return text + _left_out(found, drawn)


def read_reliability(found: Comparison, names: Sequence[str]) -> str:
    """Say how the curves of reliability are read."""
    errors = ", ".join(
        f"{letter} {decimal(of['ece'].value, 3)}"
        for letter, of in zip(found.letters[: len(names)], found.measures, strict=False)
    )
    return (
        "Each mark is a bin of confidences with its 95 % interval (Wilson); on the straight line"
        f" confidence and accuracy are equal. Calibration error: {errors}."
        + _left_out(found, len(names))
    )


def read_coverage(found: Comparison, names: Sequence[str]) -> str:
    """Say how the curves of coverage are read."""
    shares = ", ".join(
        f"{letter} {percent(of['accuracy_at_90'].value)}"
        for letter, of in zip(found.letters[: len(names)], found.measures, strict=False)
    )
    return (
        "Each run answers the examples of which it is most confident itself. Accuracy at 90 %"
        f" coverage: {shares}." + _left_out(found, len(names))
    )


def read_slices(found: Comparison, drawn: int) -> str:
    """Say which groups are drawn, and what a filled mark means."""
    number = len(found.slices)
    which = (
        f"The {drawn} of {number:,} groups with the largest differences"
        if drawn < number
        else "All groups"
    )
    return (
        f"{which}, with the number of their examples; a filled mark is beyond chance after Holm's"
        f" correction over {counted(found.slices[0].tests, 'test')}. The intervals are Tango's, not"
        " corrected."
    )


def _corrected(found: Comparison) -> str:
    return " after Holm's correction over the runs" if len(found.names) > 2 else ""


def _left_out(found: Comparison, drawn: int) -> str:
    number = len(found.names)
    return f" Drawn are {drawn} of {number} runs." if drawn < number else ""


@dataclass(frozen=True, slots=True)
class DifferenceCell:
    """A difference as a table shows it.

    ``mark`` is "better" or "worse", or empty where it is not beyond chance.
    """

    value: str
    ends: str
    p: str
    mark: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure: the value of each run, and the difference of each but the first."""

    title: str
    values: tuple[str, ...]
    differences: tuple[DifferenceCell, ...]


def measure_rows(found: Comparison) -> Iterator[MeasureRow]:
    """Yield a row a measure; those of each class only where the classes are not many.

    The p-values of three or more runs are corrected by Holm's method over the runs.
    """
    enough = found.matched.labelled >= LEAST
    many = len(found.classes) > MANY
    by_key: dict[str, list[Difference]] = {}
    for d in found.differences:
        by_key.setdefault(d.key, []).append(d)
    for key, of in by_key.items():
        if key != BALANCED and not (many and "." in key):
            values = (of[0].first, *(d.second for d in of))
            yield MeasureRow(
                of[0].title,
                tuple(value(key, number) for number in values),
                tuple(_cell(d, enough) for d in of),
            )


def _cell(d: Difference, enough: bool) -> DifferenceCell:
    amount, between = difference(d.key, d.value, (d.low, d.high))
    mark = ""
    if enough and d.adjusted < ALPHA:
        mark = "worse" if d.loss[0] > 0 else "better"
    return DifferenceCell(
        amount, between, "–" if math.isnan(d.adjusted) else small(d.adjusted), mark
    )


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A group of examples as a table shows it; ``run`` is the letter of the run held against A."""

    run: str
    group: str
    name: str
    count: int
    first: str
    second: str
    broken: int
    fixed: int
    cell: DifferenceCell


def slice_rows(found: Comparison) -> Iterator[SliceRow]:
    """Yield the groups, the largest losses first."""
    for s in found.slices:
        yield SliceRow(
            found.letters[s.run], s.group, s.name, s.count, percent(s.first), percent(s.second),
            s.broken, s.fixed, _slice_cell(s),
        )  # fmt: skip


def _slice_cell(s: SliceDifference) -> DifferenceCell:
    amount, between = difference("accuracy", s.value, s.interval)
    mark = ("better" if s.value > 0 else "worse") if s.stands_out else ""
    return DifferenceCell(amount, between, small(s.p), mark)


def slices_note(found: Comparison) -> str:
    """Say which groups are compared and how."""
    if not found.slices:
        return f"No group has {LEAST} labelled examples, so none is compared."
    return (
        f"Groups of {LEAST} labelled examples or more, by the tokens and columns of A. The p-values"
        f" are McNemar's within each group, corrected by Holm's method over"
        f" {counted(found.slices[0].tests, 'test')}; the intervals are Tango's, not corrected."
    )


def seed_rows(found: Comparison) -> Iterator[tuple[str, str, str, str]]:
    """Yield of runs of several seeds a measure's title, mean, standard deviation and range."""
    for s in found.seeds:
        if s.key != BALANCED and "." not in s.key:
            spread, _ = difference(s.key, s.deviation, (0.0, s.most - s.least))
            least, most = value(s.key, s.least), value(s.key, s.most)
            yield s.title, value(s.key, s.mean), spread.lstrip("+"), f"{least} to {most}"
