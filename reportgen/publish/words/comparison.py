"""What a comparison of runs says: its headline, what follows, the sentences under its tables."""

from __future__ import annotations

from reportgen.analysis.comparison import Comparison
from reportgen.publish.words.numbers import counted

__all__ = ["headline"]


def headline(found: Comparison) -> str:
    """Say what the comparison found, in one sentence."""
    return f"{len(found.names)} runs on {counted(len(found), 'shared example')}"
