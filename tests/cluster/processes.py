"""A Dask cluster of separate processes on loopback, whose workers do not see a folder of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conftest import ROOT

HIDING = 'mount -t tmpfs none "$0" && exec "$@"'  # within a mount namespace of its own


def can_hide(folder: Path) -> bool:
    """Say whether a process may get a mount namespace of its own here."""
    try:
        tried = subprocess.run(
            ["unshare", "-m", "sh", "-c", HIDING, folder, "true"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """Start a scheduler and give its address."""
    place = folder / "scheduler.json"
    words = ["scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(place)]
    with _started(words, folder, folder / "scheduler.log"):
        until, address = time.monotonic() + 60, ""
        while not address and time.monotonic() < until:
            time.sleep(0.02)
            try:
                address = json.loads(place.read_text())["address"]
            except (OSError, ValueError):
                continue
        assert address, (folder / "scheduler.log").read_text()
        yield address


@contextmanager
def workers(
    address: str, folder: Path, count: int, hidden: Path | None, *more: str
) -> Iterator[None]:
    """Start workers, each in a folder of its own; what lies in ``hidden`` is not there for them."""
    before: Sequence[str] = ()
    if hidden is not None:
        before = ("unshare", "-m", "sh", "-c", HIDING, str(hidden))
    with ExitStack() as stack:
        for number in range(count):
            place = folder / f"worker-{number}"
            place.mkdir()
            words = ["worker", address, "--nthreads", "1", "--no-dashboard", *more]
            words += ["--local-directory", str(place)]
            stack.enter_context(_started(words, place, folder / f"worker-{number}.log", before))
        yield


@contextmanager
def _started(
    words: Sequence[str], folder: Path, log: Path, before: Sequence[str] = ()
) -> Iterator[None]:
    command = [*before, sys.executable, "-m", "dask", *words, "--host", "127.0.0.1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
