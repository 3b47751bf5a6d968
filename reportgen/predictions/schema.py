"""Define the predictions table: its columns, their types, and the run's metadata in it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from reportgen.characters import legal
from reportgen.errors import PredictionsError
from reportgen.records import Explanation, RunInfo

__all__ = [
    "ALIASES",
    "BAD_VALUE",
    "EXPLAIN",
    "EXTRA",
    "GRADIENTS",
    "HEADS",
    "METADATA_KEY",
    "OF_ATTENTION",
    "OF_GRADIENTS",
    "OF_TOKENS",
    "OPTIONAL",
    "OPTIONAL_MEANING",
    "RANDOM",
    "REQUIRED",
    "ROW_GROUP",
    "column_type",
    "is_known",
    "legal_pairs",
    "metadata",
    "parse_info",
]

METADATA_KEY = "reportgen.run"
ROW_GROUP = 1024
EXTRA, EXPLAIN = "extra.", "explain."
RANDOM = {"random_removed", "content_removed"}  # of an explanation: several draws in a list

REQUIRED: Mapping[str, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "probabilities": pa.list_(pa.float32()),
}
HEADS = "attention_heads"
ALIASES = {"weights": "attention"}  # other names of columns, where those are not there
OPTIONAL: Mapping[str, pa.DataType] = {
    "tokens": pa.list_(pa.string()),
    "attention": pa.list_(pa.float32()),
    "label": pa.string(),
    "spans": pa.list_(pa.list_(pa.int32())),
    "unknown": pa.list_(pa.bool_()),
    "logits": pa.list_(pa.float32()),
    "in_train": pa.bool_(),
    HEADS: pa.list_(pa.list_(pa.float32())),
    **{f"{EXPLAIN}{field.name}": pa.list_(pa.float32()) for field in fields(Explanation)},
}
GRADIENTS = f"{EXPLAIN}gradients"
OF_GRADIENTS = tuple(name for name in OPTIONAL if name.startswith(GRADIENTS))
# What says nothing without weights of the tokens, and what without tokens.
OF_ATTENTION = (HEADS, *(name for name in OPTIONAL if name.startswith(EXPLAIN)))
OF_TOKENS = ("spans", "unknown", *OF_ATTENTION)
BAD_VALUE = (pa.ArrowException, TypeError, ValueError, OverflowError)
# What the report lacks where an optional column is missing.
OPTIONAL_MEANING: Mapping[str, str] = {
    "tokens": "how many tokens a text has, and words out of the vocabulary",
    "attention": "shaded texts, heatmaps, words by their weights and every test of these",
    "label": "which predictions are right",
    "spans": "the exact position of each token in its text (it is searched for)",
    "unknown": "words that are not in the vocabulary",
    "logits": "raw scores",
    "in_train": "which texts were also trained on",
    f"{EXPLAIN}attention_removed": "the test of the attention by removing words",
    f"{EXPLAIN}random_removed": "the test of the attention against random words",
    f"{EXPLAIN}content_removed": "the test of the attention against random content words",
    f"{EXPLAIN}gradients_removed": "how much of the words that matter attention finds",
    f"{EXPLAIN}attention_kept": "the confidence on the most-attended words alone (metrics.json)",
    f"{EXPLAIN}gradients_kept": "the confidence on the words that matter alone (metrics.json)",
    f"{EXPLAIN}uniform": "whether the answers change under uniform attention",
    f"{EXPLAIN}permuted": "whether the answers change under shuffled attention",
    f"{EXPLAIN}gradients": "the gradients of each word",
    f"{EXPLAIN}left_out": "the rank correlation with leaving words out one by one",
}


def column_type(name: str) -> pa.DataType:
    """Return the type of a column; further columns are strings."""
    name = ALIASES.get(name, name)
    return REQUIRED.get(name) or OPTIONAL.get(name) or pa.string()


def is_known(name: str) -> bool:
    """Return whether a reader uses the column."""
    return name in REQUIRED or name in OPTIONAL or name in ALIASES or name.startswith(EXTRA)


def metadata(info: RunInfo) -> dict[str, str]:
    """Return the file metadata of a table."""
    return {METADATA_KEY: json.dumps(info.to_dict(), ensure_ascii=False)}


def parse_info(raw: Any, shown: Path) -> RunInfo:
    """Read the run's metadata, from bytes of JSON or parsed.

    Raises:
        PredictionsError: it lacks the classes, or a value is of the wrong type.
    """
    try:
        parsed = json.loads(raw, object_pairs_hook=legal_pairs) if isinstance(raw, bytes) else raw
        _check_numbers(parsed)
        return RunInfo.from_dict(parsed)
    except KeyError as error:
        problem = f"{error.args[0]!r} is missing"
    except (TypeError, ValueError, OverflowError) as error:
        problem = str(error)
    except RecursionError:
        problem = "nested too deeply"
    raise PredictionsError(f"{shown}: the metadata {METADATA_KEY!r} cannot be used: {problem}")


def _check_numbers(value: Any, place: str = "") -> None:
    """Raise a ValueError for NaN and infinity, which Python reads as numbers and JSON has not."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{place} is {value}, which is not a number of JSON")
    if isinstance(value, Mapping):
        for name, item in value.items():
            _check_numbers(item, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for item in value:
            _check_numbers(item, place)


def legal_pairs(pairs: list[tuple[str, Any]], replaced: list[int] | None = None) -> dict[str, Any]:
    """Build a JSON object whose strings hold legal characters only.

    The number of characters replaced in its ``text`` is appended to ``replaced``.
    """
    if replaced is not None:
        texts = [value for key, value in pairs if key == "text"]
        parts = [part for text in texts for part in (text if isinstance(text, list) else [text])]
        replaced.extend(legal(part)[1] for part in parts if isinstance(part, str))
    return {legal(key)[0]: _legal_value(value) for key, value in pairs}


def _legal_value(value: Any) -> Any:
    if isinstance(value, str):
        return legal(value)[0]
    if isinstance(value, list):
        return [_legal_value(item) for item in value]
    return value
