"""The page on paper and on a telephone, and addresses that are no addresses."""

import pytest
from playwright.sync_api import expect

from reportgen.figures.palette import contrast

WIDTHS = (0, 12, 20, 27, 32)  # levels at which the line under a word becomes stronger


@pytest.fixture
def page(look, paged):
    page = look(paged / "index.html")
    yield page
    assert page.problems == []


def rgb(text):
    return tuple(int(part) / 255 for part in text[4:-1].split(","))


def styles(page):
    """The level, colour, background and line of every shaded word."""
    return page.eval_on_selector_all(
        "#gallery .map i[class^=s]",
        """all => all.map(token => { const style = getComputedStyle(token);
        return [parseInt(token.className.slice(1)), style.color, style.backgroundColor,
                parseFloat(style.borderBottomWidth)]; })""",
    )


@pytest.mark.parametrize("theme", ["", "light", "dark"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_light_and_needs_no_background(page, theme, scheme):
    page.locator(".filters summary").click()
    page.locator("[name=shading]").select_option("text")
    expect(page.locator("#gallery .map .s31").first).to_be_visible()
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    page.emulate_media(media="print", color_scheme=scheme)
    tokens = sorted(styles(page))
    assert {level for level, *_ in tokens} >= {1, 31}  # of the scale of each text
    white = (1.0, 1.0, 1.0)
    darkness = []
    for level, color, background, line in tokens:
        assert contrast(rgb(color), white) >= 4.5  # legible where no background is printed
        assert contrast(rgb(color), rgb(background)) >= 4.5
        darkness.append(contrast(rgb(background), white))
        strength = next(k for k, end in enumerate(WIDTHS) if level < end)
        assert (line > 0) == (strength > 1)
    assert darkness == sorted(darkness)
    lines = [line for *_, line in tokens]
    assert lines == sorted(lines)
    assert len(set(lines)) >= 3
    adjust = page.locator(".map i").first.evaluate("i => getComputedStyle(i).printColorAdjust")
    assert adjust == "exact"
    assert rgb(page.evaluate("getComputedStyle(document.body).color")) < (0.2, 0.2, 0.2)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert rgb(paper) == white  # a tinted page would be printed too
    for chart in page.locator("figure img.dark").all():
        expect(chart).to_be_hidden()
    for chart in page.locator("figure img.light").all():
        expect(chart).to_be_visible()


def test_full_cells_of_the_matrix_are_legible_without_background(page):
    page.emulate_media(media="print")
    colors = page.eval_on_selector_all(
        ".matrix td a", "all => all.map(cell => getComputedStyle(cell).color)"
    )
    assert all(contrast(rgb(color), (1.0, 1.0, 1.0)) >= 4.5 for color in colors)


def test_on_a_telephone_a_heatmap_opens_on_demand_at_a_size_to_read(page):
    page.set_viewport_size({"width": 412, "height": 900})
    card = page.locator("#gallery .card").first
    picture, button = card.locator(".cells"), card.locator(".show-heatmap")
    expect(picture).to_be_hidden()
    expect(card.locator(".map")).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(picture).to_be_visible()
    size = picture.locator("i").first.evaluate("i => parseFloat(getComputedStyle(i).fontSize)")
    assert size > 11
    frame = card.locator(".frame").evaluate("f => [f.clientWidth, f.scrollWidth]")
    assert frame[0] == frame[1] < 412
    assert page.evaluate("document.documentElement.scrollWidth") <= 412
    button.click()
    expect(picture).to_be_hidden()
    page.evaluate("document.documentElement.dataset.view = 'heatmap'")
    expect(picture).to_be_visible()


def test_on_a_wide_screen_a_heatmap_needs_no_button(page):
    card = page.locator("#gallery .card").first
    card.scroll_into_view_if_needed()
    expect(card.locator(".cells")).to_be_visible()
    expect(card.locator(".show-heatmap")).to_be_hidden()


@pytest.mark.parametrize(
    "fragment",
    ["#%E0%A4%A", "#q=%E0%A4%A", "#ex-%E0%A4%A", "#label=%", "#%00=1", "#sort=__proto__"],
)
def test_a_damaged_address_throws_nothing(look, paged, fragment):
    page = look(paged / "index.html", fragment)
    page.evaluate("location.hash = '#outcome=wrong'")
    expect(page.locator("#cards .card").first).to_be_visible()
    page.evaluate("fragment => { location.hash = fragment }", fragment)
    page.wait_for_timeout(200)
    assert page.problems == []


def test_on_paper_no_chart_breaks_over_a_page(page):
    """The rows that captions share on a screen would lie over each other where a page ends."""
    page.emulate_media(media="print")
    found = page.eval_on_selector_all(
        ".figures > figure",
        "all => all.map(getComputedStyle).map(s => [s.breakInside, s.display])",
    )
    assert len(found) >= 3
    assert set(map(tuple, found)) == {("avoid", "block")}
