"""Each stage against what a user would pick instead, both in one run, on real reviews.

``python benchmarks/peers.py CHECKPOINT PREDICTIONS [NAME …]`` writes ``benchmarks/results.md``;
NAMEs (heatmaps, pdf, prediction, transformers, explaining, training, workers, growth,
cluster) choose what is measured.
CHECKPOINT and PREDICTIONS are made from the Large Movie Review Dataset as benchmarks/imdb.md says;
the table must have at least 2,000 rows. Single-thread figures are taken with one thread.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from parts.cluster import cluster
from parts.explaining import explaining
from parts.heatmaps import heatmaps
from parts.pdf import pdf, print_pdf
from parts.prediction import prediction
from parts.training import training
from parts.transformers import transformers
from parts.workers import growth, workers

from reportgen.versions import REPORT, versions

RESULTS = Path(__file__).with_name("results.md")
PARTS = (heatmaps, pdf, prediction, transformers, explaining, training, workers, growth, cluster)


def main() -> None:
    """Measure and write the results; parts that are not measured keep what they say."""
    if sys.argv[1:2] == ["--print"]:
        print_pdf(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    checkpoint, table = Path(sys.argv[1]), Path(sys.argv[2])
    chosen = sys.argv[3:] or [part.__name__ for part in PARTS]
    known = _known()
    for part in PARTS:
        if part.__name__ in chosen:
            print(f"measuring {part.__name__}", flush=True)
            known[part.__name__] = "\n".join(part(table, checkpoint))
            _save(known)


def _known() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    parts = RESULTS.read_text().split("\n## ")[1:]
    return {text.split("\n")[0].lower(): f"## {text}" for text in parts}


def _save(known: dict[str, str]) -> None:
    made = ", ".join(f"{name} {version}" for name, version in versions((*REPORT, "torch")).items())
    processor = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    head = (
        "# Results\n\nWritten by `peers.py`; medians of three runs after a warm-up where nothing"
        f" else is said.\n{platform.system()} {platform.machine()}, {processor}, {os.cpu_count()}"
        f" cores, Python {platform.python_version()}; {made}.\n"
    )
    order = [part.__name__ for part in PARTS]
    names = sorted(known, key=lambda n: order.index(n) if n in order else len(order))
    RESULTS.write_text("\n".join([head, *(known[name].rstrip() + "\n" for name in names)]))


if __name__ == "__main__":
    main()
