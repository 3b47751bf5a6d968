"""Lay the sections of a gallery out on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.analysis.ordering import Section

__all__ = ["PAGE_SIZE", "Block", "Page", "page_file", "paginate"]

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a section that stands on one page: examples ``first`` to ``last`` of it."""

    section: Section
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def indices(self) -> list[int]:
        """The rows of its examples, in their order."""
        return [int(i) for i in self.section.indices[self.first - 1 : self.last]]


@dataclass(frozen=True, slots=True)
class Page:
    """One HTML page."""

    number: int
    file: str
    blocks: tuple[Block, ...]

    @property
    def indices(self) -> list[int]:
        """The rows of its examples, in their order."""
        return [i for block in self.blocks for i in block.indices]


def page_file(number: int) -> str:
    """Return the file name of a page; the first is index.html."""
    return "index.html" if number == 1 else f"page-{number:04}.html"


def paginate(sections: Sequence[Section], size: int = PAGE_SIZE) -> list[Page]:
    """Lay the sections out on pages of ``size`` cards; the first has every empty section too."""
    pages: list[list[Block]] = [[]]
    room = size
    for section in sections:
        done = 0
        while done < len(section) or done == 0:
            if room == 0 and done < len(section):
                pages.append([])
                room = size
            count = min(room, len(section) - done)
            pages[-1].append(Block(section, done + 1, done + count))
            done += count
            room -= count
            if count == 0:
                break
    return [Page(i, page_file(i), tuple(blocks)) for i, blocks in enumerate(pages, 1)]
