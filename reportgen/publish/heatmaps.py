"""Draw the heatmap of every example of a gallery as a PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.predictions import Rows
from reportgen.predictions.alignment import share_places
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words.notes import name_glyphs
from reportgen.publish.words.numbers import counted

__all__ = ["Drawn", "write_heatmaps"]

TOGETHER = 64  # heatmaps a task


@dataclass(frozen=True, slots=True)
class _Task:
    """Some heatmaps to draw: what one worker gets at a time."""

    folder: Path
    rows: Rows
    indices: Sequence[int]
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


def write_heatmaps(report: Report) -> Drawn:
    """Draw one PNG per example of the gallery."""
    folder = report.folder / "heatmaps"
    folder.mkdir()
    ordered = sorted(report.indices)  # rows are read fastest in the order of the table
    engine, signed = report.options.heatmap_engine, report.info.signed
    columns = report.cards.columns.picture
    tasks = (
        _Task(folder, report.rows, ordered[at : at + TOGETHER], engine, columns, signed)
        for at in range(0, len(ordered), TOGETHER)
    )
    drawn = report.executor.map(_draw, tasks)
    missing: set[str] = set()
    unlocated = shared = 0
    for examples in report.progress.track(drawn, "heatmaps", len(ordered), size=len):
        for example in examples:
            missing |= example.missing
            unlocated += example.unlocated
            shared += example.shared
    if missing:
        report.progress.say(
            f"warning: no usable font is installed for {counted(len(missing), 'character')} of the"
            f" heatmaps: {name_glyphs(missing)}"
        )
    return Drawn(frozenset(missing), unlocated, shared)


def _draw(task: _Task) -> list[Drawn]:
    """Draw the heatmaps of a task."""
    if task.engine == "seaborn":
        from reportgen.figures.heatmap import draw_heatmap as draw
    else:
        from reportgen.figures.fast_heatmap import draw_fast as draw
    examples = []
    for row in task.rows.take(task.indices):
        heatmap = draw(row.tokens, row.attention, row.unknown, task.columns, task.signed)
        (task.folder / f"{safe_name(row.id)}.png").write_bytes(heatmap.png)
        spans = row.spans or ()
        examples.append(Drawn(heatmap.missing, int(None in spans), int(share_places(spans))))
    return examples
