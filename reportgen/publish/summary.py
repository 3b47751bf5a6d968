"""A run's metadata and numbers in, the words of its first page out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.analysis.faithfulness import AT
from reportgen.analysis.metrics import Quality
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import WordUse
from reportgen.predictions import Predictions
from reportgen.publish.names import safe_name
from reportgen.publish.sentences import read_removal
from reportgen.publish.tables import Findings, attention_is
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
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What was tested, how good it is, how sure we are of that, and where it came from."""

    headline: str
    lede: str
    facts: tuple[Fact, ...]
    figures: tuple[Figure, ...]
    provenance: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    measures: tuple[tuple[str, str, str, str], ...]
    baseline: str
    slices: tuple[Slice, ...]
    doubts: tuple[tuple[str, str | None, str, str, str], ...]
    doubted: int
    attention: tuple[str, ...]
    words: tuple[tuple[str, tuple[WordUse, ...]], ...]


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
    findings: Findings,
    figures: Sequence[Figure],
    missing_glyphs: frozenset[str],
    pages: Mapping[int, str],
) -> Summary:
    """Put the findings into words; every number in them is computed here or before."""
    info, quality, measures = predictions.info, findings.quality, findings.measures
    return Summary(
        headline=headline(info, quality),
        lede=_lede(findings),
        facts=tuple(_facts(findings)),
        figures=tuple(figures),
        provenance=tuple(_provenance(predictions, quality)),
        missing=tuple(_missing(predictions, missing_glyphs)),
        measures=tuple(_measure_row(measure) for measure in measures.values()),
        baseline=percent(quality.majority),
        slices=tuple(findings.slices),
        doubts=tuple(_doubts(predictions, findings, pages)),
        doubted=len(findings.label_errors),
        attention=tuple(_attention(findings)),
        words=tuple(
            (f"said {name}, {'right' if right else 'wrong'}", tuple(used))
            for (name, right), used in findings.words.items()
            if used
        ),
    )


def _facts(findings: Findings) -> Iterator[Fact]:
    quality, ece = findings.quality, findings.measures["ece"]
    yield Fact(
        "Accuracy",
        percent(quality.accuracy),
        f"95 % interval {interval(quality.interval)} (Wilson)",
    )
    note = f"{ece.low:.3f} to {ece.high:.3f} (bootstrap), 15 bins; 0 is perfect"
    yield Fact("Calibration error", f"{ece.value:.3f}", note)
    most = findings.measures["accuracy_at_90"]
    yield Fact(
        "If it may pass on one in ten",
        percent(most.value),
        f"right on the rest, {interval((most.low, most.high))} (bootstrap)",
    )
    judged = findings.faithfulness
    if judged is None:
        yield Fact("Attention", "not tested", "no example was explained (--explain)")
    else:
        note = f"by removing words, on {judged.examples:,} sampled"
        yield Fact("Attention", judged.verdict, note)


def _lede(findings: Findings) -> str:
    quality = findings.quality
    mistakes, confident = quality.examples - quality.right, len(findings.sections[0])
    mean = float(findings.scores.confidence.mean())
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
        said += " On average its confidence matches its accuracy."
    elif mean > high:
        said += " On average it is too sure of itself."
    else:
        said += " On average it is less sure than it could be."
    judged = findings.faithfulness
    if judged is not None:
        lost = {way.name: way.drops[AT] for way in judged.ways}
        said += (
            " Without the tenth of the words that it attends to most its confidence falls by"
            f" {lost['attention']:.2f}, without random ones by {lost['random']:.2f}."
        )
    return said


def _measure_row(measure: Measure) -> tuple[str, str, str, str]:
    shown = measure.name in SHARES or measure.name.split(".")[0] in ("precision", "recall", "f1")
    if shown:
        ends = interval((measure.low, measure.high))
        return measure.title, percent(measure.value), ends, measure.method
    ends = f"{measure.low:.3f} to {measure.high:.3f}"
    return measure.title, f"{measure.value:.3f}", ends, measure.method


SHARES = {"accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1"}
SHARES |= {"accuracy_at_90"}
DOUBTS = 20  # likely label errors that are listed


def _doubts(
    predictions: Predictions, findings: Findings, pages: Mapping[int, str]
) -> Iterator[tuple[str, str | None, str, str, str]]:
    """Yield id, link, label, answer and the label's probability of likely label errors."""
    names = predictions.info.classes
    for i in findings.label_errors[:DOUBTS]:
        gold, said = int(findings.scores.gold[i]), int(findings.scores.predicted[i])
        id_ = predictions.ids[i]
        link = f"{pages[i]}#ex-{safe_name(id_)}" if i in pages else None
        own = f"{predictions.probabilities[i, gold]:.3f}"
        yield id_, link, names[gold], names[said], own


def _attention(findings: Findings) -> Iterator[str]:
    judged, means = findings.faithfulness, attention_is(findings.reading)
    if judged is not None:
        yield read_removal(judged)
        tested = judged.supported + judged.unsupported
        if tested:
            said = (
                f"Example by example, the attention of {judged.supported:,} of {tested:,} is"
                " supported: removing its words costs more than 95 % of random removals do."
            )
            if judged.untestable:
                said += f" {judged.untestable:,} texts under 10 tokens cannot be tested."
            yield said
        yield (
            "The answer changes in"
            f" {percent(judged.uniform)} ({interval(judged.uniform_interval)}) of the examples"
            " when the attention is made even, and in"
            f" {percent(judged.permuted)} ({interval(judged.permuted_interval)}) when it is"
            " shuffled: the less it changes, the less the answer depends on where the model looks."
        )
        if not math.isnan(judged.tau_left_out):
            yield (
                f"Rank agreement (Kendall's tau) of attention is {judged.tau_left_out:.2f} with"
                f" leaving words out one by one, {judged.tau_gradients:.2f} with integrated"
                " gradients; 1 is the same order, 0 none."
            )
    if {"entropy", "largest", "function"} <= set(means):
        yield (
            f"Attention has {percent(means['entropy'])} of the entropy of even attention; the"
            f" largest weight is {means['largest']:.3f} on average. Punctuation and stop words are"
            f" {percent(means['function_tokens'])} of the tokens and receive"
            f" {percent(means['function'])} of the attention. Padding receives none."
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
    if predictions.in_train is not None:
        seen = int(predictions.in_train.sum())
        rows.append(("Also trained on", f"{seen:,} of {len(predictions):,} texts"))
    temperature = model.settings.get("temperature", 1.0)
    if temperature != 1.0:
        rows.append(("Temperature", f"{temperature:.3f}, fitted on validation examples"))
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
