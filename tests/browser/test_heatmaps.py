"""Heatmaps that the page draws: the cells of the pictures, in any theme, without the files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from reportgen.figures.layout import grid
from reportgen.figures.scales import Scale, choose
from reportgen.predictions import open_predictions, write_predictions
from reportgen.predictions.alignment import located
from reportgen.records import Weights
from tests.browser.conftest import rendered
from tests.publish.conftest import info, prediction
from tests.publish.texts import write_texts

CELLS = """all => all.map(card => [card.id, [...card.querySelectorAll(".cells i")].map(cell => [
    cell.textContent, cell.className, /repeat/.test(getComputedStyle(cell).backgroundImage)])])"""


def made(folder: Path, name: str, rows: list[Any], about: Any, **options: Any) -> Path:
    write_predictions(folder / "t.parquet", about, rows)
    return rendered(folder / "t.parquet", folder, experiment=name, single_file=True, **options)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Texts with unread and unknown words, with even attention, to the left, long, and empty."""
    rng = np.random.default_rng(1)
    texts = [
        "a film of very few words", "one", "فيلم رائع جدا", "even words all alike", "",
        "masterpiecelike " * 30, "on and on " * 90,
    ]  # fmt: skip
    rows = []
    for i, text in enumerate(texts):
        row = prediction(f"r{i}", text, i)
        weights = rng.dirichlet(np.full(max(len(row.tokens), 1), 0.6))[: len(row.tokens)]
        weights = weights.astype(np.float32)
        if i == 0:
            weights[-1] = np.nan
            weights /= np.nansum(weights)
        if i == 3:
            weights[:] = 0.25
        rows.append(replace(row, attention=weights))
    return made(tmp_path_factory.mktemp("mixed"), "mixed", rows, info(rows=7, evaluated=7))


