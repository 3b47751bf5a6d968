"""Draw the heatmap of every example of a gallery as a PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reportgen.executors import Executor
from reportgen.figures.scales import Scale
from reportgen.predictions import Rows
from reportgen.predictions.alignment import regions
from reportgen.progress import Progress
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report
from reportgen.publish.words.notes import name_glyphs
from reportgen.publish.words.numbers import counted

__all__ = ["Drawn", "Pictures", "draw_pictures", "write_heatmaps"]

TOGETHER = 64  # heatmaps a task


@dataclass(frozen=True, slots=True)
class Pictures:
    """What heatmaps are made of and how: the rows, and the folder that takes the pictures."""

    folder: Path
    rows: Rows
    indices: Sequence[int]
    engine: str
    columns: int
    scale: Scale


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
    pictures = Pictures(
        report.folder / report.cards.heatmaps,
        report.rows,
        report.indices,
        report.options.heatmap_engine,
        report.cards.columns.picture,
        report.cards.scale,
    )
    return draw_pictures([pictures], report.executor, report.progress)


def draw_pictures(galleries: Sequence[Pictures], executor: Executor, progress: Progress) -> Drawn:
    """Draw the heatmaps of galleries, each into a new folder of its own."""
    tasks = []
    for gallery in galleries:
        gallery.folder.mkdir(parents=True)
        ordered = sorted(gallery.indices)  # rows are read fastest in the order of the table
        tasks += [
            replace(gallery, indices=ordered[at : at + TOGETHER])
            for at in range(0, len(ordered), TOGETHER)
        ]
    drawn, total = executor.map(_draw, tasks), sum(len(task.indices) for task in tasks)
    missing: set[str] = set()
    unlocated = shared = 0
    for examples in progress.track(drawn, "heatmaps", total, size=len):
        for example in examples:
            missing |= example.missing
            unlocated += example.unlocated
            shared += example.shared
    if missing:
        progress.say(
            f"warning: no usable font is installed for {counted(len(missing), 'character')} of the"
            f" heatmaps: {name_glyphs(missing)}"
        )
    return Drawn(frozenset(missing), unlocated, shared)


def _draw(task: Pictures) -> list[Drawn]:
    """Draw the heatmaps of a task."""
    if task.engine == "seaborn":
        from reportgen.figures.heatmap import draw_heatmap as draw
    else:
        from reportgen.figures.fast_heatmap import draw_fast as draw
    examples = []
    for row in task.rows.take(task.indices):
        heatmap = draw(row.tokens, row.attention, row.unknown, task.columns, task.scale)
        (task.folder / f"{safe_name(row.id)}.png").write_bytes(heatmap.png)
        spans = row.spans or ()
        shared = any(len(tokens) > 1 for _, _, tokens in regions(spans))
        examples.append(Drawn(heatmap.missing, int(None in spans), int(shared)))
    return examples
