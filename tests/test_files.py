"""Temporary folders of dead and living processes, and a folder replaced while killed."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from reportgen import files
from reportgen.files import (
    made_folder,
    new_file,
    open_regular,
    replace_folder,
    restore_folder,
    temporary_folder,
)

HOLD = """
import sys
from pathlib import Path
from reportgen.files import temporary_folder
with temporary_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half")
    print(folder, flush=True)
    input()
"""


@contextlib.contextmanager
def holding(parent: Path):
    """A process that holds a temporary folder in ``parent``, and the folder."""
    words = [sys.executable, "-c", HOLD, str(parent)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_a_temporary_folder_is_gone_afterwards(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        (folder / "x").write_text("")
        with temporary_folder(tmp_path) as other:
            assert other != folder
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_folders_that_were_made_for_nothing_are_gone(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(KeyError), made_folder(tmp_path / "there" / "a" / "b"):
        raise KeyError
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]
    with pytest.raises(KeyError), made_folder(tmp_path / "there" / "a" / "b"):
        raise KeyError((tmp_path / "there" / "a" / "other").write_text(""))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "other", "there"]
    with made_folder(tmp_path / "new"):
        pass
    assert (tmp_path / "new").is_dir()


def test_a_file_that_was_not_written_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_file(tmp_path / "new" / "table.parquet"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_what_was_renamed_stays(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        folder.rename(tmp_path / "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def test_only_the_folders_of_dead_processes_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".mine").mkdir()
    with holding(tmp_path) as (_, living):
        with holding(tmp_path) as (process, dead):
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert dead.is_dir()
        with temporary_folder(tmp_path) as folder:
            assert set(tmp_path.iterdir()) == {tmp_path / ".mine", living, folder}
        assert (living / "half").read_text() == "half"


def test_a_folder_that_is_removed_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch
) -> None:
    """Another process takes it for left, locks it first, and then removes it."""
    mkdtemp, taken = tempfile.mkdtemp, []

    def slow(**options: object) -> str:
        folder = mkdtemp(**options)
        if not taken:
            taken.append(Path(folder))
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            remover = threading.Timer(0.3, lambda: (shutil.rmtree(folder), os.close(lock)))
            remover.start()
        return folder

    monkeypatch.setattr(files.tempfile, "mkdtemp", slow)
    with temporary_folder(tmp_path) as folder:
        time.sleep(0.5)
        assert folder.is_dir()
        assert folder not in taken


def test_a_link_that_is_named_like_a_temporary_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / ".reportgen-x").symlink_to("kept")
    with temporary_folder(tmp_path):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == [".reportgen-x", "kept"]


# --- a folder in the place of another ---


def folders(parent: Path) -> tuple[Path, Path]:
    for name in ("old", "new"):
        (parent / name).mkdir()
        (parent / name / "x").write_text(name)
    return parent / "new", parent / "old"


def killed_at(step: int, parent: Path, exchange: bool) -> None:
    """Replace a folder and be killed before the step with this number."""
    steps = 0

    def stepped(function):
        def call(*values, **options):
            nonlocal steps
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*values, **options)

        return call

    Path.rename = stepped(Path.rename)  # type: ignore[method-assign]
    files.shutil.rmtree = stepped(files.shutil.rmtree)  # type: ignore[assignment]
    files._exchange = stepped(files._exchange if exchange else lambda *_: False)
    replace_folder(parent / "new", parent / "old")


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("step", range(1, 7))
def test_a_folder_that_is_being_replaced_never_vanishes(
    tmp_path: Path, step: int, exchange: bool
) -> None:
    _, place = folders(tmp_path)
    process = multiprocessing.get_context("spawn").Process(
        target=killed_at, args=(step, tmp_path, exchange)
    )
    process.start()
    process.join()
    assert process.exitcode == (-signal.SIGKILL if step <= (2 if exchange else 5) else 0)
    if exchange:
        assert place.is_dir(), "without anybody's help"
    restore_folder(place)
    assert (place / "x").read_text() in ("old", "new")
    assert process.exitcode or (place / "x").read_text() == "new"


@pytest.mark.parametrize("exchange", [True, False])
def test_nothing_else_stays_of_a_replaced_folder(
    tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda *_: False)
    new, place = folders(tmp_path)
    replace_folder(new, place)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (place / "x").read_text() == "new"


def test_there_is_nothing_to_restore_where_a_folder_is(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    restore_folder(Path("."))
    restore_folder(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


# --- regular files ---


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file:
            assert file.read() == b"x"
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(path)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
