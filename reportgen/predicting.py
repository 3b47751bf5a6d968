"""Data and a checkpoint in, a table of predictions out: the half left of the seam."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import CheckpointError, ReportgenError
from reportgen.options import DataOptions, PredictOptions
from reportgen.predictions import EXPLAIN_COLUMNS, OPTIONAL, WRITTEN, write_predictions
from reportgen.progress import Progress
from reportgen.records import DataInfo, Example, Explanation, Prediction, RunInfo

if TYPE_CHECKING:
    from reportgen.classifier.checkpoint import Checkpoint
    from reportgen.corpus.dataset import Dataset, Split

__all__ = [
    "SAMPLE_CHECKPOINT",
    "SAMPLE_DATA",
    "Prepared",
    "find_checkpoint",
    "open_dataset",
    "prepare",
    "step",
    "write_table",
]

PACKAGE = Path(__file__).resolve().parent
SAMPLE_DATA = PACKAGE / "sample_data" / "reviews"
SAMPLE_CHECKPOINT = PACKAGE / "sample_data" / "checkpoint"


@contextmanager
def step(name: str) -> Iterator[None]:
    """Name the step in errors that are not the user's to mend by a file or an option."""
    try:
        yield
    except (ReportgenError, KeyboardInterrupt):
        raise
    except MemoryError as error:
        raise ReportgenError(f"{name}: out of memory; lower --batch-size or use --limit") from error
    except Exception as error:
        raise ReportgenError(f"{name} failed: {type(error).__name__}: {error}") from error


def open_dataset(options: DataOptions, progress: Progress) -> Dataset:
    """Find the data; download it where the word ``imdb`` asks for that and it is not there."""
    from reportgen.corpus.dataset import Dataset
    from reportgen.corpus.download import fetch_imdb
    from reportgen.corpus.readers import Columns

    if options.data == "imdb" and not Path("imdb").is_dir():
        folder = fetch_imdb(progress=progress)
    else:
        folder = SAMPLE_DATA if options.data is None else Path(options.data)
    columns = Columns(options.text_column, options.label_column, options.id_column)
    return Dataset.open(folder, columns, "skip" if options.on_bad_row == "skip" else "error")


def find_checkpoint(reports: Path, experiment: str, data: str | None) -> Path:
    """Return the experiment's own checkpoint; for the sample data the one that comes along.

    Raises:
        CheckpointError: there is none; the message names the command that trains one.
    """
    own = reports / experiment / "checkpoint"
    if own.is_dir():
        return own
    if data is None or Path(data).resolve() == SAMPLE_DATA.resolve():
        return SAMPLE_CHECKPOINT
    raise CheckpointError(
        f"{own}: experiment {experiment!r} has no checkpoint;"
        f" train one with `reportgen train --data {data}`, or give --checkpoint"
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a prediction needs, read and checked: nothing is written before."""

    dataset: Dataset
    split: Split
    checkpoint: Checkpoint
    info: RunInfo
    device: str
    trained_on: frozenset[bytes] | None


def prepare(
    data: DataOptions,
    options: PredictOptions,
    checkpoint: Path | None,
    reports: Path,
    experiment: str | None,
    progress: Progress,
) -> Prepared:
    """Read the split and the checkpoint, and check that they fit together.

    Raises:
        ReportgenError: a file is missing or cannot be used.
    """
    from reportgen.classifier.checkpoint import load_checkpoint
    from reportgen.classifier.inference import choose_device

    device = choose_device(options.device)
    with step("reading the data"):
        dataset = open_dataset(data, progress)
        folder = checkpoint or find_checkpoint(reports, experiment or dataset.name, data.data)
        loaded = load_checkpoint(folder, options.tokenizer, device)
        whole = dataset.read(data.split, loaded.classes)
        split = whole.limited(data.limit, data.seed)
    info = RunInfo(
        classes=loaded.classes,
        data=DataInfo(
            name=dataset.name,
            split=data.split,
            rows=split.rows,
            evaluated=len(split.examples),
            sha256=split.sha256,
            split_sizes=dataset.sizes(),
            skipped=split.skipped,
            replaced_characters=split.replaced_characters,
        ),
        model=loaded.info(),
        seed=data.seed,
        max_tokens=options.max_tokens,
    )
    seen = _trained_on(dataset, data.split)
    return Prepared(dataset, split, loaded, info, device, seen)


def _trained_on(dataset: Dataset, split: str) -> frozenset[bytes] | None:
    """Return a hash of each text of split ``train``; None where it is evaluated or not there."""
    if split == "train" or "train" not in dataset.sources:
        return None
    return frozenset(_same(example.text) for example in dataset.read("train").examples)


def _same(text: str) -> bytes:
    """Hash a text so that case and white space make no difference."""
    return hashlib.blake2b(" ".join(text.lower().split()).encode(), digest_size=16).digest()


def write_table(
    prepared: Prepared, options: PredictOptions, target: Path, progress: Progress
) -> None:
    """Predict the split, test the attention of some of it, and write the table.

    Raises:
        ReportgenError: prediction failed or memory ran out.
    """
    from reportgen.classifier.inference import predict as predict_examples

    examples = prepared.split.examples
    with step("prediction"):

        def answers(chosen: Sequence[Example]) -> Iterator[Prediction]:
            return predict_examples(
                prepared.checkpoint,
                chosen,
                batch_size=options.batch_size,
                max_tokens=options.max_tokens,
                device=prepared.device,
            )

        explained = _explained(prepared, options, answers, progress)
        tracked = progress.track(answers(examples), "predicting", len(examples))
        seen = prepared.trained_on
        made = (
            replace(
                prediction,
                explanation=explained.get(prediction.id),
                in_train=None if seen is None else _same(prediction.text) in seen,
            )
            for prediction in tracked
        )
        extra = sorted({name for example in examples for name in example.extra})
        columns = [*WRITTEN, *(["in_train"] if seen is not None else [])]
        columns += [name for name in OPTIONAL if name.startswith(EXPLAIN_COLUMNS) and explained]
        write_predictions(target, prepared.info, made, extra, columns)


def _explained(
    prepared: Prepared,
    options: PredictOptions,
    answers: Callable[[Sequence[Example]], Iterator[Prediction]],
    progress: Progress,
) -> dict[str, Explanation]:
    """Test the attention of a seeded sample, in the order of the split."""
    examples = prepared.split.examples
    count = len(examples) if options.explain is None else min(options.explain, len(examples))
    if not count:
        return {}
    from reportgen.classifier.explain import explain

    seed = prepared.info.seed or 0
    chosen = sorted(random.Random(seed).sample(range(len(examples)), count))
    made = explain(
        prepared.checkpoint,
        answers([examples[i] for i in chosen]),
        seed=seed,
        device=prepared.device,
    )
    found = {}
    for pair in progress.track(([pair] for pair in made), "explaining", count):
        found[pair[0][0]] = pair[0][1]
    return found
