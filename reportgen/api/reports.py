"""Reports: make one from predictions in any form, open one, show it in a notebook."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from reportgen import pipeline
from reportgen.analysis.metrics import Scores
from reportgen.analysis.ordering import Outcome, outcomes, sections
from reportgen.analysis.scores import Measure
from reportgen.api.calls import (
    RenderKeywords,
    check_keywords,
    progress_of,
    record,
    system_errors,
)
from reportgen.api.tables import Predictions, Source, as_predictions
from reportgen.errors import ArchiveError
from reportgen.files import temporary_folder
from reportgen.publish.archive import Difference, verify
from reportgen.publish.html.notebook import fragment
from reportgen.publish.names import safe_name

__all__ = ["Mistake", "Report", "open_report", "render"]

SHOWN = 5  # mistakes in a notebook
WRONG = (Outcome.CONFIDENTLY_WRONG, Outcome.UNSURE_WRONG)


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """A wrong prediction.

    ``confidence`` is the probability of the predicted class, ``margin`` how far the next one lies
    below it, both from 0 to 1. ``weights`` [T] are those of the tokens, NaN where not read.
    ``address`` leads to its card in the report.
    """

    id: str
    text: str
    label: str
    predicted: str
    confidence: float
    margin: float
    tokens: tuple[str, ...]
    weights: NDArray[np.float32]
    address: str


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report in its run folder ``path``, which never changes.

    ``headline`` says what was found in one line; ``digest`` is the SHA-256 of the run's manifest.
    In a notebook a report shows itself with its first mistakes.

    Example:
        >>> report = rg.render(rg.predict(limit=20, explain=0), experiment="shown")
        >>> report.path.parent
        PosixPath('reports/shown')
        >>> report.html.name, report.pdf.name
        ('index.html', 'report.pdf')
        >>> report.verify()
        []
    """

    path: Path
    headline: str
    digest: str

    @property
    def html(self) -> Path:
        """The first page of the gallery, to be opened in a browser."""
        return self.path / "index.html"

    @property
    def pdf(self) -> Path:
        """The reviewers' copy; further volumes lie beside it."""
        return self.path / "report.pdf"

    @property
    def metrics(self) -> dict[str, Measure]:
        """Every measure by its name, each with ``value`` and its 95 % interval ``low``, ``high``.

        Shares and scores run from 0 to 1 (Matthews correlation from -1); what cannot be computed
        is NaN. The README lists the names.

        Raises:
            ArchiveError: metrics.json cannot be read.

        Example:
            >>> report = rg.render(rg.predict(limit=20, explain=0), experiment="measured")
            >>> accuracy = report.metrics["accuracy"]
            >>> accuracy.low < accuracy.value < accuracy.high
            True
        """
        return {
            name: Measure(**{k: np.nan if v is None else v for k, v in measure.items()})
            for name, measure in self._json()["metrics"].items()
        }

    @property
    def predictions(self) -> Predictions:
        """The table that the report was made from.

        Raises:
            PredictionsError: it cannot be read.
        """
        return Predictions(self.path / "predictions.parquet")

    def mistakes(self, count: int | None = 10) -> list[Mistake]:
        """Return the first mistakes: confident ones, then unsure ones, each by confidence.

        ``count`` None returns all. A list of them is a data frame: ``pd.DataFrame(mistakes)``.

        Raises:
            ReportgenError: a file of the run cannot be read.

        Example:
            >>> report = rg.render(rg.predict(limit=20, explain=0), experiment="wrong")
            >>> first = report.mistakes(1)[0]
            >>> first.predicted != first.label
            True
        """
        return [
            Mistake(
                row.id,
                row.text,
                card.label,
                card.predicted,
                card.confidence,
                result.margin,
                row.tokens,
                row.attention,
                f"{self.html}#ex-{card.name}",
            )
            for row, result, card in self._mistakes(count)[0]
        ]

    def verify(self, digest: str | None = None) -> list[Difference]:
        """Compare every file with the manifest; an empty list means that all is as it was written.

        The manifest is held against ``digest``, or against the one that this object has.

        Raises:
            ArchiveError: there is no manifest, or a file cannot be read.
        """
        return verify(self.path, digest or self.digest)
