"""``reportgen render``: make the whole report from a predictions table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reportgen.cli.commands import Command, Option, under
from reportgen.cli.execution import execution
from reportgen.cli.fields import record
from reportgen.cli.finish import announce, bounds, tracked
from reportgen.cli.options import (
    EXPERIMENT,
    MLFLOW,
    QUIET,
    REPORT,
    REPORTS_OR_OUT,
    SCHEDULER,
    WORKERS,
)
from reportgen.cli.types import PATH

__all__ = ["render"]

PREDICTIONS, TOKENS = under(
    "Data",
    Option(
        ["--predictions"],
        type=PATH,
        required=True,
        metavar="FILE",
        help="The table: parquet or JSON Lines (.jsonl, .jsonl.gz).",
    ),
    Option(
        ["--tokens"],
        type=click.Choice(["words", "as-written"]),
        default="words",
        show_default=True,
        help="Merge word-pieces (##ing, Ġword, ▁word) to words and leave out special tokens"
        " ([CLS], </s>), or show tokens as they are written.",
    ),
)


@click.command(
    cls=Command,
    params=[
        PREDICTIONS,
        TOKENS,
        *REPORT,
        REPORTS_OR_OUT,
        EXPERIMENT,
        MLFLOW,
        WORKERS,
        SCHEDULER,
        QUIET,
    ],
    examples=[
        ("reportgen render --predictions my.parquet", "report on a table"),
        ("reportgen render --predictions my.jsonl --gallery 90", "show 90 examples"),
    ],
)
def render(predictions: Path, tokens: str, **values: Any) -> None:
    """Make the report from a predictions table; needs no model.

    The table comes from `reportgen predict` or from any other program; the README lists its
    columns. The report is the same as that of `reportgen run`.
    """
    from reportgen import pipeline

    with tracked(values) as tracker:
        finished = pipeline.render(
            predictions,
            record(pipeline.ReportOptions, values),
            record(pipeline.Workspace, values),
            execution(values, tracker.page),
            bounds(values),
            tokens,
        )
        announce(finished, tracker)
