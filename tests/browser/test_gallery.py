import tempfile

import pytest
from playwright.sync_api import expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(chromium):
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=FLAGS
        )
        yield context
        context.close()


@pytest.fixture
def page(browser, finished):
    page = browser.new_page()
    page.problems, page.requests = [], []
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("requestfailed", lambda request: page.problems.append(request.url))
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto((finished / "index.html").as_uri())
    yield page
    page.close()


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
    assert len(sizes) == 13 + 4
    assert min(sizes) > 0
    fonts = page.evaluate("[...document.fonts].map(f => f.status)")
    assert fonts == ["loaded"] * 4


def test_pictures_have_their_place_before_they_load(page):
    ratios = page.eval_on_selector_all(
        ".heatmap",
        """all => all.map(i => [
            i.width / i.height, i.getAttribute('width') / i.getAttribute('height')])""",
    )
    for shown, said in ratios:
        assert shown == pytest.approx(said, rel=0.02)


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_nothing_sticks_out_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_shades_are_what_the_weights_say(page):
    colors = page.eval_on_selector_all(
        ".map .s31", "all => all.map(t => getComputedStyle(t).backgroundColor)"
    )
    assert set(colors) == {"rgb(8, 48, 107)"}
    assert len(colors) == 12  # every text with words has a darkest one


def test_the_dark_theme_follows_the_system(page, finished):
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (light, dark) == ("rgb(251, 250, 247)", "rgb(20, 23, 26)")
    chart = (finished / "assets" / "confidence-dark.svg").as_uri()
    expect(page.locator("figure img").first).to_have_js_property("currentSrc", chart)


def test_it_needs_no_script(page):
    assert page.locator("script").count() == 0


def test_a_link_leads_to_its_card(page, finished):
    page.goto((finished / "index.html").as_uri() + "#ex-money")
    outline = "getComputedStyle(document.querySelector('#ex-money')).outlineStyle"
    assert page.evaluate(outline) == "solid"
