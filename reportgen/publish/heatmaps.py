"""Draw the heatmap of every example of a gallery as a PNG file."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.predictions import RowSlice
from reportgen.predictions.alignment import regions
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words.notes import name_glyphs
from reportgen.publish.words.numbers import counted

__all__ = ["Drawn", "write_heatmaps"]

TOGETHER = 64  # heatmaps a task


@dataclass(frozen=True, slots=True)
class _Style:
    """How every heatmap of a run is drawn."""

    engine: str
    columns: int
    signed: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """What became apparent while heatmaps were drawn.

    ``missing`` are the characters that no font has; ``unlocated`` counts the examples with tokens
    that have no place in their text, ``shared`` those with tokens that share a place.
    """

    missing: frozenset[str]
    unlocated: int
    shared: int


@dataclass(frozen=True, slots=True)
class _Picture:
    """A heatmap as a PNG file, its name, and what became apparent."""

    name: str
    png: bytes
    drawn: Drawn


def write_heatmaps(report: Report) -> Drawn:
    """Draw one PNG per example of the gallery."""
    folder = report.folder / "heatmaps"
    folder.mkdir()
    ordered = sorted(report.indices)  # rows are read fastest in the order of the table
    style = _Style(report.options.heatmap_engine, report.cards.columns.picture, report.info.signed)
    tasks = (
        report.rows.slice(ordered[at : at + TOGETHER]) for at in range(0, len(ordered), TOGETHER)
    )
    drawn = report.executor.map(report.executor.bind(_draw, style), tasks)
    missing: set[str] = set()
    unlocated = shared = 0
    for pictures in report.progress.track(drawn, "heatmaps", len(ordered), size=len):
        for picture in pictures:
            (folder / picture.name).write_bytes(picture.png)
            missing |= picture.drawn.missing
            unlocated += picture.drawn.unlocated
            shared += picture.drawn.shared
    if missing:
        report.progress.say(
            f"warning: no usable font is installed for {counted(len(missing), 'character')} of the"
            f" heatmaps: {name_glyphs(missing)}"
        )
    return Drawn(frozenset(missing), unlocated, shared)


def _draw(style: _Style, rows: RowSlice) -> list[_Picture]:
    if style.engine == "seaborn":
        from reportgen.figures.heatmap import draw_heatmap as draw
    else:
        from reportgen.figures.fast_heatmap import draw_fast as draw
    pictures = []
    for row in rows.take():
        heatmap = draw(row.tokens, row.attention, row.unknown, style.columns, style.signed)
        spans = row.spans or ()
        shared = any(len(tokens) > 1 for _, _, tokens in regions(spans))
        drawn = Drawn(heatmap.missing, int(None in spans), int(shared))
        pictures.append(_Picture(f"{safe_name(row.id)}.png", heatmap.png, drawn))
    return pictures
