"""``reportgen run``: predict a split and make the whole report."""

from __future__ import annotations

from typing import Any

import click

from reportgen.cli.commands import Command
from reportgen.cli.execution import execution
from reportgen.cli.fields import record
from reportgen.cli.finish import announce, bounds, tracked
from reportgen.cli.options import (
    DATA,
    EXPERIMENT,
    LIMIT,
    MLFLOW,
    PREDICTION,
    QUIET,
    REPORT,
    REPORTS_OR_OUT,
    SCHEDULER,
    SPLIT,
    UNLABELLED,
    WORKERS,
)

__all__ = ["run"]


@click.command(
    cls=Command,
    params=[
        SPLIT,
        *DATA,
        UNLABELLED,
        LIMIT,
        *PREDICTION,
        *REPORT,
        REPORTS_OR_OUT,
        EXPERIMENT,
        MLFLOW,
        WORKERS,
        SCHEDULER,
        QUIET,
    ],
    examples=[
        ("reportgen --split test", "report on the sample"),
        ("reportgen --data my_reviews --split test", "report on your data"),
        ("reportgen --data my_reviews --limit 200", "report on 200 of them"),
        ("reportgen --data my_reviews --model hf:my_bert", "predict with a transformer"),
    ],
)
def run(**values: Any) -> None:
    """Predict a split and make the report (default command).

    Each example gets a heatmap of the model's attention. The gallery, confident mistakes first, is
    written as HTML and PDF into a run folder of its own, REPORTS/EXPERIMENT/RUN, with the
    predictions, all metrics, and the hash of every file.
    """
    from reportgen import pipeline

    with tracked(values) as tracker:
        finished = pipeline.run(
            record(pipeline.DataOptions, values),
            record(pipeline.PredictOptions, values),
            record(pipeline.ReportOptions, values),
            record(pipeline.Workspace, values),
            execution(values, tracker.page),
            bounds(values),
        )
        announce(finished, tracker)
