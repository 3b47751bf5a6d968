"""Print how often each nominal 95 % interval holds the true value, for several kinds of models.

``python benchmarks/intervals.py [SIMULATIONS]``, 300 where no number is given: two minutes on one
core. The intervals are those of a report, the true values those of 200,000 examples.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.scores import Measure, measure_all

KINDS = {
    "calibrated": 200,
    "overconfident": 200,
    "98 % right": 100,
    "rare class": 300,
    "five": 250,
    "twenty": 200,
}
POPULATION = 200_000
Drawn = tuple[NDArray[np.int64], NDArray[np.float64]]


def draw(kind: str, n: int, rng: np.random.Generator) -> Drawn:
    """Draw labels [N] and probabilities [N, K] of a model."""
    if kind in ("five", "twenty"):
        k = {"five": 5, "twenty": 20}[kind]
        prior = 1 / np.arange(1, k + 1) ** 0.7
        gold = rng.choice(k, n, p=prior / prior.sum())
        logits = rng.normal(size=(n, k)) + np.log(prior) + 2.5 * np.eye(k)[gold]
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
    """Measure as a report does; of the classes only the first and the last keep their measures."""
    scores = Scores.of(*drawn)
    found = calibration(scores)
    k = drawn[1].shape[1]
    names = ("first", *map(str, range(1, k - 1)), "last")
    pair = (found, reference(found, seed))
    measures = measure_all(scores, drawn[1], quality(scores, names), pair, seed)
    return {m.name: m for m in measures.values() if not m.name.rpartition(".")[2].isdigit()}


def coverage(kind: str, n: int, simulations: int) -> Iterator[tuple[str, str]]:
    """Yield each measure and the share of its intervals that hold the true value.

    Samples in which the measure has no interval are left out.
    """
    rng = np.random.default_rng(1)
    truth = measured(draw(kind, POPULATION, rng), 0)
    hits: dict[str, list[bool]] = {name: [] for name in truth}
    for seed in range(simulations):
        for name, m in measured(draw(kind, n, rng), seed).items():
            if not np.isnan(m.low):
                hits[name].append(m.low <= truth[name].value <= m.high)
    for name, held in hits.items():
        yield name, f"{np.mean(held):.2f}"


def main() -> None:
    """Print the table: a row a measure, a column a kind."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rows: dict[str, list[str]] = {}
    for kind, n in KINDS.items():
        for name, share in coverage(kind, n, simulations):
            rows.setdefault(name, []).append(share)
    heads = [f"{kind}, n = {n}" for kind, n in KINDS.items()]
    print(f"| measure | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    for name, values in rows.items():
        print(f"| {name} | {' | '.join(values)} |")


if __name__ == "__main__":
    main()
