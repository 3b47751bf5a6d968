"""Where things lie: the folder for reports, an experiment's name, its checkpoint."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import UsageError

__all__ = ["Workspace", "check_experiment", "experiment_name"]

NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder for reports, and what is looked for or written in it.

    ``experiment`` None takes the name of the data; ``checkpoint`` None is the experiment's own.

    Raises:
        UsageError: the experiment's name cannot name a folder.
    """

    reports: Path = Path("reports")
    experiment: str | None = None
    checkpoint: Path | None = None

    def __post_init__(self) -> None:
        if self.experiment is not None:
            check_experiment(self.experiment)

    def experiment_for(self, data: str) -> str:
        """Return the experiment that data of this name belong to."""
        return self.experiment or experiment_name(data)

    def checkpoint_for(self, data: str) -> Path:
        """Return where the checkpoint for data of this name lies, or is to be written."""
        return self.checkpoint or self.reports / self.experiment_for(data) / "checkpoint"


def check_experiment(name: str) -> None:
    """Refuse a name that cannot name a folder.

    Raises:
        UsageError: it cannot.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"--experiment {name!r}: use letters, digits, '-', '_' and '.', no '/'")


def experiment_name(data: str) -> str:
    """Return the name of the data, with ``-`` in place of what cannot be part of a folder's name.

    ``my reviews`` gives ``my-reviews``; a name without any letter or digit gives ``unnamed``.
    """
    if NAME.fullmatch(data):
        return data
    composed = unicodedata.normalize("NFC", data)  # a letter and its accent are one letter
    return re.sub(r"[^\w.-]+", "-", composed).strip(".-") or "unnamed"
