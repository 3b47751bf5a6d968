"""Filters, sorting, search and the address, over the whole run."""

import json
import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def page(look, paged):
    page = look(paged / "index.html")
    yield page
    assert page.problems == []
    folder = paged.as_uri() + "/"
    assert [url for url in page.requests if not url.startswith(folder)] == []


def shown(page):
    return [card.get_attribute("id") for card in page.locator("#cards .card").all()]


def says(page, count):
    expect(page.locator("#count")).to_have_text(f"{count} of 230")


@pytest.fixture(scope="module")
def index(paged):
    """The columns the script filters and sorts by."""
    text = (paged / "data" / "index.js").read_text()
    return json.loads(text[text.index(",") + 1 : text.rindex("])")])


def rows(index):
    columns = ("id", "outcome", "confidence", "chance", "tokens", "unknown")
    return [
        dict(zip(columns, values, strict=True))
        for values in zip(*(index[column] for column in columns), strict=True)
    ]


def test_what_is_shown_is_said(page):
    expect(page.locator("#count")).to_have_text("1 to 100 of 230")


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("wrong", (0, 1)),
        ("unsure", (1, 2)),
        ("right", (2, 3)),
    ],
)
def test_outcomes(page, index, name, outcomes):
    page.locator(f"[data-outcome={name}]").click()
    says(page, sum(row["outcome"] in outcomes for row in rows(index)))
    expect(page.locator(f"[data-outcome={name}]")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith(f"#outcome={name}")
    expect(page.locator("#gallery")).to_have_count(0)
    page.locator("#clear").click()
    expect(page.locator("#gallery")).to_be_visible()
    expect(page.locator("#count")).to_have_text("1 to 100 of 230")
    assert "#" not in page.url


def test_a_cell_of_the_confusion_matrix(page):
    cell = page.locator(".confusion td a").nth(1)
    count = re.match(r"\d+", cell.inner_text())[0]
    cell.click()
    says(page, count)
    for card in page.locator("#cards .card").all():
        assert card.locator(".gold b").text_content() == "neg"
        assert card.locator(".said b").text_content() == "pos"
    expect(cell).to_have_class(re.compile("on"))


def test_dragging_over_the_histogram(page, index):
    box = page.locator("#histogram svg").bounding_box()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.78 * box["width"], box["y"] + 30, steps=4)
    page.mouse.up()
    found = re.search(r"from=([\d.]+)&to=([\d.]+)", page.url)
    low, high = float(found[1]), float(found[2])
    assert 0.5 < low <= 0.81
    assert 0.89 <= high < 1
    says(page, sum(low * 1e6 <= row["confidence"] <= high * 1e6 for row in rows(index)))
    assert page.locator("#range").bounding_box()["width"] > 0.1 * box["width"]


def test_numbers_typed(page, index):
    def kept(condition):
        return sum(condition(row) for row in rows(index))

    page.locator(".filters summary").click()
    page.locator("[name=from]").fill("0.8")
    says(page, kept(lambda row: row["confidence"] >= 8e5))
    page.locator("[name=from]").fill("")
    page.locator("[name=least]").fill("100")
    says(page, kept(lambda row: row["tokens"] >= 100))
    page.locator("[name=most]").fill("200")
    says(page, kept(lambda row: 100 <= row["tokens"] <= 200))
    page.locator("[name=least]").fill("")
    page.locator("[name=most]").fill("")
    page.locator("[name=unknown]").fill("33.3")
    says(page, kept(lambda row: row["unknown"] >= 0.333 * row["tokens"]))


