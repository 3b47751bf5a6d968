"""Print how often each nominal 95 % interval holds the true value, for five kinds of models.

``python benchmarks/intervals.py [SIMULATIONS]``, 300 where no number is given.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.scores import Measure, measure_all

KINDS = {"calibrated": 200, "overconfident": 200, "98 % right": 100, "rare class": 300, "five": 250}
POPULATION = 200_000
Drawn = tuple[NDArray[np.int64], NDArray[np.float64]]


def draw(kind: str, n: int, rng: np.random.Generator) -> Drawn:
    """Draw labels [N] and probabilities [N, K] of a model."""
    if kind == "five":
        prior = 1 / np.arange(1, 6) ** 0.7
        gold = rng.choice(5, n, p=prior / prior.sum())
        logits = rng.normal(size=(n, 5)) + np.log(prior) + 2.5 * np.eye(5)[gold]
        p = np.exp(logits)
        return gold, p / p.sum(axis=1, keepdims=True)
    if kind == "98 % right":
        gold = rng.integers(0, 2, n)
        logit = rng.normal(4.1, 2, n) * (2 * gold - 1)
    elif kind == "rare class":
        gold = (rng.random(n) < 0.1).astype(np.int64)
        logit = rng.normal(-2.2 + 2 * gold, 1, n)
    else:
        logit = rng.normal(0, 1.7, n)
        gold = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
        logit *= 2.5 if kind == "overconfident" else 1
    second = 1 / (1 + np.exp(-logit))
    return gold, np.column_stack([1 - second, second])


def measured(drawn: Drawn, seed: int) -> dict[str, Measure]:
    scores = Scores.of(*drawn)
    found = calibration(scores)
    names = tuple("abcde"[: drawn[1].shape[1]])
    pair = (found, reference(found, seed))
    return measure_all(scores, drawn[1], quality(scores, names), pair, seed)


def main() -> None:
    """Print the table: a row a measure, a column a kind."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rows: dict[str, list[str]] = {}
    for kind, n in KINDS.items():
        rng = np.random.default_rng(1)
        truth = measured(draw(kind, POPULATION, rng), 0)
        names = [name for name in truth if name.split(".")[-1] not in "bcde"]
        hits, total = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
        for seed in range(simulations):
            found = measured(draw(kind, n, rng), seed)
            for name in names:
                m = found[name]
                total[name] += not np.isnan(m.low)
                hits[name] += m.low <= truth[name].value <= m.high
        for name in names:
            rows.setdefault(name, []).append(f"{hits[name] / total[name]:.2f}")
    heads = [f"{kind}, n = {n}" for kind, n in KINDS.items()]
    print(f"| measure | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    for name, values in rows.items():
        print(f"| {name} | {' | '.join(values)} |")


if __name__ == "__main__":
    main()
