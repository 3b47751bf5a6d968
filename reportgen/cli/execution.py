"""How the options say that the work is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.errors import UsageError
from reportgen.progress import ConsoleProgress, Progress, Silent

if TYPE_CHECKING:
    from reportgen.pipeline import Execution

__all__ = ["execution", "shown_progress"]


def shown_progress(quiet: bool) -> Progress:
    """Return what shows the progress of a command."""
    return Silent() if quiet else ConsoleProgress()


def execution(values: dict[str, Any], page: Path | None = None) -> Execution:
    """Return how the work is done by the options ``workers``, ``scheduler`` and ``quiet``.

    ``page`` is a place outside of the run for its one-file report.

    Raises:
        UsageError: both workers and a scheduler are given.
    """
    from reportgen.pipeline import Execution

    if values["scheduler"] is not None and values["workers"] is not None:
        raise UsageError("--workers is the number of processes here: leave it out with --scheduler")
    return Execution(values["workers"], shown_progress(values["quiet"]), values["scheduler"], page)
