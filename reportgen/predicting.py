"""Predict a split of the data with a checkpoint and write the table: the half left of the seam."""

from __future__ import annotations

import hashlib
import importlib
import random
import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reportgen.characters import legal
from reportgen.errors import CheckpointError, DataError, DependencyError, ReportgenError
from reportgen.executors import Executor, Workers
from reportgen.files import check_writable, restore_folder
from reportgen.options import DataOptions, PredictOptions
from reportgen.predictions import EXPLAIN_COLUMNS, HEADS, OPTIONAL, WRITTEN, write_predictions
from reportgen.predictors import Predictor, check_choice, open_checkpoint, open_transformer
from reportgen.progress import Progress
from reportgen.records import DataInfo, Example, Explanation, ModelInfo, Prediction, RunInfo
from reportgen.sharding import explained, open_workers, predicted
from reportgen.versions import MODEL, not_installed, versions
from reportgen.workspace import Workspace

if TYPE_CHECKING:
    from reportgen.corpus.dataset import Dataset, OnBadRow, Split

__all__ = [
    "SAMPLE_CHECKPOINT",
    "SAMPLE_DATA",
    "Prepared",
    "check_free",
    "find_checkpoint",
    "load_torch",
    "open_dataset",
    "prepare",
    "step",
    "write_table",
]

PACKAGE = Path(__file__).resolve().parent
SAMPLE_DATA = PACKAGE / "sample_data" / "reviews"
SAMPLE_CHECKPOINT = PACKAGE / "sample_data" / "checkpoint"
OTHER_WEIGHTS = 200  # examples that are predicted under even and shuffled weights, at least
NOT_HERE = "not installed here: install reportgen with what it depends on, or use reportgen render"
SMALLER_SPLIT = "a split is read whole, so use a smaller one"


@contextmanager
def step(name: str, to_save_memory: str = "") -> Iterator[None]:
    """Name the step in errors that no file or option of the user's is to blame for.

    ``to_save_memory`` says what to do when memory runs out, by options that the command has.

    Raises:
        ReportgenError: in place of any error that is not one already.
    """
    try:
        yield
    except ReportgenError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # it names its file
        if out_of_memory(error):
            remedy = f"; {to_save_memory}" if to_save_memory else ""
            raise ReportgenError(f"{name}: out of memory{remedy}") from error
        raise ReportgenError(f"{name} failed: {type(error).__name__}: {error}") from error


