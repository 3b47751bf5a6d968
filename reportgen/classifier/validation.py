"""Choose the validation examples of a training, and find the same examples again later.

They are split ``valid`` (or ``validation``) of the data; where there is none, a share of split
``train`` is held out, and the checkpoint records the ids.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.classifier.checkpoint import Checkpoint
from reportgen.corpus.dataset import Dataset, Split
from reportgen.errors import CheckpointError, DataError, TrainingError
from reportgen.records import Example

__all__ = ["choose_validation", "hold_out", "read_validation"]


def hold_out(
    examples: Sequence[Example], fraction: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Split off a seeded share of each class, at least one example of it, for validation.

    Returns the examples that are left to learn from and those held out, both in their order.

    Raises:
        TrainingError: a class has fewer than two examples.
    """
    chosen: set[int] = set()
    labels = Counter(e.label for e in examples if e.label is not None)
    for label, count in sorted(labels.items()):
        if count < 2:
            raise TrainingError(
                f"class {label!r} has one example: too few to hold some out for validation"
            )
        places = [i for i, example in enumerate(examples) if example.label == label]
        size = min(max(round(count * fraction), 1), count - 1)
        chosen.update(random.Random(f"{seed}-{label}").sample(places, size))
    learn = [example for i, example in enumerate(examples) if i not in chosen]
    return learn, [example for i, example in enumerate(examples) if i in chosen]


def choose_validation(
    dataset: Dataset, split: Split, fraction: float, seed: int
) -> tuple[list[Example], list[Example], dict[str, Any]]:
    """Return the training examples, the validation examples, and the record of the latter.

    ``split`` is what may be trained on: split ``train``, perhaps limited. The record belongs into
    the checkpoint as ``training["validation"]``; ``read_validation`` reads it.

    Raises:
        DataError: split ``valid`` cannot be read, or has a label that ``split`` has not.
        TrainingError: a class has too few examples to hold one out.
    """
    if dataset.validation is not None:
        classes = sorted({e.label for e in split.examples if e.label is not None})
        valid = dataset.read(dataset.validation, classes)
        record = {"split": valid.name, "sha256": valid.sha256, "examples": len(valid.examples)}
        return list(split.examples), list(valid.examples), record
    learn, held_out = hold_out(split.examples, fraction, seed)
    ids = [example.id for example in held_out]
    record = {"split": "train", "fraction": fraction, "examples": len(held_out), "ids": ids}
    return learn, held_out, record


def read_validation(dataset: Dataset, checkpoint: Checkpoint) -> list[Example]:
    """Return examples that the checkpoint was not trained on, to calibrate it with.

    Split ``valid`` of the data where there is one, be it the one of the training or a new one;
    otherwise exactly the examples of split ``train`` that the training held out.

    Raises:
        DataError: split ``train`` is not the one of the training, or lacks a held-out example.
        CheckpointError: it is not recorded which examples were held out.
    """
    if dataset.validation is not None:
        return list(dataset.read(dataset.validation, checkpoint.classes).examples)
    training = checkpoint.training
    record = training.get("validation", {})
    if record.get("split") != "train":
        raise CheckpointError(
            "the checkpoint's training held no examples out; give --data with a split 'valid'"
        )
    split = dataset.read("train")
    place = dataset.sources["train"].place
    if split.sha256 != training["data"]["sha256"]:
        raise DataError(
            "not the data that the checkpoint was trained on (another sha256), so the held-out"
            " examples are unknown; give that data with --data, or add a split 'valid'",
            file=place,
        )
    if "ids" not in record:
        return _held_out_again(split, training)
    examples = {e.id: e for e in split.examples if e.label in checkpoint.classes}
    missing = [id_ for id_ in record["ids"] if id_ not in examples]
    if missing:
        raise DataError(
            f"{len(missing):,} of {len(record['ids']):,} held-out examples are missing (the first:"
            f" id {missing[0]!r}); read the data as for the training (--id-column, --label-column,"
            " --on-bad-row), or add a split 'valid'",
            file=place,
        )
    return [examples[id_] for id_ in record["ids"]]


def _held_out_again(split: Split, training: Mapping[str, Any]) -> list[Example]:
    """Repeat the hold-out of a checkpoint that lists no ids (one that was written earlier)."""
    data, record = training["data"], training["validation"]
    seed = training["options"]["seed"]  # of --limit too: the command line has one --seed
    limited = split.limited(data.get("limit"), seed)
    learn, held_out = hold_out(limited.examples, record["fraction"], seed)
    if (len(learn), len(held_out)) != (data["train"], record["examples"]):
        raise CheckpointError(
            "the checkpoint does not record which examples were held out, and they cannot be"
            " told from its options; train it again, or add a split 'valid' to the data"
        )
    return held_out
