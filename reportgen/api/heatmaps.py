"""The heatmap of one example, as a value that a notebook shows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reportgen.adapters.frames import plain
from reportgen.api.calls import respelled, system_errors, with_arguments
from reportgen.characters import legal
from reportgen.errors import UsageError
from reportgen.figures.fast_heatmap import draw_fast
from reportgen.figures.raster import columns_of
from reportgen.figures.scales import Scale, choose
from reportgen.options import is_shades

__all__ = ["Heatmap", "heatmap"]


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Tokens in reading order, shaded by their weights; a notebook shows it as a picture.

    ``weights`` [T] are NaN on tokens that the model did not read. ``width`` and ``height`` are in
    CSS pixels; the PNG has 1.5 times as many. ``columns`` is how many cells a row has, ``scale``
    where its shades end.

    Example:
        >>> rg.heatmap(["Not", "bad"], [0.4, 0.6])
        <Heatmap: 2 tokens>
    """

    tokens: tuple[str, ...]
    weights: NDArray[np.float32]
    scale: Scale
    unknown: NDArray[np.bool_] | None
    columns: int
    png: bytes = field(repr=False)
    width: int
    height: int

    @property
    def signed(self) -> bool:
        """Whether the weights are attributions."""
        return self.scale.signed

    @property
    def svg(self) -> str:
        """The picture as SVG, in which letters are paths, so that it needs no font."""
        from reportgen.figures.vector import draw_svg  # seaborn, which takes long to import

        return draw_svg(self.tokens, self.weights, self.unknown, self.columns, self.scale)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as PNG or SVG, by the ending of the name, and return the path.

        Raises:
            UsageError: the name ends otherwise.
            ReportgenError: the file cannot be written.

        Example:
            >>> rg.heatmap(["Not", "bad"], [0.4, 0.6]).save("x.png").name
            'x.png'
        """
        place = Path(path)
        kind = place.suffix.lower()
        if kind not in (".png", ".svg"):
            raise UsageError(f"{place}: a heatmap is saved as .png or .svg")
        with system_errors():
            place.write_bytes(self.png if kind == ".png" else self.svg.encode())
        return place

    def __repr__(self) -> str:
        return f"<Heatmap: {len(self.tokens):,} tokens>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[Any, Any]:
        """Return what a notebook shows: the PNG in its size, or this object's name."""
        size = {"width": self.width, "height": self.height}
        return {"image/png": self.png, "text/plain": repr(self)}, {"image/png": size}


def heatmap(
    tokens: Sequence[str],
    weights: ArrayLike,
    *,
    signed: bool | None = None,
    unknown: ArrayLike | None = None,
    shades: str | float = "run",
) -> Heatmap:
    """Draw the heatmap of one example: a cell per token, shaded by its weight.

    Args:
        tokens: [T] the tokens in reading order.
        weights: [T] one number per token, NaN or None where the model did not read it. White is
            an even share of attention or less.
        signed: whether weights are attributions, with shades of two colours on both sides of 0;
            None: where one is negative.
        unknown: [T] whether each token is out of the vocabulary, which gets a dotted line.
        shades: where the darkest shade stands: "run" is the next readable number above the largest
            weight, of attention at least 4 even shares, so that little difference looks like
            little; "text" the largest weight itself; a number that many even shares (of
            attributions their size), as for several pictures to compare.

    Raises:
        UsageError: there is not one finite weight per token, a negative one is not ``signed``, or
            ``shades`` is none of these.

    Example:
        >>> picture = rg.heatmap(["Not", "bad", "at", "all"], [0.1, 0.6, 0.1, 0.2])
        >>> picture.png[1:4], picture.width
        (b'PNG', 668)
        >>> rg.heatmap(["Not", "bad"], [0.4, -0.6]).signed
        True
    """
    if isinstance(tokens, str):
        raise UsageError("tokens are a text, not a list of tokens")
    words = tuple(legal(str(token))[0] for token in tokens)
    numbers = _numbers(weights, "weights", np.float32, len(words))
    if np.isinf(numbers).any():
        raise UsageError("weights have an infinite number")
    negative = bool((numbers < 0).any())
    if signed is False and negative:
        raise UsageError("weights have a negative number: attributions are drawn by signed=True")
    two_sided = negative if signed is None else signed
    strange = None if unknown is None else _numbers(unknown, "unknown", np.bool_, len(words))
    columns = columns_of(words).picture
    scale = _scale(shades, numbers, two_sided)
    drawn = draw_fast(words, numbers, strange, columns, scale)
    size = drawn.width, drawn.height
    return Heatmap(words, numbers, scale, strange, columns, drawn.png, *size)


def _scale(shades: str | float, weights: NDArray[np.float32], signed: bool) -> Scale:
    """Return the scale of a single text.

    Raises:
        UsageError: ``shades`` is no choice.
    """
    if not is_shades(shades):
        raise UsageError(f"shades={shades!r}: run, text, or a number above 0")
    read = np.abs(weights[~np.isnan(weights)]).astype(np.float64)
    peaks = read.max(keepdims=True) * (1 if signed else read.size) if read.size else read
    with respelled(with_arguments):
        return choose(shades, peaks, signed)


def _numbers(values: ArrayLike, name: str, kind: Any, count: int) -> NDArray[Any]:
    """Return one value per token.

    Raises:
        UsageError: they are no numbers, or not so many.
    """
    try:
        array: NDArray[Any] = np.asarray(plain(values), dtype=kind)
    except (TypeError, ValueError):
        raise UsageError(f"{name} are not numbers, one per token") from None
    if array.shape != (count,):
        shape = " x ".join(map(str, array.shape)) or "a single value"
        raise UsageError(f"{name} are {shape}, not one for each of {count} tokens")
    return array
