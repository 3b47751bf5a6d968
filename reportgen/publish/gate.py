"""Check the metrics of a finished report, or the differences between runs, against bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from reportgen.analysis.comparison import LETTERS, Difference
from reportgen.analysis.scores import metric_names
from reportgen.errors import UsageError

__all__ = ["Bound", "Margin", "broken", "check_labels", "check_names", "worse"]


@dataclass(frozen=True, slots=True)
class Bound:
    """The least value a metric may have, or with ``over`` the largest."""

    name: str
    value: float
    over: bool = False

    @property
    def option(self) -> str:
        """The option that sets it."""
        return "--fail-over" if self.over else "--fail-under"


@dataclass(frozen=True, slots=True)
class Margin:
    """How much worse than the first run a metric may be, beyond chance.

    Raises:
        UsageError: it is below 0.
    """

    name: str
    value: float
    option: ClassVar[str] = "--fail-worse"

    def __post_init__(self) -> None:
        if not self.value >= 0:
            problem = "a margin is how much worse the metric may be, so it is at least 0"
            raise UsageError(f"{self.option} {self.name}={self.value:g}: {problem}")


def check_names(bounds: Sequence[Bound | Margin], classes: tuple[str, ...]) -> None:
    """Refuse a bound on a metric that no report has.

    Raises:
        UsageError: the name is unknown; the message lists the known ones.
    """
    known = metric_names(classes)
    for bound in bounds:
        if bound.name not in known:
            raise UsageError(
                f"{bound.option} {bound.name}: no such metric; known: {', '.join(known)}"
            )


def check_labels(bounds: Sequence[Bound | Margin], labelled: bool) -> None:
    """Refuse bounds on a table without labels, which has no metrics.

    Raises:
        UsageError: no example has a label.
    """
    for bound in bounds[: 0 if labelled else 1]:
        raise UsageError(
            f"{bound.option} {bound.name}: no example has a label, so there are no metrics; leave"
            " the option out, or give data with labels"
        )


def broken(run: Path, bounds: Sequence[Bound]) -> list[str]:
    """Return a line for each bound that the metrics of a run break, or that has no value."""
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["metrics"]
    lines = []
    for bound in bounds:
        word = "above" if bound.over else "below"
        value = metrics.get(bound.name, {}).get("value")
        if value is None:
            lines.append(f"{bound.name} has no value, so the bound of {bound.value:g} is broken")
        elif value > bound.value if bound.over else value < bound.value:
            lines.append(f"{bound.name} is {value:.4f}, {word} the bound of {bound.value:g}")
    return lines


def worse(differences: Sequence[Difference], margins: Sequence[Margin]) -> list[str]:
    """Return a line for each run that is worse than the first by more than a margin.

    Worse beyond chance: all of the 95 % interval of the loss lies above the margin. A metric that a
    run does not define breaks its margin.
    """
    lines = []
    for margin in margins:
        for found in (d for d in differences if d.key == margin.name):
            letter, (loss, least, most) = LETTERS[found.run], found.loss
            if math.isnan(loss):
                lines.append(
                    f"{margin.name} has no value in A or {letter}, so the margin of"
                    f" {margin.value:g} is broken"
                )
            elif least > margin.value:
                lines.append(
                    f"{letter} is worse than A in {margin.name} by {loss:.4f} (95 % interval"
                    f" {least:.4f} to {most:.4f}), beyond the margin of {margin.value:g}"
                )
    return lines
