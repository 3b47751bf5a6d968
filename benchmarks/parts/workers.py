"""Executors and growth: two workers against one, 1,000 examples against the whole split."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from parts import some


def workers(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare one worker with two on 2,000 examples, all of them in the PDF."""
    from stages import Stopwatch

    from reportgen import pipeline
    from reportgen.options import ReportOptions

    took: dict[int, dict[str, float]] = {}
    for count in (1, 2):
        watch = Stopwatch()
        with tempfile.TemporaryDirectory() as folder:
            pipeline.render(
                table,
                ReportOptions(gallery=2000, pdf_examples=None),
                pipeline.Workspace(Path(folder), "x"),
                pipeline.Execution(count, watch),
            )
        took[count] = watch.seconds
    yield "## Workers\n"
    yield (
        f"2,000 reviews, two PDF volumes, {os.cpu_count()} cores; seconds, the start of the pool"
        " included.\n"
    )
    yield "| stage | 1 worker | 2 workers | ratio |\n|---|---|---|---|"
    for stage in ("heatmaps", "pages", "PDF"):
        one, two = took[1][stage], took[2][stage]
        yield f"| {stage} | {one:.1f} | {two:.1f} | {one / two:.2f} |"
    one, two = (sum(took[n][s] for s in ("heatmaps", "pages", "PDF")) for n in (1, 2))
    yield f"| together | {one:.1f} | {two:.1f} | {one / two:.2f} |\n"


def growth(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare the cost of an example in a report of 1,000 with that in one of the whole table."""
    from stages import Stopwatch

    from reportgen import pipeline
    from reportgen.options import ReportOptions
    from reportgen.predictions import open_predictions, write_predictions

    took: dict[int, Stopwatch] = {}
    total: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_predictions(table) as predictions:
            info, everything = predictions.info, len(predictions)
        write_predictions(folder / "some.parquet", info, some(table, 1000))
        for count, file in ((1000, folder / "some.parquet"), (everything, table)):
            watch = took[count] = Stopwatch()
            start = time.perf_counter()
            pipeline.render(
                file,
                ReportOptions(),
                pipeline.Workspace(folder, "x"),
                pipeline.Execution(None, watch),
            )
            total[count] = time.perf_counter() - start
            shutil.rmtree(folder / "x")
    few, many = took
    yield "## Growth\n"
    yield (
        f"`render` of {few:,} and of {many:,} predictions with every heatmap, all pages and the PDF"
        f" of {took[many].counts['PDF']}; {os.cpu_count()} cores, one run each, imports left out.\n"
    )
    yield f"| stage | ms each of {few:,} | ms each of {many:,} | ratio |\n|---|---|---|---|"
    costs = {
        stage: [1e3 * took[n].seconds[stage] / n for n in (few, many)]
        for stage in ("heatmaps", "pages")
    }
    costs["whole command"] = [1e3 * total[n] / n for n in (few, many)]
    for stage, (one, other) in costs.items():
        yield f"| {stage} | {one:.1f} | {other:.1f} | {other / one:.2f} |"
    yield ""
