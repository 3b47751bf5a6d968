"""Keep the indexes of a folder for reports: a page of all runs, and one of each experiment's.

They stand outside every run and its manifest, and are made anew from the runs' own files. A page is
written under a temporary name and renamed. Nothing is locked: who writes looks again afterwards
whether a run or a review has come meanwhile, and if so writes again. So the last to write knows
them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import ArchiveError, ReportgenError, UsageError
from reportgen.files import open_regular, temporary_folder
from reportgen.progress import Progress
from reportgen.publish.archive import MANIFEST, RUN_ID
from reportgen.publish.html.index import MARK, index_page, known_runs
from reportgen.publish.series import Archive, Experiment, Known, find_runs, read_runs

__all__ = ["Indexed", "refresh_index", "update_index", "write_index"]

INDEX = "index.html"
HEAD = 200  # bytes of an index in which its mark stands


@dataclass(frozen=True, slots=True)
class Indexed:
    """What was written: the page of all runs, and how many runs and other folders it lists."""

    page: Path
    runs: int
    experiments: int
    odd: int
    comparisons: int


def write_index(reports: Path) -> Indexed:
    """Read every run in a folder for reports, and write its index and those of its experiments.

    Raises:
        UsageError: it is not a folder for reports.
        ArchiveError: a page cannot be written, or stands where another program wrote one.
    """
    try:
        found = find_runs(reports)
    except OSError as error:
        raise UsageError(f"{reports}: cannot be read ({error.strerror or error})") from error
    if (reports / MANIFEST).is_file() or any(RUN_ID.fullmatch(e.name) for e in found):
        inside = reports.absolute().parent
        inside = inside.parent if (reports / MANIFEST).is_file() else inside
        raise UsageError(f"{reports}: not a folder for reports; did you mean {inside}?")
    if not any(experiment.runs for experiment in found):
        raise UsageError(f"{reports}: there is no run in it (REPORTS/EXPERIMENT/RUN)")
    archive, problems = _write(reports, None, fresh=True)
    if problems:
        raise ArchiveError(problems[0])
    experiments = len({run.experiment for run in archive.runs})
    return Indexed(
        reports / INDEX, len(archive.runs), experiments, len(archive.odd), len(archive.comparisons)
    )


def update_index(run: Path, progress: Progress) -> None:
    """Write the indexes that list a finished run; whatever goes wrong is only a warning."""
    reports = run.parent.parent
    try:
        _, problems = _write(reports, run.parent.name, fresh=False)
    except Exception as error:  # the run stands, and no fault here may make it fail
        problems = [f"{reports / INDEX}: {error}"]
    for problem in problems:
        progress.say(f"warning: the index lacks this run: {problem}")


def refresh_index(run: Path, progress: Progress) -> None:
    """Write the indexes again where a run is listed already, as for a review beside it.

    A run that was moved elsewhere gets none.
    """
    folder = run.resolve()
    with suppress(OSError):
        if _is_index(folder.parent / INDEX) and _is_index(folder.parent.parent / INDEX):
            update_index(folder, progress)


def _write(reports: Path, only: str | None, *, fresh: bool) -> tuple[Archive, list[str]]:
    """Write the pages until they list what is there; return what could not be written.

    ``only`` is the experiment whose page is written, None for all; ``fresh`` reads every run.
    """
    found = find_runs(reports)
    while True:
        archive = read_runs(reports, found, {} if fresh else _known(reports / INDEX))
        names = [e.name for e in found if e.runs and only in (None, e.name)]
        problems = []
        for name in (*names, None):
            page = reports / (name or "") / INDEX
            try:
                _replace(page, index_page(archive, name))
            except ReportgenError as error:
                problems.append(str(error))
            except OSError as error:
                problems.append(f"{page}: cannot be written ({error.strerror or error})")
        again = find_runs(reports)
        if _listed(again) <= _listed(found):
            return archive, problems
        found = again


def _listed(experiments: Sequence[Experiment]) -> set[tuple[str, ...]]:
    """Return each run with what stands beside it."""
    return {(e.name, run, *e.beside.get(run, ())) for e in experiments for run in e.runs}


def _known(page: Path) -> Known:
    with suppress(OSError, UnicodeDecodeError), open_regular(page) as file:
        return known_runs(file.read().decode())
    return {}


def _replace(page: Path, text: str) -> None:
    """Write an index in the place of an earlier one; no other program's page is replaced."""
    with suppress(FileNotFoundError):
        if not _is_index(page):
            problem = "another program wrote it; move it, or use another folder for reports"
            raise ArchiveError(f"{page}: {problem}")
    with temporary_folder(page.parent) as folder:
        part = folder / page.name
        part.write_text(text, encoding="utf-8")
        part.replace(page)


def _is_index(page: Path) -> bool:
    with open_regular(page) as file:
        return MARK.encode() in file.read(HEAD)
