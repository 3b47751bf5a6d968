"""Check the weights of the tokens, and find out whether they are attention or attributions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reportgen.predictions.columns import Places, flat, flatten, owners, sizes, wrong
from reportgen.predictions.schema import GRADIENTS, HEADS
from reportgen.records import Weights

__all__ = ["TOLERANCE", "WeightChecks", "are_gradients"]

NOISE = 1e-6  # a weight that is less below 0 is 0, but for rounding
TOLERANCE = 1e-3  # the largest deviation of a sum of probabilities or attention from 1
ADVICE = 'weights that are no attention need "weights": {"kind": "attribution"} in the metadata'


def are_gradients(weights: Weights | None) -> bool:
    """Say whether they are integrated gradients, which are else shown beside the weights."""
    if weights is None or weights.kind == "attention":
        return False
    return weights.name.lower().replace(" ", "").startswith("integratedgradients")


class WeightChecks:
    """Checks weights group by group.

    Attention is non-negative, but for rounding, and sums to 1, attributions are any finite
    numbers. Where the metadata do not say which they are, a negative weight anywhere makes them
    attributions: what is wrong with attention is then kept until the end.
    """

    def __init__(self, places: Places, said: Weights | None, name: str) -> None:
        self.places, self.said, self.name = places, said, name
        self.signed = False
        self.heads: int | None = None
        self.gradients: bool | None = None  # are the weights those of ``explain.gradients``?
        self._doubt: tuple[int, str] | None = None  # what attention must not be: row and problem

    def add(self, table: pa.Table, lengths: NDArray[np.int64], start: int) -> None:
        """Check the next rows, whose tokens have these numbers."""
        one_each = sizes(table, "attention") == lengths
        self.places.require(one_each, start, f"{self.name} has not one value per token")
        weights = flat(table, "attention")
        finite = wrong(table, "attention", np.isinf(weights)) == 0
        self.places.require(finite, start, f"{self.name} has an infinite weight")
        negative = wrong(table, "attention", weights <= -NOISE) > 0
        self.signed |= bool(negative.any())
        self._doubted(~negative, start, f"{self.name} has a negative weight; {ADVICE}")
        read = ~np.isnan(weights)
        owner = owners(lengths)
        total = np.bincount(owner, weights=np.where(read, weights, 0), minlength=len(lengths))
        some = np.bincount(owner, weights=read, minlength=len(lengths)) > 0
        even = ~some | (np.abs(total - 1) <= TOLERANCE)
        problem = f"{self.name} does not sum to 1 over the tokens; {ADVICE}"
        self._doubted(even, start, problem)
        if HEADS in table.column_names:
            self._heads(table, lengths, start)
        if GRADIENTS in table.column_names and self.gradients is not False:
            given = table.filter(table[GRADIENTS].is_valid())
            own, others = flat(given, "attention"), flat(given, GRADIENTS)
            if len(own):
                self.gradients = np.array_equal(own, others, equal_nan=True)

    def _heads(self, table: pa.Table, lengths: NDArray[np.int64], start: int) -> None:
        given = np.asarray(table[HEADS].is_valid())
        counts = sizes(table, HEADS)
        if given.any():
            self.places.require(~given | (counts > 0), start, f"{HEADS} is an empty list")
            self.heads = self.heads or int(counts[given][0])
            same = ~given | (counts == self.heads)
            problem = f"{HEADS} are not {self.heads} lists, as in the first row that has them"
            self.places.require(same, start, problem)
        rows = flatten(table, HEADS)
        owner = owners(counts)
        inner = pa.compute.fill_null(pa.compute.list_value_length(rows), -1).to_numpy()
        fits = np.bincount(owner, inner != lengths[owner], len(given)) == 0
        self.places.require(fits, start, f"{HEADS} have not one weight per token in each head")
        weights = np.asarray(rows.flatten().to_numpy(zero_copy_only=False), dtype=np.float64)
        owner = np.repeat(owner, inner)
        finite = np.bincount(owner, np.isinf(weights), len(given)) == 0
        self.places.require(finite, start, f"{HEADS} have an infinite weight")
        positive = np.bincount(owner, weights <= -NOISE, len(given)) == 0
        self._doubted(positive, start, f"{HEADS} have a negative weight; {ADVICE}")

    def _doubted(self, good: NDArray[np.bool_], start: int, problem: str) -> None:
        """Refuse what attention must not be, or keep the first such row until the kind is known."""
        if good.all() or (self.said is not None and self.said.kind == "attribution"):
            return
        if self.said is not None:
            self.places.require(good, start, problem)
        self._doubt = self._doubt or (start + int(np.argmin(good)), problem)

    def finish(self) -> Weights:
        """Return what the weights are. Unnamed ones that are the gradients are called so.

        Raises:
            PredictionsError: the metadata do not say, and they are neither.
        """
        said = self.said or (Weights(kind="attribution") if self.signed else None)
        if said is not None:
            own = self.gradients and said.kind == "attribution" and not said.name
            return replace(said, name="integrated gradients") if own else said
        if self._doubt is not None:
            self.places.fail(*self._doubt)
        return Weights()
