"""Find the splits of a data set on the disk, and hash them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import DataError
from reportgen.files import open_regular

__all__ = ["Source", "find_splits", "hash_source", "kind_of", "label_folders", "one_file"]

TEXT = tuple(f".{kind}{gz}" for kind in ("csv", "tsv", "jsonl") for gz in ("", ".gz"))
SUFFIXES = (*TEXT, ".parquet")
FILES = "NAME.csv, NAME.tsv, NAME.jsonl (also .gz) or NAME.parquet"
SHARD = re.compile(r"(?P<split>.+)-(?P<number>\d{5})-of-(?P<total>\d{5})(-[0-9a-f]+)?\.parquet")
NAMED = 3  # missing shards in a message
NO_LABELS = "unsup"  # the folder of the Large Movie Review Dataset that has no labels


@dataclass(frozen=True, slots=True)
class Source:
    """Where a split lies: one file, the shards of a table in their order, or a folder of labels.

    ``problem`` says why it cannot be read.
    """

    files: tuple[Path, ...]
    problem: str = ""

    @property
    def place(self) -> Path:
        """What an error about the whole split names."""
        return self.files[0]


def find_splits(folder: Path) -> dict[str, Source]:
    """Return the splits of a data folder by name: files by their stem, or folders of labels.

    They lie in it or, as Hugging Face stores data sets, in its folder ``data``.

    Raises:
        DataError: the folder holds no split, or holds a split twice.
    """
    inside = folder / "data"
    splits = _splits_in(folder) or (_splits_in(inside) if inside.is_dir() else {})
    if not splits:
        near = next((p.name for p in sorted(folder.iterdir()) if _has_splits(p)), None)
        expected = f"expected {FILES}, or folders NAME/LABEL/*.txt"
        remedy = expected if near is None else f"give its folder {near!r}, which has some"
        raise DataError(f"no split found; {remedy}", file=folder)
    return splits


def _splits_in(folder: Path) -> dict[str, Source]:
    splits: dict[str, Source] = {}
    shards: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        name = _split_of(path)
        if name is None:
            continue
        if name in shards and SHARD.fullmatch(path.name):
            shards[name].append(path)
            continue
        if name in splits:
            raise DataError(f"duplicate split {name!r} (also {splits[name].place.name})", file=path)
        splits[name] = Source((path,))
        if SHARD.fullmatch(path.name):
            shards[name] = [path]
    return splits | {name: _sharded(name, paths) for name, paths in shards.items()}


def _has_splits(path: Path) -> bool:
    try:
        return path.is_dir() and not path.name.startswith(".") and bool(_splits_in(path))
    except (DataError, OSError):
        return False


def _split_of(path: Path) -> str | None:
    """Return the name of the split that a file, a shard or a folder of labels belongs to."""
    if path.name.startswith("."):
        return None
    if path.name.endswith(SUFFIXES) and not path.is_dir():  # a pipe too: to be refused by name
        shard = SHARD.fullmatch(path.name)
        return shard["split"] if shard else _stem(path.name)
    return path.name if path.is_dir() and any(label_folders(path)) else None


def _sharded(split: str, paths: list[Path]) -> Source:
    """Return the source of shards, with the problem where they are not a whole set."""
    found = [match for path in paths if (match := SHARD.fullmatch(path.name))]
    files, total = tuple(paths), found[0]["total"]
    numbers = [int(match["number"]) for match in found]
    totals = {match["total"] for match in found}
    if len(totals) > 1 or len(set(numbers)) < len(numbers) or max(numbers) >= int(total):
        return Source(files, f"shards of split {split!r} are of several sets; keep one set")
    missing = sorted(set(range(int(total))) - set(numbers))
    if not missing:
        return Source(files)
    names = ", ".join(f"{split}-{number:05}-of-{total}.parquet" for number in missing[:NAMED])
    more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
    problem = f"{len(missing):,} of {int(total):,} shards of split {split!r} are missing: {names}"
    return Source(files, problem + more)


def one_file(path: Path) -> tuple[str, Source]:
    """Return the name of one data file, its stem, and its source.

    Raises:
        DataError: it does not exist, or its name is not that of a data file.
    """
    if not path.exists():
        what = "file" if path.name.endswith(SUFFIXES) else "folder"
        raise DataError(f"the data {what} does not exist", file=path)
    if not path.name.endswith(SUFFIXES):
        hint = "; save the sheet as CSV" if path.suffix in (".xlsx", ".xls", ".ods") else ""
        raise DataError(f"not a data file; expected {FILES}, or a folder{hint}", file=path)
    return _stem(path.name) or path.name, Source((path,))


def _stem(name: str) -> str:
    return next(name.removesuffix(s) for s in sorted(SUFFIXES, key=len)[::-1] if name.endswith(s))


def kind_of(path: Path) -> str:
    """Return the format of a data file: csv, tsv, jsonl or parquet."""
    return path.name.removesuffix(".gz").rpartition(".")[2]


def label_folders(split: Path) -> Iterator[Path]:
    """Yield the folders of a split that hold the texts of one label each."""
    for path in sorted(split.iterdir()):
        if path.is_dir() and path.name != NO_LABELS and next(path.glob("*.txt"), None):
            yield path


def hash_source(*files: Path) -> str:
    """Return the sha256 of a file's bytes; of shards or a folder, over each name and sha256."""
    (first, *more) = files
    if not more and not first.is_dir():
        with open_regular(first) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    total = hashlib.sha256()
    for path, name in _parts(files):
        entry = f"{name}\0{hash_source(path)}\n"
        total.update(entry.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _parts(files: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    if len(files) > 1:
        yield from ((path, path.name) for path in files)
        return
    for label in label_folders(files[0]):
        for path in filter(Path.is_file, sorted(label.glob("*.txt"))):
            yield path, f"{label.name}/{path.name}"
