"""Heatmaps in the PDF: vector cells with real text, held to the picture that the page shows."""

from __future__ import annotations

import html
import io
import logging
import re
import shutil
import subprocess

import numpy as np
import pypdf
import pytest
from PIL import Image

from reportgen import pipeline
from reportgen.figures.layout import Band, grid
from reportgen.figures.palette import contrast, shade
from reportgen.figures.scales import PLAIN
from reportgen.figures.shapes import Text, key
from reportgen.options import ReportOptions
from reportgen.progress import Silent
from reportgen.publish.archive import run_time
from reportgen.publish.pdf import drawings, parts, setting, shaping
from reportgen.publish.pdf.cells import CellsImage
from reportgen.publish.pdf.document import BASE, Document, vector_cells, write_pdf
from tests.publish.conftest import HOSTILE

STYLE = (
    '<html lang="en"><title>x</title>'
    "<style>@page{size:700px 500px;margin:16px}body{margin:0}"
    "img{display:block;width:668px;font:10px sans-serif}</style>"
)
POINT = 0.75  # of a CSS pixel
FINE = 4  # device pixels a CSS pixel


def written(tmp_path, tokens, weights, unknown=None, columns=10, style=STYLE, scale=PLAIN):
    """Write one heatmap; return the PDF's path and the characters without a glyph."""
    attention = np.array(weights, dtype=np.float32)
    cells = grid(tuple(tokens), attention, unknown, columns, scale)
    target = tmp_path / "one.pdf"
    bands = images({f"{BASE}one": Band(cells, 0, cells.rows)})
    page = f'{style}<img src="{BASE}one" alt="x">'
    return target, write_pdf(Document(page, tmp_path, bands, [], run_time()), target)


def images(bands):
    shaper = shaping.Shaper()
    return {address: CellsImage(band, shaper) for address, band in bands.items()}


def content(path):
    return pypdf.PdfReader(path).pages[0].get_contents().get_data()


def test_weasyprint_is_as_this_project_knows_it():
    """Fails with a WeasyPrint that changed what shaping uses: adapt that file."""
    assert shaping.available()
    assert vector_cells()


@pytest.mark.parametrize("name", ["draw_first_line", "draw_emojis"])
def test_a_changed_interface_is_noticed(name, monkeypatch):
    monkeypatch.setattr(shaping.weasy_text, name, lambda stream, textbox: None)
    assert not shaping.available()
    monkeypatch.delattr(shaping.weasy_text, name)
    assert not shaping.available()


def test_without_it_the_pdf_shows_the_shaded_text(table, tmp_path, monkeypatch, pdftotext):
    heard = []
    for module in (drawings, parts, setting):
        monkeypatch.setattr(module, "vector_cells", lambda: False)
    monkeypatch.setattr(Silent, "say", lambda self, line: heard.append(line))
    done = pipeline.render(
        table, ReportOptions(), pipeline.Workspace(tmp_path), pipeline.Execution()
    )
    assert "A small, patient film." in pdftotext(done.folder / "report.pdf")
    assert any("WeasyPrint" in line for line in heard)


@pytest.fixture
def pdftotext():
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (Debian: poppler-utils) is not installed")
    return lambda *words: (
        subprocess.run(
            ["pdftotext", *map(str, words), "-"], capture_output=True, text=True, check=True
        ).stdout
    )


@pytest.mark.parametrize("order", [(), ("-raw",)])
def test_every_word_stands_in_it_in_reading_order(finished, pdftotext, order):
    read = pdftotext(*order, finished / "report.pdf").split()
    for id_ in ("plain", "markup", "template", "money", "emoji", "long-word"):
        words = iter(read[read.index(id_) :])  # the key of the heatmap may stand between
        lines = [line for word in HOSTILE[id_].split() for line in re.findall(".{1,93}", word)]
        assert all(any(line in word for word in words) for line in lines), id_


