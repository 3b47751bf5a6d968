"""Judge, from predictions without some words, whether attention marks the words that matter.

The verdict has three parts. Does attention point at words that matter: the drop of confidence
without the most-attended words, against random words and random content words (comprehensiveness,
DeYoung et al. 2020). How much of it: that drop as a share of the drop without the words of the
largest integrated gradients. Does the answer depend on it: what even and shuffled attention change
(Jain and Wallace 2019, Wiegreffe and Pinter 2019). The first two without the third say where the
model looked, not why it decided so. Drops are means over the sizes in ``removal.TESTED``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.bootstrap import bootstrap_intervals, bootstrap_mean
from reportgen.analysis.metrics import wilson_interval
from reportgen.records import FRACTIONS, Explanation, Prediction
from reportgen.removal import (
    FIRST_DRAWS,
    LEAST_EFFECT,
    LEAST_TOKENS,
    TESTED,
    RemovalTest,
    removal_test,
)

__all__ = [
    "AT",
    "LEAST_EXAMPLES",
    "SELDOM",
    "Change",
    "Estimate",
    "Faithfulness",
    "Pointing",
    "Support",
    "Way",
    "faithfulness",
    "support",
]

AT = FRACTIONS.index(0.1)
SIZES = [FRACTIONS.index(share) for share in TESTED]
LEAST_EXAMPLES = 12  # tested; of fewer no verdict is given, only numbers
SELDOM = 0.05  # of the predictions, at most, change where they do not depend on the attention
WAYS = {
    "attention": ("attention_removed", "attention_kept"),
    "gradients": ("gradients_removed", "gradients_kept"),
    "random": ("random_removed", None),
    "content": ("content_removed", None),
}
NAN = float("nan")


class Support(Enum):
    """The result of the removal test of one example's attention."""

    SUPPORTED = "supported"
    UNSUPPORTED = "not supported"
    UNTESTABLE = "not testable"


class Pointing(Enum):
    """Whether attention points at words that matter, over the examples that were tested."""

    YES = "yes"
    NO_EFFECT = "no: their removal changes little"
    LIKE_CONTENT = "no more than content words"
    LIKE_RANDOM = "no more than random words"
    LESS = "less than random words"
    UNKNOWN = "too few to tell"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """What other attention weights change: answers (Wilson), and probability (bootstrap).

    ``changed`` is the share of predictions that become another class, ``change`` the mean
    absolute change of the probability of the class that was predicted.
    """

    changed: Estimate
    change: Estimate

    @property
    def negligible(self) -> bool:
        """Whether next to nothing changes: few answers, and probability by less than the least."""
        return self.changed.value <= SELDOM and self.change.high < LEAST_EFFECT


@dataclass(frozen=True, slots=True)
class Way:
    """A way of choosing words: mean drops of confidence without them, and with them alone.

    ``drops`` are by fraction of the tokens, ``drop`` is their mean over the tested sizes,
    ``sufficiency`` the mean drop with those words alone; NaN where they were not measured.
    """

    name: str
    drop: float
    sufficiency: float
    drops: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """The results of the tests of the model's attention over a sample.

    ``examples`` are those of at least ``LEAST_TOKENS`` tokens read; all numbers are over them,
    ``untestable`` counts the others. ``against_random`` and ``against_content`` are mean
    differences of drops, example by example; ``share_of_gradients`` is a ratio of mean drops.
    ``undecided`` counts the examples with too few random removals. None: the table lacks the
    columns, or (``share_of_gradients``) the gradients' words matter too little for a ratio.
    """

    examples: int
    untestable: int
    ways: tuple[Way, ...]
    against_random: Estimate
    against_content: Estimate | None
    share_of_gradients: Estimate | None
    uniform: Change | None
    permuted: Change | None
    tau_left_out: float
    tau_gradients: float
    supported: int
    unsupported: int
    undecided: int

    @property
    def points(self) -> Pointing:
        """Whether attention points at words that matter."""
        if self.examples < LEAST_EXAMPLES:
            return Pointing.UNKNOWN
        if self.against_random.high < 0:
            return Pointing.LESS
        if self.ways[0].drop < LEAST_EFFECT:
            return Pointing.NO_EFFECT
        if self.against_random.low <= 0:
            return Pointing.LIKE_RANDOM
        if self.against_content is not None and self.against_content.low <= 0:
            return Pointing.LIKE_CONTENT
        return Pointing.YES

    @property
    def depends(self) -> bool | None:
        """Whether the predictions depend on the attention weights; None where it is unknown."""
        if self.examples < LEAST_EXAMPLES or self.uniform is None or self.permuted is None:
            return None
        return not (self.uniform.negligible and self.permuted.negligible)


def support(prediction: Prediction) -> Support | None:
    """Return the result of an example's removal test, None where it was not explained.

    Supported is attention whose words, removed, lower the confidence by ``LEAST_EFFECT`` or more,
    and more than random words do at the 5 % level of the exact test in ``removal``.
    """
    explained = prediction.explanation
    if explained is None:
        return None
    test = _test(prediction, explained)
    if not _long_enough(prediction) or not test.decided:
        return Support.UNTESTABLE
    return Support.SUPPORTED if test.supported else Support.UNSUPPORTED


