"""Compare runs: from run folders or tables to a comparison in a run folder of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from reportgen.analysis.comparison import LETTERS, compare
from reportgen.errors import ArchiveError, PredictionsError, UsageError
from reportgen.files import open_regular
from reportgen.predictions import Predictions, open_predictions
from reportgen.publish.archive import INPUTS, MANIFEST, file_sha256, run_folder
from reportgen.publish.comparison.record import Compared, Source
from reportgen.publish.verification import parsed

__all__ = ["open_comparison"]

TABLE = "predictions.parquet"


@contextmanager
def open_comparison(sources: Sequence[Path]) -> Iterator[Compared]:
    """Open the runs (run folders or predictions tables), the baseline first, and compare them.

    Raises:
        UsageError: fewer than two are given, or too many.
        ArchiveError: a folder is no run, or its table is not as its manifest says.
        PredictionsError: a table cannot be read; the runs have other classes; they share nothing.
    """
    if not 2 <= len(sources) <= len(LETTERS):
        raise UsageError(f"{len(sources)} runs given; a comparison takes 2 to {len(LETTERS)}")
    with ExitStack() as stack:
        found: list[Source] = []
        tables: list[Predictions] = []
        for path in sources:
            source, table = _source(path)
            found.append(source)
            tables.append(stack.enter_context(open_predictions(table)))
            _check_classes(path, tables)
        comparison = compare([source.name for source in found], tables)
        if not len(comparison):
            raise PredictionsError(_nothing_shared(sources, tables, comparison.matched.other_text))
        yield Compared(tuple(found), tuple(tables), comparison)


def _source(path: Path) -> tuple[Source, Path]:
    """Return what a path leads to, and the file of its table.

    Raises:
        ArchiveError: it is a folder without a run, or its table is not as its manifest says.
    """
    if not path.is_dir() and not (path.name == "latest" and path.is_file()):
        if not path.is_file():
            raise PredictionsError(f"{path}: no such run folder or predictions table")
        return Source(path.name, None, None, file_sha256(path)), path
    folder = run_folder(path)
    table = folder / TABLE
    try:
        with open_regular(folder / MANIFEST) as file:
            listed, run = parsed(file.read(), str(folder / MANIFEST))
        if TABLE not in listed:
            what = "a comparison" if INPUTS in listed else "no run"
            raise ArchiveError(f"{path}: has no {TABLE}, so it is {what} that can be compared")
        digest = file_sha256(table)
    except OSError as error:
        place = error.filename or folder
        raise ArchiveError(f"{place}: cannot be read ({error.strerror or error})") from error
    if digest != listed[TABLE]["sha256"]:
        raise ArchiveError(
            f"{table}: not as the run's manifest says; `reportgen verify` lists what differs"
        )
    whole = folder.resolve()
    return Source(f"{whole.parent.name}/{whole.name}", whole, run, digest), table


def _check_classes(path: Path, tables: Sequence[Predictions]) -> None:
    """Refuse a table whose classes are not those of the first."""
    first, other = (set(table.info.classes) for table in (tables[0], tables[-1]))
    if first != other:
        parts = [
            f"{verb} {', '.join(sorted(names))}"
            for verb, names in (("lacks", first - other), ("also has", other - first))
            if names
        ]
        raise PredictionsError(
            f"{path}: has other classes than the first run ({' and '.join(parts)}); only runs"
            " with the same classes can be compared"
        )


def _nothing_shared(sources: Sequence[Path], tables: Sequence[Predictions], other: int) -> str:
    """Say why nothing can be compared."""
    names = " and ".join(map(str, sources))
    if other:
        return f"{names}: share {other:,} ids, but no text of these is the same"
    return f"{names}: share no example (examples are matched by id and text)"
