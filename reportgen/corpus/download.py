"""Download a file into the user's cache, once, and check it."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from pathlib import Path

from reportgen.errors import DataError
from reportgen.files import temporary_folder
from reportgen.progress import Progress, Silent

__all__ = ["IMDB_MD5", "IMDB_URL", "cache_folder", "download", "fetch_imdb"]

IMDB_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
# As published with the data set in torchtext and TensorFlow Datasets.
IMDB_MD5 = "7c2ac02c03563afcf9b574c7e56c153a"
CHUNK = 1 << 20


def cache_folder() -> Path:
    """Return the folder for downloads: ``$XDG_CACHE_HOME/reportgen`` or ``~/.cache/reportgen``."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "reportgen"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def download(url: str, md5: str | None = None, progress: Progress | None = None) -> Path:
    """Download a file and return its path in the cache, where a later call finds it.

    Raises:
        DataError: the server cannot be reached, the download breaks off, or the checksum differs
            (nothing stays in the cache then).
    """
    progress = progress or Silent()
    target = cache_folder() / url.rpartition("/")[2]
    if target.is_file():
        return target
    descriptor, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with os.fdopen(descriptor, "wb") as out, urllib.request.urlopen(url, timeout=60) as answer:
            expected = int(answer.headers.get("Content-Length") or 0)
            chunks = iter(lambda: answer.read(CHUNK), b"")
            received = 0
            for chunk in progress.track(chunks, "download", expected, "bytes", len):
                digest.update(chunk)
                out.write(chunk)
                received += len(chunk)
        if expected and received != expected:
            problem = f"the download broke off after {received:,} of {expected:,} bytes; try again"
            raise DataError(problem, file=url)
        if md5 is not None and digest.hexdigest() != md5:
            raise DataError(f"checksum {digest.hexdigest()} instead of {md5}; try again", file=url)
        os.replace(part, target)
    except (http.client.HTTPException, OSError, ValueError) as error:  # URLError is an OSError
        _refuse_full_disk(error, target)
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection
        reason = " ".join(str(getattr(error, "reason", None) or error).split())
        raise DataError(f"download failed ({reason}); check the network", file=url) from error
    finally:
        Path(part).unlink(missing_ok=True)
    return target


def _refuse_full_disk(error: Exception, place: Path) -> None:
    """Blame neither the network nor the archive where the disk is full."""
    if getattr(error, "errno", None) == errno.ENOSPC:
        raise DataError(os.strerror(errno.ENOSPC), file=place) from error


def fetch_imdb(url: str = IMDB_URL, md5: str = IMDB_MD5, progress: Progress | None = None) -> Path:
    """Download and unpack the Large Movie Review Dataset; return its folder (train/, test/).

    Raises:
        DataError: as ``download``, or the archive is damaged.
    """
    folder = cache_folder() / "imdb"
    if folder.is_dir():
        return folder
    archive = download(url, md5, progress)
    with temporary_folder(folder.parent) as part:
        try:
            with tarfile.open(archive) as files:
                files.extractall(part, filter="data")
            (part / "aclImdb").rename(folder)
        except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
            _refuse_full_disk(error, folder)
            archive.unlink(missing_ok=True)
            raise DataError(f"the archive is damaged ({error})", file=archive) from error
    return folder
