"""From answers in the page to the review of them, and that review in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from reportgen.review.collecting import Collected, collect
from reportgen.review.reading import read_answers
from tests.review import papers
from tests.review.conftest import IDS

REMARK = "これは皮肉 <b>&amp; 🙃\nالسخرية"


@pytest.fixture(scope="module")
def review(reviewed: Path, tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """Three reviewers, who answer as hostile ids and texts demand."""
    folder, files = tmp_path_factory.mktemp("review"), []
    for name, label in (("Ann", "wrong"), ("<script>alert(1)</script>", "wrong"), ("", "right")):
        answers = {
            id_: {"label": label, "shading": "no", "remark": f"{REMARK} {id_}"} for id_ in IDS[:6]
        }
        files.append(folder / f"{label}-{len(files)}.json")
        files[-1].write_bytes(papers.export(papers.run_hash(reviewed), answers, name))
    return collect(reviewed, files, folder / "out")


def test_what_the_page_exports_is_read(look: Any, reviewed: Path, tmp_path: Path) -> None:
    page = look(reviewed / "index.html")
    page.locator("#review [name=name]").fill("Zoë 李")
    cards = page.locator("#gallery .card")
    ids = [str(cards.nth(i).locator(".id").text_content()).strip() for i in range(2)]
    first, second = cards.nth(0), cards.nth(1)
    first.locator("[data-answer=wrong]").click()
    first.locator("[data-answer=partly]").click()
    first.locator("textarea").fill(REMARK)
    second.locator("[data-answer='cannot tell']").click()
    with page.expect_download() as waiting:
        page.locator("#export").click()
    waiting.value.save_as(tmp_path / "a.json")
    sheet = read_answers(tmp_path / "a.json", papers.run_hash(reviewed), IDS)
    assert sheet.name == "Zoë 李"
    assert sheet.answers == {
        ids[0]: {"label": "wrong", "shading": "partly", "remark": REMARK},
        ids[1]: {"label": "cannot tell"},
    }
    assert page.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_review_can_be_read(look: Any, review: Collected, theme: str, width: int) -> None:
    page = look(review.folder / "index.html")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".remark").count() == 18
    expect(page.locator(".remark").first).to_contain_text("<b>&amp;")
    assert page.problems == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_link_leads_to_the_card(look: Any, review: Collected) -> None:
    page = look(review.folder / "index.html")
    page.locator(".remarked a").first.click()
    card = page.locator(".card:target")
    expect(card).to_be_visible()
    expect(card.locator(".id")).to_have_text(IDS[0])
    assert page.problems == []
