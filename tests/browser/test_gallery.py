"""The page as it opens: pictures, fonts, themes, widths, and without its script."""

import pytest
from playwright.sync_api import expect

from reportgen.figures.shapes import level_shade


@pytest.fixture
def page(look, finished):
    return look(finished / "index.html")


def load_everything(page):
    page.eval_on_selector_all("img", "all => all.forEach(i => i.loading = 'eager')")
    page.evaluate(
        """Promise.all([...document.images].map(i => i.decode().catch(() => 0)))
            .then(() => document.fonts.ready).then(() => true)"""
    )


def test_it_opens_from_the_disk_and_asks_nothing_outside_its_folder(page, finished):
    load_everything(page)
    assert page.problems == []
    folder = finished.as_uri() + "/"
    assert [url for url in page.requests if not url.startswith(folder)] == []


def test_every_picture_and_font_loads(page):
    load_everything(page)
    sizes = page.eval_on_selector_all("img", "all => all.map(i => i.naturalWidth)")
    charts = page.locator("figure img").count()
    assert charts >= 2 * 3  # calibration, coverage, training, in two themes
    assert len(sizes) == charts  # heatmaps are drawn by the page
    assert min(sizes) > 0
    fonts = page.evaluate("[...document.fonts].map(f => f.status)")
    assert fonts == ["loaded"] * 4


def test_pictures_have_their_place_before_they_load(scriptless, finished):
    scriptless.goto((finished / "index.html").as_uri())
    ratios = scriptless.eval_on_selector_all(
        ".heatmap",
        """all => all.map(i => [
            i.width / i.height, i.getAttribute('width') / i.getAttribute('height')])""",
    )
    assert len(ratios) == 13
    for shown, said in ratios:
        assert shown == pytest.approx(said, rel=0.02)


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_nothing_sticks_out_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_shades_are_what_the_weights_say(page):
    colors = page.eval_on_selector_all(
        ".map i[class^=s]",
        "all => all.map(t => [t.className.split(' ')[0], getComputedStyle(t).backgroundColor])",
    )
    assert len(colors) >= 12
    for name, color in colors:
        wanted = [round(255 * part) for part in level_shade(int(name[1:]))]
        assert color == f"rgb({', '.join(map(str, wanted))})"


def test_a_text_runs_from_its_own_side(page):
    sides = """([text]) => { const box = text.getBoundingClientRect(), tokens = [...text.children]
        .map(token => token.getBoundingClientRect());
        return [tokens[0].left - box.left, box.right - tokens[0].right]; }"""
    for id_, side in (("plain", 0), ("rtl", 1)):
        gaps = page.eval_on_selector_all(f"#ex-{id_} .map", sides)
        assert gaps[side] == pytest.approx(0, abs=1)
        assert gaps[1 - side] > 100


def test_the_dark_theme_follows_the_system_and_the_switch(page):
    color = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(color) == "rgb(251, 250, 247)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(color) == "rgb(20, 23, 26)"
    expect(page.locator("figure img.dark").first).to_be_visible()
    expect(page.locator("figure img.light").first).to_be_hidden()
    page.locator(".filters summary").click()
    page.locator("[name=theme]").select_option("light")
    assert page.evaluate(color) == "rgb(251, 250, 247)"
    expect(page.locator("figure img.light").first).to_be_visible()
    page.reload()
    assert page.evaluate(color) == "rgb(251, 250, 247)"


def test_without_script_every_example_stands_on_linked_pages(scriptless, paged):
    page, seen = scriptless, []
    page.goto((paged / "index.html").as_uri())
    while True:
        seen += [card.get_attribute("id") for card in page.locator("article.card").all()]
        expect(page.locator("#find")).to_be_hidden()
        expect(page.locator(".more").first).to_be_hidden()
        following = page.locator("a[rel=next]").first
        if not following.count():
            break
        page.goto((paged / str(following.get_attribute("href"))).as_uri())
    assert len(seen) == len(set(seen)) == 230


def test_a_link_leads_to_its_card(page, finished):
    page.goto((finished / "index.html").as_uri() + "#ex-money")
    outline = "getComputedStyle(document.querySelector('#ex-money')).outlineStyle"
    assert page.evaluate(outline) == "solid"


ROWS = """() => [...document.querySelectorAll(".figures > figure:not(.wide)")].map(figure => {
    const shown = [...figure.children].filter(child => child.getBoundingClientRect().height);
    const caption = figure.querySelector("figcaption").getBoundingClientRect();
    return [caption.top, caption.top - Math.min(...shown.map(s => s.getBoundingClientRect().top))];
})"""


def test_captions_of_charts_beside_each_other_begin_on_one_line(look, explained):
    """A short caption beside a long one left a hole above its chart."""
    page = look(explained / "index.html")
    page.set_viewport_size({"width": 1280, "height": 900})
    tops, heights = zip(*page.evaluate(ROWS), strict=True)
    assert len(tops) >= 4
    pairs = list(zip(tops[::2], tops[1::2], strict=False))
    assert all(abs(left - right) < 1 for left, right in pairs)
    assert max(heights) - min(heights) < 60  # a chart fills the height of its row
