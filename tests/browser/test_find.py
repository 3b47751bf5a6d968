"""Filters, sorting, search and the address, over the whole run.

What should be found is computed from the predictions table, never from what the page says.
"""

import math
import re
from dataclasses import dataclass

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from tests.publish.conftest import CLASSES


@dataclass(frozen=True)
class Row:
    """An example of the table, measured here."""

    id: str
    label: str
    predicted: str
    confidence: float
    margin: float
    loss: float
    tokens: int
    unknown: int

    @property
    def right(self):
        return self.predicted == self.label

    @property
    def unsure(self):
        return self.margin < 0.2


def measured(row):
    probabilities = row["probabilities"]
    second, first = sorted(probabilities)
    return Row(
        id=row["id"],
        label=row["label"],
        predicted=CLASSES[probabilities.index(first)],
        confidence=first,
        margin=first - second,
        loss=-math.log(probabilities[CLASSES.index(row["label"])]),
        tokens=len(row["tokens"]),
        unknown=sum(row["unknown"]),
    )


@pytest.fixture(scope="module")
def rows(paged):
    """The table in the order of the gallery: mistakes, unsure (wrong first), the rest."""

    def place(row):
        outcome = (2 if row.unsure else 3) if row.right else (1 if row.unsure else 0)
        return outcome, -row.confidence, row.id

    table = pq.read_table(paged / "predictions.parquet").to_pylist()
    return sorted(map(measured, table), key=place)


@pytest.fixture
def page(look, paged):
    page = look(paged / "index.html")
    yield page
    assert page.problems == []
    folder = paged.as_uri() + "/"
    assert [url for url in page.requests if not url.startswith(folder)] == []


def shown(page):
    return page.eval_on_selector_all("#cards .card", "all => all.map(card => card.id)")


def says(page, count):
    expect(page.locator("#count")).to_have_text(f"{count} of 230")


def finds(page, rows):
    """The page says how many rows it found, and shows the first of them in their order."""
    assert 0 < len(rows) < 230  # or the filter could do nothing unnoticed
    says(page, len(rows))
    assert shown(page) == [f"ex-{row.id}" for row in rows[:20]]


def test_what_is_shown_is_said(page):
    expect(page.locator("#count")).to_have_text("1 to 100 of 230")


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("wrong", lambda row: not row.right),
        ("unsure", lambda row: row.unsure),
        ("right", lambda row: row.right),
    ],
)
def test_outcomes(page, rows, name, fits):
    page.locator(f"[data-outcome={name}]").click()
    finds(page, list(filter(fits, rows)))
    expect(page.locator(f"[data-outcome={name}]")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith(f"#outcome={name}")
    expect(page.locator("#gallery")).to_have_count(0)
    page.locator("#clear").click()
    expect(page.locator("#gallery")).to_be_visible()
    expect(page.locator("#count")).to_have_text("1 to 100 of 230")
    assert "#" not in page.url


def test_a_cell_of_the_confusion_matrix(page, rows):
    wanted = [row for row in rows if row.label == "neg" and row.predicted == "pos"]
    cell = page.locator(".confusion td a").nth(1)
    assert re.match(r"\d+", cell.inner_text())[0] == str(len(wanted))
    cell.click()
    finds(page, wanted)
    assert page.url.endswith("#label=neg&predicted=pos")
    for card in page.locator("#cards .card").all():
        assert card.locator(".label b").text_content() == "neg"
        assert card.locator(".predicted b").text_content() == "pos"
    expect(page.locator(".confusion td a.on")).to_have_count(1)
    expect(cell).to_have_class(re.compile("on"))


def test_label_and_predicted_class(page, rows):
    page.locator(".filters summary").click()
    page.locator("[name=label]").select_option("pos")
    finds(page, [row for row in rows if row.label == "pos"])
    page.locator("[name=label]").select_option("")
    page.locator("[name=predicted]").select_option("pos")
    finds(page, [row for row in rows if row.predicted == "pos"])
    assert page.url.endswith("#predicted=pos")


def test_dragging_over_the_histogram(page, rows):
    box = page.locator("#histogram svg").bounding_box()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.78 * box["width"], box["y"] + 30, steps=4)
    page.mouse.up()
    bins = page.locator("#histogram g").count()
    low = 0.5 + 0.5 * math.floor(0.62 * bins) / bins  # of two classes the larger has 0.5 or more
    high = 0.5 + 0.5 * math.ceil(0.78 * bins) / bins
    finds(page, [row for row in rows if low <= row.confidence <= high])
    ends = re.search(r"from=([\d.]+)&to=([\d.]+)", page.url)
    assert [float(end) for end in ends.groups()] == pytest.approx([low, high], abs=1e-4)
    assert page.locator("#range").bounding_box()["width"] > 0.1 * box["width"]


