"""Temporary folders of tasks, and what the tasks of a process share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reportgen.executors import GARBAGE, open_executor
from reportgen.scratch import scratch_folder, scratch_in, shared

events: list[str] = []


@contextmanager
def making() -> Iterator[list[str]]:
    events.append("made")
    yield events
    events.append("closed")


@contextmanager
def folder_of_many() -> Iterator[Path]:
    with scratch_folder() as folder:
        (folder / "font").write_text("letters")
        yield folder


def read_shared(_: int) -> str:
    with shared("folder", folder_of_many) as folder:
        assert (folder / "font").read_text() == "letters"
        return str(folder)


def threshold(_: int) -> int:
    return gc.get_threshold()[0]


@pytest.fixture(autouse=True)
def forget() -> None:
    events.clear()


def test_what_tasks_share_is_made_once_and_lives_as_long_as_the_scratch(tmp_path: Path) -> None:
    with scratch_in(tmp_path):
        for _ in range(3):
            with shared("a", making) as found:
                assert found is events
        assert events == ["made"]
        with shared("b", making):
            assert events == ["made", "made"]
    assert events == ["made", "made", "closed", "closed"]
    with scratch_in(tmp_path), shared("a", making):
        assert events[-1] == "made"


def test_without_a_scratch_nothing_is_kept() -> None:
    for _ in range(2):
        with shared("a", making):
            assert events[-1] == "made"
        assert events[-1] == "closed"
    assert len(events) == 4


def test_what_fails_to_be_made_is_tried_again(tmp_path: Path) -> None:
    @contextmanager
    def failing() -> Iterator[None]:
        events.append("failed")
        raise ValueError("no fonts")
        yield

    with scratch_in(tmp_path):
        for _ in range(2):
            with pytest.raises(ValueError, match="no fonts"), shared("a", failing):
                pass
    assert events == ["failed", "failed"]


def test_an_inner_scratch_has_its_own(tmp_path: Path) -> None:
    with scratch_in(tmp_path), shared("a", making):
        with scratch_in(None), shared("a", making):
            assert events == ["made", "made"]
        assert events[-1] == "closed"
        with shared("a", making):
            assert events == ["made", "made", "closed"]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_workers_share_lies_in_their_scratch_and_is_removed(
    tmp_path: Path, workers: int
) -> None:
    with open_executor(workers, tmp_path) as executor:
        folders = set(executor.map(read_shared, range(8)))
        assert 1 <= len(folders) <= workers
        assert {Path(folder).parent for folder in folders} == {tmp_path}
        assert all(Path(folder).exists() for folder in folders)
    assert not list(tmp_path.iterdir())


def test_workers_seldom_search_for_garbage_and_this_process_as_ever() -> None:
    before = gc.get_threshold()
    with open_executor(2) as executor:
        assert set(executor.map(threshold, range(2))) == {GARBAGE}
    assert gc.get_threshold() == before
