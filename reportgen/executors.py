"""Run tasks in this process or in a pool of processes on this machine, behind one interface.

A task is a function at the top of a module and one picklable argument, and names no file of this
machine: it holds the rows that it works on and returns what is to be written, so that a worker of a
cluster (``cluster``) does the same with it. Results come in the order of the tasks, so what is
written does not depend on how many workers there are.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor as FuturesExecutor
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Protocol, TypeVar

from reportgen.errors import ExecutorError
from reportgen.scratch import scratch_in

__all__ = [
    "AHEAD",
    "Executor",
    "InProcess",
    "Pool",
    "Workers",
    "in_order",
    "open_executor",
    "without_collection",
    "worker_count",
]

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2  # tasks per worker that are submitted at once
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")
GARBAGE = 300_000  # objects that a worker makes before it searches for those that nothing holds


class Executor(Protocol):
    """Runs one function over many tasks.

    ``remote`` says that tasks may run where the files of this machine are not.
    """

    remote: bool

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of the tasks; an error of a task is raised here."""
        ...

    def bind(self, function: Callable[[S, T], R], value: S) -> Callable[[T], R]:
        """Give a function its first argument, which a cluster gets once and not with each task."""
        ...


Workers = int | Executor | None  # so many processes, or what is open already; None: what pays


class InProcess:
    """Runs the tasks in this process, one after the other."""

    remote = False

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order."""
        return map(function, tasks)

    def bind(self, function: Callable[[S, T], R], value: S) -> Callable[[T], R]:
        """Give a function its first argument."""
        return partial(function, value)


class Pool:
    """Submits tasks to a pool of processes, a bounded number at a time."""

    remote = False

    def __init__(self, futures: FuturesExecutor, workers: int) -> None:
        self._futures, self._workers = futures, workers

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order.

        Raises:
            ExecutorError: a worker process died.
        """
        try:
            submitted = (self._futures.submit(function, task) for task in tasks)
            yield from in_order(submitted, AHEAD * self._workers)
        except BrokenProcessPool as error:
            raise ExecutorError(
                "a worker process died, perhaps out of memory; use fewer --workers"
            ) from error

    def bind(self, function: Callable[[S, T], R], value: S) -> Callable[[T], R]:
        """Give a function its first argument."""
        return partial(function, value)


def _result(future: Future[R]) -> R:
    return future.result()


def in_order(
    submitted: Iterable[Future[R]],
    ahead: int,
    result: Callable[[Future[R]], R] = _result,
) -> Iterator[R]:
    """Yield the results of futures in order; so many are submitted at once, by being asked for.

    Those that are pending when something fails, or when nobody wants more, are cancelled.
    """
    pending: deque[Future[R]] = deque()
    try:
        for future in submitted:
            pending.append(future)
            if len(pending) >= ahead:
                yield result(pending.popleft())
        while pending:
            yield result(pending.popleft())
    finally:
        for future in pending:
            future.cancel()


def worker_count(requested: int | None) -> int:
    """Return the requested number of workers; None is one per processor this process may use.

    A machine with little memory gets fewer: one per GiB.
    """
    if requested is not None:
        return requested
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        usable = os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    except (AttributeError, ValueError, OSError):
        memory = usable
    return max(1, min(usable, memory))


@contextmanager
def open_executor(workers: Workers, scratch: Path | None = None) -> Iterator[Executor]:
    """Open an executor with this many workers (None: ``worker_count``); 1 works in this process.

    One that is open already is used as it is. ``scratch`` is the folder for temporary files.
    """
    if not (workers is None or isinstance(workers, int)):
        yield workers
        return
    count = worker_count(workers)
    if count == 1:
        with scratch_in(scratch):
            yield InProcess()
        return
    # Spawned, not forked: a fork of a process with threads may hang.
    with ProcessPoolExecutor(count, get_context("spawn"), _start_worker, (scratch,)) as futures:
        try:
            yield Pool(futures, count)
        except BaseException:
            _stop(futures)
            raise


def _start_worker(scratch: Path | None) -> None:
    """Prepare a worker: one thread, so that workers do not compete; Ctrl-C is for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(THREADS, "1"))
    gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    here = ExitStack()
    here.enter_context(scratch_in(scratch))
    atexit.register(here.close)
    atexit.register(gc.freeze)  # what it still holds is not searched through at its end


def _end_with_parent() -> None:
    """End this worker when its parent is gone, also one that was killed or aborted."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _stop(futures: ProcessPoolExecutor) -> None:
    running = list((futures._processes or {}).values())
    futures.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.terminate()


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep Python from searching for garbage where millions of objects are made and few die."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
