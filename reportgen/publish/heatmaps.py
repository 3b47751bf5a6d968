"""Draw the heatmap of every example of a gallery as a PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.executors import Executor
from reportgen.figures.scales import Scale
from reportgen.predictions import Rows, RowSlice
from reportgen.predictions.alignment import share_places
from reportgen.progress import Progress
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words.notes import name_glyphs
from reportgen.publish.words.numbers import counted

__all__ = ["Drawn", "Pictures", "Style", "draw_pictures", "write_heatmaps"]

TOGETHER = 64  # heatmaps a task
NEEDED = {"id", "text", "probabilities", "tokens", "attention", "spans", "unknown"}


@dataclass(frozen=True, slots=True)
class Style:
    """How every heatmap of a table is drawn."""

    engine: str
    columns: int
    scale: Scale


@dataclass(frozen=True, slots=True)
class Pictures:
    """What heatmaps are made of and how: some rows, and the folder that takes the pictures."""

    folder: Path
    rows: Rows
    indices: Sequence[int]
    style: Style


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
    """Draw one PNG per example of the gallery; none where the table has no weights."""
    if not report.cards.weighted:
        return Drawn(frozenset(), 0, 0)
    style = Style(report.options.heatmap_engine, report.cards.columns.picture, report.cards.scale)
    folder = report.folder / report.cards.heatmaps
    pictures = Pictures(folder, report.rows, report.indices, style)
    return draw_pictures(pictures, report.executor, report.progress)


def draw_pictures(pictures: Pictures, executor: Executor, progress: Progress) -> Drawn:
    """Draw heatmaps into a new folder."""
    folder, rows = pictures.folder, pictures.rows
    folder.mkdir(parents=True)
    ordered = sorted(pictures.indices)  # rows are read fastest in the order of the table
    tasks = (
        rows.slice(ordered[at : at + TOGETHER], NEEDED) for at in range(0, len(ordered), TOGETHER)
    )
    drawn = executor.map(executor.bind(_draw, pictures.style), tasks)
    missing: set[str] = set()
    unlocated = shared = 0
    for made in progress.track(drawn, "heatmaps", len(ordered), size=len):
        for picture in made:
            (folder / picture.name).write_bytes(picture.png)
            missing |= picture.drawn.missing
            unlocated += picture.drawn.unlocated
            shared += picture.drawn.shared
    if missing:
        progress.say(
            f"warning: no usable font is installed for {counted(len(missing), 'character')} of the"
            f" heatmaps: {name_glyphs(missing)}"
        )
    return Drawn(frozenset(missing), unlocated, shared)


def _draw(style: Style, rows: RowSlice) -> list[_Picture]:
    if style.engine == "seaborn":
        from reportgen.figures.heatmap import draw_heatmap as draw
    else:
        from reportgen.figures.fast_heatmap import draw_fast as draw
    pictures = []
    for row in rows.take():
        heatmap = draw(row.tokens, row.attention, row.unknown, style.columns, style.scale)
        spans = row.spans or ()
        drawn = Drawn(heatmap.missing, int(None in spans), int(share_places(spans)))
        pictures.append(_Picture(f"{safe_name(row.id)}.png", heatmap.png, drawn))
    return pictures
