"""What the public functions share: their keyword arguments by name and type, and their errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Literal, TypedDict, TypeVar

from reportgen.errors import DependencyError, ReportgenError, UsageError
from reportgen.pipeline import Execution
from reportgen.progress import ConsoleProgress, Progress, Silent

__all__ = [
    "CompareKeywords",
    "PredictKeywords",
    "RenderKeywords",
    "check_keywords",
    "execution_of",
    "progress_of",
    "record",
    "respelled",
    "system_errors",
    "with_arguments",
    "with_run",
]

R = TypeVar("R")


class RenderKeywords(TypedDict, total=False):
    """The fields of ``options.ReportOptions``, how the work is done, and who is told of it."""

    unsure_margin: float
    slices: Sequence[str]
    pdf_examples: int | None
    gallery: int | None
    single_file: bool
    heatmap_engine: str
    pdf_cards: str
    paper: str
    pdf_variant: str
    shades: str | float
    review: bool
    language: str | None
    tokens: Literal["words", "as-written"]
    mlflow: str | None
    workers: int | None
    scheduler: str | None
    progress: bool


class CompareKeywords(TypedDict, total=False):
    """Those fields of ``options.ReportOptions`` that a comparison has, and how it is done."""

    slices: Sequence[str]
    pdf_examples: int | None
    gallery: int | None
    single_file: bool
    pdf_cards: str
    paper: str
    pdf_variant: str
    mlflow: str | None
    workers: int | None
    progress: bool


class PredictKeywords(TypedDict, total=False):
    """The fields of ``options.DataOptions`` and ``options.PredictOptions``, and how it is done."""

    text_column: str
    label_column: str
    id_column: str
    unlabelled: bool
    delimiter: str | None
    encoding: str
    on_bad_row: str
    limit: int | None
    seed: int
    batch_size: int
    device: str
    max_tokens: int | None
    tokenizer: str | None
    explain: int | None
    model: str | None
    weights: str | None
    heads: bool
    classes: Sequence[str] | None
    workers: int | None
    scheduler: str | None
    progress: bool


def check_keywords(function: str, given: Mapping[str, Any], known: type) -> None:
    """Refuse a keyword that the function does not take, as Python does.

    Raises:
        TypeError: the name is unknown.
    """
    for name in given:
        if name not in known.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")


def record(of: type[R], given: Mapping[str, Any]) -> R:
    """Return an options record made of those keywords that are fields of it."""
    names = {field.name for field in fields(of)}  # type: ignore[arg-type]
    return of(**{name: value for name, value in given.items() if name in names})


def execution_of(given: Mapping[str, Any]) -> Execution:
    """Return how the work is done: in this process, unless workers or a scheduler are given.

    Raises:
        UsageError: both are given.
    """
    if given.get("scheduler") is not None and "workers" in given:
        raise UsageError("workers= is the number of processes here: leave it out with scheduler=")
    return Execution(given.get("workers", 1), progress_of(given), given.get("scheduler"))


def progress_of(given: Mapping[str, Any]) -> Progress:
    """Return what shows the progress: nothing, unless ``progress`` is true."""
    return ConsoleProgress() if given.get("progress") else Silent()


# Options of the command line as they stand in messages, with a value or without one.
OPTION = re.compile(
    r"(`[^`]*`)|--([a-z]+(?:-[a-z]+)*)"
    r"(?: (?!(?:or|and|is|names|cannot|makes|too)\b)('[^']*'|[\w.:,/+-]*[\w/]))?"
)
KEYWORDS = {
    **{name.replace("_", "-"): name for name in RenderKeywords.__annotations__},
    **{name.replace("_", "-"): name for name in PredictKeywords.__annotations__},
    **{name: name for name in ("checkpoint", "data", "experiment", "out", "split")},
    "slice": "slices",
}
LISTS, SWITCHES = ("classes", "slices"), ("single_file", "unlabelled")
METADATA = re.compile(r'("\w+": \{[^}]*\}) in the metadata|the metadata .reportgen\.run.')


def with_arguments(message: str) -> str:
    """Spell the options that a message names as arguments: "--gallery 5" as "gallery=5".

    A command that it quotes stays.
    """

    def spelled(found: re.Match[str]) -> str:
        command, option, value = found.groups()
        name = KEYWORDS.get(option or "")
        if command or name is None:
            return found[0]
        if value is None:
            return f"{name}=True" if name in SWITCHES else f"{name}="
        if name in LISTS:
            return f"{name}={value.strip(chr(39)).split(',')}"
        return f"{name}={value if value[0] == chr(39) or value.isdigit() else repr(value)}"

    return OPTION.sub(spelled, message)


def with_run(message: str) -> str:
    """Spell what a message wants in the metadata of a table as the argument ``run``."""
    return METADATA.sub(lambda found: f"run={{{found[1]}}}" if found[1] else "run=", message)


@contextmanager
def respelled(spell: Callable[[str], str]) -> Iterator[None]:
    """Let the messages of errors of this package name arguments instead of options."""
    try:
        yield
    except ReportgenError as error:
        error.args = (spell(str(error)),)
        raise


@contextmanager
def system_errors() -> Iterator[None]:
    """Turn errors of the system into those of this package, and let all name arguments.

    Raises:
        DependencyError: a library cannot be imported.
        ReportgenError: a file or folder cannot be read or written.
    """
    try:
        with respelled(with_arguments):
            yield
    except ImportError as error:
        raise DependencyError(
            f"{error.name or 'a library'}: cannot be imported ({error})"
        ) from error
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise ReportgenError(f"{place}{error.strerror or error}") from error
