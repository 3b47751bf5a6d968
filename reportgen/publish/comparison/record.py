"""Hold an open comparison: which runs, their tables, and what was found; what writers take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reportgen.analysis.comparison import Comparison
from reportgen.predictions import Predictions

__all__ = ["Compared", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A run that is compared: what it is called, and where it came from.

    ``folder`` and ``run`` (its hash) are None for a table that is no run's; ``sha256`` is that of
    the table.
    """

    name: str
    folder: Path | None
    run: str | None
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The K runs in the order given, their open tables, and what the comparison found."""

    sources: tuple[Source, ...]
    tables: tuple[Predictions, ...]
    found: Comparison
