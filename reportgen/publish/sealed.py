"""Open a finished run by its manifest, and read no file of it that is not what that lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.errors import ArchiveError
from reportgen.files import open_regular
from reportgen.publish.archive import MANIFEST, run_folder
from reportgen.publish.verification import parsed

__all__ = ["COMPARED", "Sealed", "open_sealed"]

COMPARED = "comparison.csv"  # the rows of a comparison, which only that has


@dataclass(frozen=True, slots=True)
class Sealed:
    """A run folder and what its manifest lists.

    ``hash`` is the run hash, ``digest`` the sha256 of the manifest, ``listed`` the hash and size of
    each file by its name.
    """

    folder: Path
    hash: str
    digest: str
    listed: Mapping[str, Mapping[str, Any]]

    def content(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            ArchiveError: the file is not listed, cannot be read, or is not what is listed.
        """
        listed = self._hash(name)
        content = _bytes(self.folder / name)
        self._compare(name, hashlib.sha256(content).hexdigest(), listed)
        return content

    def check(self, name: str) -> Path:
        """Return the path of a file, which may be too large to be read whole.

        Raises:
            ArchiveError: as of ``content``.
        """
        listed, file = self._hash(name), self.folder / name
        try:
            with open_regular(file) as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(file, error) from error
        self._compare(name, digest, listed)
        return file

    def _hash(self, name: str) -> str:
        if name in self.listed:
            return str(self.listed[name]["sha256"])
        if COMPARED in self.listed:
            raise ArchiveError(
                f"{self.folder}: a comparison; name one of the runs that it compares"
            )
        raise ArchiveError(f"{self.folder}: not the run of a report (its manifest has no {name})")

    def _compare(self, name: str, digest: str, listed: str) -> None:
        if digest != listed:
            raise ArchiveError(
                f"{self.folder / name}: not as the run's manifest says; `reportgen verify` lists"
                " what differs"
            )


def open_sealed(path: Path) -> Sealed:
    """Open the run in a folder, or the one that ``latest`` leads to.

    Raises:
        ArchiveError: it is no run folder, or its manifest cannot be read or is damaged.
    """
    folder = run_folder(path)
    manifest = _bytes(folder / MANIFEST)
    listed, run_hash = parsed(manifest, str(folder / MANIFEST))
    return Sealed(folder, run_hash, hashlib.sha256(manifest).hexdigest(), listed)


def _bytes(file: Path) -> bytes:
    try:
        with open_regular(file) as opened:
            return opened.read()
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> ArchiveError:
    return ArchiveError(f"{file}: cannot be read ({error.strerror or error})")
