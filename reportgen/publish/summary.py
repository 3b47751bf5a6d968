"""Put a report into words: all that its templates show beside the cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reportgen.analysis.certainty import PredictedClass
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import ClassQuality, Quality
from reportgen.analysis.performance import Performance
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordMove
from reportgen.publish.charts import LEAST_WORDS, Figure, few_words, word_classes
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words import columns, notes
from reportgen.publish.words.attention import attention, title
from reportgen.publish.words.captions import MATRIX
from reportgen.publish.words.labels import missing_labels, noun, word_kinds
from reportgen.publish.words.legend import Sign, legend, reading_help
from reportgen.publish.words.measures import ends, value
from reportgen.publish.words.numbers import small, unbroken
from reportgen.publish.words.opening import Fact, facts, headline, lede
from reportgen.publish.words.provenance import provenance, tested
from reportgen.publish.words.weights import Terms, lacking, terms, word_heads, words_title
from reportgen.records import Skipped

__all__ = ["LabelError", "Summary", "measure_rows", "summarize"]

CLASSES = 100  # that are listed
WORD_CLASSES = 12  # whose words are listed


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
    """The words of the right, the wrong or the unlabelled predictions of a class.

    ``attended`` are words with their weight and occurrences.
    """

    title: str
    attended: tuple[tuple[str, str, int], ...]
    moved: tuple[WordMove, ...]

    @property
    def filled(self) -> bool:
        """Whether it has any word."""
        return bool(self.attended or self.moved)


@dataclass(frozen=True, slots=True)
class Results:
    """What the labels show: tables of classes, measures, groups, and labels that may be wrong."""

    classes: tuple[ClassQuality, ...]
    classes_caption: str
    classes_note: str | None
    measures: tuple[tuple[str, str, str, str], ...]
    measures_note: str
    slices: tuple[Slice, ...]
    slices_note: str
    label_errors: tuple[LabelError, ...]
    label_errors_total: int
    label_errors_note: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What was tested, how good it is, how sure that is, and where it comes from.

    ``results`` is None where no example has a label; ``unlabelled`` counts those without one.
    ``unit`` is what a text is counted in, ``called`` what its tokens are called.
    """

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
    results: Results | None
    unlabelled: int
    class_names: tuple[str, ...]
    predicted: tuple[PredictedClass, ...]
    predicted_note: str | None
    attention: tuple[str, ...]
    attention_title: str
    words: tuple[WordRow, ...]
    words_title: str
    words_heads: tuple[str, ...]
    words_note: str | None
    tested: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    versions: dict[str, str]
    git: dict[str, Any] | None
    has_unknown: bool
    reading_help: str
    legend: tuple[Sign, ...]
    signed: bool
    weighted: bool
    unit: str
    called: str
    sample_note: str | None


def summarize(
    report: Report,
    charts: Sequence[Figure],
    drawn: Drawn,
    unprintable: frozenset[str] = frozenset(),
) -> Summary:
    """Put the findings into words; every number in them was computed before.

    ``unprintable`` are the characters of the PDF that no installed font has.
    """
    run, info, findings = report.run, report.info, report.findings
    performance, words = findings.performance, terms(findings.weights, findings.unit)
    has_unknown = report.predictions.unknown_tokens is not None
    rows = list(_words(findings, words))
    return Summary(
        experiment=run.experiment,
        split=info.data.split,
        date=f"{run.time.day} {run.time:%B %Y}",
        timestamp=f"{run.time:%Y-%m-%dT%H:%M:%SZ}",
        run_id=run.id,
        run_hash=run.hash,
        headline=headline(info.data, findings),
        lede=unbroken(lede(findings)),
        facts=tuple(replace(fact, note=unbroken(fact.note)) for fact in facts(findings)),
        charts=tuple(charts),
        results=_results(report, performance) if performance else None,
        unlabelled=report.unlabelled,
        class_names=info.classes,
        predicted=tuple(_predicted(findings.certainty.classes)),
        predicted_note=notes.predicted(len(info.classes), CLASSES),
        attention=tuple(map(unbroken, attention(findings))),
        attention_title=title(findings),
        words=tuple(row for row in rows if row.filled),
        words_title=words_title(findings),
        words_heads=word_heads(findings),
        words_note=_words_note(findings, rows),
        tested=tuple(tested(report.predictions, performance)),
        provenance=(*provenance(report.predictions, performance), *_language(report)),
        missing=(
            *missing_labels(findings),
            *_absent(report, words),
            *_too_few(performance),
            *_columns_left_out(report, performance),
            *_few_words(findings, words),
            *notes.unlocated(drawn.unlocated, len(report.indices)),
            *notes.shared(drawn.shared, len(report.indices)),
            *notes.missing_glyphs(drawn.missing, unprintable),
        ),
        skipped=info.data.skipped,
        versions={**report.inputs["versions"], **info.versions},
        git=report.inputs["git"],
        has_unknown=has_unknown,
        reading_help=reading_help(has_unknown, words, report.cards.scale, findings.weighted),
        legend=tuple(legend(findings, has_unknown, report.cards.scale)),
        signed=words.signed,
        weighted=findings.weighted,
        unit=report.predictions.unit,
        called=findings.unit,
        sample_note=notes.gallery_sample(len(report.indices), len(report.predictions), report.seed),
    )