def out_of_memory(error: Exception) -> bool:
    """Say whether memory ran out; torch has no MemoryError for it, on a CPU not even a class."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def load_torch() -> None:
    """Import torch, before anything else does.

    Raises:
        DependencyError: it cannot be imported, or what else a model needs is not installed.
    """
    if absent := not_installed(MODEL):
        raise DependencyError(f"a model needs {', '.join(absent)}, {NOT_HERE}")
    try:
        importlib.import_module("torch")
    except Exception as error:  # a damaged installation may raise anything
        raise DependencyError(
            f"torch cannot be imported ({type(error).__name__}: {error}); install it anew"
        ) from error


def open_dataset(options: DataOptions, progress: Progress) -> Dataset:
    """Open the data folder or file, or the bundled sample; ``imdb`` downloads that data set.

    Raises:
        DataError: the folder or file is missing, or holds no split, or the download failed.
        UsageError: the options cannot be used together.
    """
    from reportgen.corpus.dataset import Dataset
    from reportgen.corpus.download import fetch_imdb
    from reportgen.corpus.reading import Reading

    if options.data == "imdb" and not Path("imdb").is_dir():
        folder = fetch_imdb(progress=progress)
    else:
        folder = SAMPLE_DATA if options.data is None else Path(options.data)
    reading = Reading(
        options.text_column,
        options.label_column,
        options.id_column,
        delimiter=options.delimiter,
        encoding=options.encoding,
        unlabelled=options.unlabelled,
    )
    on_bad_row: OnBadRow = "skip" if options.on_bad_row == "skip" else "error"
    return Dataset.open(folder, reading, on_bad_row, options.split)


def find_checkpoint(workspace: Workspace, name: str, data: str | None) -> Path:
    """Return the checkpoint for the data of this name; for the sample data the bundled one.

    Raises:
        CheckpointError: there is none; the message names the command that trains one.
    """
    path = workspace.checkpoint_for(name)
    restore_folder(path)
    if workspace.checkpoint is not None or path.is_dir():
        return path
    if data is None or Path(data).resolve() == SAMPLE_DATA.resolve():
        return SAMPLE_CHECKPOINT
    command = ["reportgen", "train", "--data", data]
    if workspace.experiment is not None:
        command += ["--experiment", workspace.experiment]
    if workspace.reports != Workspace().reports:
        command += ["--reports", str(workspace.reports)]
    raise CheckpointError(
        f"{path}: experiment {workspace.experiment_for(name)!r} has no checkpoint;"
        f" train one with `{shlex.join(command)}`, or give --checkpoint"
    )


def check_free(checkpoint: Path, remedy: str) -> None:
    """Refuse a place for a new checkpoint before the work for it is done.

    Raises:
        CheckpointError: there is one already; the message ends with the remedy.
        OSError: nothing can be written there.
    """
    restore_folder(checkpoint)
    if checkpoint.exists():
        raise CheckpointError(f"{checkpoint}: already exists; {remedy}")
    check_writable(checkpoint)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a prediction needs, read and checked before anything is written.

    ``trained_on`` has a hash of each text of split ``train``, None where that is not known.
    """

    examples: Sequence[Example]
    split: str
    predictor: Predictor
    info: RunInfo
    device: str
    trained_on: frozenset[bytes] | None = None

    @property
    def extra(self) -> list[str]:
        """The names of the further columns of the data."""
        return sorted({name for example in self.examples for name in example.extra})


def prepare(
    data: DataOptions, options: PredictOptions, workspace: Workspace, progress: Progress
) -> Prepared:
    """Load the model and read the split, and check that they fit together.

    Raises:
        ReportgenError: a file is missing or cannot be used.
    """
    check_choice(options, workspace)
    load_torch()
    from reportgen.classifier.inference import choose_device

    device = choose_device(options.device)
    with step("reading the data", SMALLER_SPLIT):
        dataset = open_dataset(data, progress)
    with step("loading the model", "use a smaller one"):
        if options.model is None:
            folder = find_checkpoint(workspace, dataset.name, data.data)
            predictor = open_checkpoint(folder, options, device)
        else:
            predictor = open_transformer(options.model, options, device)
    model = predictor.info()
    with step("reading the data", SMALLER_SPLIT):
        dataset = replace(dataset, labels=predictor.labels)
        split = dataset.read(dataset.split, predictor.classes, labelled=False)
        split = split.limited(data.limit, data.seed)
        trained_on = _trained_on(dataset, split, model, progress)
    info = RunInfo(
        classes=predictor.classes,
        data=DataInfo(
            name=dataset.name,
            split=legal(split.name)[0],
            rows=split.rows,
            evaluated=len(split.examples),
            sha256=split.sha256,
            split_sizes={legal(name)[0]: size for name, size in dataset.sizes().items()},
            skipped=split.skipped,
            replaced_characters=split.replaced_characters,
        ),
        model=model,
        seed=data.seed,
        max_tokens=options.max_tokens,
        weights=predictor.weights,
        versions=versions(predictor.packages(options.explain != 0)),
    )
    return Prepared(split.examples, split.name, predictor, info, device, trained_on)


