"""What progress shows: in a log as lines, on a terminal as a bar that counts units."""

import io
import os
import subprocess
import sys

import pytest
from rich.console import Console

from reportgen import progress as progress_module
from reportgen.progress import ConsoleProgress, Silent, duration

BATCHES = ["ab", "cde", "f"]


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on ten seconds with each look at it."""
    times = iter(range(0, 1000, 10))
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(times))


def log():
    return ConsoleProgress(Console(file=io.StringIO(), force_terminal=False))


def test_an_item_counts_as_one_whatever_its_length(capsys):
    assert list(log().track(BATCHES, "predicting", 3)) == BATCHES
    assert capsys.readouterr().err.startswith("predicting: 3 examples in ")


def test_the_caller_says_how_much_an_item_counts(capsys):
    assert list(log().track(BATCHES, "download", 6, "bytes", len)) == BATCHES
    assert capsys.readouterr().err.startswith("download: 6 bytes in ")


def test_one_example_is_said_in_the_singular(capsys):
    assert list(log().track(BATCHES[:1], "PDF", 1)) == BATCHES[:1]
    assert capsys.readouterr().err.startswith("PDF: 1 example in ")


def test_a_line_in_a_log_says_how_much_is_left(capsys, clock):
    assert list(log().track(BATCHES, "epoch 1", 6, size=len)) == BATCHES
    assert capsys.readouterr().err.splitlines() == [
        "epoch 1: 5 of 6 examples, about 4 s left",
        "epoch 1: 6 examples in 40.0 s",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (119.4, "119 s"),
        (119.6, "2 min"),
        (3569, "59 min"),
        (3571, "1 h 0 min"),
        (12_000, "3 h 20 min"),
        (873_919, "10 days 3 h"),
    ],
)
def test_a_time_is_said_in_minutes_hours_and_days(seconds, said):
    assert duration(seconds) == said


def test_long_work_is_told_in_hours(capsys, monkeypatch):
    times = iter(range(0, 10**6, 10_000))
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(times))
    assert list(log().track(BATCHES, "epoch 1", 6, size=len)) == BATCHES
    assert capsys.readouterr().err.splitlines() == [
        "epoch 1: 2 of 6 examples, about 5 h 33 min left",
        "epoch 1: 5 of 6 examples, about 1 h 7 min left",
        "epoch 1: 6 of 6 examples, about 0 s left",
        "epoch 1: 6 examples in 11 h 7 min",
    ]


@pytest.mark.parametrize(("size", "counts"), [(None, [1, 1, 1]), (len, [2, 3, 1])])
def test_a_bar_advances_by_the_size_of_an_item(monkeypatch, size, counts):
    import rich.progress

    advanced = []
    monkeypatch.setattr(
        rich.progress.Progress, "advance", lambda self, task, by: advanced.append(by)
    )
    shown = ConsoleProgress(Console(file=io.StringIO(), force_terminal=True))
    more = {} if size is None else {"size": size}
    assert list(shown.track(BATCHES, "epoch 1", 6, **more)) == BATCHES
    assert advanced == counts


def test_silence(capsys):
    assert list(Silent().track(BATCHES, "epoch 1", 6, size=len)) == BATCHES
    Silent().say("a line")
    assert capsys.readouterr() == ("", "")


def test_a_closed_standard_error_stops_no_work() -> None:
    code = (
        "from reportgen.progress import ConsoleProgress\n"
        "progress = ConsoleProgress()\n"
        "print(sum(progress.track(range(3), 'adding', 3)), sum(progress.track([4], 'more', 1)))\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=writing, text=True
    )
    os.close(writing)
    assert (done.returncode, done.stdout) == (0, "3 4\n")