def test_every_word_of_real_reviews_in_reading_order(real_predictions, pdftotext, tmp_path):
    for i, row in enumerate(real_predictions):
        cells = grid(row.tokens, row.attention, row.unknown)
        bands = {
            f"{BASE}{start}": Band(cells, start, min(start + 6, cells.rows))
            for start in range(0, cells.rows, 6)
        }
        target = tmp_path / f"{i}.pdf"
        shown = "".join(f'<img src="{address}" alt="x">' for address in bands)
        write_pdf(Document(STYLE + shown, tmp_path, images(bands), [], run_time()), target)
        read = pdftotext("-raw", target).split()
        words = [part for token in row.tokens for part in token.split()]
        found = iter(read)
        assert all(word in found for word in words)  # in this order; keys stand between


def test_cells_are_filled_with_their_shade(tmp_path):
    weights = [0.02, 0.08, 0.3, 0.6]
    path, _ = written(tmp_path, "abcd", weights)
    lines = content(path).decode("latin-1").split("\n")
    boxes = {0: "0 0 2 1 re", 2: "2 0 1 1 re", 3: "3 0 1 1 re"}
    levels = PLAIN.levels(np.array(weights, dtype=np.float32))
    assert levels[0] == levels[1] == 0  # neighbours of one shade are one box
    for column, box in boxes.items():
        red, green, blue = shade(levels[column] / 31)
        at = lines.index(f"{red:.3g} {green:.3g} {blue:.3g} rg")
        assert lines[at + 1 : at + 3] == [box, "f"]


# What is seen on the page


@pytest.fixture
def boxes(pdftotext):
    """Return every word of a page with its box in CSS pixels of the heatmap."""

    def read(path):
        found = re.findall(
            r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>',
            pdftotext("-bbox", path),
        )
        return [(html.unescape(w), *(float(v) / POINT - 16 for v in place)) for *place, w in found]

    return read


@pytest.fixture
def picture(pdftotext):
    """Return the pixels of a heatmap, four for a CSS pixel, so that lines have a core."""

    def draw(path):
        command = ["pdftoppm", "-png", "-r", str(96 * FINE), str(path)]
        done = subprocess.run(command, capture_output=True, check=True)
        page = np.asarray(Image.open(io.BytesIO(done.stdout)).convert("RGB"), dtype=float) / 255
        return page[16 * FINE :, 16 * FINE :]

    return draw


def part(page, left, top, width, height):
    left, top, right, bottom = (
        round(FINE * value) for value in (left, top, left + width, top + height)
    )
    return page[top:bottom, left:right]


def place(i, columns):
    """Return where a cell begins and how wide it is; written here once more, on purpose."""
    row, column = divmod(i, columns)
    width = {10: 66, 7: 94}[columns]
    return 4 + width * column, 4 + 20 * row, width


@pytest.mark.parametrize("columns", [10, 7])
def test_words_stand_in_the_middle_of_their_cells_row_by_row(tmp_path, boxes, columns):
    tokens = [f"word{i}" for i in range(23)]
    path, _ = written(tmp_path, tokens, [1 / 23] * 23, columns=columns)
    drawn = boxes(path)[:23]
    assert [box[0] for box in drawn] == tokens
    for i, (_, left, top, right, bottom) in enumerate(drawn):
        x, y, width = place(i, columns)
        assert (left + right) / 2 == pytest.approx(x + width / 2, abs=0.5)
        assert (top + bottom) / 2 == pytest.approx(y + 10, abs=3)


@pytest.mark.parametrize("family", ["sans-serif", "monospace"])
def test_words_are_fitted_by_the_font_of_the_page(tmp_path, boxes, family):
    tokens = ["i" * 9, "i" * 13, "unforgettable", "W" * 9, "W" * 300, "a" + "i" * 60, "m" * 12]
    path, _ = written(tmp_path, tokens, [1 / 7] * 7, style=STYLE.replace("sans-serif", family))
    drawn = {word: (left, right) for word, left, _, right, _ in boxes(path)}
    assert set(tokens) <= set(drawn)  # a word that is cut, too: it can be searched
    for i, word in enumerate(tokens):
        (left, right), (x, _, width) = drawn[word], place(i, 10)
        assert x + 3.9 <= left < right <= x + width - 3.9, word


