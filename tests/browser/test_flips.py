"""The gallery of a comparison in the browser: its cards, filters, search, look, and no script."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import cards_made_alike
from tests.publish.comparison.compared import ATTRIBUTIONS, INFO, runs, written
from tests.publish.conftest import HOSTILE

CAFE = "review number {} says the café was {} indeed"


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """125 of 200 examples changed, on two pages; one in seven is long."""
    texts = {
        f"t{i:03}": CAFE.format(i, "dull" if i % 3 else "very fine")
        + " and on" * 150 * (i % 7 == 0)
        for i in range(200)
    }
    return written(tmp_path_factory.mktemp("paged"), runs(texts), shades="text")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile texts and ids; the weights of B are attributions."""
    texts = {f"{id_} <u>{k}": text for k in range(2) for id_, text in HOSTILE.items()}
    folder = tmp_path_factory.mktemp("hostile")
    return written(folder, runs(texts), (INFO, ATTRIBUTIONS), shades="text", single_file=True)


@pytest.fixture
def page(look, paged):
    return look(paged / "index.html")


def filters(page) -> None:
    page.locator(".filters summary").click()


def count(page, text: str) -> None:
    expect(page.locator("#count")).to_have_text(text)


def test_it_opens_from_the_disk_and_asks_nothing_outside_its_folder(page, paged):
    page.wait_for_timeout(300)
    assert page.problems == []
    assert [u for u in page.requests if not u.startswith(paged.as_uri() + "/")] == []


@pytest.mark.parametrize("name", ["paged", "hostile"])
def test_a_card_by_the_script_is_the_card_of_the_template(look, request, name):
    assert cards_made_alike(look, request.getfixturevalue(name) / "index.html") > 13


def test_one_file_is_whole_by_itself(look, hostile, tmp_path):
    alone = tmp_path / "mailed.html"
    shutil.copyfile(hostile / "report.html", alone)
    total = cards_made_alike(look, alone)
    page = look(alone)
    assert [u for u in page.requests if not u.startswith((alone.as_uri(), "data:"))] == []
    count(page, f"{total} of {total}")
    page.locator("table a").first.click()
    expect(page.locator("#broken")).to_be_in_viewport()
    page.locator("[data-outcome=fixed]").click()
    expect(page.locator("#cards .verdict").first).to_have_text("Fixed")
    expect(page.locator("#cards .cells").first).to_be_visible()
    assert page.problems == []


def test_chips_filter_by_what_became_of_an_example(page):
    page.locator("[data-outcome=fixed]").click()
    count(page, "25 of 125")
    expect(page.locator("#cards .verdict").first).to_have_text("Fixed")
    assert set(page.locator("#cards .verdict").all_text_contents()) == {"Fixed"}
    page.locator("[data-outcome='']").click()
    count(page, "1 to 100 of 125")


def test_filters_by_the_label_and_by_the_answer_of_each_run(page):
    filters(page)
    page.locator("[name='extra.Predicted by A']").select_option("bad")
    count(page, "100 of 125")
    page.locator("[name='extra.Predicted by B']").select_option("fair")
    count(page, "75 of 125")
    page.locator("[name=label]").select_option("good")
    count(page, "25 of 125")
    card = page.locator("#cards .card").first
    assert card.locator(".predicted b").all_text_contents() == ["bad", "fair"]
    assert card.locator(".label b").text_content() == "good"
    page.reload()
    count(page, "25 of 125")


def test_a_filter_by_the_confidence_of_the_wrong_answer(page):
    filters(page)
    page.locator("[name=from]").fill("0.7")
    count(page, "75 of 125")
    page.locator("[name=to]").fill("0.8")
    count(page, "50 of 125")


def test_the_search_finds_and_underlines_in_the_texts_of_both_runs(page):
    page.locator("[name=q]").fill("very fine")
    count(page, "43 of 125")
    card = page.locator("#cards .card").first
    for reading in card.locator(".reading").all():
        expect(reading.locator(".hit")).to_have_text(["very", "fine"])


def test_the_order_can_be_chosen(page):
    page.locator("[name=sort]").select_option("id")
    count(page, "125 of 125")
    ids = page.locator("#cards .id").all_text_contents()
    assert ids == sorted(ids)
    page.locator("[name=sort]").select_option("-loss")
    expect(page.locator("#cards .given span").first).to_have_text("0.05")
    assert page.problems == []


def test_the_weight_of_a_word_is_that_of_its_own_run(page):
    card = page.locator("#gallery .card:not(.long)").first
    for reading, rank in zip(card.locator(".reading").all(), (9, 1), strict=True):
        for token in (reading.locator(".map i").first, reading.locator(".cells i").first):
            token.hover()
            expect(page.locator("#tip")).to_contain_text(f"rank {rank} of ")


def test_signed_and_unsigned_weights_stand_together(look, hostile):
    page = look(hostile / "index.html")
    card = page.locator(".card", has=page.locator(".id", has_text="emoji")).first
    first, second = card.locator(".reading").all()
    first.locator(".map i").last.hover()
    expect(page.locator("#tip")).not_to_contain_text("raised")
    second.locator(".map i").first.hover()
    expect(page.locator("#tip")).to_contain_text("(raised the answer)")
    page.locator("[name=sort]").select_option("id")
    found = page.locator("#cards .card", has=page.locator(".id", has_text="emoji")).first
    expect(found.locator(".reading").nth(0).locator(".map .s31")).to_have_count(1)
    expect(found.locator(".reading").nth(1).locator(".map .p16")).to_have_count(1)
    assert page.problems == []


