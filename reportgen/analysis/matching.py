"""Find the examples that two or more tables share: equal ids, equal texts, no other label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from reportgen.predictions import Predictions

__all__ = ["Matched", "class_order", "match"]


@dataclass(frozen=True, slots=True)
class Matched:
    """How the examples of K runs were matched.

    ``examples`` [K] counts those of each run, ``shared`` those compared, ``labelled`` those of
    them that have a label. ``other_text`` counts ids that are in every run with another text,
    ``other_label`` examples that are in every run with another label: both are left out.
    ``borrowed`` counts shared examples whose label not every run has.
    """

    examples: tuple[int, ...]
    shared: int
    labelled: int
    other_text: int
    other_label: int
    borrowed: int

    @property
    def whole(self) -> bool:
        """Whether every example of every run is compared."""
        return all(count == self.shared for count in self.examples)


def class_order(classes: Sequence[str], other: Sequence[str]) -> NDArray[np.int64]:
    """Return where each class [C] of the other table is among these, which are the same set."""
    place = {name: i for i, name in enumerate(classes)}
    return np.array([place[name] for name in other], dtype=np.int64)


def match(tables: Sequence[Predictions]) -> tuple[Matched, NDArray[np.int64], NDArray[np.int64]]:
    """Return how the tables match, the rows [K, n] of what they share, and its labels [n].

    The shared examples are in the order of their ids, so that the order of rows means nothing.
    Labels are classes of the first table, -1 where no table has one.
    """
    places = [{id_: row for row, id_ in enumerate(table.ids)} for table in tables]
    ids = sorted(set(places[0]).intersection(*places[1:]))
    rows = np.array([[place[id_] for id_ in ids] for place in places], dtype=np.int64)
    rows = rows.reshape(len(tables), len(ids))
    texts = [_digests(table) for table in tables]
    same = np.ones(len(ids), dtype=bool)
    for i in range(1, len(tables)):
        pairs = zip(rows[0].tolist(), rows[i].tolist(), strict=True)
        same &= np.array([texts[0][a] == texts[i][b] for a, b in pairs], dtype=bool)
    labels = np.stack([_labels(tables[0], t)[r] for t, r in zip(tables, rows, strict=True)])
    gold = labels.max(axis=0, initial=-1)
    agree = ((labels < 0) | (labels == gold)).all(axis=0)
    kept = same & agree
    matched = Matched(
        examples=tuple(map(len, tables)),
        shared=int(kept.sum()),
        labelled=int((gold[kept] >= 0).sum()),
        other_text=int((~same).sum()),
        other_label=int((same & ~agree).sum()),
        borrowed=int(((labels[:, kept] < 0).any(axis=0) & (gold[kept] >= 0)).sum()),
    )
    return matched, rows[:, kept], gold[kept]


def _labels(first: Predictions, table: Predictions) -> NDArray[np.int64]:
    """Return the labels of a table as classes of the first, -1 where there is none."""
    order = np.append(class_order(first.info.classes, table.info.classes), -1)
    return np.asarray(order[table.gold], dtype=np.int64)


def _digests(table: Predictions) -> list[bytes]:
    return [blake2b(text.encode(), digest_size=16).digest() for text in table.texts()]
