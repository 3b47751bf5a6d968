"""Put a report into words: all that its templates show beside the cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import ClassQuality, Quality
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordMove, WordUse
from reportgen.publish.charts import Figure, word_classes
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words import notes
from reportgen.publish.words.attention import attention, title
from reportgen.publish.words.captions import MATRIX
from reportgen.publish.words.notes import reading_help
from reportgen.publish.words.numbers import interval, percent, small
from reportgen.publish.words.opening import Fact, facts, headline, lede
from reportgen.publish.words.provenance import provenance
from reportgen.records import Skipped

__all__ = ["LabelError", "Summary", "summarize"]

CLASSES = 100  # that are listed
WORD_CLASSES = 12  # whose words are listed
SHARES = {
    "accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1",
    "accuracy_at_90", "precision", "recall", "f1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelError:
    """A label that may be wrong; ``page`` is None where the gallery lacks the example."""

    id: str
    page: str | None
    anchor: str
    label: str
    predicted: str
    probability: str


@dataclass(frozen=True, slots=True)
class WordRow:
    """The words of the right or of the wrong predictions of a class."""

    title: str
    attended: tuple[WordUse, ...]
    moved: tuple[WordMove, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was tested, how good it is, how sure that is, and where it comes from."""

    experiment: str
    split: str
    date: str
    timestamp: str
    run_id: str
    run_hash: str
    headline: str
    lede: str
    facts: tuple[Fact, ...]
    charts: tuple[Figure, ...]
    classes: tuple[ClassQuality, ...]
    classes_note: str | None
    class_names: tuple[str, ...]
    measures: tuple[tuple[str, str, str, str], ...]
    measures_note: str
    slices: tuple[Slice, ...]
    slices_note: str
    label_errors: tuple[LabelError, ...]
    label_errors_total: int
    label_errors_note: str
    attention: tuple[str, ...]
    attention_title: str
    words: tuple[WordRow, ...]
    words_note: str | None
    provenance: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    versions: dict[str, str]
    git: dict[str, Any] | None
    has_unknown: bool
    reading_help: str
    sample_note: str | None


def summarize(report: Report, charts: Sequence[Figure], drawn: Drawn) -> Summary:
    """Put the findings into words; every number in them was computed before."""
    run, info, findings = report.run, report.info, report.findings
    has_unknown = report.predictions.unknown_tokens is not None
    label_errors = tuple(_label_errors(report))
    return Summary(
        experiment=run.experiment,
        split=info.data.split,
        date=f"{run.time.day} {run.time:%B %Y}",
        timestamp=f"{run.time:%Y-%m-%dT%H:%M:%SZ}",
        run_id=run.id,
        run_hash=run.hash,
        headline=headline(info.data, findings),
        lede=lede(findings),
        facts=tuple(facts(findings)),
        charts=tuple(charts),
        classes=tuple(_classes(findings.quality)),
        classes_note=notes.classes(len(info.classes), CLASSES),
        class_names=info.classes,
        measures=tuple(_measures(findings)),
        measures_note=notes.measures(findings.quality, len(info.classes) > MATRIX),
        slices=tuple(findings.slices),
        slices_note=notes.slices(findings.slices[0].tests if findings.slices else 0),
        label_errors=label_errors,
        label_errors_total=len(findings.label_errors),
        label_errors_note=notes.label_errors(len(label_errors), findings.list_precision),
        attention=tuple(attention(findings)),
        attention_title=title(findings),
        words=tuple(_words(findings)),
        words_note=notes.words(len(word_classes(findings)), WORD_CLASSES),
        provenance=tuple(provenance(report.predictions, findings.quality)),
        missing=(
            *notes.missing_columns(report.predictions.missing),
            *notes.too_few(findings.quality.examples, findings.slices),
            *notes.unlocated(drawn.unlocated, len(report.indices)),
            *notes.shared(drawn.shared, len(report.indices)),
            *notes.missing_glyphs(drawn.missing),
        ),
        skipped=info.data.skipped,
        versions=report.inputs["versions"],
        git=report.inputs["git"],
        has_unknown=has_unknown,
        reading_help=reading_help(has_unknown),
        sample_note=notes.gallery_sample(len(report.indices), len(report.predictions), report.seed),
    )


def _classes(quality: Quality) -> Iterator[ClassQuality]:
    """Yield the classes that are listed, in their order: of many those with the most examples."""
    places = sorted(range(len(quality.classes)), key=lambda i: -quality.classes[i].support)
    for i in sorted(places[:CLASSES]):
        yield quality.classes[i]


def _measures(findings: Findings) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row a measure; those of each class only where the classes are few."""
    many = len(findings.quality.classes) > MATRIX
    for measure in findings.measures.values():
        if not (many and "." in measure.name):
            yield _measure_row(measure)


def _measure_row(measure: Measure) -> tuple[str, str, str, str]:
    if measure.name.split(".")[0] in SHARES:
        ends = interval((measure.low, measure.high))
        return measure.title, percent(measure.value), ends, measure.method
    ends = "–" if isnan(measure.low) else f"{measure.low:.3f} to {measure.high:.3f}"
    value = "–" if isnan(measure.value) else f"{measure.value:.3f}"
    return measure.title, value, ends, measure.method


def _label_errors(report: Report) -> Iterator[LabelError]:
    predictions, scores, names = report.predictions, report.findings.scores, report.info.classes
    for i in report.findings.label_errors:
        label = int(scores.gold[i])
        yield LabelError(
            id=predictions.ids[i],
            page=report.page_of.get(i),
            anchor=f"ex-{safe_name(predictions.ids[i])}",
            label=names[label],
            predicted=names[int(scores.predicted[i])],
            probability=small(float(predictions.probabilities[i, label])),
        )


def _words(findings: Findings) -> Iterator[WordRow]:
    for name in word_classes(findings)[:WORD_CLASSES]:
        for right in (True, False):
            attended = findings.words[name, right]
            moved = findings.moves.get((name, right), [])
            if attended or moved:
                title = f"predicted {name}, {'right' if right else 'wrong'}"
                yield WordRow(title, tuple(attended), tuple(moved))
