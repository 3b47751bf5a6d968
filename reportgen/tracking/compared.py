"""What a tracker is told of a finished comparison, by the names that its metrics.json has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reportgen.errors import ArchiveError
from reportgen.publish.archive import INPUTS, MANIFEST
from reportgen.publish.finished import time_of
from reportgen.publish.past import METRICS, PDF
from reportgen.publish.sealed import COMPARED, Sealed
from reportgen.tracking.contents import (
    CLASSES,
    OWN,
    Contents,
    identity,
    milliseconds,
    numbers,
    one_file,
    parameters,
)

__all__ = ["comparison_contents"]

FILES = (PDF, COMPARED, METRICS, INPUTS, MANIFEST)
WRONG = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


def comparison_contents(run: Sealed, page: Path | None) -> Contents:
    """Say what is told of a comparison; ``page`` is its one-file report where it has none itself.

    Raises:
        ArchiveError: a file of it is not as its manifest says, or not as this version writes it.
    """
    contents = [run.content(name) for name in (INPUTS, METRICS)]
    folder = run.folder.resolve()
    try:
        inputs, found = (dict(json.loads(content)) for content in contents)
        first = found["runs"][0]["data"]
        return Contents(
            experiment=folder.parent.name,
            name=folder.name,
            milliseconds=milliseconds(time_of(folder.name)),
            parameters=dict(parameters(_known(found, inputs))),
            metrics=dict(numbers(_metrics(found))),
            tags=dict(identity(run, inputs, f"{found['headline']}. {found['lede']}")),
            data=(str(first["name"]), first["sha256"]),
            files=(*one_file(run.folder, page), *(run.folder / name for name in FILES)),
        )
    except WRONG as error:
        problem = f"not as this version writes it ({type(error).__name__}: {error})"
        raise ArchiveError(f"{run.folder / METRICS}: {problem}") from error


def _known(found: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return which runs were compared, on what, and the options."""
    names = found["classes"]
    return {
        **{
            f"run.{run['letter']}": {
                "name": run["name"],
                "hash": run["run"],
                "predictions_sha256": run["predictions"],
                "model": run["model"],
            }
            for run in found["runs"]
        },
        "examples": found["examples"],
        "labelled": found["labelled"],
        "classes": ", ".join(names) if len(names) <= CLASSES else len(names),
        "seeds": found["seeds"],
        **{name: value for name, value in inputs.items() if name not in (*OWN, "comparison")},
    }


def _metrics(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, float | None]]]:
    """Yield the measures of each run, the differences from A, and what was broken and fixed."""
    many = len(found["classes"]) > CLASSES
    for letter, measures in found["metrics"].items():
        for name, of in measures.items():
            if not (many and "." in name):
                yield f"{letter}.{name}", of
    for of in found["differences"]:
        if not (many and "." in of["key"]):
            name = f"{of['run']}-A.{of['key']}"
            yield name, of
            yield f"{name}_p", {"value": of["adjusted"]}
    for of in found["outcomes"]:
        for name in ("broken", "fixed"):
            yield f"{of['run']}-A.{name}", {"value": float(of[name])}
