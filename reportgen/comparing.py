"""Compare runs: from run folders or tables to a comparison in a run folder of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from reportgen.analysis.comparison import LETTERS
from reportgen.analysis.comparison import compare as compare_tables
from reportgen.analysis.matching import Matched
from reportgen.errors import PredictionsError, UsageError
from reportgen.executors import Workers
from reportgen.figures.scales import check as check_shades
from reportgen.options import ReportOptions
from reportgen.pipeline import Execution, Finished, data_name, executor_for, finished, run_inputs
from reportgen.predicting import step
from reportgen.predictions import Predictions, open_predictions
from reportgen.progress import Progress
from reportgen.publish.archive import Run, file_sha256, new_run
from reportgen.publish.comparison.record import Compared, Source
from reportgen.publish.comparison.writing import write_comparison
from reportgen.publish.gate import Margin, check_labels, check_names, worse
from reportgen.publish.report import shown
from reportgen.publish.sealed import open_sealed
from reportgen.publish.words.numbers import counted
from reportgen.workspace import Workspace, experiment_name

__all__ = ["compare", "open_comparison"]

TABLE = "predictions.parquet"


def compare(
    sources: Sequence[Path],
    report: ReportOptions,
    workspace: Workspace,
    execution: Execution,
    margins: Sequence[Margin] = (),
) -> Finished:
    """Compare runs, the baseline first, and write the report of it into a run folder of its own.

    It stands in the experiment of the last run, if none is named.

    Raises:
        ReportgenError: anything that stops it; nothing half-written stays.
    """
    with ExitStack() as stack:
        workers = stack.enter_context(execution.open())
        with step("reading the runs"):
            compared = stack.enter_context(open_comparison(sources, report.slices))
        found = compared.found
        for table in compared.tables:
            check_shades(report.shades, table.info.signed)
        check_names(margins, found.classes)
        check_labels(margins, found.matched.labelled > 0)
        runs = [
            {"run": source.run, "predictions": source.sha256, "name": source.name}
            for source in compared.sources
        ]
        inputs = run_inputs(report, comparison=runs)
        experiment = _experiment(compared, workspace)
        with new_run(workspace.reports, experiment, inputs, latest=False) as target:
            target = replace(target, page=execution.page)
            headline = _write(target, compared, report, inputs, workers, execution.progress)
    broken = worse(found.differences, margins)
    return finished(target, headline, broken, execution.progress)


def _write(
    target: Run,
    compared: Compared,
    report: ReportOptions,
    inputs: Mapping[str, Any],
    workers: Workers,
    progress: Progress,
) -> str:
    """Write the report, by a pool where there are enough examples for it to pay."""
    with (
        step("the comparison", "use fewer --workers, or a smaller --gallery or --pdf-examples"),
        executor_for(workers, shown(report, len(compared.found)), target.folder) as executor,
    ):
        return write_comparison(target, compared, report, inputs, executor, progress)


def _experiment(compared: Compared, workspace: Workspace) -> str:
    """Return the experiment that is named, or else that of the last run, or of its data."""
    folder, table = compared.sources[-1].folder, compared.tables[-1]
    if workspace.experiment is None and folder is not None:
        return experiment_name(folder.parent.name)
    return workspace.experiment_for(data_name(table, compared.sources[-1].name))


@contextmanager
def open_comparison(sources: Sequence[Path], columns: Sequence[str] = ()) -> Iterator[Compared]:
    """Open the runs (run folders or predictions tables), the baseline first, and compare them.

    ``columns`` are further slices of the first one's data.

    Raises:
        UsageError: fewer than two are given, or too many.
        ArchiveError: a folder is no run, or its table is not as its manifest says.
        PredictionsError: a table cannot be read; the runs have other classes; they share nothing.
    """
    if not 2 <= len(sources) <= len(LETTERS):
        given = counted(len(sources), "run")
        raise UsageError(f"{given} given; a comparison takes 2 to {len(LETTERS)}")
    with ExitStack() as stack:
        found: list[Source] = []
        tables: list[Predictions] = []
        for path in sources:
            source, table = _source(path)
            found.append(source)
            tables.append(stack.enter_context(open_predictions(table)))
            _check_classes(path, tables)
        comparison = compare_tables([source.name for source in found], tables, columns)
        if not len(comparison):
            raise PredictionsError(_nothing_shared(sources, comparison.matched))
        yield Compared(tuple(found), tuple(tables), comparison)


def _source(path: Path) -> tuple[Source, Path]:
    """Return what a path leads to, and the file of its table.

    Raises:
        ArchiveError: it is a folder without a run, or its table is not as its manifest says.
    """
    if not path.is_dir() and not (path.name == "latest" and path.is_file()):
        if not path.is_file():
            raise PredictionsError(f"{path}: no such run folder or predictions table")
        if path.suffix == ".zip":
            raise PredictionsError(f"{path}: a zip file; extract it, and name the run's folder")
        return Source(path.name, None, None, file_sha256(path)), path
    run = open_sealed(path)
    table, whole = run.check(TABLE), run.folder.resolve()
    sha256 = run.listed[TABLE]["sha256"]
    return Source(f"{whole.parent.name}/{whole.name}", whole, run.hash, sha256), table


def _check_classes(path: Path, tables: Sequence[Predictions]) -> None:
    """Refuse a table whose classes are not those of the first."""
    first, other = (set(table.info.classes) for table in (tables[0], tables[-1]))
    if first != other:
        parts = [
            f"{verb} {', '.join(sorted(names))}"
            for verb, names in (("lacks", first - other), ("also has", other - first))
            if names
        ]
        raise PredictionsError(
            f"{path}: has other classes than the first run ({' and '.join(parts)}); only runs"
            " with the same classes can be compared"
        )


def _nothing_shared(sources: Sequence[Path], matched: Matched) -> str:
    """Say why nothing can be compared."""
    names = " and ".join(map(str, sources))
    if matched.other_label:
        shared = counted(matched.other_label, "example")
        return f"{names}: share {shared}, but no label of these is the same"
    if matched.other_text:
        shared = counted(matched.other_text, "id")
        return f"{names}: share {shared}, but no text of these is the same"
    return f"{names}: share no example (examples are matched by id and text)"