def test_a_long_card_opens_both_texts(page):
    card = page.locator("#gallery .card.long").first
    maps = card.locator(".map").all()
    closed = [m.evaluate("m => m.clientHeight < m.scrollHeight") for m in maps]
    assert closed == [True, True]
    card.locator(".more").click()
    assert [m.evaluate("m => m.clientHeight < m.scrollHeight") for m in maps] == [False, False]


def test_a_folded_text_shows_the_strongest_word_of_its_own_run(page):
    card = page.locator("#gallery .card.long").first
    card.scroll_into_view_if_needed()
    rising, falling = card.locator(".map").all()
    page.wait_for_function("m => m.scrollTop > 0", arg=rising.element_handle())
    assert falling.evaluate("m => m.scrollTop") == 0


def test_texts_come_one_below_the_other_then_the_heatmaps(page):
    card = page.locator("#gallery .card:not(.long)").first
    card.scroll_into_view_if_needed()
    expect(card.locator(".cells")).to_have_count(2)
    tops = [e.bounding_box()["y"] for e in card.locator(".map, .cells").all()]
    text_a, picture_a, text_b, picture_b = tops  # in the order of the page
    assert text_a < text_b < picture_a < picture_b
    page.set_viewport_size({"width": 1600, "height": 900})
    filters(page)
    page.locator("[name=view]").select_option("beside")
    boxes = [e.bounding_box() for e in card.locator(".map, .cells").all()]
    for text, picture in (boxes[:2], boxes[2:]):
        assert text["x"] + text["width"] <= picture["x"]
        assert abs(text["y"] - picture["y"]) < 60


@pytest.mark.parametrize("width", [1440, 768, 320])
def test_nothing_sticks_out_sideways(look, paged, hostile, width):
    for run in (paged, hostile):
        page = look(run / "index.html")
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_heatmaps_open_on_demand(look, paged):
    page = look(paged / "index.html")
    page.set_viewport_size({"width": 390, "height": 800})
    card = page.locator("#gallery .card").first
    card.scroll_into_view_if_needed()
    pictures = card.locator(".cells")
    expect(pictures).to_have_count(2)
    expect(pictures.first).to_be_hidden()
    expect(card.locator(".framed .run").first).to_be_hidden()
    card.locator(".show-heatmap").click()
    expect(pictures.nth(0)).to_be_visible()
    expect(pictures.nth(1)).to_be_visible()


def test_one_scale_of_shades_is_that_of_both_runs(page):
    filters(page)
    card = page.locator("#gallery .card:not(.long)").first
    card.scroll_into_view_if_needed()
    for part in (".map", ".cells"):
        expect(card.locator(f"{part} .s31")).to_have_count(2)
    page.locator("[name=shading]").select_option("run")
    for part in (".map", ".cells"):
        expect(card.locator(f"{part} .s31")).to_have_count(0)
    expect(card.locator(".key").first).to_contain_text("4 × or more")
    page.locator("[name=shading]").select_option("")
    for part in (".map", ".cells"):
        expect(card.locator(f"{part} .s31")).to_have_count(2)


def test_heatmaps_of_both_kinds_have_their_own_shades_and_keys(look, hostile):
    page = look(hostile / "index.html")
    card = page.locator(".card", has=page.locator(".id", has_text="emoji")).first
    card.scroll_into_view_if_needed()
    first, second = card.locator(".reading").all()
    expect(first.locator(".cells .s31")).to_have_count(1)
    expect(second.locator(".cells .p16")).to_have_count(1)
    expect(first.locator(".key")).to_contain_text("even share")
    expect(second.locator(".key")).to_contain_text("raised")
    filters(page)
    page.locator("[name=shading]").select_option("run")
    expect(second.locator(".key")).to_contain_text("≥ +")
    assert page.problems == []


def test_what_matches_is_saved_as_csv(page):
    page.locator("[data-outcome=fixed]").click()
    count(page, "25 of 125")
    with page.expect_download() as download:
        page.locator("#csv").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 25
    row = rows[0]
    assert (row["change"], row["label"]) == ("fixed", "fair")
    assert [row[f"{k}.predicted"] for k in "AB"] == ["bad", "fair"]
    assert [row[f"{k}.correct"] for k in "AB"] == ["no", "yes"]
    assert row["A.confidence"] == "0.700000"
    assert row["text"].startswith("review number")
    assert row["card"].startswith("index.html#ex-t")


def test_the_outcomes_lead_to_their_sections(page):
    page.locator(".outcomes a", has_text="25").first.click()
    expect(page.locator("#fixed")).to_be_in_viewport()


def test_without_script_every_changed_example_stands_on_linked_pages(scriptless, paged):
    page, seen = scriptless, []
    page.goto((paged / "index.html").as_uri())
    while True:
        seen += [card.get_attribute("id") for card in page.locator("article.card").all()]
        expect(page.locator("#find")).to_be_hidden()
        following = page.locator("a[rel=next]").first
        if not following.count():
            break
        page.goto((paged / str(following.get_attribute("href"))).as_uri())
    assert len(seen) == len(set(seen)) == 125
    pictures = page.locator(".card").first.locator(".heatmap")
    assert pictures.count() == 2
    expect(pictures.first).to_be_visible()


def test_on_paper_every_text_and_heatmap_is_there(page):
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    card = page.locator("#gallery .card.long").first
    expect(card.locator(".cells")).to_have_count(2)
    for part in card.locator(".map, .cells").all():
        expect(part).to_be_visible()
    assert card.locator(".map").first.evaluate("m => m.scrollHeight - m.clientHeight") <= 1
    expect(page.locator("#find")).to_be_hidden()


def test_nothing_of_a_hostile_text_runs(look, hostile):
    page = look(hostile / "index.html", "#sort=id")
    expect(page.locator("#cards .map").last).not_to_be_empty()
    assert page.problems == []
    assert page.locator("main script, .map b, .map img, main u").count() == 0
