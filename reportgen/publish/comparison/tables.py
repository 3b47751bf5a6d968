"""Write a comparison's numbers: metrics.json, and CSV with one row per shared example."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reportgen.publish.archive import json_bytes
from reportgen.publish.comparison.record import Compared
from reportgen.publish.tables import finite, write_csv

__all__ = ["csv_rows", "write_tables"]

SCHEMA = 1  # of metrics.json


def write_tables(compared: Compared, folder: Path) -> None:
    """Write metrics.json and comparison.csv."""
    (folder / "metrics.json").write_bytes(json_bytes(finite(metrics(compared))))
    with (folder / "comparison.csv").open("w", encoding="utf-8", newline="") as file:
        write_csv(file, csv_rows(compared))


def metrics(compared: Compared) -> dict[str, Any]:
    """Return what metrics.json holds; the README describes it."""
    return {"schema": SCHEMA}


def csv_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """Yield one row per shared example."""
    found = compared.found
    correct = found.correct
    for i, id_ in enumerate(found.ids):
        known = found.gold[i] >= 0
        row = {
            "id": id_,
            "label": found.classes[found.gold[i]] if known else "",
            "change": found.change[i],
        }
        for k, letter in enumerate(found.letters):
            row[f"{letter}.predicted"] = found.classes[found.predicted[k, i]]
            row[f"{letter}.confidence"] = f"{found.confidence[k, i]:.6f}"
            row[f"{letter}.correct"] = "" if not known else "yes" if correct[k, i] else "no"
        yield row
