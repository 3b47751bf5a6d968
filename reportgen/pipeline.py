"""Run the stages in order: from data to predictions, and from predictions to a run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import check_columns
from reportgen.errors import UsageError
from reportgen.executors import open_executor
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

    ``workers`` is the number of processes, None for one a processor where that pays.
    """

    workers: int | None = 1
    progress: Progress = field(default_factory=Silent)


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
    prepared = prepare(data, options, workspace, progress)
    with new_file(out) as part:
        write_table(prepared, options, part, progress, execution.workers)
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
    prepared = prepare(data, options, workspace, progress)
    check_names(bounds, prepared.info.classes)
    check_labels(bounds, any(e.label is not None for e in prepared.examples))
    check_columns(prepared.extra, report.slices)
    read = {k: v for k, v in asdict(data).items() if k not in ("data", "split")}
    inputs = _inputs(
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
        write_table(prepared, options, table, progress, execution.workers)
        with open_predictions(table) as predictions:
            headline = _report(target, predictions, report, inputs, execution)
    return _finished(target, headline, bounds, execution.progress)


def _transformer(prepared: Prepared, options: PredictOptions) -> dict[str, Any]:
    """Return what else decides the predictions of a transformer."""
    if options.model is None:
        return {}
    model = prepared.info.model
    return {
        "model": {"name": model.name, **model.settings},
        "weights": options.weights or "attention",
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
        with step("reading the predictions"):
            predictions = stack.enter_context(open_predictions(source))
        if problem := contradiction(predictions.info.data, len(predictions)):
            execution.progress.say(f"warning: {problem}")
        if not predictions.weighted:
            execution.progress.say(f"note: {NO_ATTENTION}")
        check_names(bounds, predictions.info.classes)
        check_labels(bounds, bool((predictions.gold >= 0).any()))
        check_columns(predictions.extra, report.slices)
        inputs = _inputs(report, predictions={"sha256": file_sha256(source), "tokens": tokens})
        experiment = workspace.experiment_for(_data_name(predictions, source))
        with new_run(workspace.reports, experiment, inputs, execution.progress) as target:
            table = target.folder / "predictions.parquet"
            with step("reading the predictions"):
                inside = predictions.saved(table, words=tokens == "words")
            headline = _report(target, inside, report, inputs, execution)
    return _finished(target, headline, bounds, execution.progress)


def _finished(target: Run, headline: str, bounds: Sequence[Bound], progress: Progress) -> Finished:
    folder = target.destination
    update_index(folder, progress)
    lines = tuple(broken(folder, bounds))
    return Finished(folder, headline, run_size(folder), run_digest(folder), lines)


def _report(
    target: Run,
    predictions: Predictions,
    report: ReportOptions,
    inputs: Mapping[str, Any],
    execution: Execution,
) -> str:
    """Write the report, by a pool where there are enough examples for it to pay."""
    few = execution.workers is None and shown(report, len(predictions)) < FEW
    with (
        step("the report", "use fewer --workers, or a smaller --gallery or --pdf-examples"),
        open_executor(1 if few else execution.workers) as executor,
    ):
        return write_report(target, predictions, report, inputs, executor, execution.progress)


def _data_name(predictions: Predictions, source: Path) -> str:
    """Return the name of the data by the table, or else that of its file."""
    name = predictions.info.data.name
    return name if name != "unnamed" else source.name.split(".")[0]


def _inputs(report: ReportOptions, **parts: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "format": 1,
        "report": asdict(report),
        "versions": versions(),
        "git": git_state(),
        **parts,
    }
    plain = json.dumps(inputs, allow_nan=False)
    return json.loads(plain, object_pairs_hook=legal_pairs)  # type: ignore[no-any-return]
