"""Predictions and findings in; heatmaps and charts in the run folder, and what they say, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.analysis.calibration import confidence_histogram
from reportgen.analysis.metrics import Quality, Scores
from reportgen.executors import Executor
from reportgen.predictions import Predictions, Rows
from reportgen.progress import Progress
from reportgen.publish.names import safe_name
from reportgen.publish.summary import Figure
from reportgen.publish.tables import Findings

__all__ = ["interactive", "write_charts", "write_heatmaps"]

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

    assets = folder / "assets"
    assets.mkdir()
    info, scores = predictions.info, findings.scores
    bins = confidence_histogram(scores, len(info.classes))
    log = [row for row in info.model.training_log if _drawable(row)]
    best = info.model.training.get("best")
    for theme in (charts.LIGHT, charts.DARK):
        drawn = {
            "confidence": charts.histogram(*bins, theme),
            "confusion": charts.confusion(findings.quality, theme),
            "reliability": charts.reliability(findings.calibration, theme),
        }
        if log:
            drawn["training"] = charts.training_curve(log, best, theme)
        for stem, svg in drawn.items():
            (assets / f"{stem}-{theme.name}.svg").write_bytes(svg)
    figures = [
        Figure("confidence", "Confidence", _read_confidence(scores)),
        Figure("confusion", "Label against prediction", _read_confusion(findings.quality)),
        Figure(
            "reliability",
            "Calibration",
            f"Where the dots lie below the line, it is surer than it is right;"
            f" the mean gap, weighted by count, is {findings.calibration.error:.3f}."
            " Bars are 95 % Wilson intervals.",
        ),
    ]
    if log:
        figures.append(Figure("training", "Training", _read_training(log, best)))
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


def _read_confidence(scores: Scores) -> str:
    sure = scores.confidence > 0.9
    if not sure.any():
        return "No answer has a confidence above 0.9."
    wrong = int((~scores.correct[sure]).sum())
    return (
        f"{int(sure.sum()):,} of {len(scores):,} answers have a confidence above 0.9;"
        f" {wrong:,} of those are wrong."
    )


def _read_confusion(measured: Quality) -> str:
    counts = np.array(measured.confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "No class is taken for another."
    gold, predicted = np.unravel_index(counts.argmax(), counts.shape)
    names = [c.name for c in measured.classes]
    return (
        f"The most frequent mistake: {names[gold]} taken for {names[predicted]},"
        f" {counts.max():,} time{'s' if counts.max() > 1 else ''}."
    )


def _read_training(log: Sequence[Mapping[str, Any]], best: Any) -> str:
    row = next((row for row in log if row["epoch"] == best), log[-1])
    return (
        f"The weights of epoch {row['epoch']} of {len(log)} are used:"
        f" {100 * row['valid_accuracy']:.1f} % right on the validation examples."
    )
