"""A run's metadata and numbers in, the words of its first page out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.analysis.calibration import Calibration
from reportgen.analysis.metrics import Quality, Scores
from reportgen.analysis.ordering import Section
from reportgen.predictions import Predictions
from reportgen.records import RunInfo

__all__ = ["Fact", "Figure", "Summary", "headline", "summarize"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name and what must be known beside it."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: the stem of its file in assets/, its title, and what it says in a sentence."""

    stem: str
    title: str
    reading: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What was tested, how good it is, how sure we are of that, and where it came from."""

    headline: str
    lede: str
    facts: tuple[Fact, ...]
    figures: tuple[Figure, ...]
    provenance: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def percent(share: float, digits: int = 1) -> str:
    """Return a share as per cent: 0.889 as "88.9 %"; never rounded up to 100 or down to 0."""
    shown = f"{100 * share:.{digits}f}"
    if share < 1 and float(shown) == 100:
        shown = f"> {100 - 10**-digits:.{digits}f}"
    elif share > 0 and float(shown) == 0:
        shown = f"< {10**-digits:.{digits}f}"
    return f"{shown}\N{NO-BREAK SPACE}%"


def interval(ends: tuple[float, float]) -> str:
    """Return the ends of an interval in per cent."""
    return f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f}\N{NO-BREAK SPACE}%"


def headline(info: RunInfo, quality: Quality) -> str:
    """Say the finding: the share that is right, and of what."""
    noun = "example" if quality.examples == 1 else "examples"
    said = f"Right on {percent(quality.accuracy)} of {quality.examples:,} {noun}"
    if info.data.evaluated < info.data.rows:
        said += f", a seeded sample of {info.data.rows:,}"
    return said


def summarize(
    predictions: Predictions,
    scores: Scores,
    quality: Quality,
    calibration: Calibration,
    sections: Sequence[Section],
    figures: Sequence[Figure],
    missing_glyphs: frozenset[str],
) -> Summary:
    """Put the findings into words; every number in them is computed here or before."""
    info = predictions.info
    mistakes = quality.examples - quality.right
    confident = len(sections[0])
    mean = float(scores.confidence.mean())
    facts = (
        Fact(
            "Accuracy",
            percent(quality.accuracy),
            f"95 % interval {interval(quality.interval)} (Wilson)",
        ),
        Fact(
            "Mistakes",
            f"{mistakes:,}",
            f"of {quality.examples:,}; {confident:,} of them confident",
        ),
        Fact(
            "Calibration error",
            f"{calibration.error:.3f}",
            f"expected, over {len(calibration.bins)} bins; 0 is perfect",
        ),
        Fact(
            "Mean confidence",
            percent(mean),
            f"{abs(100 * (mean - quality.accuracy)):.1f} points"
            f" {'over' if mean >= quality.accuracy else 'under'} the accuracy",
        ),
    )
    return Summary(
        headline=headline(info, quality),
        lede=_lede(quality, mean, mistakes, confident),
        facts=facts,
        figures=tuple(figures),
        provenance=tuple(_provenance(predictions, quality)),
        missing=tuple(_missing(predictions, missing_glyphs)),
    )


def _lede(quality: Quality, mean: float, mistakes: int, confident: int) -> str:
    gain = 100 * (quality.accuracy - quality.majority)
    most = f"always answering the most frequent class ({percent(quality.majority)})"
    if gain > 0:
        said = f"It beats {most} by {gain:.1f} points."
    elif gain == 0:
        said = f"It is no better than {most}."
    else:
        said = f"It is {-gain:.1f} points worse than {most}."
    if mistakes:
        share = "one mistake" if mistakes == 1 else f"{mistakes:,} mistakes"
        said += f" Of its {share}, {confident:,} {'was' if confident == 1 else 'were'} confident."
    else:
        said += " It made no mistake."
    low, high = quality.interval
    if low <= mean <= high:
        return said + " On average its confidence matches its accuracy."
    return (
        said
        + f" On average it is {'too' if mean > high else 'less'} sure"
        + (" of itself." if mean > high else " than it could be.")
    )


def _provenance(predictions: Predictions, quality: Quality) -> list[tuple[str, str]]:
    info, data, model = predictions.info, predictions.info.data, predictions.info.model
    rows = [("Data", f"{data.name}, split {data.split}")]
    read = f"{data.evaluated:,} of {data.rows:,} rows" + (
        f" (a sample seeded with {info.seed})" if data.evaluated < data.rows else ""
    )
    rows.append(("Evaluated", read))
    if data.split_sizes:
        sizes = ", ".join(f"{name} {count:,}" for name, count in data.split_sizes.items())
        rows.append(("Splits", sizes))
    balance = ", ".join(
        f"{c.name} {c.support:,} ({percent(c.support / quality.examples)})" for c in quality.classes
    )
    rows.append(("Class balance", balance))
    if predictions.unknown_tokens is not None:
        tokens = int(predictions.lengths.sum())
        share = percent(predictions.unknown_tokens.sum() / tokens) if tokens else "none"
        rows.append(("Unknown words", f"{share} of {tokens:,} tokens are not in the vocabulary"))
    length = predictions.lengths
    rows.append(("Length", f"median {np.median(length):,.0f} tokens, longest {length.max():,}"))
    if data.skipped:
        rows.append(("Rows left out", f"{len(data.skipped):,}; listed below"))
    if data.replaced_characters:
        rows.append(("Characters", f"{data.replaced_characters:,} illegal ones shown as \ufffd"))
    rows.append(("Model", ": ".join(part for part in (model.name, model.description) if part)))
    if model.parameters:
        rows.append(("Parameters", f"{model.parameters:,}"))
    if model.tokenizer:
        rows.append(("Tokenizer", model.tokenizer))
    rows.extend(_training(model.training, model.training_log))
    if info.max_tokens is not None:
        rows.append(("Read", f"the first {info.max_tokens:,} tokens of each text"))
    if model.checkpoint_sha256:
        rows.append(("Checkpoint", f"sha256 {model.checkpoint_sha256}"))
    if data.sha256:
        rows.append(("Data hash", f"sha256 {data.sha256}"))
    return rows


def _training(
    training: Mapping[str, Any], log: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    if not log:
        return []
    best = training.get("best")
    said = f"{len(log)} epoch{'s' if len(log) > 1 else ''}"
    if best:
        said += f", best after {best}"
    if training.get("finished") is False:
        said += "; stopped before its end"
    options = training.get("options")
    if isinstance(options, dict):
        chosen = ("learning_rate", "batch_size", "dropout", "seed")
        said += "; " + ", ".join(
            f"{k.replace('_', ' ')} {options[k]}" for k in chosen if k in options
        )
    rows = [("Training", said)]
    if training.get("vectors"):
        rows.append(("Word vectors", str(training["vectors"].get("name", ""))))
    return rows


def _missing(predictions: Predictions, glyphs: frozenset[str]) -> list[str]:
    said = [
        f"The predictions have no column “{name}”: {what} cannot be shown."
        for name, what in predictions.missing.items()
    ]
    if glyphs:
        shown = " ".join(f"U+{ord(g):04X}" for g in sorted(glyphs)[:12])
        more = f" and {len(glyphs) - 12} more" if len(glyphs) > 12 else ""
        said.append(
            f"No installed font has {len(glyphs)} characters of the heatmaps ({shown}{more});"
            " they are drawn as boxes there. The text above each heatmap is unaffected."
        )
    return said
