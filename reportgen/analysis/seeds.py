"""Tell whether runs differ by their seeds alone, and how much their measures then spread."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.analysis.scores import Measure
from reportgen.records import RunInfo

__all__ = ["SeedSpread", "seed_numbers", "seed_spread"]


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """A measure over runs of one setting: its mean, standard deviation (ddof 1), least and most."""

    key: str
    title: str
    mean: float
    deviation: float
    least: float
    most: float


def seed_numbers(infos: Sequence[RunInfo]) -> tuple[int, ...]:
    """Return the seed of each run where the runs are of one setting and data; else nothing.

    The seed is that of the training, where a run names it. The model, its settings but for a
    fitted temperature, what it was trained on and how must be the same, and so must the data, by
    their hash; no seed and no checkpoint may be that of two runs.
    """
    seeds = [_seed(info) for info in infos]
    checkpoints = [s for info in infos if (s := info.model.checkpoint_sha256)]
    same = all(_setting(info) == _setting(infos[0]) for info in infos)
    known = tuple(seed for seed in seeds if seed is not None)
    if (
        not same
        or infos[0].data.sha256 is None
        or len(set(known)) < len(infos)
        or len(set(checkpoints)) < len(checkpoints)
    ):
        return ()
    return known


def _options(info: RunInfo) -> Mapping[str, Any]:
    options = info.model.training.get("options")
    return options if isinstance(options, Mapping) else {}


def _seed(info: RunInfo) -> int | None:
    seed = _options(info).get("seed", info.seed)
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _setting(info: RunInfo) -> tuple[Any, ...]:
    """Return all but the seed that decides what a run measures."""
    model, data = info.model, info.data
    settings = {k: v for k, v in model.settings.items() if k != "temperature"}
    options = {k: v for k, v in _options(info).items() if k != "seed"}
    trained = {k: model.training.get(k) for k in ("data", "vectors")}
    return (
        model.name, model.tokenizer, settings, options, trained, info.max_tokens, data.sha256,
        data.split,
    )  # fmt: skip


def seed_spread(measures: Sequence[Mapping[str, Measure]]) -> tuple[SeedSpread, ...]:
    """Return the spread over the runs of every measure that all define."""
    found = []
    for key, first in measures[0].items():
        values = [run[key].value for run in measures]
        if all(value == value for value in values):
            found.append(
                SeedSpread(
                    key, first.title, statistics.fmean(values), statistics.stdev(values),
                    min(values), max(values),
                )
            )  # fmt: skip
    return tuple(found)
