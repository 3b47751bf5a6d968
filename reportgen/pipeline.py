"""Run the stages in order: from data to predictions, and from predictions to a run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import check_columns
from reportgen.errors import UsageError
from reportgen.executors import Executor, Workers, open_executor
from reportgen.figures.scales import check as check_shades
from reportgen.files import check_new, new_file
from reportgen.learning import calibrate, train
from reportgen.options import (
    DataOptions,
    PredictOptions,
    ReportOptions,
    TrainingSetup,
)
from reportgen.predicting import (
    SAMPLE_CHECKPOINT,
    SAMPLE_DATA,
    Prepared,
    find_checkpoint,
    prepare,
    step,
    write_table,
)
from reportgen.predictions import Predictions, open_predictions
from reportgen.predictions.schema import legal_pairs
from reportgen.progress import Progress, Silent
from reportgen.publish.archive import (
    Run,
    file_sha256,
    git_state,
    new_run,
    run_digest,
    run_size,
)
from reportgen.publish.gate import Bound, broken, check_labels, check_names
from reportgen.publish.indexing import update_index
from reportgen.publish.report import shown
from reportgen.publish.words.columns import NO_ATTENTION
from reportgen.publish.words.provenance import contradiction
from reportgen.publish.writing import write_report
from reportgen.versions import versions
from reportgen.workspace import Workspace

__all__ = [
    "SAMPLE_CHECKPOINT",
    "SAMPLE_DATA",
    "DataOptions",
    "Execution",
    "Finished",
    "PredictOptions",
    "ReportOptions",
    "TrainingSetup",
    "Workspace",
    "calibrate",
    "find_checkpoint",
    "predict",
    "render",
    "run",
    "train",
]

FEW = 400  # examples; starting workers takes longer than this many take


@dataclass(frozen=True, slots=True)
class Execution:
    """How the work is done, which never changes the result.

    ``workers`` is the number of processes, None for one a processor where that pays. ``scheduler``
    is the address of that of a Dask cluster, which works in their place. ``page`` is a place
    outside of the run for its one-file report, where it has none and it is not too large.
    """

    workers: int | None = 1
    progress: Progress = field(default_factory=Silent)
    scheduler: str | None = None
    page: Path | None = None

    @contextmanager
    def open(self) -> Iterator[Workers]:
        """Connect to the cluster, if there is one, before any work is done.

        Raises:
            ReportgenError: it cannot be used.
        """
        if self.scheduler is None:
            yield self.workers
            return
        from reportgen.cluster import open_cluster

        with open_cluster(self.scheduler, self.progress) as cluster:
            yield cluster


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run: where it stands, its bytes on disk, and what it found, in one sentence.

    ``digest`` is the sha256 of its manifest; ``broken`` has a line for each bound that its metrics
    break.
    """

    folder: Path
    headline: str
    size: int
    digest: str
    broken: tuple[str, ...] = ()


def check_table_name(out: Path, before: str = "") -> None:
    """Raise UsageError where the ending of a table's name says another format than parquet."""
    if out.suffix not in ("", ".parquet"):
        raise UsageError(f"{before}{out}: the table is written as parquet; name it .parquet")


def predict(
    data: DataOptions,
    options: PredictOptions,
    workspace: Workspace,
    out: Path,
    execution: Execution,
) -> Path:
    """Write the predictions table and return its path.

    Raises:
        ReportgenError: anything that stops it; an existing file is never replaced.
    """
    check_table_name(out, "--out ")
    check_new(out)
    progress = execution.progress
    with execution.open() as workers:
        prepared = prepare(data, options, workspace, progress)
        with new_file(out) as part:
            write_table(prepared, options, part, progress, workers)
    return out


def run(
    data: DataOptions,
    options: PredictOptions,
    report: ReportOptions,
    workspace: Workspace,
    execution: Execution,
    bounds: Sequence[Bound] = (),
) -> Finished:
    """Predict a split and make the whole report of it: the main job.

    Raises:
        ReportgenError: anything that stops it; nothing half-written stays.
    """
    progress = execution.progress
    with execution.open() as workers:
        prepared = prepare(data, options, workspace, progress)
        check_names(bounds, prepared.info.classes)
        check_labels(bounds, any(e.label is not None for e in prepared.examples))
        check_columns(prepared.extra, report.slices)
        check_shades(report.shades, prepared.info.signed)
        read = {k: v for k, v in asdict(data).items() if k not in ("data", "split")}
        inputs = run_inputs(
            report,
            data={
                "name": prepared.info.data.name,
                "split": prepared.split,
                "sha256": prepared.info.data.sha256,
                "read": read,
            },
            checkpoint={"sha256": prepared.predictor.sha256},
            predict={
                "batch_size": options.batch_size,
                "device": prepared.device,
                "max_tokens": options.max_tokens,
                "explain": options.explain,
                **_transformer(prepared, options),
            },
        )
        experiment = workspace.experiment_for(prepared.info.data.name)
        with new_run(workspace.reports, experiment, inputs, progress) as target:
            table = target.folder / "predictions.parquet"
            write_table(prepared, options, table, progress, workers)
            with open_predictions(table) as predictions:
                target = replace(target, page=execution.page)
                headline = _report(target, predictions, report, inputs, workers, progress)
    return finished(target, headline, broken(target.destination, bounds), execution.progress)


