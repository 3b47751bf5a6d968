"""The stages in order: data to predictions (left of the seam), predictions to a run folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.errors import CheckpointError, ReportgenError, TrainingError
from reportgen.executors import open_executor
from reportgen.options import DataOptions, PredictOptions, ReportOptions, TrainingOptions
from reportgen.predicting import (
    SAMPLE_CHECKPOINT,
    SAMPLE_DATA,
    find_checkpoint,
    open_dataset,
    prepare,
    step,
    write_table,
)
from reportgen.predictions import Predictions, open_predictions
from reportgen.progress import Progress
from reportgen.publish.archive import Run, file_sha256, git_state, new_run, run_size, versions
from reportgen.publish.gate import Bound, broken, check_names
from reportgen.publish.report import shown
from reportgen.publish.writing import write_report

__all__ = [
    "SAMPLE_CHECKPOINT",
    "SAMPLE_DATA",
    "DataOptions",
    "Finished",
    "PredictOptions",
    "ReportOptions",
    "calibrate",
    "find_checkpoint",
    "predict",
    "render",
    "run",
    "train",
]

FEW = 400  # examples; starting workers takes longer than this many take


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run: where it stands, its bytes on disk, and what it found, in one sentence.

    ``broken`` has a line for each bound that its metrics break.
    """

    folder: Path
    headline: str
    size: int
    broken: tuple[str, ...] = ()


def train(
    data: DataOptions,
    options: TrainingOptions,
    *,
    reports: Path,
    experiment: str | None,
    out: Path | None,
    tokenizer: str,
    vectors: str | None,
    valid_fraction: float,
    device: str,
    progress: Progress,
) -> Path:
    """Train a checkpoint on split ``train`` and return its folder.

    Raises:
        ReportgenError: anything that stops it; an existing checkpoint is never replaced.
    """
    from reportgen.classifier.checkpoint import save_checkpoint
    from reportgen.classifier.inference import choose_device
    from reportgen.classifier.training import TrainingData, prepare_fields
    from reportgen.classifier.training import train as train_model
    from reportgen.classifier.validation import choose_validation
    from reportgen.corpus.dataset import tokenized
    from reportgen.corpus.tokenizers import get_tokenizer
    from reportgen.corpus.vectors import load_vectors

    chosen = choose_device(device)
    with step("reading the data"):
        dataset = open_dataset(data, progress)
        out = out or reports / (experiment or dataset.name) / "checkpoint"
        if out.exists():
            raise CheckpointError(f"{out}: exists already; remove it or choose another --out")
        split = dataset.read("train").limited(data.limit, data.seed)
        spans = get_tokenizer(tokenizer)
        learn, valid, validation = choose_validation(dataset, split, valid_fraction, options.seed)
    with step("tokenizing"):
        learn, fields = prepare_fields(learn, spans, options)
        valid = [tokenized(example, spans) for example in valid]
        loaded = load_vectors(vectors, fields) if vectors else None
    if loaded is not None:
        progress.say(f"vectors: {int(loaded.present.sum()):,} of {len(fields.words):,} words found")
    progress.say(
        f"training on {len(learn):,} examples of {dataset.name}, {len(valid):,} for validation,"
        f" {len(fields.words):,} words; the best checkpoint is kept in {out}"
    )
    used: dict[str, Any] = {"name": dataset.name, "sha256": split.sha256, "train": len(learn)}
    if data.limit is not None:
        used["limit"] = data.limit
    provenance: dict[str, Any] = {
        "data": used,
        "validation": validation,
        "vectors": None
        if loaded is None
        else {"name": loaded.name, "sha256": loaded.sha256, "found": int(loaded.present.sum())},
    }
    with step("training"):
        train_model(
            TrainingData(learn, valid, fields, spans, loaded, provenance),
            options,
            device=chosen,
            on_best=lambda checkpoint: save_checkpoint(checkpoint, out),
            progress=progress,
        )
    if not out.is_dir():
        raise TrainingError(f"{out}: nothing was written")
    return out