def _test(prediction: Prediction, explained: Explanation) -> RemovalTest:
    confidence = float(prediction.probabilities.max())
    return removal_test(confidence, explained.attention_removed, explained.random_removed)


def _long_enough(prediction: Prediction) -> bool:
    return int(np.count_nonzero(~np.isnan(prediction.attention))) >= LEAST_TOKENS


def faithfulness(predictions: Sequence[Prediction], seed: int) -> Faithfulness | None:
    """Judge the explained ones of these predictions; None where there are none."""
    explained = [p for p in predictions if p.explanation is not None]
    if not explained:
        return None
    rows = [p for p in explained if _long_enough(p)]
    drops = {name: _drops(rows, removed) for name, (removed, _) in WAYS.items()}
    mean = {name: d[:, SIZES].mean(axis=1) for name, d in drops.items() if d is not None}
    verdicts = [support(p) for p in rows]
    ways = [
        Way(name, _mean(mean[name]), _sufficiency(rows, kept), tuple(np.mean(d, axis=0).tolist()))
        for (name, (_, kept)), d in zip(WAYS.items(), drops.values(), strict=True)
        if d is not None and len(rows)
    ]
    return Faithfulness(
        examples=len(rows),
        untestable=len(explained) - len(rows),
        ways=tuple(ways),
        against_random=_mean_of(mean["attention"] - mean["random"], seed),
        against_content=_mean_of(mean["attention"] - mean["content"], seed)
        if "content" in mean
        else None,
        share_of_gradients=_share(mean["attention"], mean.get("gradients"), seed),
        uniform=_change(rows, "uniform", seed),
        permuted=_change(rows, "permuted", seed),
        tau_left_out=_mean_tau(rows, "left_out", -1),
        tau_gradients=_mean_tau(rows, "gradients", 1),
        supported=verdicts.count(Support.SUPPORTED),
        unsupported=verdicts.count(Support.UNSUPPORTED),
        undecided=verdicts.count(Support.UNTESTABLE),
    )


def _values(predictions: Sequence[Prediction], name: str) -> list[NDArray[np.float32]] | None:
    """Return a column of the explanations, None where the table has no such column."""
    values = [getattr(p.explanation, name) for p in predictions]
    return values if all(value is not None for value in values) else None


def _drops(predictions: Sequence[Prediction], name: str) -> NDArray[np.float64] | None:
    """Return the drops of confidence [N, F]; of random removals the mean of the first draws.

    Of the first only, because when drawing stopped depended on the values drawn.
    """
    values = _values(predictions, name)
    if values is None:
        return None
    means = [
        float(p.probabilities.max()) - np.atleast_2d(v)[:FIRST_DRAWS].astype(np.float64).mean(0)
        for p, v in zip(predictions, values, strict=True)
    ]
    return np.array(means).reshape(len(means), len(FRACTIONS))


def _sufficiency(predictions: Sequence[Prediction], name: str | None) -> float:
    drops = None if name is None else _drops(predictions, name)
    return NAN if drops is None else float(drops.mean())


def _mean_of(values: NDArray[np.float64], seed: int) -> Estimate:
    return Estimate(_mean(values), *bootstrap_mean(values, seed))


def _share(
    attention: NDArray[np.float64], gradients: NDArray[np.float64] | None, seed: int
) -> Estimate | None:
    """Return the ratio of mean drops with its bootstrap interval."""
    if gradients is None or not len(gradients) or gradients.mean() < LEAST_EFFECT:
        return None

    def ratio(weights: NDArray[np.float64]) -> dict[str, float]:
        whole = float(weights @ gradients)
        return {"share": float(weights @ attention) / whole if whole > 0 else NAN}

    value = float(attention.mean() / gradients.mean())
    return Estimate(value, *bootstrap_intervals(len(gradients), ratio, seed)["share"])


def _change(predictions: Sequence[Prediction], name: str, seed: int) -> Change | None:
    """Compare predictions with those under other attention weights."""
    values = _values(predictions, name)
    if not values:
        return None
    before = [int(p.probabilities.argmax()) for p in predictions]
    changed = sum(int(v.argmax()) != k for v, k in zip(values, before, strict=True))
    differences = [
        abs(float(v[k]) - float(p.probabilities[k]))
        for p, v, k in zip(predictions, values, before, strict=True)
    ]
    n = len(values)
    share = Estimate(changed / n, *wilson_interval(changed, n))
    return Change(share, _mean_of(np.array(differences), seed))


def _mean_tau(predictions: Sequence[Prediction], name: str, sign: int) -> float:
    """Return the mean rank correlation of attention and a column, NaN where there is none."""
    values = _values(predictions, name) or []
    taus = [_tau(p.attention, sign * v) for p, v in zip(predictions, values, strict=False)]
    return _mean(np.array([tau for tau in taus if not np.isnan(tau)]))


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else NAN


def _tau(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    from scipy.stats import kendalltau  # here: workers import this module but never call this

    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2:
        return NAN
    return float(kendalltau(one[both], other[both]).statistic)
