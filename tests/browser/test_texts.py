"""Texts in many scripts, with tokens as tokenizers write them, in the gallery's script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import rendered
from tests.publish.texts import TEXTS, write_texts


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    return rendered(write_texts(folder / "texts.jsonl"), folder, tokens="as-written")


def test_cards_by_the_script_mark_white_space_and_keep_the_text(look, texts):
    page = look(texts / "index.html")
    by_template, by_script = page.evaluate(
        """async source => {
            const mapOf = card => {
                const map = card.querySelector(".map");
                return [map.textContent, [...map.querySelectorAll("i")].map(i => i.outerHTML)];
            };
            const plain = new DOMParser().parseFromString(source, "text/html");
            const cards = [...plain.querySelectorAll("#gallery article")];
            const built = [];
            for (const i of cards.keys()) built.push(mapOf(await self.reportgen.build(i)));
            return [cards.map(mapOf), built];
        }""",
        (texts / "index.html").read_text(),
    )
    assert by_script == by_template
    assert {text for text, _ in by_script} == {text for text, _, _ in TEXTS.values()}
    marks = [
        mark for _, tokens in by_script for mark in re.findall('data-mark="(.*?)"', "".join(tokens))
    ]
    assert marks == ["↵", "↵", "⇥", "␣␣", "␣"]
    shown = page.locator("i[data-mark]").first.evaluate(
        "i => getComputedStyle(i, '::before').content"
    )
    assert shown == '"↵"'
    assert page.problems == []


@pytest.mark.parametrize("shading", ["", "text"])
def test_the_even_share_is_that_of_all_tokens_read(look, texts, shading):
    page = look(texts / "index.html")
    page.locator(".filters summary").click()
    page.locator("[name=shading]").select_option(shading)
    card = page.locator("#ex-bytes .map")
    end = 5 / 15 * 5 if shading else 4  # the largest of a token, or four even shares
    place = min((7 / 15 * 5 - 1) / (end - 1), 1)  # the bytes of the emoji share one
    expect(card.locator("i", has_text="😀")).to_have_class(f"s{int(31 * place + 0.5)}")
    share = (5 / 15 * 5 - 1) / (end - 1)
    expect(card.locator("i", has_text="!")).to_have_class(f"s{int(31 * share + 0.5)}")
