"""``reportgen card``: write a model card of Hugging Face from a run."""

from __future__ import annotations

from pathlib import Path

import click

from reportgen.cli.commands import Command, Option
from reportgen.cli.output import tell
from reportgen.cli.types import PATH

__all__ = ["card"]

OUT = Option(
    ["--out"],
    type=PATH,
    metavar="FILE.md",
    show_default="beside the run, named as it is with -card.md",
    help="The file to write, which must not be there yet.",
)


@click.command(
    cls=Command,
    params=[click.Argument(["run"], type=PATH), OUT],
    examples=[
        ("reportgen card reports/mine/latest", "a card beside the newest run"),
        ("reportgen card RUN --out my_model/README.md", "where the hub looks for it"),
    ],
)
def card(run: Path, out: Path | None) -> None:
    """Write a model card of Hugging Face from a run.

    The card has the measures with their intervals, as the hub reads them and as tables, the classes
    that are confused, what the tests of the attention show, and what the numbers cannot say. It is
    written without a network. Needs huggingface_hub: the extra card or hf.
    """
    from reportgen.publish.modelcard import write_card
    from reportgen.publish.words.modelcard import ADD

    tell(f"File  {write_card(run, out)}", ADD)
