"""Show work in progress: bars with counts and time left on a terminal, plain lines in a log."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TextIO, TypeVar

from reportgen.characters import printable

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

__all__ = ["ConsoleProgress", "Progress", "Silent", "discard", "duration", "one"]

LINE_EVERY = 15.0  # seconds between two lines of one piece of work in a log


def one(item: object) -> int:
    """Count an item as one unit, whatever it holds."""
    return 1


def duration(seconds: float) -> str:
    """Return a time as a reader counts it: "45 s", "12 min", "3 h 20 min", "10 days 2 h"."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if round(seconds) < 120:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    if hours < 48:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24:,} days {hours % 24} h"


def discard(stream: TextIO) -> None:
    """Send what is still written to a closed or full stream to nowhere, so that nothing fails."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Progress(Protocol):
    """What a stage may say while it works."""

    def track(
        self,
        items: Iterable[T],
        what: str,
        total: int,
        unit: str = "examples",
        size: Callable[[T], int] = one,
    ) -> Iterator[T]:
        """Yield ``items`` unchanged and show how many units of ``total`` are done.

        ``size`` tells how many units an item counts: ``size=len`` for batches of examples.
        """
        ...

    def say(self, line: str) -> None:
        """Show one line that stays."""
        ...


class Silent:
    """Shows nothing (``--quiet``, tests, use as a library)."""

    def track(
        self,
        items: Iterable[T],
        what: str,
        total: int,
        unit: str = "examples",
        size: Callable[[T], int] = one,
    ) -> Iterator[T]:
        """Yield ``items`` unchanged."""
        yield from items

    def say(self, line: str) -> None:
        """Drop the line."""


class ConsoleProgress:
    """Writes to standard error: a bar on a terminal, else a line every fifteen seconds."""

    def __init__(self, console: Console | None = None) -> None:
        from rich.console import Console

        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """Print the line; on a terminal above the running bar. A closed stream stops no work."""
        try:
            if self.console.is_terminal:
                self.console.print(printable(line), markup=False)
            elif sys.stderr is not None:  # as where it is closed from the start
                print(printable(line), file=sys.stderr, flush=True)
        except OSError:
            discard(sys.stderr)

    def track(
        self,
        items: Iterable[T],
        what: str,
        total: int,
        unit: str = "examples",
        size: Callable[[T], int] = one,
    ) -> Iterator[T]:
        """Yield ``items`` and show how many units of ``total`` are done."""
        if self.console.is_terminal:
            yield from self._bar(items, what, total, unit, size)
        else:
            yield from self._lines(items, what, total, unit, size)

    def _bar(
        self, items: Iterable[T], what: str, total: int, unit: str, size: Callable[[T], int]
    ) -> Iterator[T]:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn(f"{what:<12}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit),
            TimeRemainingColumn(compact=True),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(what, total=total)
            for item in items:
                yield item
                progress.advance(task, size(item))

    def _lines(
        self, items: Iterable[T], what: str, total: int, unit: str, size: Callable[[T], int]
    ) -> Iterator[T]:
        done, start = 0, time.monotonic()
        last = start
        for item in items:
            yield item
            done += size(item)
            now = time.monotonic()
            if now - last >= LINE_EVERY:
                last = now
                left = (now - start) / done * (total - done) if done else 0.0
                self.say(f"{what}: {done:,} of {total:,} {unit}, about {duration(left)} left")
        unit = unit.removesuffix("s") if done == 1 else unit
        took = time.monotonic() - start
        said = f"{took:.1f} s" if took < 60 else duration(took)
        self.say(f"{what}: {done:,} {unit} in {said}")
