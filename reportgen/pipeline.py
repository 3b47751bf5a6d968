"""Run the stages in order: from data to predictions, and from predictions to a run folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.analysis.findings import check_columns
from reportgen.errors import ReportgenError, TrainingError, UsageError
from reportgen.executors import open_executor
from reportgen.files import check_writable, errors_name, temporary_folder
from reportgen.options import (
    DataOptions,
    PredictOptions,
    ReportOptions,
    TrainingOptions,
    TrainingSetup,
)
from reportgen.predicting import (
    SAMPLE_CHECKPOINT,
    SAMPLE_DATA,
    SMALLER_SPLIT,
    check_free,
    find_checkpoint,
    load_torch,
    open_dataset,
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
    versions,
)
from reportgen.publish.gate import Bound, broken, check_names
from reportgen.publish.report import shown
from reportgen.publish.writing import write_report
from reportgen.workspace import Workspace

if TYPE_CHECKING:
    from reportgen.corpus.fields import Fields
    from reportgen.corpus.vectors import WordVectors

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


def train(
    data: DataOptions,
    options: TrainingOptions,
    setup: TrainingSetup,
    workspace: Workspace,
    progress: Progress,
) -> Path:
    """Train the workspace's checkpoint on split ``train`` and return its folder.

    Raises:
        ReportgenError: anything that stops it; an existing checkpoint is never replaced.
    """
    load_torch()
    from reportgen.classifier.checkpoint import save_checkpoint
    from reportgen.classifier.inference import choose_device
    from reportgen.classifier.training import TrainingData, prepare_fields
    from reportgen.classifier.training import train as train_model
    from reportgen.classifier.validation import choose_validation
    from reportgen.corpus.dataset import tokenized
    from reportgen.corpus.tokenizers import get_tokenizer
    from reportgen.corpus.vectors import find_vectors

    device = choose_device(setup.device)
    with step("reading the data", SMALLER_SPLIT):
        dataset = open_dataset(data, progress)
        out = workspace.checkpoint_for(dataset.name)
        check_free(out, "remove it or choose another --out")
        tokenizer = get_tokenizer(setup.tokenizer)
        if setup.vectors:
            find_vectors(setup.vectors)
        split = dataset.read("train").limited(data.limit, data.seed)
        learn, valid, validation = choose_validation(
            dataset, split, setup.valid_fraction, options.seed
        )
        used = {"name": dataset.name, "sha256": split.sha256, "train": len(learn)}
        if data.limit is not None:
            used["limit"] = data.limit
    with step("tokenizing", "use --limit"):
        learn, fields = prepare_fields(learn, tokenizer, options)
        valid = [tokenized(example, tokenizer) for example in valid]
        fields, vectors = _with_vectors(fields, setup, progress)
    provenance = {"data": used, "validation": validation, "vectors": _provenance(vectors)}
    progress.say(
        f"training on {len(learn):,} examples of {dataset.name}, {len(valid):,} for validation,"
        f" {len(fields.words):,} words; the best checkpoint is kept in {out}"
    )
    with step("training", "lower --batch-size or --max-length"):
        train_model(
            TrainingData(learn, valid, fields, tokenizer, vectors, provenance),
            options,
            device=device,
            on_best=lambda checkpoint: save_checkpoint(checkpoint, out),
            progress=progress,
        )
    if not out.is_dir():
        raise TrainingError(f"{out}: nothing was written")
    return out


def _with_vectors(
    fields: Fields, setup: TrainingSetup, progress: Progress
) -> tuple[Fields, WordVectors | None]:
    """Return the fields, with the vectors' frequent words known too, and the vectors, if any."""
    from reportgen.corpus.vectors import load_vectors

    if setup.vectors is None:
        return fields, None
    vectors = load_vectors(setup.vectors, fields, setup.vectors_vocab)
    fields = fields.extended(vectors.added)
    progress.say(
        f"vectors: {int(vectors.present.sum()):,} of {len(fields.words):,} words found,"
        f" {len(vectors.added):,} of them not in the vocabulary of the training data"
    )
    return fields, vectors


def _provenance(vectors: WordVectors | None) -> dict[str, Any] | None:
    if vectors is None:
        return None
    found = int(vectors.present.sum())
    names = {"name": vectors.name, "sha256": vectors.sha256}
    return {**names, "found": found, "added": len(vectors.added)}


