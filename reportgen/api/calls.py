"""What the public functions share: their keyword arguments by name and type, and their errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Literal, TypedDict, TypeVar

from reportgen.errors import DependencyError, ReportgenError
from reportgen.progress import ConsoleProgress, Progress, Silent

__all__ = [
    "PredictKeywords",
    "RenderKeywords",
    "check_keywords",
    "progress_of",
    "record",
    "system_errors",
]

R = TypeVar("R")


class RenderKeywords(TypedDict, total=False):
    """The fields of ``options.ReportOptions``, and how the work is done."""

    unsure_margin: float
    slices: Sequence[str]
    pdf_examples: int | None
    gallery: int | None
    single_file: bool
    heatmap_engine: str
    paper: str
    pdf_variant: str
    review: bool
    tokens: Literal["words", "as-written"]
    workers: int | None
    progress: bool


class PredictKeywords(TypedDict, total=False):
    """The fields of ``options.DataOptions`` and ``options.PredictOptions``, and ``progress``."""

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
    classes: Sequence[str] | None
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


def progress_of(given: Mapping[str, Any]) -> Progress:
    """Return what shows the progress: nothing, unless ``progress`` is true."""
    return ConsoleProgress() if given.get("progress") else Silent()


@contextmanager
def system_errors() -> Iterator[None]:
    """Turn errors of the system into those of this package.

    Raises:
        DependencyError: a library cannot be imported.
        ReportgenError: a file or folder cannot be read or written.
    """
    try:
        yield
    except ImportError as error:
        raise DependencyError(
            f"{error.name or 'a library'}: cannot be imported ({error})"
        ) from error
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise ReportgenError(f"{place}{error.strerror or error}") from error
