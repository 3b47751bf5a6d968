"""Put a comparison into words: all that its templates show beside the cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reportgen.analysis.comparison import Outcomes
from reportgen.publish.charts import Figure
from reportgen.publish.comparison.gallery import Gallery
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.words import comparison as told
from reportgen.publish.words import flips as words
from reportgen.publish.words import notes
from reportgen.publish.words.differences import (
    MEASURES_NOTE,
    MeasureRow,
    SliceRow,
    measure_rows,
    seed_rows,
    slice_rows,
    slices_note,
)
from reportgen.publish.words.numbers import unbroken
from reportgen.publish.words.opening import Fact
from reportgen.publish.words.provenance import origin
from reportgen.publish.words.settings import same_tables, settings_that_differ

__all__ = ["FlipSummary", "summarize"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run that is compared, as the first table lists it; ``left_out`` are not shared by all."""

    letter: str
    name: str
    date: str
    model: str
    data: str
    examples: int
    left_out: int


@dataclass(frozen=True, slots=True)
class FlipSummary:
    """What was compared, what differs, how sure that is, and where it comes from.

    The attributes that a report's summary has too are shown by the same templates.
    """

    experiment: str
    date: str
    timestamp: str
    run_id: str
    run_hash: str
    headline: str
    lede: str
    facts: tuple[Fact, ...]
    charts: tuple[Figure, ...]
    letters: str
    kind: str
    runs: tuple[RunRow, ...]
    runs_notes: tuple[str, ...]
    measures: tuple[MeasureRow, ...]
    measures_note: str
    outcomes: tuple[Outcomes, ...]
    seeds: tuple[tuple[str, str, str, str], ...]
    groups: tuple[SliceRow, ...]
    groups_title: str
    groups_note: str
    groups_left: str
    provenance: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    versions: Mapping[str, str]
    git: Mapping[str, Any] | None
    class_names: tuple[str, ...]
    labelled: bool
    has_unknown: bool
    weighted: bool
    called: str
    unit: str
    reading_help: str
    sample_note: str
    split: str = ""
    skipped: tuple[()] = ()


def summarize(
    gallery: Gallery,
    charts: Sequence[Figure],
    drawn: Sequence[Drawn],
    unprintable: frozenset[str] = frozenset(),
) -> FlipSummary:
    """Put what was found into words; every number in them was computed before.

    ``drawn`` is what became apparent while the heatmaps of each run were drawn, ``unprintable`` the
    characters of the PDF that no installed font has.
    """
    run, found, tables = gallery.run, gallery.found, gallery.compared.tables
    unknown = any(table.unknown_tokens is not None for table in tables)
    groups = tuple(sorted(slice_rows(found), key=lambda row: not row.cell.mark))
    return FlipSummary(
        experiment=run.experiment,
        date=f"{run.time.day} {run.time:%B %Y}",
        timestamp=f"{run.time:%Y-%m-%dT%H:%M:%SZ}",
        run_id=run.id,
        run_hash=run.hash,
        headline=told.headline(found),
        lede=unbroken(told.lede(found)),
        facts=tuple(replace(fact, note=unbroken(fact.note)) for fact in words.facts(found)),
        charts=tuple(charts),
        letters=found.letters,
        kind=words.kind(found.letters),
        runs=tuple(_runs(gallery)),
        runs_notes=tuple(filter(None, _differing(gallery))),
        measures=tuple(measure_rows(found)),
        measures_note=unbroken(MEASURES_NOTE),
        outcomes=found.outcomes,
        seeds=tuple(seed_rows(found)),
        groups=groups,
        groups_title=words.groups_title(found.slices),
        groups_note=unbroken(slices_note(found)),
        groups_left=words.GROUPS_LEFT,
        provenance=tuple(_provenance(gallery)),
        missing=tuple(_missing(gallery, drawn, unprintable)),
        versions=gallery.inputs["versions"],
        git=gallery.inputs["git"],
        class_names=found.classes,
        labelled=bool(found.labelled.any()),
        has_unknown=unknown,
        weighted=any(run.maker.weighted for run in gallery.runs),
        called=gallery.runs[0].maker.called,
        unit=gallery.runs[0].maker.unit,
        reading_help=words.help_with(
            found.letters,
            [table.info.weights for table in tables],
            [run.maker.scale for run in gallery.runs],
            unknown,
        )
        if gallery.places
        else "",
        sample_note=words.rest(len(gallery.places), gallery.whole, len(found), gallery.seed),
    )


def _runs(gallery: Gallery) -> Iterator[RunRow]:
    compared, found = gallery.compared, gallery.found
    for letter, source, table in zip(found.letters, compared.sources, compared.tables, strict=True):
        data, model = table.info.data, table.info.model
        yield RunRow(
            letter=letter,
            name=source.name,
            date=words.date_of(source.folder.name if source.folder else source.name),
            model=": ".join(part for part in (model.name, model.description) if part),
            data=f"{data.name}, split {data.split}" if data.split else data.name,
            examples=len(table),
            left_out=len(table) - len(found),
        )


def _differing(gallery: Gallery) -> tuple[str, str]:
    letters, compared = gallery.found.letters, gallery.compared
    return (
        same_tables(letters, [source.sha256 for source in compared.sources]),
        settings_that_differ(letters, [table.info for table in compared.tables]),
    )


def _provenance(gallery: Gallery) -> Iterator[tuple[str, str]]:
    """Yield what is known of the runs: a text where all have the same, else one a run."""
    letters, compared = gallery.found.letters, gallery.compared
    told: dict[str, dict[str, str]] = {}
    for letter, source, table in zip(letters, compared.sources, compared.tables, strict=True):
        run = [("Run", f"sha256 {source.run}")] if source.run else []
        rows = [*run, ("Predictions", f"sha256 {source.sha256}"), *origin(table)]
        for name, text in rows:
            told.setdefault(name, {})[letter] = text
    for name, texts in told.items():
        if len(set(texts.values())) == 1 and len(texts) == len(letters):
            yield name, next(iter(texts.values()))
        else:
            for letter in letters:
                yield f"{name} ({letter})", texts.get(letter, words.NOT_SAID)


def _missing(
    gallery: Gallery, drawn: Sequence[Drawn], unprintable: frozenset[str]
) -> Iterator[str]:
    total = len(gallery.places)
    for letter, of in zip(gallery.found.letters, drawn, strict=True):
        for line in (*notes.unlocated(of.unlocated, total), *notes.shared(of.shared, total)):
            yield f"{letter}: {line}"
    missing = frozenset[str]().union(*(of.missing for of in drawn))
    yield from notes.missing_glyphs(missing, unprintable)
