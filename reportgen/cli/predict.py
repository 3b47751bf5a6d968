"""``reportgen predict``: predict a split and write the predictions table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reportgen.cli.commands import Command, Option
from reportgen.cli.execution import execution
from reportgen.cli.fields import record
from reportgen.cli.options import (
    DATA,
    EXPERIMENT,
    LIMIT,
    PREDICTION,
    QUIET,
    REPORTS,
    SCHEDULER,
    SPLIT,
    UNLABELLED,
    WORKERS,
)
from reportgen.cli.output import tell
from reportgen.cli.types import PATH

__all__ = ["predict"]

OUT = Option(
    ["--out"],
    type=PATH,
    default=Path("predictions.parquet"),
    show_default=True,
    metavar="FILE",
    help="The table to write, as parquet.",
)


@click.command(
    cls=Command,
    params=[
        SPLIT,
        *DATA,
        UNLABELLED,
        LIMIT,
        *PREDICTION,
        OUT,
        REPORTS,
        EXPERIMENT,
        WORKERS,
        SCHEDULER,
        QUIET,
    ],
    examples=[
        ("reportgen predict --data my_reviews --out my.parquet", "predict split test"),
        ("reportgen predict --data my.csv --model hf:my_bert", "with a transformer"),
        ("reportgen render --predictions my.parquet", "report on it"),
    ],
)
def predict(**values: Any) -> None:
    """Predict a split and write only the predictions table.

    The table has one row for each example: its text, tokens, class probabilities and attention.
    `reportgen render` makes the report from it, on this machine or another, without the model.
    """
    from reportgen import pipeline

    written = pipeline.predict(
        record(pipeline.DataOptions, values),
        record(pipeline.PredictOptions, values),
        record(pipeline.Workspace, values),
        values["out"],
        execution(values),
    )
    tell(written)
