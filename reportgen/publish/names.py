"""Name an example's files and its anchor by its id, safely in any file system."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata

__all__ = ["safe_name"]

LONGEST = 60  # characters of an id that is its own name
STEM = 30  # characters that a reader recognizes another id by
# No two hyphens follow each other in an id that is its own name.
PLAIN = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+)*")
RESERVED = re.compile("con|prn|aux|nul|(com|lpt)[0-9]")  # devices, in every folder of Windows


def safe_name(id_: str) -> str:
    """Return lower-case ASCII letters, digits, ``-`` and ``_``; distinct for distinct ids.

    An id of these with single hyphens inside is its own name. Any other is named by what is left of
    it, two hyphens, which no id that is its own name has, and 130 bits of its SHA-256: ids that
    look alike (``A`` and ``a``, ``1/2`` and ``1-2``) never share a file, and no id is written
    like the name of another.
    """
    if len(id_) <= LONGEST and PLAIN.fullmatch(id_) and not RESERVED.fullmatch(id_):
        return id_
    ascii_ = unicodedata.normalize("NFKD", id_).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9_]+", "-", ascii_.lower())[:STEM].strip("-") or "id"
    digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).digest()
    return f"{stem}--{base64.b32encode(digest).decode().lower()[:26]}"
