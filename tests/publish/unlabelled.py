"""Tables of sixty examples in English of which all, most, or all but one lack a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reportgen.records import Prediction
from tests.publish.small import CLASSES, WORDS, explanation, row

COUNT = 60


def example(i: int) -> Prediction:
    """A third is wrong, a quarter is explained; some are unsure."""
    rng = np.random.default_rng(i)
    p = rng.dirichlet([1.0, 0.8, 1.2])
    words = [
        str(word) for word in rng.choice([*WORDS[:3], "the", "is", "not", "but", "a"], 9 + i % 9)
    ]
    label = CLASSES[int(p.argmax() if i % 3 else (p.argmax() + 1) % 3)]
    tested = explanation(len(words), float(rng.random() / 2), rng.normal(0, 1, len(words)).tolist())
    return row(
        f"e{i:02}", label, p.tolist(), words, explanation=None if i % 4 else tested,
        extra={"topic": f"t{i % 2}"},
    )  # fmt: skip


def labelled(rows: Sequence[int]) -> list[Prediction]:
    """The table with labels in these rows alone."""
    made = [example(i) for i in range(COUNT)]
    return [one if i in rows else replace(one, label=None) for i, one in enumerate(made)]


NONE = labelled(())
MIXED = labelled(range(0, COUNT, 4))
ONE = labelled((5,))
