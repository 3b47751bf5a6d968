"""Lay out the trend of a measure over runs as the shapes of a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.publish.past import Estimate

__all__ = ["HEIGHT", "WIDTH", "Picture", "picture"]

WIDTH, HEIGHT = 240, 64
EDGE = 5  # room for a point at the edge
POINTS = 60  # that are drawn and can be hovered over; of more the line stands alone
BARS = 120  # that can be told apart; of more there is a band between the ends of the intervals


@dataclass(frozen=True, slots=True)
class Picture:
    """The paths of the line and of the bars or the band, the points, and the ends of the scale.

    A point is the place of its value and its number; the last is always there.
    """

    line: str
    bars: str
    band: str
    points: tuple[tuple[str, str, int], ...]
    low: float
    high: float


def picture(estimates: Sequence[Estimate]) -> Picture:
    """Draw these values, the oldest first, at even steps; the scale spans the intervals."""
    spans = [
        (e.value, e.value) if e.low is None or e.high is None else (e.low, e.high)
        for e in estimates
    ]
    low = min(min(e.value, span[0]) for e, span in zip(estimates, spans, strict=True))
    high = max(max(e.value, span[1]) for e, span in zip(estimates, spans, strict=True))
    step = (WIDTH - 2 * EDGE) / max(len(estimates) - 1, 1)
    xs = [f"{EDGE + i * step:.1f}" for i in range(len(estimates))]

    def y(value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE):.1f}"

    ys = [y(e.value) for e in estimates]
    ends = [(x, y(span[0]), y(span[1])) for x, span in zip(xs, spans, strict=True)]
    many = len(estimates) > BARS
    around = [f"{x} {top}" for x, _, top in ends] + [f"{x} {foot}" for x, foot, _ in reversed(ends)]
    last = len(estimates) - 1
    shown = range(len(estimates)) if len(estimates) <= POINTS else (last,)
    return Picture(
        line="M" + "L".join(f"{x} {y}" for x, y in zip(xs, ys, strict=True)),
        bars="" if many else "".join(f"M{x} {foot}V{top}" for x, foot, top in ends if foot != top),
        band=f"M{'L'.join(around)}Z" if many else "",
        points=tuple((xs[i], ys[i], i) for i in shown),
        low=low,
        high=high,
    )
