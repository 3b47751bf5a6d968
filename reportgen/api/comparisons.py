"""Comparisons: hold two or more runs against each other, and open one that was made earlier."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from reportgen import comparing, pipeline
from reportgen.analysis.comparison import LETTERS, Difference
from reportgen.api.calls import (
    CompareKeywords,
    check_keywords,
    progress_of,
    record,
    system_errors,
)
from reportgen.api.reports import Report, read_metrics
from reportgen.api.run_folder import RunFolder
from reportgen.api.tables import Predictions
from reportgen.errors import ArchiveError, UsageError
from reportgen.publish.archive import run_digest, run_folder
from reportgen.tracking.mlflow import open_tracker

__all__ = ["Comparison", "compare", "open_comparison"]

Run = Report | Predictions | str | os.PathLike[str]
NUMBERS = ("first", "second", "value", "low", "high", "p", "adjusted")


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(RunFolder):
    """A finished comparison of runs in its run folder ``path``, which never changes.

    ``headline`` says in one line whether the runs differ beyond chance; ``digest`` is the SHA-256
    of the run's manifest. The first run is A, the others are B, C …

    Example:
        >>> comparison = rg.compare("my.parquet", "my.parquet", experiment="twice")
        >>> comparison.headline
        'The same predictions: both runs give 2 examples equal probabilities'
        >>> comparison.differences()["accuracy"].value
        0.0
    """

    def differences(self, run: str = "B") -> dict[str, Difference]:
        """Return the difference of every measure between a run and A, by the measure's name.

        ``value`` is the run's value (``second``) less that of A (``first``), ``low`` and ``high``
        the ends of its 95 % interval, ``p`` of the test that there is none, ``adjusted`` the same
        after Holm's correction over the runs; ``loss`` says how much worse the run is. What cannot
        be computed is NaN. There are none where no shared example has a label.

        Raises:
            ArchiveError: metrics.json cannot be read.
            UsageError: there is no such run.

        Example:
            >>> comparison = rg.compare("my.parquet", "my.parquet", experiment="again")
            >>> comparison.differences("B")["log_loss"].p
            1.0
        """
        found = read_metrics(self.path)
        known = [given["letter"] for given in found["runs"]][1:]
        if run not in known:
            raise UsageError(f"run={run!r}: one of {', '.join(known)}")
        return {d["key"]: _difference(d) for d in found["differences"] if d["run"] == run}


def _difference(values: dict[str, Any]) -> Difference:
    numbers = {k: math.nan if values[k] is None else values[k] for k in NUMBERS}
    return Difference(**{**values, **numbers, "run": LETTERS.index(values["run"])})


def open_comparison(path: str | os.PathLike[str]) -> Comparison:
    """Open a comparison that was made earlier.

    Raises:
        ArchiveError: it is no run folder or no comparison, or cannot be read.

    Example:
        >>> made = rg.compare("my.parquet", "my.parquet", experiment="opened")
        >>> rg.open_comparison(made.path) == made
        True
    """
    folder = run_folder(Path(path))
    with system_errors():
        digest = run_digest(folder)
    found = read_metrics(folder)
    if "differences" not in found:
        raise ArchiveError(f"{path}: not a comparison; open it with open_report")
    return Comparison(folder, str(found["headline"]), digest)


def compare(
    first: Run,
    second: Run,
    *others: Run,
    out: str | os.PathLike[str] = "reports",
    experiment: str | None = None,
    **options: Unpack[CompareKeywords],
) -> Comparison:
    """Compare runs on the examples that they share, and write the report of it, HTML and PDF.

    Args:
        first: the baseline: a report, predictions of this package, or the path of a run folder or
            of a table.
        second: what is held against it.
        *others: further runs that are held against the first.
        out: the folder for reports.
        experiment: the folder in it; None: that of the last run, or the name of its data.
        **options: as the options of ``reportgen compare``: ``gallery``, ``pdf_examples``,
            ``single_file``, ``slices`` (names of further columns of the first), ``pdf_cards``,
            ``paper``, ``pdf_variant``, ``mlflow``, ``workers`` and ``progress``, as of ``render``.

    Raises:
        TrackingError: MLflow cannot be reached, or did not take the run, which is then complete.
        PredictionsError: the runs have other classes, or share no example.
        ReportgenError: anything else that stops it, in one line; nothing half-written stays.

    Example:
        >>> comparison = rg.compare("my.parquet", "my.parquet", experiment="same")
        >>> comparison.html.name, comparison.verify()
        ('index.html', [])
    """
    check_keywords("compare", options, CompareKeywords)
    runs = (first, second, *others)
    paths = [Path(run.path if isinstance(run, Report | Predictions) else run) for run in runs]
    with system_errors(), open_tracker(options.get("mlflow")) as tracker:
        finished = comparing.compare(
            paths,
            record(pipeline.ReportOptions, {**options, "slices": options.get("slices", ())}),
            pipeline.Workspace(reports=Path(out), experiment=experiment),
            pipeline.Execution(options.get("workers", 1), progress_of(options), page=tracker.page),
        )
        tracker.log(finished.folder)
    return Comparison(finished.folder, finished.headline, finished.digest)
