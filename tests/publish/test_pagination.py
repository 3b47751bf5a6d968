"""Which example stands on which page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.ordering import Section
from reportgen.publish.pagination import PAGE_SIZE, Block, page_file, paginate

SIZES = st.lists(st.integers(0, 25), min_size=1, max_size=4)


def sections(sizes: Sequence[int]) -> list[Section]:
    starts = np.cumsum([0, *sizes])
    return [
        Section(f"s{k}", f"S{k}", np.arange(start, start + size), size)
        for k, (start, size) in enumerate(zip(starts, sizes, strict=False))
    ]


def test_a_block_is_the_part_of_a_section_on_a_page() -> None:
    section = Section("s", "S", np.array([40, 10, 30, 20]), 9)
    block = Block(section, 2, 3)
    assert (len(block), block.indices) == (2, [10, 30])
    assert all(type(i) is int for i in block.indices)
    assert Block(section, 1, 4).indices == [40, 10, 30, 20]
    assert (len(Block(section, 1, 0)), Block(section, 1, 0).indices) == (0, [])


@pytest.mark.parametrize(
    ("number", "file"),
    [(1, "index.html"), (2, "page-0002.html"), (10, "page-0010.html"), (230, "page-0230.html")],
)
def test_the_files_of_pages(number: int, file: str) -> None:
    assert page_file(number) == file


@pytest.mark.parametrize(
    ("sizes", "pages"),
    [
        ([3, 3, 3], [[("s0", 1, 3), ("s1", 1, 2)], [("s1", 3, 3), ("s2", 1, 3)]]),
        ([5, 5], [[("s0", 1, 5)], [("s1", 1, 5)]]),
        ([5, 0], [[("s0", 1, 5), ("s1", 1, 0)]]),
        ([0, 6], [[("s0", 1, 0), ("s1", 1, 5)], [("s1", 6, 6)]]),
        ([0, 0], [[("s0", 1, 0), ("s1", 1, 0)]]),
        ([11], [[("s0", 1, 5)], [("s0", 6, 10)], [("s0", 11, 11)]]),
    ],
)
def test_pages_of_five_by_hand(sizes: list[int], pages: list[list[tuple[str, int, int]]]) -> None:
    laid = paginate(sections(sizes), 5)
    assert [[(b.section.key, b.first, b.last) for b in page.blocks] for page in laid] == pages
    assert [page.number for page in laid] == list(range(1, len(pages) + 1))
    assert [page.file for page in laid] == [page_file(page.number) for page in laid]


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(1, 12))
def test_every_example_stands_on_one_page_in_order(sizes: list[int], room: int) -> None:
    pages = paginate(sections(sizes), room)
    assert [i for page in pages for i in page.indices] == list(range(sum(sizes)))
    assert all(len(page.indices) == room for page in pages[:-1])
    assert len(pages[-1].indices) <= room
    assert len(pages) == max(-(-sum(sizes) // room), 1)
    named = {block.section.key for page in pages for block in page.blocks}
    assert named == {f"s{k}" for k in range(len(sizes))}


def test_a_page_has_a_hundred_cards() -> None:
    assert PAGE_SIZE == 100
    assert [len(page.indices) for page in paginate(sections([150, 51]))] == [100, 100, 1]
