"""A Dask cluster of two workers on this machine against its pool of two, and what is sent."""

from __future__ import annotations

import os
import pickle
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

REVIEWS, COUNTED, PRINTED = 2000, 400, 400
WHAT = {
    "_predict": "prediction",
    "_explain": "explanations",
    "_draw": "heatmaps",
    "_write": "pages",
    "_split": "search",
    "lay_out": "PDF, a part",
    "_join": "PDF, joined",
}


class Counted:
    """Runs tasks here as a cluster would be sent them, and counts bytes and results of each."""

    remote = True

    def __init__(self) -> None:
        self.sent: dict[str, int] = defaultdict(int)
        self.back: dict[str, int] = defaultdict(int)
        self.once: dict[str, int] = {}

    def bind(self, function: Callable[..., Any], value: Any) -> Callable[..., Any]:
        """Give a function its first argument, and keep how large it is."""
        self.once[function.__name__] = len(pickle.dumps(value))
        return partial(function, value)

    def map(self, function: Callable[..., Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """Yield the results in order."""
        name = getattr(function, "func", function).__name__
        for task in tasks:
            self.sent[name] += len(pickle.dumps(task))
            result = function(task)
            self.back[name] += len(pickle.dumps(result))
            yield result


def cluster(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare the two on the same reviews, and count what each stage sends."""
    from distributed import Client, LocalCluster
    from stages import Stopwatch

    from reportgen import pipeline
    from reportgen.options import ReportOptions

    def timed(scheduler: str | None, reviews: int = REVIEWS) -> dict[str, float]:
        watch, start, used = Stopwatch(), time.perf_counter(), processor(scheduler)
        with tempfile.TemporaryDirectory() as folder:
            pipeline.render(
                table,
                ReportOptions(gallery=reviews, pdf_examples=min(PRINTED, reviews)),
                pipeline.Workspace(Path(folder), "x"),
                pipeline.Execution(None if scheduler else 2, watch, scheduler),
            )
        return {
            **watch.seconds,
            "whole command": time.perf_counter() - start,
            "processor time": processor(scheduler) - used,
        }

    def processor(scheduler: str | None) -> float:
        """Return the processor time so far of this process, with the scheduler, and of workers."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = time.process_time()
        if scheduler is None:
            return own + ended.ru_utime + ended.ru_stime
        with Client(scheduler, set_as_default=False) as client:
            return own + sum(client.run(time.process_time).values())

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
    ) as dask:
        timed(dask.scheduler_address, 200)  # its workers import what they need
        there = timed(dask.scheduler_address)
        here = timed(None)
    yield "## Cluster\n"
    yield (
        f"{REVIEWS:,} reviews with every heatmap and a PDF of {PRINTED}, {os.cpu_count()} cores,"
        " seconds of one run: a Dask cluster of two workers that runs already against a pool of"
        " two, its start included.\n"
    )
    yield "| stage | pool | cluster | ratio |\n|---|---|---|---|"
    for stage in ("heatmaps", "pages", "search", "PDF", "whole command", "processor time"):
        one, two = here[stage], there[stage]
        yield f"| {stage} | {one:.1f} | {two:.1f} | {two / one:.2f} |"
    yield "\nBytes that a review costs, pickled, and what each worker gets once:\n"
    yield "| stage | sent | back | once, MB |\n|---|---|---|---|"
    yield from _moved(table, checkpoint)
    yield ""


def _moved(table: Path, checkpoint: Path) -> Iterator[str]:
    from unittest.mock import patch

    from parts import some
    from reportgen import pipeline
    from reportgen.options import PredictOptions, ReportOptions
    from reportgen.predictions import open_predictions, write_predictions
    from reportgen.predictors import open_checkpoint
    from reportgen.records import Example
    from reportgen.sharding import explained, predicted

    counted, rows = Counted(), some(table, COUNTED)
    sizes = dict.fromkeys(WHAT, COUNTED) | {"_explain": 8}
    predictor = open_checkpoint(checkpoint, PredictOptions(), "cpu")
    several = range(1 + predictor.source.chunk // COUNTED)  # more than one task; no text twice
    stream = [
        Example(f"{n}/{row.id}", f"{row.text} {n}", row.label) for n in several for row in rows
    ]
    sizes["_predict"] = len(list(predicted(predictor, stream, counted)))
    list(explained(predictor, rows[:8], 1, counted))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.parquet")
        with open_predictions(table) as everything:
            write_predictions(path, everything.info, rows)
        options, place = ReportOptions(pdf_examples=None), pipeline.Workspace(Path(folder), "x")
        with patch.object(pipeline.Execution, "open", lambda self: nullcontext(counted)):
            pipeline.render(path, options, place, pipeline.Execution())
    for name, what in WHAT.items():
        sent, back = (moved[name] / sizes[name] for moved in (counted.sent, counted.back))
        yield f"| {what} | {sent:,.0f} | {back:,.0f} | {counted.once.get(name, 0) / 1e6:.2f} |"
