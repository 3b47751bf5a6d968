"""Archive each run in a folder of its own, which can be verified years later (``verification``).

A run is written in a temporary folder beside its destination and renamed when whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reportgen.errors import ArchiveError, UsageError
from reportgen.files import errors_name, made_folder, temporary_folder
from reportgen.progress import Progress, Silent
from reportgen.workspace import check_experiment

__all__ = [
    "Run",
    "file_sha256",
    "git_state",
    "inputs_hash",
    "json_bytes",
    "new_folder",
    "new_run",
    "run_digest",
    "run_files",
    "run_folder",
    "run_size",
    "run_time",
]

MANIFEST, INPUTS, LATEST = "manifest.json", "inputs.json", "latest"
FORMAT = 1
RUN_ID = re.compile(r"\d{8}T\d{6}Z-([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Run:
    """A run being written: its identity, where to write (``folder``), where it will stand.

    ``page`` is a place outside of it for its one-file report, where it has none itself.
    """

    id: str
    hash: str
    time: datetime
    experiment: str
    folder: Path
    destination: Path
    page: Path | None = None


def run_time() -> datetime:
    """Return the time of the run in UTC: SOURCE_DATE_EPOCH where it is set, else now.

    Raises:
        UsageError: SOURCE_DATE_EPOCH is not a whole number.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH: {epoch!r} is not a number of seconds") from None


def git_state() -> dict[str, Any] | None:
    """Return the commit of the folder the command runs in and whether files differ from it.

    None outside a repository; ``changed`` is None where git could not say.
    """

    def git(*words: str) -> str | None:
        try:
            result = subprocess.run(["git", *words], capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return result.stdout.strip() if result.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    if commit is None:
        return None
    status = git("status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "changed": None if status is None else bool(status)}


@contextmanager
def new_run(
    reports: Path,
    experiment: str,
    inputs: Mapping[str, Any],
    progress: Progress | None = None,
    latest: bool = True,
) -> Iterator[Run]:
    """Open a run for writing; when the block ends well, seal it and put it in its place.

    ``latest`` then names it, if it is asked for: a comparison is not the latest run.

    Temporary folders of runs that were killed are removed. An error in the block that names a file
    in the temporary folder names the run's own place instead.

    Raises:
        UsageError: the experiment's name cannot name a folder, or that of the reports is not UTF-8.
        ArchiveError: the run already exists, or the folder cannot be written.
    """
    check_experiment(experiment)
    digest = inputs_hash(inputs)
    time = run_time()
    id_ = f"{time:%Y%m%dT%H%M%SZ}-{digest[:8]}"
    destination = reports / experiment / id_
    with new_folder(destination, inputs, "this run already exists; choose another --out") as part:
        yield Run(id_, digest, time, experiment, part, destination)
    if latest:
        _point(destination, progress or Silent())


@contextmanager
def new_folder(destination: Path, inputs: Mapping[str, Any], exists: str) -> Iterator[Path]:
    """Give a temporary folder, with ``inputs.json`` in it, that is sealed and put in its place.

    ``exists`` says what stands there already and what to do. An error in the block that names a
    file in the temporary folder names the place instead.

    Raises:
        UsageError: the folder's name is not UTF-8.
        ArchiveError: the folder already exists or cannot be written.
    """
    if destination.exists():
        raise ArchiveError(f"{destination}: {exists}")
    try:
        str(destination.absolute()).encode()
    except UnicodeEncodeError:  # WeasyPrint and fontconfig cannot name such a folder
        problem = "reports need a folder whose name is UTF-8; choose another --out"
        raise UsageError(f"{destination}: {problem}") from None
    try:
        with (
            made_folder(destination.parent),
            temporary_folder(destination.parent) as part,
            errors_name(destination, part),
        ):
            (part / INPUTS).write_bytes(json_bytes(inputs))
            yield part
            _seal(part, inputs_hash(inputs))
            part.chmod(0o755)
            _publish(part, destination, exists)
    except OSError as error:
        place = error.filename or destination
        raise ArchiveError(f"{place}: cannot be written ({error.strerror or error})") from error


def _publish(part: Path, destination: Path, exists: str) -> None:
    try:
        part.rename(destination)
    except OSError:
        if destination.exists():  # an equal run was faster
            raise ArchiveError(f"{destination}: {exists}") from None
        raise


def inputs_hash(inputs: Mapping[str, Any]) -> str:
    """Return the sha256 of ``inputs.json`` with this content: the hash of a run."""
    return hashlib.sha256(json_bytes(inputs)).hexdigest()


def json_bytes(value: Any) -> bytes:
    """Return a value as the JSON that this program archives: one form for one value."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _seal(folder: Path, digest: str) -> None:
    files = {
        name: {"sha256": file_sha256(folder / name), "size": (folder / name).stat().st_size}
        for name in run_files(folder)
    }
    (folder / MANIFEST).write_bytes(json_bytes({"format": FORMAT, "run": digest, "files": files}))


def run_files(folder: Path) -> list[str]:
    """Return the sorted names of all but folders and the manifest.

    A link is a file here, wherever it leads.

    Raises:
        OSError: a folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise error

    names = []
    for place, folders, files in os.walk(folder, onerror=refuse):
        links = [name for name in folders if Path(place, name).is_symlink()]
        names += [Path(place, name).relative_to(folder).as_posix() for name in files + links]
    return sorted(name for name in names if name != MANIFEST)


def _point(destination: Path, progress: Progress) -> None:
    """Make ``latest`` name this run: a link, or a file with its name where links cannot be.

    The run stands in its place by now, so a failure is only a warning.
    """
    link = destination.with_name(LATEST)
    part = destination.with_name(f".{LATEST}-{destination.name}")
    try:
        try:
            part.symlink_to(destination.name)
        except OSError:
            part.write_text(destination.name + "\n")
        part.replace(link)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        progress.say(
            f"warning: {link} does not name the newest run, {destination}"
            f" ({error.strerror or error})"
        )


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run_folder(path: Path) -> Path:
    """Return the folder of a run: itself, or the one that ``latest`` leads to.

    Raises:
        ArchiveError: there is no manifest in it.
    """
    if path.is_symlink():
        folder = path.parent / os.readlink(path)
    elif path.name == LATEST and path.is_file():
        folder = path.parent / path.read_text().strip()
    else:
        folder = path
    if not (folder / MANIFEST).is_file():
        problem = f"{path}: not a run folder (there is no {MANIFEST})"
        if os.path.lexists(folder / LATEST):
            problem += f"; it is an experiment, whose newest run is {path / LATEST}"
        raise ArchiveError(problem)
    return folder


def run_size(run: Path) -> int:
    """Return how many bytes the files of a run have, by its manifest."""
    manifest = run / MANIFEST
    listed = json.loads(manifest.read_bytes())["files"].values()
    return manifest.stat().st_size + sum(int(file["size"]) for file in listed)


def run_digest(run: Path) -> str:
    """Return the sha256 of a run's manifest, which stands for the whole run."""
    return file_sha256(run / MANIFEST)