def test_numbers_typed(page, rows):
    page.locator(".filters summary").click()
    for numbers, fits in (
        ({"from": "0.8"}, lambda row: row.confidence >= 0.8),
        ({"to": "0.8"}, lambda row: row.confidence <= 0.8),
        ({"least": "100"}, lambda row: row.tokens >= 100),
        ({"most": "9"}, lambda row: row.tokens <= 9),
        ({"least": "10", "most": "10"}, lambda row: row.tokens == 10),
        ({"unknown": "33.3"}, lambda row: row.unknown >= 0.333 * row.tokens),
    ):
        for name, number in numbers.items():
            page.locator(f"[name={name}]").fill(number)
        expect(page.locator("#clear")).to_be_visible()
        finds(page, list(filter(fits, rows)))
        page.locator("#clear").click()


def test_fields_filled_in_one_moment_all_count(page, rows):
    page.locator(".filters summary").click()
    page.evaluate(
        """() => Object.entries({ from: "0.6", least: "10", q: "1*", most: "200" }).forEach(
             ([name, value]) => {
               const field = document.querySelector(`[name=${name}]`);
               field.value = value;
               field.dispatchEvent(new Event("input", { bubbles: true }));
             })"""
    )
    # The only words of the texts that begin with a 1 are their numbers.
    wanted = [row for row in rows if row.id[2:].lstrip("0")[:1] == "1" and 10 <= row.tokens <= 200]
    finds(page, [row for row in wanted if row.confidence >= 0.6])
    for condition in ("from=0.6", "least=10", "q=1*", "most=200"):
        assert condition in page.url
    page.evaluate(
        """() => {
             const field = document.querySelector("[name=from]");
             field.value = "";
             field.dispatchEvent(new Event("input", { bubbles: true }));
             document.querySelector("[data-outcome=wrong]").click();
           }"""
    )
    finds(page, [row for row in wanted if not row.right])
    assert page.locator("[name=from]").input_value() == ""


@pytest.mark.parametrize(
    ("query", "count", "underlined"),
    [
        ("CAFE", 230, {"café"}),
        ("café dull", 153, {"café", "dull"}),
        ("in*", 230, {"indeed"}),
        ("in", 0, set()),
        ('"very fine"', 77, {"very", "fine"}),
        ('"fine very"', 0, set()),
        ("77", 1, {"77"}),
        ("ull", 0, set()),
        ("dul*", 153, {"dull"}),
        ("dul", 0, set()),
        ('"dul"', 0, set()),
    ],
)
def test_text_search(page, query, count, underlined):
    page.locator("[name=q]").fill(query)
    says(page, count)
    hits = page.locator("#cards .hit")
    if count == 0:
        expect(page.locator("#results-note")).to_contain_text("No example matches")
    else:
        expect(hits).to_have_count(min(count, 20) * len(underlined))
    assert set(hits.all_text_contents()) == underlined


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("-confidence", lambda row: -row.confidence),
        ("confidence", lambda row: row.confidence),
        ("-loss", lambda row: -row.loss),
        ("length", lambda row: row.tokens),
        ("-length", lambda row: -row.tokens),
        ("id", lambda row: row.id),
    ],
)
def test_sorting(page, rows, order, key):
    page.locator("[name=sort]").select_option(order)
    says(page, 230)
    # As in the script, equals stay in the order of the gallery.
    assert shown(page) == [f"ex-{row.id}" for row in sorted(rows, key=key)[:20]]


def test_pages_of_results(page):
    page.locator("[name=q]").fill("dull")
    says(page, 153)
    first = shown(page)
    page.locator("#next").click()
    expect(page.locator("#results-note")).to_have_text("21 to 40 shown here")
    assert not set(first) & set(shown(page))
    assert "p=2" in page.url
    page.go_back()
    expect(page.locator("#results-note")).to_have_text("1 to 20 shown here")
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
