"""A weight's share of the scale in, its colour and a legible ink out."""

from __future__ import annotations

from functools import lru_cache

import matplotlib as mpl
import numpy as np

__all__ = ["COLORMAP", "contrast", "ink", "shade"]

COLORMAP = "Blues"
RGB = tuple[float, float, float]
DARK_INK: RGB = (0.114, 0.129, 0.149)
WHITE: RGB = (1.0, 1.0, 1.0)
BLACK: RGB = (0.0, 0.0, 0.0)
LEGIBLE = 4.5  # WCAG 2.2, success criterion 1.4.3


@lru_cache(maxsize=1024)
def shade(share: float) -> RGB:
    """Return the colour (red, green, blue, each 0 to 1) of a share of the scale, 0 to 1."""
    red, green, blue, _ = mpl.colormaps[COLORMAP](float(share))
    return float(red), float(green), float(blue)


@lru_cache(maxsize=1024)
def ink(background: RGB) -> RGB:
    """Return the first of dark, white and black ink that is legible on the background."""
    return next(c for c in (DARK_INK, WHITE, BLACK) if contrast(c, background) >= LEGIBLE)


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: RGB) -> float:
    channels = np.asarray(color)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
