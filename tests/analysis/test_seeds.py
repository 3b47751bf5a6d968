"""Which runs differ by their seeds alone, and the spread of their measures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from reportgen.analysis.scores import Measure
from reportgen.analysis.seeds import SeedSpread, seed_numbers, seed_spread
from reportgen.records import DataInfo, ModelInfo, RunInfo

DATA = DataInfo("d", "test", 10, 10, sha256="ab" * 32)
TRAINED = {"data": {"sha256": "cd" * 32}, "options": {"epochs": 3, "seed": 1}, "best": 2}


def info(seed: int, data: DataInfo = DATA, **model: Any) -> RunInfo:
    options = {**TRAINED["options"], "seed": seed}  # type: ignore[dict-item]
    given = {
        "name": "m",
        "settings": {"hidden_size": 8, "temperature": 1 + seed / 10},
        "training": {**TRAINED, "options": options, "best": seed},
        "checkpoint_sha256": f"{seed:064}",
    }
    return RunInfo(("no", "yes"), data, ModelInfo(**{**given, **model}), seed=1)


def test_runs_that_differ_by_their_seed() -> None:
    assert seed_numbers([info(1), info(2), info(5)]) == (1, 2, 5)


@pytest.mark.parametrize(
    "other",
    [
        info(1),
        info(2, name="another"),
        info(2, settings={"hidden_size": 9}),
        info(2, training={**TRAINED, "options": {"epochs": 4, "seed": 2}}),
        info(2, training={"data": {"sha256": "ef" * 32}, "options": {"epochs": 3, "seed": 2}}),
        info(2, checkpoint_sha256=f"{1:064}"),
        info(2, data=replace(DATA, sha256="00" * 32)),
        info(2, data=replace(DATA, split="valid")),
        replace(info(2), max_tokens=5),
    ],
    ids=["seed", "name", "settings", "options", "trained on", "checkpoint", "data", "split", "cut"],
)  # fmt: skip
def test_runs_that_differ_by_more_or_nothing(other: RunInfo) -> None:
    assert seed_numbers([info(1), other]) == ()


def test_without_a_hash_of_the_data_nothing_is_said() -> None:
    bare = replace(DATA, sha256=None)
    assert seed_numbers([info(1, data=bare), info(2, data=bare)]) == ()


def test_another_programs_seed_is_that_of_the_run() -> None:
    runs = [RunInfo(("no", "yes"), DATA, ModelInfo("m"), seed=seed) for seed in (3, 4)]
    assert seed_numbers(runs) == (3, 4)
    assert seed_numbers([runs[0], replace(runs[1], seed=None)]) == ()
    assert seed_numbers([runs[0], replace(runs[1], seed=3)]) == ()


def test_odd_training_metadata_stops_nothing() -> None:
    assert seed_numbers([info(1, training={"options": 3}), info(2, training={"options": 3})]) == ()
    assert seed_numbers([info(1, training={"options": {"seed": "x"}}), info(2)]) == ()


def test_spread() -> None:
    runs = [
        {"a": Measure("a", "A", value, 0, 1, ""), "b": Measure("b", "B", nan, 0, 1, "")}
        for value, nan in ((0.8, 0.5), (0.9, math.nan), (0.85, 0.5))
    ]
    (spread,) = seed_spread(runs)
    assert spread == SeedSpread("a", "A", pytest.approx(0.85), pytest.approx(0.05), 0.8, 0.9)