def test_fields_filled_in_one_moment_all_count(page, index):
    page.locator(".filters summary").click()
    page.evaluate(
        """() => Object.entries({ from: "0.6", least: "10", q: "cafe", most: "200" }).forEach(
             ([name, value]) => {
               const field = document.querySelector(`[name=${name}]`);
               field.value = value;
               field.dispatchEvent(new Event("input", { bubbles: true }));
             })"""
    )
    says(page, sum(row["confidence"] >= 6e5 and 10 <= row["tokens"] <= 200 for row in rows(index)))
    for condition in ("from=0.6", "least=10", "q=cafe", "most=200"):
        assert condition in page.url
    page.evaluate(
        """() => {
             const field = document.querySelector("[name=from]");
             field.value = "";
             field.dispatchEvent(new Event("input", { bubbles: true }));
             document.querySelector("[data-outcome=wrong]").click();
           }"""
    )
    says(
        page,
        sum(row["outcome"] < 2 and 10 <= row["tokens"] <= 200 for row in rows(index)),
    )
    assert page.locator("[name=from]").input_value() == ""


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("CAFE", 230),
        ("café dull", 153),
        ('"very fine"', 77),
        ('"fine very"', 0),
        ("77", 1),
        ("ull", 0),
        ("dul", 153),
        ('"dul"', 0),
    ],
)
def test_text_search(page, query, count):
    page.locator("[name=q]").fill(query)
    says(page, count)
    if count == 0:
        expect(page.locator("#found-note")).to_contain_text("Nothing fits")
    else:
        expect(page.locator("#cards .map").first).not_to_be_empty()
        expect(page.locator("#cards .hit")).not_to_have_count(0)


@pytest.mark.parametrize(
    ("order", "key", "up"),
    [
        ("-sure", "confidence", False),
        ("sure", "confidence", True),
        ("loss", "chance", True),
        ("length", "tokens", True),
        ("-length", "tokens", False),
        ("id", "id", True),
    ],
)
def test_sorting(page, index, order, key, up):
    page.locator("[name=sort]").select_option(order)
    says(page, 230)
    # Python's sort keeps the default order among equals, also when it is reversed.
    wanted = sorted(rows(index), key=lambda row: row[key], reverse=not up)
    assert shown(page) == [f"ex-{row['id']}" for row in wanted[:20]]


def test_pages_of_what_was_found(page):
    page.locator("[name=q]").fill("dull")
    says(page, 153)
    first = shown(page)
    page.locator("#next").click()
    expect(page.locator("#found-note")).to_have_text("21 to 40 shown here")
    assert not set(first) & set(shown(page))
    assert "p=2" in page.url
    page.go_back()
    expect(page.locator("#found-note")).to_have_text("1 to 20 shown here")
    assert shown(page) == first


def test_back_and_forward(page):
    page.locator("[data-outcome=wrong]").click()
    wrong = page.locator("#count").inner_text()
    page.locator("[data-outcome=right]").click()
    expect(page.locator("#count")).not_to_have_text(wrong)
    page.go_back()
    expect(page.locator("#count")).to_have_text(wrong)
    expect(page.locator("[data-outcome=wrong]")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(page.locator("#count")).to_have_text("1 to 100 of 230")
    page.go_forward()
    expect(page.locator("#count")).to_have_text(wrong)


def test_a_filtered_view_can_be_linked(look, paged):
    page = look(paged / "page-0003.html", "#q=dull&sort=-length&outcome=right")
    expect(page.locator("#count")).to_have_text(re.compile(r"^\d+ of 230$"))
    assert page.locator("[name=q]").input_value() == "dull"
    assert page.locator("[name=sort]").input_value() == "-length"
    other = look(paged / "index.html", "#q=dull&sort=-length&outcome=right")
    expect(other.locator("#cards .card").first).to_be_visible()
    expect(page.locator("#cards .card").first).to_be_visible()
    assert shown(other) == shown(page)


def test_a_link_to_an_example_on_another_page(look, paged):
    home = next(p.name for p in sorted(paged.glob("page-*.html")) if 'id="ex-r-' in p.read_text())
    name = re.search(r'id="(ex-r-\d+)"', (paged / home).read_text())[1]
    page = look(paged / "index.html", f"#{name}")
    page.wait_for_url(f"**/{home}#{name}")
    expect(page.locator(f"#{name}")).to_be_in_viewport()
    lost = look(paged / "index.html", "#ex-no-such")
    expect(lost.locator("#count")).to_have_text("there is no example no-such")
