"""Run tasks in this process or in a pool of processes on this machine, behind one interface.

A task is a function at the top of a module and one picklable argument. Results come in the order
of the tasks, so what is written does not depend on how many workers there are.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor as FuturesExecutor
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Protocol, TypeVar

from reportgen.errors import ExecutorError

__all__ = ["Executor", "InProcess", "Pool", "open_executor", "without_collection", "worker_count"]

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2  # tasks per worker that are submitted at once
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")


class Executor(Protocol):
    """Runs one function over many tasks."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of the tasks; an error of a task is raised here."""
        ...


class InProcess:
    """Runs the tasks in this process, one after the other."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order."""
        return map(function, tasks)


class Pool:
    """Submits tasks to a ``concurrent.futures`` executor, a bounded number at a time."""

    def __init__(self, futures: FuturesExecutor, workers: int) -> None:
        self._futures, self._workers = futures, workers

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order.

        Raises:
            ExecutorError: a worker process died.
        """
        pending: deque[Future[R]] = deque()
        try:
            for task in tasks:
                pending.append(self._futures.submit(function, task))
                if len(pending) >= AHEAD * self._workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool as error:
            raise ExecutorError(
                "a worker process died, perhaps out of memory; use fewer --workers"
            ) from error
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
def open_executor(workers: int | None) -> Iterator[Executor]:
    """Open an executor with this many workers (None: ``worker_count``); 1 works in this process."""
    count = worker_count(workers)
    if count == 1:
        yield InProcess()
        return
    # Spawned, not forked: a fork of a process with threads may hang.
    with ProcessPoolExecutor(count, get_context("spawn"), _start_worker) as futures:
        try:
            yield Pool(futures, count)
        except BaseException:
            _stop(futures)
            raise


def _start_worker() -> None:
    """Prepare a worker: one thread, so that workers do not compete; Ctrl-C is for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(THREADS, "1"))
    threading.Thread(target=_end_with_parent, daemon=True).start()


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
