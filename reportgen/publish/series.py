"""Read the runs in a folder for reports back, as a series in the order of time.

Damaged runs and foreign folders are named with the reason, and stop nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reportgen.publish.archive import LATEST, MANIFEST, RUN_ID
from reportgen.publish.past import (
    PAGE,
    Facts,
    Flaw,
    FlawError,
    PastComparison,
    PastRun,
    State,
    read_facts,
    record,
)

__all__ = ["Archive", "Experiment", "Known", "Odd", "find_runs", "read_runs"]

CHECKPOINT = "model.safetensors"  # a folder with it is a checkpoint
REVIEW = "review.json"  # one with it is a review
BESIDE = re.compile(rf"({RUN_ID.pattern})-(?P<what>.+)", re.S)

Known = Mapping[tuple[str, str], tuple[State, Facts]]  # by experiment and run


@dataclass(frozen=True, slots=True)
class Odd:
    """A folder that is not listed as a run, and why; ``detail`` says more where there is more.

    ``name`` is empty where it is the folder of an experiment itself.
    """

    experiment: str
    name: str
    flaw: Flaw
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The names in the folder of an experiment: runs, what stands beside them, and other folders.

    A folder without any run has one odd entry, itself, or none where it holds a checkpoint alone.
    """

    name: str
    runs: tuple[str, ...]
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    odd: tuple[Odd, ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """What a folder for reports holds: runs and comparisons, the oldest first, and odd folders.

    ``known`` is what to keep, so that the next time only new runs are read.
    """

    runs: tuple[PastRun, ...]
    odd: tuple[Odd, ...]
    known: Known
    comparisons: tuple[PastComparison, ...] = ()


def find_runs(reports: Path) -> list[Experiment]:
    """Return the experiments in a folder for reports, by name; nothing is opened.

    Raises:
        OSError: the folder cannot be listed.
    """
    return [_experiment(reports, name) for name in _folders(reports) if name != LATEST]


def _folders(place: Path) -> list[str]:
    """Return the sorted names of the folders in another, hidden ones aside."""
    with os.scandir(place) as entries:
        return sorted(e.name for e in entries if not e.name.startswith(".") and e.is_dir())


def _experiment(reports: Path, name: str) -> Experiment:
    place = reports / name
    try:
        names = [other for other in _folders(place) if other != LATEST]
    except OSError as error:
        return Experiment(name, (), odd=(Odd(name, "", Flaw.UNREADABLE, error.strerror or ""),))
    runs = tuple(other for other in names if RUN_ID.fullmatch(other))
    if not runs:
        strange = any(not _is_checkpoint(place / other) for other in names)
        return Experiment(name, (), odd=(Odd(name, "", Flaw.FOREIGN),) if strange else ())
    beside: dict[str, tuple[str, ...]] = {}
    odd = []
    for other in names:
        named = BESIDE.fullmatch(other)
        if other in runs or _is_checkpoint(place / other):
            continue
        if named and named[1] in runs and (place / other / PAGE).is_file():
            beside[named[1]] = (*beside.get(named[1], ()), named["what"])
        else:
            odd.append(Odd(name, other, _flaw(place / other)))
    return Experiment(name, runs, beside, tuple(odd))


def _flaw(folder: Path) -> Flaw:
    """Return what a folder is whose name is not that of a run."""
    if (folder / REVIEW).is_file():
        return Flaw.REVIEW
    return Flaw.RENAMED if (folder / MANIFEST).is_file() else Flaw.FOREIGN


def _is_checkpoint(folder: Path) -> bool:
    return (folder / CHECKPOINT).is_file()


def read_runs(reports: Path, experiments: Sequence[Experiment], known: Known) -> Archive:
    """Read every run of these experiments, except from disk where it is ``known``."""
    found: list[PastRun | PastComparison] = []
    odd: list[Odd] = []
    kept = {}
    for experiment in experiments:
        odd += experiment.odd
        for id_ in experiment.runs:
            place = experiment.name, id_
            try:
                state, facts = read_facts(reports.joinpath(*place), known.get(place))
                found.append(record(place, facts, experiment.beside.get(id_, ())))
                kept[place] = state, facts
            except FlawError as error:
                odd.append(Odd(*place, error.flaw, error.detail))
    found.sort(key=lambda one: (one.id, one.experiment))
    return Archive(
        tuple(one for one in found if isinstance(one, PastRun)),
        tuple(odd),
        kept,
        tuple(one for one in found if isinstance(one, PastComparison)),
    )
