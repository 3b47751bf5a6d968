"""Read a finished run back whole: its inputs and its numbers, as its manifest says they were."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reportgen.analysis.faithfulness import Change, Estimate, Faithfulness, Way
from reportgen.analysis.metrics import ClassQuality, Quality
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import Slice
from reportgen.errors import ArchiveError
from reportgen.publish.archive import INPUTS, RUN_ID
from reportgen.publish.past import METRICS
from reportgen.publish.sealed import Sealed, open_sealed
from reportgen.records import RunInfo

__all__ = [
    "FinishedRun",
    "faithfulness_of",
    "finished",
    "measure_of",
    "quality_of",
    "read_run",
    "time_of",
]

WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that was read back.

    ``hash`` is the run hash, ``digest`` the sha256 of its manifest; ``files`` are the names that
    the manifest lists, ``inputs`` is what inputs.json holds. All else is of metrics.json: ``info``
    is the metadata of the predictions table, ``in_train`` and ``label_errors`` count examples,
    ``measures`` are by name. None: ``quality`` where no example has a label, ``faithfulness``
    where nothing was tested, ``in_train`` where it is not known.
    """

    folder: Path
    hash: str
    digest: str
    files: tuple[str, ...]
    inputs: Mapping[str, Any]
    headline: str
    lede: str
    info: RunInfo
    examples: int
    labelled: int
    in_train: int | None
    label_errors: int
    mean_confidence: Estimate
    unsure_share: Estimate
    measures: Mapping[str, Measure]
    quality: Quality | None
    slices: tuple[Slice, ...]
    faithfulness: Faithfulness | None

    @property
    def id(self) -> str:
        """The name of its folder."""
        return self.folder.resolve().name

    @property
    def experiment(self) -> str:
        """The experiment that it belongs to, by its folder."""
        return self.folder.resolve().parent.name

    @property
    def time(self) -> datetime | None:
        """The time of the run in UTC; None where its folder has another name."""
        return time_of(self.id)


def time_of(id_: str) -> datetime | None:
    """Return the time of a run in UTC by the name of its folder; None of another name."""
    if not RUN_ID.fullmatch(id_):
        return None
    return datetime.strptime(id_[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def read_run(path: Path) -> FinishedRun:
    """Read the run in a folder, or the one that ``latest`` leads to.

    Raises:
        ArchiveError: it is no run folder, or its manifest, inputs.json or metrics.json is missing,
            damaged, or not what the manifest lists.
    """
    return finished(open_sealed(path))


def finished(run: Sealed) -> FinishedRun:
    """Read the run of a report whose manifest was read already.

    Raises:
        ArchiveError: as ``read_run``.
    """
    contents = [run.content(name) for name in (INPUTS, METRICS)]
    try:
        inputs, metrics = (dict(json.loads(content)) for content in contents)
        if "comparison" in inputs:
            raise ArchiveError(f"{run.folder}: a comparison; name one of the runs that it compares")
        certainty, in_train = metrics["certainty"], metrics["in_train"]
        return FinishedRun(
            folder=run.folder,
            hash=run.hash,
            digest=run.digest,
            files=tuple(run.listed),
            inputs=inputs,
            headline=str(metrics["headline"]),
            lede=str(metrics["lede"]),
            info=RunInfo.from_dict(metrics["run"]),
            examples=int(metrics["examples"]),
            labelled=int(metrics["labelled"]),
            in_train=None if in_train is None else int(in_train),
            label_errors=len(metrics["label_errors"] or ()),
            mean_confidence=_sure(certainty["mean_confidence"]),
            unsure_share=_sure(certainty["unsure_share"]),
            measures={name: measure_of(found) for name, found in metrics["metrics"].items()},
            quality=quality_of(metrics["quality"]),
            slices=tuple(map(_slice, metrics["slices"] or ())),
            faithfulness=faithfulness_of(metrics["attention"]),
        )
    except WRONG as error:
        problem = f"not as this version writes it ({type(error).__name__}: {error})"
        raise ArchiveError(f"{run.folder / METRICS}: {problem}") from error


def measure_of(values: Mapping[str, Any]) -> Measure:
    """Return a measure as metrics.json has it; null is NaN again."""
    words = ("name", "title", "method", "better")
    return Measure(**_typed(values, words, ("value", "low", "high")))


def _typed(
    values: Mapping[str, Any],
    words: Sequence[str],
    numbers: Sequence[str],
    counts: Sequence[str] = (),
) -> dict[str, Any]:
    """Return those of the values as what they are to be."""
    return {
        **{name: str(values[name]) for name in words},
        **{name: _number(values[name]) for name in numbers},
        **{name: int(values[name]) for name in counts},
    }


def _number(value: float | None) -> float:
    return NAN if value is None else float(value)


def quality_of(values: Mapping[str, Any] | None) -> Quality | None:
    """Return the counts as metrics.json has them; the confusions are those of its mistakes."""
    if values is None:
        return None
    classes = tuple(
        ClassQuality(
            **_typed(found, ("name",), ("precision", "recall", "f1"), ("support", "predicted"))
        )
        for found in values["classes"]
    )
    places = {found.name: i for i, found in enumerate(classes)}
    wrong = [0] * len(classes)
    confusion = {}
    for found in values["mistakes"]:
        pair = places[found["label"]], places[found["predicted"]]
        confusion[pair] = int(found["count"])
        wrong[pair[0]] += confusion[pair]
    confusion |= {
        (i, i): c.support - wrong[i] for i, c in enumerate(classes) if c.support > wrong[i]
    }
    low, high = values["interval"]
    return Quality(
        examples=int(values["examples"]),
        right=int(values["right"]),
        accuracy=float(values["accuracy"]),
        interval=(float(low), float(high)),
        majority=float(values["majority"]),
        confusion=confusion,
        classes=classes,
    )


def _slice(values: Mapping[str, Any]) -> Slice:
    low, high = values["interval"]
    detectable = values["detectable"]
    return Slice(
        **_typed(
            values,
            ("group", "name"),
            ("accuracy", "confidence", "rest", "p"),
            ("count", "right", "tests"),
        ),
        interval=(_number(low), _number(high)),
        detectable=None if detectable is None else float(detectable),
    )


def faithfulness_of(values: Mapping[str, Any] | None) -> Faithfulness | None:
    """Return the tests of the weights as metrics.json has them."""
    if values is None:
        return None
    counts = ("examples", "untestable", "explained", "supported", "unsupported", "undecided")
    return Faithfulness(
        **{name: int(values[name]) for name in counts},
        ways=tuple(
            Way(
                str(way["name"]),
                _number(way["drop"]),
                _number(way["sufficiency"]),
                tuple(map(_number, way["drops"])),
            )
            for way in values["ways"]
        ),
        against_random=_sure(values["against_random"]),
        against_content=_estimate(values["against_content"]),
        share_of_gradients=_estimate(values["share_of_gradients"]),
        uniform=_change(values["uniform"]),
        permuted=_change(values["permuted"]),
        tau_left_out=_number(values["tau_left_out"]),
        tau_gradients=_number(values["tau_gradients"]),
    )


def _estimate(values: Mapping[str, Any] | None) -> Estimate | None:
    return None if values is None else _sure(values)


def _sure(values: Mapping[str, Any]) -> Estimate:
    return Estimate(*(_number(values[name]) for name in ("value", "low", "high")))


def _change(values: Mapping[str, Any] | None) -> Change | None:
    if values is None:
        return None
    return Change(_sure(values["changed"]), _sure(values["change"]), int(values["texts"]))
