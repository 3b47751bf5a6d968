"""What a model card says beside its tables: where the numbers come from, what they cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.intervals import LEAST
from reportgen.analysis.scores import Measure
from reportgen.analysis.slices import Slice
from reportgen.publish.finished import FinishedRun
from reportgen.publish.words.attention import tests
from reportgen.publish.words.numbers import counted, decimal, interval, percent, verb
from reportgen.publish.words.provenance import of_data, of_model
from reportgen.publish.words.weights import ATTENTION, Terms
from reportgen.records import RunInfo

__all__ = [
    "ADD",
    "FILES",
    "VERIFY",
    "class_figure",
    "evaluated",
    "faithful",
    "limits",
    "measure_name",
    "mistakes",
    "report",
]

ADD = "Add what the run does not know: license, language, base model, intended use."
FILES = {  # those of a run that a reader of a card wants
    "index.html": "the gallery of shaded texts and heatmaps, mistakes first",
    "report.html": "the gallery in one file",
    "report.pdf": "a selection of it for reviewers, to be sent and printed",
    "metrics.json": "every number",
    "predictions.parquet": "the predictions, with the weights of every token",
    "manifest.json": "the hash of every file",
}
VERIFY = "compares every file of the run with its hash."
NAMED = 5  # groups that are named


def evaluated(info: RunInfo, examples: int) -> list[tuple[str, str]]:
    """Return what is known of data and model: a name and a text each."""
    rows = [*of_data(info.data, info.seed, examples), *of_model(info.model, info.max_tokens)]
    if info.data.sha256:
        rows.append(("Data hash", f"sha256 {info.data.sha256}"))
    return rows


def measure_name(measure: Measure) -> str:
    """Name a measure with its interval, for where a number stands alone."""
    if measure.low != measure.low:
        return measure.title
    ends = f"{decimal(measure.low, 3)} to {decimal(measure.high, 3)}"
    return f"{measure.title}, 95 % interval {ends} ({measure.method})"


def class_figure(measure: Measure | None) -> str:
    """Return a figure of a class with its interval: "89.6 % (77.8 to 95.5 %)"."""
    if measure is None or measure.value != measure.value:
        return "–"
    ends = f" ({interval((measure.low, measure.high))})" if measure.low == measure.low else ""
    return f"{percent(measure.value)}{ends}"


def mistakes(shown: int, number: int) -> str:
    """Say which of the pairs of classes that are confused are listed."""
    if not number:
        return "No class is predicted in place of another."
    if shown == number:
        return "These are all pairs of classes that are confused."
    return f"The {shown} most frequent of {number:,} pairs that are confused; metrics.json has all."


def faithful(result: Faithfulness | None, words: Terms) -> list[str]:
    """Say what the tests of the weights show, as the report does, and how far that goes."""
    the = words.the[0].upper() + words.the[1:]
    if result is None:
        return [f"{the} {words.verb('was', 'were')} not tested."]
    return [*tests(result, words)]


def limits(run: FinishedRun, words: Terms) -> Iterator[str]:
    """Yield what the numbers do not say, each as a sentence."""
    examples, labelled, info, data = run.examples, run.labelled, run.info, run.info.data
    split = f", split {data.split}" if data.split else ""
    yield f"Measured on {data.name}{split}: the numbers hold for texts like those, not for others."
    if not labelled:
        yield "No example has a label, so nothing is known of how often the model is right."
    elif labelled < LEAST:
        yield f"With {counted(labelled, 'labelled example')} no conclusions can be drawn."
    if 0 < labelled < examples:
        yield (
            f"{examples - labelled:,} of {counted(examples, 'example')}"
            f" {verb(examples - labelled, 'has', 'have')} no label and"
            f" {verb(examples - labelled, 'counts', 'count')} in no measure."
        )
    if run.in_train:
        are = verb(run.in_train, "is", "are")
        yield f"{counted(run.in_train, 'text')} of these {are} in the training data too."
    if info.max_tokens is not None:
        yield f"Only the first {counted(info.max_tokens, 'token')} of each text were read."
    if data.skipped:
        number = len(data.skipped)
        were = verb(number, "was", "were")
        yield f"{counted(number, 'row')} of the data {were} left out as unusable."
    yield from _groups(run.slices)
    if number := run.label_errors:
        yield (
            f"{counted(number, 'label')} of the data {verb(number, 'is', 'are')} worth a second"
            f" look; metrics.json names {verb(number, 'its example', 'their examples')}."
        )
    if words.signed:
        yield "Another method may divide an answer among the words in another way."
    elif words.full == ATTENTION.full:
        yield "Attention shows where the model looked, not why it decided."
    else:
        yield f"These weights ({words.full}) show where the model looked, not why it decided."


def _groups(slices: Sequence[Slice]) -> Iterator[str]:
    """Say which groups are less accurate than the others, beyond chance."""
    if not slices:
        return
    tests_ = f"{counted(slices[0].tests, 'test')} (Fisher's exact test, corrected by Holm's method)"
    worse = [one for one in slices if one.stands_out and one.accuracy < one.rest]
    if not worse:
        yield f"No group of {LEAST} or more is shown to be less accurate than the others: {tests_}."
        return
    named = "; ".join(
        f"{one.group} {one.name}: {percent(one.accuracy)} ({interval(one.interval)}) of"
        f" {counted(one.count, 'example')}, against {percent(one.rest)}"
        for one in worse[:NAMED]
    )
    more = f"; and {counted(len(worse) - NAMED, 'further group')}" if len(worse) > NAMED else ""
    yield f"Less accurate than the other examples, in {tests_}: {named}{more}."


def report(experiment: str, run: str) -> str:
    """Say what the card was made from."""
    return f"This card was written by reportgen from run {run} of experiment {experiment}:"
