"""Print what a finished run left behind, and end as its bounds demand."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any

import click

from reportgen.characters import printable
from reportgen.cli.output import tell
from reportgen.errors import ReportgenError

if TYPE_CHECKING:
    from reportgen.pipeline import Finished
    from reportgen.publish.gate import Bound
    from reportgen.tracking.mlflow import Tracker

__all__ = ["announce", "bounds", "size_line", "tracked"]

BROKEN = 3  # the exit code where a metric breaks a bound


def bounds(values: dict[str, Any]) -> list[Bound]:
    """Return the bounds on metrics that the options set."""
    from reportgen.publish.gate import Bound

    return [
        *(Bound(name, value) for name, value in values["fail_under"]),
        *(Bound(name, value, over=True) for name, value in values["fail_over"]),
    ]


def tracked(values: dict[str, Any]) -> AbstractContextManager[Tracker]:
    """Check the tracker that the options name, and open it."""
    from reportgen.tracking.mlflow import open_tracker

    return open_tracker(values["mlflow"])


def size_line(size: int) -> str:
    """Return the line that says how many bytes were written, in MB or GB."""
    megabytes = size / 1e6
    shown = f"{megabytes:,.1f} MB" if megabytes < 1000 else f"{megabytes / 1000:,.2f} GB"
    return f"Size  {shown}"


def announce(finished: Finished, tracker: Tracker | None = None) -> None:
    """Print the headline, the files, the size and the digest; log the run, and print where it is.

    Exits with 3 for a broken bound, else with 1 where the run was not logged.
    """
    folder = finished.folder
    lines = [finished.headline, f"HTML  {folder / 'index.html'}"]
    if (folder / "report.html").is_file():
        lines.append(f"File  {folder / 'report.html'}")
    more = len(list(folder.glob("report-*.pdf")))
    further = f" and {more} further volume{'s' if more > 1 else ''}" if more else ""
    lines += [
        f"PDF   {folder / 'report.pdf'}{further}",
        size_line(finished.size),
        f"Digest {finished.digest}",
    ]
    tell(*lines)
    problems = list(finished.broken)
    code = BROKEN if problems else 0
    try:
        if tracker is not None:
            _log(finished, tracker)
    except ReportgenError as error:
        problems.append(" ".join(str(error).split()))
        code = code or error.exit_code
    for line in problems:
        with suppress(OSError):  # a closed output changes no exit code
            click.echo(f"error: {printable(line)}", err=True)
    if code:
        click.get_current_context().exit(code)


def _log(finished: Finished, tracker: Tracker) -> None:
    """Log the run, and say where it is and whether it lacks the one-file report."""
    logged = tracker.log(finished.folder)
    if logged is None:
        return
    tell(f"MLflow {logged.place}")
    if not logged.page:
        tell(
            "MLflow lacks report.html: as one file the gallery would be larger than 25 MB;"
            " a smaller --gallery makes it fit"
        )
