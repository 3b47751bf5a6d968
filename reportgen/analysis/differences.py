"""Estimate the differences between runs on the same labelled examples, over all and within groups.

The first run is the baseline; every difference is another run's value less its value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEAST, LEVEL, NO_INTERVAL, Interval, Z
from reportgen.analysis.mcnemar import mcnemar, tango_interval
from reportgen.analysis.paired import Weighted, draws
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import holm

__all__ = [
    "ALPHA",
    "Difference",
    "Outcomes",
    "SliceDifference",
    "correlation",
    "differences",
    "mover_interval",
    "outcomes",
    "p_value",
    "percentiles",
    "slice_differences",
]

ALPHA = 1 - LEVEL
ACCURACY = "accuracy"
EXACT, BOOTSTRAP, MOVER = "Tango; McNemar", "paired bootstrap", "MOVER, paired bootstrap"
SMOOTH = ("roc_auc", "average_precision", "log_loss", "brier", "aurc")
FEW = 10  # wrong or right answers of a run; of fewer, resamples vary too little
Members = Iterable[tuple[str, str, NDArray[np.bool_]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of run ``run`` (1 …) against that of the first, with the interval of ``value``.

    ``first`` and ``second`` are the two values, ``value`` the second less the first. ``p`` is of
    the test that there is no difference, ``adjusted`` the same after Holm's correction over the
    runs that are compared with the first. What is undefined is NaN. ``better`` is "higher" or
    "lower".
    """

    run: int
    key: str
    title: str
    better: str
    first: float
    second: float
    value: float
    low: float
    high: float
    p: float
    adjusted: float
    method: str

    @property
    def loss(self) -> tuple[float, float, float]:
        """How much worse than the first: the value, the least and the most of the interval."""
        if self.better == "lower":
            return self.value, self.low, self.high
        return -self.value, -self.high, -self.low


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Right and wrong labelled examples of run ``run`` (1 …) against the first; McNemar's test.

    ``changed`` of those ``both_wrong`` have another wrong answer.
    """

    run: int
    both_right: int
    broken: int
    fixed: int
    both_wrong: int
    changed: int
    p: float
    adjusted: float


@dataclass(frozen=True, slots=True)
class SliceDifference:
    """A group of examples in which run ``run`` (1 …) is held against the first.

    ``value`` is the difference in accuracy with Tango's interval; ``p`` is McNemar's within the
    group, corrected by Holm's method over all ``tests``.
    """

    run: int
    group: str
    name: str
    count: int
    first: float
    second: float
    broken: int
    fixed: int
    value: float
    interval: Interval
    p: float
    tests: int

    @property
    def stands_out(self) -> bool:
        """Whether the runs differ in it at the 5 % level after the correction."""
        return self.p < ALPHA


def outcomes(gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> tuple[Outcomes, ...]:
    """Count the outcomes of each run against the first, from labels [n] and answers [K, n]."""
    first = predicted[0] == gold
    found = []
    for run in range(1, len(predicted)):
        second = predicted[run] == gold
        broken, fixed = int((first & ~second).sum()), int((second & ~first).sum())
        wrong = ~first & ~second
        changed = int((wrong & (predicted[0] != predicted[run])).sum())
        right, p = int((first & second).sum()), mcnemar(broken, fixed)
        found.append(Outcomes(run, right, broken, fixed, int(wrong.sum()), changed, p, p))
    adjusted = holm([pair.p for pair in found])
    return tuple(replace(o, adjusted=p) for o, p in zip(found, adjusted, strict=True))


def differences(
    runs: Sequence[Weighted], measures: Sequence[Mapping[str, Measure]], seed: int
) -> tuple[Difference, ...]:
    """Compare every measure of each run with that of the first; by run, then by measure.

    Each has the method whose coverage was best in ``benchmarks/intervals.py``. Accuracy: Tango's
    interval and McNemar's exact test. Rankings and losses: percentiles of the differences in
    resamples. What counts answers, the calibration error, and all where a run is wrong or right
    fewer than ten times: ``mover_interval`` with the correlation of the resamples. Runs of the same
    probabilities have no difference, and no interval.
    """
    keys = list(measures[0])
    blocks = [[[run[key] for key in keys] for run in block] for block in draws(runs, seed)]
    drawn = np.concatenate([np.array(block) for block in blocks], axis=2)  # [K, measures, R]
    few = [_has_few(run) for run in runs]
    made = []
    for run in range(1, len(runs)):
        same = runs[run].same_as(runs[0])
        smooth = () if few[0] or few[run] else SMOOTH
        for i, key in enumerate(keys):
            one, other = measures[0][key], measures[run][key]
            value = other.value - one.value
            if key == ACCURACY:
                broken, fixed, examples = _discordant(runs[0], runs[run])
                ends, p = tango_interval(broken, fixed, examples), mcnemar(broken, fixed)
                method = EXACT
            elif key in smooth:
                ends, p = percentiles(drawn[run, i] - drawn[0, i])
                method = BOOTSTRAP
            else:
                ends = mover_interval(one, other, correlation(drawn[0, i], drawn[run, i]))
                p, method = p_value(value, ends), MOVER
            if math.isnan(value):
                ends, p = NO_INTERVAL, math.nan
            elif same:
                ends, p = NO_INTERVAL, 1.0
            numbers = (one.value, other.value, value, *ends, p, p)
            made.append(Difference(run, key, one.title, one.better, *numbers, method))
    return _adjusted(made)


def _has_few(run: Weighted) -> bool:
    right = int(run.scores.correct.sum())
    return min(right, len(run.scores) - right) < FEW


def _discordant(first: Weighted, second: Weighted) -> tuple[int, int, int]:
    """Count the examples that only the first, and only the second gets right, and all."""
    a, b = first.scores.correct, second.scores.correct
    return int((a & ~b).sum()), int((b & ~a).sum()), len(a)


def correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the correlation of two measures over resamples; 0 where one does not vary."""
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        return 0.0
    a, b = (values[known] - values[known].mean() for values in (first, second))
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else 0.0