def _trained_on(
    dataset: Dataset, split: Split, model: ModelInfo, progress: Progress
) -> frozenset[bytes] | None:
    """Return a hash of each text that the model was trained on, without bad rows.

    None where that is not known: unless split ``train`` is, by its hash, what the model was
    trained on, all of it; where it is the one evaluated; or where it cannot be read, since only the
    mark on texts that were trained on depends on it. A file that is evaluated under another name,
    and that the model was trained on, is that split.
    """
    recorded = model.training.get("data")
    if split.name == "train" or not isinstance(recorded, dict) or "limit" in recorded:
        return None
    if split.sha256 == recorded.get("sha256"):
        return frozenset(_text_hash(example.text) for example in split.examples)
    try:
        if "train" not in dataset.sources or dataset.sha256("train") != recorded.get("sha256"):
            return None
        train = replace(dataset, on_bad_row="skip").read("train", labelled=False)
    except (DataError, OSError) as error:
        progress.say(f"warning: texts that were trained on are not marked: {error}")
        return None
    if train.skipped:
        progress.say(
            f"warning: {len(train.skipped):,} bad rows of split 'train' are left out of the search"
            " for texts that were trained on"
        )
    return frozenset(_text_hash(example.text) for example in train.examples)


def _text_hash(text: str) -> bytes:
    """Hash a text so that case and white space make no difference."""
    return hashlib.blake2b(" ".join(text.lower().split()).encode(), digest_size=16).digest()


def write_table(
    prepared: Prepared,
    options: PredictOptions,
    target: Path,
    progress: Progress,
    workers: Workers = 1,
) -> None:
    """Predict the split, test the attention of some of it, and write the table.

    ``workers`` None means one a processor, where that pays.

    Raises:
        ReportgenError: prediction failed or memory ran out.
    """
    examples, trained_on = prepared.examples, prepared.trained_on
    predictor = prepared.predictor
    count = len(examples) if options.explain is None else min(options.explain, len(examples))
    with (
        step("prediction", "lower --batch-size, use --limit, or fewer --workers"),
        open_workers(predictor, examples, count, workers) as executor,
    ):
        explanations = _explained(prepared, count, executor, progress)
        rows = (
            replace(
                prediction,
                explanation=explanations.get(prediction.id),
                in_train=None if trained_on is None else _text_hash(prediction.text) in trained_on,
            )
            for prediction in progress.track(
                _checked(predicted(predictor, examples, executor)),
                predictor.activity,
                len(examples),
            )
        )
        columns = [*WRITTEN, *["in_train"] * (trained_on is not None), *[HEADS] * options.heads]
        columns += _measured(explanations.values())
        write_predictions(target, prepared.info, rows, prepared.extra, columns)


def _measured(explanations: Collection[Explanation]) -> list[str]:
    """Return the columns for what was measured."""
    fields = {n: n.removeprefix(EXPLAIN_COLUMNS) for n in OPTIONAL if n.startswith(EXPLAIN_COLUMNS)}
    return [
        name
        for name, field in fields.items()
        if any(getattr(explanation, field) is not None for explanation in explanations)
    ]


def _checked(predictions: Iterable[Prediction]) -> Iterator[Prediction]:
    """Stop at an answer that is no number."""
    for prediction in predictions:
        if prediction.logits is not None and not np.isfinite(prediction.logits).all():
            raise CheckpointError(
                f"the model's logits for example {prediction.id!r} are not finite; its weights"
                " are too large: train it anew"
            )
        yield prediction


def _explained(
    prepared: Prepared, count: int, executor: Executor, progress: Progress
) -> dict[str, Explanation]:
    """Test the attention of a seeded sample, in the order of the split; keys are ids.

    What is predicted under other weights takes a moment and needs many texts for an answer, so it
    is measured of ``OTHER_WEIGHTS`` examples or more.
    """
    examples, seed = prepared.examples, prepared.info.seed or 0
    if not count:
        return {}
    rng, predictor = random.Random(seed), prepared.predictor

    def explanations(sample: list[int], what: str, briefly: bool) -> dict[str, Explanation]:
        chosen = [examples[i] for i in sorted(sample)]
        predictions = _checked(predicted(predictor, chosen, executor))
        found = explained(predictor, predictions, seed, executor, briefly)
        return dict(progress.track(found, what, len(sample)))

    sample = rng.sample(range(len(examples)), count)
    tested = explanations(sample, "explaining", False)
    more = min(OTHER_WEIGHTS, len(examples)) - count
    if more <= 0 or not predictor.takes_weights:
        return tested
    others = rng.sample(sorted(set(range(len(examples))) - set(sample)), more)
    return {**tested, **explanations(others, "explaining by other weights", True)}
