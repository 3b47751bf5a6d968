"""Write every file of a comparison into its run folder, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportgen.executors import Executor
from reportgen.options import ReportOptions
from reportgen.progress import Progress
from reportgen.publish.archive import Run
from reportgen.publish.comparison.record import Compared
from reportgen.publish.comparison.tables import write_tables
from reportgen.publish.words.comparison import headline

__all__ = ["write_comparison"]


def write_comparison(
    run: Run,
    compared: Compared,
    options: ReportOptions,
    inputs: Mapping[str, Any],
    executor: Executor,
    progress: Progress,
) -> str:
    """Write the numbers of a comparison; return its headline."""
    write_tables(compared, run.folder)
    return headline(compared.found)
