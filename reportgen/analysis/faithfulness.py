"""Answers to texts with words taken away in, whether attention names the words that matter out.

Comprehensiveness is how much confidence falls without the chosen words, sufficiency how much with
them alone, each the mean over 1, 5, 10, 20 and 50 % of the tokens (DeYoung et al. 2020, AOPC).
Whether other weights give the same answer: Jain and Wallace 2019, Wiegreffe and Pinter 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.bootstrap import Interval, mean_interval
from reportgen.analysis.metrics import wilson_interval
from reportgen.records import FRACTIONS, Prediction

__all__ = ["AT", "Faithfulness", "Support", "Way", "faithfulness", "support"]

SHORT = 10  # tokens; a shorter text cannot be tested
PERCENTILE = 95
AT = FRACTIONS.index(0.1)


class Support(Enum):
    """What the removal test says of one example's attention."""

    SUPPORTED = "supported"
    UNSUPPORTED = "not supported"
    UNTESTABLE = "not testable"


@dataclass(frozen=True, slots=True)
class Way:
    """A way of choosing words: mean drops of confidence without them, and with them alone.

    ``drops`` are by fraction of the tokens.
    """

    name: str
    comprehensiveness: float
    sufficiency: float
    drops: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """What removal says of the model's attention over a sample.

    ``difference`` is the mean of comprehensiveness above that of random removals, example by
    example, with its bootstrap interval. ``uniform`` and ``permuted`` are the shares of answers
    that change with such weights, with Wilson intervals.
    """

    examples: int
    ways: tuple[Way, ...]
    difference: float
    difference_interval: Interval
    tau_left_out: float
    tau_gradients: float
    uniform: float
    uniform_interval: Interval
    permuted: float
    permuted_interval: Interval
    supported: int
    unsupported: int
    untestable: int

    @property
    def verdict(self) -> str:
        """The finding in a word."""
        low, high = self.difference_interval
        return "supported" if low > 0 else "contradicted" if high < 0 else "not supported"


def support(prediction: Prediction) -> Support | None:
    """Return what the test says of an example, None where it was not explained."""
    explained = prediction.explanation
    if explained is None:
        return None
    if np.count_nonzero(~np.isnan(prediction.attention)) < SHORT:
        return Support.UNTESTABLE
    own = _drops(prediction, explained.attention_removed).mean()
    chance = np.percentile(_drops(prediction, explained.random_removed).mean(axis=1), PERCENTILE)
    return Support.SUPPORTED if own > chance else Support.UNSUPPORTED


def _drops(prediction: Prediction, answers: NDArray[np.float32]) -> NDArray[np.float64]:
    before = float(prediction.probabilities.max())
    return before - np.asarray(answers, dtype=np.float64)


def faithfulness(predictions: Sequence[Prediction], seed: int) -> Faithfulness | None:
    """Judge the explained ones of these predictions; None where there are none."""
    rows = [p for p in predictions if p.explanation is not None]
    if not rows:
        return None
    kinds = ("attention", "gradients", "random")
    without = {kind: [] for kind in kinds}  # type: dict[str, list[NDArray[np.float64]]]
    only = {kind: [] for kind in kinds}  # type: dict[str, list[NDArray[np.float64]]]
    taus_left, taus_gradients, changed = [], [], []
    for row in rows:
        e = row.explanation
        assert e is not None
        for kind in kinds:
            removed, kept = getattr(e, f"{kind}_removed"), getattr(e, f"{kind}_kept")
            without[kind].append(_drops(row, np.atleast_2d(removed)).mean(axis=0))
            only[kind].append(_drops(row, np.atleast_2d(kept)).mean(axis=0))
        falls = float(row.probabilities.max()) - e.left_out
        taus_left.append(_tau(row.attention, falls))
        taus_gradients.append(_tau(row.attention, e.gradients))
        said = row.probabilities.argmax()
        changed.append((e.uniform.argmax() != said, e.permuted.argmax() != said))
    ways = tuple(
        Way(
            kind,
            float(np.mean(without[kind])),
            float(np.mean(only[kind])),
            tuple(float(x) for x in np.mean(without[kind], axis=0)),
        )
        for kind in kinds
    )
    differences = np.mean(without["attention"], axis=1) - np.mean(without["random"], axis=1)
    counts = [support(row) for row in rows]
    uniform, permuted = (int(sum(column)) for column in zip(*changed, strict=True))
    n = len(rows)
    return Faithfulness(
        n,
        ways,
        float(differences.mean()),
        mean_interval(differences, seed),
        float(np.nanmean(taus_left)) if np.isfinite(taus_left).any() else float("nan"),
        float(np.nanmean(taus_gradients)) if np.isfinite(taus_gradients).any() else float("nan"),
        uniform / n,
        wilson_interval(uniform, n),
        permuted / n,
        wilson_interval(permuted, n),
        *(counts.count(kind) for kind in Support),
    )


def _tau(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    from scipy.stats import kendalltau  # here, for workers import this module and never ask

    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2 or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return float("nan")
    return float(kendalltau(one[both], other[both]).statistic)
