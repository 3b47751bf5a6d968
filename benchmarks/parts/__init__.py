"""The parts of peers.py, and what they share."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from reportgen.predictions import open_predictions
from reportgen.records import Prediction


def median(run: Callable[[], object], runs: int = 3, warm: bool = True) -> float:
    """Return the median of the seconds that so many runs take, after one to warm up."""
    taken = []
    for i in range(runs + warm):
        start = time.perf_counter()
        run()
        if i >= warm:
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def some(table: Path, count: int, longest: int = 10**9) -> list[Prediction]:
    """Return a seeded sample of the table's rows of at most so many tokens."""
    with open_predictions(table) as predictions, tempfile.TemporaryDirectory() as folder:
        fit = np.flatnonzero((predictions.lengths > 0) & (predictions.lengths <= longest))
        chosen = np.random.default_rng(1).choice(fit, count, replace=False).tolist()
        return list(predictions.rows(chosen, Path(folder, "rows")).take(chosen))
