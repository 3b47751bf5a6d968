"""Handle files where a plain open or rename would not do.

Only regular files are opened for reading. A temporary folder is locked, so that a later process
can tell the folder of a dead process from that of a living one. A folder is replaced by another
without a moment in which its name leads nowhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from reportgen.errors import ReportgenError

__all__ = [
    "check_new",
    "check_regular",
    "check_writable",
    "errors_name",
    "made_folder",
    "new_file",
    "open_regular",
    "replace_folder",
    "restore_folder",
    "temporary_folder",
]

PREFIX = ".reportgen-"
HERE, EXCHANGE = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux, which is RENAME_SWAP of macOS


def check_regular(path: Path) -> None:
    """Refuse a file that a reader may wait for without end.

    Raises:
        OSError: it does not exist, or is a pipe, a device or a socket.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # to open a folder fails by itself
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))


def check_writable(place: Path) -> None:
    """Refuse a place that could not be written, before the work for it is done.

    Raises:
        OSError: no file or folder can be made there.
    """
    folder = next(parent for parent in place.absolute().parents if parent.exists())
    number = errno.ENOTDIR if not folder.is_dir() else errno.EACCES
    if number == errno.ENOTDIR or not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(number, os.strerror(number), os.fspath(folder))


def check_new(place: Path) -> None:
    """Refuse a place for a new file before the work for it is done.

    Raises:
        ReportgenError: something is there already.
        OSError: nothing can be written there.
    """
    if place.exists():
        raise ReportgenError(f"{place}: already exists; choose another --out")
    check_writable(place)


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    check_regular(path)
    return path.open("rb")


@contextlib.contextmanager
def errors_name(place: Path, part: Path) -> Iterator[None]:
    """Let errors name the place of a file, not the temporary one, which is gone by then.

    Raises:
        ReportgenError, OSError: what the block raised, with a name that the user knows.
    """
    try:
        yield
    except ReportgenError as error:
        if str(part) not in str(error):
            raise
        raise type(error)(str(error).replace(str(part), str(place))) from error
    except OSError as error:
        named = str(error.filename or place).replace(str(part), str(place))
        raise OSError(error.errno, error.strerror or str(error), named) from error


@contextlib.contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; if the block fails, remove those that are empty again.

    Raises:
        OSError: a folder cannot be made.
    """
    absent = [f for f in (folder, *folder.parents) if not f.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # as where another process has written into one
            for made in absent:
                made.rmdir()
        raise


@contextlib.contextmanager
def new_file(place: Path) -> Iterator[Path]:
    """Give a temporary file to write, which becomes the file at a place where there is none yet.

    Raises:
        ReportgenError: a file is there already.
        OSError: it cannot be written.
    """
    check_new(place)
    with made_folder(place.parent), temporary_folder(place.parent) as folder:
        part = folder / place.name
        with errors_name(place, part):
            yield part
            part.replace(place)


@contextlib.contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Make a folder in another and remove it afterwards, unless it was renamed.

    Those that processes left there that are gone are removed first. The lock ends with this
    process, however that ends.

    Raises:
        OSError: the folder cannot be made.
    """
    for left in parent.glob(f"{PREFIX}*"):
        with _locked(left, wait=False) as locked:
            if locked:
                shutil.rmtree(left, ignore_errors=True)
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=PREFIX))
        with _locked(folder, wait=True):
            if not folder.exists():  # another process took it for left before it was locked
                continue
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            return


@contextlib.contextmanager
def _locked(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of a folder; false where another has it or the system has no such locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield False
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            locked = True
        except OSError:
            locked = False
        yield locked
    finally:
        os.close(descriptor)


def replace_folder(new: Path, place: Path) -> None:
    """Put a folder in the place of another of the same file system, which is then gone.

    Raises:
        OSError: a folder cannot be renamed; the earlier one is then still in its place.
    """
    if not place.exists():
        new.rename(place)
    elif _exchange(new, place):
        shutil.rmtree(new, ignore_errors=True)
    else:
        aside = _aside(place)
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)
        try:
            new.rename(place)
        finally:
            restore_folder(place)
        shutil.rmtree(aside, ignore_errors=True)


def restore_folder(place: Path) -> None:
    """Put back the folder that a killed ``replace_folder`` had moved aside.

    That happens only where the system cannot exchange two folders at once.
    """
    if place.exists():
        return
    aside = _aside(place)
    if aside.is_dir():
        with contextlib.suppress(OSError):  # as when another process was faster
            aside.rename(place)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}-old")


def _exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders at once; false where that cannot be done."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        names = os.fsencode(one), os.fsencode(other)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, EXCHANGE) == 0)
        return bool(library.renameat2(HERE, names[0], HERE, names[1], EXCHANGE) == 0)
    except (AttributeError, OSError, TypeError):  # no such function, or no such library
        return False
