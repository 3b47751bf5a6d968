"""What is chosen is gone to and named, can be taken back, and stands in links."""

import re
import shutil

import pytest
from playwright.sync_api import expect


@pytest.fixture
def page(look, paged):
    page = look(paged / "index.html")
    page.emulate_media(reduced_motion="reduce")
    yield page
    assert page.problems == []


def top_of(page, selector):
    return page.evaluate(f"document.querySelector({selector!r}).getBoundingClientRect().top")


def bottom_of_bar(page):
    return page.evaluate("document.querySelector('#find').getBoundingClientRect().bottom")


def arrived(page):
    """The active filters and the first result stand below the bar, and the focus is there."""
    expect(page.locator("#cards .card").first).to_be_in_viewport()
    assert 0 <= top_of(page, "#active") - bottom_of_bar(page) < 40
    expect(page.locator("#results-title")).to_be_focused()


def names(page):
    return page.locator("#active [data-remove]").all_inner_texts()


def test_a_cell_of_the_matrix_goes_to_its_examples(page):
    assert page.evaluate("scrollY") == 0
    page.locator(".confusion td a").nth(1).click()
    arrived(page)
    assert names(page) == ["Label: neg", "Predicted: pos"]
    page.go_back()
    expect(page.locator("#gallery")).to_be_attached()
    expect(page.locator("#active")).to_be_hidden()


def test_back_leads_from_results_to_a_section(page):
    page.locator(".pager .jump").first.click()
    page.locator("[data-outcome=wrong]").click()
    expect(page.locator("#cards .card").first).to_be_visible()
    page.go_back()
    expect(page.locator("#mistakes")).to_be_in_viewport()
    expect(page.locator("#results")).to_be_hidden()
    assert page.url.endswith("index.html#mistakes")


def test_a_cell_can_be_chosen_by_key(page):
    page.locator(".confusion td a").nth(1).focus()
    page.keyboard.press("Enter")
    arrived(page)


def test_a_range_of_the_histogram_goes_to_its_examples(page):
    box = page.locator("#histogram svg").bounding_box()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.78 * box["width"], box["y"] + 30, steps=4)
    page.mouse.up()
    arrived(page)
    (name,) = names(page)
    assert re.fullmatch(r"Confidence 0\.\d+ to 0\.\d+", name)


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_the_way_there_honours_reduced_motion(page, motion, behavior):
    page.emulate_media(reduced_motion=motion)
    page.evaluate(
        """() => { self.ways = []; const scroll = Element.prototype.scrollIntoView;
        Element.prototype.scrollIntoView = function (way) {
          ways.push(way?.behavior); scroll.call(this, way); } }"""
    )
    page.locator(".confusion td a").first.click()
    expect(page.locator("#cards .card").first).to_be_in_viewport()
    assert page.evaluate("ways") == [behavior]


def test_a_linked_view_opens_at_its_examples(look, paged):
    page = look(paged / "index.html", "#outcome=wrong")
    expect(page.locator("#cards .card").first).to_be_in_viewport()
    plain = look(paged / "index.html")
    plain.wait_for_timeout(200)
    assert plain.evaluate("scrollY") == 0


EVERY = (
    "#outcome=wrong&label=neg&predicted=pos&from=0.5&least=2&most=400&unknown=10"
    "&extra.topic=film+%26+more&q=caf%C3%A9&sort=length"
)


def test_every_filter_is_named_also_while_they_are_closed_and_can_be_removed(look, paged):
    page = look(paged / "index.html", EVERY)
    expect(page.locator("#active")).to_be_visible()
    assert page.locator(".filters").get_attribute("open") is None
    assert names(page) == [
        "Wrong", "Label: neg", "Predicted: pos", "Confidence 0.5 or more", "Tokens 2 to 400",
        "Out-of-vocabulary words, at least 10 %", "Search: café", "Shortest first",
        "topic: film & more",
    ]  # fmt: skip
    expect(page.locator("#chosen")).to_have_text("9")
    for left in range(8, -1, -1):
        page.locator("#active [data-remove]").first.click()
        expect(page.locator("#active [data-remove]")).to_have_count(left)
    expect(page.locator("#gallery")).to_be_visible()
    expect(page.locator("#chosen")).to_be_empty()
    assert "#" not in page.url


def test_all_is_marked_only_where_nothing_else_is(page):
    every = page.locator("[data-outcome='']")
    expect(every).to_have_attribute("aria-pressed", "true")
    page.locator("[name=q]").fill("dull")
    expect(every).to_have_attribute("aria-pressed", "false")
    page.locator("[name=sort]").select_option("length")
    every.click()
    expect(every).to_have_attribute("aria-pressed", "true")  # the order is no choice of examples
    expect(page.locator("#count")).to_have_text("230 of 230")
    page.locator(".confusion td a").first.click()
    expect(every).to_have_attribute("aria-pressed", "false")


def test_chips_and_sections_count_the_same_examples(page):
    counted = {
        name: int(page.locator(f"[data-outcome='{name}'] small").inner_text())
        for name in ("", "wrong", "unsure", "right")
    }
    heads = page.locator(".pager .jump").all_inner_texts()[:3]
    mistakes, unsure, right = (int(head.rsplit(" ", 1)[1]) for head in heads)
    rule = page.locator("#mistakes ~ p").first.inner_text()
    others = int(re.search(r"(\d+) other mistakes? (is|are) unsure", rule)[1])
    assert counted["wrong"] == mistakes + others
    assert counted["unsure"] == unsure
    assert counted["wrong"] + counted["right"] == counted[""] == mistakes + unsure + right == 230
    for name, number in counted.items():
        if name:
            page.locator(f"[data-outcome={name}]").click()
            expect(page.locator("#count")).to_have_text(f"{number} of 230")


