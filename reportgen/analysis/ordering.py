"""Scores in, the order of the gallery out: three sections that partition the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.metrics import Scores

__all__ = ["UNSURE_MARGIN", "Outcome", "Section", "outcomes", "sample", "sections", "share_out"]

UNSURE_MARGIN = 0.2


class Outcome(Enum):
    """Where an example stands in the report."""

    CONFIDENTLY_WRONG = "confidently-wrong"
    UNSURE_WRONG = "unsure-wrong"
    UNSURE_RIGHT = "unsure-right"
    CONFIDENTLY_RIGHT = "confidently-right"


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of the gallery: its key, its title, and its examples' indices in their order.

    ``whole`` counts its examples in the run, of which a sample shows fewer.
    """

    key: str
    title: str
    indices: NDArray[np.int64]
    whole: int

    def __len__(self) -> int:
        return len(self.indices)


def outcomes(scores: Scores, unsure_margin: float = UNSURE_MARGIN) -> list[Outcome]:
    """Return the outcome of every example; a margin below ``unsure_margin`` is unsure."""
    unsure = scores.margin < unsure_margin
    table = {
        (False, False): Outcome.CONFIDENTLY_WRONG,
        (True, False): Outcome.UNSURE_WRONG,
        (True, True): Outcome.UNSURE_RIGHT,
        (False, True): Outcome.CONFIDENTLY_RIGHT,
    }
    return [table[bool(u), bool(c)] for u, c in zip(unsure, scores.correct, strict=True)]


def sections(
    scores: Scores, ids: Sequence[str], unsure_margin: float = UNSURE_MARGIN
) -> list[Section]:
    """Partition the examples: confident mistakes, unsure (wrong before right), confidently right.

    Within an outcome the most confident come first, then by id.
    """
    place = {outcome: i for i, outcome in enumerate(Outcome)}
    rank = np.array([place[outcome] for outcome in outcomes(scores, unsure_margin)])
    by_id = np.empty(len(ids), dtype=np.int64)
    by_id[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    order = np.lexsort((by_id, -scores.confidence, rank))
    ranks = rank[order]
    parts = (
        ("mistakes", "Confident mistakes", ranks == 0),
        ("unsure", "Unsure", (ranks == 1) | (ranks == 2)),
        ("right", "Confidently right", ranks == 3),
    )
    return [Section(key, title, order[part], int(part.sum())) for key, title, part in parts]


def sample(sections: Sequence[Section], count: int, seed: int) -> list[Section]:
    """Keep ``count`` examples, drawn evenly from the whole run, in their sections and order."""
    total = sum(map(len, sections))
    if count >= total:
        return list(sections)
    drawn = np.zeros(total, dtype=bool)
    drawn[np.random.default_rng(seed).choice(total, count, replace=False)] = True
    return [replace(s, indices=s.indices[drawn[s.indices]]) for s in sections]


def share_out(total: int, sizes: Sequence[int]) -> list[int]:
    """Share ``total`` examples over sections: half to the first, the rest to the others evenly.

    What a section is too small to take goes to the others, earlier ones first.
    """
    weights = [0.5] + [0.5 / (len(sizes) - 1)] * (len(sizes) - 1) if len(sizes) > 1 else [1.0]
    taken = [min(int(total * w), size) for w, size in zip(weights, sizes, strict=True)]
    for i, size in enumerate(sizes):
        taken[i] += min(size - taken[i], total - sum(taken))
    return taken
