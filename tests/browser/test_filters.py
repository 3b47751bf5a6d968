"""Filters by what only cards show: flags and further columns, together with the search."""

import json
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from reportgen.predictions import write_predictions
from tests.browser.conftest import without_pictures
from tests.publish.conftest import info, prediction

TOPICS = ("film", 'a "book" & more', "")


@pytest.fixture(scope="module")
def flagged(tmp_path_factory):
    """The run of 3,000 short texts on thirty pages, every fourth also trained on."""
    folder = tmp_path_factory.mktemp("flagged")
    rows = [
        replace(
            prediction(f"r-{i:04}", f"number {i} is {'dull' if i % 5 else 'the Café'}", i),
            in_train=i % 4 == 0,
            extra={"topic": TOPICS[i % 3], "many": f"value {i}", "__proto__": "x"},
        )
        for i in range(3000)
    ]
    columns = ("spans", "unknown", "in_train")
    write_predictions(folder / "t.parquet", info(), rows, ["topic", "many", "__proto__"], columns)
    return without_pictures(folder / "t.parquet", folder)


@pytest.fixture
def page(look, flagged):
    page = look(flagged / "index.html")
    page.problems.clear()  # the heatmaps were not drawn
    yield page
    assert not [
        problem
        for problem in page.problems
        if "heatmap" not in problem and "ERR_FILE" not in problem
    ]


def fields(page):
    page.locator("summary", has_text="Filters and view").click()
    return page.locator("#find")


def test_each_flag_and_each_column_of_few_values_has_a_filter(page):
    form = fields(page)
    names = form.locator("select").evaluate_all("all => all.map(one => one.name)")
    assert [name for name in names if name.startswith("extra.")] == [
        "extra.__proto__",
        "extra.topic",
    ]
    options = form.locator("select[name='extra.topic'] option").all_inner_texts()
    assert options == ["any", 'a "book" & more', "film"]
    assert (
        "this text is also in the training data"
        in form.locator("select[name=flag] option").all_inner_texts()
    )


def test_flags_columns_and_search_work_together(page):
    form = fields(page)
    count = page.locator("#count")
    form.locator("select[name=flag]").select_option("this text is also in the training data")
    expect(count).to_have_text("750 of 3,000")
    form.locator("select[name='extra.topic']").select_option('a "book" & more')
    expect(count).to_have_text("250 of 3,000")
    form.locator("input[name=q]").fill("cafe")
    expect(count).to_have_text("50 of 3,000")
    for card in page.locator("#cards .card").all():
        i = int(card.get_attribute("id").removeprefix("ex-r-"))
        assert (i % 4, i % 3, i % 5) == (0, 1, 0)
        expect(card.locator(".flag").first).to_be_attached()
    shown = page.evaluate("location.hash")
    page.reload()
    expect(count).to_have_text("50 of 3,000")
    assert page.evaluate("location.hash") == shown
    page.evaluate("location.hash = '#extra.topic=nothing'")
    expect(count).to_have_text("0 of 3,000")
    page.evaluate("location.hash = '#flag=nothing'")
    page.wait_for_timeout(200)
    expect(count).to_have_text("0 of 3,000")


def test_the_index_says_what_every_card_says(flagged):
    text = (flagged / "data" / "index.js").read_text()
    index = json.loads(re.fullmatch(r".*?\.push\(\[\"index\",(.*)\]\)\n", text, re.DOTALL)[1])
    assert [c["name"] for c in index["extra"]] == ["__proto__", "topic"]
    at = 0
    for path in sorted((flagged / "data").glob("cards-*.js")):
        cards = json.loads(
            re.fullmatch(r".*?\.push\(\[\"cards-\d+\",(.*)\]\)\n", path.read_text())[1]
        )
        for card in cards:
            flags = [f for k, f in enumerate(index["flags"]) if index["flag"][at] >> k & 1]
            assert sorted(flags) == sorted(card["flags"])
            own = {name: value for name, value in card["extra"] if name != "many"}
            found = {
                c["name"]: c["values"][c["places"][at]]
                for c in index["extra"]
                if c["places"][at] is not None
            }
            assert found == own
            at += 1
    assert at == 3000


def test_texts_are_read_while_nothing_happens_and_are_then_at_hand(page):
    texts = {"runs.js", "texts-0001.js", "texts-0002.js", "texts-0003.js"}
    for _ in range(100):
        read = {url.rsplit("/", 1)[-1] for url in page.requests}
        if texts <= read:
            break
        page.wait_for_timeout(100)
    assert texts <= read
    page.wait_for_timeout(200)
    before = len(page.requests)
    page.evaluate("location.hash = '#q=number+2999'")
    expect(page.locator("#count")).to_have_text("1 of 3,000")
    asked = [url.rsplit("/", 1)[-1] for url in page.requests[before:] if "/data/" in url]
    assert [name.split("-")[0] for name in asked] == ["cards"]  # the page of the one card