@pytest.fixture(scope="module")
def by_text(tmp_path_factory):
    """The same rows, each on a scale of its own."""
    rows = [prediction(f"r{i}", "four words " * (2 + i), i) for i in range(4)]
    folder = tmp_path_factory.mktemp("by_text")
    return made(folder, "text", rows, info(rows=4, evaluated=4), shades="text")


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """Tokens as tokenizers write them: bytes that share a place, tokens without one."""
    folder = tmp_path_factory.mktemp("pieces")
    return rendered(write_texts(folder / "texts.jsonl"), folder, tokens="as-written")


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A run of attributions."""
    rng = np.random.default_rng(2)
    rows = []
    for i in range(5):
        row = prediction(f"r{i}", "words for and against it " * (1 + i), i)
        weights = rng.normal(0, 0.1 * (1 + i), len(row.tokens)).astype(np.float32)
        rows.append(replace(row, attention=weights))
    about = replace(info(rows=5, evaluated=5), weights=Weights("attribution", "SHAP values"))
    return made(tmp_path_factory.mktemp("signed"), "signed", rows, about)


def expected(run: Path, scale: Scale) -> dict[str, list[list[Any]]]:
    """The cells of every example as the pictures have them, from the layout alone."""
    found = {}
    with open_predictions(run / "predictions.parquet") as table:
        for row in map(located, table):
            cells = grid(row.tokens, row.attention, row.unknown, 10, scale)
            n = len(row.tokens)
            columns = (cells.levels, cells.unknown, cells.read)
            styles = []
            for level, unknown, read in zip(
                *(c.ravel()[:n].tolist() for c in columns), strict=True
            ):
                kind = "s" if not scale.signed else "p" if level > 0 else "m"
                names = [f"{kind}{abs(level)}"] * bool(level) + ["u"] * unknown
                styles.append(" ".join([*names, *["n"] * (not read)]))
            unread = (~cells.read.ravel()[:n]).tolist()
            found[row.id] = [list(pair) for pair in zip(row.tokens, styles, unread, strict=True)]
    return found


def scale_of(run: Path, shades: str) -> Scale:
    with open_predictions(run / "predictions.parquet") as table:
        signed = table.info.signed
        peaks = [
            np.nanmax(np.abs(row.attention)) * (1 if signed else (~np.isnan(row.attention)).sum())
            for row in table
            if len(row.tokens)
        ]
        return choose(shades, np.array(peaks), signed)


def cells_in(page: Any, within: str = "#gallery") -> dict[str, list[list[Any]]]:
    return {name[3:]: cells for name, cells in page.locator(f"{within} .card").evaluate_all(CELLS)}


def drawn(page: Any) -> None:
    page.wait_for_function("() => Boolean(self.reportgen?.build)")
    page.wait_for_timeout(1500)  # it learns what is not in the texts
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".card:not(:has(.cells)):visible")).to_have_count(0)


@pytest.mark.parametrize("name", ["mixed", "by_text", "pieces", "signed"])
def test_cells_are_those_of_the_pictures(look, request, name):
    run = request.getfixturevalue(name)
    own = "text" if name == "by_text" else "run"
    page = look(run / "index.html")
    drawn(page)
    ids = page.locator("#gallery .card .id").all_text_contents()
    wanted = expected(run, scale_of(run, own))
    found = cells_in(page)
    assert len(found) == len(wanted) == len(ids)
    assert list(found.values()) == [as_read(wanted[id_]) for id_ in ids]
    # Chosen, the other scale is that of the layout too, in cards by the script as well.
    page.locator(".filters summary").click()
    other = {"run": "text", "text": "run"}[own]
    page.locator("[name=shading]").select_option(other)
    page.evaluate(f"location.hash = '#sort=id&shading={other}'")
    expect(page.locator("#cards .card")).to_have_count(len(ids))
    expect(page.locator("#cards .map").last).not_to_be_empty()
    drawn(page)
    wanted = expected(run, scale_of(run, other))
    ids = page.locator("#cards .card .id").all_text_contents()
    assert list(cells_in(page, "#cards").values()) == [as_read(wanted[id_]) for id_ in ids]
    assert page.problems == []


def as_read(cells: list[list[Any]]) -> list[list[Any]]:
    """White space alone is shown by its mark, as the pictures do."""
    marks = {"\n": "↵", "\r\n": "↵↵", "\t": "⇥", "  ": "␣␣", " ": "␣"}
    return [[marks.get(word, word), *rest] for word, *rest in cells]


def test_text_and_heatmap_have_the_same_shades_whichever_scale_is_chosen(look, mixed):
    page = look(mixed / "index.html")
    drawn(page)
    shades = """() => [".map", ".cells"].map(part => [...document.querySelectorAll(
        `#ex-r5 ${part} i`)].map(i => i.className))"""
    text, cells = page.evaluate(shades)
    assert text == cells
    key = page.locator("#ex-r5 .key")
    assert "× or more" in key.text_content()
    page.locator(".filters summary").click()
    page.locator("[name=shading]").select_option("text")
    expect(page.locator("#ex-r5 .cells .s31")).not_to_have_count(0)
    other, cells = page.evaluate(shades)
    assert other == cells != text
    assert "largest: " in key.text_content()
    page.locator("[name=shading]").select_option("")
    expect(page.locator("#ex-r5 .key")).to_contain_text("× or more")
    assert page.evaluate(shades) == [text, text]


@pytest.mark.parametrize("file", ["index.html", "report.html"])
def test_the_page_needs_no_pictures(look, mixed, tmp_path, file):
    run = shutil.copytree(mixed, tmp_path / "run")
    shutil.rmtree(run / "heatmaps")
    page = look(run / file)
    page.locator("#ex-r0").scroll_into_view_if_needed()
    frame = page.locator("#ex-r0 .cells")
    expect(frame.locator("i")).to_have_count(6)
    page.locator("#ex-r6").scroll_into_view_if_needed()
    expect(page.locator("#ex-r6 .cells")).to_be_visible()
    expect(page.locator("a.picture:visible")).to_have_count(0)  # nothing leads nowhere
    asked = [url for url in page.requests if url.endswith(".png")]
    assert len(asked) <= (file == "index.html")  # whether they are there


def test_cards_link_to_their_picture(look, mixed):
    page = look(mixed / "index.html")
    for fragment, within in (("", "#gallery"), ("#sort=id", "#cards")):
        page.evaluate(f"location.hash = '{fragment}'")
        link = page.locator(f"{within} #ex-r2 a.picture")
        expect(link).to_be_visible()
        assert link.evaluate("a => a.href") == (mixed / "heatmaps" / "r2.png").as_uri()
    assert sum(url.endswith(".png") for url in page.requests) == 1
    assert page.problems == []


def test_one_file_holds_no_picture_of_a_heatmap(mixed):
    assert "data:image/png" not in (mixed / "report.html").read_text()
    assert "heatmaps/" not in (mixed / "report.html").read_text().partition("<script>")[0]


def test_without_the_script_the_picture_stands_there(scriptless, mixed):
    scriptless.goto((mixed / "index.html").as_uri())
    picture = scriptless.locator("#ex-r0 .heatmap")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("i => i.naturalWidth") > 0
    expect(scriptless.locator("#ex-r0 a.picture")).to_be_hidden()


def test_without_the_script_and_the_pictures_a_description_covers_them(scriptless, mixed, tmp_path):
    run = shutil.copytree(mixed, tmp_path / "run")
    shutil.rmtree(run / "heatmaps")
    scriptless.goto((run / "index.html").as_uri())
    picture = scriptless.locator("#ex-r0 .heatmap")
    picture.scroll_into_view_if_needed()
    cover = picture.evaluate("e => [getComputedStyle(e, '::after').content, e.alt]")
    assert cover[0] == f'"{cover[1]}"'


def luminance(color: str) -> float:
    return sum(float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3])


def test_a_dark_page_has_dark_heatmaps(look, mixed):
    page = look(mixed / "index.html")
    drawn(page)
    ground = "e => getComputedStyle(e).backgroundColor"
    grounds = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        cells = page.locator("#ex-r5 .cells i[class*=s]").evaluate_all(
            """all => all.map(i =>
                [parseInt(i.className.slice(1)), getComputedStyle(i).backgroundColor])"""
        )
        levels = [luminance(color) for _, color in sorted(cells)]
        grounds[theme] = luminance(page.locator("#ex-r5").evaluate(ground))
        assert levels == sorted(levels, reverse=theme == "light")  # away from the page's own ground
        page_text = page.locator("#ex-r5 .map i[class*=s]").first
        cell = page.locator("#ex-r5 .cells i[class*=s]").first
        assert page_text.evaluate(ground) == cell.evaluate(ground)
    assert grounds["dark"] < 150 < 700 < grounds["light"]


def test_on_a_telephone_rows_have_fewer_cells_and_nothing_scrolls_sideways(look, mixed):
    page = look(mixed / "index.html")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("#ex-r6").scroll_into_view_if_needed()
    cells = page.locator("#ex-r6 .cells")
    expect(cells).to_be_visible()
    per_row = "e => getComputedStyle(e).gridTemplateColumns.split(' ').length"
    assert cells.evaluate(per_row) == int(
        page.locator("#ex-r6 .frame").get_attribute("data-columns")
    )
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator("#ex-r6 .show-heatmap").click()
    expect(cells).to_be_visible()
    assert 3 <= cells.evaluate(per_row) < 8
    frame = page.locator("#ex-r6 .frame").evaluate("f => [f.clientWidth, f.scrollWidth]")
    assert frame[0] == frame[1] <= 390
    sizes = cells.locator("i").evaluate_all("all => all.map(i => getComputedStyle(i).fontSize)")
    assert min(float(size[:-2]) for size in sizes) > 9.5


def test_words_can_be_copied_from_the_cells(look, mixed):
    page = look(mixed / "index.html")
    page.locator("#ex-r0").scroll_into_view_if_needed()
    copied = page.locator("#ex-r0 .cells").evaluate(
        "e => { getSelection().selectAllChildren(e); return getSelection().toString(); }"
    )
    assert copied.split() == ["a", "film", "of", "very", "few", "words"]


def test_a_cell_tells_its_weight_and_a_word_that_is_cut_off(look, mixed):
    page = look(mixed / "index.html")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("#ex-r0").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    tip, cell = page.locator("#tip"), page.locator("#ex-r0 .cells i").first
    page.locator("#ex-r0 .map i").first.hover()
    expect(tip).to_contain_text("attention 0.")
    told = tip.text_content()
    page.locator("h1").hover()
    expect(tip).to_be_hidden()
    page.locator("#ex-r0").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    cell.hover()
    expect(tip).to_have_text(told)
    page.locator("#ex-r0 .cells i").nth(1).hover()
    cell.evaluate("cell => { cell.textContent = 'long'.repeat(40); }")
    cell.hover()
    expect(tip).to_have_text(f"{'long' * 40}: {told}")


def test_all_cards_stand_on_paper(look, paged):
    page = look(paged / "index.html")
    assert page.locator(".cells").count() < 60  # they are drawn when they come near
    page.pdf()
    expect(page.locator("#gallery .cells")).to_have_count(100)


def test_a_folded_heatmap_shows_its_strongest_word(look, mixed):
    page = look(mixed / "index.html")
    card = page.locator("#ex-r6")
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    inside = card.evaluate(
        """card => { const frame = card.querySelector('.frame').getBoundingClientRect();
        const level = i => parseInt(i.className.slice(1)) || 0;
        const cells = [...card.querySelectorAll('.cells i')];
        const most = Math.max(...cells.map(level));
        const box = cells.find(i => level(i) === most).getBoundingClientRect();
        return frame.top <= box.top && box.bottom <= frame.bottom && frame.height < 400; }"""
    )
    assert inside


def test_the_screen_reader_is_told_that_the_text_has_the_words(look, mixed):
    page = look(mixed / "index.html")
    page.locator("#ex-r0").scroll_into_view_if_needed()
    cells = page.locator("#ex-r0 .cells")
    assert cells.get_attribute("role") == "img"
    assert cells.get_attribute("aria-label").startswith("Attention heatmap of the text")


def test_a_choice_remembered_from_another_report_that_is_none_here_is_forgotten(look, mixed):
    page = look(mixed / "index.html")
    page.evaluate("localStorage.setItem('reportgen-shading', 'shared')")
    page.reload()
    page.locator(".filters summary").click()
    assert page.locator("[name=shading]").input_value() == ""
    assert page.locator("[name=shading] option:checked").inner_text().startswith("all texts")


def test_only_warnings_are_in_the_colour_of_warnings(look, explained):
    page = look(explained / "index.html")
    flags = page.locator("#gallery .flag").evaluate_all(
        "all => all.map(flag => [flag.textContent, getComputedStyle(flag).color])"
    )
    wrong = page.evaluate(
        """() => { const e = document.body.appendChild(document.createElement('i'));
        e.style.color = 'var(--wrong)'; return getComputedStyle(e).color; }"""
    )
    for text, color in flags:
        warns = "second look" in text or "training" in text or "not shown" in text
        assert (color == wrong) == warns, text