def test_what_is_drawn_of_a_cut_word_ends_in_an_ellipsis(tmp_path, monkeypatch):
    drawn = []
    draw = shaping.weasy_text.draw_first_line
    monkeypatch.setattr(
        shaping.weasy_text,
        "draw_first_line",
        lambda *values: drawn.append(values[1].text) or draw(*values),
    )
    path, _ = written(tmp_path, ["W" * 300, "short"], [0.5, 0.5])
    cut, short = [text for text in drawn if text != "x"][:2]  # that of a blank is nothing
    assert re.fullmatch("W{4,9}…", cut)
    assert short == "short"
    assert content(path).count(b"/ActualText") == 1


MARKED = [(0.3, False), (0.2, True), (np.nan, False), (0.1, True), (0.1, False)]
MARKED += [(0.1, False), (np.nan, True), (np.nan, False), (0.1, True), (0.05, False)]
MARKED += [(0.05, True), (np.nan, False)]


@pytest.mark.parametrize("columns", [10, 7])
def test_only_unread_words_are_hatched(tmp_path, picture, columns):
    weights = [weight for weight, _ in MARKED]
    page = picture(written(tmp_path, ["."] * 12, weights, columns=columns)[0])
    for i, weight in enumerate(weights):
        x, y, width = place(i, columns)
        ground = part(page, x + 2, y + 2, width / 3, 16)
        assert (np.ptp(ground, axis=(0, 1)).max() > 0.1) == np.isnan(weight), i
    x, y, width = place(12, columns)  # a cell without a word
    assert part(page, x + 2, y + 2, width - 4, 16).min() == 1


@pytest.mark.parametrize("columns", [10, 7])
def test_only_unknown_words_are_underlined(tmp_path, picture, columns):
    weights, unknown = zip(*MARKED, strict=True)
    words = ["."] * 12
    plain = picture(written(tmp_path, words, weights, columns=columns)[0])
    page = picture(written(tmp_path, words, weights, np.array(unknown), columns)[0])
    for i, mark in enumerate(unknown):
        x, y, width = place(i, columns)
        old, new = (part(one, x + 1, y + 1, width - 2, 18) for one in (plain, page))
        changed = (np.abs(old - new) > 0.05).any(axis=2)
        assert changed.any() == mark, i
        if mark:  # dots with gaps between, in the middle of the lower part of the cell
            rows, across = np.flatnonzero(changed.any(axis=1)), changed.any(axis=0)
            assert 15 * FINE < rows.min() < rows.max() < 18 * FINE
            used = np.flatnonzero(across)
            assert 0.5 * width * FINE < used.max() - used.min() < 0.7 * width * FINE
            assert 0.3 < across[used.min() : used.max()].mean() < 0.7


def test_every_level_has_its_colour_and_an_ink_that_is_legible(tmp_path, picture):
    weights = np.linspace(1, 0, 100, dtype=np.float32) / 50
    levels = PLAIN.levels(weights).tolist()
    assert set(levels) == set(range(32))
    page = picture(written(tmp_path, ["HHH"] * 100, weights)[0])
    for i, level in enumerate(levels):
        x, y, width = place(i, 10)
        cell = part(page, x + 1, y + 1, width - 2, 18)
        ground = cell[2, 2]
        np.testing.assert_allclose(ground, shade(level / 31), atol=0.006)
        ink = cell.reshape(-1, 3)[np.abs(cell - ground).sum(axis=2).argmax()]
        assert contrast(tuple(ink), tuple(ground)) >= 4.45, level  # 8-bit colours


