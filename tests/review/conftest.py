"""A run of 36 examples over three classes, with labels that may be wrong and tested words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.records import Prediction
from reportgen.review.source import ReviewedRun, open_run
from tests.publish.small import COLUMNS, INFO, WORDS, explanation, row

GRADIENTS = [0.0] * 12
IDS = ["e00", "=1+1", "<b>&", "評価 七", "../up", *(f"e{i:02}" for i in range(5, 36))]


def example(i: int) -> Prediction:
    """Labels go round; every fifth prediction is another class, every tenth a very sure one."""
    label = ("bad", "fair", "good")[i % 3]
    top = (i + (1 if i % 5 == 0 else 0)) % 3
    sure = 0.97 if i % 10 == 0 else 0.6 + i / 200
    probabilities = [(1 - sure) / 2] * 3
    probabilities[top] = sure
    made = row(IDS[i], label, probabilities, WORDS)
    if i % 6 == 0:
        return replace(made, explanation=explanation(12, 0.1 if i % 12 else 0.6, GRADIENTS))
    return made


def make_run(folder: Path) -> Path:
    """Make the run in a folder and return its own."""
    table = folder / "table.parquet"
    write_predictions(table, INFO, [example(i) for i in range(36)], (), COLUMNS)
    done = pipeline.render(
        table,
        ReportOptions(pdf_examples=2, review=True),
        pipeline.Workspace(folder / "reports", "trial"),
        pipeline.Execution(),
    )
    return done.folder


@pytest.fixture
def opened(reviewed: Path) -> Iterator[ReviewedRun]:
    """The run, opened."""
    with open_run(reviewed) as run:
        yield run