def mover_interval(first: Measure, second: Measure, correlation: float) -> Interval:
    """Return the interval of ``second`` less ``first`` from those of the two, which are correlated.

    Zou and Donner 2008, "Construction of confidence limits about effect measures: a general
    approach" (MOVER). Newcombe's interval of paired proportions (1998) is one of these.
    """
    value = second.value - first.value
    below = _together(second.value - second.low, first.high - first.value, correlation)
    above = _together(second.high - second.value, first.value - first.low, correlation)
    return value - below, value + above


def _together(one: float, other: float, correlation: float) -> float:
    squared = one * one + other * other - 2 * correlation * one * other
    return math.sqrt(max(squared, 0.0)) if squared == squared else math.nan


def p_value(value: float, ends: Interval) -> float:
    """Return the p-value that goes with a 95 % interval (Altman and Bland 2011), 5 % at its end."""
    arm = value - ends[0] if value > 0 else ends[1] - value
    if value == 0 or math.isnan(arm):
        return 1.0 if value == 0 else math.nan
    return math.erfc(Z * abs(value) / arm / math.sqrt(2)) if arm > 0 else 0.0


def percentiles(values: NDArray[np.float64]) -> tuple[Interval, float]:
    """Return the percentile interval of drawn differences [R] and the p-value that it inverts.

    The interval excludes 0 just where p < 5 %. There is none where no resample differs from
    another, or where too few define the measure.
    """
    known = np.sort(values[np.isfinite(values)])
    number = len(known)
    place = math.ceil(ALPHA / 2 * (number + 1)) - 2
    if number and not known[0] < known[-1]:
        return NO_INTERVAL, 1.0 if known[0] == 0 else math.nan
    if place < 0:
        return NO_INTERVAL, math.nan
    beyond = min(int((known <= 0).sum()), int((known >= 0).sum()))
    ends = float(known[place]), float(known[number - 1 - place])
    return ends, min(1.0, 2 * (beyond + 1) / (number + 1))


def _adjusted(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """Correct the p-values of each measure over the runs; where one is unknown it is no test."""
    adjusted = {}
    for key in dict.fromkeys(d.key for d in found):
        tests = [d for d in found if d.key == key and not math.isnan(d.p)]
        for d, p in zip(tests, holm([d.p for d in tests]), strict=True):
            adjusted[d.run, key] = p
    return tuple(replace(d, adjusted=adjusted.get((d.run, d.key), math.nan)) for d in found)


def slice_differences(
    correct: NDArray[np.bool_], runs: Sequence[int], members: Members, least: int = LEAST
) -> tuple[SliceDifference, ...]:
    """Compare the accuracy of these runs with the first's in every group of ``least`` examples.

    ``correct`` [K, n] says which answers are right; ``members`` are groups (kind, name, members
    [n]). Two groups of the same examples are one test. The largest losses come first.
    """
    found: list[tuple[bytes, SliceDifference]] = []
    for group, name, inside in members:
        count = int(inside.sum())
        if count < least:
            continue
        right = correct[:, inside]
        for run in runs:
            broken = int((right[0] & ~right[run]).sum())
            fixed = int((right[run] & ~right[0]).sum())
            made = SliceDifference(
                run=run,
                group=group,
                name=name,
                count=count,
                first=float(right[0].mean()),
                second=float(right[run].mean()),
                broken=broken,
                fixed=fixed,
                value=(fixed - broken) / count,
                interval=tango_interval(broken, fixed, count),
                p=mcnemar(broken, fixed),
                tests=0,
            )
            found.append((bytes([run]) + np.packbits(inside).tobytes(), made))
    tests = {test: made.p for test, made in found}
    adjusted = dict(zip(tests, holm(list(tests.values())), strict=True))
    compared = [replace(made, p=adjusted[test], tests=len(tests)) for test, made in found]
    return tuple(sorted(compared, key=lambda s: (s.value, s.run, s.group, s.name)))
