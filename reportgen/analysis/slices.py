"""Compare the accuracy of groups of examples with that of all others, least accurate first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import LEAST
from reportgen.analysis.metrics import Scores, wilson_interval

__all__ = ["Slice", "detectable", "groups", "holm", "slices"]

POWER = 0.8
VALUES = 20  # distinct values; an extra column with more is not a category


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
    yield from _quarters("length", lengths.astype(np.float64), "{:,.0f} tokens")
    if unknown is not None:
        share = 100 * unknown / np.maximum(lengths, 1)
        yield from _quarters("out-of-vocabulary words", share, "{:.1f} %")
    for i, name in enumerate(classes):
        yield "label", name, gold == i
    for name, per_100 in rates.items():
        yield from _quarters(name, per_100, "{:.1f} per 100 tokens")
    for name, values in extra.items():
        column = np.array([value or "" for value in values], dtype=object)
        categories = sorted(set(column) - {""})
        if len(categories) <= VALUES:
            for category in categories:
                yield name, category, column == category


def _quarters(
    group: str, values: NDArray[np.float64], unit: str
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    def said(value: float) -> str:
        text = unit.format(value)
        return "1 token" if text == "1 tokens" else text

    ends = np.unique(np.quantile(values, (0.25, 0.5, 0.75), method="higher"))
    low = -np.inf
    for end in (*ends, np.inf):
        inside = (values > low) & (values <= end)
        if np.isinf(low) and end == 0:
            name = "none"
        elif np.isinf(low):
            name = f"up to {said(end)}"
        elif np.isinf(end):
            name = f"over {said(low)}" if low else "any"
        else:
            name = f"over {unit.format(low).split(' ')[0] if low else 0} to {unit.format(end)}"
        if inside.any():
            yield group, name, inside
        low = end
