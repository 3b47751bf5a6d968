"""Attributions on a page: shades with a sign and what they say; shades of one attention head."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from reportgen.figures.palette import contrast
from reportgen.predictions import WRITTEN, write_predictions
from reportgen.records import Weights
from tests.browser.conftest import rendered
from tests.publish.conftest import info, prediction

MINUS = "\N{MINUS SIGN}"
TEXTS = {
    "short": "so bad a film that I loved it",
    "long": "good " + "and on " * 120 + "worst",
    "left": "فيلم رائع جدا שלום עולם",
    "word": "x" * 300 + " done",
    "none": "",
}
SHORT = [0.1, -0.4, -0.05, 0.0, np.nan, 0.001, 0.2, 0.25]


def weights_of(tokens, i):
    if tokens == 8:
        return np.array(SHORT, dtype=np.float32)
    weights = 0.1 * np.cos(np.arange(tokens) * (i + 1)).astype(np.float32)
    weights[-1:] = -2
    return weights


@pytest.fixture(scope="session")
def signed(tmp_path_factory):
    """A run of attributions."""
    folder = tmp_path_factory.mktemp("signed")
    made = [prediction(id_, text, i) for i, (id_, text) in enumerate(TEXTS.items())]
    rows = [replace(r, attention=weights_of(len(r.tokens), i)) for i, r in enumerate(made)]
    about = replace(info(rows=5, evaluated=5), weights=Weights("attribution", "SHAP values"))
    write_predictions(folder / "p.parquet", about, rows)
    return rendered(folder / "p.parquet", folder, single_file=True)


@pytest.fixture(scope="session")
def headed(tmp_path_factory):
    """A run of 110 short texts with two attention heads each, on two pages."""
    folder = tmp_path_factory.mktemp("heads")
    rows = []
    for i in range(110):
        made = prediction(f"h-{i:03}", "one two three four", i)
        heads = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]], dtype=np.float32)
        rows.append(replace(made, heads=heads, attention=heads.mean(axis=0)))
    rows[1] = replace(rows[1], heads=None)
    rows[4] = replace(rows[4], spans=((0, 3), (4, 7), (8, 18), (8, 18)))  # two share a place
    columns = (*WRITTEN, "attention_heads")
    about = info(rows=110, evaluated=110)
    write_predictions(folder / "p.parquet", about, rows, columns=columns)
    return rendered(folder / "p.parquet", folder, single_file=True)


def classes(page, selector, part=".map"):
    return page.eval_on_selector_all(f"{selector} {part} i", "all => all.map(t => t.className)")


def test_words_are_shaded_by_their_sign(look, signed):
    page = look(signed / "index.html")
    # In the run's scale, from -2 to 2.
    assert classes(page, "#ex-short") == ["p1", "m3 u", "", "", "u n", "", "p2", "p2 u"]
    assert not [name for name in classes(page, "#gallery") if name.startswith("s")]
    lines = page.eval_on_selector_all(
        "#ex-short .map i", "all => all.map(t => parseFloat(getComputedStyle(t).borderTopWidth))"
    )
    assert [line > 0 for line in lines] == [False, True, *[False] * 6]
    assert page.problems == []


def test_a_word_tells_its_sign_in_words(look, signed):
    page = look(signed / "index.html")
    page.locator("#ex-short .map").focus()
    told = {
        0: "attribution +0.100 (raised the answer), rank 4 of 8",
        1: f"attribution {MINUS}0.400 (lowered the answer), rank 1 of 8, not in the vocabulary",
        3: "attribution 0, rank 7 of 8",
        4: "not read by the model",
        5: "attribution +0.00100 (raised the answer), rank 6 of 8",
    }
    for place in range(len(SHORT)):
        page.keyboard.press("ArrowRight")
        if place in told:
            expect(page.locator("#tip")).to_have_text(told[place])
        else:
            page.wait_for_timeout(50)
    page.keyboard.press("m")  # the strongest of either sign
    expect(page.locator("#ex-short i.here")).to_have_text("bad")


def test_a_card_names_both_sides(look, signed):
    card = look(signed / "index.html").locator("#ex-short")
    raised, lowered = card.locator(".attended").all_text_contents()
    assert raised == "raised the answer it +0.250 · loved +0.200 · so +0.100"
    assert lowered == f"lowered the answer bad {MINUS}0.400 · a {MINUS}0.0500"
    source = (signed / "index.html").read_text()
    assert '; raised the answer: it, loved, so; lowered the answer: bad, a"' in source


def test_a_folded_text_shows_its_strongest_word_of_either_sign(look, signed):
    card = look(signed / "index.html").locator("#ex-long")
    card.scroll_into_view_if_needed()
    word, frame = (card.locator(at) for at in (".map .m16", ".map"))  # it is darkest in the run
    expect(word).to_have_text("worst")
    word, frame = word.bounding_box(), frame.bounding_box()
    assert frame["y"] <= word["y"] <= frame["y"] + frame["height"]


@pytest.mark.parametrize("file", ["index.html", "report.html"])
def test_cards_by_the_script_are_those_of_the_template(look, signed, file):
    page = look(signed / file)
    pairs = page.evaluate(
        """async source => {
            const plain = new DOMParser().parseFromString(source, "text/html");
            const made = [];
            for (const [i, card] of [...plain.querySelectorAll("#gallery article")].entries()) {
                const built = await self.reportgen.build(i);
                for (const part of [".map", "footer"]) {
                    made.push([card, built].map((one) =>
                        one.querySelector(part).outerHTML.replace(/>\\s+</g, "><")));
                }
                made.push([card, built].map((one) =>
                    one.querySelector(".frame").cloneNode().outerHTML));
            }
            return made;
        }""",
        (signed / file).read_text(),
    )
    assert len(pairs) == 15
    for template, script in pairs:
        assert script == template
    assert page.problems == []


def test_a_scale_for_each_text_keeps_the_signs(look, signed):
    page = look(signed / "index.html")
    before = classes(page, "#ex-short")
    page.locator(".filters summary").click()
    page.locator("[name=shading]").select_option("text")
    expect(page.locator("#ex-short .map i").nth(1)).to_have_class(re.compile("^m16 u"))
    assert classes(page, "#ex-short") == ["p4", "m16 u", "m2", "", "u n", "", "p8", "p10 u"]
    page.locator("[name=shading]").select_option("")
    expect(page.locator("#ex-short .map i").nth(1)).to_have_class(re.compile("^m3 u"))
    assert classes(page, "#ex-short") == before
    assert page.problems == []


def rgb(text):
    return tuple(int(part) / 255 for part in text[4:-1].split(","))


def test_paper_tells_both_signs_without_any_background(look, signed):
    page = look(signed / "index.html")
    page.emulate_media(media="print")
    found = page.eval_on_selector_all(
        "#gallery .map i",
        """all => all.map(t => { const style = getComputedStyle(t); return [
        t.className, style.color, style.backgroundColor,
        parseFloat(style.borderTopWidth), parseFloat(style.borderBottomWidth)]; })""",
    )
    assert {name[0] for name, *_ in found if name} == {"p", "m", "u"}
    for name, color, background, above, below in found:
        assert contrast(rgb(color), (1, 1, 1)) >= 4.5
        if re.match(r"[pm]\d", name):
            assert contrast(rgb(color), rgb(background)) >= 4.5
        assert (above > 0) == name.startswith("m")
        if name.startswith("m"):
            assert below == 0
    strongest = max(above for name, *_, above, _ in found if name.startswith("m"))
    assert strongest > min(above for name, *_, above, _ in found if name.split()[:1] == ["m1"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("run", ["signed", "headed"])
def test_axe_finds_nothing(look, request, run, theme):
    page = look(request.getfixturevalue(run) / "index.html")
    page.emulate_media(color_scheme=theme)
    page.locator(".filters summary").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


# Attention heads


@pytest.mark.parametrize("file", ["index.html", "report.html"])
def test_a_head_can_be_chosen(look, headed, file):
    page = look(headed / file)
    card = "#ex-h-003"
    mean = classes(page, "#gallery")
    assert classes(page, card) == ["s6", "u", "", "s6"]  # 1.6 of up to 4 even shares
    page.locator(".filters summary").click()
    head = page.locator("[name=head]")
    assert head.locator("option").all_text_contents() == ["mean of all", "1", "2"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # which draws every heatmap
    head.select_option("1")
    expect(page.locator(f"{card} .map i").nth(3)).to_have_class("")
    assert classes(page, card) == ["s19", "u", "", ""]
    expect(page.locator(f"{card} .cells i").first).to_have_class("s19")
    assert classes(page, "#ex-h-001") == ["s6", "u", "", "s6"]  # it has none
    assert classes(page, "#ex-h-004", ".cells") == ["s19", "u", "", ""]
    head.select_option("2")
    expect(page.locator(f"{card} .map i").nth(0)).to_have_class("")
    assert classes(page, card) == ["", "u", "", "s19"]
    assert [len(classes(page, "#ex-h-004", part)) for part in (".map", ".cells")] == [3, 4]
    assert classes(page, "#ex-h-004", ".cells")[3] == "s19"
    expect(page.locator("[name=shading]")).to_be_disabled()
    page.locator(f"{card} .map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tip")).to_have_text(
        "mean of all heads, attention 0.4000, 1.6 even shares, rank 1 of 4"
    )
    page.evaluate("location.hash = '#q=two&head=2'")  # what is found is shaded likewise
    expect(page.locator("#cards .card .map i").first).to_be_visible()
    expect(page.locator("#cards .map .s19").first).to_have_text(re.compile("one|four"))
    page.evaluate("location.hash = '#head=2'")
    head.select_option("")
    expect(page.locator(f"{card} .map i").nth(0)).to_have_class("s6")
    assert classes(page, "#gallery") == mean
    expect(page.locator("[name=shading]")).to_be_enabled()
    assert page.problems == []


def test_heads_are_a_file_of_their_own_that_is_loaded_when_one_is_chosen(look, headed, signed):
    names = {path.name for path in (headed / "data").iterdir()}
    assert {name for name in names if "heads" in name} == {"heads-0001.js", "heads-0002.js"}
    assert "cards-0001.js" in names
    name, value = json.loads((headed / "data" / "heads-0001.js").read_text().split("push(")[1][:-2])
    assert (name, len(value)) == ("heads-0001", 100)
    assert {json.dumps(heads) for heads in value if heads} == {
        '["j000", "000j"]',
        '["j00j000", "00n000j"]',
    }
    assert not (signed / "data" / "heads-0001.js").exists()
    assert look(signed / "index.html").locator("[name=head]").count() == 0
    page = look(headed / "index.html")
    page.evaluate("self.reportgen.build(0)")
    assert not [url for url in page.requests if "heads-" in url]
    page.locator(".filters summary").click()
    page.locator("[name=head]").select_option("1")
    expect(page.locator("#gallery .map .s19").first).to_be_visible()
    page.wait_for_timeout(200)
    assert [url.rsplit("/")[-1] for url in page.requests if "heads-" in url] == ["heads-0001.js"]


def test_a_missing_file_of_heads_is_said(look, headed, tmp_path):
    import shutil

    run = tmp_path / "run"
    shutil.copytree(headed, run)
    (run / "data" / "heads-0001.js").unlink()
    page = look(run / "index.html")
    page.locator(".filters summary").click()
    page.locator("[name=head]").select_option("1")
    expect(page.locator("#count")).to_contain_text("heads-0001.js is missing")
