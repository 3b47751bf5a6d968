"""Which pages begin within a card, and within which."""

from __future__ import annotations

from reportgen.publish.pdf.continued import continued

TOP = 700.0


def found(*places: tuple[str, int, float], pages: int = 4) -> list[tuple[int, str]]:
    named = {name: (page, height) for name, page, height in places}
    return list(continued(named, [TOP] * pages))


def test_a_card_that_fills_several_pages_goes_on_over_each() -> None:
    places = ("mistakes", 0, TOP - 20), ("ex-a", 0, 500.0), ("ex-b", 2, 300.0)
    assert found(*places) == [(1, "ex-a"), (2, "ex-a"), (3, "ex-b")]


def test_a_page_that_begins_with_a_card_or_a_heading_continues_none() -> None:
    assert found(("ex-a", 0, TOP), ("ex-b", 1, TOP), ("unsure", 2, TOP - 20), pages=3) == []


def test_the_lowest_place_of_a_page_is_the_one_that_goes_on() -> None:
    assert found(("ex-low", 0, 100.0), ("ex-high", 0, 600.0), ("ex-c", 1, 90.0), pages=3) == [
        (1, "ex-low"), (2, "ex-c")
    ]  # fmt: skip


def test_what_is_no_card_is_not_marked() -> None:
    assert found(("evidence", 0, TOP), ("doubts", 1, 300.0)) == []
    assert found(pages=2) == []
