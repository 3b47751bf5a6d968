"""Read the class names that a Parquet or Arrow schema gives to a column of label numbers."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

__all__ = ["class_names"]

KEY = b"huggingface"  # of the schema's metadata, which Hugging Face datasets writes


def class_names(schema: pa.Schema, column: str) -> tuple[str, ...] | None:
    """Return the names of a column of label numbers, number 0 first; None where there are none.

    They are those of a ``ClassLabel`` feature of Hugging Face datasets: the JSON under the key
    ``huggingface`` of the schema's metadata is
    ``{"info": {"features": {column: {"_type": "ClassLabel", "names": [...]}}}}``. The number -1
    of such a column, like null, means that the row has no label. Metadata of any other form, and
    names that are blank or occur twice, name nothing. It raises nothing.
    """
    try:
        feature: Any = json.loads((schema.metadata or {})[KEY])["info"]["features"][column]
        kind, names = feature["_type"], feature["names"]
    except (KeyError, TypeError, ValueError, RecursionError):  # ValueError: not JSON, not UTF-8
        return None
    if kind != "ClassLabel" or not isinstance(names, list):
        return None
    if not all(isinstance(name, str) and name.strip() for name in names):
        return None
    return tuple(names) if len(set(names)) == len(names) else None
