"""Say what an index of runs shows: its titles, what its trends are of, what is not listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reportgen.publish.past import CONFIDENCE, PAGE, PDF, SINGLE, Estimate, Examples, Flaw, PastRun
from reportgen.publish.series import Odd
from reportgen.publish.words.numbers import counted, decimal, interval, percent

__all__ = [
    "ABSENT",
    "CHECKED",
    "COMPARISONS",
    "TITLES",
    "TREND_NOTE",
    "WITHOUT_HASH",
    "compared",
    "count_note",
    "data_note",
    "date",
    "ends",
    "heading",
    "link",
    "model_note",
    "no_trend",
    "odd_more",
    "odd_title",
    "point",
    "range_of",
    "reason",
    "tally",
    "value",
]

TITLES = {
    "accuracy": "Accuracy",
    "macro_f1": "F1, mean over classes",
    "ece": "Calibration error (ECE)",
    CONFIDENCE: "Mean confidence",
}
CHECKED = (
    "Of each run manifest.json, inputs.json and metrics.json were read and hold by their hashes,"
    " and the files that are linked to here have the size that the manifest names; reportgen"
    " verify RUN checks every file. After a run only what is new or has another date or size is"
    " read; reportgen index REPORTS reads everything again. Times are UTC."
)
TREND_NOTE = (
    "Each picture follows one measure over the runs of an experiment on the same examples, the"
    " oldest on the left, at even steps; the last is named. Runs on other data, another split or"
    " another sample are a trend of their own. Bars, or a band where there are many runs, are the"
    " 95 % interval of each run by itself: they do not tell whether two runs differ beyond chance."
    " The scale of each picture is its own and need not begin at 0."
)
WITHOUT_HASH = (
    "These runs name no hash of their data; the same name and numbers are taken for the same data."
)
ABSENT = "–"
COMPARISONS = "Comparisons"
REASONS = {
    Flaw.FOREIGN: "there is no run in it",
    Flaw.REVIEW: "a review that does not stand beside its run: its name is not RUN-review",
    Flaw.UNREADABLE: "cannot be read",
    Flaw.NO_MANIFEST: "damaged: there is no manifest.json",
    Flaw.MANIFEST: "damaged",
    Flaw.CHANGED: "damaged: not as the manifest says",
    Flaw.MISSING: "damaged: a file that the manifest names is missing",
    Flaw.RENAMED: "renamed: the folder's name is not that of the run in it",
    Flaw.VALUES: "its inputs.json or metrics.json cannot be used",
}
PAGES = {PAGE: "HTML", SINGLE: "one file", PDF: "PDF"}


def heading(experiment: str | None) -> str:
    """Return the title of the index of an experiment, or of all."""
    return "All runs" if experiment is None else f"Runs of {experiment}"


def range_of(runs: Sequence[PastRun], experiments: int | None) -> str:
    """Say how many runs there are, of how many experiments if of more than one, and from when."""
    if not runs:
        return "There is no run that could be listed."
    text = counted(len(runs), "run")
    if experiments is not None:
        text += f" in {counted(experiments, 'experiment')}"
    first, last = date(runs[0].time), date(runs[-1].time)
    when = f"of {last}" if first == last else f"from {first} to {last}"
    return f"{text} {when}{'; the newest stands first' if len(runs) > 1 else ''}."


def date(time: datetime) -> str:
    """Return the day: 27 November 2026."""
    return f"{time.day} {time:%B %Y}"


def value(name: str, estimate: Estimate) -> str:
    """Return a measure as the report writes it."""
    return decimal(estimate.value, 3) if name == "ece" else percent(estimate.value)


def ends(name: str, estimate: Estimate) -> str:
    """Return the ends of its 95 % interval; empty where it has none."""
    if estimate.low is None or estimate.high is None:
        return ""
    if name == "ece":
        return f"{decimal(estimate.low, 3)} to {decimal(estimate.high, 3)}"
    return interval((estimate.low, estimate.high))


def point(name: str, run: PastRun) -> str:
    """Say what a point of a trend is: its day, its value and interval, the run."""
    estimate = run.estimates[name]
    between = f" ({ends(name, estimate)})" if estimate.low is not None else ""
    return f"{date(run.time)}: {value(name, estimate)}{between}, run {run.hash[:8]}"


def data_note(examples: Examples) -> str:
    """Tell the examples of a run from others of the same data: split, columns, hash."""
    parts = [f"split {examples.split}" if examples.split else "", examples.columns]
    parts.append(f"sha256\N{NO-BREAK SPACE}{examples.sha256[:8]}" if examples.sha256 else "no hash")
    return ", ".join(filter(None, parts))


def count_note(examples: Examples, rows: int) -> str:
    """Say of how many rows the examples are a sample, and how many of them have a label."""
    parts = []
    if examples.count < rows:
        seed = "" if examples.seed is None else f", seed {examples.seed}"
        parts.append(f"sampled from {rows:,}{seed}")
    if examples.labelled < examples.count:
        parts.append(f"{examples.labelled:,} labelled" if examples.labelled else "no labels")
    return "; ".join(parts)


def model_note(checkpoint: str | None) -> str:
    """Name the checkpoint by the first digits of its hash."""
    return f"checkpoint {checkpoint[:8]}" if checkpoint else ""


def link(file: str) -> str:
    """Return the text of a link to a page of a run, or to what stands beside it."""
    return PAGES.get(file, file)


def compared(number: int) -> str:
    """Return the text of a link to the newest of the comparisons of a run."""
    return "comparison" if number == 1 else f"newest of {number:,} comparisons"


def no_trend(groups: int, drawn: int) -> str:
    """Say why there is no trend, or none of some runs; empty where nothing is to be said.

    Groups are the runs of an experiment on the same examples; ``drawn`` of them have a trend.
    """
    if groups > 1 and not drawn:
        return "No experiment has two runs on the same examples, so there is no trend."
    if groups > drawn > 0:
        return "Where an experiment has one run on a set of examples there is no trend."
    return ""


def reason(odd: Odd) -> str:
    """Say why a folder is not listed."""
    text = REASONS[odd.flaw]
    return f"{text} ({odd.detail})" if odd.detail else text


def odd_title(number: int) -> str:
    """Return the title of the list of folders that are not listed as runs."""
    return f"Not listed: {counted(number, 'folder')}"


def odd_more(number: int) -> str:
    """Say how many more there are than are listed."""
    return f"and {counted(number, 'further folder')}" if number > 0 else ""


def tally(runs: int, experiments: int, odd: int, comparisons: int = 0) -> str:
    """Return what a terminal shows of an index."""
    text = f"{counted(runs, 'run')} in {counted(experiments, 'experiment')}"
    text += f"; {counted(comparisons, 'comparison')}" if comparisons else ""
    return f"{text}; {counted(odd, 'other folder')} named with a reason" if odd else text
