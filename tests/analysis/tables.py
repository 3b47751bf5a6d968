"""Predictions tables of labels and probabilities alone, written and opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reportgen.analysis.comparison import Comparison, compare
from reportgen.predictions import Predictions, open_predictions, write_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo

CLASSES = ("no", "yes")
INFO = RunInfo(CLASSES, DataInfo("small", "test", 10**6, 0), ModelInfo("a model"), seed=7)
WORDS = ("the", "film", "was", "not", "good", "but", "long", "and", "a", "play")


def row(id_: str, label: str | None, probabilities: ArrayLike, **more: Any) -> Prediction:
    """An example whose text is made of its id."""
    place = sum(map(ord, id_))
    words = [WORDS[(place + i) % len(WORDS)] for i in range(1 + place % 7)]
    text = more.pop("text", " ".join([id_, *words]))
    tokens = tuple(text.split())
    return Prediction(
        id=id_,
        text=text,
        label=label,
        probabilities=np.asarray(probabilities, dtype=np.float32),
        tokens=tokens,
        attention=np.full(len(tokens), 1 / len(tokens), np.float32),
        extra=more,
    )


def rows(
    gold: Sequence[int | None], probabilities: NDArray[Any], classes: Sequence[str] = CLASSES
) -> list[Prediction]:
    """Examples with ids from e0000 on; a label None is none."""
    return [
        row(f"e{i:04}", None if label is None else classes[label], p)
        for i, (label, p) in enumerate(zip(gold, probabilities, strict=True))
    ]


def write(folder: Path, name: str, of: Sequence[Prediction], info: RunInfo = INFO) -> Path:
    """Write a table; return its path."""
    extra = sorted({key for prediction in of for key in prediction.extra})
    path = folder / f"{name}.parquet"
    write_predictions(path, info, of, extra, ())
    return path


@contextmanager
def opened(
    folder: Path, *of: Sequence[Prediction], infos: Sequence[RunInfo] = (INFO,)
) -> Iterator[list[Predictions]]:
    """Write tables and open them, named by letters."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                open_predictions(write(folder, "abcdefgh"[k], part, infos[k % len(infos)]))
            )
            for k, part in enumerate(of)
        ]


def compared(
    folder: Path,
    *of: Sequence[Prediction],
    infos: Sequence[RunInfo] = (INFO,),
    columns: Sequence[str] = (),
) -> Comparison:
    """Compare tables of these rows."""
    with opened(folder, *of, infos=infos) as tables:
        return compare([table.path.stem for table in tables], tables, columns)


def drawn(n: int, seed: int = 0, classes: int = 2, noise: float = 0.8) -> tuple[Any, Any, Any]:
    """Labels [n] and the probabilities [n, classes] of two models that have much in common."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 1.2 * np.eye(classes)[gold]
    both = []
    for k in (0.0, noise):
        moved = np.exp(logits + k * rng.normal(size=logits.shape))
        both.append((moved / moved.sum(axis=1, keepdims=True)).astype(np.float32))
    return gold, both[0], both[1]


def renamed(info: RunInfo = INFO, **model: Any) -> RunInfo:
    """The metadata with other parts of the model."""
    return replace(info, model=replace(info.model, **model))
