"""Say what became of each shared example, and put those worth reading into sections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.ordering import Section

__all__ = [
    "ALL_RIGHT",
    "ALL_WRONG",
    "BOTH_RIGHT",
    "BOTH_WRONG",
    "BROKEN",
    "CHANGED",
    "DIFFER",
    "FIXED",
    "LETTERS",
    "SAME",
    "SOME_RIGHT",
    "change_sections",
    "changes",
    "only_right",
]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Changes of a labelled example of two runs: the keys of sections, and the words in every file.
BROKEN, FIXED, CHANGED = "broken", "fixed", "changed"
BOTH_WRONG, BOTH_RIGHT = "both wrong", "both right"
ALL_RIGHT, ALL_WRONG, SOME_RIGHT = "all right", "all wrong", "some right"  # of more runs
DIFFER, SAME = "differ", "same"  # of an unlabelled example
TITLES = {
    BROKEN: "Broken", FIXED: "Fixed", CHANGED: "Changed", ALL_WRONG: "All wrong",
    DIFFER: "Other answers, without a label",
}  # fmt: skip


def changes(gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> list[str]:
    """Say of each example what became of it."""
    same = (predicted == predicted[0]).all(axis=0)
    right = predicted == gold
    count = right.sum(axis=0)
    runs = len(predicted)
    if runs == 2:
        kinds = [
            (right.all(axis=0), BOTH_RIGHT),
            (right[0], BROKEN),
            (right[1], FIXED),
            (same, BOTH_WRONG),
        ]
        rest = CHANGED
    else:
        only = [(right[i] & (count == 1), only_right(LETTERS[i])) for i in range(runs)]
        kinds = [(count == runs, ALL_RIGHT), (count == 0, ALL_WRONG), *only]
        rest = SOME_RIGHT
    bare = gold < 0
    kinds = [(bare & same, SAME), (bare, DIFFER), *kinds]
    tests, words = zip(*kinds, strict=True)
    found: list[str] = np.select(tests, words, rest).tolist()
    return found


def only_right(letter: str) -> str:
    """Return the change of an example that one run of three or more alone gets right."""
    return f"only {letter} right"


def change_sections(
    change: Sequence[str],
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    confidence: NDArray[np.float64],
) -> list[Section]:
    """Put the examples to be shown into sections, the most confident wrong answer first.

    Of unlabelled ones it is the most confident answer. Positions follow ids, so ties do too.
    """
    runs = len(predicted)
    keys = [BROKEN, FIXED, CHANGED]
    if runs > 2:
        keys = [ALL_WRONG, *(only_right(letter) for letter in LETTERS[:runs])]
    wrong = np.where(predicted == gold, -1.0, confidence).max(axis=0, initial=-1.0)
    order = np.argsort(-wrong, kind="stable")
    kinds = np.array(change, dtype=object)[order]
    has_label = (gold >= 0).any()
    found = []
    for key in [*(keys if has_label else []), *([DIFFER] if (gold < 0).any() else [])]:
        inside = order[kinds == key]
        found.append(
            Section(
                key.replace(" ", "-"),
                TITLES.get(key, key[:1].upper() + key[1:]),
                inside,
                len(inside),
            )
        )
    return found
