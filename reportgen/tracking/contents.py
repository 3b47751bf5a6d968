"""What a tracker is told of a finished run, by the names that metrics.json and inputs.json have."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportgen.analysis.faithfulness import Estimate
from reportgen.analysis.scores import Measure
from reportgen.publish.archive import INPUTS, MANIFEST
from reportgen.publish.finished import FinishedRun
from reportgen.publish.past import METRICS, PDF, SINGLE
from reportgen.publish.sealed import Sealed
from reportgen.records import Weights

__all__ = [
    "CLASSES", "OWN", "Contents", "contents", "identity", "milliseconds", "numbers", "one_file",
    "parameters",
]  # fmt: skip

FILES = (PDF, "predictions.parquet", "predictions.csv", METRICS, INPUTS)
VOLUME = re.compile(r"report-\d+\.pdf")
CLASSES = 12  # classes that are named, and whose measures are told one by one
OWN = (
    "checkpoint",
    "data",
    "format",
    "git",
    "versions",
)  # inputs that are told otherwise, or not at all


@dataclass(frozen=True, slots=True)
class Contents:
    """A run as a tracker has it.

    ``metrics`` are numbers with the ends of their intervals beside them, as ``NAME_low`` and
    ``NAME_high``; ``data`` is the name of the data and their hash, where that is known; ``files``
    are those to be kept with it, the one-file report first where there is one.
    """

    experiment: str
    name: str
    milliseconds: int | None
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    data: tuple[str, str | None]
    files: tuple[Path, ...]


def contents(run: FinishedRun, page: Path | None) -> Contents:
    """Say what is told of a run; ``page`` is its one-file report where the run itself has none."""
    volumes = sorted(filter(VOLUME.fullmatch, run.files))
    kept = [name for name in (*FILES[:1], *volumes, *FILES[1:]) if name in run.files]
    return Contents(
        experiment=run.experiment,
        name=run.id,
        milliseconds=milliseconds(run.time),
        parameters=dict(_parameters(run)),
        metrics=dict(_metrics(run)),
        tags=dict(identity(run, run.inputs, f"{run.headline}. {run.lede}")),
        data=(run.info.data.name, run.info.data.sha256),
        files=(*one_file(run.folder, page), *(run.folder / name for name in (*kept, MANIFEST))),
    )


def milliseconds(time: datetime | None) -> int | None:
    """Return a time as trackers take it."""
    return None if time is None else round(time.timestamp() * 1000)


def one_file(folder: Path, page: Path | None) -> list[Path]:
    """Return the one-file report, of the run or at this place; nothing where there is none."""
    return [file for file in (folder / SINGLE, page) if file and file.is_file()][:1]


def _parameters(run: FinishedRun) -> Iterator[tuple[str, str]]:
    """Yield what was evaluated, then the options; what has no value is left out."""
    info, data, model = run.info, run.info.data, run.info.model
    weights = info.weights or Weights()
    names = info.classes
    known = {
        "model": model.name,
        "model_parameters": model.parameters,
        "checkpoint_sha256": model.checkpoint_sha256,
        "tokenizer": model.tokenizer,
        "data": data.name,
        "data_sha256": data.sha256,
        "split": data.split,
        "rows": data.rows,
        "examples": run.examples,
        "labelled": run.labelled,
        "classes": ", ".join(names) if len(names) <= CLASSES else len(names),
        "weights": ": ".join(filter(None, (weights.kind, weights.name))),
        "seed": info.seed,
        "max_tokens": info.max_tokens,
        "training": model.training.get("options"),
        "data.read": run.inputs.get("data", {}).get("read"),
        **{name: value for name, value in run.inputs.items() if name not in OWN},
    }
    yield from parameters(known)


def parameters(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield values and those of their parts, by names joined with dots; not what has no value."""
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from parameters(value, f"{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if value:
                yield _name(name), ", ".join(map(str, value))
        elif value not in (None, ""):
            yield _name(name), str(value)


def _metrics(run: FinishedRun) -> Iterator[tuple[str, float]]:
    """Yield the measures, how confident the predictions are, and the test of the weights."""
    many = len(run.info.classes) > CLASSES
    measures = {n: m for n, m in run.measures.items() if not (many and "." in n)}
    found: dict[str, Measure | Estimate | None] = {
        **measures,
        "mean_confidence": run.mean_confidence,
        "unsure_share": run.unsure_share,
    }
    if run.faithfulness is not None and run.faithfulness.examples:
        for name in ("against_random", "against_content", "share_of_gradients"):
            found[f"weights_{name}"] = getattr(run.faithfulness, name)
    yield from numbers(
        (name, {"value": one.value, "low": one.low, "high": one.high})
        for name, one in found.items()
        if one is not None
    )


def numbers(
    found: Iterable[tuple[str, Mapping[str, float | None]]],
) -> Iterator[tuple[str, float]]:
    """Yield each value and the ends of its interval, as far as they are known, by its own name."""
    taken: set[str] = set()
    for name, of in found:
        base = _distinct(_name(name), taken)
        for part, end in (("value", ""), ("low", "_low"), ("high", "_high")):
            number = of.get(part)
            if number is not None and math.isfinite(number):
                yield f"{base}{end}", number


def _distinct(name: str, taken: set[str]) -> str:
    """Return the name, numbered where an earlier one is the same, and remember it."""
    numbered = (name, *(f"{name}-{i}" for i in range(2, len(taken) + 3)))
    found = next(one for one in numbered if one not in taken)
    taken.add(found)
    return found


def identity(
    run: FinishedRun | Sealed, inputs: Mapping[str, Any], note: str
) -> Iterator[tuple[str, str]]:
    """Yield what identifies the run, under the names that MLflow has where it has one."""
    yield "mlflow.source.name", "reportgen"
    yield "mlflow.source.type", "LOCAL"
    yield "mlflow.note.content", note
    yield "reportgen.run", run.hash
    yield "reportgen.manifest_sha256", run.digest
    yield "reportgen.version", str(inputs["versions"]["reportgen"])
    git = inputs.get("git") or {}
    if git.get("commit"):
        yield "mlflow.source.git.commit", git["commit"]
        if git.get("changed") is not None:
            yield "reportgen.git_changed", str(bool(git["changed"])).lower()


def _name(text: str) -> str:
    """Return a name as trackers take it: letters, digits, ``_``, ``-``, ``.``, space; others `_`.

    A slash would make a group of metrics. The file metrics.json has every name as it is.
    """
    return re.sub(r"[^\w.\- ]", "_", text)[:240]
