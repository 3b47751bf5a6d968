"""A small table over three classes with numbers made by hand, and its report before it is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.analysis.findings import Findings
from reportgen.executors import InProcess
from reportgen.options import ReportOptions
from reportgen.predictions import EXPLAIN_COLUMNS, WRITTEN, open_predictions, write_predictions
from reportgen.predictions.schema import OPTIONAL
from reportgen.progress import Silent
from reportgen.publish.archive import Run
from reportgen.publish.report import Report, open_report
from reportgen.records import DataInfo, Explanation, ModelInfo, Prediction, RunInfo, Weights

CLASSES = ("bad", "fair", "good")
EXPLAINED = tuple(name for name in OPTIONAL if name.startswith(EXPLAIN_COLUMNS))
COLUMNS = (*WRITTEN, "in_train", *EXPLAINED)
INFO = RunInfo(
    CLASSES,
    DataInfo("small", "test", rows=9, evaluated=9),
    ModelInfo("a model", "tiny"),
    seed=7,
)
ATTRIBUTIONS = replace(INFO, weights=Weights("attribution", "SHAP values"))
INPUTS = {"versions": {"reportgen": "1"}, "git": None}


def explanation(tokens: int, removed: float, gradients: Sequence[float]) -> Explanation:
    """Confidence ``removed`` without the attended words; 0.5 to 0.7 without random ones."""
    random = np.linspace(0.5, 0.7, 20, dtype=np.float32).reshape(4, 5)
    return Explanation(
        attention_removed=np.full(5, removed, np.float32),
        attention_kept=np.full(5, 0.6, np.float32),
        gradients_removed=np.full(5, 0.3, np.float32),
        gradients_kept=np.full(5, 0.6, np.float32),
        random_removed=random,
        content_removed=random,
        uniform=np.array([0.2, 0.2, 0.6], np.float32),
        permuted=np.array([[0.2, 0.2, 0.6]], np.float32)[0],
        gradients=np.array(gradients, np.float32),
        left_out=np.linspace(0.7, 0.5, tokens, dtype=np.float32),
    )


def row(
    id_: str, label: str, probabilities: Sequence[float], words: Sequence[str], **more: object
) -> Prediction:
    """Words in angle brackets, with weights that rise; ``more`` replaces columns."""
    text = f"<{' '.join(words)}>"
    n = len(words)
    weights = np.arange(1, n + 1, dtype=np.float32)
    given = np.array(probabilities, np.float32)
    made = Prediction(
        id=id_,
        text=text,
        label=label,
        probabilities=given,
        tokens=tuple(words),
        attention=weights / weights.sum() if n else weights,
        spans=tuple((m.start(), m.end()) for m in re.finditer(r"[^<> ]+", text)),
        unknown=np.arange(n) % 4 == 1,
        logits=np.log(given),
        in_train=False,
    )
    return replace(made, **more)  # type: ignore[arg-type]


WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
GRADIENTS = [-1.0, 0.5, 0.0, 2.0, 0.25, *[0.0] * 6, 1.0]
# Predicted, in the order of the table: good, bad, bad, fair, good, good, good, bad, fair.
ROWS = (
    row("r0", "good", (0.05, 0.15, 0.80), WORDS, explanation=explanation(12, 0.1, GRADIENTS)),
    row("r1", "bad", (0.70, 0.20, 0.10), WORDS[:4], in_train=True),
    row("r2", "good", (0.90, 0.06, 0.04), WORDS[:5]),
    row("r3", "fair", (0.10, 0.50, 0.40), WORDS, explanation=explanation(12, 0.6, [0.0] * 12)),
    row("r4", "fair", (0.30, 0.25, 0.45), WORDS[:3], explanation=explanation(3, 0.1, [1, 0, 0])),
    row("r5", "bad", (0.07, 0.03, 0.90), WORDS[:6]),
    row("R 6", "good", (0.02, 0.03, 0.95), ()),
    row("r7", "bad", (0.65, 0.05, 0.30), WORDS[:2]),
    row("r8", "good", (0.22, 0.42, 0.36), WORDS[:1]),
)


@contextmanager
def opened(
    folder: Path,
    rows: Sequence[Prediction] = ROWS,
    info: RunInfo = INFO,
    columns: Sequence[str] = COLUMNS,
    **options: object,
) -> Iterator[Report]:
    """Write the table and open its report in the folder."""
    table = folder / "table.parquet"
    extra = sorted({name for prediction in rows for name in prediction.extra})
    write_predictions(table, info, rows, extra, columns)
    run = Run("1-2", "ab" * 32, datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC), "trial", folder, folder)
    chosen = ReportOptions(**options)  # type: ignore[arg-type]
    with (
        open_predictions(table) as predictions,
        open_report(run, predictions, chosen, INPUTS, InProcess(), Silent()) as report,
    ):
        yield report


def with_performance(findings: Findings, **changes: Any) -> Findings:
    """The findings with other results of the labels."""
    assert findings.performance is not None
    return replace(findings, performance=replace(findings.performance, **changes))


def numbers(text: str) -> list[float]:
    """The numbers in a text, in their order."""
    found = re.findall(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?", text)
    return [float(number.replace(",", "")) for number in found]
