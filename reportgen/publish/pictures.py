"""Predictions and findings in; heatmaps and charts in the run folder, and what they say, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.analysis.calibration import confidence_histogram
from reportgen.executors import Executor
from reportgen.predictions import Predictions, Rows
from reportgen.progress import Progress
from reportgen.publish.names import safe_name
from reportgen.publish.sentences import (
    read_calibration,
    read_confidence,
    read_confusion,
    read_coverage,
    read_removal,
    read_slices,
    read_training,
    read_words,
)
from reportgen.publish.summary import Figure
from reportgen.publish.tables import Findings

__all__ = ["interactive", "read_slices", "write_charts", "write_heatmaps"]

SLICES, PANELS = 12, 3  # shown in a chart
TOGETHER = 64  # heatmaps a task


@dataclass(frozen=True, slots=True)
class _Heatmaps:
    """Some heatmaps to draw: what one worker gets at a time."""

    folder: Path
    rows: Rows
    indices: list[int]
    engine: str


def write_heatmaps(
    folder: Path,
    rows: Rows,
    indices: Sequence[int],
    engine: str,
    executor: Executor,
    progress: Progress,
) -> frozenset[str]:
    """Draw one PNG per example; return the characters that no font has."""
    (folder / "heatmaps").mkdir()
    ordered = sorted(indices)
    tasks = (
        _Heatmaps(folder, rows, ordered[at : at + TOGETHER], engine)
        for at in range(0, len(ordered), TOGETHER)
    )
    missing: set[str] = set()
    for done in progress.track(executor.map(_draw, tasks), "heatmaps", len(ordered)):
        missing.update(*done)
    if missing:
        shown = " ".join(f"U+{ord(c):04X}" for c in sorted(missing)[:12])
        progress.say(
            f"warning: no installed font has {len(missing)} characters of the heatmaps"
            f" ({shown}{' …' if len(missing) > 12 else ''}); install the Noto fonts to see them"
        )
    return frozenset(missing)


def _draw(task: _Heatmaps) -> list[frozenset[str]]:
    if task.engine == "seaborn":
        from reportgen.figures.heatmap import draw_heatmap as draw
    else:
        from reportgen.figures.fast_heatmap import draw_fast as draw
    missing = []
    for row in task.rows.take(task.indices):
        drawn = draw(row.tokens, row.attention, row.unknown)
        (task.folder / "heatmaps" / f"{safe_name(row.id)}.png").write_bytes(drawn.png)
        missing.append(drawn.missing)
    return missing


def write_charts(folder: Path, predictions: Predictions, findings: Findings) -> list[Figure]:
    """Draw the charts in both themes into assets/; return them with their readings."""
    from reportgen.figures import charts
    from reportgen.figures import evidence as found

    assets = folder / "assets"
    assets.mkdir()
    info, scores = predictions.info, findings.scores
    bins = confidence_histogram(scores, len(info.classes))
    log = [row for row in info.model.training_log if _drawable(row)]
    best = info.model.training.get("best")
    worst = findings.slices[:SLICES]
    panels = [
        (f"said {name}, right", used) for (name, right), used in findings.words.items()
        if right and used
    ][:PANELS]  # fmt: skip
    for theme in (charts.LIGHT, charts.DARK):
        drawn = {
            "confidence": charts.histogram(*bins, theme),
            "confusion": charts.confusion(findings.quality, theme),
            "reliability": charts.reliability(findings.calibration, theme),
        }
        if log:
            drawn["training"] = charts.training_curve(log, best, theme)
        drawn["coverage"] = found.coverage_curve(findings.coverage, theme)
        if findings.faithfulness is not None:
            drawn["removal"] = found.removal(findings.faithfulness, theme)
        if worst:
            drawn["slices"] = found.slice_chart(worst, findings.quality.accuracy, theme)
        if panels:
            drawn["words"] = found.word_chart(panels, theme)
        for stem, svg in drawn.items():
            (assets / f"{stem}-{theme.name}.svg").write_bytes(svg)
    figures = [
        Figure("confidence", "Confidence", read_confidence(scores)),
        Figure("confusion", "Label against prediction", read_confusion(findings.quality)),
        Figure(
            "reliability",
            "Calibration",
            read_calibration(findings),
        ),
    ]
    figures.append(Figure("coverage", "If it may pass", read_coverage(findings)))
    if findings.faithfulness is not None:
        reading = read_removal(findings.faithfulness)
        figures.append(Figure("removal", "Is the attention honest?", reading))
    if log:
        figures.append(Figure("training", "Training", read_training(log, best)))
    if worst:
        figures.append(Figure("slices", "Where it fails", read_slices(findings), wide=True))
    if panels:
        figures.append(Figure("words", "What it looks at", read_words(panels), wide=True))
    return figures


def interactive(findings: Findings) -> dict[str, Any]:
    """Return the histogram and the confusion matrix as the page draws them itself.

    Bars are in a picture of 100 x 40; ``level`` is the shade of a cell by its share of its row.
    """
    measured = findings.quality
    edges, right, wrong = confidence_histogram(findings.scores, len(measured.classes))
    most, width = max(int((right + wrong).max()), 1), 100 / len(right)
    bars = []
    for i, (good, bad) in enumerate(zip(right.tolist(), wrong.tolist(), strict=True)):
        low, high = 40 * bad / most, 40 * good / most
        bars.append(
            {
                "title": f"{edges[i]:.3g} to {edges[i + 1]:.3g}: {good:,} right, {bad:,} wrong",
                "x": f"{i * width:.3f}",
                "width": f"{0.9 * width:.3f}",
                "top": f"{40 - low - high:.2f}",
                "right": f"{high:.2f}",
                "middle": f"{40 - low:.2f}",
                "wrong": f"{low:.2f}",
            }
        )
    names = [c.name for c in measured.classes]
    rows = [
        {
            "gold": gold,
            "cells": [
                {
                    "said": said,
                    "count": count,
                    "share": count / max(sum(counts), 1),
                    "level": round(31 * count / max(sum(counts), 1)),
                }
                for said, count in zip(names, counts, strict=True)
            ],
        }
        for gold, counts in zip(names, measured.confusion, strict=True)
    ]
    return {"confidence": {"low": f"{edges[0]:.3g}", "bars": bars}, "confusion": rows}


def _drawable(row: Mapping[str, Any]) -> bool:
    keys = ("epoch", "train_loss", "valid_loss", "valid_accuracy")
    return all(isinstance(row.get(key), int | float) for key in keys)
