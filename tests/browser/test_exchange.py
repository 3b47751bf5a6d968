"""Answers of a reviewer as a file, and what happens where the browser keeps none."""

import json

import pytest
from playwright.sync_api import expect

from reportgen.publish.words import questions as words
from tests.browser.reviewing import (
    card_of,
    chosen,
    exported,
    forget,
    id_of,
    page,
    reviewed,
    run_of,
    status,
    upload,
)

__all__ = ["forget", "page", "reviewed"]

BLOCKED = """Object.defineProperty(self, "localStorage",
    { get() { throw new Error("blocked"); } })"""
FULL = """void (Storage.prototype.setItem =
    () => { throw new DOMException("full", "QuotaExceededError"); })"""


def test_the_export_has_what_was_answered_and_comes_back(page, look, reviewed):
    page.locator("#export").click()
    expect(status(page)).to_have_text(words.PAGE["nothing"])
    first, second = card_of(page), card_of(page, 1)
    first.get_by_role("button", name="cannot tell").click()
    second.get_by_role("button", name="yes").click()
    second.locator("textarea").fill('"Quoted" <b>\nمراجعة')
    page.locator("#export").click()
    expect(status(page)).to_have_text(words.PAGE["unnamed"])
    expect(page.locator("[name=name]")).to_be_focused()
    page.locator("[name=name]").fill("Ольга T.")
    page.locator("[name=date]").fill("2026-11-27")
    written, name = exported(page)
    assert name == f"answers-{run_of(reviewed)[:8]}-Ольга-T-.json"
    inputs = json.loads((reviewed / "metrics.json").read_text())["run"]
    assert written == {
        "format": "reportgen.answers",
        "version": 1,
        "run": run_of(reviewed),
        "experiment": reviewed.parent.name,
        "split": inputs["data"]["split"],
        "reviewer": {"name": "Ольга T.", "date": "2026-11-27"},
        "answers": {
            id_of(first): {"label": "cannot tell"},
            id_of(second): {"shading": "yes", "remark": '"Quoted" <b>\nمراجعة'},
        },
    }
    expect(status(page)).to_have_text("The answers to 2 examples are in the file that was saved.")
    page.wait_for_timeout(300)  # then nothing is left to be kept
    page.evaluate("localStorage.clear()")
    again = look(reviewed / "index.html")
    expect(again.locator("#progress")).to_have_text("0 of 130 answered")
    upload(again, written)
    expect(again.locator("#progress")).to_have_text("2 of 130 answered")
    expect(again.locator("[name=name]")).to_have_value("Ольга T.")
    assert chosen(card_of(again)) == ["cannot tell"]
    assert exported(again)[0] == written
    assert again.problems == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "x"}, words.PAGE["foreign"].format(file="a.json")),
        ({"version": 2}, words.PAGE["foreign"].format(file="a.json")),
        ({"run": "ab" * 32}, words.PAGE["other"].format(file="a.json", run="abababab")),
        (None, words.PAGE["foreign"].format(file="a.json")),
    ],
)
def test_a_file_of_something_else_is_refused(page, reviewed, changes, message):
    good = {"format": "reportgen.answers", "version": 1, "run": run_of(reviewed)}
    answers = {"plain": {"label": "right"}}
    upload(
        page, "{no json" if changes is None else {**good, "answers": answers, **changes}, "a.json"
    )
    expect(status(page)).to_have_text(message)
    expect(page.locator("#progress")).to_have_text("0 of 130 answered")


def test_of_a_file_only_answers_are_taken(page, reviewed):
    given = {
        "plain": {"label": "perhaps", "shading": "no", "remark": 7, "constructor": "x"},
        "one": {"label": ""},
        "no such example": {"label": "right"},
        "__proto__": {"label": "right"},
        "emoji": {"label": "right"},
        "rtl": None,
    }
    upload(
        page,
        {"format": "reportgen.answers", "version": 1, "run": run_of(reviewed), "answers": given},
    )
    expect(page.locator("#progress")).to_have_text("2 of 130 answered")
    page.locator("[name=name]").fill("x")
    assert exported(page)[0]["answers"] == {
        "plain": {"shading": "no"},
        "emoji": {"label": "right"},
    }


@pytest.mark.parametrize("how", [BLOCKED, FULL], ids=["blocked", "full"])
def test_without_storage_the_page_says_so_and_still_exports(browser, reviewed, how):
    page = browser.new_page()
    page.add_init_script(how)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((reviewed / "index.html").as_uri())
    expect(status(page)).to_have_text(words.PAGE["unkept"])
    card_of(page).get_by_role("button", name="wrong").click()
    expect(page.locator("#progress")).to_have_text("1 of 130 answered")
    page.locator("[name=name]").fill("x")
    assert len(exported(page)[0]["answers"]) == 1
    assert problems == []
    page.close()


def test_a_browser_that_becomes_full_is_told_of(page):
    expect(status(page)).to_have_text(words.PAGE["kept"])
    page.evaluate(FULL)
    card_of(page).get_by_role("button", name="wrong").click()
    expect(status(page)).to_have_text(words.PAGE["full"])
    page.locator("[name=name]").fill("x")
    assert len(exported(page)[0]["answers"]) == 1


def test_leaving_without_storage_asks_until_all_is_exported(browser, reviewed):
    page = browser.new_page()
    page.add_init_script(BLOCKED)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto((reviewed / "index.html").as_uri())
    card_of(page).get_by_role("button", name="wrong").click()
    page.reload()
    assert asked == ["beforeunload"]
    card_of(page).get_by_role("button", name="wrong").click()
    page.locator("[name=name]").fill("x")
    exported(page)
    page.reload()
    assert asked == ["beforeunload"]
    page.close()


def test_the_single_file_asks_the_same(look, reviewed):
    page = look(reviewed / "report.html")
    card_of(page).get_by_role("button", name="wrong").click()
    page.locator("[name=name]").fill("x")
    assert exported(page)[0]["run"] == run_of(reviewed)
    assert page.problems == []
