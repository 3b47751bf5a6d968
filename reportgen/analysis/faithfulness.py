"""Judge, from predictions without some words, whether attention marks the words that matter.

The verdict has three parts. Does attention point at words that matter: the drop of confidence
without the most-attended words, against random words and random content words (comprehensiveness,
DeYoung et al. 2020). How much of it: that drop as a share of the drop without the words of the
largest integrated gradients. Does the answer depend on it: what even and shuffled attention change
(Jain and Wallace 2019, Wiegreffe and Pinter 2019). The first two without the third say where the
model looked, not why it decided so. Drops are means over the sizes in ``removal.TESTED``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """What other attention weights change in so many texts: answers, and probability.

    The intervals are Wilson's and a bootstrap's.
    ``changed`` is the share of predictions that become another class, ``change`` the mean
    absolute change of the probability of the class that was predicted.
    """

    changed: Estimate
    change: Estimate
    texts: int

    @property
    def negligible(self) -> bool:
        """Whether next to nothing changes, up to the ends of both intervals.

        That is few answers, and probability by less than the least effect. Where no answer of n
        changes, n must be 73 or more.
        """
        return self.changed.high <= SELDOM and self.change.high < LEAST_EFFECT

    @property
    def notable(self) -> bool:
        """Whether more than that changes, by an interval that lies above it."""
        return self.changed.low > SELDOM or self.change.low >= LEAST_EFFECT


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

    ``examples`` were tested by removing words and have at least ``LEAST_TOKENS`` tokens read;
    ``untestable`` counts those with fewer. ``explained`` are all of so many tokens of which
    anything was measured. Each number is over those of them that have what it needs.
    ``against_random`` and ``against_content`` are mean
    differences of drops, example by example; ``share_of_gradients`` is a ratio of mean drops.
    ``undecided`` counts the examples with too few random removals. None: the table lacks the
    columns, or (``share_of_gradients``) the gradients' words matter too little for a ratio.
    """

    examples: int
    untestable: int
    explained: int
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
        """Whether the predictions depend on the attention weights; None where it is unknown.

        They do where either kind of other weights changes more than next to nothing, and do not
        where both are shown to change no more; else the texts are too few to tell.
        """
        if self.explained < LEAST_EXAMPLES or self.uniform is None or self.permuted is None:
            return None
        both = self.uniform, self.permuted
        if any(change.notable for change in both):
            return True
        return False if all(change.negligible for change in both) else None


def support(prediction: Prediction) -> Support | None:
    """Return the result of an example's removal test, None where no words were removed.

    Supported is attention whose words, removed, lower the confidence by ``LEAST_EFFECT`` or more,
    and more than random words do at the 5 % level of the exact test in ``removal``.
    """
    test = _test(prediction)
    if test is None:
        return None
    if not _long_enough(prediction) or not test.decided:
        return Support.UNTESTABLE
    return Support.SUPPORTED if test.supported else Support.UNSUPPORTED


def _test(prediction: Prediction) -> RemovalTest | None:
    explained = prediction.explanation or Explanation()
    own, random = explained.attention_removed, explained.random_removed
    if own is None or random is None:
        return None
    return removal_test(float(prediction.probabilities.max()), own, random)


def _long_enough(prediction: Prediction) -> bool:
    return int(np.count_nonzero(~np.isnan(prediction.attention))) >= LEAST_TOKENS


def faithfulness(predictions: Sequence[Prediction], seed: int) -> Faithfulness | None:
    """Judge the explained ones of these predictions; None where there are none."""
    explained = [p for p in predictions if p.explanation is not None]
    if not explained:
        return None
    long = [p for p in explained if _long_enough(p)]
    tested = _having(_having(explained, "attention_removed"), "random_removed")
    rows = [p for p in tested if _long_enough(p)]
    verdicts = [support(p) for p in rows]
    with_content, with_gradients = (
        _having(rows, f"{name}_removed") for name in ("content", "gradients")
    )
    own = _mean_drops(with_gradients, "attention"), _mean_drops(with_gradients, "gradients")
    return Faithfulness(
        examples=len(rows),
        untestable=len(tested) - len(rows),
        explained=len(long),
        ways=tuple(_ways(rows)),
        against_random=_against(rows, "random", seed),
        against_content=_against(with_content, "content", seed) if with_content else None,
        share_of_gradients=_share(*own, seed),
        uniform=_change(_having(long, "uniform"), "uniform", seed),
        permuted=_change(_having(long, "permuted"), "permuted", seed),
        tau_left_out=_mean_tau(_having(long, "left_out"), "left_out", -1),
        tau_gradients=_mean_tau(_having(long, "gradients"), "gradients", 1),
        supported=verdicts.count(Support.SUPPORTED),
        unsupported=verdicts.count(Support.UNSUPPORTED),
        undecided=verdicts.count(Support.UNTESTABLE),
    )


