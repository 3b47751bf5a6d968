"""A gallery made for review: answers in the page, kept, found, exported and imported."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from reportgen.publish.words import questions as words
from tests.browser.reviewing import (
    card_of,
    chosen,
    forget,
    id_of,
    page,
    reviewed,
    run_of,
    unlabelled_review,
)

__all__ = ["forget", "page", "reviewed", "unlabelled_review"]


def test_each_card_asks_three_questions_in_page_and_results(page):
    for state in ("", "#outcome=wrong"):
        page.evaluate("hash => { location.hash = hash }", state)
        form = card_of(page).locator(".answers")
        groups = form.locator("[role=group]")
        expect(groups.first).to_be_visible()
        assert [g.get_attribute("aria-label") for g in groups.all()] == [
            words.LABEL.asked,
            words.SHADING.asked,
        ]
        assert tuple(groups.nth(0).locator("button").all_text_contents()) == words.LABEL.answers
        assert tuple(groups.nth(1).locator("button").all_text_contents()) == words.SHADING.answers
        assert form.locator("textarea").get_attribute("aria-label") == words.REMARK.asked
        cards = page.locator("article.card:visible")
        assert page.locator("article.card:visible .answers").count() == cards.count()


def test_an_example_without_a_label_is_asked_about_its_predicted_class(look, unlabelled_review):
    page = look(unlabelled_review / "index.html")
    asked = page.eval_on_selector_all(
        "#gallery .card",
        """all => all.map(card => [Boolean(card.querySelector('.label')),
            card.querySelector('.answers [role=group]').getAttribute('aria-label'),
            card.querySelector('.answers span').textContent])""",
    )
    assert {tuple(one) for one in asked} == {
        (True, words.LABEL.asked, words.LABEL.short),
        (False, words.PREDICTION.asked, words.PREDICTION.short),
    }
    assert page.problems == []


def test_answers_are_kept_under_the_run_and_shown_again(page, look, reviewed):
    card = card_of(page)
    card.get_by_role("button", name="wrong").click()
    card.get_by_role("button", name="partly").click()
    card.locator("textarea").fill("Ironie, 皮肉 😀")
    expect(page.locator("#progress")).to_have_text("1 of 130 answered")
    card_of(page, 1).get_by_role("button", name="cannot tell").click()
    expect(page.locator("#progress")).to_have_text("2 of 130 answered")
    name = id_of(card)
    again = look(reviewed / "index.html")
    card = card_of(again)
    assert id_of(card) == name
    assert chosen(card) == ["wrong", "partly"]
    expect(card.locator("textarea")).to_have_value("Ironie, 皮肉 😀")
    second = look(reviewed / "page-0002.html")
    expect(second.locator("#progress")).to_have_text("2 of 130 answered")
    keys = page.evaluate("Object.keys(localStorage).filter(key => key.includes('answers'))")
    assert keys == [f"reportgen-answers-{run_of(reviewed)}"]


def test_another_window_takes_over_what_changes(page, look, reviewed):
    other = look(reviewed / "index.html")
    card_of(page).get_by_role("button", name="right", exact=True).click()
    expect(other.locator("#progress")).to_have_text("1 of 130 answered")
    assert chosen(card_of(other)) == ["right"]
    card_of(other, 1).get_by_role("button", name="wrong").click()
    expect(page.locator("#progress")).to_have_text("2 of 130 answered")


def test_a_second_click_takes_an_answer_back(page):
    button = card_of(page).get_by_role("button", name="ambiguous")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    card_of(page).get_by_role("button", name="wrong").click()
    assert chosen(card_of(page)) == ["wrong"]
    card_of(page).get_by_role("button", name="wrong").click()
    assert chosen(card_of(page)) == []
    expect(page.locator("#progress")).to_have_text("0 of 130 answered")


def test_keys_answer_the_card_in_hand(page):
    page.keyboard.press("j")
    page.keyboard.press("2")
    page.keyboard.press("p")
    assert chosen(card_of(page)) == ["wrong", "partly"]
    page.keyboard.press("j")
    for key, answer in zip("1234", words.LABEL.answers, strict=True):
        page.keyboard.press(key)
        assert chosen(card_of(page, 1)) == [answer]
    page.keyboard.press("4")
    assert chosen(card_of(page, 1)) == []
    for key, answer in zip("ypn", words.SHADING.answers, strict=True):
        page.keyboard.press(key)
        assert chosen(card_of(page, 1)) == [answer]
    page.keyboard.press("r")
    page.keyboard.type("jk12 no keys here")
    page.keyboard.press("Escape")
    expect(card_of(page, 1).locator("textarea")).to_have_value("jk12 no keys here")
    assert chosen(card_of(page, 1)) == ["no"]
    page.keyboard.press("u")
    expect(card_of(page, 2).locator(".id")).to_be_focused()
    page.keyboard.press("u")
    expect(card_of(page, 3).locator(".id")).to_be_focused()


def test_a_key_answers_no_card_that_is_out_of_sight(page):
    page.keyboard.press("j")
    page.locator("article.card").nth(20).scroll_into_view_if_needed()
    page.keyboard.press("1")
    assert chosen(card_of(page)) == []
    answered = page.locator("article.card", has=page.locator("[aria-pressed=true]"))
    box = answered.bounding_box()
    assert box["y"] < page.viewport_size["height"]
    assert box["y"] + box["height"] > 0


def test_keys_are_listed_and_none_has_two_meanings(page):
    page.keyboard.press("?")
    listed = page.locator("#keys dt").all_text_contents()
    keys = [key for text in listed for key in text.split()]
    assert len(keys) == len(set(keys))
    assert {"1", "2", "3", "4", "y", "p", "n", "r", "u", "j", "k"} <= set(keys)
    page.keyboard.press("Escape")


def test_a_filter_shows_what_is_answered_and_what_is_not(page):
    names = []
    for number in (0, 2):
        card_of(page, number).get_by_role("button", name="wrong").click()
        names.append(id_of(card_of(page, number)))
    page.locator(".filters summary").click()
    page.locator("[name=answered]").select_option("answered")
    expect(page.locator("#count")).to_have_text("2 of 130")
    expect(page.locator("#cards .card")).to_have_count(2)
    assert page.locator("#cards .id").all_text_contents() == names
    expect(page.locator("#cards [aria-pressed=true]")).to_have_count(2)
    page.locator("[name=answered]").select_option("not answered")
    expect(page.locator("#count")).to_have_text("128 of 130")
    assert "answered=no" in page.url
    card_of(page).get_by_role("button", name="no", exact=True).click()
    expect(page.locator("#progress")).to_have_text("3 of 130 answered")
    page.locator("#clear").click()
    expect(page.locator("#count")).to_have_text("1 to 100 of 130")


def test_what_is_typed_last_is_kept_when_the_page_is_left(page, look, reviewed):
    card_of(page).locator("textarea").fill("in haste")
    page.goto((reviewed / "page-0002.html").as_uri())
    expect(page.locator("#progress")).to_have_text("1 of 130 answered")


def test_the_date_is_that_of_the_first_answer(page):
    assert page.locator("[name=date]").input_value() == ""
    card_of(page).get_by_role("button", name="wrong").click()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page.locator("[name=date]").input_value())


def test_paper_has_no_forms(page):
    page.emulate_media(media="print")
    for hidden in (".answers", "#review", "#progress"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(card_of(page).locator(".map")).to_be_visible()


def test_a_telephone_holds_the_forms(page):
    page.set_viewport_size({"width": 360, "height": 800})
    card = card_of(page)
    card.get_by_role("button", name="cannot tell").click()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    for button in card.locator(".answers button").all():
        assert button.bounding_box()["height"] >= 24


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(look, reviewed, theme):
    page = look(reviewed / "index.html")
    page.emulate_media(color_scheme=theme)
    card_of(page).get_by_role("button", name="wrong").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_without_the_script_nothing_is_asked(scriptless, reviewed):
    scriptless.goto((reviewed / "index.html").as_uri())
    expect(scriptless.locator("#review")).to_be_hidden()
    assert scriptless.locator(".answers").count() == 0


def test_a_gallery_that_asks_nothing_knows_nothing_of_it(finished):
    assert not (finished / "assets" / "answers.css").exists()
    texts = [(finished / name).read_text() for name in ("index.html", "assets/gallery.js")]
    for text in texts:
        assert "answered" not in text
        assert "review-status" not in text
