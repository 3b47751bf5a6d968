"""Tasks that workers are given, and what watches the work."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

from reportgen.errors import RenderError
from reportgen.progress import Silent
from reportgen.scratch import scratch_folder


def process(_: int) -> int:
    return os.getpid()


def leave_a_file(folder: Path) -> None:
    tempfile.mkstemp(dir=folder)


def double(number: int) -> int:
    time.sleep(0.02 * (number % 3))
    return 2 * number


def add(value: list[int], number: int) -> tuple[int, int]:
    time.sleep(0.3)
    return value[0] + number, os.getpid()


def fail(number: int) -> int:
    if number == 3:
        raise RenderError("three is too many")
    return number


def die(number: int) -> int:
    if number == 2:
        os._exit(9)
    return number


def read(path: Path) -> bytes:
    return path.read_bytes()


def scratch(_: int) -> str:
    with scratch_folder() as folder:
        (folder / "x").write_text("x")
        return str(folder)


class Killing(Silent):
    """Kills a worker once a stage is under way."""

    def __init__(self, stage: str, victim: int) -> None:
        self.stage, self.victim, self.said = stage, victim, list[str]()

    def track(self, items, what, total, unit="examples", size=len):  # type: ignore[no-untyped-def]
        for item in items:
            if what == self.stage and self.victim:
                os.kill(self.victim, signal.SIGKILL)
                self.victim = 0
            yield item

    def say(self, line: str) -> None:
        self.said.append(line)
