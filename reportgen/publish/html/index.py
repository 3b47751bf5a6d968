"""Make the page that lists the runs of an experiment, or of all, as one self-contained file.

The page of all runs also holds what was read of each run, so that the next one reads only the new.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from reportgen.analysis.comparison import LETTERS
from reportgen.characters import legal
from reportgen.publish.html.inline import STYLES, style
from reportgen.publish.html.templates import TEMPLATES, render, single_policy
from reportgen.publish.html.trend import HEIGHT, WIDTH, Picture, picture
from reportgen.publish.past import (
    CONFIDENCE,
    MEASURES,
    PAGE,
    Estimate,
    FlawError,
    PastComparison,
    PastRun,
    record,
)
from reportgen.publish.series import Archive, Known
from reportgen.publish.words import series as words
from reportgen.versions import versions

__all__ = ["MARK", "index_page", "known_runs"]

MARK = 'data-reportgen="index"'  # stands at the beginning of every index
KNOWN = '<script type="application/json" id="known">'
FORMAT = 2  # of what is known; another where other facts are told of a run
OPEN = 3  # sets of examples whose trends are not folded
ODD, FEW = 200, 20  # folders that are named; that are not folded


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure of a run: its value, the ends of its interval, and what it is sorted by."""

    value: str
    ends: str
    sort: str