def _transformer(prepared: Prepared, options: PredictOptions) -> dict[str, Any]:
    """Return what else decides the predictions of a transformer."""
    if options.model is None:
        return {}
    model = prepared.info.model
    return {
        "model": {"name": model.name, **model.settings},
        "weights": options.weights or "attention",
        **({"heads": True} if options.heads else {}),
        "classes": prepared.info.classes,
    }


def render(
    source: Path,
    report: ReportOptions,
    workspace: Workspace,
    execution: Execution,
    bounds: Sequence[Bound] = (),
    tokens: str = "words",
) -> Finished:
    """Make the whole report from a predictions table of any program; torch is not needed.

    ``tokens`` are shown as ``words``, where the marks of a tokenizer are recognised, or
    ``as-written``.

    Raises:
        ReportgenError: anything that stops it; nothing half-written stays.
    """
    with ExitStack() as stack:
        workers = stack.enter_context(execution.open())
        with step("reading the predictions"):
            predictions = stack.enter_context(open_predictions(source))
        if problem := contradiction(predictions.info.data, len(predictions)):
            execution.progress.say(f"warning: {problem}")
        if not predictions.weighted:
            execution.progress.say(f"note: {NO_ATTENTION}")
        check_names(bounds, predictions.info.classes)
        check_labels(bounds, bool((predictions.gold >= 0).any()))
        check_columns(predictions.extra, report.slices)
        check_shades(report.shades, predictions.info.signed)
        inputs = run_inputs(report, predictions={"sha256": file_sha256(source), "tokens": tokens})
        experiment = workspace.experiment_for(data_name(predictions, source.name))
        with new_run(workspace.reports, experiment, inputs, execution.progress) as target:
            table = target.folder / "predictions.parquet"
            with step("reading the predictions"):
                inside = predictions.saved(table, words=tokens == "words")
            target = replace(target, page=execution.page)
            headline = _report(target, inside, report, inputs, workers, execution.progress)
    return finished(target, headline, broken(target.destination, bounds), execution.progress)


def finished(target: Run, headline: str, lines: Sequence[str], progress: Progress) -> Finished:
    """Update the indexes that list a run in its place, and return what is told of it.

    ``lines`` are those of broken bounds.
    """
    folder = target.destination
    update_index(folder, progress)
    return Finished(folder, headline, run_size(folder), run_digest(folder), tuple(lines))


def _report(
    target: Run,
    predictions: Predictions,
    report: ReportOptions,
    inputs: Mapping[str, Any],
    workers: Workers,
    progress: Progress,
) -> str:
    with (
        step("the report", "use fewer --workers, or a smaller --gallery or --pdf-examples"),
        executor_for(workers, shown(report, len(predictions)), target.folder) as executor,
    ):
        return write_report(target, predictions, report, inputs, executor, progress)


def executor_for(workers: Workers, examples: int, folder: Path) -> AbstractContextManager[Executor]:
    """Open what runs the work for so many examples: a pool where there are enough to pay for it."""
    few = workers is None and examples < FEW
    return open_executor(1 if few else workers, folder)


def data_name(predictions: Predictions, file: str) -> str:
    """Return the name of the data by the table, or else that of its file."""
    name = predictions.info.data.name
    return name if name != "unnamed" else file.split(".")[0]


def run_inputs(report: ReportOptions, **parts: Any) -> dict[str, Any]:
    """Return what decides a run: these parts, its options, the versions of packages, the commit."""
    inputs: dict[str, Any] = {
        "format": 1,
        "report": asdict(report),
        "versions": versions(),
        "git": git_state(),
        **parts,
    }
    plain = json.dumps(inputs, allow_nan=False)
    return json.loads(plain, object_pairs_hook=legal_pairs)  # type: ignore[no-any-return]
