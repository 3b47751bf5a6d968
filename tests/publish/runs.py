"""Small finished runs, with manifests as this program writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reportgen.publish.archive import json_bytes, new_run

DAY = 86_400
START = 1_700_000_000  # 14 November 2023, 22:13:20
DATA = {"name": "stays", "split": "test", "rows": 200, "evaluated": 200, "sha256": "ab" * 32}
MODEL = {"name": "a model", "checkpoint_sha256": "cd" * 32}


def measured(accuracy: float = 0.9, **others: Any) -> dict[str, Any]:
    """What metrics.json holds, as far as an index reads it."""
    estimate = {"low": accuracy - 0.05, "high": accuracy + 0.04}
    return {
        "headline": f"Accuracy {accuracy:.0%}",
        "examples": 200,
        "labelled": 200,
        "metrics": {
            "accuracy": {"value": accuracy, **estimate},
            "macro_f1": {"value": accuracy - 0.01, **estimate},
            "ece": {"value": 0.05, "low": 0.02, "high": 0.08},
        },
        "certainty": {"mean_confidence": {"value": 0.8, "low": 0.7, "high": 0.9}},
        "run": {"classes": ["no", "yes"], "data": DATA, "model": MODEL, "seed": 1},
        **others,
    }


def of_data(accuracy: float = 0.9, **changes: Any) -> dict[str, Any]:
    """The same with other data."""
    metrics = measured(accuracy)
    metrics["run"] = {**metrics["run"], "data": {**DATA, **changes}}
    return metrics


def made(
    reports: Path,
    day: int = 0,
    metrics: dict[str, Any] | None = None,
    experiment: str = "trial",
    **inputs: Any,
) -> Path:
    """Archive a run of a day; return its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(START + day * DAY))
        with new_run(reports, experiment, {"day": day, **inputs}) as run:
            text = json.dumps(measured() if metrics is None else metrics)
            (run.folder / "metrics.json").write_text(text)
            (run.folder / "index.html").write_text("a page")
            (run.folder / "report.pdf").write_text("a paper")
    return run.destination


def compared(
    reports: Path,
    runs: list[Path],
    day: int = 5,
    experiment: str = "trial",
    headline: str = "B is better",
) -> Path:
    """Archive a comparison of these runs, and of a table, as far as an index reads it."""
    held = [
        {"name": f"{run.parent.name}/{run.name}", "run": json.loads(manifest(run))["run"]}
        for run in runs
    ]
    held.append({"name": "a.parquet", "run": None})
    metrics = {"headline": headline, "schema": 1}
    return made(reports, day, metrics, experiment, comparison=held)


def manifest(run: Path) -> str:
    """The manifest of a run."""
    return (run / "manifest.json").read_text()


def rewritten(run: Path, file: str, content: bytes) -> None:
    """Change a file of a run and the manifest with it."""
    import hashlib

    (run / file).write_bytes(content)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"][file] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    (run / "manifest.json").write_bytes(json_bytes(manifest))
