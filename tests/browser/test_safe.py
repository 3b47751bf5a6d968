"""Hostile texts, the same cards by script and by template, and the gallery in one file."""

import json
import shutil

import pytest
from playwright.sync_api import expect

from reportgen.characters import legal
from reportgen.errors import UsageError
from reportgen.publish.html.single import LIMIT, check_size
from tests.browser.conftest import HOSTILE_JSON, cards_made_alike

EXPECTED = {
    id_: legal(json.loads(f'"{text}"', strict=False))[0] for id_, text in HOSTILE_JSON.items()
}


@pytest.mark.parametrize("file", ["index.html", "report.html"])
def test_nothing_runs_nothing_is_asked_and_the_texts_read_as_written(look, hostile, file):
    page = look(hostile / file)
    page.wait_for_timeout(300)
    assert page.problems == []
    folder = hostile.as_uri() + "/"
    assert [u for u in page.requests if not u.startswith((folder, "data:"))] == []
    assert page.title().startswith("Accuracy ")
    for id_, text in EXPECTED.items():
        card = page.locator("article", has=page.locator(".id", has_text=f"{id_} <u>&")).first
        assert card.locator(".map").evaluate("p => p.textContent") == (
            text or "The text is empty."
        ), id_
    assert page.locator("main script, main style, .map b, .map img").count() == 0


def test_replaced_characters_are_counted(hostile):
    run = json.loads((hostile / "metrics.json").read_text())["run"]
    assert run["data"]["replaced_characters"] == 6
    assert "6, each shown as" in (hostile / "index.html").read_text()


@pytest.mark.parametrize("file", ["index.html", "report.html"])
def test_found_cards_of_hostile_texts(look, hostile, file):
    page = look(hostile / file, "#sort=id")
    expect(page.locator("#count")).to_have_text(f"{len(EXPECTED)} of {len(EXPECTED)}")
    expect(page.locator("#cards .map").last).not_to_be_empty()
    assert page.locator("#cards article").count() == len(EXPECTED)
    assert page.problems == []


@pytest.mark.parametrize(
    "name", ["hostile", "finished", "paged", "explained", "unlabelled", "partly"]
)
def test_a_card_by_the_script_is_the_card_of_the_template(look, request, name):
    assert cards_made_alike(look, request.getfixturevalue(name) / "index.html") >= 13


def test_the_policy_allows_nothing_inline(look, hostile):
    page = look(hostile / "index.html")
    page.evaluate(
        """() => { const s = document.createElement('script');
        s.textContent = 'document.title = "run"';
        document.body.append(s); const p = document.createElement('p');
        p.setAttribute('style', 'color: red'); document.body.append(p); }"""
    )
    assert page.title() != "run"
    assert any("Content Security Policy" in problem for problem in page.problems)
    script = (hostile / "assets" / "gallery.js").read_text()
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script
    assert "eval(" not in script


def test_one_file_is_whole_by_itself(look, paged, tmp_path):
    alone = tmp_path / "mailed.html"
    shutil.copyfile(paged / "report.html", alone)
    page = look(alone)
    page.eval_on_selector_all("img", "all => all.forEach(i => i.loading = 'eager')")
    page.evaluate("Promise.all([...document.images].map(i => i.decode().catch(() => 0)))")
    assert page.locator("#gallery article").count() == 230
    assert min(page.eval_on_selector_all("img", "all => all.map(i => i.naturalWidth)")) > 0
    assert [u for u in page.requests if not u.startswith((alone.as_uri(), "data:"))] == []
    page.locator("[name=q]").fill("very fine")
    expect(page.locator("#count")).to_have_text("77 of 230")
    expect(page.locator("#cards .cells i").first).to_be_visible()
    assert page.problems == []


def test_a_file_too_large_to_mail_is_refused_with_what_fits():
    import numpy as np

    check_size(np.full(100, 268))
    with pytest.raises(
        UsageError, match=r"22,985 examples .* more than the 25 MB .* --gallery \d+"
    ):
        check_size(np.full(22_985, 268))
    assert LIMIT == 25_000_000
