"""Weights on hover and by keys, folded texts, views, shading, keys, accessibility."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.fixture
def page(look, paged):
    page = look(paged / "index.html")
    yield page
    assert page.problems == []


SHORT = "#ex-r-037"  # nine words, whose weights are 1/45 to 9/45


def test_hover_tells_weight_and_rank(page):
    token = page.locator(f"{SHORT} .map i").last
    token.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a late scroll event would hide the tip
    token.hover()
    tip = page.locator("#tip")
    expect(tip).to_be_visible()
    expect(tip).to_have_text("attention 0.2000, 1.8 even shares, rank 1 of 9")
    page.locator("h1").hover()
    expect(tip).to_be_hidden()


def test_the_arrow_keys_tell_it_too(page):
    card = page.locator(SHORT)
    card.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    expect(card.locator("i.here")).to_have_text("review")
    page.keyboard.press("ArrowRight")
    expect(card.locator("i.here")).to_have_text("number")
    told = "attention 0.0444, 0.4 even shares, rank 8 of 9, not in the vocabulary"
    expect(page.locator("#tip")).to_have_text(told)
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(card.locator("i.here")).to_have_text("indeed")
    page.keyboard.press("Home")
    page.keyboard.press("m")
    expect(card.locator("i.here")).to_have_text("indeed")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(card.locator("i.here")).to_have_text("review")


def test_long_texts_fold_around_the_most_attended_word(page):
    card = page.locator("article.long").first
    card.scroll_into_view_if_needed()
    map_, more = card.locator(".map"), card.locator(".more")
    folded = map_.bounding_box()["height"]
    word, frame = card.locator(".map .s10").first.bounding_box(), map_.bounding_box()
    assert frame["y"] <= word["y"] <= frame["y"] + frame["height"]
    expect(more).to_have_text(re.compile(r"Show all \d+ tokens"))
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(more).to_have_text("Show less")
    expect(more).to_have_attribute("aria-expanded", "true")
    assert map_.bounding_box()["height"] > folded
    more.click()
    assert map_.bounding_box()["height"] == pytest.approx(folded, abs=1)


def test_views(page):
    page.set_viewport_size({"width": 1440, "height": 900})
    card = page.locator("article.card").first
    page.locator(".filters summary").click()
    view = page.locator("[name=view]")
    view.select_option("text")
    expect(card.locator(".frame")).to_be_hidden()
    view.select_option("heatmap")
    expect(card.locator(".map")).to_be_hidden()
    view.select_option("beside")
    text, picture = card.locator(".map").bounding_box(), card.locator(".frame").bounding_box()
    assert text["x"] + text["width"] <= picture["x"]


def test_a_scale_for_each_text(page):
    classes = "all => all.map(t => t.className)"
    before = page.eval_on_selector_all("#gallery .map i", classes)
    assert not [name for name in before if "s31" in name]  # no word has four even shares
    page.locator(".filters summary").click()
    page.locator("[name=shading]").select_option("text")
    expect(page.locator("#gallery .map .s31").first).to_be_visible()
    after = page.eval_on_selector_all("#gallery .map i", classes)
    assert sum("s31" in name for name in after) >= 100
    page.locator("[name=shading]").select_option("")
    expect(page.locator("#gallery .map .s31")).to_have_count(0)
    assert page.eval_on_selector_all("#gallery .map i", classes) == before


def test_keys(page):
    page.keyboard.press("/")
    expect(page.locator("[name=q]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[name=q]")).not_to_be_focused()
    page.keyboard.press("j")
    cards = page.locator("article.card")
    expect(cards.nth(0).locator(".id")).to_be_focused()
    page.keyboard.press("j")
    expect(cards.nth(1).locator(".id")).to_be_focused()
    page.keyboard.press("k")
    expect(cards.nth(0).locator(".id")).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator("#count")).to_contain_text("copied the link")
    name = cards.nth(0).get_attribute("id")
    assert page.evaluate("navigator.clipboard.readText()") == f"index.html#{name}"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_every_control_can_be_reached_by_keyboard_and_shows_its_focus(page):
    page.locator(".filters summary").click()
    page.locator(".skip").focus()
    wanted = set(
        page.eval_on_selector_all(
            "#find button, #find input, #find select, #find summary",
            "all => all.filter(e => e.offsetParent).map(e => e.name || e.textContent.trim())",
        )
    )
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            return [e.name || e.textContent.trim(), s.outlineStyle !== 'none']; }"""
        )
        if at[0] in wanted:
            assert at[1], at[0]
            seen.add(at[0])
        if seen == wanted:
            break
    assert seen == wanted


def test_integrated_gradients_stand_under_a_card_on_demand(look, explained):
    page = look(explained / "index.html")
    details = page.locator(".gradients").first
    expect(details.locator(".ig")).to_be_hidden()
    details.locator("summary").click()
    expect(details.locator(".ig")).to_be_visible()
    assert details.locator(".ig [class^=s]").count() >= 1
    assert re.fullmatch(
        r"no shade: 0 or less; strongest: \+[\d.]+, or more",
        details.locator(".of-gradients").inner_text(),
    )
    assert page.problems == []


@pytest.mark.parametrize("run", ["finished", "explained"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "#outcome=wrong", "filters", "keys"])
def test_axe_finds_nothing(look, request, run, theme, state):
    page = look(request.getfixturevalue(run) / "index.html", state if state.startswith("#") else "")
    page.emulate_media(color_scheme=theme)
    if state.startswith("#"):
        expect(page.locator("#cards .map i").first).to_be_visible()
    if state == "filters":
        page.locator(".filters summary").click()
    if state == "keys":
        page.keyboard.press("?")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_headings_and_landmarks_are_in_order(page):
    levels = page.eval_on_selector_all(
        "main h1, main h2, main h3", "all => all.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("main", "[role=search]", "nav"):
        assert page.locator(landmark).count() >= 1


def test_pictures_say_what_they_show(paged):
    texts = re.findall(r'alt="(Attention [^"]+)"', (paged / "index.html").read_text())
    assert len(texts) == 100
    for text in texts:
        assert re.match(
            r"Attention heatmap: predicted \w+ with confidence \d\.\d\d, label \w+;"
            r" most attended: .+, .+, .+",
            text,
        )


def test_nothing_moves_by_itself(page):
    moving = page.evaluate(
        """[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);
        return s.animationName !== 'none' || s.transitionDuration !== '0s'; }).length"""
    )
    assert moving == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
