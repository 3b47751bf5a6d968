"""Attributions of any method in, predictions out: values of arrays or lists, or of SHAP.

Values are of the predicted class: positive numbers raised its probability. Word-pieces become
words, whose values are summed, and special tokens are left out (``subwords``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.adapters.frames import plain
from reportgen.errors import PredictionsError, UsageError
from reportgen.marks import find_marks
from reportgen.records import Prediction, RunInfo, Span, Weights
from reportgen.subwords import find_words, steps

__all__ = [
    "Columns",
    "Made",
    "Segments",
    "check_count",
    "class_probabilities",
    "make",
    "run_info",
    "segments",
    "whole_text",
]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What stands beside the tokens of N texts.

    ``probabilities`` [N, K] are in the order of ``classes``, or [N] of the second of two.
    ``labels`` are names of classes, None where there is none. Without ``texts`` a text is its words
    with spaces between. ``run`` is further metadata, by the keys of the table's.
    """

    probabilities: Any
    labels: Any
    classes: tuple[str, ...]
    texts: Any = None
    ids: Any = None
    run: Mapping[str, Any] = field(default_factory=dict)
    weights: Weights = field(default_factory=lambda: Weights("attribution"))


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """The tokens of one text with their values [T].

    ``spans`` are their places in ``text``; ``word_ids`` [T] say which are one word (None: a
    special token). Without them the marks of the tokenizer do.
    """

    tokens: tuple[str, ...]
    values: NDArray[np.float64]
    text: str | None = None
    spans: tuple[Span | None, ...] | None = None
    word_ids: tuple[int | None, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The metadata and the rows of a predictions table."""

    info: RunInfo
    rows: list[Prediction]


def segments(tokens: Any, values: Any, texts: Any = None) -> list[Segments]:
    """Pair tokens and values, each a list of rows, and check that they belong together.

    Raises:
        UsageError: they are of one text only, or of different numbers of texts.
        PredictionsError: a row has not one number per token; the message names it.
    """
    words, numbers = plain(tokens), plain(values)
    if not isinstance(words, list) or any(isinstance(row, str) for row in words):
        raise UsageError("tokens are not a list of lists: give one list of tokens per text")
    check_count("values", numbers, len(words))
    written = check_count("texts", plain(texts), len(words))
    rows = zip(words, numbers, written or [None] * len(words), strict=True)
    return [_segment(i, *row) for i, row in enumerate(rows, 1)]


def _segment(number: int, words: Any, values: Any, text: Any) -> Segments:
    found = _vector(values, f"row {number}: values", len(words))
    return Segments(tuple(map(str, words)), found, whole_text(number, text))


def whole_text(number: int, text: Any) -> str | None:
    """Return a text; one of two parts has a line break between them, as in a table.

    Raises:
        PredictionsError: it is another thing; the message names its row.
    """
    if text is None or isinstance(text, str):
        return text
    if isinstance(text, list) and [type(part) for part in text] == [str, str]:
        return "\n".join(text)
    raise PredictionsError(
        f"row {number}: the text is {type(text).__name__}, not a string or two of them"
    )


def check_count(name: str, values: Any, count: int) -> Any:
    """Return the values if there are so many; None stands for none.

    Raises:
        UsageError: there are more or fewer.
    """
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != count:
        given = len(values) if isinstance(values, list) else "no list"
        raise UsageError(f"{name}: {given}, not one for each of {count} texts")
    return values


def _vector(values: Any, name: str, count: int) -> NDArray[np.float64]:
    try:
        array: NDArray[np.float64] = np.array(plain(values), dtype=np.float64)
    except (TypeError, ValueError):
        raise PredictionsError(f"{name} are not numbers") from None
    if array.ndim > 1:
        raise PredictionsError(
            f"{name} have {array.ndim} dimensions, not one number per token; sum those of an"
            " embedding first: values.sum(-1)"
        )
    if array.size != count:
        raise PredictionsError(f"{name} are {array.size}, but there are {count} tokens")
    return array


def class_probabilities(values: Any, classes: Sequence[str], count: int) -> NDArray[np.float32]:
    """Return the probabilities [N, K]; [N] given are those of the second of two classes.

    Raises:
        UsageError: they have another shape.
    """
    try:
        array: NDArray[np.float32] = np.array(plain(values), dtype=np.float32)
    except (TypeError, ValueError):
        raise UsageError("probabilities are not numbers, one row per text") from None
    if array.shape == (count,) and len(classes) == 2:
        return np.stack([1 - array, array], axis=1)
    if array.shape != (count, len(classes)):
        shape = " x ".join(map(str, array.shape))
        raise UsageError(f"probabilities are {shape}, not {count} texts x {len(classes)} classes")
    return array


def make(rows: Sequence[Segments], columns: Columns) -> Made:
    """Merge word-pieces and return the predictions.

    Raises:
        UsageError: a column has more or fewer values than there are texts, or ``run`` is wrong.
    """
    n = len(rows)
    info = run_info(columns.run, columns.classes)
    probabilities = class_probabilities(columns.probabilities, columns.classes, n)
    labels = check_count("labels", columns.labels, n) or [None] * n
    ids = check_count("ids", plain(columns.ids), n) or range(1, n + 1)
    marks = find_marks([row.text or "" for row in rows], [row.tokens for row in rows])
    made, merged, dropped = [], False, False
    for i, row in enumerate(rows):
        words = find_words(row.tokens, row.spans, row.text, row.word_ids, marks)
        merged, dropped = merged or words.merged, dropped or words.dropped
        spans = words.spans
        if row.text is None:
            spans = _spaced(words.tokens)
        made.append(
            Prediction(
                id=str(ids[i]),
                text=" ".join(words.tokens) if row.text is None else row.text,
                label=labels[i],
                probabilities=probabilities[i],
                tokens=words.tokens,
                attention=words.weights(row.values, columns.weights.kind),
                spans=spans,
            )
        )
    done = steps(merged, dropped, columns.weights.kind)
    return Made(replace(info, weights=replace(columns.weights, steps=done)), made)


def run_info(run: Mapping[str, Any], classes: Sequence[str]) -> RunInfo:
    """Return the metadata of a table.

    Raises:
        UsageError: ``run`` is no mapping, or a value in it is of the wrong type.
    """
    try:
        return RunInfo.from_dict({**run, "classes": list(classes)})
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"run={run!r} cannot be used: {error}") from error


def _spaced(words: Sequence[str]) -> tuple[Span | None, ...]:
    """Return the places of words that are written with one space between."""
    spans, at = [], 0
    for word in words:
        spans.append((at, at + len(word)))
        at += len(word) + 1
    return tuple(spans)
