"""``reportgen index``: list the runs in a folder for reports on pages of their own."""

from __future__ import annotations

from pathlib import Path

import click

from reportgen.cli.commands import Command
from reportgen.cli.output import tell
from reportgen.cli.types import PATH
from reportgen.workspace import Workspace

__all__ = ["index"]


@click.command(
    cls=Command,
    params=[click.Argument(["reports"], type=PATH, default=Workspace().reports)],
    examples=[
        ("reportgen index", "the runs in reports/"),
        ("reportgen index my_reports", "those in another folder"),
    ],
)
def index(reports: Path) -> None:
    """List all runs, and those of each experiment, on pages.

    Writes REPORTS/index.html and REPORTS/EXPERIMENT/index.html: each run with its date, data,
    checkpoint and key metrics with their intervals, the trend of each metric over the runs on the
    same examples, links to the reports, and the comparisons of runs. Every run keeps these pages up
    to date by itself; this command reads all runs again, as after folders were moved or deleted.
    Damaged folders and folders that are no runs are named. Runs are never changed.
    """
    from reportgen.publish.indexing import write_index
    from reportgen.publish.words.series import tally

    done = write_index(reports)
    tell(
        f"Index {done.page}",
        f"Found {tally(done.runs, done.experiments, done.odd, done.comparisons)}",
    )
