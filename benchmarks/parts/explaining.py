"""Explanations: the present code against the last that drew 20 random removals of five sizes."""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from parts import some

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "f208b09f4f1294295b29298eb9c2926a73a4ec48"  # the last commit of the earlier test
REVIEWS, RUNS = 24, 3
CHILD = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
import torch
from reportgen.classifier.checkpoint import load_checkpoint
from reportgen.classifier.explain import explain
from reportgen.classifier.inference import predict
from reportgen.records import Example

torch.set_num_threads(1)
checkpoint = load_checkpoint(Path(sys.argv[1]), None, "cpu")
texts = json.loads(Path(sys.argv[2]).read_text())
examples = [Example(str(i), text, checkpoint.classes[0]) for i, text in enumerate(texts)]
predictions = list(predict(checkpoint, examples))
list(explain(checkpoint, predictions[:1], seed=1))  # imports
start = time.process_time()
explanations = [e for _, e in explain(checkpoint, predictions, seed=1)]
seconds = time.process_time() - start
draws = [len(e.random_removed) for e in explanations]
print(json.dumps({
    "seconds": seconds / len(draws), "draws": sum(draws) / len(draws),
    "whole": sum(d >= 99 for d in draws), "tokens": sum(len(p.tokens) for p in predictions),
}))
"""


def explaining(table: Path, checkpoint: Path) -> Iterator[str]:
    """Explain the same reviews with both, turn about, in processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder, "texts.json")
        texts.write_text(json.dumps([row.text for row in some(table, REVIEWS)]))
        before = Path(folder, "before")
        archive = subprocess.run(
            ["git", "archive", BEFORE, "reportgen", "templates", "sample_data"],
            cwd=ROOT, check=True, capture_output=True,
        ).stdout  # fmt: skip
        with tarfile.open(fileobj=io.BytesIO(archive)) as file:
            file.extractall(before, filter="tar")
        ways = {"before": before, "now": ROOT}
        runs = [
            {name: _measure(root, checkpoint, texts) for name, root in ways.items()}
            for _ in range(RUNS)
        ]
    first = runs[0]
    yield "## Explaining\n"
    yield (
        f"{REVIEWS} reviews, {first['now']['tokens']:,} tokens, explained by both in turn, {RUNS}"
        f" times, one thread, processor time without imports. {first['now']['whole']} of the"
        f" reviews took all 99 random removals, the mean is {first['now']['draws']:.0f}.\n"
    )
    yield "| code | random removals of a review | s a review |\n|---|---|---|"
    for name, what in (("before", "20, of five sizes"), ("now", "up to 99, of three sizes")):
        seconds = statistics.median(run[name]["seconds"] for run in runs)
        yield f"| {name} | {what} | {seconds:.3f} |"
    ratios = sorted(run["now"]["seconds"] / run["before"]["seconds"] for run in runs)
    yield (
        f"\nTime now as a share of the time before, run by run: median"
        f" {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}).\n"
    )


def _measure(root: Path, checkpoint: Path, texts: Path) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", CHILD, str(checkpoint.resolve()), str(texts)]
    printed = subprocess.run(
        command, env=environment, cwd=texts.parent, check=True, capture_output=True, text=True
    ).stdout
    result: dict[str, float] = json.loads(printed)
    return result
