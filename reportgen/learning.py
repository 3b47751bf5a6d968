"""Train a checkpoint on a split, or calibrate one: what comes before any prediction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.errors import TrainingError
from reportgen.options import (
    DataOptions,
    PredictOptions,
    TrainingOptions,
    TrainingSetup,
)
from reportgen.predicting import (
    SMALLER_SPLIT,
    check_free,
    load_torch,
    open_dataset,
    step,
)
from reportgen.progress import Progress
from reportgen.workspace import Workspace

if TYPE_CHECKING:
    from reportgen.corpus.fields import Fields
    from reportgen.corpus.vectors import WordVectors

__all__ = ["calibrate", "train"]

MANY = 0.3  # of the tokens: prose of 300 short texts leaves out less


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
    from reportgen.classifier.training import TrainingData, prepare_fields, unknown_share
    from reportgen.classifier.training import train as train_model
    from reportgen.classifier.validation import choose_validation
    from reportgen.corpus.dataset import tokenized
    from reportgen.corpus.tokenizers import get_tokenizer
    from reportgen.corpus.vectors import find_vectors

    device = choose_device(setup.device)
    with step("reading the data", SMALLER_SPLIT):
        dataset = open_dataset(replace(data, split="train"), progress)
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
    _warn_of_unknown(unknown_share(learn, fields), fields, options, progress)
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


def _warn_of_unknown(
    share: float, fields: Fields, options: TrainingOptions, progress: Progress
) -> None:
    """Say so where a large share of the tokens is out of the vocabulary."""
    if share > MANY:
        progress.say(
            f"warning: {share:.0%} of the tokens of the training texts are none of the"
            f" {len(fields.words):,} words that the model will know; lower --min-count"
            f" ({options.min_count}), or choose another --tokenizer"
        )


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
        dataset = open_dataset(replace(data, split="train"), progress)
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
