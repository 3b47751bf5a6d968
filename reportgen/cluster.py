"""Run tasks on a Dask cluster, through the executor of its client. Only this file knows Dask.

Scheduling, queues and retries are Dask's: a worker that is lost costs the tasks that it had, which
run again elsewhere. A worker needs no file of the client: tasks hold what they work on and return
what is to be written. What all tasks of a stage need, such as a checkpoint, is a task's result too,
so that it is sent once to each worker and made again where every worker that had it was lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import pickle
import platform
import re
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from reportgen.errors import DependencyError, ExecutorError, UsageError
from reportgen.executors import AHEAD, in_order
from reportgen.progress import Progress
from reportgen.scratch import scratch_in
from reportgen.versions import REPORT, versions

__all__ = ["Cluster", "compare", "keep", "open_cluster", "there", "work"]

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
NEEDS = "dask.distributed, needed by --scheduler, is missing: pip install 'reportgen[dask]'"
CONNECT, FIRST_WORKER, LOST = 5, 10, 30  # seconds to wait for scheduler, worker, a lost worker
# What a worker must have in the client's version, if it has it at all; reportgen it must have.
COMPARED = (
    *REPORT, "distributed", "fonttools", "pikepdf", "pillow", "pydyf", "safetensors", "tokenizers",
    "torch", "torchtext", "transformers",
)  # fmt: skip
THREADS = "of its {} threads one works at a time; start workers with --nthreads 1"
QUIET = {"distributed.admin.large-graph-warning-threshold": "1 PB"}  # a task holds its rows


@dataclass(frozen=True, slots=True)
class _Bound:
    """A function and the future of its first argument."""

    function: Callable[..., Any]
    value: Any

    def __call__(self, task: Any) -> Any:  # a worker calls the function itself
        return self.function(self.value.result(), task)


class Cluster:
    """The workers of a Dask cluster as an ``Executor``."""

    remote = True

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._futures = client.get_executor(pure=False)  # equal tasks are not one
        self._kept: tuple[Any, Any] = None, None

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in order; so many tasks are in flight as keep every worker busy.

        Raises:
            ExecutorError: a task cost several workers, or none is left, or the scheduler is gone.
        """
        call, first = (
            (function.function, (function.value,))
            if isinstance(function, _Bound)
            else (function, ())
        )
        mine = _own_versions()
        with self._errors():
            ahead = AHEAD * max(1, len(self._client.nthreads()))
            packed = (pickle.dumps((call, mine, task)) for task in tasks)
            submitted = (self._futures.submit(there("work"), task, *first) for task in packed)
            yield from in_order(submitted, ahead, self._result)

    def bind(self, function: Callable[[S, T], R], value: S) -> Callable[[T], R]:
        """Give a function its first argument; the same one as before is not sent again."""
        before, future = self._kept
        if type(before) is not type(value) or before != value:
            with self._errors():
                future = self._client.submit(there("keep"), pickle.dumps(value), pure=False)
            self._kept = value, future
        return _Bound(function, future)

    def _result(self, future: Future[R]) -> R:
        empty = 0
        while True:
            try:
                return future.result(LOST)
            except TimeoutError:
                empty = 0 if self._client.nthreads() else empty + 1
                if empty > 1:
                    raise ExecutorError(
                        f"--scheduler {self._address}: every worker is gone, and none came back"
                    ) from None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            yield
        except KilledWorker as error:
            tries = error.allowed_failures + 1
            raise ExecutorError(
                f"a task ends its worker (tried {tries} time{'s' if tries > 1 else ''}, at last on"
                f" {error.last_worker.address}), perhaps for want of memory; see that worker's log"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise ExecutorError(
                f"--scheduler {self._address}: the connection was lost, or the scheduler was"
                " restarted"
            ) from error


@contextmanager
def open_cluster(address: str, progress: Progress) -> Iterator[Cluster]:
    """Connect to a scheduler and check its workers; what is pending at the end is cancelled.

    Raises:
        UsageError: the address is none.
        DependencyError: dask.distributed is not installed.
        ExecutorError: no scheduler answers there, or it has no worker, or one of another version.
    """
    if not re.fullmatch(r"[a-z]+://\S+:\d+", address):
        raise UsageError(f"--scheduler {address!r}: write tcp://HOST:PORT")
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise DependencyError(NEEDS) from None
    with _quiet(), dask.config.set(QUIET):
        client = _connected(Client, address)
        try:
            _check(client, address, progress)
            yield Cluster(client, address)
        finally:
            client.close()


def _connected(client: Any, address: str) -> Any:
    try:
        with ThreadPoolExecutor(1) as thread:  # in which no event loop runs, as in a notebook
            thread.submit(asyncio.run, _answers(address)).result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions, which are an error later
            return client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ImportError, ValueError) as error:  # a TimeoutError is an OSError
        raise ExecutorError(
            f"--scheduler {address}: no scheduler of Dask answers there ({_line(error)})"
        ) from error


async def _answers(address: str) -> None:
    """Connect once: Dask's client waits without end for a server that says nothing."""
    from distributed.comm.core import connect
    from distributed.security import Security

    options = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    connecting = connect(address, CONNECT, **options)  # type: ignore[no-untyped-call]
    connected = await asyncio.wait_for(connecting, CONNECT + 1)
    await connected.close()


