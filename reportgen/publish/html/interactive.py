"""Lay out the histogram and the confusion matrix as a page draws them itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.calibration import Histogram
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Mistake, Quality
from reportgen.figures.scales import LEVELS
from reportgen.publish.words.captions import MATRIX, MISTAKES

__all__ = ["MOST", "Interactive", "interactive"]

WIDTH, HEIGHT = 100, 40  # of the histogram's picture
MOST = 100  # classes whose whole matrix stands on a page


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a bar that is right, wrong or unlabelled: its upper edge and its height."""

    kind: str
    top: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram; numbers are written out."""

    title: str
    x: str
    width: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the confusion matrix; ``level`` is its shade by its share of the row.

    The share is NaN where no example has the label.
    """

    predicted: str
    count: int
    share: float
    level: int


@dataclass(frozen=True, slots=True)
class Interactive:
    """The histogram from its lowest confidence on, and the matrix: a label and cells each row.

    ``kinds`` are the parts that bars have, the first on top. ``mistakes`` are listed before the
    matrix of many classes. A matrix of more than ``MOST`` classes is empty, for its size is the
    square of their number; so is one without labels.
    """

    low: str
    kinds: tuple[str, ...]
    bars: tuple[Bar, ...]
    matrix: tuple[tuple[str, tuple[Cell, ...]], ...]
    mistakes: tuple[Mistake, ...]


def interactive(findings: Findings) -> Interactive:
    """Lay out both charts."""
    histogram, performance = findings.histogram, findings.performance
    low, bars = f"{histogram.edges[0]:.3g}", _bars(histogram)
    if performance is None:
        return Interactive(low, histogram.kinds, bars, (), ())
    quality = performance.quality
    classes = len(quality.classes)
    return Interactive(
        low,
        histogram.kinds,
        bars,
        _matrix(quality) if classes <= MOST else (),
        tuple(quality.mistakes[:MISTAKES]) if classes > MATRIX else (),
    )


def _bars(histogram: Histogram) -> tuple[Bar, ...]:
    edges, kinds = histogram.edges.tolist(), histogram.kinds
    counts = np.stack([getattr(histogram, kind) for kind in kinds], axis=1)  # [B, kinds]
    most, width = max(int(counts.sum(axis=1).max()), 1), WIDTH / len(counts)
    bars = []
    for i, row in enumerate(counts.tolist()):
        parts, top = [], float(HEIGHT)
        for kind, count in reversed(list(zip(kinds, row, strict=True))):
            top -= HEIGHT * count / most
            parts.append(Part(kind, f"{top:.2f}", f"{HEIGHT * count / most:.2f}"))
        named = ", ".join(f"{count:,} {kind}" for kind, count in zip(kinds, row, strict=True))
        bars.append(
            Bar(
                title=f"{edges[i]:.3g} to {edges[i + 1]:.3g}: {named}",
                x=f"{i * width:.3f}",
                width=f"{0.9 * width:.3f}",
                parts=tuple(reversed(parts)),
            )
        )
    return tuple(bars)


def _matrix(quality: Quality) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    names = [c.name for c in quality.classes]
    rows = []
    for label, counts in zip(names, quality.matrix().tolist(), strict=True):
        total = sum(counts)
        cells = (
            Cell(
                predicted,
                count,
                count / total if total else math.nan,
                round((LEVELS - 1) * count / max(total, 1)),
            )
            for predicted, count in zip(names, counts, strict=True)
        )
        rows.append((label, tuple(cells)))
    return tuple(rows)
