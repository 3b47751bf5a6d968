"""Find the cards that go on over a page, from where the cards of a document begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["continued"]

CARD = "ex-"  # begins the name of the place of a card
NEAR = 30.0  # points below the top of a page's text, within which what stands there begins


def continued(
    places: Mapping[str, tuple[int, float]], tops: Sequence[float]
) -> Iterator[tuple[int, str]]:
    """Yield each page that begins within a card, and the name of the place of that card.

    ``places`` are page and height by name, ``tops`` the heights at which the text of each page
    begins, in points from the lower edge; pages count from 0.
    """
    begins: list[list[tuple[float, str]]] = [[] for _ in tops]
    for name, (page, height) in places.items():
        begins[page].append((height, name))
    last = ""
    for page, top in enumerate(tops):
        here = sorted(begins[page], reverse=True)
        if last.startswith(CARD) and not _begins(here, top):
            yield page, last
        if here:
            last = here[-1][1]


def _begins(here: Iterable[tuple[float, str]], top: float) -> bool:
    """Say whether something begins at the top of a page."""
    return any(height > top - NEAR for height, _ in here)
