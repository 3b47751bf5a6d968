"""Every error that a user can meet; the command line turns each into one line and an exit code.

ReportgenError
├── UsageError          the options contradict each other or name nothing that exists (exit 2)
├── DataError           a data file or folder cannot be read as asked
│   └── TokenizeError   a tokenizer cannot be loaded, or its tokens do not lie in the text
├── CheckpointError     a checkpoint is missing, damaged, or does not fit
├── TrainingError       training cannot start or gives nothing usable
├── PredictionsError    a predictions table is missing, damaged, or breaks its schema
├── RenderError         a picture, a page or the PDF cannot be produced
├── ExecutorError       a worker process died
├── ArchiveError        a run folder already exists, is damaged, or cannot be written
├── ReviewError         a file of reviewers' answers cannot be read, or is not of this run
├── TrackingError       a tracking server or database cannot be reached, or did not take a run
└── DependencyError     a library that the task needs is not installed
"""

from __future__ import annotations

import os

__all__ = [
    "ArchiveError",
    "CheckpointError",
    "DataError",
    "DependencyError",
    "ExecutorError",
    "PredictionsError",
    "RenderError",
    "ReportgenError",
    "ReviewError",
    "TokenizeError",
    "TrackingError",
    "TrainingError",
    "UsageError",
]


class ReportgenError(Exception):
    """What went wrong, where, and what to do, in one line; every error of this package is one.

    Example:
        >>> try:
        ...     rg.open_predictions("none.parquet")
        ... except rg.ReportgenError as error:
        ...     print(error)
        none.parquet: no such predictions file
    """

    exit_code = 1


class UsageError(ReportgenError):
    """The options contradict each other or name nothing that exists."""

    exit_code = 2


class DataError(ReportgenError):
    """A data file or folder cannot be read as asked.

    ``problem`` is the message without the place, ``place`` is ``file:line`` or ``file``.
    """

    def __init__(
        self, problem: str, *, file: str | os.PathLike[str] | None = None, line: int | None = None
    ) -> None:
        self.problem = problem
        self.file = None if file is None else os.fspath(file)
        self.line = line
        self.place = "" if self.file is None else self.file if line is None else f"{file}:{line}"
        super().__init__(f"{self.place}: {problem}" if self.place else problem)


class TokenizeError(DataError):
    """A tokenizer cannot be loaded, or its tokens do not lie in the text."""


class CheckpointError(ReportgenError):
    """A checkpoint is missing, damaged, or does not fit."""


class TrainingError(ReportgenError):
    """Training cannot start or gives nothing usable."""


class PredictionsError(ReportgenError):
    """A predictions table is missing, damaged, or breaks its schema."""


class RenderError(ReportgenError):
    """A picture, a page or the PDF cannot be produced."""


class ExecutorError(ReportgenError):
    """A worker process died."""


class ArchiveError(ReportgenError):
    """A run folder already exists, is damaged, or cannot be written."""


class ReviewError(ReportgenError):
    """A file of reviewers' answers cannot be read, is not of this run, or contradicts another."""


class TrackingError(ReportgenError):
    """A tracking server or database cannot be reached, or did not take a run, which is complete."""


class DependencyError(ReportgenError):
    """A library that the task needs is not installed."""
