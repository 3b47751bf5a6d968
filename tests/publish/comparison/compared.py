"""Tables of runs over the same texts, with answers made by hand, and what compares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.comparing import open_comparison
from reportgen.executors import InProcess
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.progress import Silent
from reportgen.publish.archive import Run, new_run
from reportgen.publish.comparison.gallery import Gallery, open_gallery
from reportgen.publish.comparison.writing import write_comparison
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo, Weights

CLASSES = ("bad", "fair", "good")
INFO = RunInfo(CLASSES, DataInfo("small", "test", 10, 10), ModelInfo("a model", "tiny"), seed=7)
ATTRIBUTIONS = replace(INFO, weights=Weights("attribution", "SHAP values"))
INPUTS = {"format": 1, "versions": {"reportgen": "1"}, "git": None}
TIME = datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)

# Of each example: its label (None: without one), and the answer of A and of B with its confidence.
ANSWERS: Mapping[str, tuple[str | None, tuple[str, float], tuple[str, float]]] = {
    "broken-sure": ("good", ("good", 0.8), ("bad", 0.9)),
    "broken": ("bad", ("bad", 0.9), ("fair", 0.6)),
    "fixed": ("fair", ("bad", 0.7), ("fair", 0.5)),
    "Changed": ("good", ("bad", 0.65), ("fair", 0.77)),
    "right": ("good", ("good", 0.99), ("good", 0.5)),
    "wrong": ("good", ("bad", 0.6), ("bad", 0.7)),
    "bare": (None, ("bad", 0.6), ("good", 0.55)),
    "bare-same": (None, ("bad", 0.6), ("bad", 0.8)),
}


def row(
    id_: str, text: str, label: str | None, answer: tuple[str, float], turned: bool = False
) -> Prediction:
    """Words as tokens, with weights that rise (``turned``: fall)."""
    name, confidence = answer
    others = (1 - confidence) / (len(CLASSES) - 1)
    given = np.array([confidence if c == name else others for c in CLASSES], np.float32)
    spans = tuple((m.start(), m.end()) for m in re.finditer(r"\S+", text))
    n = len(spans)
    weights = np.arange(1, n + 1, dtype=np.float32)[:: -1 if turned else 1]
    return Prediction(
        id=id_,
        text=text,
        label=label,
        probabilities=given,
        tokens=tuple(text[a:b] for a, b in spans),
        attention=np.ascontiguousarray(weights / weights.sum() if n else weights),
        spans=spans,
        unknown=np.arange(n) % 4 == 1,
        extra={"topic": f"{'film' if turned else 'play'} <{len(id_) % 2}>"},
    )


def runs(texts: Mapping[str, str] | None = None) -> tuple[list[Prediction], list[Prediction]]:
    """The rows of A and of B; ``texts`` by id have the answers of ANSWERS, one after the other."""
    given = texts or {id_: f"the text of {id_} is short" for id_ in ANSWERS}
    pairs = zip(given.items(), list(ANSWERS.values()) * len(given), strict=False)
    first, second = [], []
    for (id_, text), (label, a, b) in pairs:
        first.append(row(id_, text, label, a))
        second.append(row(id_, text, label, b, turned=True))
    return first, second


def tables(
    folder: Path, of: Sequence[Sequence[Prediction]], infos: Sequence[RunInfo] = (INFO,)
) -> list[Path]:
    """Write the tables a.parquet, b.parquet …"""
    paths = [folder / f"{letter}.parquet" for letter, _ in zip("abcdefgh", of, strict=False)]
    for k, (path, rows) in enumerate(zip(paths, of, strict=True)):
        write_predictions(path, infos[k % len(infos)], rows, ["topic"], ("spans", "unknown"))
    return paths


@contextmanager
def opened(
    folder: Path,
    of: Sequence[Sequence[Prediction]] | None = None,
    infos: Sequence[RunInfo] = (INFO,),
    **options: Any,
) -> Iterator[Gallery]:
    """Write the tables, compare them, and open the gallery in the folder."""
    run = Run("1-2", "ab" * 32, TIME, "trial", folder, folder)
    chosen = ReportOptions(**options)
    with (
        open_comparison(tables(folder, of or runs(), infos)) as compared,
        open_gallery(run, compared, chosen, INPUTS, InProcess(), Silent()) as gallery,
    ):
        yield gallery


def written(
    folder: Path,
    of: Sequence[Sequence[Prediction]] | None = None,
    infos: Sequence[RunInfo] = (INFO,),
    **options: Any,
) -> Path:
    """Write the whole comparison of the tables; return its folder."""
    paths = tables(folder, of or runs(), infos)
    chosen = ReportOptions(**{"pdf_examples": 2, **options})
    inputs = {**INPUTS, "of": str(sorted(options))}
    with (
        open_comparison(paths) as compared,
        new_run(folder / "reports", "trial", inputs) as run,
    ):
        write_comparison(run, compared, chosen, inputs, InProcess(), Silent())
    return run.destination
