"""``reportgen verify``: compare a run, in a folder or packed, with its manifest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from reportgen.characters import printable
from reportgen.cli.commands import Command, Option
from reportgen.cli.output import tell
from reportgen.cli.types import PATH

__all__ = ["verify"]

DIFFERS = 1  # the exit code where a file is not as the manifest says


def _digest(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    if value is not None and not re.fullmatch("[0-9a-fA-F]{64}", value):
        raise click.BadParameter(f"{value!r} is not 64 hexadecimal digits.", ctx, param)
    return value


DIGEST = Option(
    ["--digest"],
    callback=_digest,
    metavar="SHA256",
    help="The digest that was printed at the end of the run: the SHA-256 of its manifest.json.",
)


@click.command(
    cls=Command,
    params=[click.Argument(["run"], type=PATH), DIGEST],
    examples=[
        ("reportgen verify reports/my_reviews/latest", "check the newest run"),
        ("reportgen verify run.zip", "check a packed run"),
    ],
)
@click.pass_context
def verify(ctx: click.Context, run: Path, digest: str | None) -> None:
    """Check every file of a run against its manifest.

    Lists the files in the folder RUN, or in the zip file RUN that `reportgen pack` wrote, that
    changed, are missing, or are new, and ends with exit code 1 if there are any. Nothing is
    extracted. Who can change a file can change the manifest too: --digest holds the
    manifest against a digest that you kept elsewhere.
    """
    from reportgen.publish.packing import check_packed
    from reportgen.publish.verification import check

    checked = check_packed(run, digest) if run.is_file() else check(run, digest)
    findings = checked.differences
    if findings:
        tell(*(f"{finding.kind:<8} {finding.file}" for finding in findings))
        count = len(findings)
        differ = f"{count} file{'s differ' if count > 1 else ' differs'}"
        click.echo(f"{printable(str(run))}: {differ}", err=True)
        ctx.exit(DIFFERS)
    left_out = len(checked.left_out)
    packed = f"; {left_out:,} heatmap{'s' if left_out > 1 else ''} left out" if left_out else ""
    tell(f"{run}: every hash matches{packed}")
