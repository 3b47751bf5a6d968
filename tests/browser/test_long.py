"""Long texts, and many: no number of tokens is too large for the script."""

import dataclasses
import json
import math
import re
import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

from reportgen.predictions import write_predictions
from reportgen.publish.html.data import BETWEEN, script
from tests.browser.conftest import rendered
from tests.publish.conftest import info, prediction

MANY = 130_000  # more than a call takes as arguments in any browser


@pytest.fixture(scope="module")
def long_texts(tmp_path_factory):
    """A run of 101 texts of 1,300 tokens; one word of one text has half of its attention."""
    folder = tmp_path_factory.mktemp("long")
    rows = [prediction(f"r-{i:03}", "word " * 1300, i) for i in range(101)]
    weights = np.full(1300, 0.5 / 1299, dtype=np.float32)
    weights[700] = 0.5
    rows[1] = dataclasses.replace(rows[1], attention=weights)
    write_predictions(folder / "p.parquet", info(rows=101, evaluated=101), rows)
    return rendered(folder / "p.parquet", folder)


def test_one_scale_for_a_page_of_long_texts(look, long_texts):
    page = look(long_texts / "index.html")
    assert page.locator("#gallery .map i").count() == MANY
    darkest = page.locator("#gallery .map .s31")
    # Half of the attention is 650 even shares; no other word has as many as two.
    assert darkest.count() == 1
    page.locator(".filters summary").click()
    page.locator("[name=shading]").select_option("text")
    expect(darkest).not_to_have_count(1)
    assert darkest.count() >= 100
    page.locator("[name=shading]").select_option("")
    expect(darkest).to_have_count(1)
    assert darkest.evaluate("token => [...token.parentNode.children].indexOf(token)") == 700
    assert darkest.locator("xpath=ancestor::article").get_attribute("id") == "ex-r-001"
    levels = page.locator("#gallery .map [class^=s]").evaluate_all(
        "all => all.map(token => parseInt(token.className.slice(1)))"
    )
    assert sorted(levels)[-2] <= 31 * (2 - 1) / (4 - 1)
    assert page.problems == []


def test_no_word_shows_through_the_ellipsis_of_a_folded_text(look, long_texts):
    text = look(long_texts / "index.html").locator("#ex-r-001 .map")
    text.scroll_into_view_if_needed()
    expect(text).to_have_class(re.compile("cut-above"))
    drawn = """(text, pseudo) => {
      const style = getComputedStyle(text, pseudo);
      const [share] = /[0-9.]+(?=%)/.exec(style.backgroundImage);
      return [style.height, style.lineHeight, style.paddingTop, share].map(parseFloat);
    }"""
    height, line, above, opaque = text.evaluate(drawn, "::before")
    assert above + line <= height * opaque / 100
    height, line, above, clear = text.evaluate(drawn, "::after")
    assert height * clear / 100 <= above
    assert above + line <= math.ceil(height)


@pytest.mark.parametrize("width", [412, 1280])
def test_a_folded_text_says_where_it_goes_on(look, long_texts, width):
    """That of r-001 is folded around its word 700; the others have no word to fold around."""
    page = look(long_texts / "index.html")
    page.set_viewport_size({"width": width, "height": 900})

    def cuts(name):
        card = page.locator(f"#{name}")
        card.scroll_into_view_if_needed()
        expect(card.locator(".map")).to_have_class(re.compile("cut-below"))
        return {
            side: card.locator(".map").evaluate(
                f"map => getComputedStyle(map, '::{pseudo}').content"
            )
            for side, pseudo in (("above", "before"), ("below", "after"))
        }

    assert cuts("ex-r-001") == {"above": '"…"', "below": '"…"'}
    card = page.locator("#ex-r-001")
    word, frame = card.locator(".map .s31").bounding_box(), card.locator(".map").bounding_box()
    assert frame["y"] + 32 <= word["y"] <= frame["y"] + frame["height"] - 32  # not in the fades
    card.locator(".map").evaluate("map => map.scrollTo(0, map.scrollHeight)")
    expect(card.locator(".map")).not_to_have_class(re.compile("cut-below"))
    card.locator(".more").click()
    for pseudo in ("before", "after"):
        style = f"map => getComputedStyle(map, '::{pseudo}').content"
        assert card.locator(".map").evaluate(style) == "none"
    if width > 1000:
        card.locator(".more").click()
        expect(card.locator(".frame")).to_have_class(re.compile("cut-above"))


def test_a_text_that_is_not_cut_says_nothing(look, finished):
    page = look(finished / "index.html")
    page.wait_for_timeout(300)
    expect(page.locator(".cut-above, .cut-below")).to_have_count(0)


def test_a_text_of_very_many_tokens(look, finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    data = run / "data" / "cards-0001.js"
    text = data.read_text()
    examples = json.loads(text[text.index(",") + 1 : text.rindex("])")])
    # A run of such a text takes minutes to draw; the script reads nothing but this file.
    examples[0] |= {
        "text": f"{BETWEEN}word{BETWEEN} " * MANY,
        "shades": "1" * MANY,
        "weights": ",".join(["1"] * MANY),
        "gradients": "2" * MANY,
        "unknown": [],
    }
    data.write_text(script("cards-0001", examples))
    page = look(run / "index.html", "#sort=id")
    expect(page.locator("#cards .map .s1")).to_have_count(MANY)
    expect(page.locator("#cards .ig .s2")).to_have_count(MANY)
    assert page.locator("#cards article").count() == 13
    assert page.problems == []
