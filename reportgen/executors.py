"""Where work runs: in this process or in a pool of processes on this machine. One interface.

A task is a function at the top of a module and one picklable argument. Results come in the order
of the tasks, so what is written does not depend on how many workers there are.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor as FuturesExecutor
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, TypeVar

from reportgen.errors import ExecutorError

__all__ = ["Executor", "InProcess", "Pool", "open_executor", "worker_count"]

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2  # tasks a worker that are handed out at once
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")


class Executor(Protocol):
    """Runs one function over many tasks."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of the tasks; an error of a task is raised here."""
        ...


class InProcess:
    """Does the work here, one task after the other."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order."""
        return map(function, tasks)


class Pool:
    """Hands tasks to a ``concurrent.futures`` executor, a bounded number at a time."""

    def __init__(self, futures: FuturesExecutor, workers: int) -> None:
        self._futures, self._workers = futures, workers

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order.

        Raises:
            ExecutorError: a worker died.
        """
        under_way: deque[Future[R]] = deque()
        try:
            for task in tasks:
                under_way.append(self._futures.submit(function, task))
                if len(under_way) >= AHEAD * self._workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as error:
            raise ExecutorError(
                "a worker process died, perhaps for want of memory; use fewer --workers"
            ) from error
        finally:
            for future in under_way:
                future.cancel()


def worker_count(asked: int | None) -> int:
    """Return the number of workers asked for; None is one for each processor this process may use.

    A machine with little memory gets fewer: one for each GiB.
    """
    if asked is not None:
        return asked
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
    """Open an executor with so many workers (None: as many as are useful); 1 works in-process."""
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
    """Prepare a worker: one thread, so that workers do not fight; Ctrl-C is the parent's matter."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(THREADS, "1"))


def _stop(futures: ProcessPoolExecutor) -> None:
    running = list((futures._processes or {}).values())
    futures.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.terminate()
