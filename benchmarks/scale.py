"""Renders a table of predictions and says how long it took, how much memory and disk.

``python benchmarks/scale.py PREDICTIONS [OPTIONS OF reportgen render]`` runs the command in a
process of its own and adds up the memory of all its processes (proportional set size) twice a
second; Linux only. ``--synthetic N FILE`` first writes a table of N made-up predictions. With
REPORTGEN_KEEP set to a folder the run stays there.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reportgen.versions import REPORT, versions

WORDS = np.array(["film", "story", "scene", "is", "was", "not", "very", "slow", "fine", "dull"])


def synthetic(count: int, path: Path) -> None:
    """Write a table of so many predictions of 12 words each."""
    rng = np.random.default_rng(1)
    info = {"classes": ["neg", "pos"], "data": {"name": "synthetic", "split": "test"}, "seed": 1}
    writer = None
    for start in range(0, count, 8192):
        n = min(8192, count - start)
        tokens = rng.choice(WORDS, (n, 12))
        weights = rng.dirichlet(np.full(12, 0.5), n).astype(np.float32)
        p = rng.beta(3, 1, n).astype(np.float32)
        labels = rng.choice(["neg", "pos"], n)
        table = pa.table(
            {
                "id": [f"s{i:07}" for i in range(start, start + n)],
                "text": [" ".join(row) for row in tokens],
                "label": labels,
                "probabilities": list(np.stack([p, 1 - p], axis=1)),
                "tokens": tokens.tolist(),
                "attention": list(weights),
            }
        )
        table = table.replace_schema_metadata({"reportgen.run": json.dumps(info)})
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=1024)
    if writer is not None:
        writer.close()


def memory(pid: int) -> int:
    """Return the proportional set size in bytes of a process and its descendants."""
    total, todo = 0, [pid]
    while todo:
        at = todo.pop()
        try:
            lines = Path(f"/proc/{at}/smaps_rollup").read_text().splitlines()
            total += 1024 * int(next(x for x in lines if x.startswith("Pss:")).split()[1])
            for task in Path(f"/proc/{at}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
        except (OSError, StopIteration):
            continue
    return total


def main() -> None:
    """Run the command once and print what it took."""
    words = sys.argv[1:]
    if words[:1] == ["--synthetic"]:
        synthetic(int(words[1]), Path(words[2]))
        words = words[2:]
    with contextlib.ExitStack() as stack:
        kept = os.environ.get("REPORTGEN_KEEP")
        folder = kept or stack.enter_context(tempfile.TemporaryDirectory())
        command = [
            sys.executable, "-m", "reportgen", "render", "--predictions", words[0],
            "--reports", folder, "--experiment", "scale", *words[1:],
        ]  # fmt: skip
        start, peak = time.monotonic(), 0
        with subprocess.Popen(command) as running:
            while running.poll() is None:
                peak = max(peak, memory(running.pid))
                time.sleep(0.5)
        seconds = time.monotonic() - start
        if running.returncode:
            sys.exit(running.returncode)
        run = Path(folder, "scale", "latest").resolve()
        files = [p for p in run.rglob("*") if p.is_file()]
        disk = sum(p.stat().st_size for p in files)
        shown = sum(1 for _ in (run / "heatmaps").iterdir())
        parts = {
            part: sum(p.stat().st_size for p in run.glob(part)) / 1e6
            for part in ("heatmaps/*", "*.html", "data/*", "*.pdf", "predictions.*")
        }
    print(", ".join(f"{name} {version}" for name, version in versions((*REPORT, "torch")).items()))
    print(f"{' '.join(words[1:]) or 'default options'}: {shown:,} examples in the gallery")
    print(f"{seconds:,.0f} s, {1000 * seconds / shown:.2f} ms each; peak {peak / 1e6:,.0f} MB")
    print(f"{disk / 1e6:,.0f} MB in {len(files):,} files:", end=" ")
    print(", ".join(f"{part} {size:,.0f} MB" for part, size in parts.items()))


if __name__ == "__main__":
    main()