def _having(predictions: Sequence[Prediction], name: str) -> list[Prediction]:
    """Return those in whose explanation a value was measured."""
    return [p for p in predictions if getattr(p.explanation, name) is not None]


def _ways(rows: Sequence[Prediction]) -> Iterator[Way]:
    for name, (removed, kept) in WAYS.items():
        if part := _having(rows, removed):
            alone = _having(part, kept) if kept else []
            yield Way(
                name,
                _mean(_mean_drops(part, name)),
                float(_drops(alone, kept).mean()) if kept and alone else NAN,
                tuple(_drops(part, removed).mean(axis=0).tolist()),
            )


def _against(rows: Sequence[Prediction], other: str, seed: int) -> Estimate:
    """Compare the drops of the most-attended words with others, example by example."""
    return _mean_of(_mean_drops(rows, "attention") - _mean_drops(rows, other), seed)


def _mean_drops(rows: Sequence[Prediction], way: str) -> NDArray[np.float64]:
    """Return each example's mean drop over the tested sizes [N]."""
    return np.asarray(_drops(rows, WAYS[way][0])[:, SIZES].mean(axis=1))


def _drops(predictions: Sequence[Prediction], name: str) -> NDArray[np.float64]:
    """Return the drops of confidence [N, F]; of random removals the mean of the first draws.

    Of the first only, because when drawing stopped depended on the values drawn.
    """
    means = [
        float(p.probabilities.max())
        - np.atleast_2d(getattr(p.explanation, name))[:FIRST_DRAWS].astype(np.float64).mean(0)
        for p in predictions
    ]
    return np.array(means).reshape(len(means), len(FRACTIONS))


def _mean_of(values: NDArray[np.float64], seed: int) -> Estimate:
    return Estimate(_mean(values), *bootstrap_mean(values, seed))


def _share(
    attention: NDArray[np.float64], gradients: NDArray[np.float64], seed: int
) -> Estimate | None:
    """Return the ratio of mean drops with its bootstrap interval."""
    if not len(gradients) or gradients.mean() < LEAST_EFFECT:
        return None

    def ratio(weights: NDArray[np.float64]) -> dict[str, float]:
        whole = float(weights @ gradients)
        return {"share": float(weights @ attention) / whole if whole > 0 else NAN}

    value = float(attention.mean() / gradients.mean())
    return Estimate(value, *bootstrap_intervals(len(gradients), ratio, seed)["share"])


def _change(predictions: Sequence[Prediction], name: str, seed: int) -> Change | None:
    """Compare predictions with those under other attention weights."""
    if not predictions:
        return None
    values = [getattr(p.explanation, name) for p in predictions]
    before = [int(p.probabilities.argmax()) for p in predictions]
    changed = sum(int(v.argmax()) != k for v, k in zip(values, before, strict=True))
    differences = [
        abs(float(v[k]) - float(p.probabilities[k]))
        for p, v, k in zip(predictions, values, before, strict=True)
    ]
    n = len(values)
    share = Estimate(changed / n, *wilson_interval(changed, n))
    return Change(share, _mean_of(np.array(differences), seed), n)


def _mean_tau(predictions: Sequence[Prediction], name: str, sign: int) -> float:
    """Return the mean rank correlation of attention and a column, NaN where there is none."""
    taus = [_tau(p.attention, sign * getattr(p.explanation, name)) for p in predictions]
    return _mean(np.array([tau for tau in taus if not np.isnan(tau)]))


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else NAN


def _tau(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    from scipy.stats import kendalltau  # here: workers import this module but never call this

    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2:
        return NAN
    return float(kendalltau(one[both], other[both]).statistic)
