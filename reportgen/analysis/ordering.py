"""Put the examples of a run into the order of the gallery: sections that partition it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.metrics import Scores

__all__ = [
    "FEW", "Outcome", "Section", "outcomes", "sample", "sections", "share_out", "tally",
]  # fmt: skip


class Outcome(Enum):
    """Whether the prediction is right, if that is known, and whether it was made with confidence.

    The order is that of the gallery; the values are the names in every file of a report.
    """

    CONFIDENTLY_WRONG = "confidently-wrong"
    UNSURE_WRONG = "unsure-wrong"
    UNSURE_RIGHT = "unsure-right"
    CONFIDENTLY_RIGHT = "confidently-right"
    CONFIDENT_UNLABELLED = "confident-unlabelled"
    UNSURE_UNLABELLED = "unsure-unlabelled"

    @property
    def correct(self) -> bool | None:
        """Whether the predicted class is the label; None where there is no label."""
        if self in (Outcome.CONFIDENT_UNLABELLED, Outcome.UNSURE_UNLABELLED):
            return None
        return self in (Outcome.UNSURE_RIGHT, Outcome.CONFIDENTLY_RIGHT)

    @property
    def unsure(self) -> bool:
        """Whether the margin is below the one that was asked for."""
        return self.value.startswith("unsure-")


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


RIGHT = "right"  # the key of the section whose examples need a look least
FEW = 10  # of so many places one may be for an example of that section

SECTIONS = (  # of labelled examples or of others: key, title, outcomes
    (True, "mistakes", "Confident mistakes", (Outcome.CONFIDENTLY_WRONG,)),
    (True, "unsure", "Unsure", (Outcome.UNSURE_WRONG, Outcome.UNSURE_RIGHT)),
    (True, RIGHT, "Confidently right", (Outcome.CONFIDENTLY_RIGHT,)),
    (False, "unlabelled", "Unlabelled, confident", (Outcome.CONFIDENT_UNLABELLED,)),
    (False, "unlabelled-unsure", "Unlabelled, unsure", (Outcome.UNSURE_UNLABELLED,)),
)


def outcomes(scores: Scores, unsure_margin: float) -> list[Outcome]:
    """Return the outcome of every example; a margin below ``unsure_margin`` is unsure."""
    by_properties = {(outcome.unsure, outcome.correct): outcome for outcome in Outcome}
    unsure = scores.margin < unsure_margin
    columns = (unsure.tolist(), scores.correct.tolist(), scores.labelled.tolist())
    return [
        by_properties[unsure, correct if labelled else None]
        for unsure, correct, labelled in zip(*columns, strict=True)
    ]


def tally(outcomes: Iterable[Outcome]) -> Counter[str]:
    """Count examples by outcome ("unsure-wrong") and by each of its two properties ("wrong")."""
    counts = Counter[str]()
    for outcome, number in Counter(outcomes).items():
        for name in (outcome.value, *outcome.value.split("-")):
            counts[name] += number
    return counts


def sections(scores: Scores, outcomes: Sequence[Outcome], ids: Sequence[str]) -> list[Section]:
    """Partition the examples: confident mistakes, unsure (wrong before right), confidently right.

    Those without a label follow, the confident before the unsure; a table that has none of the one
    or of the other kind lacks these sections. Within an outcome the most confident come first, then
    by id.
    """
    position = {outcome: i for i, outcome in enumerate(Outcome)}
    rank = np.array([position[outcome] for outcome in outcomes])
    by_id = np.empty(len(ids), dtype=np.int64)
    by_id[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    order = np.lexsort((by_id, -scores.confidence, rank))
    ranks = rank[order]
    found = []
    for labelled, key, title, kinds in SECTIONS:
        if (scores.labelled == labelled).any():
            part = np.isin(ranks, [position[outcome] for outcome in kinds])
            found.append(Section(key, title, order[part], int(part.sum())))
    return found


def sample(sections: Sequence[Section], count: int, seed: int) -> list[Section]:
    """Keep ``count`` examples, drawn evenly from all sections, in these and in their order."""
    total = sum(map(len, sections))
    if count >= total:
        return list(sections)
    places = np.sort(np.concatenate([s.indices for s in sections]))
    drawn = np.zeros(int(places[-1]) + 1, dtype=bool)
    drawn[places[np.random.default_rng(seed).choice(total, count, replace=False)]] = True
    return [replace(s, indices=s.indices[drawn[s.indices]]) for s in sections]


def share_out(total: int, sections: Sequence[Section]) -> list[int]:
    """Share at most ``total`` places over sections, and few to the confidently right examples.

    These get at most a tenth of the places, or one. Of the others half go to the first section,
    the rest evenly to the others; what one of them is too small to take goes to the rest of them.
    """
    sizes = [0 if section.key == RIGHT else len(section) for section in sections]
    right = sum(len(section) for section in sections if section.key == RIGHT)
    few = min(right, max(total // FEW, 1), total)
    shares = _halved(total - few or total, sizes)
    few = min(few, total - sum(shares))
    return [
        few if section.key == RIGHT else share
        for section, share in zip(sections, shares, strict=True)
    ]


def _halved(total: int, sizes: Sequence[int]) -> list[int]:
    others = sum(size > 0 for size in sizes[1:])
    weights = [0.5, *(0.5 / others if size else 0.0 for size in sizes[1:])] if others else [1.0]
    weights += [0.0] * (len(sizes) - len(weights))
    shares = [min(int(total * w), size) for w, size in zip(weights, sizes, strict=True)]
    for i, size in enumerate(sizes):
        shares[i] += min(size - shares[i], total - sum(shares))
    return shares