def _language(report: Report) -> list[tuple[str, str]]:
    """Return what is known of the language of the texts, by its name."""
    said = columns.language(report.options.language, report.predictions.extra)
    return [("Language of the texts", said)] if said else []


def _absent(report: Report, words: Terms) -> list[str]:
    """Name the columns that the table lacks, and those that say nothing without them."""
    missing = notes.missing_columns(lacking(_columns(report.predictions.missing), words))
    return [*missing, *columns.unused(report.predictions.unused)]


def _columns(missing: Mapping[str, str]) -> dict[str, str]:
    """Return the columns whose lack is told by name; labels have a sentence of their own."""
    return {name: what for name, what in missing.items() if name != "label"}


def _results(report: Report, performance: Performance) -> Results:
    """Put what the labels show into words."""
    many = len(report.info.classes) > MATRIX
    label_errors = tuple(_label_errors(report, performance))
    tests = performance.slices[0].tests if performance.slices else 0
    return Results(
        classes=tuple(_classes(performance.quality)),
        classes_caption=notes.classes_caption(performance),
        classes_note=notes.classes(len(report.info.classes), CLASSES),
        measures=tuple(measure_rows(performance.measures.values(), many)),
        measures_note=notes.measures(performance.quality, many, noun(performance)),
        slices=tuple(replace(s, name=unbroken(s.name)) for s in performance.slices),
        slices_note=unbroken(notes.slices(tests, noun(performance))),
        label_errors=label_errors,
        label_errors_total=len(performance.label_errors),
        label_errors_note=notes.label_errors(
            len(label_errors), performance.quality, performance.list_precision
        ),
    )


def _too_few(performance: Performance | None) -> list[str]:
    if performance is None:
        return []
    return notes.too_few(performance.quality.examples, performance.slices, noun(performance))


def _columns_left_out(report: Report, performance: Performance | None) -> list[str]:
    """Say what of the data's further columns is neither compared nor filtered by."""
    findings, extra = report.findings, report.predictions.extra
    compared = columns.left_out(findings.left_out, noun(performance)) if performance else []
    many = [name for name in extra if name not in findings.categories]
    return [*compared, *columns.unfiltered(many)]


def _few_words(findings: Findings, words: Terms) -> list[str]:
    """Say why words are not listed, or listed and not drawn, where that is so."""
    if not findings.weighted:
        return []
    classes = word_classes(findings)
    if not classes or not few_words(findings):
        return notes.no_words(classes, words)
    return [notes.few_words(LEAST_WORDS, findings.english, words.units)]


def _predicted(classes: Sequence[PredictedClass]) -> Iterator[PredictedClass]:
    """Yield the classes that are listed, in their order: of many those most often predicted."""
    places = sorted(range(len(classes)), key=lambda i: -classes[i].count)
    for i in sorted(places[:CLASSES]):
        yield classes[i]


def _classes(quality: Quality) -> Iterator[ClassQuality]:
    """Yield the classes that are listed, in their order: of many those with the most examples."""
    places = sorted(range(len(quality.classes)), key=lambda i: -quality.classes[i].support)
    for i in sorted(places[:CLASSES]):
        yield quality.classes[i]


def measure_rows(measures: Iterable[Measure], many: bool) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row a measure; those of each class only where the classes are not many."""
    for measure in measures:
        if not (many and "." in measure.name):
            name, found = measure.name, (measure.low, measure.high)
            yield measure.title, value(name, measure.value), ends(name, found), measure.method


def _label_errors(report: Report, performance: Performance) -> Iterator[LabelError]:
    predictions, scores, names = report.predictions, report.findings.scores, report.info.classes
    for i in performance.label_errors:
        label = int(scores.gold[i])
        yield LabelError(
            id=predictions.ids[i],
            page=report.page_of.get(i),
            anchor=f"ex-{safe_name(predictions.ids[i])}",
            label=names[label],
            predicted=names[int(scores.predicted[i])],
            probability=small(float(predictions.probabilities[i, label])),
        )


def _words_note(findings: Findings, rows: Sequence[WordRow]) -> str | None:
    """Say which classes, and which rows of those that are listed, have no words."""
    without = [row.title for row in rows if not row.filled]
    classes, words = len(word_classes(findings)), terms(findings.weights, findings.unit)
    wordless = len(findings.certainty.classes) - classes
    return notes.words(classes, WORD_CLASSES, without, words, wordless)


def _words(findings: Findings, words: Terms) -> Iterator[WordRow]:
    """Yield the words of each kind of predictions of the listed classes, also where none are."""
    for name in word_classes(findings)[:WORD_CLASSES]:
        for kind, suffix in word_kinds(findings).items():
            attended = [
                (use.word, words.number(use.relative), use.count)
                for use in findings.words[name, kind]
            ]
            moved = findings.moves.get((name, kind), [])
            yield WordRow(f"predicted {name}{suffix}", tuple(attended), tuple(moved))
