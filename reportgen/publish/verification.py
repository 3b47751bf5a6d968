"""Compare a run, in a folder or in an archive file, with its manifest.

What holds a run is a ``Source``: names, and the hash and size of each file.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from reportgen.errors import ArchiveError
from reportgen.files import open_regular
from reportgen.publish.archive import (
    FORMAT,
    INPUTS,
    MANIFEST,
    RUN_ID,
    file_sha256,
    json_bytes,
    run_files,
)

__all__ = [
    "HEATMAPS",
    "LEFT_OUT",
    "Checked",
    "Difference",
    "Source",
    "check",
    "compare",
    "leaving_out",
    "parsed",
    "verify",
]

LEFT_OUT = "left-out.json"
HEATMAPS = "heatmaps/"  # all that may be left out


@dataclass(frozen=True, slots=True)
class Difference:
    """What verification found of one file: ``changed``, ``missing`` or ``new``.

    ``renamed`` is said of the folder: its name has other digits than the run hash, so that either
    it or the inputs are not what they were.
    """

    kind: str
    file: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The differences from the manifest, and the files that were left out, as the run itself says.

    No differences: every file that is there has its hash, and only heatmaps are left out.
    """

    differences: list[Difference]
    left_out: list[str]


class Source(Protocol):
    """What holds a run: its folder's ``name``, where its manifest is (``place``), its files."""

    name: str
    place: str

    def names(self) -> list[str]:
        """Return the sorted names of all files but the manifest."""

    def manifest(self) -> bytes:
        """Return the manifest's bytes."""

    def is_regular(self, name: str) -> bool:
        """Return whether it is a file, not a link or the like."""

    def measure(self, name: str, size: int) -> tuple[str, int] | None:
        """Return a file's sha256 and size; None where it surely is not the file of that size."""


def leaving_out(run_hash: str, names: Iterable[str]) -> bytes:
    """Return the file that says which files of a run were left out."""
    return json_bytes({"format": FORMAT, "run": run_hash, "left_out": sorted(names)})


def verify(run: Path, digest: str | None = None) -> list[Difference]:
    """Compare a run folder with its manifest; an empty list means that every hash matches.

    ``digest`` and errors are those of ``check``.
    """
    return check(run, digest).differences


def check(run: Path, digest: str | None = None) -> Checked:
    """Compare a run folder with its manifest.

    ``digest`` is the manifest's own sha256, kept elsewhere: who changes a file and the manifest
    with it cannot change that.

    Raises:
        ArchiveError: there is no manifest, or a file or folder cannot be read.
    """
    try:
        return compare(_Folder(run), digest)
    except OSError as error:
        place = error.filename or run
        raise ArchiveError(f"{place}: cannot be read ({error.strerror})") from error


def compare(source: Source, digest: str | None = None) -> Checked:
    """Compare what a source holds with its manifest.

    Raises:
        ArchiveError: the manifest is damaged.
        OSError: something cannot be read.
    """
    content = source.manifest()
    listed, run_hash = parsed(content, source.place)
    canonical = content == _encoded({"format": FORMAT, "run": run_hash, "files": listed})
    present = source.names()
    missing = sorted(set(listed) - set(present))
    left_out: list[str] = []
    if LEFT_OUT in present and LEFT_OUT not in listed:
        left_out = [name for name in missing if name.startswith(HEATMAPS)]
        named = leaving_out(run_hash, left_out)
        size = len(named)
        if source.measure(LEFT_OUT, size) != (hashlib.sha256(named).hexdigest(), size):
            left_out = []
    findings = [Difference("missing", name) for name in missing if name not in set(left_out)]
    wrong_size = False
    for name in present:
        if name == LEFT_OUT and name not in listed:
            if not left_out:
                findings.append(Difference("changed", name))
        elif name not in listed:
            findings.append(Difference("new", name))
        else:
            measured = source.measure(name, listed[name]["size"])
            if measured is None or measured[0] != listed[name]["sha256"]:
                findings.append(Difference("changed", name))
            else:
                wrong_size |= measured[1] != listed[name]["size"]
    wrong_inputs = listed.get(INPUTS, {}).get("sha256") != run_hash
    other = digest is not None and digest.lower() != hashlib.sha256(content).hexdigest()
    linked = not source.is_regular(MANIFEST)
    if linked or wrong_inputs or other or not canonical or wrong_size:
        findings.append(Difference("changed", MANIFEST))
    named_run = RUN_ID.fullmatch(source.name)
    if named_run and not run_hash.startswith(named_run[1]):
        findings.append(Difference("renamed", source.name))
    return Checked(findings, left_out)


class _Folder:
    """A run in a folder; a link or a pipe in it is never opened."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.name = run.resolve().name
        self.place = str(run / MANIFEST)

    def names(self) -> list[str]:
        return run_files(self.run)

    def manifest(self) -> bytes:
        try:
            with open_regular(self.run / MANIFEST) as file:
                return file.read()
        except FileNotFoundError as error:
            raise ArchiveError(f"{self.run}: not a run folder (there is no {MANIFEST})") from error

    def is_regular(self, name: str) -> bool:
        return stat.S_ISREG((self.run / name).lstat().st_mode)

    def measure(self, name: str, size: int) -> tuple[str, int] | None:
        path = self.run / name
        return (file_sha256(path), path.stat().st_size) if self.is_regular(name) else None


def parsed(content: bytes, place: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the hash and size of each file of a manifest, and its run hash.

    Raises:
        ArchiveError: it is damaged, or of another format; the message begins with ``place``.
    """
    try:
        manifest = json.loads(content.decode())
        if manifest["format"] != FORMAT:
            raise ArchiveError(
                f"{place}: format {manifest['format']!r}, and this version reads {FORMAT}"
            )
        files = {
            name: {"sha256": str(file["sha256"]), "size": int(file["size"])}
            for name, file in manifest["files"].items()
        }
        run_hash = str(manifest["run"])
    except RecursionError as error:
        raise ArchiveError(f"{place}: damaged (nested too deeply)") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ArchiveError(f"{place}: damaged ({error})") from error
    return files, run_hash


def _encoded(value: Any) -> bytes | None:
    """Return a value as archived JSON; None where it has characters that no file can hold."""
    try:
        return json_bytes(value)
    except UnicodeEncodeError:
        return None
