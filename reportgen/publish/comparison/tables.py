"""Write a comparison's numbers: metrics.json, and CSV with one row per shared example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reportgen.analysis.comparison import Comparison
from reportgen.publish.archive import json_bytes
from reportgen.publish.comparison.record import Compared
from reportgen.publish.sealed import COMPARED
from reportgen.publish.tables import finite, write_csv
from reportgen.publish.words.comparison import headline, lede

__all__ = ["csv_rows", "write_tables"]

SCHEMA = 1  # of metrics.json


def write_tables(compared: Compared, folder: Path) -> None:
    """Write metrics.json and comparison.csv."""
    (folder / "metrics.json").write_bytes(json_bytes(finite(metrics(compared))))
    with (folder / COMPARED).open("w", encoding="utf-8", newline="") as file:
        write_csv(file, csv_rows(compared))


def metrics(compared: Compared) -> dict[str, Any]:
    """Return what metrics.json holds; the README describes it."""
    found, letters = compared.found, compared.found.letters
    return {
        "schema": SCHEMA,
        "headline": headline(found),
        "lede": lede(found),
        "runs": [
            {
                "letter": letter,
                "name": source.name,
                "run": source.run,
                "predictions": source.sha256,
                "examples": len(table),
                "data": asdict(table.info.data),
                "model": table.info.model.name,
            }
            for letter, source, table in zip(
                letters, compared.sources, compared.tables, strict=True
            )
        ],
        "classes": list(found.classes),
        "matched": asdict(found.matched),
        "examples": len(found),
        "labelled": found.matched.labelled,
        "same_answer": found.agreed,
        "changes": Counter(found.change),
        "sections": {section.key: len(section) for section in found.sections},
        **_of_labels(found),
    }


def _of_labels(found: Comparison) -> dict[str, Any]:
    """Return what labels show; empty lists and objects where no shared example has one."""
    letters, others = found.letters, found.letters[1:]
    return {
        "metrics": {
            letter: {name: asdict(measure) for name, measure in of.items()}
            for letter, of in zip(letters, found.measures, strict=False)
        },
        "differences": [_named(difference, letters) for difference in found.differences],
        "differences_corrected_by": "Holm, over the runs held against the first",
        "outcomes": [_named(outcome, letters) for outcome in found.outcomes],
        "same_predictions_as_first": dict(zip(others, found.identical, strict=True)),
        "right_in": list(found.right_in),
        "slices": [_named(s, letters) for s in found.slices],
        "slices_corrected_by": "Holm",
        "ece": {
            letter: asdict(curves.calibration)
            for letter, curves in zip(letters, found.curves, strict=False)
        },
        "risk_coverage": {
            letter: asdict(curves.coverage)
            for letter, curves in zip(letters, found.curves, strict=False)
        },
        "seeds": list(found.seed_numbers),
        "over_seeds": [asdict(spread) for spread in found.seeds],
    }


def _named(record: Any, letters: str) -> dict[str, Any]:
    """Return a record of a run held against the first, named by its letter."""
    return {**asdict(record), "run": letters[record.run]}


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
