"""Lay out the histogram and the confusion matrix as a page draws them itself."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.analysis.calibration import Histogram
from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Mistake, Quality
from reportgen.figures.layout import LEVELS
from reportgen.publish.words.captions import MATRIX, MISTAKES

__all__ = ["MOST", "Interactive", "interactive"]

WIDTH, HEIGHT = 100, 40  # of the histogram's picture
MOST = 100  # classes whose whole matrix stands on a page


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram, right on top of wrong; numbers are written out."""

    title: str
    x: str
    width: str
    top: str
    right: str
    middle: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the confusion matrix; ``level`` is its shade by its share of the row."""

    predicted: str
    count: int
    share: float
    level: int


@dataclass(frozen=True, slots=True)
class Interactive:
    """The histogram from its lowest confidence on, and the matrix: a label and cells each row.

    ``mistakes`` are listed before the matrix of many classes. One of more than ``MOST`` classes is
    empty: its size is the square of their number.
    """

    low: str
    bars: tuple[Bar, ...]
    matrix: tuple[tuple[str, tuple[Cell, ...]], ...]
    mistakes: tuple[Mistake, ...]


def interactive(findings: Findings) -> Interactive:
    """Lay out both charts."""
    histogram, quality = findings.histogram, findings.quality
    classes = len(quality.classes)
    return Interactive(
        f"{histogram.edges[0]:.3g}",
        _bars(histogram),
        _matrix(quality) if classes <= MOST else (),
        tuple(quality.mistakes[:MISTAKES]) if classes > MATRIX else (),
    )


def _bars(histogram: Histogram) -> tuple[Bar, ...]:
    edges, right, wrong = (values.tolist() for values in histogram)
    most, width = max(int((histogram.right + histogram.wrong).max()), 1), WIDTH / len(right)
    bars = []
    for i, (good, bad) in enumerate(zip(right, wrong, strict=True)):
        low, high = HEIGHT * bad / most, HEIGHT * good / most
        bars.append(
            Bar(
                title=f"{edges[i]:.3g} to {edges[i + 1]:.3g}: {good:,} right, {bad:,} wrong",
                x=f"{i * width:.3f}",
                width=f"{0.9 * width:.3f}",
                top=f"{HEIGHT - low - high:.2f}",
                right=f"{high:.2f}",
                middle=f"{HEIGHT - low:.2f}",
                wrong=f"{low:.2f}",
            )
        )
    return tuple(bars)


def _matrix(quality: Quality) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    names = [c.name for c in quality.classes]
    rows = []
    for label, counts in zip(names, quality.matrix().tolist(), strict=True):
        total = max(sum(counts), 1)
        cells = (
            Cell(predicted, count, count / total, round((LEVELS - 1) * count / total))
            for predicted, count in zip(names, counts, strict=True)
        )
        rows.append((label, tuple(cells)))
    return tuple(rows)
