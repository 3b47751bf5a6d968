"""Probabilities as a card and the gallery's script have them, and whose stand on a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.publish.words import cards as words
from reportgen.records import Prediction

__all__ = ["millionths", "others", "runner_up"]


def millionths(share: float) -> int:
    """Return a share in millionths, which are 0 or 1,000,000 only where the share is 0 or 1."""
    return round(1e6 * share) if share in (0, 1) else min(max(round(1e6 * share), 1), 999_999)


def runner_up(probabilities: NDArray[np.floating[Any]], predicted: int) -> int | None:
    """Return the class with the largest probability but one; None where there are two classes.

    Of two classes the other one has what the predicted class leaves.
    """
    if len(probabilities) < 3:
        return None
    rest = np.array(probabilities, np.float64)
    rest[predicted] = -1
    return int(rest.argmax())


def others(
    prediction: Prediction, predicted: int, classes: Sequence[str]
) -> tuple[str, tuple[str, str] | None]:
    """Return the probability of the label, and the runner-up with its own, as a card says them.

    The label of a right prediction has none, for that is the confidence; a runner-up that is the
    label is said with it.
    """

    def share(place: int, is_second: bool = False) -> str:
        probability = float(prediction.probabilities[place])
        return words.share(millionths(probability) / 1e6, is_second)

    second = runner_up(prediction.probabilities, predicted)
    label = None if prediction.label is None else classes.index(prediction.label)
    told = "" if label is None or label == predicted else share(label, label == second)
    if second is None or second == label:
        return told, None
    return told, (classes[second], share(second))
