"""Print what a finished run left behind, and end as its bounds demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from reportgen.pipeline import Finished
    from reportgen.publish.gate import Bound

__all__ = ["announce", "bounds"]

BROKEN = 3  # the exit code where a metric breaks a bound


def bounds(values: dict[str, Any]) -> list[Bound]:
    """Return the bounds on metrics that the options set."""
    from reportgen.publish.gate import Bound

    return [
        *(Bound(name, value) for name, value in values["fail_under"]),
        *(Bound(name, value, over=True) for name, value in values["fail_over"]),
    ]


def announce(finished: Finished) -> None:
    """Print the headline, the files and the size of a run; exit with 3 where a bound is broken."""
    folder = finished.folder
    click.echo(finished.headline)
    click.echo(f"HTML  {folder / 'index.html'}")
    if (folder / "report.html").is_file():
        click.echo(f"File  {folder / 'report.html'}")
    more = len(list(folder.glob("report-*.pdf")))
    further = f" and {more} further volume{'s' if more > 1 else ''}" if more else ""
    click.echo(f"PDF   {folder / 'report.pdf'}{further}")
    size = finished.size / 1e6
    click.echo(f"Size  {f'{size:,.1f} MB' if size < 1000 else f'{size / 1000:,.2f} GB'}")
    for line in finished.broken:
        click.echo(f"error: {line}", err=True)
    if finished.broken:
        click.get_current_context().exit(BROKEN)
