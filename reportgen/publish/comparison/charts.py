"""Draw the charts of a comparison: differences with intervals, and curves over each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.analysis.comparison import ALPHA, Comparison
from reportgen.analysis.intervals import LEAST
from reportgen.publish.charts import Chart, Figure, draw_charts
from reportgen.publish.words import differences as words
from reportgen.publish.words.numbers import unbroken

if TYPE_CHECKING:
    from reportgen.figures.comparison import ForestRow

__all__ = ["write_charts"]

SLICES = 16  # groups that are drawn, those with the largest differences
LEFT_OUT = ("log_loss", "macro_recall")  # of another scale; the balanced accuracy by another name


def write_charts(found: Comparison, folder: Path) -> list[Figure]:
    """Draw every chart into ``assets`` of a folder, for light pages and for dark ones."""
    return draw_charts(charts(found), folder)


def charts(found: Comparison) -> Iterator[Chart]:
    """Yield the charts for which the comparison has numbers; none where all is the same."""
    from reportgen.figures import comparison as draw

    if not found.differences or all(found.identical):
        return
    drawn = range(min(len(found.names), draw.DRAWN))
    names = [f"{found.letters[run]} {found.names[run]}" for run in drawn]
    letters = [found.letters[run] for run in drawn]
    measures = list(_of_measures(found, len(letters)))
    if measures:
        yield Chart(
            "differences",
            words.FOREST_TITLE,
            words.read_forest(found, len(letters)),
            lambda theme: draw.forest(measures, letters, theme),
            wide=True,
            alt=words.FOREST_ALT,
        )
    curves = found.curves[: len(letters)]
    yield Chart(
        "reliability",
        words.RELIABILITY_TITLE,
        words.read_reliability(found, names),
        lambda theme: draw.reliabilities([c.calibration for c in curves], letters, theme),
        alt=words.RELIABILITY_ALT,
    )
    yield Chart(
        "coverage",
        words.COVERAGE_TITLE,
        words.read_coverage(found, names),
        lambda theme: draw.coverages([c.coverage for c in curves], letters, theme),
        alt=words.COVERAGE_ALT,
    )
    slices = list(_of_slices(found))
    if slices:
        yield Chart(
            "slices",
            words.SLICES_TITLE,
            words.read_slices(found, len(slices)),
            lambda theme: draw.forest(slices, letters, theme),
            wide=True,
            alt=words.SLICES_ALT,
        )


def _of_measures(found: Comparison, drawn: int) -> Iterator[ForestRow]:
    """Yield the measures of all classes, turned so that more is better."""
    from reportgen.figures.comparison import ForestRow

    enough = found.matched.labelled >= LEAST
    kept = [d for d in found.differences if "." not in d.key and d.key not in LEFT_OUT]
    for key in dict.fromkeys(d.key for d in kept):
        for d in kept:
            if d.key == key and d.run < drawn and not math.isnan(d.low):
                loss, least, most = d.loss
                marked = enough and d.adjusted < ALPHA
                yield ForestRow(d.title, d.run, -loss, -most, -least, marked)


def _of_slices(found: Comparison) -> Iterator[ForestRow]:
    """Yield the groups of two runs with the largest differences, the largest losses first."""
    from reportgen.figures.comparison import ForestRow

    if len(found.names) != 2:
        return
    chosen = sorted(found.slices, key=lambda s: (not s.stands_out, -abs(s.value)))[:SLICES]
    for s in sorted(chosen, key=lambda s: (s.value, s.group, s.name)):
        label = unbroken(f"{s.group}: {s.name} ({s.count:,})")
        yield ForestRow(label, s.run, s.value, *s.interval, s.stands_out)
