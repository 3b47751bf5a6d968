"""``reportgen pack``: write a run folder into one zip file."""

from __future__ import annotations

from pathlib import Path

import click

from reportgen.cli.commands import Command, Option
from reportgen.cli.finish import size_line
from reportgen.cli.output import tell
from reportgen.cli.types import PATH

__all__ = ["pack"]

OPTIONS = [
    Option(
        ["--out"],
        type=PATH,
        metavar="FILE.zip",
        show_default="beside the run, named as it is",
        help="The file to write.",
    ),
    Option(
        ["--heatmaps/--no-heatmaps"],
        default=True,
        help="Whether the pictures of the heatmaps are in it. The pages draw their own heatmaps and"
        " lack only the links to them; left-out.json lists what is not there.",
    ),
]


@click.command(
    cls=Command,
    params=[click.Argument(["run"], type=PATH), *OPTIONS],
    examples=[
        ("reportgen pack reports/my_reviews/latest", "one file of the newest run"),
        ("reportgen pack --no-heatmaps RUN --out small.zip", "small enough to mail"),
    ],
)
def pack(run: Path, out: Path | None, heatmaps: bool) -> None:
    """Write a run folder into one zip file, to be shared.

    Any zip program opens the file, and `reportgen verify FILE.zip` checks it without extracting
    it. The same run gives the same file. A run that is not as its manifest says is not packed.
    """
    from reportgen.publish.archive import run_digest, run_folder
    from reportgen.publish.packing import pack as pack_run

    packed = pack_run(run, out, heatmaps=heatmaps)
    lines = [f"File  {packed.file}", size_line(packed.size)]
    if packed.left_out:
        lines.append(f"Left out {packed.left_out:,} heatmap{'s' if packed.left_out > 1 else ''}")
    tell(*lines, f"Digest {run_digest(run_folder(run))}")