def test_a_change_in_the_bar_shows_the_first_result(page):
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.locator("[name=q]").fill("dull")
    expect(page.locator("#count")).to_have_text("153 of 230")
    expect(page.locator("#results-title")).to_be_in_viewport()


def test_how_cards_look_stands_in_the_address(look, page, paged):
    page.locator(".filters summary").click()
    page.locator("[name=view]").select_option("text")
    scale = page.locator("[name=shading] option").last.get_attribute("value")
    page.locator("[name=shading]").select_option(scale)
    assert page.url.endswith(f"#view=text&shading={scale}")
    page.locator("[data-outcome=wrong]").click()
    expect(page.locator("#cards .card").first).to_be_visible()
    assert page.url.endswith(f"#outcome=wrong&view=text&shading={scale}")
    page.evaluate("localStorage.clear()")
    other = look(paged / "index.html", page.url[page.url.index("#") :])
    expect(other.locator("#cards .card").first).to_be_visible()
    expect(other.locator("#cards .frame").first).to_be_hidden()
    assert other.locator("[name=shading]").input_value() == scale
    page.locator("#clear").click()
    expect(page.locator("#gallery .frame").first).to_be_hidden()  # how they look is no filter
    strange = look(paged / "index.html", "#view=nothing")
    assert strange.evaluate("document.documentElement.dataset.view ?? ''") == ""


def test_a_copied_link_works_in_another_folder(look, page, paged, tmp_path):
    page.locator("[data-outcome=wrong]").click()
    expect(page.locator("#count")).to_have_text(re.compile(r"^\d+ of 230$"))
    before = page.locator("#count").inner_text()
    page.locator("[name=q]").fill("dull")
    expect(page.locator("#count")).not_to_have_text(before)
    count = page.locator("#count").inner_text()
    page.locator("#copy").click()
    expect(page.locator("#count")).to_contain_text("copied the link")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == "index.html#outcome=wrong&q=dull"
    elsewhere = tmp_path / "anywhere else"
    shutil.copytree(paged, elsewhere, ignore=shutil.ignore_patterns("heatmaps", "*.pdf"))
    by_address = look(elsewhere / link.split("#")[0], "#" + link.split("#")[1])
    expect(by_address.locator("#count")).to_have_text(count)


def test_a_link_that_is_pasted_into_the_search_is_followed(look, paged):
    home = sorted(paged.glob("page-*.html"))[-1]
    name = re.search(r'id="(ex-r-\d+)"', home.read_text())[1]
    page = look(paged / "index.html")
    page.locator("[name=q]").fill("index.html#outcome=wrong&q=dull")
    expect(page.locator("#active [data-remove]")).to_have_count(2)
    page.locator("[name=q]").fill(f"file:///somewhere/else/{home.name}#{name}")
    page.wait_for_url(f"**/{home.name}#{name}")
    expect(page.locator(f"#{name}")).to_be_in_viewport()


def test_a_page_can_be_chosen_by_its_number_also_without_a_script(look, scriptless, paged):
    for page in (look(paged / "index.html"), scriptless):
        page.goto((paged / "index.html").as_uri())
        page.locator(".pages summary").first.click()
        page.locator(".pages a", has_text=re.compile("^3$")).first.click()
        page.wait_for_url("**/page-0003.html")
        expect(page.locator(".pages [aria-current]").first).to_have_text("3")


def test_a_page_of_results_can_be_chosen_by_its_number(page):
    page.locator("[name=q]").fill("dull")
    expect(page.locator("#last")).to_have_text("8")
    page.locator("#page").fill("8")
    page.locator("#page").press("Enter")
    expect(page.locator("#results-note")).to_have_text("141 to 153 shown here")
    assert page.url.endswith("p=8")
    expect(page.locator("#results-title")).to_be_in_viewport()
    page.locator("#page").fill("99")
    page.locator("#page").press("Enter")
    expect(page.locator("#page")).to_have_value("8")


def test_how_to_search_is_told_beside_the_field(page):
    expect(page.locator("#searched")).to_be_hidden()
    page.locator("[name=q]").focus()
    expect(page.locator("#searched")).to_contain_text("not* finds every word that begins with not")
    assert page.locator("[name=q]").get_attribute("aria-describedby") == "searched"
    page.locator("[name=q]").fill("dull")  # the results stand where it was told
    expect(page.locator("#searched")).to_be_hidden()


def test_enter_in_the_search_goes_to_what_was_found(page):
    field = page.locator("[name=q]")
    field.evaluate("field => field.scrollIntoView({ block: 'end' })")
    field.focus(timeout=5000)
    field.fill("dull")
    expect(page.locator("#count")).to_have_text("153 of 230")
    expect(page.locator("#results-title")).not_to_be_in_viewport()
    field.press("Enter")
    expect(page.locator("#results-title")).to_be_in_viewport()
    expect(page.locator("#results-title")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type(" café")
    field.press("Enter")  # sooner than the search begins by itself
    page.wait_for_url("**#q=dull+caf*")
    expect(page.locator("#count")).to_have_text("153 of 230")
