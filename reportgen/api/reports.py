"""Reports: make one from predictions in any form, open one, show it in a notebook."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from reportgen import pipeline
from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.metrics import Scores
from reportgen.analysis.ordering import Outcome, outcomes, sections
from reportgen.analysis.scores import Measure
from reportgen.api.calls import (
    RenderKeywords,
    check_keywords,
    execution_of,
    record,
    system_errors,
)
from reportgen.api.run_folder import RunFolder
from reportgen.api.tables import Predictions, Source, as_predictions
from reportgen.errors import ArchiveError, ReportgenError
from reportgen.figures.scales import Scale
from reportgen.files import temporary_folder
from reportgen.predictions import open_predictions as open_table
from reportgen.publish.archive import run_digest, run_folder
from reportgen.publish.cards import Card, card_maker
from reportgen.publish.finished import measure_of
from reportgen.publish.html.notebook import Fragment, fragment
from reportgen.records import Prediction, Weights
from reportgen.tracking.mlflow import open_tracker

__all__ = ["Mistake", "Report", "open_report", "read_metrics", "render"]

SHOWN = 5  # mistakes in a notebook
WRONG = (Outcome.CONFIDENTLY_WRONG, Outcome.UNSURE_WRONG)


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """A wrong prediction.

    ``confidence`` is the probability of the predicted class, ``margin`` how far the next one lies
    below it, both from 0 to 1. ``weights`` [T] are those of the tokens, NaN where not read.
    ``address`` leads to its card in the report.

    Example:
        >>> mistake = rg.open_report("reports/mine/latest").mistakes(1)[0]
        >>> list(zip(mistake.tokens, mistake.weights.round(1).tolist()))
        [('Not', 0.4000000059604645), ('bad', 0.6000000238418579)]
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


