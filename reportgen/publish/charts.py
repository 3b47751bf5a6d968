"""Draw the charts of a report as SVG files, each with its title and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.analysis.findings import Findings
from reportgen.publish.report import Report
from reportgen.publish.words import captions
from reportgen.records import ModelInfo

if TYPE_CHECKING:
    from reportgen.figures.charts import Theme

__all__ = ["Chart", "Figure", "write_charts"]

SLICES, PANELS = 12, 3  # shown in a chart


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart as the templates name it: the stem of its files in assets/, its title and caption.

    Of one that is ``interactive`` a page draws its own version, so there is no dark file.
    """

    stem: str
    title: str
    reading: str
    wide: bool = False
    interactive: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that can be drawn in a theme."""

    stem: str
    title: str
    reading: str
    draw: Callable[[Theme], bytes]
    wide: bool = False
    interactive: bool = False

    @property
    def figure(self) -> Figure:
        """What the templates show of it."""
        return Figure(self.stem, self.title, self.reading, self.wide, self.interactive)


def write_charts(report: Report) -> list[Figure]:
    """Draw every chart for light pages and for dark ones; return them in their order."""
    from reportgen.figures.charts import DARK, LIGHT

    figures = []
    for chart in charts(report):
        for theme in (LIGHT,) if chart.interactive else (LIGHT, DARK):
            target = report.folder / "assets" / f"{chart.stem}-{theme.name}.svg"
            target.write_bytes(chart.draw(theme))
        figures.append(chart.figure)
    return figures


def charts(report: Report) -> Iterator[Chart]:
    """Yield the charts for which the findings have numbers."""
    yield from _of_confidence(report.findings)
    yield from _of_attention(report.findings)
    yield from _of_training(report.info.model)
    yield from _of_groups(report.findings)


def _of_confidence(findings: Findings) -> Iterator[Chart]:
    from reportgen.figures import charts as draw
    from reportgen.figures import evidence

    yield Chart(
        "confidence",
        "Confidence",
        captions.read_confidence(findings.scores),
        lambda theme: draw.histogram(*findings.histogram, theme),
        interactive=True,
    )
    yield Chart(
        "confusion",
        "Confusion matrix",
        captions.read_confusion(findings.quality),
        lambda theme: draw.confusion(findings.quality, theme),
        interactive=True,
    )
    yield Chart(
        "reliability",
        "Calibration",
        captions.read_calibration(findings),
        lambda theme: draw.reliability(findings.calibration, theme),
    )
    yield Chart(
        "coverage",
        "Accuracy against coverage",
        captions.read_coverage(findings),
        lambda theme: evidence.coverage_curve(findings.coverage, theme),
    )


def _of_attention(findings: Findings) -> Iterator[Chart]:
    from reportgen.figures import evidence

    faithfulness = findings.faithfulness
    if faithfulness is not None and faithfulness.examples:
        yield Chart(
            "removal",
            "Is the attention faithful?",
            captions.read_removal(faithfulness),
            lambda theme: evidence.removal(faithfulness, theme),
        )


def _of_training(model: ModelInfo) -> Iterator[Chart]:
    from reportgen.figures import charts as draw

    log = [row for row in model.training_log if _drawable(row)]
    best = model.training.get("best")
    if log:
        yield Chart(
            "training",
            "Training",
            captions.read_training(log, best),
            lambda theme: draw.training_curve(log, best, theme),
        )


def _of_groups(findings: Findings) -> Iterator[Chart]:
    from reportgen.figures import evidence

    worst = findings.slices[:SLICES]
    if worst:
        yield Chart(
            "slices",
            "Where it fails",
            captions.read_slices(findings),
            lambda theme: evidence.slice_chart(worst, findings.quality.accuracy, theme),
            wide=True,
        )
    panels = [
        (f"predicted {name}, right", used)
        for (name, right), used in findings.words.items()
        if right and used
    ][:PANELS]
    if panels:
        yield Chart(
            "words",
            "Most-attended words",
            captions.read_words(panels),
            lambda theme: evidence.word_chart(panels, theme),
            wide=True,
        )


def _drawable(row: Mapping[str, Any]) -> bool:
    keys = ("epoch", "train_loss", "valid_loss", "valid_accuracy")
    return all(isinstance(row.get(key), int | float) for key in keys)