def predict(
    data: DataOptions,
    options: PredictOptions,
    *,
    checkpoint: Path | None,
    reports: Path,
    experiment: str | None,
    out: Path,
    progress: Progress,
) -> Path:
    """Write the predictions table and return its path.

    Raises:
        ReportgenError: anything that stops it; an existing file is never replaced.
    """
    if out.exists():
        raise ReportgenError(f"{out}: exists already; choose another --out")
    prepared = prepare(data, options, checkpoint, reports, experiment, progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    try:
        write_table(prepared, options, part, progress)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
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
    from reportgen.classifier.checkpoint import load_checkpoint, save_checkpoint
    from reportgen.classifier.inference import choose_device
    from reportgen.classifier.inference import predict as predict_examples
    from reportgen.classifier.temperature import fit_temperature
    from reportgen.classifier.validation import read_validation

    if out.exists():
        raise CheckpointError(f"{out}: exists already; choose another --out")
    device = choose_device(options.device)
    with step("reading the data"):
        dataset = open_dataset(data, progress)
        loaded = load_checkpoint(checkpoint, options.tokenizer, device)
        valid = read_validation(dataset, loaded)
    with step("calibration"):
        made = predict_examples(loaded, valid, batch_size=options.batch_size, device=device)
        tracked = list(progress.track(made, "predicting", len(valid)))
        logits = np.array([p.logits for p in tracked], dtype=np.float64)
        temperature = fit_temperature(logits, [loaded.classes.index(p.label) for p in tracked])
        save_checkpoint(replace(loaded, temperature=temperature), out)
    return temperature


def run(
    data: DataOptions,
    options: PredictOptions,
    report: ReportOptions,
    *,
    checkpoint: Path | None,
    reports: Path,
    experiment: str | None,
    workers: int | None = 1,
    bounds: Sequence[Bound] = (),
    progress: Progress,
) -> Finished:
    """Predict a split and make the whole report of it: the main job.

    Raises:
        ReportgenError: anything that stops it; nothing half-written stays.
    """
    prepared = prepare(data, options, checkpoint, reports, experiment, progress)
    check_names(bounds, prepared.info.classes)
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
    with new_run(reports, experiment or prepared.dataset.name, inputs) as made:
        table = made.folder / "predictions.parquet"
        write_table(prepared, options, table, progress)
        with open_predictions(table) as predictions:
            headline = _report(made, predictions, report, inputs, workers, progress)
    return _finished(made, headline, bounds)


def render(
    source: Path,
    report: ReportOptions,
    *,
    reports: Path,
    experiment: str | None,
    workers: int | None = 1,
    bounds: Sequence[Bound] = (),
    progress: Progress,
) -> Finished:
    """Make the whole report from a predictions table of any program; torch is not needed.

    Raises:
        ReportgenError: anything that stops it; nothing half-written stays.
    """
    with open_predictions(source) as predictions:
        check_names(bounds, predictions.info.classes)
        inputs = _inputs(report, predictions={"sha256": file_sha256(source)})
        name = experiment or _experiment_name(predictions, source)
        with new_run(reports, name, inputs) as made:
            table = made.folder / "predictions.parquet"
            shutil.copyfile(predictions.path, table)
            inside = replace(predictions, path=table)
            headline = _report(made, inside, report, inputs, workers, progress)
    return _finished(made, headline, bounds)


def _finished(made: Run, headline: str, bounds: Sequence[Bound]) -> Finished:
    folder = made.destination
    return Finished(folder, headline, run_size(folder), tuple(broken(folder, bounds)))


def _report(
    made: Run,
    predictions: Predictions,
    report: ReportOptions,
    inputs: Mapping[str, Any],
    workers: int | None,
    progress: Progress,
) -> str:
    """Write the report, by a pool where there are enough examples for it to pay."""
    few = workers is None and shown(report, len(predictions)) < FEW
    with step("the report"), open_executor(1 if few else workers) as executor:
        return write_report(made, predictions, report, inputs, executor, progress)


def _experiment_name(predictions: Predictions, source: Path) -> str:
    name = predictions.info.data.name
    return name if name != "unnamed" else source.name.split(".")[0]


def _inputs(report: ReportOptions, **parts: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "format": 1,
        "report": asdict(report),
        "versions": versions(),
        "git": git_state(),
        **parts,
    }
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]