@dataclass(frozen=True, slots=True)
class Row:
    """A run as the table shows it; ``home`` leads to the index of its experiment."""

    run: PastRun
    experiment: str
    home: str
    iso: str
    date: str
    time: str
    data_note: str
    count_note: str
    model_note: str
    cells: tuple[Cell, ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison as the table shows it; ``runs`` have a letter, a name, and a link or nothing."""

    comparison: PastComparison
    iso: str
    date: str
    time: str
    runs: tuple[tuple[str, str, str], ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure over the runs on the same examples; ``points`` say what each point is."""

    name: str
    title: str
    last: str
    ends: str
    low: str
    high: str
    picture: Picture
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Two or more runs on the same examples, and a trend for each measure of theirs."""

    experiment: str
    run: PastRun
    note: str
    runs: int
    first: str
    last: str
    trends: tuple[Trend, ...]


def index_page(archive: Archive, experiment: str | None = None) -> str:
    """Return the index of all runs, or of those of one experiment, as the text of an HTML file.

    Raises:
        RenderError: the template is broken.
    """
    runs = [run for run in archive.runs if experiment in (None, run.experiment)]
    odd = [entry for entry in archive.odd if experiment in (None, entry.experiment)]
    sets: dict[Any, list[PastRun]] = {}
    for run in runs:
        sets.setdefault((run.experiment, run.examples), []).append(run)
    of_run: dict[str, list[PastComparison]] = {}
    for one in archive.comparisons:
        for hash_ in {hash_ for _, hash_ in one.runs if hash_ is not None}:
            of_run.setdefault(hash_, []).append(one)
    groups = [_group(of) for of in reversed(sets.values()) if len(of) > 1]
    groups.sort(key=lambda group: group.run.id, reverse=True)
    sheet = style((*STYLES, "index.css"))
    script = (TEMPLATES / "index.js").read_text(encoding="utf-8")
    shown, _ = legal(experiment or "")
    values = {
        "mark": Markup(MARK),
        "policy": single_policy(sheet, [script]),
        "version": versions(("reportgen",)).get("reportgen", ""),
        "style": Markup(sheet),
        "script": Markup(script),
        "known": Markup(_known_text(archive.known)) if experiment is None else None,
        "title": words.heading(None if experiment is None else shown),
        "lede": words.range_of(runs, len({r.experiment for r in runs}) if not experiment else None),
        "comparisons_title": words.COMPARISONS,
        "all": experiment is None,
        "heads": [(name, words.TITLES[name]) for name in MEASURES],
        "rows": [_row(run, experiment, of_run) for run in reversed(runs)],
        "comparisons": list(_comparisons(archive, experiment)),
        "groups": groups[:OPEN],
        "more": groups[OPEN:],
        "no_trend": words.no_trend(len(sets), len(groups)),
        "trend_note": words.TREND_NOTE,
        "without_hash": words.WITHOUT_HASH,
        "checked": words.CHECKED,
        "odd": [(_path(e.experiment, e.name), words.reason(e)) for e in odd[:ODD]],
        "few": FEW,
        "odd_title": words.odd_title(len(odd)),
        "odd_more": words.odd_more(len(odd) - ODD),
        "width": WIDTH,
        "height": HEIGHT,
    }
    return render("index.html.j2", values)


def _path(*names: str) -> str:
    return legal("/".join(filter(None, names)))[0]


def _address(*names: str) -> str:
    """Return names as a relative address; a name of the disk may be any bytes."""
    return "/".join(quote(os.fsencode(name), safe="") for name in names)


def _row(
    run: PastRun, experiment: str | None, comparisons: Mapping[str, Sequence[PastComparison]]
) -> Row:
    folder = (run.id,) if experiment else (run.experiment, run.id)
    beside = [(what, (*folder[:-1], f"{run.id}-{what}", PAGE)) for what in run.beside]
    pages = [(page, (*folder, page)) for page in run.pages]
    links = [(words.link(what), _address(*names)) for what, names in pages + beside]
    if of := comparisons.get(run.hash):
        links.append((words.compared(len(of)), _to(of[-1], experiment)))
    return Row(
        run=run,
        experiment=legal(run.experiment)[0],
        home=_address(run.experiment, PAGE),
        iso=f"{run.time:%Y-%m-%dT%H:%M:%SZ}",
        date=words.date(run.time),
        time=f"{run.time:%H:%M}",
        data_note=words.data_note(run.examples),
        count_note=words.count_note(run.examples, run.rows),
        model_note=words.model_note(run.checkpoint),
        cells=tuple(_cell(name, run.estimates.get(name)) for name in MEASURES),
        links=tuple(links),
    )


def _to(run: PastRun | PastComparison, experiment: str | None, page: str = PAGE) -> str:
    """Return the address of a page of a run from the index of all, or of an experiment."""
    up = "../" if experiment is not None and experiment != run.experiment else ""
    within = (run.id, page) if experiment == run.experiment else (run.experiment, run.id, page)
    return up + _address(*within)


def _comparisons(archive: Archive, experiment: str | None) -> Iterator[Compared]:
    """Yield the comparisons, the newest first, with links to those of their runs that are here."""
    runs = {run.hash: run for run in archive.runs}
    for one in reversed(archive.comparisons):
        if experiment in (None, one.experiment):
            yield Compared(
                comparison=one,
                iso=f"{one.time:%Y-%m-%dT%H:%M:%SZ}",
                date=words.date(one.time),
                time=f"{one.time:%H:%M}",
                runs=tuple(
                    (letter, name, _to(runs[hash_], experiment) if hash_ in runs else "")
                    for letter, (name, hash_) in zip(LETTERS, one.runs, strict=False)
                ),
                links=tuple((words.link(page), _to(one, experiment, page)) for page in one.pages),
            )


def _cell(name: str, estimate: Estimate | None) -> Cell:
    if estimate is None:
        return Cell(words.ABSENT, "", "")
    return Cell(words.value(name, estimate), words.ends(name, estimate), repr(estimate.value))


def _group(runs: Sequence[PastRun]) -> Group:
    examples, last = runs[-1].examples, runs[-1]
    names = [name for name in (*MEASURES, CONFIDENCE) if any(name in r.estimates for r in runs)]
    note = [words.data_note(examples), words.count_note(examples, last.rows)]
    return Group(
        experiment=legal(last.experiment)[0],
        run=last,
        note="; ".join(filter(None, note)),
        runs=len(runs),
        first=words.date(runs[0].time),
        last=words.date(last.time),
        trends=tuple(_trend(name, [r for r in runs if name in r.estimates]) for name in names),
    )


def _trend(name: str, runs: Sequence[PastRun]) -> Trend:
    estimates = [run.estimates[name] for run in runs]
    drawn = picture(estimates)
    last = estimates[-1]
    return Trend(
        name=name,
        title=words.TITLES[name],
        last=words.value(name, last),
        ends=words.ends(name, last),
        low=words.value(name, Estimate(drawn.low, None, None)),
        high=words.value(name, Estimate(drawn.high, None, None)),
        picture=drawn,
        points=tuple(words.point(name, runs[i]) for *_, i in drawn.points),
    )


def _known_text(known: Known) -> str:
    """Write what is known of runs as JSON that no page takes for anything else."""
    runs = [[*place, state, facts] for place, (state, facts) in known.items()]
    text = json.dumps({"format": FORMAT, "runs": runs}, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def known_runs(page: str) -> Known:
    """Return what the page of all runs knows; nothing where it is damaged or of another format."""
    text = page.partition(KNOWN)[2].partition("</script>")[0]
    known = {}
    try:
        held = json.loads(text)
        if held["format"] != FORMAT:
            return {}
        for experiment, id_, state, facts in held["runs"]:
            record((experiment, id_), facts, ())
            known[experiment, id_] = state, facts
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, FlawError):
        return {}
    return known
