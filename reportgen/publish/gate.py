"""Check the metrics of a finished report against bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.analysis.scores import metric_names
from reportgen.errors import UsageError

__all__ = ["Bound", "broken", "check_labels", "check_names"]


@dataclass(frozen=True, slots=True)
class Bound:
    """The least value a metric may have, or with ``over`` the largest."""

    name: str
    value: float
    over: bool = False


def check_names(bounds: Sequence[Bound], classes: tuple[str, ...]) -> None:
    """Refuse a bound on a metric that no report has.

    Raises:
        UsageError: the name is unknown; the message lists the known ones.
    """
    known = metric_names(classes)
    for bound in bounds:
        if bound.name not in known:
            option = "--fail-over" if bound.over else "--fail-under"
            raise UsageError(f"{option} {bound.name}: no such metric; known: {', '.join(known)}")


def check_labels(bounds: Sequence[Bound], labelled: bool) -> None:
    """Refuse bounds on a table without labels, which has no metrics.

    Raises:
        UsageError: no example has a label.
    """
    for bound in bounds[: 0 if labelled else 1]:
        option = "--fail-over" if bound.over else "--fail-under"
        raise UsageError(
            f"{option} {bound.name}: no example has a label, so there are no metrics; leave the"
            " option out, or give data with labels"
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
