"""Read the splits of a data folder, each a list of clean, checked, labelled texts."""

from __future__ import annotations

import contextlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from reportgen.characters import legal
from reportgen.corpus.readers import read_source
from reportgen.corpus.reading import Reading, Row
from reportgen.corpus.sources import Source, find_splits, hash_source, one_file
from reportgen.corpus.text import clean
from reportgen.corpus.tokenizers import Tokenizer
from reportgen.errors import DataError, TokenizeError
from reportgen.records import Example, Labels, Skipped

__all__ = ["Dataset", "OnBadRow", "Split", "tokenized"]

OnBadRow = Literal["error", "skip"]
WHOLE = re.compile(r"(?:LABEL_)?([+-]?\d+)(?:\.0+)?")  # transformers: a class without a name


@dataclass(frozen=True, slots=True)
class Split:
    """The usable examples of a split, not yet tokenized, and the rows left out of it.

    ``rows`` counts the usable rows before ``--limit``.
    """

    name: str
    examples: tuple[Example, ...]
    rows: int
    skipped: tuple[Skipped, ...]
    replaced_characters: int
    sha256: str

    def limited(self, limit: int | None, seed: int) -> Split:
        """Keep a seeded sample of ``limit`` examples, in their order."""
        if limit is None or limit >= len(self.examples):
            return self
        chosen = sorted(random.Random(seed).sample(range(len(self.examples)), limit))
        return replace(self, examples=tuple(self.examples[i] for i in chosen))


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder with splits, or one file; opening it reads no rows.

    ``split`` is the split to evaluate where none is named: ``test``, or that of the one file.
    ``labels`` say how else labels may be spelled where classes are given.
    """

    folder: Path
    name: str
    sources: dict[str, Source]
    reading: Reading
    on_bad_row: OnBadRow
    split: str = "test"
    labels: Labels = field(default_factory=Labels)

    @classmethod
    def open(
        cls,
        path: Path,
        reading: Reading | None = None,
        on_bad_row: OnBadRow = "error",
        split: str | None = None,
    ) -> Dataset:
        """Find the splits of a folder, or take one file as split ``split``, by default its stem.

        Raises:
            DataError: the folder or file is missing, or holds no split.
        """
        reading = reading or Reading()
        if path.is_dir():
            name = legal(path.resolve().name)[0]
            return cls(path, name, find_splits(path), reading, on_bad_row, split or "test")
        stem, source = one_file(path)
        split = split or stem
        return cls(path.parent, legal(stem)[0], {split: source}, reading, on_bad_row, split)

    @property
    def validation(self) -> str | None:
        """The split for validation, ``valid`` or as Hugging Face names it ``validation``."""
        return next((name for name in ("valid", "validation") if name in self.sources), None)

    def read(
        self, split: str, classes: Sequence[str] | None = None, *, labelled: bool = True
    ) -> Split:
        """Read one split; with ``classes`` given, any other label is a bad row.

        A row without a label is a bad one, unless ``labelled`` is false.

        Raises:
            DataError: there is no such split, it has no usable row, or (unless bad rows are
                skipped) a row is bad.
        """
        if split not in self.sources:
            names = ", ".join(self.sources)
            raise DataError(f"no split {split!r} (there are: {names})", file=self.folder)
        source = self.sources[split]
        examples: list[Example] = []
        skipped: list[Skipped] = []
        replaced = 0
        for result in self._examples(split, classes, labelled):
            if isinstance(result, DataError):
                if self.on_bad_row == "error":
                    raise result
                place = Path(result.file or source.place).relative_to(self.folder).as_posix()
                reason = legal(result.problem)[0]
                skipped.append(Skipped(legal(place)[0], result.line or 0, reason))
            else:
                example, count = result
                examples.append(example)
                replaced += count
        if not examples:
            raise DataError("no usable row", file=source.place)
        sha256 = self.sha256(split)
        return Split(split, tuple(examples), len(examples), tuple(skipped), replaced, sha256)

    def sha256(self, split: str) -> str:
        """Return the hash of a split's files."""
        return hash_source(*self.sources[split].files)

    def sizes(self) -> dict[str, int]:
        """Count the readable rows of every split; a split that cannot be read is left out."""
        sizes = {}
        for name, source in self.sources.items():
            with contextlib.suppress(DataError, OSError):
                rows = read_source(source, self.reading)
                sizes[name] = sum(isinstance(row, Row) for row in rows)
        return sizes

    def _examples(
        self, split: str, classes: Sequence[str] | None, labelled: bool
    ) -> Iterator[tuple[Example, int] | DataError]:
        places: dict[str, tuple[Path, int]] = {}  # by id
        spellings = _spellings(classes or ())
        for number, row in enumerate(read_source(self.sources[split], self.reading), 1):
            if isinstance(row, DataError):
                yield row
                continue
            example, count = _example(row, f"{split}-{number}")
            if classes is not None and example.label is not None and example.label not in classes:
                form = _spelling(example.label)
                same = spellings.get(form) or self.labels.spellings.get(form.casefold())
                example = replace(example, label=same or example.label)
            problem = _problem(example, places, classes, self.labels.remedy)
            if labelled and example.label is None:
                problem = "the label is empty"
            if problem:
                yield DataError(problem, file=row.file, line=row.line)
                continue
            places[example.id] = row.file, row.line
            yield example, count


def _example(row: Row, default_id: str) -> tuple[Example, int]:
    """Return the example of a row, and how many illegal characters were replaced in it."""
    text, count = clean(row.text)
    id_, in_id = legal(default_id if row.id is None else row.id)
    label, in_label = legal((row.label or "").strip())
    count += in_id + in_label
    extra = {}
    for key, value in row.extra.items():
        name, in_name = legal(key)
        extra[name], in_value = legal(value)
        count += in_name + in_value
    return Example(id_, text, label or None, extra=extra), count


def _spelling(label: str) -> str:
    """Return the form that all spellings of a number or truth value share: 1 of 1.0, LABEL_1."""
    whole = WHOLE.fullmatch(label)
    return whole[1] if whole else label.lower() if label.lower() in ("true", "false") else label


def _spellings(classes: Sequence[str]) -> dict[str, str]:
    """Return the classes by the form of their names, where only one has it."""
    forms = Counter(map(_spelling, classes))
    return {form: name for name in classes if forms[form := _spelling(name)] == 1}


def _problem(
    example: Example,
    places: dict[str, tuple[Path, int]],
    classes: Sequence[str] | None,
    remedy: str,
) -> str | None:
    if example.id in places:
        file, line = places[example.id]
        return f"duplicate id {example.id!r} (first in {file.name}:{line})"
    if classes is not None and example.label is not None and example.label not in classes:
        known = f"unknown label {example.label!r} (the model's classes: {', '.join(classes)})"
        return f"{known}; {remedy}" if remedy else known
    return None


def tokenized(example: Example, tokenizer: Tokenizer) -> Example:
    """Return the example with its tokens and their spans.

    Raises:
        TokenizeError: the tokenizer failed on this text; the message names the example.
    """
    try:
        spans = tuple(tokenizer.spans(example.text))
    except TokenizeError as error:
        raise TokenizeError(
            f"tokenizer {tokenizer.name}, example {example.id!r}: {error}"
        ) from error
    except (Exception, SystemExit) as error:  # a tokenizer of the user's own may raise anything
        raise TokenizeError(
            f"tokenizer {tokenizer.name}, example {example.id!r}: {type(error).__name__}: {error}"
        ) from error
    tokens = tuple(example.text[start:end] for start, end in spans)
    return replace(example, tokens=tokens, spans=spans)
