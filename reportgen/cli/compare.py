"""``reportgen compare``: hold two or more runs against each other, example by example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reportgen.cli.commands import Command, Option, under
from reportgen.cli.execution import execution
from reportgen.cli.fields import option, record
from reportgen.cli.finish import announce, tracked
from reportgen.cli.options import (
    MLFLOW,
    QUIET,
    REPORT,
    REPORTS_OR_OUT,
    SCHEDULER,
    WORKERS,
)
from reportgen.cli.types import PATH, Count, NamedBound
from reportgen.options import ReportOptions
from reportgen.workspace import Workspace

__all__ = ["compare"]

SHARED = ("gallery", "single_file", "slices", "pdf_cards", "paper", "pdf_variant", "shades")
PDF_EXAMPLES, FAIL_WORSE = under(
    "Report",
    option(
        ReportOptions,
        "pdf_examples",
        Count("all", 0),
        "Show at most N examples of the gallery in the PDF: half of them of the first section, the"
        " others of all sections alike, of each the first in its order.",
    ),
    Option(
        ["--fail-worse"],
        type=NamedBound(),
        multiple=True,
        help="End with exit code 3 if a run is worse than the first in this metric by more than"
        " VALUE, beyond chance: if all of the 95 % interval of the loss lies above VALUE, as in"
        " accuracy=0.01; can be repeated. Of ece, log_loss, brier and aurc higher is worse.",
    ),
)
IN_EXPERIMENT = option(
    Workspace,
    "experiment",
    str,
    "The experiment, and its folder, in which the comparison is put.",
    default="that of the last run; of a table, the name of its data",
    metavar="NAME",
)


@click.command(
    cls=Command,
    params=[
        click.Argument(["runs"], type=PATH, nargs=-1, required=True, metavar="RUN_A RUN_B ..."),
        *(shared for shared in REPORT if shared.name in SHARED),
        PDF_EXAMPLES,
        FAIL_WORSE,
        REPORTS_OR_OUT,
        IN_EXPERIMENT,
        MLFLOW,
        WORKERS,
        SCHEDULER,
        QUIET,
    ],
    examples=[
        ("reportgen compare reports/mine/RUN reports/mine/latest", "an earlier run and the newest"),
        ("reportgen compare old.parquet new.parquet", "two predictions tables"),
        ("reportgen compare A B --fail-worse accuracy=0.01", "a gate for CI"),
        ("reportgen compare A B C D", "several runs against the first"),
    ],
)
def compare(
    runs: tuple[Path, ...], fail_worse: tuple[tuple[str, float], ...], **values: Any
) -> None:
    """Compare runs on the examples that they share.

    Each RUN is the folder of a run, or a predictions table (parquet, .jsonl, .jsonl.gz). The first
    is the baseline, called A; the others are held against it. Examples are the same by their id and
    text; runs on other examples are compared on those that they share. All must have the same
    classes.

    The report says whether the runs differ beyond chance, and by how much they may: the difference
    of every metric with its 95 % interval, the answers that were broken and fixed, the groups of
    examples in which they differ, and a gallery of the examples whose answer changed. Of three or
    more runs it shows the examples that all get wrong, or only one gets right. It stands in a run
    folder of its own, in the experiment of the last run.
    """
    from reportgen import comparing, pipeline
    from reportgen.publish.gate import Margin

    with tracked(values) as tracker:
        finished = comparing.compare(
            runs,
            record(pipeline.ReportOptions, values),
            record(pipeline.Workspace, values),
            execution(values, tracker.page),
            [Margin(name, value) for name, value in fail_worse],
        )
        announce(finished, tracker)
