"""Compare the accuracy of groups of examples with that of all others, least accurate first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEAST
from reportgen.analysis.metrics import Scores, wilson_interval

__all__ = ["LeftOut", "Slice", "by_length", "detectable", "groups", "holm", "left_out", "slices"]

POWER = 0.8
VALUES = 20  # distinct values; an extra column with more is not a category to filter by
NAMED = 12  # values that are not compared, the most frequent first


@dataclass(frozen=True, slots=True)
class Slice:
    """A group of examples against all others.

    ``confidence`` is its mean. ``p`` is of Fisher's exact test of right and wrong, inside and
    outside, corrected over all ``tests`` by Holm's method (1979). ``detectable`` is the smallest
    gap below the others' accuracy that such a test finds with 80 % power; None where it finds none.
    """

    group: str
    name: str
    count: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    confidence: float
    rest: float
    p: float
    tests: int
    detectable: float | None

    @property
    def stands_out(self) -> bool:
        """Whether it differs from the others at the 5 % level after the correction."""
        return self.p < 0.05


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a chosen column is not compared: ``values`` of too few or nearly all examples.

    ``quarters`` says that its numbers are compared by quarters, not one by one. ``examples`` counts
    those with such values, ``empty`` those without any; ``named`` are the most frequent values,
    each with its examples.
    """

    column: str
    quarters: bool
    values: int
    examples: int
    empty: int
    named: tuple[tuple[str, int], ...]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted by Holm's step-down method (Holm 1979)."""
    adjusted, most = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(np.argsort(p_values, kind="stable")):
        most = max(most, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = most
    return adjusted


def slices(
    scores: Scores, members: Iterable[tuple[str, str, NDArray[np.bool_]]], least: int = LEAST
) -> list[Slice]:
    """Measure every group (kind, name, members [N]) of which both sides have ``least`` examples.

    A group and its complement are one test: they compare the same two sets of examples.
    """
    from scipy.stats import fisher_exact

    large: list[tuple[str, str, int, int, float, bytes]] = []
    p_values: dict[bytes, float] = {}
    total, all_right = len(scores), int(scores.correct.sum())
    for group, name, inside in members:
        count = int(inside.sum())
        others = total - count
        if min(count, others) < least:
            continue
        right = int(scores.correct[inside].sum())
        right_others = all_right - right
        test = np.packbits(inside ^ inside[0]).tobytes()  # the same of a group and its complement
        if test not in p_values:
            table = [[right, count - right], [right_others, others - right_others]]
            p_values[test] = float(fisher_exact(table).pvalue)
        sure = float(scores.confidence[inside].mean())
        large.append((group, name, count, right, sure, test))
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    compared = []
    for group, name, count, right, sure, test in large:
        rest = (all_right - right) / (total - count)
        gap = detectable(count, total - count, rest, len(adjusted))
        ends = wilson_interval(right, count)
        compared.append(
            Slice(
                group, name, count, right, right / count, ends, sure, rest, adjusted[test],
                len(adjusted), gap,
            )
        )  # fmt: skip
    return sorted(compared, key=lambda s: (s.accuracy, s.group, s.name))


def detectable(count: int, others: int, rest: float, tests: int) -> float | None:
    """Return the smallest gap in accuracy, to a tenth of a point, that is found with 80 % power.

    ``count`` examples are compared with ``others``, whose accuracy is ``rest``, at a two-sided 5 %
    divided by the number of ``tests`` (the first step of Holm's method). Normal approximation with
    the correction that makes it one of Fisher's exact test (Casagrande, Pike and Smith 1978).
    """
    from scipy.stats import norm

    gaps = np.arange(0.001, rest + 5e-4, 0.001)
    low = np.maximum(rest - gaps, 0)
    pooled = (count * low + others * rest) / (count + others)
    each = 1 / count + 1 / others
    chance = np.sqrt(pooled * (1 - pooled) * each)
    spread = np.sqrt(low * (1 - low) / count + rest * (1 - rest) / others)
    needed = norm.isf(0.025 / tests) * chance + norm.ppf(POWER) * spread + each / 2
    found = np.flatnonzero(gaps >= needed)
    return float(gaps[found[0]]) if len(found) else None


def groups(
    gold: NDArray[np.int64],
    classes: Sequence[str],
    lengths: NDArray[np.int64],
    unknown: NDArray[np.int64] | None,
    rates: Mapping[str, NDArray[np.float64]],
    extra: Mapping[str, Sequence[str | None]],
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Yield the groups: length, out-of-vocabulary words, class, word rates, extra columns."""
    yield from by_length(lengths)
    if unknown is not None:
        share = 100 * unknown / np.maximum(lengths, 1)
        yield from _quarters("out-of-vocabulary words", share, "{:.1f} %")
    for i, name in enumerate(classes):
        yield "label", name, gold == i
    for name, per_100 in rates.items():
        yield from _quarters(name, per_100, "{:.1f} per 100 tokens")
    for name, values in extra.items():
        yield from _by_value(name, values)


def by_length(
    lengths: NDArray[np.int64], unit: str = "token"
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Yield the quarters of lengths [N], which count so many of the unit."""
    yield from _quarters("length", lengths.astype(np.float64), f"{{:,.0f}} {unit}s")


def left_out(name: str, values: Sequence[str | None], least: int = LEAST) -> LeftOut:
    """Say what ``slices`` leaves out of a column of the labelled examples."""
    sizes = {group: int(inside.sum()) for _, group, inside in _by_value(name, values)}
    few = {g: n for g, n in sizes.items() if min(n, len(values) - n) < least}
    empty = sum(not value for value in values)
    named = sorted(few.items(), key=lambda item: (-item[1], item[0]))
    numbers = _numbers(values, least)
    return LeftOut(
        name, numbers is not None, len(few), sum(few.values()), empty, tuple(named[:NAMED])
    )


def _by_value(
    name: str, values: Sequence[str | None]
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Yield a group for each value of a column, or the quarters of its numbers."""
    numbers = _numbers(values)
    if numbers is not None:
        yield from _quarters(name, numbers, "{:.6g}", counts=False)
        return
    places: dict[str, int] = {}
    codes = np.array([places.setdefault(value or "", len(places)) for value in values])
    for value in sorted(set(places) - {""}):
        yield name, value, codes == places[value]


def _numbers(values: Sequence[str | None], least: int = LEAST) -> NDArray[np.float64] | None:
    """Return the numbers of a column [n], NaN where it is empty, if quarters are its groups.

    They are where all of its values are numbers, and less than half of the examples have one that
    ``least`` examples have.
    """
    counts = Counter(value for value in values if value)
    often = sum(count for count in counts.values() if count >= least)
    if not counts or 2 * often >= counts.total():
        return None
    try:
        numbers = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        return None
    return None if np.isinf(numbers).any() else numbers


def _quarters(
    group: str, values: NDArray[np.float64], unit: str, counts: bool = True
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Yield the quarters of numbers, NaN apart; of ``counts`` none lies below 0."""

    def said(value: float) -> str:
        text = unit.format(value)
        return text.removesuffix("s") if text.startswith("1 ") else text

    known = values[~np.isnan(values)]
    ends = np.unique(np.quantile(known, (0.25, 0.5, 0.75), method="higher"))
    low = -np.inf
    for end in (*ends, np.inf):
        inside = (values > low) & (values <= end)  # NaN is in none
        if counts and np.isinf(low) and end == 0:
            name = "none"
        elif np.isinf(low):
            name = f"up to {said(end)}"
        elif np.isinf(end):
            name = f"over {said(low)}" if low or not counts else "any"
        else:
            name = f"over {unit.format(low).split(' ')[0] if low else 0} to {unit.format(end)}"
        if inside.any():
            yield group, name, inside
        low = end
