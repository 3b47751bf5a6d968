"""What a tracker is told of a finished run, by the names that metrics.json and inputs.json have."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.analysis.faithfulness import Estimate
from reportgen.analysis.scores import Measure
from reportgen.publish.archive import INPUTS, MANIFEST
from reportgen.publish.finished import FinishedRun
from reportgen.publish.past import METRICS, PDF, SINGLE
from reportgen.records import Weights

__all__ = ["Contents", "contents"]

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
    pages = [file for file in (run.folder / SINGLE, page) if file and file.is_file()][:1]
    volumes = sorted(filter(VOLUME.fullmatch, run.files))
    kept = [name for name in (*FILES[:1], *volumes, *FILES[1:]) if name in run.files]
    time = run.time
    return Contents(
        experiment=run.experiment,
        name=run.id,
        milliseconds=None if time is None else round(time.timestamp() * 1000),
        parameters=dict(_parameters(run)),
        metrics=dict(_metrics(run)),
        tags=dict(_tags(run)),
        data=(run.info.data.name, run.info.data.sha256),
        files=(*pages, *(run.folder / name for name in (*kept, MANIFEST))),
    )


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
    yield from _flat(known)


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
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
    taken: set[str] = set()
    for name, one in found.items():
        if one is None:
            continue
        base = _distinct(_name(name), taken)
        ends = {base: one.value, f"{base}_low": one.low, f"{base}_high": one.high}
        yield from ((end, number) for end, number in ends.items() if math.isfinite(number))


def _distinct(name: str, taken: set[str]) -> str:
    """Return the name, numbered where an earlier one is the same, and remember it."""
    numbered = (name, *(f"{name}-{i}" for i in range(2, len(taken) + 3)))
    found = next(one for one in numbered if one not in taken)
    taken.add(found)
    return found


def _tags(run: FinishedRun) -> Iterator[tuple[str, str]]:
    """Yield what identifies the run, under the names that MLflow has where it has one."""
    yield "mlflow.source.name", "reportgen"
    yield "mlflow.source.type", "LOCAL"
    yield "mlflow.note.content", f"{run.headline}. {run.lede}"
    yield "reportgen.run", run.hash
    yield "reportgen.manifest_sha256", run.digest
    yield "reportgen.version", str(run.inputs["versions"]["reportgen"])
    git = run.inputs.get("git") or {}
    if git.get("commit"):
        yield "mlflow.source.git.commit", git["commit"]
        if git.get("changed") is not None:
            yield "reportgen.git_changed", str(bool(git["changed"])).lower()


def _name(text: str) -> str:
    """Return a name as trackers take it: letters, digits, ``_``, ``-``, ``.``, space; others `_`.

    A slash would make a group of metrics. The file metrics.json has every name as it is.
    """
    return re.sub(r"[^\w.\- ]", "_", text)[:240]
