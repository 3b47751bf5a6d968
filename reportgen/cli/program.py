"""Run the command line: the single place that turns errors into text and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress

import click

from reportgen import __version__
from reportgen.characters import printable
from reportgen.cli.calibrate import calibrate
from reportgen.cli.card import card
from reportgen.cli.collect import collect
from reportgen.cli.commands import Group
from reportgen.cli.compare import compare
from reportgen.cli.index import index
from reportgen.cli.pack import pack
from reportgen.cli.predict import predict
from reportgen.cli.render import render
from reportgen.cli.run import run
from reportgen.cli.train import train
from reportgen.cli.verify import verify
from reportgen.errors import ReportgenError, UsageError

__all__ = ["cli", "main"]

INTERRUPTED = 130  # as a shell reports Ctrl-C


@click.group(
    cls=Group,
    default="run",
    default_if_no_args=True,
    commands=[
        run,
        train,
        predict,
        render,
        compare,
        calibrate,
        collect,
        index,
        pack,
        verify,
        card,
    ],
    examples=[
        ("reportgen --split test", "report on the sample reviews"),
        ("reportgen train --data my_reviews", "train on your own data"),
        ("reportgen --data my_reviews --split test", "report on it"),
        ("reportgen --data my_reviews --model hf:my_bert", "with a transformer"),
        ("reportgen render --predictions my.parquet", "with any model"),
        ("reportgen train --help", "the options of a command"),
    ],
)
@click.version_option(__version__, prog_name="reportgen")
def cli() -> None:
    """Show where a text classifier is wrong, how confident it was, and which words it attended to.

    One command runs a trained classifier, its own or a transformer, over a dataset split and makes
    a gallery of heatmaps, confident mistakes first, as HTML and PDF; `render` does so for any
    model. An error is reported in one line; the exit code is 1, or 2 for a wrong option, or 3 for a
    broken bound (--fail-under, --fail-over, --fail-worse).
    """


def main() -> None:
    """Run the command line; every error becomes one line and an exit code."""
    _prepare_standard_streams()
    # A polite kill ends as cleanly as Ctrl-C: nothing half-written stays, the best epoch does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = cli.main(prog_name="reportgen", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.UsageError as error:
        hint = f" (see `{error.ctx.command_path} --help`)" if error.ctx else ""
        _fail(f"{error.format_message()}{hint}", UsageError.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), ReportgenError.exit_code)
    except ReportgenError as error:
        _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; nothing half-written stays", INTERRUPTED)
    except MemoryError:
        _fail("out of memory", ReportgenError.exit_code)
    except ImportError as error:  # a damaged installation
        _fail(
            f"{error.name or 'a library'}: cannot be imported ({error})", ReportgenError.exit_code
        )
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _fail(f"{place}{error.strerror or error}", ReportgenError.exit_code)


def _prepare_standard_streams() -> None:
    """Make sure that a line can be written to each, whatever the line and the stream are.

    One that is closed is opened on nothing, or the first files opened would take its place.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an encoding may lack a character


def _fail(message: str, code: int) -> None:
    one_line = " ".join(message.split())
    with suppress(OSError):
        click.echo(f"error: {printable(one_line)}", err=True)
    sys.exit(code)
