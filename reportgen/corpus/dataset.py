"""Read the splits of a data folder, each a list of clean, checked, labelled texts."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from reportgen.characters import legal
from reportgen.corpus.readers import Columns, Row, find_splits, hash_source, read_source
from reportgen.corpus.text import clean
from reportgen.corpus.tokenizers import Tokenizer
from reportgen.errors import DataError, TokenizeError
from reportgen.records import Example, Labels, Skipped

__all__ = ["Dataset", "OnBadRow", "Split", "tokenized"]

OnBadRow = Literal["error", "skip"]


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
    """A folder with splits; opening it reads no rows.

    ``labels`` say how its labels may be spelled where classes are given.
    """

    folder: Path
    name: str
    sources: dict[str, Path]
    columns: Columns
    on_bad_row: OnBadRow
    labels: Labels = field(default_factory=Labels)

    @classmethod
    def open(
        cls,
        folder: Path,
        columns: Columns | None = None,
        on_bad_row: OnBadRow = "error",
    ) -> Dataset:
        """Find the splits of a folder; ``columns`` name those of its files.

        Raises:
            DataError: the folder is missing or holds no split.
        """
        splits = find_splits(folder)
        name = legal(folder.resolve().name)[0]
        return cls(folder, name, splits, columns or Columns(), on_bad_row)

    def read(self, split: str, classes: Sequence[str] | None = None) -> Split:
        """Read one split; with ``classes`` given, any other label is a bad row.

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
        for result in self._examples(split, source, classes):
            if isinstance(result, DataError):
                if self.on_bad_row == "error":
                    raise result
                place = Path(result.file or source).relative_to(self.folder).as_posix()
                reason = legal(result.problem)[0]
                skipped.append(Skipped(legal(place)[0], result.line or 0, reason))
            else:
                example, count = result
                examples.append(example)
                replaced += count
        if not examples:
            raise DataError("no usable row", file=source)
        return Split(
            split, tuple(examples), len(examples), tuple(skipped), replaced, hash_source(source)
        )

    def sizes(self) -> dict[str, int]:
        """Count the readable rows of every split; a split that cannot be read is left out."""
        sizes = {}
        for name, source in self.sources.items():
            with contextlib.suppress(DataError, OSError):
                rows = read_source(source, self.columns)
                sizes[name] = sum(isinstance(row, Row) for row in rows)
        return sizes

    def _examples(
        self, split: str, source: Path, classes: Sequence[str] | None
    ) -> Iterator[tuple[Example, int] | DataError]:
        lines: dict[str, int] = {}  # by id
        for number, row in enumerate(read_source(source, self.columns), 1):
            if isinstance(row, DataError):
                yield row
                continue
            example, count = _example(row, f"{split}-{number}")
            if example.label and classes is not None and example.label not in classes:
                spelled = self.labels.spellings.get(example.label.casefold(), example.label)
                example = replace(example, label=spelled)
            problem = _problem(example, lines, classes, self.labels.remedy)
            if problem:
                yield DataError(problem, file=row.file, line=row.line)
                continue
            lines[example.id] = row.line
            yield example, count


def _example(row: Row, default_id: str) -> tuple[Example, int]:
    """Return the example of a row, and how many illegal characters were replaced in it."""
    text, count = clean(row.text)
    id_, in_id = legal(default_id if row.id is None else row.id)
    label, in_label = legal(row.label.strip())
    count += in_id + in_label
    extra = {}
    for key, value in row.extra.items():
        name, in_name = legal(key)
        extra[name], in_value = legal(value)
        count += in_name + in_value
    return Example(id_, text, label, extra=extra), count


def _problem(
    example: Example, lines: dict[str, int], classes: Sequence[str] | None, remedy: str
) -> str | None:
    if example.id in lines:
        return f"duplicate id {example.id!r} (first in line {lines[example.id]})"
    if classes is not None and example.label not in classes:
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
