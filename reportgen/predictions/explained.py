"""Check the ``explain.*`` columns of a predictions table, each of which may stand alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reportgen.predictions.columns import Places, flat, owners, sizes
from reportgen.predictions.schema import EXPLAIN, OPTIONAL, RANDOM
from reportgen.predictions.weights import TOLERANCE
from reportgen.records import FRACTIONS
from reportgen.removal import TESTED

__all__ = ["check_explained"]


def check_explained(
    table: pa.Table, lengths: NDArray[np.int64], classes: int, start: int, places: Places
) -> NDArray[np.bool_]:
    """Check the columns and say of each row [n] whether it has a value in one of them.

    ``lengths`` are numbers of tokens, ``start`` is the first row in the whole table.
    """
    explained = np.zeros(len(lengths), dtype=bool)
    for name in filter(table.column_names.__contains__, OPTIONAL):
        if not name.startswith(EXPLAIN):
            continue
        given = np.asarray(table[name].is_valid())
        fits = _fits(sizes(table, name), name.removeprefix(EXPLAIN), lengths, classes)
        places.require(~given | fits, start, f"{name} has the wrong number of values")
        _check_values(table, name, start, places)
        explained |= given
    return explained


def _fits(
    found: NDArray[np.int64], kind: str, lengths: NDArray[np.int64], classes: int
) -> NDArray[np.bool_]:
    if kind in RANDOM:
        return np.asarray((found > 0) & (found % len(FRACTIONS) == 0))
    if kind in ("gradients", "left_out"):
        return np.asarray(found == lengths)
    return np.asarray(found == (classes if kind in ("uniform", "permuted") else len(FRACTIONS)))


def _check_values(table: pa.Table, name: str, start: int, places: Places) -> None:
    """Check that probabilities are such, and that null are only those that may be."""
    kind, values, counts = name.removeprefix(EXPLAIN), flat(table, name), sizes(table, name)
    owner = owners(counts)
    null = np.isnan(values)
    good = null | ((values >= -TOLERANCE) & (values <= 1 + TOLERANCE))
    problem = "a number outside 0 to 1"
    if kind == "gradients":
        good, problem = ~np.isinf(values), "a number that is not finite"
    elif kind in RANDOM:
        drawn = ~null.reshape(-1, len(FRACTIONS))  # draw below draw, row below row
        first = (np.cumsum(counts) - counts)[owner[:: len(FRACTIONS)]] // len(FRACTIONS)
        whole = drawn[:, [FRACTIONS.index(share) for share in TESTED]].all(axis=1)
        whole &= (drawn == drawn[first]).all(axis=1)  # each draw of a row has the same sizes
        good &= np.repeat(whole, len(FRACTIONS))
        problem = "a number outside 0 to 1, or null in some draws or at 1, 10 or 20 %"
    elif kind != "left_out":
        good &= ~null
    bad = np.bincount(owner, weights=~good, minlength=len(counts))
    places.require(bad == 0, start, f"{name} has {problem}")
