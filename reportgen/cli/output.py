"""Print a command's result."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from reportgen.characters import printable
from reportgen.progress import discard

__all__ = ["tell"]


def tell(*lines: object) -> None:
    """Print lines on standard output, on standard error where that is closed or full.

    The work is done by then, so a lost output is no failure.
    """
    text = "\n".join(printable(str(line)) for line in lines)
    try:
        click.echo(text)
    except OSError as error:
        discard(sys.stdout)
        with suppress(OSError):
            click.echo(f"warning: standard output: {error.strerror}\n{text}", err=True)
