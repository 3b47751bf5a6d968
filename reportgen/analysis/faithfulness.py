"""Test whether attention marks the words that matter, from predictions without some words.

Comprehensiveness is how much confidence falls without the chosen words, sufficiency how much with
them alone, each the mean over 1, 5, 10, 20 and 50 % of the tokens (DeYoung et al. 2020, AOPC).
Whether other weights give the same prediction: Jain and Wallace 2019, Wiegreffe and Pinter 2019.
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

SHORT = 10  # tokens read; an example with fewer cannot be tested
PERCENTILE = 95  # of the random removals, which a supported attention exceeds
AT = FRACTIONS.index(0.1)
KINDS = ("attention", "gradients", "random")


class Support(Enum):
    """The result of the removal test of one example's attention."""

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
    """The results of the removal test of the model's attention over a sample.

    ``difference`` is the mean of comprehensiveness above that of random removals, example by
    example, with its bootstrap interval. ``uniform`` and ``permuted`` are the shares of
    predictions that change with such weights, with Wilson intervals.
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
        """Whether the interval of the difference lies above 0, below it, or around it."""
        low, high = self.difference_interval
        return "supported" if low > 0 else "contradicted" if high < 0 else "not supported"


def support(prediction: Prediction) -> Support | None:
    """Return the result of an example's removal test, None where it was not explained."""
    explained = prediction.explanation
    if explained is None:
        return None
    if np.count_nonzero(~np.isnan(prediction.attention)) < SHORT:
        return Support.UNTESTABLE
    own = _drops(prediction, explained.attention_removed).mean()
    chance = np.percentile(_drops(prediction, explained.random_removed).mean(axis=1), PERCENTILE)
    return Support.SUPPORTED if own > chance else Support.UNSUPPORTED


def faithfulness(predictions: Sequence[Prediction], seed: int) -> Faithfulness | None:
    """Judge the explained ones of these predictions; None where there are none."""
    pairs = [(p, p.explanation) for p in predictions if p.explanation is not None]
    if not pairs:
        return None
    # By kind: the drops without the chosen words and with them alone, both [N, F].
    removed, kept = (
        {
            kind: np.stack([_mean_drops(p, getattr(e, f"{kind}_{way}")) for p, e in pairs])
            for kind in KINDS
        }
        for way in ("removed", "kept")
    )
    ways = tuple(
        Way(
            kind,
            float(removed[kind].mean()),
            float(kept[kind].mean()),
            tuple(removed[kind].mean(axis=0).tolist()),
        )
        for kind in KINDS
    )
    differences = removed["attention"].mean(axis=1) - removed["random"].mean(axis=1)
    n = len(pairs)
    uniform, permuted = (
        sum(int(getattr(e, way).argmax() != p.probabilities.argmax()) for p, e in pairs)
        for way in ("uniform", "permuted")
    )
    verdicts = [support(p) for p, _ in pairs]
    return Faithfulness(
        examples=n,
        ways=ways,
        difference=float(differences.mean()),
        difference_interval=mean_interval(differences, seed),
        tau_left_out=_mean(
            [_tau(p.attention, p.probabilities.max() - e.left_out) for p, e in pairs]
        ),
        tau_gradients=_mean([_tau(p.attention, e.gradients) for p, e in pairs]),
        uniform=uniform / n,
        uniform_interval=wilson_interval(uniform, n),
        permuted=permuted / n,
        permuted_interval=wilson_interval(permuted, n),
        supported=verdicts.count(Support.SUPPORTED),
        unsupported=verdicts.count(Support.UNSUPPORTED),
        untestable=verdicts.count(Support.UNTESTABLE),
    )


def _drops(prediction: Prediction, answers: NDArray[np.float32]) -> NDArray[np.float64]:
    return float(prediction.probabilities.max()) - np.asarray(answers, dtype=np.float64)


def _mean_drops(prediction: Prediction, answers: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return drops by fraction [F], of repeated removals [R, F] their mean."""
    drops: NDArray[np.float64] = _drops(prediction, np.atleast_2d(answers)).mean(axis=0)
    return drops


def _mean(values: Sequence[float]) -> float:
    """Return the mean of those that are not NaN, NaN where all are."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _tau(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    from scipy.stats import kendalltau  # here: workers import this module but never call this

    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2:
        return float("nan")
    return float(kendalltau(one[both], other[both]).statistic)
