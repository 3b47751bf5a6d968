"""What the templates of a page are given: its neighbours, its parts, its sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reportgen.publish.cards import BLANK, LONG
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.html import pages as module
from reportgen.publish.html.pages import Part, fill, page_values, parts_of, shared_values
from reportgen.publish.pagination import PAGE_SIZE, Page, paginate
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary, summarize
from reportgen.records import Skipped
from tests.publish.small import CLASSES, ROWS, numbers, opened, row

NOTHING = Drawn(frozenset(), 0, 0)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("pages")) as opened_report:
        yield opened_report


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """250 confident mistakes, no unsure example, and one that is right."""
    wrong = [row(f"r{i}", "good", (0.9, 0.06, 0.04), ["a"]) for i in range(250)]
    rows = [*wrong, row("last", "bad", (0.9, 0.06, 0.04), ["a"])]
    with opened(tmp_path_factory.mktemp("many"), rows) as opened_report:
        yield opened_report


def test_pages_know_their_neighbours_and_their_examples(many: Report) -> None:
    assert [page.file for page in many.pages] == [
        "index.html", "page-0002.html", "page-0003.html"
    ]  # fmt: skip
    first, second, third = (page_values(many, page, many.pages) for page in many.pages)
    assert first == {
        "number": 1, "here": "1 to 100 of 251", "previous": None, "next": "page-0002.html"
    }  # fmt: skip
    assert (second["previous"], second["next"]) == ("index.html", "page-0003.html")
    assert second["here"] == "101 to 200 of 251"
    assert third == {
        "number": 3, "here": "201 to 251 of 251", "previous": "page-0002.html", "next": None
    }  # fmt: skip


def test_a_single_page_shows_all(report: Report) -> None:
    assert page_values(report, report.pages[0], report.pages) == {
        "number": 1, "here": "9 of 9", "previous": None, "next": None
    }  # fmt: skip


def test_parts_are_the_blocks_of_a_page(many: Report) -> None:
    first, second, third = (parts_of(many, page) for page in many.pages)
    assert [(part.key, part.size) for part in first] == [("mistakes", 100)]
    assert [(part.key, part.size) for part in third] == [
        ("mistakes", 50), ("unsure", 0), ("right", 1)
    ]  # fmt: skip
    assert [part.title for part in third] == [section.title for section in many.sections]
    assert numbers(second[0].note) == [250, 251, 101, 200]
    assert numbers(third[1].note) == [251]


def test_parts_of_a_sample_say_how_many_there_are_in_all(tmp_path: Path) -> None:
    with opened(tmp_path, gallery=8) as sample:
        sizes = [len(section) for section in sample.sections]
        place = next(k for k, section in enumerate(sample.sections) if section.whole > sizes[k])
        part = parts_of(sample, sample.pages[0])[place]
    assert numbers(part.note) == [sizes[place], 8, sample.sections[place].whole, 9]


def test_parts_are_filled_in_order() -> None:
    parts = [Part(key, key, "", size) for key, size in (("a", 2), ("b", 0), ("c", 1))]
    cards = [replace(BLANK, id=str(i)) for i in range(3)]
    filled = fill(parts, cards)
    assert [part for part, _ in filled] == parts
    assert [[card.id for card in inside] for _, inside in filled] == [["0", "1"], [], ["2"]]


def summary_of(report: Report, skipped: int = 0) -> Summary:
    rows = tuple(Skipped("f.csv", i, "short") for i in range(skipped))
    return replace(summarize(report, (), NOTHING), skipped=rows)


def test_every_page_is_given_the_sections_and_where_each_begins(many: Report) -> None:
    summary = summary_of(many, 1005)
    values = shared_values(many, summary, many.pages)
    assert values["report"] is summary
    assert [(s["key"], s["count"], s["page"]) for s in values["sections"]] == [
        ("mistakes", 250, "index.html"),
        ("unsure", 0, "page-0003.html"),
        ("right", 1, "page-0003.html"),
    ]
    assert [s["title"] for s in values["sections"]] == [s.title for s in many.sections]
    assert (values["pages"], values["page_size"]) == (3, PAGE_SIZE)
    assert values["single"] is None
    assert values["blank"].tokens == LONG + 1
    assert (values["blank"].signed, values["heads"]) == (False, 0)
    assert values["skipped_listed"] == 1000
    assert numbers(values["skipped_note"]) == [5]
    assert len(values["charts"].matrix) == len(CLASSES)


def test_a_page_and_its_data_are_written_side_by_side(report: Report, tmp_path: Path) -> None:
    written: list[tuple[int, list[str]]] = []

    def remember(template: str, values: dict[str, Any]) -> str:
        number = values["number"]
        written.append((number, [card.id for _, cards in values["parts"] for card in cards]))
        return f"page {number}"

    pages: list[Page] = paginate(report.sections, 4)
    moved = replace(report, pages=pages, run=replace(report.run, folder=tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "render", remember)
        module.write_pages(moved, summary_of(report))
    assert [number for number, _ in written] == [1, 2, 3]
    assert [ids for _, ids in written] == [[ROWS[i].id for i in page.indices] for page in pages]
    for page in pages:
        assert (tmp_path / page.file).read_text() == f"page {page.number}"
        data = (tmp_path / "data" / f"cards-000{page.number}.js").read_text()
        assert f'["cards-000{page.number}",' in data
        assert data.count('"text"') == len(page.indices)
