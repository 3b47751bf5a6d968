"""An ``Explanation`` of SHAP over texts in, predictions out; SHAP itself is not imported.

SHAP cuts a text into segments that, joined, are the text, so their lengths tell their places.
Values and base values add up to what the explained function returned (local accuracy, Lundberg
and Lee 2017): to the class probabilities, if it returns these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.adapters.attributions import (
    Columns,
    Made,
    Segments,
    check_count,
    class_probabilities,
    make,
    whole_text,
)
from reportgen.adapters.frames import plain
from reportgen.errors import PredictionsError, UsageError

__all__ = ["class_names", "from_explanation"]

Array = NDArray[np.float64]
TOLERANCE = 1e-3  # of sums that must be 1, as in the table


def class_names(explanation: Any, classes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names that are given, or else those of the explanation's outputs.

    Raises:
        UsageError: there are neither.
    """
    names = classes if classes is not None else plain(getattr(explanation, "output_names", None))
    if not isinstance(names, list | tuple) or len(names) < 2:
        raise UsageError("classes=[...] is missing: the explanation does not name two outputs")
    return tuple(map(str, names))


def from_explanation(explanation: Any, columns: Columns) -> Made:
    """Return the predictions of an explanation, with the values of each text's predicted class.

    Where ``columns`` have no probabilities, these are the sums of values and base values.

    Raises:
        UsageError: values do not fit the classes, or their sums are no probabilities.
        PredictionsError: values do not fit the segments of a text; the message names its row.
    """
    data, values, base = (plain(getattr(explanation, n)) for n in ("data", "values", "base_values"))
    if data and isinstance(data[0], str):  # one text
        data, values, base = [data], [values], [base]
    by_class, given = _by_class(values, base, _output(explanation, columns.classes), columns)
    if columns.probabilities is not None:
        probabilities = class_probabilities(columns.probabilities, columns.classes, len(data))
    elif _sound(given):
        probabilities = given.astype(np.float32)
    else:
        raise UsageError(
            "the explanation's values and base values do not add up to probabilities, as where"
            " scores were explained: give probabilities=[...], one row per text"
        )
    written = check_count("texts", plain(columns.texts), len(data)) or [None] * len(data)
    texts = [whole_text(i, text) for i, text in enumerate(written, 1)]
    rows = [
        _segments(i, segments, by_class[i - 1][:, probabilities[i - 1].argmax()], text)
        for i, (segments, text) in enumerate(zip(data, texts, strict=True), 1)
    ]
    return make(rows, replace(columns, probabilities=probabilities))


def _output(explanation: Any, classes: tuple[str, ...]) -> int:
    """Return the class that a single output is about: the one it names, or the second."""
    name = plain(getattr(explanation, "output_names", None))
    return classes.index(name) if name in classes else 1


def _by_class(values: Any, base: Any, output: int, columns: Columns) -> tuple[list[Array], Array]:
    """Return the values [T, K] of each text, and the sums [N, K] with their base values.

    A single output of two classes is turned for the other: what raised one lowered it.
    """
    k = len(columns.classes)
    try:
        rows = [np.array(row, dtype=np.float64) for row in values]
        start = np.array(base, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(
            "the explanation's values are not numbers, [T] or [T, K] per text"
        ) from None
    if k == 2 and all(row.ndim == 1 for row in rows):
        signs = np.where(np.arange(2) == output, 1.0, -1.0)
        rows = [row[:, None] * signs for row in rows]
        start = np.broadcast_to(start.reshape(-1, 1), (len(rows), 1)) * signs
        start = start + (signs < 0)  # of probabilities that sum to 1
    if any(row.ndim != 2 or row.shape[1] != k for row in rows):
        raise UsageError(f"the explanation's values are not of {k} outputs, one per class")
    start = np.broadcast_to(start, (len(rows), k))
    return rows, start + np.array([row.sum(axis=0) for row in rows])


def _sound(probabilities: Array) -> bool:
    inside = (probabilities > -TOLERANCE) & (probabilities < 1 + TOLERANCE)
    return bool(inside.all() and (abs(probabilities.sum(axis=1) - 1) < TOLERANCE).all())


def _segments(number: int, segments: Sequence[str], values: Array, text: str | None) -> Segments:
    if len(values) > len(segments):
        raise PredictionsError(
            f"row {number}: {len(values)} values for {len(segments)} segments, as of a"
            " hierarchical explanation; explain with one value per segment"
        )
    if len(values) < len(segments):
        raise PredictionsError(f"row {number}: {len(values)} values for {len(segments)} segments")
    joined = "".join(segments)
    ends = list(accumulate(map(len, segments)))
    spans = tuple((end - len(s), end) for s, end in zip(segments, ends, strict=True))
    return Segments(
        tokens=tuple(segment.strip() or segment for segment in segments),
        values=values,
        text=joined if text is None else text,
        spans=spans if text in (None, joined) else None,
        word_ids=_word_ids(segments),
    )


def _word_ids(segments: Sequence[str]) -> tuple[int | None, ...]:
    """Number the words: segments whose letters meet are one word; empty ones are special tokens."""
    ids: list[int | None] = []
    word = -1
    for before, segment in pairwise(("", *segments)):
        word += not (before[-1:].isalnum() and segment[:1].isalnum())
        ids.append(word if segment else None)
    return tuple(ids)
