"""A finished run that has its numbers and nothing else, made in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reportgen.analysis.findings import Findings
from reportgen.publish.archive import new_run
from reportgen.publish.tables import write_metrics
from reportgen.records import Prediction, RunInfo
from tests.publish.small import INFO, INPUTS, ROWS, opened


def sealed(
    place: Path, rows: Sequence[Prediction] = ROWS, info: RunInfo = INFO, **options: Any
) -> tuple[Path, Findings]:
    """Return a run's folder and what was found, before it was written."""
    work = place / "work"
    work.mkdir(parents=True)
    with opened(work, rows, info, **options) as report:
        with new_run(place / "reports", "trial", INPUTS) as target:
            write_metrics(replace(report, run=target))
        return target.destination, report.findings
