"""Open the run that was reviewed: what its examples are, and what the run says of each."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.intervals import Interval
from reportgen.analysis.metrics import Scores
from reportgen.analysis.reviews import RunResults
from reportgen.errors import ArchiveError
from reportgen.options import PAPERS
from reportgen.predictions import Predictions, open_predictions
from reportgen.publish.archive import INPUTS
from reportgen.publish.sealed import open_sealed

__all__ = ["ReviewedRun", "open_run"]

UNITS = ("word", "character", "token")
TABLE, ROWS, METRICS = "predictions.parquet", "predictions.csv", "metrics.json"
LONGEST_FIELD = 10_000_000  # characters of a cell of predictions.csv


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedRun:
    """A run that reviewers answered.

    ``cards`` are the addresses of its examples in its gallery, empty where that lacks one;
    ``accuracy`` is that of its report with its interval, None without labels; ``paper`` is the size
    of its PDF's pages; ``unit`` is what a token is: a word, a character, or a token.
    """

    folder: Path
    hash: str
    predictions: Predictions
    scores: Scores
    results: RunResults
    cards: Sequence[str]
    accuracy: tuple[float, Interval] | None
    paper: str
    unit: str

    @property
    def experiment(self) -> str:
        """The experiment that the run belongs to, by its folder."""
        return self.folder.resolve().parent.name

    @property
    def seed(self) -> int:
        """The seed of every sample; 0 where the table names none."""
        return self.predictions.info.seed or 0

    def order(self, indices: Sequence[int]) -> list[int]:
        """Sort examples: wrong ones first, then right ones, then those without a label.

        Among each the most confident come first.
        """
        gold, scores = self.results.gold, self.scores
        kind = np.where(gold < 0, 2, scores.correct.astype(np.int64))
        return sorted(indices, key=lambda i: (kind[i], -scores.confidence[i], i))


@contextmanager
def open_run(path: Path) -> Iterator[ReviewedRun]:
    """Open the run in a folder, or the one that ``latest`` names.

    Raises:
        ArchiveError: it is no run folder, or a file of it that is read is not as its manifest says.
        PredictionsError: its table cannot be read.
    """
    run = open_sealed(path)
    table, rows = (run.check(name) for name in (TABLE, ROWS))
    inputs, metrics = (json.loads(run.content(name)) for name in (INPUTS, METRICS))
    with open_predictions(table) as predictions:
        columns = _columns(rows, len(predictions))
        scores = Scores.of(predictions.gold, predictions.probabilities)
        doubted = set(metrics.get("label_errors") or ())
        named: dict[str, Support] = {support.value: support for support in Support}
        yield ReviewedRun(
            folder=run.folder,
            hash=run.hash,
            predictions=predictions,
            scores=scores,
            results=RunResults(
                gold=predictions.gold,
                predicted=np.asarray(scores.predicted, dtype=np.int64),
                classes=len(predictions.info.classes),
                doubted=np.array([id_ in doubted for id_ in predictions.ids], dtype=np.bool_),
                support=[named.get(value) for value in columns["attention"]],
            ),
            cards=columns["card"],
            accuracy=_accuracy(metrics),
            paper=_paper(inputs),
            unit=next((unit for unit in UNITS if unit == metrics.get("unit")), UNITS[0]),
        )


def _columns(file: Path, rows: int) -> dict[str, list[str]]:
    """Return the columns of predictions.csv that no cell of a text is in, by the table's rows."""
    columns: dict[str, list[str]] = {"card": [], "attention": []}
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for name, values in columns.items():
                    values.append(row[name])
    except (ValueError, KeyError, csv.Error) as error:
        raise ArchiveError(f"{file}: damaged ({error})") from error
    finally:
        csv.field_size_limit(before)
    if any(len(values) != rows for values in columns.values()):
        raise ArchiveError(f"{file}: has other rows than {TABLE}")
    return columns


def _paper(inputs: Mapping[str, Any]) -> str:
    """Return the size of a run's pages; runs of earlier versions do not say theirs."""
    named = (inputs.get("report") or {}).get("paper")
    return named if named in PAPERS else PAPERS[0]


def _accuracy(metrics: Mapping[str, Any]) -> tuple[float, Interval] | None:
    found = (metrics.get("metrics") or {}).get("accuracy")
    if not found:
        return None
    return float(found["value"]), (float(found["low"]), float(found["high"]))
