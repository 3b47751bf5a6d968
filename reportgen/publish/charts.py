"""Draw the charts of a report as SVG files, each with its title and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.analysis.findings import Findings
from reportgen.analysis.performance import Performance
from reportgen.analysis.words import is_function
from reportgen.publish.report import Report
from reportgen.publish.words import alternatives, captions
from reportgen.publish.words.labels import drawn_kinds, noun
from reportgen.publish.words.numbers import percent, unbroken
from reportgen.publish.words.weights import Terms, terms
from reportgen.records import ModelInfo

if TYPE_CHECKING:
    from reportgen.figures.charts import Theme
    from reportgen.figures.evidence import WordColumn

__all__ = [
    "LEAST_WORDS",
    "Chart",
    "Figure",
    "draw_charts",
    "few_words",
    "word_classes",
    "write_charts",
]

WORD_CLASSES = 6  # shown in the chart of words, with fewer words each where they are more than few
FEW_CLASSES, MANY_WORDS, FEW_WORDS = 3, 8, 5
LEAST_WORDS = 5  # with a meaning; of fewer there is no chart


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart as the templates name it: the stem of its files in assets/, its title and caption.

    Of one that is ``interactive`` a page draws its own version, so there is no dark file. ``alt``
    says what it shows, for those who do not see it.
    """

    stem: str
    title: str
    reading: str
    wide: bool = False
    interactive: bool = False
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that can be drawn in a theme."""

    stem: str
    title: str
    reading: str
    draw: Callable[[Theme], bytes]
    wide: bool = False
    interactive: bool = False
    alt: str = ""

    @property
    def figure(self) -> Figure:
        """What the templates show of it."""
        alt = self.alt or alternatives.CHARTS.get(self.stem, self.title)
        reading = unbroken(self.reading)
        return Figure(self.stem, self.title, reading, self.wide, self.interactive, alt)


def write_charts(report: Report) -> list[Figure]:
    """Draw every chart for light pages and for dark ones; return them in their order."""
    return draw_charts(charts(report), report.folder)


def draw_charts(charts: Iterable[Chart], folder: Path) -> list[Figure]:
    """Draw charts into ``assets`` of a folder, and return what the templates show of them."""
    from reportgen.figures.charts import DARK, LIGHT

    figures = []
    for chart in charts:
        for theme in (LIGHT,) if chart.interactive else (LIGHT, DARK):
            target = folder / "assets" / f"{chart.stem}-{theme.name}.svg"
            target.write_bytes(chart.draw(theme))
        figures.append(chart.figure)
    return figures


def charts(report: Report) -> Iterator[Chart]:
    """Yield the charts for which the findings have numbers."""
    findings, performance = report.findings, report.findings.performance
    yield _confidence(findings)
    if performance:
        yield from _of_labels(performance)
    yield from _of_weights(findings, terms(findings.weights, findings.unit))
    yield from _of_training(report.info.model)
    if performance:
        yield from _of_classes(performance)
        yield from _of_slices(performance, findings.english or not findings.tokenized)
    yield from _of_words(findings)


def _confidence(findings: Findings) -> Chart:
    from reportgen.figures import charts as draw

    return Chart(
        "confidence",
        "Confidence",
        captions.read_confidence(findings.scores),
        lambda theme: draw.histogram(*findings.histogram, theme),
        interactive=True,
    )


def _of_labels(performance: Performance) -> Iterator[Chart]:
    from reportgen.figures import charts as draw
    from reportgen.figures import evidence

    if len(performance.quality.classes) <= draw.FEW:
        yield _confusion(performance)
    yield Chart(
        "reliability",
        "Calibration",
        captions.read_calibration(performance),
        lambda theme: draw.reliability(performance.calibration, theme),
    )
    coverage = performance.coverage
    label = percent(float(coverage.accuracy[coverage.at(0.9)]))
    yield Chart(
        "coverage",
        "Accuracy against coverage",
        captions.read_coverage(performance),
        lambda theme: evidence.coverage_curve(coverage, label, theme),
    )


def _of_classes(performance: Performance) -> Iterator[Chart]:
    from reportgen.figures.charts import FEW

    classes = len(performance.quality.classes)
    if classes > FEW and (classes <= captions.MATRIX or performance.quality.mistakes):
        yield _confusion(performance)  # a wide chart, which would leave a gap among narrow ones


def _confusion(performance: Performance) -> Chart:
    from reportgen.figures import charts as draw

    quality = performance.quality
    classes, mistakes = len(quality.classes), quality.mistakes[: captions.MISTAKES]
    listed = classes > captions.MATRIX
    return Chart(
        "confusion",
        "Most frequent mistakes" if listed else "Confusion matrix",
        captions.read_confusion(quality, noun(performance)),
        lambda theme: draw.mistakes(mistakes, theme) if listed else draw.confusion(quality, theme),
        wide=classes > draw.FEW,
        interactive=True,
        alt=alternatives.confusion(quality, listed, draw.FEW),
    )


def _of_weights(findings: Findings, words: Terms) -> Iterator[Chart]:
    from reportgen.figures import evidence

    faithfulness = findings.faithfulness
    if faithfulness is not None and faithfulness.examples:
        yield Chart(
            "removal",
            words.title,
            captions.read_removal(faithfulness, words),
            lambda theme: evidence.removal(faithfulness, words.name, words.unit, theme),
        )


def _of_training(model: ModelInfo) -> Iterator[Chart]:
    from reportgen.figures import charts as draw

    log = [row for row in model.training_log if _drawable(row)]
    best, valid = model.training.get("best"), model.training.get("validation")
    examples = valid.get("examples") if isinstance(valid, Mapping) else None
    examples = examples if isinstance(examples, int) and examples > 0 else None
    if log:
        yield Chart(
            "training",
            "Training",
            captions.read_training(log, best, examples, model.training.get("finished") is True),
            lambda theme: draw.training_curve(log, best, theme),
        )


def _of_slices(performance: Performance, english: bool) -> Iterator[Chart]:
    from reportgen.figures import evidence

    worst = performance.slices[: captions.SLICES]
    if worst:
        yield Chart(
            "slices",
            "Accuracy by group",
            captions.read_slices(performance, english),
            lambda theme: evidence.slice_chart(worst, performance.quality.accuracy, theme),
            wide=True,
        )


def _of_words(findings: Findings) -> Iterator[Chart]:
    from reportgen.figures import evidence

    classes = word_classes(findings)[:WORD_CLASSES]
    if classes and not few_words(findings):
        columns = _word_columns(findings, classes)
        yield Chart(
            "words",
            f"{findings.unit.capitalize()}s",
            captions.read_words(findings, classes),
            lambda theme: evidence.word_chart(classes, columns, theme),
            wide=True,
        )


def few_words(findings: Findings) -> bool:
    """Say whether the words are hardly any but punctuation and stop words, not worth a chart."""
    said = {use.word for used in findings.words.values() for use in used}
    said |= {move.word for moves in findings.moves.values() for move in moves}
    return sum(not is_function(word, findings.english) for word in said) < LEAST_WORDS


def word_classes(findings: Findings) -> list[str]:
    """Return the classes that have words to show, the most predicted first."""
    kinds = [*findings.words.items(), *findings.moves.items()]
    rich = {name for (name, _), used in kinds if used}
    ordered = sorted(findings.certainty.classes, key=lambda c: -c.count)
    return [c.name for c in ordered if c.name in rich]


def _word_columns(findings: Findings, classes: Sequence[str]) -> list[WordColumn]:
    """Return the columns that have any word: attention and movement, each kind apart."""
    from reportgen.figures.evidence import WordColumn

    most = MANY_WORDS if len(classes) <= FEW_CLASSES else FEW_WORDS
    columns, by_weight = [], terms(findings.weights, findings.unit)
    for kind, suffix in drawn_kinds(findings).items():
        used = [findings.words[name, kind][:most] for name in classes]
        panels = [[(use.word, use.relative) for use in words] for words in used]
        title, even = f"{by_weight.words.capitalize()}{suffix}", 0 if by_weight.signed else 1
        columns.append(WordColumn(title, by_weight.axis, kind, panels, even, findings.unit))
    for kind, suffix in drawn_kinds(findings).items():
        moved = [findings.moves.get((name, kind), [])[:most] for name in classes]
        panels = [[(use.word, use.moved) for use in words] for words in moved]
        title = f"Moved the prediction{suffix}"
        columns.append(WordColumn(title, "probability (sum)", kind, panels, None, findings.unit))
    return [column for column in columns if any(column.panels)]


def _drawable(row: Mapping[str, Any]) -> bool:
    keys = ("epoch", "train_loss", "valid_loss", "valid_accuracy")
    return all(isinstance(row.get(key), int | float) for key in keys)
