"""Collect reviewers' answers to a run into a folder beside it: from files to a finished summary."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reportgen.analysis.raters import Coefficient
from reportgen.analysis.reviews import SPLIT, UNDECIDED, Opinion
from reportgen.errors import ArchiveError, UsageError
from reportgen.progress import Progress, Silent
from reportgen.publish.archive import (
    json_bytes,
    new_folder,
    run_digest,
    run_size,
    run_time,
)
from reportgen.publish.html.styles import copy_styles
from reportgen.publish.html.templates import POLICY, render
from reportgen.publish.indexing import refresh_index
from reportgen.publish.pdf.document import AttachedFile, Document, write_pdf
from reportgen.publish.tables import finite, write_csv
from reportgen.publish.words.notes import name_glyphs
from reportgen.publish.words.numbers import counted
from reportgen.publish.words.questions import SHADING, Question
from reportgen.review.reading import Reviewer, read_answers, reviewers
from reportgen.review.source import open_run
from reportgen.review.summary import Review, ReviewSummary, csv_rows, measured, opinions, summarize
from reportgen.versions import versions

__all__ = ["Collected", "collect"]

EXISTS = "a review stands there already; choose another --out, or move it away"
SCHEMA = 1  # of review.json
STYLE = "collected.css"
PAGE, PDF, ROWS, NUMBERS = "index.html", "review.pdf", "reviews.csv", "review.json"


@dataclass(frozen=True, slots=True)
class Collected:
    """A finished review: where it stands, what it found, its bytes, the sha256 of its manifest."""

    folder: Path
    headline: str
    size: int
    digest: str


def collect(
    run: Path, files: Sequence[Path], out: Path | None = None, progress: Progress | None = None
) -> Collected:
    """Read the answers in these files and write the review of a run, by default beside it.

    Raises:
        ReviewError: a file cannot be read, is of another run, or contradicts another.
        ReportgenError: the run is none, the review exists, or it cannot be written.
    """
    progress = progress or Silent()
    if not files:
        raise UsageError("no file of answers is given")
    with open_run(run) as source:
        place = out or _beside(source.folder)
        inside = place.resolve().is_relative_to(source.folder.resolve())
        if inside:
            raise UsageError(
                f"{place}: lies in the run, which is never changed; choose another --out"
            )
        if place.exists():  # said before the files are read
            raise ArchiveError(f"{place}: {EXISTS}")
        ids = frozenset(source.predictions.ids)
        tracked = progress.track(files, "answers", len(files), "files")
        sheets = [read_answers(file, source.hash, ids) for file in tracked]
        people = reviewers(sheets)
        for line in _notes(people):
            progress.say(line)
        inputs = {
            "format": 1,
            "review": {
                "run": source.hash,
                "files": [{"name": Path(s.file).name, "sha256": s.sha256} for s in sheets],
            },
            "versions": {**versions(), "pypdf": version("pypdf")},
        }
        with new_folder(place, inputs, EXISTS) as folder:
            review = measured(source, people, _link(source.folder, place))
            headline = _write(review, folder, progress)
        refresh_index(source.folder, progress)
    return Collected(place, headline, run_size(place), run_digest(place))


def _beside(run: Path) -> Path:
    """Return where the review of a run stands where nothing else is asked."""
    named = run if run.name not in ("", "..") else run.resolve()  # "." and ".." name no folder
    return named.with_name(f"{named.name}-review")


def _notes(people: Sequence[Reviewer]) -> Iterator[str]:
    """Say which files were put together, and which name no reviewer."""
    for person in people:
        if len(person.files) > 1:
            yield f"{person.name}: {counted(len(person.files), 'file')} put together"
        elif not person.named:
            yield f"warning: {person.files[0]} names no reviewer; called {person.name} here"


def _link(run: Path, place: Path) -> str | None:
    """Return the address of the run's folder from that of the review."""
    with suppress(ValueError):  # another drive
        relative = os.path.relpath(run.resolve(), place.resolve())
        return quote(Path(relative).as_posix())
    return None


def _write(review: Review, folder: Path, progress: Progress) -> str:
    """Write every file of the review into its folder and return its headline.

    Raises:
        RenderError: the page or the PDF cannot be made.
    """
    time, places = run_time(), review.remarks
    rows = review.run.predictions.rows(places, folder / ".rows.arrow")
    try:
        texts = list(rows.texts(places)) if places else []
    finally:
        rows.close()
    summary = summarize(review, texts, time, version("reportgen"))
    with (folder / ROWS).open("w", encoding="utf-8", newline="") as file:
        write_csv(file, csv_rows(review))
    (folder / NUMBERS).write_bytes(json_bytes(finite(_numbers(review, summary))))
    copy_styles(folder, STYLE)
    shared = {"report": summary, "policy": POLICY, "paper": review.run.paper}
    page, printed = (
        render("collected.html.j2", {**shared, "print": on_paper}) for on_paper in (False, True)
    )
    (folder / PAGE).write_text(page, encoding="utf-8")
    attached = [
        AttachedFile(ROWS, (folder / ROWS).read_bytes(), "Every answer"),
        AttachedFile(NUMBERS, (folder / NUMBERS).read_bytes(), "Every number of this summary"),
    ]
    document = Document(printed.replace("\xa0", " "), folder, {}, attached, time)
    missing = write_pdf(document, folder / PDF)
    if missing:
        progress.say(
            f"warning: no installed font has {counted(len(missing), 'character')} of {PDF}"
            f" ({name_glyphs(missing)}); {PAGE} has them"
        )
    return summary.headline


def _numbers(review: Review, summary: ReviewSummary) -> dict[str, Any]:
    """Return what review.json holds."""
    run, found, ids = review.run, review.found, review.run.predictions.ids
    by_test = {
        result.value if result else "not tested": list(counts)
        for result, counts in found.by_test.items()
    }
    return {
        "schema": SCHEMA,
        "run": run.hash,
        "headline": summary.headline,
        "lede": summary.lede,
        "examples": len(ids),
        "answered": len(review.answered),
        "reviewers": [
            {
                "name": person.name,
                "dates": list(person.dates),
                "files": [Path(file).name for file in person.files],
                "offered": person.offered,
                "answered": len(person.answers),
                **{question.key: person.given(question.key) for question in review.asked},
            }
            for person in review.reviewers
        ],
        **{q.key: _opinion(q, opinion, ids) for q, opinion in opinions(review).items()},
        "label_errors": [ids[i] for i in found.errors],
        "rejected_predictions": [ids[i] for i in found.rejected],
        "accuracy_reported": run.accuracy and run.accuracy[0],
        "accuracy_reviewed": found.accuracy and asdict(found.accuracy),
        "second_look": asdict(found.second_look),
        **({"shading_by_test": by_test} if SHADING in review.asked else {}),
    }


def _opinion(question: Question, opinion: Opinion, ids: Sequence[str]) -> dict[str, Any]:
    answers = question.answers
    names = {UNDECIDED: None, SPLIT: "no majority", **dict(enumerate(answers))}
    coefficient: Coefficient | None = opinion.agreement.coefficient
    return {
        "agreement": {
            **asdict(opinion.agreement),
            "coefficient": coefficient and coefficient.value,
        },
        "answers": dict(zip(answers, opinion.counts, strict=True)),
        "least_answers": opinion.least,
        "majority": {
            id_: names[int(kind)]
            for id_, kind in zip(ids, opinion.majority, strict=True)
            if kind != UNDECIDED
        },
    }
