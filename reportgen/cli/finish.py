"""Print what a finished run left behind, and end as its bounds demand."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from reportgen.characters import printable
from reportgen.cli.output import tell

if TYPE_CHECKING:
    from reportgen.pipeline import Finished
    from reportgen.publish.gate import Bound

__all__ = ["announce", "bounds", "size_line"]

BROKEN = 3  # the exit code where a metric breaks a bound


def bounds(values: dict[str, Any]) -> list[Bound]:
    """Return the bounds on metrics that the options set."""
    from reportgen.publish.gate import Bound

    return [
        *(Bound(name, value) for name, value in values["fail_under"]),
        *(Bound(name, value, over=True) for name, value in values["fail_over"]),
    ]


def size_line(size: int) -> str:
    """Return the line that says how many bytes were written, in MB or GB."""
    megabytes = size / 1e6
    shown = f"{megabytes:,.1f} MB" if megabytes < 1000 else f"{megabytes / 1000:,.2f} GB"
    return f"Size  {shown}"


def announce(finished: Finished) -> None:
    """Print the headline, the files, the size and the digest; exit with 3 for a broken bound."""
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
    for line in finished.broken:
        with suppress(OSError):  # a closed output changes no exit code
            click.echo(f"error: {printable(line)}", err=True)
    if finished.broken:
        click.get_current_context().exit(BROKEN)
