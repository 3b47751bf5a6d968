"""Print how often each nominal 95 % interval holds the true value, for several kinds of models.

``python benchmarks/intervals.py [SIMULATIONS]``, 300 where no number is given: two minutes on one
core. The intervals are those of a report, the true values those of 200,000 examples. With
``--differences`` they are those of a comparison of two models, which takes some eight minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.differences import Difference, differences
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.paired import Weighted
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
SIMILAR = {"nearly equal": 200}  # two overconfident models
# How the second of two models differs: its logits are stretched, and noise is added.
NEAR = {"98 % right": (0.7, 0.7), "nearly equal": (1.0, 0.05)}
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
        logit *= 2.5 if kind in ("overconfident", "nearly equal") else 1
    second = 1 / (1 + np.exp(-logit))
    return gold, np.column_stack([1 - second, second])


def names_of(drawn: Drawn) -> tuple[str, ...]:
    """Name the classes."""
    return ("first", *map(str, range(1, drawn[1].shape[1] - 1)), "last")


def measured(drawn: Drawn, seed: int) -> dict[str, Measure]:
    """Measure as a report does; of the classes only the first and the last keep their measures."""
    scores = Scores.of(*drawn)
    found = calibration(scores)
    pair = (found, reference(found, seed))
    measures = measure_all(scores, drawn[1], quality(scores, names_of(drawn)), pair, seed)
    return {m.name: m for m in measures.values() if not m.name.rpartition(".")[2].isdigit()}


def draw_two(kind: str, n: int, rng: np.random.Generator) -> tuple[Drawn, Drawn]:
    """Draw labels and the probabilities of a model, and of one that has much in common with it."""
    gold, p = draw(kind, n, rng)
    kept, noise = NEAR.get(kind, (1.3, 0.7))
    moved = np.exp(kept * np.log(np.clip(p, 1e-12, None)) + rng.normal(0, noise, p.shape))
    return (gold, p), (gold, moved / moved.sum(axis=1, keepdims=True))


def compared(pair: Sequence[Drawn], seed: int) -> dict[str, Difference]:
    """Measure the differences as a comparison does."""
    runs = [Weighted(Scores.of(*drawn), drawn[1], names_of(drawn)) for drawn in pair]
    measures = [measured(drawn, seed) for drawn in pair]
    return {d.key: d for d in differences(runs, measures, seed)}


def coverage(kind: str, n: int, simulations: int, two: bool) -> Iterator[tuple[str, str]]:
    """Yield each measure and the share of its intervals that hold the true value.

    ``two``: the difference of two models in it. Samples in which there is no interval are left out.
    """
    rng = np.random.default_rng(1)
    population = draw_two(kind, POPULATION, rng) if two else (draw(kind, POPULATION, rng),)
    values = [{name: m.value for name, m in measured(one, 0).items()} for one in population]
    truth = {name: value - values[0][name] if two else value for name, value in values[-1].items()}
    hits: dict[str, list[bool]] = {name: [] for name in truth}
    for seed in range(simulations):
        found = (
            compared(draw_two(kind, n, rng), seed) if two else measured(draw(kind, n, rng), seed)
        )
        for name, m in found.items():
            if not np.isnan(m.low):
                hits[name].append(m.low <= truth[name] <= m.high)
    for name, held in hits.items():
        yield name, f"{np.mean(held):.2f}" if held else "–"


def main() -> None:
    """Print the table: a row a measure, a column a kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("simulations", nargs="?", type=int, default=300)
    parser.add_argument("--differences", action="store_true")
    options = parser.parse_args()
    kinds = {**KINDS, **SIMILAR} if options.differences else KINDS
    rows: dict[str, list[str]] = {}
    for kind, n in kinds.items():
        for name, share in coverage(kind, n, options.simulations, options.differences):
            rows.setdefault(name, []).append(share)
    heads = [f"{kind}, n = {n}" for kind, n in kinds.items()]
    print(f"| measure | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    for name, values in rows.items():
        print(f"| {name} | {' | '.join(values)} |")


if __name__ == "__main__":
    main()
