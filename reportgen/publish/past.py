"""Read one finished run, or comparison of runs, back as a thin record, from its own files.

Its manifest, inputs.json and metrics.json are read, and the pages that an index links to are looked
for: these must be as the manifest says, or the run is damaged. No other file is touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from reportgen.errors import ArchiveError
from reportgen.files import open_regular
from reportgen.publish.archive import INPUTS, MANIFEST, RUN_ID
from reportgen.publish.checked import maybe, number, text, whole
from reportgen.publish.verification import parsed
from reportgen.records import RunInfo

__all__ = [
    "CONFIDENCE",
    "LINKED",
    "MEASURES",
    "METRICS",
    "PAGE",
    "PDF",
    "SINGLE",
    "Estimate",
    "Examples",
    "Facts",
    "Flaw",
    "FlawError",
    "PastComparison",
    "PastRun",
    "State",
    "read_facts",
    "record",
]

MEASURES = ("accuracy", "macro_f1", "ece")
CONFIDENCE = "mean_confidence"  # of a run, instead of these, where no example has a label
COMPARED = "comparison"  # of inputs.json: which runs were compared
METRICS, PAGE, SINGLE, PDF = "metrics.json", "index.html", "report.html", "report.pdf"
READ, LINKED = (MANIFEST, INPUTS, METRICS), (PAGE, SINGLE, PDF)
LARGEST = 100_000_000  # bytes of a file that is read
WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError)  # JSON of another shape

State = list[list[int] | None]  # time and size of READ and LINKED
Facts = Mapping[str, Any]  # what an index tells of a run, as JSON has it


class Flaw(StrEnum):
    """Why a folder is not listed as a run."""

    FOREIGN = "foreign"
    REVIEW = "review"
    UNREADABLE = "unreadable"
    NO_MANIFEST = "no manifest"
    MANIFEST = "manifest"
    CHANGED = "changed"
    MISSING = "missing"
    RENAMED = "renamed"
    VALUES = "values"


class FlawError(Exception):
    """A folder is not listed as a run; the record that says why is made of it."""

    def __init__(self, flaw: Flaw, detail: str = "") -> None:
        super().__init__(flaw, detail)
        self.flaw, self.detail = flaw, detail


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure and its 95 % interval, None where it has none."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Examples:
    """Which examples a run evaluated; equal for two runs of the same, as far as their files say.

    ``sha256`` is that of the data, None where a table does not name it; ``seed`` is None where all
    rows were evaluated; ``columns`` name those of text and label where they are not the usual ones.
    """

    name: str
    split: str
    sha256: str | None
    count: int
    labelled: int
    seed: int | None
    columns: str


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that was read back.

    ``rows`` are those of the split, of which ``examples.count`` were evaluated. ``estimates`` are
    by the names of metrics.json, or ``CONFIDENCE`` alone; ``pages`` those of ``LINKED`` that it
    has; ``beside`` what was made of it later and stands beside it, as ``review``.
    """

    experiment: str
    id: str
    hash: str
    headline: str
    examples: Examples
    rows: int
    model: str
    checkpoint: str | None
    estimates: Mapping[str, Estimate]
    pages: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def time(self) -> datetime:
        """The time of the run, in UTC."""
        return _time(self.id)


@dataclass(frozen=True, slots=True)
class PastComparison:
    """A comparison that was read back.

    ``runs`` are those that were compared, each by its name and its hash, None for a table.
    """

    experiment: str
    id: str
    hash: str
    headline: str
    runs: tuple[tuple[str, str | None], ...]
    pages: tuple[str, ...]

    @property
    def time(self) -> datetime:
        """When it was made, in UTC."""
        return _time(self.id)


def read_facts(folder: Path, known: tuple[State, Facts] | None) -> tuple[State, Facts]:
    """Return the state of a run's files, and what an index tells of it.

    A ``known`` run whose files have the times and sizes that they had is not read again.

    Raises:
        FlawError: it is no run that could be listed.
    """
    try:
        state = [_state(f"{folder}{os.sep}{name}") for name in (*READ, *LINKED)]
        if known is not None and known[0] == state:
            return state, known[1]
        return state, _read(folder, dict(zip(LINKED, state[len(READ) :], strict=True)))
    except ArchiveError as error:
        raise FlawError(Flaw.MANIFEST, str(error)) from error
    except OSError as error:
        raise FlawError(Flaw.UNREADABLE, error.strerror or "") from error
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise FlawError(Flaw.VALUES) from error


def _state(file: str) -> list[int] | None:
    """Return the time and size of a file, None where there is none; a link is not a file."""
    try:
        found = os.lstat(file)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise FlawError(Flaw.CHANGED, os.path.basename(file))
    return [found.st_mtime_ns, found.st_size]