@dataclass(frozen=True, slots=True, repr=False)
class Report(RunFolder):
    """A finished report in its run folder ``path``, which never changes.

    ``headline`` says what was found in one line; ``digest`` is the SHA-256 of the run's manifest.
    In a notebook a report shows itself with its first mistakes.

    Example:
        >>> report = rg.open_report("reports/mine/latest")
        >>> report.path.parent.name, report.html.name, report.pdf.name
        ('mine', 'index.html', 'report.pdf')
        >>> report.verify()
        []
    """

    @property
    def metrics(self) -> dict[str, Measure]:
        """Every measure by its name, each with ``value`` and its 95 % interval ``low``, ``high``.

        Shares and scores run from 0 to 1 (Matthews correlation from -1); what cannot be computed
        is NaN. The README lists the names. There are none where no example has a label.

        Raises:
            ArchiveError: metrics.json cannot be read.

        Example:
            >>> accuracy = rg.open_report("reports/mine/latest").metrics["accuracy"]
            >>> accuracy.value, round(accuracy.low, 2), round(accuracy.high, 2)
            (0.5, 0.09, 0.91)
        """
        return {
            name: measure_of(measure)
            for name, measure in read_metrics(self.path)["metrics"].items()
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

        ``count`` None returns all. A list of them makes a data frame: ``pd.DataFrame(mistakes)``.

        Raises:
            ReportgenError: a file of the run cannot be read.

        Example:
            >>> first = rg.open_report("reports/mine/latest").mistakes(1)[0]
            >>> first.text, first.label, first.predicted, round(first.confidence, 2)
            ('Not bad', 'yes', 'no', 0.7)
        """
        return [
            Mistake(
                id=row.id,
                text=row.text,
                label=card.label or "",
                predicted=card.predicted,
                confidence=card.confidence,
                margin=result.margin,
                tokens=row.tokens,
                weights=row.attention,
                address=f"{self.html.as_posix()}#ex-{card.name}",
            )
            for row, result, card in _first_mistakes(self.path, count).examples
        ]

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows: HTML without scripts, which needs no further files.

        None where the run's files are gone; a notebook then shows the name of this object.
        """
        try:
            first = _first_mistakes(self.path, SHOWN)
            lede = str(read_metrics(self.path).get("lede", ""))
        except ReportgenError:
            return None
        return fragment(
            Fragment(
                folder=self.path,
                headline=self.headline,
                lede=lede,
                cards=[card for _, _, card in first.examples],
                mistakes=first.total,
                weights=first.weights,
            )
        )


@dataclass(frozen=True, slots=True)
class _First:
    """The first mistakes of a run, of ``total``, and what their weights are."""

    examples: list[tuple[Prediction, ExampleResult, Card]]
    total: int
    weights: Weights | None


def _first_mistakes(folder: Path, count: int | None) -> _First:
    """Read the first mistakes of a run from its table, in the order of the gallery."""
    margin = float(read_metrics(folder)["unsure_margin"])
    with (
        system_errors(),
        open_table(folder / "predictions.parquet") as table,
        temporary_folder(Path(gettempdir())) as temporary,
    ):
        scores = Scores.of(table.gold, table.probabilities)
        found = outcomes(scores, margin)
        ordered = [i for s in sections(scores, found, table.ids) for i in s.indices.tolist()]
        wrong = [i for i in ordered if found[i] in WRONG]
        chosen = wrong[:count]
        results = [
            ExampleResult(
                predicted=int(scores.predicted[i]),
                confidence=float(scores.confidence[i]),
                margin=float(scores.margin[i]),
                outcome=found[i],
                label_error=False,
                support=None,
            )
            for i in chosen
        ]
        rows = list(table.rows(chosen, temporary / "rows.arrow").take(chosen))
        told = read_metrics(folder)
        scale = Scale(told.get("shades", {}).get("darkest"), table.info.signed)
        language = str(told.get("language") or "")
        maker = card_maker(table.info, scale=scale, unit=table.unit, language=language)
        cards = maker.cards(rows, results)
        examples = list(zip(rows, results, cards, strict=True))
        return _First(examples, len(wrong), table.info.weights)


def read_metrics(folder: Path) -> dict[str, Any]:
    """Return what metrics.json holds.

    Raises:
        ArchiveError: it cannot be read.
    """
    file = folder / "metrics.json"
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
        return found
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{file}: cannot be read ({error})") from error


def open_report(path: str | os.PathLike[str]) -> Report:
    """Open a run folder that was written earlier, such as ``reports/mine/latest``.

    Raises:
        ArchiveError: it is no run folder, or cannot be read.

    Example:
        >>> rg.open_report("reports/mine/latest").headline.replace("\N{NO-BREAK SPACE}", " ")
        'Accuracy 50.0 % on 2 examples'
    """
    folder = run_folder(Path(path))
    with system_errors():
        digest = run_digest(folder)
    found = read_metrics(folder)
    if "differences" in found:
        raise ArchiveError(f"{path}: a comparison of runs; open it with open_comparison")
    return Report(folder, str(found.get("headline", folder.name)), digest)


def render(
    source: Source,
    classes: Sequence[str] | None = None,
    *,
    out: str | os.PathLike[str] = "reports",
    experiment: str | None = None,
    run: Mapping[str, Any] | None = None,
    **options: Unpack[RenderKeywords],
) -> Report:
    """Make the whole report, HTML and PDF, from predictions in any form.

    Args:
        source: a data frame (pandas, polars, Arrow …) or rows (mappings), with the columns that
            the README lists; or predictions of this package; or the path of a table. Class
            probabilities are a column ``probabilities`` or one column per class, named ``CLASS`` or
            ``probability.CLASS``. Without a column ``id`` the index is taken, or the row's number;
            further columns of single values are shown on the cards.
        classes: the names of the classes in the order of the probabilities, for frames and rows.
        out: the folder for reports.
        experiment: the folder in it; None: the name of the data.
        run: further metadata for frames and rows, by the keys that the README lists, such as
            ``{"data": {"name": "mine", "split": "test"}, "model": {"name": "DistilBERT"}}``.
        **options: as the options of ``reportgen render``: ``gallery``, ``pdf_examples``,
            ``single_file``, ``slices`` (names of further columns), ``unsure_margin``,
            ``heatmap_engine``, ``pdf_cards`` ("both", "text", "heatmap"), ``paper`` ("A4",
            "Letter"), ``pdf_variant`` ("pdf/ua-1", "pdf/a-3b"), ``review`` (asks reviewers about
            each example), ``language`` of the texts ("en", "ja", "ar": BCP 47), ``tokens``
            ("words": word-pieces become words; "as-written"), ``mlflow`` (address of a server or
            database, to which the run is logged), ``workers`` (processes: 1; None: one a processor,
            in a script only below ``if __name__ == "__main__"``), ``scheduler`` (a Dask cluster in
            their place), ``progress`` (True shows it on standard error).

    Raises:
        ReportgenError: anything that stops it, in one line; nothing half-written stays.
        TrackingError: MLflow cannot be reached, or did not take the run, which is then complete.

    Example:
        >>> rows = [
        ...     {"text": "Plain awful", "label": "no", "probabilities": [0.9, 0.1],
        ...      "tokens": ["Plain", "awful"], "attention": [0.1, 0.9]},
        ...     {"text": "Not bad", "label": "yes", "probabilities": [0.7, 0.3],
        ...      "tokens": ["Not", "bad"], "attention": [0.4, 0.6]},
        ... ]
        >>> report = rg.render(rows, classes=["no", "yes"], experiment="two")
        >>> report.metrics["accuracy"].value
        0.5
        >>> [mistake.text for mistake in report.mistakes()]
        ['Not bad']
    """
    check_keywords("render", options, RenderKeywords)
    table = as_predictions(source, classes, run)
    return _rendered(table.path, Path(out), experiment, options)


def _rendered(table: Path, out: Path, experiment: str | None, options: RenderKeywords) -> Report:
    with system_errors(), open_tracker(options.get("mlflow")) as tracker:
        finished = pipeline.render(
            table,
            record(pipeline.ReportOptions, {**options, "slices": options.get("slices", ())}),
            pipeline.Workspace(reports=out, experiment=experiment),
            replace(execution_of(options), page=tracker.page),
            tokens=options.get("tokens", "words"),
        )
        tracker.log(finished.folder)
    return Report(finished.folder, finished.headline, finished.digest)
