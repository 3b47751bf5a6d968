"""Pack a run folder into one zip file, and check such a file without extracting it.

The same run gives the same bytes: sorted names, the run's own time, fixed permissions.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from reportgen.errors import ArchiveError, UsageError
from reportgen.files import new_file, open_regular
from reportgen.publish.archive import MANIFEST, RUN_ID, run_files, run_folder
from reportgen.publish.verification import (
    HEATMAPS,
    LEFT_OUT,
    Checked,
    check,
    compare,
    leaving_out,
)

__all__ = ["Packed", "check_packed", "pack"]

COMPRESSED = {".gz", ".parquet", ".pdf", ".png", ".woff2"}  # stored as they are
PORTABLE = re.compile(r"[\w.-]+")  # a name that every system can extract
UNIX = 3  # the system whose permissions a zip entry has
ENCRYPTED = 1  # the flag of a zip entry
EARLIEST, LATEST = datetime(1980, 1, 1), datetime(2107, 12, 31)  # what a zip file can say
LARGEST_MANIFEST = 256 << 20  # bytes; a million files
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """A packed run: the file, its size in bytes, and how many heatmaps were left out."""

    file: Path
    size: int
    left_out: int


def pack(run: Path, out: Path | None = None, *, heatmaps: bool = True) -> Packed:
    """Write a run folder into one zip file, by default beside it.

    Without ``heatmaps``, ``left-out.json`` stands in the file and names those that are not; the
    manifest is the run's own, so that its digest still matches.

    Raises:
        UsageError: the file would stand in the run itself.
        ArchiveError: the folder is no run or not as its manifest says, or cannot be read or
            written.
        ReportgenError: the file exists.
    """
    folder = run_folder(run)
    differences = check(folder).differences
    if differences:
        raise ArchiveError(
            f"{run}: not as its manifest says, so it is not packed; `reportgen verify` lists what"
            " differs"
        )
    name = folder.resolve().name
    beside = folder.resolve().parent if run.is_symlink() else folder.parent
    place = out or beside / f"{name}{'' if heatmaps else '-no-heatmaps'}.zip"
    if place.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{place}: lies in the run, which is never changed; choose another --out")
    try:
        with new_file(place) as part:
            top = name if PORTABLE.fullmatch(name) else "run"
            left_out = _write(part, folder, top, heatmaps)
        return Packed(place, place.stat().st_size, left_out)
    except OSError as error:
        where = error.filename or place
        raise ArchiveError(f"{where}: cannot be written ({error.strerror or error})") from error


def _write(part: Path, folder: Path, top: str, heatmaps: bool) -> int:
    """Write the zip file and return how many heatmaps of the run are not in it."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    present = {*run_files(folder), MANIFEST} - {LEFT_OUT}
    if not heatmaps:
        present = {name for name in present if not name.startswith(HEATMAPS)}
    left_out = sorted(set(manifest["files"]) - present)
    note = leaving_out(manifest["run"], left_out) if left_out else b""
    time = _time(top)
    with ZipFile(part, "w") as archive:
        for name in sorted({*present, LEFT_OUT} if left_out else present):
            entry = ZipInfo(f"{top}/{name}", time)
            entry.create_system = UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            stored = Path(name).suffix in COMPRESSED
            entry.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
            if name == LEFT_OUT:
                archive.writestr(entry, note)
                continue
            entry.file_size = (folder / name).stat().st_size
            with open_regular(folder / name) as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, BLOCK)
    return len(left_out)


def _time(name: str) -> tuple[int, int, int, int, int, int]:
    """Return the time in a run's name; of a folder with another name the earliest of all."""
    time = EARLIEST
    if RUN_ID.fullmatch(name):
        time = datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ")
    time = min(max(time, EARLIEST), LATEST)
    return time.year, time.month, time.day, time.hour, time.minute, time.second


def check_packed(file: Path, digest: str | None = None) -> Checked:
    """Compare the run in a zip file with its manifest; nothing is extracted.

    A file is decompressed only where the manifest lists it with the size that it claims to have.
    ``digest`` is that of ``check``.

    Raises:
        ArchiveError: the file is no whole zip file of one run, is encrypted, or names files that
            would be extracted elsewhere or onto each other.
    """
    try:
        with open_regular(file) as source, ZipFile(source) as archive:
            return compare(_Packed(archive, file), digest)
    except OSError as error:
        raise ArchiveError(f"{file}: cannot be read ({error.strerror or error})") from error
    except (BadZipFile, EOFError, NotImplementedError, ValueError, struct.error) as error:
        raise ArchiveError(f"{file}: not a whole zip file ({error})") from error


class _Packed:
    """A run in a zip file, under one top folder."""

    def __init__(self, archive: ZipFile, file: Path) -> None:
        entries = archive.infolist()
        _refuse_unsafe(entries, file)
        tops = {entry.filename.partition("/")[0] for entry in entries}
        if len(tops) != 1 or f"{min(tops)}/{MANIFEST}" not in archive.NameToInfo:
            raise ArchiveError(f"{file}: not a packed run (there is no RUN/{MANIFEST} in it)")
        self.archive = archive
        self.name = min(tops)
        self.place = f"{file}: {MANIFEST}"
        self.entries = {
            entry.filename.removeprefix(f"{self.name}/").rstrip("/"): entry
            for entry in entries
            if not entry.is_dir() or entry.file_size or _is_special(entry)
        }

    def names(self) -> list[str]:
        return sorted(self.entries.keys() - {MANIFEST})

    def manifest(self) -> bytes:
        entry = self.entries[MANIFEST]
        if entry.file_size > LARGEST_MANIFEST:
            raise ArchiveError(f"{self.place}: damaged (larger than any run's)")
        try:
            return self.archive.read(entry)
        except (BadZipFile, EOFError, zlib.error) as error:
            raise ArchiveError(f"{self.place}: damaged ({error})") from error

    def is_regular(self, name: str) -> bool:
        return not (_is_special(self.entries[name]) or self.entries[name].is_dir())

    def measure(self, name: str, size: int) -> tuple[str, int] | None:
        entry, digest = self.entries[name], hashlib.sha256()
        if entry.file_size != size or not self.is_regular(name):
            return None
        try:
            with self.archive.open(entry) as content:
                while block := content.read(BLOCK):
                    digest.update(block)
        except (BadZipFile, EOFError, zlib.error):
            return None
        return digest.hexdigest(), size


def _is_special(entry: ZipInfo) -> bool:
    """Return whether it is a link, a device or the like, by its Unix mode, which may be absent."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


def _refuse_unsafe(entries: Sequence[ZipInfo], file: Path) -> None:
    """Refuse what another program might extract elsewhere, twice, or without end.

    Raises:
        ArchiveError: naming the first such entry.
    """
    seen = set()
    for entry in entries:
        name = entry.orig_filename
        parts = name.removesuffix("/").split("/")
        if "\\" in name or "\0" in name or ":" in parts[0] or {"", ".", ".."} & {*parts}:
            problem = "does not stay in the archive's folder; do not extract it"
        elif "/".join(parts) in seen:
            problem = "is there twice; do not extract it"
        elif entry.flag_bits & ENCRYPTED:
            problem = "is encrypted; decrypt the archive first"
        elif entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            problem = "is compressed in another way than `reportgen pack` does"
        else:
            seen.add("/".join(parts))
            continue
        raise ArchiveError(f"{file}: {name!r} {problem}")
    if sum(entry.compress_size for entry in entries) > file.stat().st_size:
        raise ArchiveError(f"{file}: its files overlap; do not extract it")