def _check(client: Any, address: str, progress: Progress) -> None:
    """Refuse workers of other versions; warn of those that may give other bytes, or are slow."""
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER)
    except TimeoutError:
        raise ExecutorError(
            f"--scheduler {address}: it has no worker; start some with"
            f" `dask worker {address} --nthreads 1`"
        ) from None
    found = client.get_versions()["scheduler"]
    known = _own_versions()
    theirs = found["packages"].get("distributed"), found["host"]["python"]
    if theirs[0] != known["distributed"] or not theirs[1].startswith(f"{known['python']}."):
        raise ExecutorError(
            f"--scheduler {address}: it has Python {theirs[1]} and distributed {theirs[0]}, here"
            f" are {known['python']} and {known['distributed']}; use the same versions"
        )
    answers = client.run(there("compare"), known, _fonts(), on_error="return")
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, Exception):
            raise ExecutorError(
                f"worker {worker} has no reportgen {known['reportgen']} ({_line(answer)})"
            )
        if answer.refused:
            raise ExecutorError(f"worker {worker}: {answer.refused}")
    said: dict[str, list[str]] = defaultdict(list)
    for worker, threads in sorted(client.nthreads().items()):
        for text in answers[worker].warnings if worker in answers else ():
            said[text].append(worker)
        if threads > 1:
            said[THREADS.format(threads)].append(worker)
    for text, workers in said.items():
        more = f" and {len(workers) - 1} more" if len(workers) > 1 else ""
        progress.say(f"warning: worker {workers[0]}{more}: {text}")


def there(name: str) -> Callable[..., Any]:
    """Return what calls a function of this module on a worker.

    It is pickled by its code and not by its name, and tasks are pickled before Dask sees them:
    a scheduler reads what it passes on, and need not have this package.
    """

    def call(*given: Any) -> Any:
        import importlib

        return getattr(importlib.import_module("reportgen.cluster"), name)(*given)

    call.__name__ = name  # as Dask's pages show it
    return call


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from writing to the terminal what is raised as an error anyway."""
    names = [n for n in logging.root.manager.loggerDict if n.split(".")[0] == "distributed"]
    loggers = {name: logging.getLogger(name) for name in names}
    levels = {name: logger.level for name, logger in loggers.items()}
    for logger in loggers.values():
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, logger in loggers.items():
            logger.setLevel(levels[name])


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


# What follows runs on workers.

_ALONE = threading.Lock()  # WeasyPrint, matplotlib and the opened model serve one thread at a time


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is different on a worker: why it is refused, if it is, and what else there is to say."""

    refused: str | None
    warnings: tuple[str, ...]


def keep(value: bytes) -> Any:
    """Unpickle what many tasks need."""
    return pickle.loads(value)


def work(packed: bytes, *first: Any) -> Any:
    """Do a task, one at a time, with temporary files in the folder of this worker.

    Raises:
        ExecutorError: the worker is of other versions, or a file is missing or cannot be written.
    """
    from distributed import get_worker

    worker = get_worker()
    function, expected, task = pickle.loads(packed)
    if (refused := _refused(tuple(expected.items()))) is not None:
        raise ExecutorError(f"worker {worker.address}: {refused}")
    try:
        with _ALONE, scratch_in(Path(worker.local_directory)):
            return function(*first, task)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        what = error.strerror or error
        raise ExecutorError(f"worker {worker.address}: {place}{what}") from error


def compare(expected: dict[str, str], fonts: tuple[str, ...]) -> _Compared:
    """Compare this worker with the client."""
    found = []
    engine, *files = fonts
    own_engine, *own = _fonts()
    if different := sorted(set(files) ^ set(own)):
        name = different[0].rpartition(" ")[0]
        found.append(
            f"its fonts differ from those here (such as {name}, {len(different)} in all):"
            " pictures and PDF may look different"
        )
    if engine != own_engine:
        found.append(f"it has Pango {own_engine}, here is {engine}: the PDF may differ")
    return _Compared(_refused(tuple(expected.items())), tuple(found))


@lru_cache(maxsize=4)
def _refused(expected: tuple[tuple[str, str], ...]) -> str | None:
    """Say which version is another one here; what is not installed here is not needed here."""
    own = _own_versions()
    for name, wanted in expected:
        if (found := own.get(name, wanted)) != wanted:
            return f"{name} {found}, but the client has {wanted}; install the same version"
    return None


@lru_cache(maxsize=1)
def _own_versions() -> dict[str, str]:
    """Return what must be the same; of ``torch 2.13.0+cpu`` what stands before the plus."""
    installed = {name: found.partition("+")[0] for name, found in versions(COMPARED).items()}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **installed, "reportgen of hash": _code()[:12]}


def _code() -> str:
    """Return a hash of the package and its templates, which a version number may not tell apart."""
    package, digest = Path(__file__).parent, hashlib.sha256()
    for folder, pattern in ((package, "*.py"), (package / "templates", "*.*")):
        for path in sorted(folder.resolve().rglob(pattern)):
            if path.is_file():
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """Return the version of Pango, and name and size of each font file."""
    from reportgen.figures.fonts import files
    from reportgen.publish.pdf.document import pango

    return pango(), *files()
