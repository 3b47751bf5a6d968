"""Compare the accuracy of groups of examples with that of all others, least accurate first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.metrics import Scores, wilson_interval

__all__ = ["LEAST", "Slice", "groups", "holm", "slices"]

LEAST = 30  # examples that a slice needs to be shown
VALUES = 20  # distinct values; an extra column with more is not a category


@dataclass(frozen=True, slots=True)
class Slice:
    """A group of examples against all others.

    ``confidence`` is its mean. ``p`` is of Fisher's exact test of right and wrong, inside and
    outside, corrected over all slices by Holm's method (1979).
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
    """Measure every group (kind, name, members [N]) of at least ``least`` examples."""
    from scipy.stats import fisher_exact

    large: list[tuple[str, str, int, int, float]] = []
    p_values: list[float] = []
    total, all_right = len(scores), int(scores.correct.sum())
    for group, name, inside in members:
        count = int(inside.sum())
        if count < least or count == total:
            continue
        right = int(scores.correct[inside].sum())
        others, right_others = total - count, all_right - right
        table = [[right, count - right], [right_others, others - right_others]]
        p_values.append(float(fisher_exact(table).pvalue))
        large.append((group, name, count, right, float(scores.confidence[inside].mean())))
    compared = [
        Slice(
            group, name, count, right, right / count, wilson_interval(right, count), sure,
            (all_right - right) / (total - count), p,
        )
        for (group, name, count, right, sure), p in zip(large, holm(p_values), strict=True)
    ]  # fmt: skip
    return sorted(compared, key=lambda s: (s.accuracy, s.group, s.name))


def groups(
    gold: NDArray[np.int64],
    classes: Sequence[str],
    lengths: NDArray[np.int64],
    unknown: NDArray[np.int64] | None,
    marks: Mapping[str, NDArray[np.bool_]],
    extra: Mapping[str, Sequence[str | None]],
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    """Yield the groups: length, out-of-vocabulary words, class, marks, extra columns."""
    yield from _quarters("length", lengths.astype(np.float64), "{:,.0f} tokens")
    if unknown is not None:
        share = 100 * unknown / np.maximum(lengths, 1)
        yield from _quarters("out-of-vocabulary words", share, "{:.1f} %")
    for i, name in enumerate(classes):
        yield "label", name, gold == i
    for name, inside in marks.items():
        yield name, "with", inside
        yield name, "without", ~inside
    for name, values in extra.items():
        column = np.array([value or "" for value in values], dtype=object)
        categories = sorted(set(column) - {""})
        if len(categories) <= VALUES:
            for category in categories:
                yield name, category, column == category


def _quarters(
    group: str, values: NDArray[np.float64], unit: str
) -> Iterable[tuple[str, str, NDArray[np.bool_]]]:
    ends = np.unique(np.quantile(values, (0.25, 0.5, 0.75), method="higher"))
    low = -np.inf
    for end in (*ends, np.inf):
        inside = (values > low) & (values <= end)
        if np.isinf(low):
            name = f"up to {unit.format(end)}"
        elif np.isinf(end):
            name = f"over {unit.format(low)}"
        else:
            name = f"over {unit.format(low).split(' ')[0]} to {unit.format(end)}"
        if inside.any():
            yield group, name, inside
        low = end
