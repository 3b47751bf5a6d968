"""Archive each run in a folder of its own, which can be verified years later.

A run is written in a temporary folder beside its destination and renamed when whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from reportgen.errors import ArchiveError, UsageError
from reportgen.workspace import check_experiment

__all__ = [
    "Difference",
    "Run",
    "file_sha256",
    "git_state",
    "new_run",
    "run_size",
    "run_time",
    "verify",
    "versions",
]

MANIFEST, INPUTS, LATEST = "manifest.json", "inputs.json", "latest"
PACKAGES = (
    "click", "jinja2", "matplotlib", "numpy", "pyarrow", "safetensors", "scikit-learn", "scipy",
    "seaborn", "torch", "torchtext", "weasyprint",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """A run being written: its identity, where to write (``folder``), where it will stand."""

    id: str
    hash: str
    time: datetime
    experiment: str
    folder: Path
    destination: Path


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as the manifest says: ``changed``, ``missing`` or ``new``."""

    kind: str
    file: str


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


def versions() -> dict[str, str]:
    """Return the versions of the packages that shape a report, without importing them."""
    installed = {}
    for name in ("reportgen", *PACKAGES):
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed


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
def new_run(reports: Path, experiment: str, inputs: Mapping[str, Any]) -> Iterator[Run]:
    """Open a run for writing; when the block ends well, seal it and put it in its place.

    Raises:
        UsageError: the experiment's name cannot name a folder.
        ArchiveError: the run already exists, or the folder cannot be written.
    """
    check_experiment(experiment)
    content = _json(inputs)
    digest = hashlib.sha256(content).hexdigest()
    time = run_time()
    id_ = f"{time:%Y%m%dT%H%M%SZ}-{digest[:8]}"
    destination = reports / experiment / id_
    if destination.exists():
        raise ArchiveError(f"{destination}: this run already exists; choose another --out")
    part: Path | None = None
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=destination.parent, prefix=f".{id_}-"))
        (part / INPUTS).write_bytes(content)
        yield Run(id_, digest, time, experiment, part, destination)
        _seal(part, digest)
        part.chmod(0o755)
        part.rename(destination)
        _point(destination)
    except OSError as error:
        place = error.filename or destination
        raise ArchiveError(f"{place}: cannot be written ({error.strerror or error})") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _seal(folder: Path, digest: str) -> None:
    files = {
        name: {"sha256": file_sha256(folder / name), "size": (folder / name).stat().st_size}
        for name in _files(folder)
    }
    (folder / MANIFEST).write_bytes(_json({"format": 1, "run": digest, "files": files}))


def _files(folder: Path) -> list[str]:
    names = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())
    return sorted(name for name in names if name != MANIFEST)


def _point(destination: Path) -> None:
    """Make ``latest`` name this run: a link, or a file with its name where links cannot be."""
    link = destination.with_name(LATEST)
    part = destination.with_name(f".{LATEST}-{destination.name}")
    try:
        part.symlink_to(destination.name)
    except OSError:
        part.write_text(destination.name + "\n")
    part.replace(link)


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run_size(run: Path) -> int:
    """Return how many bytes the files of a run have, by its manifest."""
    manifest = run / MANIFEST
    listed = json.loads(manifest.read_bytes())["files"].values()
    return manifest.stat().st_size + sum(int(file["size"]) for file in listed)


def verify(run: Path) -> list[Difference]:
    """Compare a run folder with its manifest; an empty list means that every hash matches.

    Raises:
        ArchiveError: there is no manifest, or it cannot be read.
    """
    try:
        manifest = json.loads((run / MANIFEST).read_bytes())
        listed = {str(k): str(v["sha256"]) for k, v in manifest["files"].items()}
        digest = str(manifest["run"])
    except FileNotFoundError as error:
        raise ArchiveError(f"{run}: not a run folder (there is no {MANIFEST})") from error
    except OSError as error:
        raise ArchiveError(f"{run}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{run / MANIFEST}: damaged ({error})") from error
    files = _files(run)
    differences = [Difference("missing", name) for name in sorted(set(listed) - set(files))]
    for name in files:
        if name not in listed:
            differences.append(Difference("new", name))
        elif (run / name).is_symlink() or file_sha256(run / name) != listed[name]:
            differences.append(Difference("changed", name))
    if listed.get(INPUTS) != digest:
        differences.append(Difference("changed", MANIFEST))
    return differences
