"""Read word vectors, one row per word of the vocab, through torchtext's ``Vectors``.

torchtext switches off TLS verification for the whole process and caches every file by its base
name as a pickle: here it reads a filtered copy in a temporary folder, and downloads are ours.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import math
import os
import ssl
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch
from torchtext.vocab import GloVe, Vectors, pretrained_aliases

from reportgen.characters import legal
from reportgen.corpus.download import cache_folder, download
from reportgen.corpus.fields import Fields, to_word
from reportgen.corpus.sources import hash_source
from reportgen.errors import DataError
from reportgen.files import temporary_folder

__all__ = ["WordVectors", "find_vectors", "load_vectors"]


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """``matrix`` [V, D] by vocab index; ``present`` [V] is true where the file has the word.

    The last rows are those of the ``added`` words, which the vocab is to be extended by.
    """

    name: str
    sha256: str
    matrix: torch.Tensor
    present: torch.Tensor
    added: tuple[str, ...] = ()


def find_vectors(name: str) -> Path:
    """Return the file of vectors: a path, or a name such as glove.6B.300d, which is downloaded.

    Raises:
        DataError: there is no such file, and no vectors of that name can be downloaded.
    """
    path = Path(name)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DataError("not a regular file", file=path)
    return path if path.is_file() else _fetch(name)


def load_vectors(name: str, fields: Fields, frequent: int = 0) -> WordVectors:
    """Load the vectors of the vocab's words from a file, or by a name such as glove.6B.300d.

    Each line of a file holds a word and its numbers, separated by spaces; ``.gz`` is read too.
    Files begin with the most frequent words: the first ``frequent`` of them are loaded even if
    the vocab lacks them.

    Raises:
        DataError: the file is missing or damaged, or holds none of the vocab's words.
    """
    path = find_vectors(name)
    size = len(fields.words)
    fields = fields.extended(_first_words(path, frequent))
    with temporary_folder(Path(tempfile.gettempdir())) as folder:
        copy = folder / "vectors.txt"
        with copy.open("wb") as out:
            out.writelines(_needed(path, set(fields.words)))
        vectors = _read(copy, str(folder)) if copy.stat().st_size else None
    present = torch.tensor([vectors is not None and w in vectors.stoi for w in fields.words])
    if not present[:size].any():
        raise DataError("the file has no vector for any word of the data", file=path)
    vocab: Any = fields.text.vocab
    vocab.load_vectors([vectors])
    matrix: torch.Tensor = vocab.vectors
    vocab.vectors = None
    added = tuple(fields.words[size:])
    return WordVectors(legal(path.name)[0], hash_source(path), matrix, present, added)


def _first_words(path: Path, limit: int) -> list[str]:
    """Return the first words, without those that no token can match."""
    words: dict[str, None] = {}
    for _, line_word, _ in _entries(path):
        if len(words) == limit:
            break
        word = line_word.decode("utf-8", "replace")
        if word and word == to_word(word) and "\ufffd" not in word:
            words[word] = None
    return list(words)


def _read(path: Path, cache: str) -> Any:
    context = ssl._create_default_https_context
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return Vectors(str(path), cache=cache)
    finally:
        ssl._create_default_https_context = context


def _needed(path: Path, words: set[str]) -> Iterator[bytes]:
    """Yield the lines of the given words, each checked; of two lines of a word the first."""
    dim: int | None = None
    yielded: set[bytes] = set()
    for number, word, values in _entries(path):
        if word in yielded or word.decode("utf-8", "backslashreplace") not in words:
            continue
        dim = dim or len(values)
        if len(values) != dim:
            problem = f"{len(values)} numbers, but {dim} in the lines before"
            raise DataError(problem, file=path, line=number)
        try:
            if not all(map(math.isfinite, map(float, values))):
                raise ValueError("NaN or infinite")
        except ValueError as error:
            raise DataError(f"not a number ({error})", file=path, line=number) from error
        yielded.add(word)
        yield b" ".join([word, *values]) + b"\n"


def _entries(path: Path) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Yield of each line its number, its word and its numbers as they are written."""
    with _open(path) as file:
        try:
            for number, line in enumerate(file, 1):
                word, *values = line.rstrip().split(b" ")
                if len(values) >= 3:  # torchtext takes a line of fewer for a header
                    yield number, word, values
                elif number > 1 or len(values) != 1:  # not the header of the word2vec format
                    raise DataError("not a word and its numbers", file=path, line=number)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"the gzip archive is damaged ({error})", file=path) from error


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _fetch(name: str) -> Path:
    if not name.startswith("glove.") or name not in pretrained_aliases:
        known = ", ".join(sorted(n for n in pretrained_aliases if n.startswith("glove.")))
        raise DataError(f"no such file, and no known vectors of that name ({known})", file=name)
    target = cache_folder() / f"{name}.txt"
    if not target.is_file():
        archive = download(GloVe.url[name.removeprefix("glove.").rpartition(".")[0]])
        part = target.with_suffix(f".{os.getpid()}.part")
        try:
            with zipfile.ZipFile(archive) as files, part.open("wb") as out:
                out.write(files.read(target.name))
            part.replace(target)
        except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as error:
            archive.unlink(missing_ok=True)
            raise DataError(f"the archive does not hold {target.name}", file=archive) from error
        finally:
            part.unlink(missing_ok=True)
    return target
