"""A run without its heatmaps (``pack --no-heatmaps``): no card shows a broken picture."""

import shutil

import pytest
from playwright.sync_api import expect


@pytest.fixture
def bare(paged, tmp_path):
    copy = shutil.copytree(paged, tmp_path / paged.name)
    shutil.rmtree(copy / "heatmaps")
    return copy


def frames(page):
    return page.locator("#ex-r-037 .frame"), page.locator("#ex-r-037 .map")


def test_a_card_without_its_picture_shows_its_text(look, bare):
    page = look(bare / "index.html")
    page.locator("#ex-r-037").scroll_into_view_if_needed()
    frame, text = frames(page)
    expect(frame).to_be_hidden()
    expect(text).to_be_visible()
    page.evaluate("document.documentElement.dataset.view = 'heatmap'")
    expect(text).to_be_visible()
    expect(frame).to_be_hidden()


def test_what_a_search_finds_shows_its_text_too(look, bare):
    page = look(bare / "index.html", "#q=37")
    card = page.locator("#cards .card").first
    card.scroll_into_view_if_needed()
    expect(card.locator(".frame")).to_be_hidden()
    expect(card.locator(".map")).to_be_visible()


def test_one_missing_picture_hides_no_other(look, paged, tmp_path):
    copy = shutil.copytree(paged, tmp_path / paged.name)
    (copy / "heatmaps" / "r-037.png").unlink()
    page = look(copy / "index.html")
    page.locator("#ex-r-037").scroll_into_view_if_needed()
    expect(page.locator("#ex-r-037 .frame")).to_be_hidden()
    shown = page.locator("#gallery .card:not(.long):not(#ex-r-037) .frame").first
    shown.scroll_into_view_if_needed()
    expect(shown).to_be_visible()


def test_without_the_script_a_description_covers_the_broken_picture(scriptless, bare):
    scriptless.goto((bare / "index.html").as_uri())
    picture = scriptless.locator("#ex-r-037 .heatmap")
    picture.scroll_into_view_if_needed()
    cover = picture.evaluate("e => [getComputedStyle(e, '::after').content, e.alt]")
    assert cover[0] == f'"{cover[1]}"'
