"""A gallery of a table without attention: found, filtered and read like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import rendered
from tests.publish.weightless import COUNT, write


@pytest.fixture(scope="module", params=["none", "tokens"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weightless")
    table = write(folder / "plain.jsonl", tokens=request.param == "tokens")
    return rendered(table, folder, single_file=True)


@pytest.mark.parametrize("file", ["index.html", "report.html"])
def test_it_works_without_shades(look: Any, run: Path, file: str) -> None:
    look(run / file).evaluate("localStorage.setItem('reportgen-view', 'heatmap')")  # of another
    page = look(run / file)
    first = page.locator("#gallery .card").first
    assert first.locator(".map").is_visible()
    assert page.locator(".heatmap, .frame, .show-heatmap").count() == 0
    token = page.locator("#gallery .map i")
    if token.count():
        token.first.hover()
    first.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#tip").is_hidden()
    page.locator("summary", has_text="Filters and view").click()
    names = page.locator("#find select").evaluate_all("all => all.map(one => one.name)")
    assert not {"view", "shading", "head"} & set(names)
    page.evaluate("location.hash = '#q=awful&sort=-length'")
    expect(page.locator("#count")).to_have_text(f"{COUNT // 5} of {COUNT}")
    expect(page.locator("#cards .card .map").first).to_contain_text("Plain awful <b>food</b>")
    page.evaluate("location.hash = '#sort=-length'")
    more = page.locator("#cards .card .more").first
    expect(more).to_contain_text("1,600 characters" if "characters" in more.inner_text() else "400")
    more.click()
    expect(more).to_have_text("Show less")
    assert page.problems == []


def test_a_card_of_the_script_is_that_of_the_page(look: Any, run: Path) -> None:
    page = look(run / "index.html")
    for i in (0, 3, 7):
        made, there = page.evaluate(
            """async i => {
                const made = await self.reportgen.build(i);
                const there = document.getElementById(made.id);
                const plain = card => card.textContent.replace(/\\s+/g, " ").trim();
                return [plain(made), plain(there)];
            }""",
            i,
        )
        assert made == there
    assert page.problems == []
