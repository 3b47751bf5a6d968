"""Turn weights into levels of shade: by one scale for all texts of a run, or by one for each text.

By default a run has one scale, so that a shade means the same in every text and a small difference
is a pale one: attention begins at an even share, 1 / the number of tokens read, and ends at a
multiple of it that few texts exceed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import UsageError

__all__ = [
    "EVEN",
    "LEVELS",
    "MINUS",
    "PLAIN",
    "SIDE",
    "Scale",
    "check",
    "choose",
    "labels",
    "readable",
    "run_scale",
    "signed_number",
]

LEVELS = 32  # of attention, from 0 on
SIDE = 16  # levels of attributions on each side of 0
EVEN = 1.001  # attention is even where no weight is larger than this many even shares
LEAST = 4.0  # even shares where the darkest shade stands at the earliest
USUAL = 0.95  # of the texts have no weight beyond the scale of their run
ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # and these times powers of ten
MINUS = "\N{MINUS SIGN}"

Weights = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Scale:
    """How weights become shades.

    An even share of attention or less is white. The darkest shade stands for ``darkest`` even
    shares or more, or for all of a text's attention where that is less. Of ``signed`` weights,
    attributions, 0 is white, and ``darkest`` is the size from which on both signs are darkest.
    Where it is None, the largest weight of each text is.
    """

    darkest: float | None = None
    signed: bool = False

    def ends(self, weights: Weights) -> tuple[float, float]:
        """Return the weights at the two ends of the scale of a text; NaN was not read.

        Where nothing was read, or everything is 0 on a scale of its own, both are 0.
        """
        read = weights[~np.isnan(weights)]
        if not read.size:
            return 0.0, 0.0
        if self.signed:
            top = self.darkest or float(np.abs(read).max())
            return -top, top
        even = 1 / read.size
        return even, float(read.max()) if self.darkest is None else min(self.darkest * even, 1.0)

    def shares(
        self, weights: Weights, ends: tuple[float, float] | None = None
    ) -> NDArray[np.float64]:
        """Return where each weight lies on the scale, 0 (white) to 1, or from -1 if signed.

        All is 0 where the attention is even to a thousandth, as that of a single token is. Tokens
        not read get 0. ``ends`` are those of the text where ``weights`` are not all of it.
        """
        low, top = ends or self.ends(weights)
        filled = np.nan_to_num(np.asarray(weights, dtype=np.float64))
        if self.signed:
            return np.clip(filled / top, -1.0, 1.0) if top else np.zeros(filled.shape)
        if top <= low * EVEN:
            return np.zeros(filled.shape)
        return np.clip((filled - low) / (top - low), 0.0, 1.0)

    def levels(
        self, weights: Weights, ends: tuple[float, float] | None = None
    ) -> NDArray[np.int64]:
        """Return a level per weight, in proportion to its share.

        Those of attention run from 0 to ``LEVELS - 1``, those of signed weights from ``-SIDE`` to
        ``SIDE``.
        """
        steps = SIDE if self.signed else LEVELS - 1
        levels: NDArray[np.int64] = np.rint(self.shares(weights, ends) * steps).astype(np.int64)
        return levels


PLAIN = Scale()  # attention, each text by itself


def choose(shades: str | float, peaks: NDArray[np.float64], signed: bool = False) -> Scale:
    """Return the scale of a report: of its ``run``, of each ``text``, or one that ends at a number.

    ``peaks`` are as ``run_scale`` takes them.

    Raises:
        UsageError: as ``check``.
    """
    check(shades, signed)
    if shades == "run":
        return run_scale(peaks, signed)
    return Scale(None if shades == "text" else float(shades), signed)


def check(shades: str | float, signed: bool) -> None:
    """Refuse a scale that would end where it begins.

    Raises:
        UsageError: the number is not a multiple of an even share above 1, of attention.
    """
    if not (signed or isinstance(shades, str)) and shades <= 1:
        raise UsageError(
            f"--shades {shades:g}: attention is shaded from one even share on; name more than 1"
        )


def run_scale(peaks: NDArray[np.float64], signed: bool = False) -> Scale:
    """Return the scale of a run, from the largest weight of each text.

    ``peaks`` [N] are in even shares, those of ``signed`` weights are sizes; NaN where nothing was
    read. ``USUAL`` of the texts lie within the scale; it ends at a number that is easily read. A
    single strong word in one text so makes no other text pale, and attention that is nearly even
    in all of them is shaded as little.
    """
    found = peaks[np.isfinite(peaks)]
    high = float(np.quantile(found, USUAL, method="inverted_cdf")) if found.size else 0.0
    if not signed:
        return Scale(readable(max(high, LEAST)))
    high = high or float(found.max(initial=0.0))
    return Scale(readable(high) if high else None, signed=True)


def readable(number: float) -> float:
    """Return the next number from one above 0 on that is easily read, such as 4, 6 or 0.25."""
    power = math.floor(math.log10(number))
    digits = number / 10**power
    found = next((each for each in ROUND if each >= digits * (1 - 1e-6)), ROUND[-1])
    return float(f"{found * 10**power:.2g}" if power >= -300 else number)


def labels(scale: Scale, low: float, top: float) -> tuple[str, str]:
    """Return what a key says of the two ends of the scale of a text, in which something was read.

    ``low`` and ``top`` are its weights there (``Scale.ends``).
    """
    if scale.signed:
        if scale.darkest is None:
            return f"lowered {signed_number(low)}", f"{signed_number(top)} raised"
        end = f"{scale.darkest:g}"
        return f"lowered ≤ {MINUS}{end}", f"≥ +{end} raised"
    end = "largest"
    if scale.darkest is not None:
        end = "all" if top >= 1 else f"{scale.darkest:g} × or more"
    return f"even share {low:.4f}", f"{end}: {top:.4f}"


def signed_number(value: float) -> str:
    """Write a number with its sign, a true minus, and three digits; 0 has no sign.

    The gallery's script has the same rule (``withSign``).
    """
    if not value:
        return "0"
    size = abs(value)
    rough, power = f"{size:.2e}".split("e")
    if not -6 <= int(power) < 15:
        digits = f"{rough}e{int(power):+}"
    else:
        digits = f"{size:.{2 - int(power)}f}" if int(power) < 3 else f"{size:,.0f}"
    return f"{'+' if value > 0 else MINUS}{digits}"
