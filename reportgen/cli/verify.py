"""``reportgen verify``: compare a run folder with its manifest."""

from __future__ import annotations

from pathlib import Path

import click

from reportgen.cli.commands import Command
from reportgen.cli.types import PATH

__all__ = ["verify"]

DIFFERS = 1  # the exit code where a file is not as the manifest says


@click.command(
    cls=Command,
    params=[click.Argument(["run"], type=PATH)],
    examples=[("reportgen verify reports/my_reviews/latest", "check the newest run")],
)
@click.pass_context
def verify(ctx: click.Context, run: Path) -> None:
    """Check every file of a run folder against its manifest.

    Lists the files in the folder RUN that changed, are missing, or are new, and ends with exit code
    1 if there are any.
    """
    from reportgen.publish.archive import verify as verify_run

    differences = verify_run(run)
    for difference in differences:
        click.echo(f"{difference.kind:<8} {difference.file}")
    if differences:
        count = len(differences)
        click.echo(f"{run}: {count} file{'s differ' if count > 1 else ' differs'}", err=True)
        ctx.exit(DIFFERS)
    click.echo(f"{run}: every hash matches")