def test_the_key_has_its_texts_where_the_layout_says(tmp_path, boxes, picture):
    weights = [0.4, 0.3, 0.2, 0.1, np.nan]
    unknown = np.array([True, False, False, False, False])
    path, _ = written(tmp_path, list("abcde"), weights, unknown)
    cells = grid(tuple("abcde"), np.array(weights, dtype=np.float32), unknown)
    drawn = [box for box in boxes(path) if len(box[0]) > 1]
    at = {word: (left, (top + bottom) / 2, right) for word, left, top, right, bottom in drawn}
    assert at["even"][0] < at["share"][0] < at["0.2500"][0]
    assert at["0.2500"][2] < 116 < 204 < at["largest:"][0]  # the scale lies between its ends
    texts = [shape for shape in key(cells) if isinstance(shape, Text)]
    assert sorted(box[0] for box in drawn) == sorted(w for t in texts for w in t.text.split())
    lefts = {text.text: (text.x, 28 + text.y) for text in texts}
    for text, first in (
        ("even share 0.2500", "even"), ("largest: 0.4000", "largest:"), ("abc", "abc"),
        ("not read by the model", "read"),
    ):  # fmt: skip
        x, y = lefts[text]
        shift = 0 if first != "read" else 18  # "not" occurs twice
        assert at[first][0] == pytest.approx(x + shift, abs=2), text
        assert at[first][1] == pytest.approx(y, abs=3), text
    page = picture(path)
    bar = part(page, 117, 44.5, 86, 1)[0]
    np.testing.assert_allclose(bar[0], shade(0), atol=0.01)
    np.testing.assert_allclose(bar[-1], shade(1), atol=0.01)
    assert (np.diff(bar.sum(axis=1)) <= 1e-9).all()
    assert np.ptp(part(page, 508, 41, 20, 8)) > 0.1  # hatching
    dots = (part(page, 344, 51, 24, 2).min(axis=2) < 0.7).any(axis=0)
    assert 0.3 < dots.mean() < 0.6


def test_a_word_that_occurs_often_is_shaped_once(tmp_path, monkeypatch):
    shaped = []
    draw = shaping.weasy_text.draw_first_line

    def count(*values):
        shaped.append(values[1].text)
        return draw(*values)

    monkeypatch.setattr(shaping.weasy_text, "draw_first_line", count)
    written(tmp_path, ["film"] * 200, [1 / 200] * 200)
    assert shaped.count("film") == 1


def test_characters_without_a_glyph_are_named_and_no_error(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        _, missing = written(tmp_path, ["a\U000f0000", "b"], [0.5, 0.5])
    assert missing == {"\U000f0000"}


def test_a_heatmap_breaks_between_its_rows(tmp_path):
    cells = grid(("word",) * 600, np.full(600, 1 / 600, dtype=np.float32))
    bands = {f"{BASE}{i}": Band(cells, i * 6, i * 6 + 6) for i in range(10)}
    shown = "".join(f'<img src="{address}" alt="x">' for address in bands)
    target = tmp_path / "x.pdf"
    write_pdf(Document(STYLE + shown, tmp_path, images(bands), [], run_time()), target)
    pages = pypdf.PdfReader(target).pages
    assert len(pages) == 4
    assert sum(page.extract_text().count("word") for page in pages) == 600


def test_it_can_be_tagged(tmp_path):
    import weasyprint

    cells = grid(("so", "be"), np.array([0.3, 0.7], dtype=np.float32))
    image = CellsImage(Band(cells, 0, 1), shaping.Shaper())
    page = f'{STYLE}<img src="{BASE}one" alt="so be">'
    out = io.BytesIO()
    weasyprint.HTML(string=page).write_pdf(out, cache={f"{BASE}one": image}, pdf_variant="pdf/ua-1")
    root = pypdf.PdfReader(out).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    kinds, todo = {}, [root["/StructTreeRoot"]]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, pypdf.generic.DictionaryObject):
            kinds[node.get("/S")] = node
            children = node.get("/K", [])
            todo += children if isinstance(children, list) else [children]
    assert kinds["/Figure"]["/Alt"] == "so be"
