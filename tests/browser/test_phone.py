"""On a telephone: nothing is too wide, the bar leaves room, cards stop where they are seen."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from reportgen.predictions import write_predictions
from reportgen.records import DataInfo, ModelInfo, RunInfo
from tests.browser.conftest import without_pictures
from tests.publish.conftest import prediction

PHONES = {"320": (320, 640), "412": (412, 915)}
MANY = tuple(f"comp.sys.a-rather-long-name-{k}" for k in range(20))
FEW = ("anger", "fear", "joy", "love", "sadness", "surprise")


def of_classes(folder, classes):
    draw = np.random.default_rng(3)
    rows = []
    for i in range(120):
        shares = draw.dirichlet(np.ones(len(classes))).astype(np.float32)
        label = classes[int(draw.integers(len(classes)))]
        row = prediction(f"r-{i:03}", f"text number {i} " + "and on " * (i % 40), i, label)
        object.__setattr__(row, "probabilities", shares / shares.sum())
        object.__setattr__(row, "logits", np.log(shares + 1e-9))
        rows.append(row)
    about = RunInfo(classes, DataInfo("many", "test", rows=120, evaluated=120), ModelInfo(), seed=1)
    write_predictions(folder / "t.parquet", about, rows)
    return without_pictures(folder / "t.parquet", folder)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return of_classes(tmp_path_factory.mktemp("many"), MANY)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return of_classes(tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture(params=PHONES.values(), ids=PHONES.keys())
def phone(look, request):
    def go(path, fragment=""):
        width, height = request.param
        page = look(path)
        page.set_viewport_size({"width": width, "height": height})
        page.goto("about:blank")
        page.goto(path.as_uri() + fragment)
        return page

    return go


def widest(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("classes", ["many", "few"])
def test_nothing_is_wider_than_the_screen(phone, request, classes):
    page = phone(request.getfixturevalue(classes) / "index.html")
    assert widest(page) == 0
    page.locator(".filters summary").click()
    assert widest(page) == 0
    page.locator("[data-outcome=wrong]").click()
    expect(page.locator("#cards .card").first).to_be_visible()
    assert widest(page) == 0


LINES = """cells => cells.flatMap(cell => {
    const text = cell.querySelector("bdi, a") ?? cell, range = document.createRange();
    const node = document.createTreeWalker(text, NodeFilter.SHOW_TEXT).nextNode(), broken = [];
    for (const [word] of node.data.matchAll(/[^ ]+/g)) {
        range.setStart(node, node.data.indexOf(word));
        range.setEnd(node, node.data.indexOf(word) + word.length);
        if (new Set([...range.getClientRects()].map(box => box.top)).size > 1) broken.push(word);
    }
    return broken;
})"""


@pytest.mark.parametrize("classes", [6, 20])
def test_words_and_numbers_of_the_confusions_are_not_broken(phone, tmp_path, classes):
    """“Cancellati-on” and “10.7 / %” stood on two lines."""
    names = ("Cancellation", "Job application", "Praise for the support team", "Privacy (2)")
    names = tuple(f"{name} {'I' * k}".strip() for k in range(5) for name in names)
    page = phone(of_classes(tmp_path, names[:classes]) / "index.html")
    assert page.locator(".confusion tbody :is(th, td):not(:empty)").evaluate_all(LINES) == []
    assert widest(page) == 0


@pytest.mark.parametrize("fragment", ["", "#label=neg&predicted=pos&q=dull&from=0.6"])
def test_the_bar_takes_less_than_a_tenth_of_the_screen(phone, paged, fragment):
    page = phone(paged / "index.html", fragment)
    expect(page.locator("article.card .map i").first).to_be_attached()
    page.evaluate("scrollTo(0, document.querySelector('#find').offsetTop + 900)")
    page.wait_for_function("document.querySelector('#find').getBoundingClientRect().top < 0")
    bar = page.locator("#find").bounding_box()
    assert 0 < bar["y"] + bar["height"] < page.viewport_size["height"] / 10
    for shown in ("[name=q]", ".filters summary", "#count"):
        box = page.locator(shown).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bar["y"] + bar["height"]


def test_the_open_filters_can_all_be_reached(phone, paged):
    page = phone(paged / "index.html")
    page.evaluate("scrollTo(0, document.querySelector('#find').offsetTop + 900)")
    page.locator(".filters summary").click()
    last = page.locator("[name=theme]")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)


def test_a_linked_card_stops_right_below_the_bar(phone, paged):
    names = re.findall(r'id="(ex-r-\d+)"', (paged / "index.html").read_text())
    for name in (names[0], names[40], names[90]):
        page = phone(paged / "index.html", f"#{name}")
        expect(page.locator(f"#{name}")).to_be_in_viewport()
        page.wait_for_timeout(600)
        gap = page.evaluate(
            f"document.getElementById('{name}').getBoundingClientRect().top"
            " - document.querySelector('#find').getBoundingClientRect().bottom"
        )
        assert 0 <= gap < 40


def test_what_scrolls_sideways_says_so(phone, few):
    page = phone(few / "index.html")
    hints = page.locator("figure:has(.goes-on) .sideways")
    assert hints.count() >= page.locator("figure .scroll:has(img)").count() > 0
    for hint in hints.all():
        expect(hint).to_be_visible()
    box = page.locator("figure .scroll:has(img)").first
    box.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    expect(box).not_to_have_class(re.compile("goes-on"))
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("figure .goes-on")).to_have_count(0)
    for hint in page.locator(".sideways").all():
        expect(hint).to_be_hidden()


def test_without_a_script_a_chart_that_scrolls_says_so(scriptless, few):
    scriptless.set_viewport_size({"width": 412, "height": 915})
    scriptless.goto((few / "index.html").as_uri())
    charts = scriptless.locator("figure:has(.scroll img)")
    assert charts.count() > 0
    for chart in charts.all():
        expect(chart.locator(".sideways")).to_be_visible()


def test_confusions_of_many_classes_stand_on_the_first_screen(look, many, few):
    for run, shown in ((many, ".mistakes tbody tr"), (few, ".matrix tbody tr")):
        page = look(run / "index.html")
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(page.locator(shown).first).to_be_in_viewport()


def test_without_a_script_the_outline_of_the_target_keeps_a_distance(scriptless, paged):
    scriptless.goto((paged / "index.html").as_uri())
    scriptless.locator(".skip").focus()
    scriptless.keyboard.press("Enter")
    style = "getComputedStyle(document.querySelector('#examples')).outlineOffset"
    assert float(scriptless.evaluate(style).removesuffix("px")) >= 8


def test_a_finger_that_scrolls_over_the_histogram_chooses_nothing(phone, paged):
    page = phone(paged / "index.html")
    action = "getComputedStyle(document.querySelector('#histogram svg')).touchAction"
    assert page.evaluate(action) == "pan-y"
    page.evaluate(
        """() => { const svg = document.querySelector('#histogram svg');
        const box = svg.getBoundingClientRect();
        const at = (kind, x) => svg.dispatchEvent(new PointerEvent(kind,
          { clientX: box.left + x * box.width, clientY: box.top + 5, bubbles: true }));
        svg.setPointerCapture = () => {};
        at("pointerdown", 0.3); at("pointermove", 0.6); at("pointercancel", 0.6);
        at("pointerup", 0.6); }"""
    )
    assert "#" not in page.url
    assert page.locator("#range").get_attribute("width") == "0"
