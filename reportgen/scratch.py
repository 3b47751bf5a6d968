"""Temporary folders of tasks, and what tasks of one process share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["scratch_folder", "scratch_in", "shared"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Scratch:
    """Where temporary folders are made, and what is shared until ``closing`` closes it."""

    folder: Path | None
    closing: ExitStack
    shared: dict[Hashable, Any] = field(default_factory=dict)


_SCRATCH: ContextVar[_Scratch | None] = ContextVar("scratch", default=None)


@contextmanager
def scratch_in(folder: Path | None) -> Iterator[None]:
    """Let ``scratch_folder`` make its folders in this one; None: where the system has its own.

    What tasks share lives as long.
    """
    with ExitStack() as closing:
        before = _SCRATCH.set(_Scratch(folder, closing))
        try:
            yield
        finally:
            _SCRATCH.reset(before)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for the temporary files of a task, and remove it afterwards.

    What a process that is killed leaves goes with the folder around it: of the run, or of the
    worker of a cluster.
    """
    scratch = _SCRATCH.get()
    around = scratch.folder if scratch else None
    with tempfile.TemporaryDirectory(dir=around, prefix=".work-") as folder:
        yield Path(folder)


@contextmanager
def shared(name: Hashable, make: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
    """Give what tasks in one scratch share; the first one that asks for it makes it.

    It is closed with the scratch: of a process of this machine after all of its tasks, of a worker
    of a cluster after each. Where there is none it is closed at once.
    """
    scratch = _SCRATCH.get()
    if scratch is None:
        with make() as made:
            yield made
        return
    if name not in scratch.shared:
        scratch.shared[name] = scratch.closing.enter_context(make())
    yield scratch.shared[name]
