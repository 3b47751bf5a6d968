"""Turn an example's id into a name that is safe as an anchor and in any file system."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["safe_name"]

LONGEST = 60


def safe_name(id_: str) -> str:
    """Return lower-case ASCII letters, digits, ``-`` and ``_``; distinct for distinct ids.

    An id that is not such a name already gets the beginning of its hash, so that two ids that
    look alike (``A`` and ``a``, ``1/2`` and ``1-2``) never share a file.
    """
    ascii_ = unicodedata.normalize("NFKD", id_).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_]+", "-", ascii_.lower()).strip("-")[:LONGEST]
    if name and name == id_:
        return name
    digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name}-{digest}" if name else digest