def predict(
    data: DataOptions,
    options: PredictOptions,
    workspace: Workspace,
    out: Path,
    progress: Progress,
) -> Path:
    """Write the predictions table and return its path.

    Raises:
        ReportgenError: anything that stops it; an existing file is never replaced.
    """
    if out.name.endswith((".jsonl", ".jsonl.gz")):
        raise UsageError(f"--out {out}: the table is written as parquet; name it .parquet")
    if out.exists():
        raise ReportgenError(f"{out}: already exists; choose another --out")
    check_writable(out)
    prepared = prepare(data, options, workspace, progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(out.parent) as folder:
        part = folder / out.name
        with errors_name(out, part):
            write_table(prepared, options, part, progress)
            part.replace(out)
    return out


def calibrate(
    data: DataOptions,
    options: PredictOptions,
    *,
    checkpoint: Path,
    out: Path,
    progress: Progress,
) -> float:
    """Write a copy of a checkpoint with the temperature that fits its validation examples best.

    Validation examples are split ``valid``, or exactly those that the training held out where
    there is none.

    Raises:
        ReportgenError: anything that stops it; an existing folder is never replaced.
    """
    load_torch()
    from reportgen.classifier.checkpoint import load_checkpoint, save_checkpoint
    from reportgen.classifier.inference import choose_device
    from reportgen.classifier.inference import predict as predict_examples
    from reportgen.classifier.temperature import fit_temperature
    from reportgen.classifier.validation import read_validation

    check_free(out, "choose another --out")
    device = choose_device(options.device)
    with step("reading the data"):
        dataset = open_dataset(data, progress)
        loaded = load_checkpoint(checkpoint, options.tokenizer, device)
        valid = read_validation(dataset, loaded)
    with step("calibration"):
        predictions = list(
            progress.track(
                predict_examples(loaded, valid, batch_size=options.batch_size, device=device),
                "predicting",
                len(valid),
            )
        )
        logits = np.array([p.logits for p in predictions], dtype=np.float64)
        temperature = fit_temperature(logits, [loaded.classes.index(p.label) for p in predictions])
        save_checkpoint(replace(loaded, temperature=temperature), out)
    return temperature


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
    check_columns(prepared.extra, report.slices)
    read = {k: v for k, v in asdict(data).items() if k not in ("data", "split")}
    inputs = _inputs(
        report,
        data={
            "name": prepared.info.data.name,
            "split": data.split,
            "sha256": prepared.info.data.sha256,
            "read": read,
        },
        checkpoint={"sha256": prepared.checkpoint.sha256},
        predict={
            "batch_size": options.batch_size,
            "device": prepared.device,
            "max_tokens": options.max_tokens,
            "explain": options.explain,
        },
    )
    experiment = workspace.experiment_for(prepared.dataset.name)
    with new_run(workspace.reports, experiment, inputs, progress) as target:
        table = target.folder / "predictions.parquet"
        write_table(prepared, options, table, progress)
        with open_predictions(table) as predictions:
            headline = _report(target, predictions, report, inputs, execution)
    return _finished(target, headline, bounds)


def render(
    source: Path,
    report: ReportOptions,
    workspace: Workspace,
    execution: Execution,
    bounds: Sequence[Bound] = (),
) -> Finished:
    """Make the whole report from a predictions table of any program; torch is not needed.

    Raises:
        ReportgenError: anything that stops it; nothing half-written stays.
    """
    with ExitStack() as stack:
        with step("reading the predictions"):
            predictions = stack.enter_context(open_predictions(source))
        check_names(bounds, predictions.info.classes)
        check_columns(predictions.extra, report.slices)
        inputs = _inputs(report, predictions={"sha256": file_sha256(source)})
        experiment = workspace.experiment_for(_data_name(predictions, source))
        with new_run(workspace.reports, experiment, inputs, execution.progress) as target:
            table = target.folder / "predictions.parquet"
            shutil.copyfile(predictions.path, table)
            inside = replace(predictions, path=table)
            headline = _report(target, inside, report, inputs, execution)
    return _finished(target, headline, bounds)


def _finished(target: Run, headline: str, bounds: Sequence[Bound]) -> Finished:
    folder = target.destination
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