def _read(folder: Path, pages: Mapping[str, list[int] | None]) -> dict[str, Any]:
    """Read a run, and hold what was read and found against its manifest."""
    try:
        manifest = _bytes(folder / MANIFEST)
    except FileNotFoundError as error:
        raise FlawError(Flaw.NO_MANIFEST) from error
    listed, run_hash = parsed(manifest, MANIFEST)
    if listed.get(INPUTS, {}).get("sha256") != run_hash:
        raise FlawError(Flaw.CHANGED, MANIFEST)
    name = RUN_ID.fullmatch(folder.name)
    if name is None or not run_hash.startswith(name[1]):
        raise FlawError(Flaw.RENAMED)
    contents = {}
    for file in (INPUTS, METRICS):
        try:
            contents[file] = _bytes(folder / file)
        except FileNotFoundError as error:
            raise FlawError(Flaw.MISSING, file) from error
        if listed.get(file, {}).get("sha256") != hashlib.sha256(contents[file]).hexdigest():
            raise FlawError(Flaw.CHANGED, file)
    for file, state in pages.items():
        if state is None and (file in listed or file == PAGE):
            raise FlawError(Flaw.MISSING, file)
        if state is not None and state[1] != listed.get(file, {}).get("size"):
            raise FlawError(Flaw.CHANGED, file)
    present = [file for file, state in pages.items() if state is not None]
    told = _told(json.loads(contents[INPUTS]), json.loads(contents[METRICS]))
    return {"hash": run_hash, "pages": present, **told}


def _bytes(file: Path) -> bytes:
    with open_regular(file) as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FlawError(Flaw.VALUES)
    return content


def _told(inputs: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return what inputs.json and metrics.json tell of a run, or of a comparison."""
    if COMPARED in inputs:
        runs = [[run["name"], run["run"]] for run in inputs[COMPARED]]
        return {"headline": metrics["headline"], COMPARED: runs}
    info = RunInfo.from_dict(metrics["run"])
    data, count = info.data, metrics["examples"]
    labelled = metrics.get("labelled", count)  # schema 2 knew no others
    estimates = {name: metrics["metrics"].get(name) for name in MEASURES}
    if not labelled:
        estimates = {CONFIDENCE: metrics["certainty"]["mean_confidence"]}
    return {
        "headline": metrics["headline"],
        "examples": asdict(
            Examples(
                data.name,
                data.split,
                data.sha256,
                count,
                labelled,
                info.seed if count < data.rows else None,
                _columns(inputs.get("data", {}).get("read", {})),
            )
        ),
        "rows": data.rows,
        "model": info.model.name,
        "checkpoint": info.model.checkpoint_sha256,
        "estimates": {
            name: [found["value"], found["low"], found["high"]]
            for name, found in estimates.items()
            if found is not None and found["value"] is not None
        },
    }


def _columns(read: Mapping[str, Any]) -> str:
    """Name the columns of text and label where they are not the usual ones."""
    kinds = ("text", "label")
    return ", ".join(
        f"{kind} in {name}" for kind in kinds if (name := read.get(f"{kind}_column", kind)) != kind
    )


def record(
    place: tuple[str, str], facts: Facts, beside: tuple[str, ...]
) -> PastRun | PastComparison:
    """Build the record of the run, or the comparison, at a place: an experiment and an id.

    Raises:
        FlawError: a value is not as it should be, wherever the facts were kept.
    """
    try:
        _time(place[1])
        pages = tuple(page for page in LINKED if page in facts["pages"])
        told = (*place, text(facts["hash"]), text(facts["headline"]))
        if COMPARED in facts:
            runs = tuple((text(name), maybe(text, run)) for name, run in facts[COMPARED])
            return PastComparison(*told, runs, pages)
        examples = facts["examples"]
        return PastRun(
            *told,
            examples=Examples(
                name=text(examples["name"]),
                split=text(examples["split"]),
                sha256=maybe(text, examples["sha256"]),
                count=whole(examples["count"]),
                labelled=whole(examples["labelled"]),
                seed=maybe(whole, examples["seed"]),
                columns=text(examples["columns"]),
            ),
            rows=whole(facts["rows"]),
            model=text(facts["model"]),
            checkpoint=maybe(text, facts["checkpoint"]),
            estimates={name: _estimate(*facts["estimates"][name]) for name in facts["estimates"]},
            pages=pages,
            beside=beside,
        )
    except WRONG as error:
        raise FlawError(Flaw.VALUES) from error


def _time(id_: str) -> datetime:
    return datetime.strptime(id_[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _estimate(value: Any, low: Any, high: Any) -> Estimate:
    if low is None or high is None:
        low = high = None
    return Estimate(number(value), maybe(number, low), maybe(number, high))
