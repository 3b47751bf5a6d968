"""Give the colours of the two scales, and an ink that is legible on a colour."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["DARK_INK", "HATCH", "LINE", "SOFT", "WHITE", "contrast", "ink", "shade", "signed_shade"]

RGB = tuple[float, float, float]  # red, green and blue, each from 0 to 1
DARK_INK: RGB = (0.114, 0.129, 0.149)
WHITE: RGB = (1.0, 1.0, 1.0)
BLACK: RGB = (0.0, 0.0, 0.0)
SOFT: RGB = (0.36, 0.40, 0.44)
LINE: RGB = (0.86, 0.87, 0.88)
HATCH: RGB = (0.82, 0.84, 0.86)
LEGIBLE = 4.5  # WCAG 2.2, success criterion 1.4.3
# Blues in nine classes by ColorBrewer (Cynthia Brewer, colorbrewer2.org), which are also
# matplotlib's and seaborn's "Blues". Written out here, so that a PDF needs no matplotlib.
BLUES = (0xF7FBFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B)
# RdBu in eleven classes, likewise, from blue to red: matplotlib's "RdBu_r". Colour-blind readers
# tell weak weights of both signs apart better than in seaborn's "vlag", and it has darker greys.
BLUE_TO_RED = (
    *(0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7),
    *(0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B, 0x67001F),
)
STEPS = 256  # matplotlib's colour maps have so many entries


@lru_cache(maxsize=1024)
def shade(share: float) -> RGB:
    """Return the colour of a share of the scale, 0 to 1: matplotlib's "Blues" of that share."""
    return _between(BLUES, share)


@lru_cache(maxsize=1024)
def signed_shade(share: float) -> RGB:
    """Return the colour of a share of the signed scale, -1 (blue) to 1 (red): "RdBu_r" but for 0.

    Zero is white, as the page around it is.
    """
    return _between(BLUE_TO_RED, (1 + share) / 2) if share else WHITE


def _between(colors: tuple[int, ...], share: float) -> RGB:
    """Return the colour of a share of the way along these colours, as matplotlib mixes them."""
    place = min(int(share * STEPS), STEPS - 1) / (STEPS - 1) * (len(colors) - 1)
    below = min(int(place), len(colors) - 2)
    return mix(_rgb(colors[below]), _rgb(colors[below + 1]), place - below)


def mix(one: RGB, other: RGB, part: float) -> RGB:
    """Return the colour that is ``part`` (0 to 1) of the way from one colour to the other."""
    red, green, blue = ((1 - part) * a + part * b for a, b in zip(one, other, strict=True))
    return red, green, blue


def _rgb(code: int) -> RGB:
    return (code >> 16) / 255, (code >> 8 & 255) / 255, (code & 255) / 255


@lru_cache(maxsize=1024)
def ink(background: RGB) -> RGB:
    """Return the first of dark, white and black ink that is legible on the background."""
    return next(c for c in (DARK_INK, WHITE, BLACK) if contrast(c, background) >= LEGIBLE)


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: RGB) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
