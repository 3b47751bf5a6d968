"""The index of runs in a browser: sorting, the address, links, without a script, narrow windows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from reportgen.publish.indexing import write_index
from tests.publish.runs import made, measured, of_data

ACCURACIES = (0.8, 0.95, 0.9)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs with labels and one without, which is the newest."""
    reports = tmp_path_factory.mktemp("reports")
    for day, accuracy in enumerate(ACCURACIES):
        made(reports, day, of_data(accuracy, name=f"data {('b2', 'b10', 'a')[day]}"))
    made(reports, 3, measured(labelled=0, metrics={}))
    made(reports, 4, of_data(0.85, name="data b2"), experiment="other").joinpath("x").mkdir()
    (reports / "trial" / "notes").mkdir()
    return write_index(reports).page


def column(page: Any, head: str) -> list[str]:
    cells = page.locator(f"#runs tbody td[data-head='{head}']")
    return [text.split("\n")[0].strip() for text in cells.all_inner_texts()]


def order(page: Any) -> list[str | None]:
    heads = page.locator("#runs thead th").all()
    return [h.inner_text() for h in heads if h.get_attribute("aria-sort")]


def test_heads_sort_and_turn_round(look: Any, index: Path) -> None:
    page = look(index)
    shares = ["95.0\xa0%", "90.0\xa0%", "85.0\xa0%", "80.0\xa0%"]
    assert column(page, "Accuracy") == ["85.0\xa0%", "–", "90.0\xa0%", "95.0\xa0%", "80.0\xa0%"]
    page.get_by_role("button", name="Accuracy").click()
    assert column(page, "Accuracy") == [*shares, "–"]
    assert order(page) == ["Accuracy"]
    assert page.url.endswith("#sort=accuracy&order=descending")
    page.get_by_role("button", name="Accuracy").click()
    assert column(page, "Accuracy") == [*shares[::-1], "–"]
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.get_by_role("button", name="data").click()
    names = [name for name in column(page, "data") if name != "stays"]
    assert names == ["data a", "data b2", "data b2", "data b10"]
    page.get_by_role("button", name="date").click()
    assert column(page, "Accuracy")[0] == "85.0\xa0%"
    page.get_by_role("button", name="date").click()
    assert column(page, "Accuracy")[0] == "80.0\xa0%"
    assert page.problems == []


def test_an_address_names_an_order(look: Any, index: Path) -> None:
    page = look(index, "#sort=accuracy&order=ascending")
    assert column(page, "Accuracy")[0] == "80.0\xa0%"
    page.evaluate("location.hash = 'sort=experiment&order=ascending'")
    page.wait_for_function("document.querySelector('#runs td').textContent.trim() === 'other'")
    page.evaluate("location.hash = 'sort=none'")
    assert column(page, "experiment")[0] == "other"
    assert page.problems == []


def test_everything_is_in_the_file(look: Any, index: Path) -> None:
    page = look(index)
    assert page.requests[0] == index.as_uri()
    assert all(url.startswith("data:font/") for url in page.requests[1:])
    page.get_by_role("link", name="PDF").first.wait_for()
    page.locator("#runs td a", has_text="other").click()
    page.wait_for_url("**/other/index.html")
    assert page.title() == "Runs of other"
    page.get_by_role("link", name="All runs").click()
    page.wait_for_url(index.as_uri())
    assert page.problems == []


def test_without_a_script_every_run_is_there(scriptless: Any, index: Path) -> None:
    scriptless.goto(index.as_uri())
    assert scriptless.locator("#runs tbody tr").count() == 5
    assert scriptless.get_by_role("button").count() == 0


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_both_themes_and_any_width(
    look: Any, index: Path, width: int, scheme: Any
) -> None:
    page = look(index)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:80] for n in v["nodes"]]) for v in found] == []
