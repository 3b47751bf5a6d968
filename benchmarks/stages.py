"""Times each stage on 200 real reviews: training per epoch, prediction, heatmaps, HTML, PDF.

``python benchmarks/stages.py [RUNS]``, three runs after a warm-up where no number is given.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch

from reportgen import pipeline
from reportgen.options import PRESETS
from reportgen.progress import one
from reportgen.versions import REPORT, versions

T = TypeVar("T")
RUNS = 3
STAGES = {
    "epoch 1": "training, one epoch of 180 reviews",
    "predicting": "prediction, 200 reviews",
    "heatmaps": "heatmaps, 200 reviews",
    "pages": "HTML, 200 reviews",
    "PDF": "PDF, 120 reviews",
}


class Stopwatch:
    """A progress that shows nothing and keeps how long each piece of work took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def say(self, line: str) -> None:
        """Drop the line."""

    def track(
        self,
        items: Iterable[T],
        what: str,
        total: int,
        unit: str = "",
        size: Callable[[T], int] = one,
    ) -> Iterator[T]:
        """Yield the items and keep the time from the first to the end."""
        start = time.perf_counter()
        yield from items
        self.seconds[what] = time.perf_counter() - start
        self.counts[what] = total


def once(data: Path, folder: Path) -> Stopwatch:
    """Train one epoch on the 200 reviews, then make the whole report of them."""
    watch = Stopwatch()
    (folder / "data").mkdir()
    for name in ("train", "test_200"):
        (folder / "data" / f"{name}.jsonl.gz").symlink_to((data / "test_200.jsonl.gz").resolve())
    chosen = pipeline.DataOptions(str(folder / "data"), "test_200")
    checkpoint = pipeline.train(
        chosen,
        replace(PRESETS["default"], epochs=1),
        pipeline.TrainingSetup(device="cpu"),
        pipeline.Workspace(checkpoint=folder / "checkpoint"),
        watch,
    )
    pipeline.run(
        chosen,
        pipeline.PredictOptions(device="cpu"),
        pipeline.ReportOptions(),
        pipeline.Workspace(folder, "stages", checkpoint),
        pipeline.Execution(progress=watch),
    )
    return watch


def main() -> None:
    """Print the table; the first run warms up and does not count."""
    data = Path(os.environ.get("REPORTGEN_DATA") or "../shared/data") / "imdb"
    if not data.is_dir():
        sys.exit(f"the real reviews are not in {data}; set REPORTGEN_DATA")
    torch.set_num_threads(1)
    print(f"One thread; {platform.machine()}, Python {platform.python_version()}")
    print(", ".join(f"{name} {version}" for name, version in versions((*REPORT, "torch")).items()))
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    watches = []
    for run in range(runs + 1):
        with tempfile.TemporaryDirectory() as folder:
            watch = once(data, Path(folder))
        print(f"run {run}:", {name: round(watch.seconds[name], 2) for name in STAGES}, flush=True)
        if run:
            watches.append(watch)
    print(f"\n| stage | median of {runs}, s | fastest, slowest | ms each |\n|---|---|---|---|")
    for key, name in STAGES.items():
        seconds = sorted(watch.seconds[key] for watch in watches)
        middle = statistics.median(seconds)
        each = 1000 * middle / watches[0].counts[key]
        print(f"| {name} | {middle:.2f} | {seconds[0]:.2f}, {seconds[-1]:.2f} | {each:.1f} |")


if __name__ == "__main__":
    main()
