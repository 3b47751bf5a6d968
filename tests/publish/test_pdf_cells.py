"""Heatmaps in the PDF: vector cells with real text, held to the picture that the page shows."""

from __future__ import annotations

import io
import logging
import shutil
import subprocess

import numpy as np
import pypdf
import pytest

from reportgen import pipeline
from reportgen.figures.layout import Band, grid, shade_levels
from reportgen.figures.palette import shade
from reportgen.options import ReportOptions
from reportgen.progress import Silent
from reportgen.publish.archive import run_time
from reportgen.publish.pdf import cells as pdf_cells
from reportgen.publish.pdf import volumes
from reportgen.publish.pdf.document import BASE, Document, vector_cells, write_pdf
from tests.publish.conftest import HOSTILE

STYLE = (
    "<style>@page{size:700px 500px;margin:16px}"
    "img{display:block;width:668px;font:10px sans-serif}</style>"
)


def written(tmp_path, tokens, weights, unknown=None):
    """Write one heatmap; return the PDF's path and the characters without a glyph."""
    cells = grid(tuple(tokens), np.array(weights, dtype=np.float32), unknown)
    target = tmp_path / "one.pdf"
    bands = {f"{BASE}one": Band(cells, 0, cells.rows)}
    page = f'<html lang="en"><title>x</title>{STYLE}<img src="{BASE}one" alt="x">'
    return target, write_pdf(Document(page, tmp_path, bands, [], run_time()), target)


def content(path):
    return pypdf.PdfReader(path).pages[0].get_contents().get_data()


def test_weasyprint_is_as_this_project_knows_it():
    """Fails with a WeasyPrint that changed what pdf_cells uses: adapt that file."""
    assert pdf_cells.available()
    assert vector_cells()


@pytest.mark.parametrize("name", ["draw_first_line", "draw_emojis"])
def test_a_changed_interface_is_noticed(name, monkeypatch):
    monkeypatch.setattr(pdf_cells.weasy_text, name, lambda stream, textbox: None)
    assert not pdf_cells.available()
    monkeypatch.delattr(pdf_cells.weasy_text, name)
    assert not pdf_cells.available()


def test_without_it_the_pdf_shows_the_shaded_text(table, tmp_path, monkeypatch):
    heard = []
    monkeypatch.setattr(volumes, "vector_cells", lambda: False)
    monkeypatch.setattr(Silent, "say", lambda self, line: heard.append(line))
    done = pipeline.render(
        table, ReportOptions(), pipeline.Workspace(tmp_path), pipeline.Execution()
    )
    text = "".join(
        page.extract_text() for page in pypdf.PdfReader(done.folder / "report.pdf").pages
    )
    assert "A small, patient film." in text
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
        assert all(word in words for word in HOSTILE[id_].split()), id_


def test_every_word_of_real_reviews_in_reading_order(real_predictions, pdftotext, tmp_path):
    for i, row in enumerate(real_predictions):
        cells = grid(row.tokens, row.attention, row.unknown)
        bands = {
            f"{BASE}{start}": Band(cells, start, min(start + 6, cells.rows))
            for start in range(0, cells.rows, 6)
        }
        target = tmp_path / f"{i}.pdf"
        images = "".join(f'<img src="{address}" alt="x">' for address in bands)
        write_pdf(Document(STYLE + images, tmp_path, bands, [], run_time()), target)
        read = pdftotext("-raw", target).split()
        words = [part for token in row.tokens for part in token.split()]
        found = iter(read)
        assert all(word in found for word in words)  # in this order; keys stand between


def test_cells_are_filled_with_their_shade(tmp_path):
    weights = [0.02, 0.08, 0.3, 0.6]
    path, _ = written(tmp_path, "abcd", weights)
    lines = content(path).decode("latin-1").split("\n")
    boxes = {0: "0 0 2 1 re", 2: "2 0 1 1 re", 3: "3 0 1 1 re"}
    levels = shade_levels(np.array(weights, dtype=np.float32))
    assert levels[0] == levels[1] == 0  # neighbours of one shade are one box
    for column, box in boxes.items():
        red, green, blue = shade(levels[column] / 31)
        at = lines.index(f"{red:.3g} {green:.3g} {blue:.3g} rg")
        assert lines[at + 1 : at + 3] == [box, "f"]


def test_unknown_and_unread_words_are_marked(tmp_path):
    plain, _ = written(tmp_path, ["a", "b"], [0.5, 0.5])
    before = content(plain)
    assert b"[1.2 1.8] 0 d" not in before
    assert b"W n" not in before
    marked, _ = written(tmp_path, ["a", "b"], [1.0, np.nan], np.array([True, False]))
    after = content(marked)
    assert b"[1.2 1.8] 0 d" in after
    assert b"W n" in after


def test_a_word_that_occurs_often_is_shaped_once(tmp_path, monkeypatch):
    shaped = []
    draw = pdf_cells.weasy_text.draw_first_line

    def count(*values):
        shaped.append(values[1].text)
        return draw(*values)

    monkeypatch.setattr(pdf_cells.weasy_text, "draw_first_line", count)
    written(tmp_path, ["film"] * 200, [1 / 200] * 200)
    assert shaped.count("film") == 1


def test_characters_without_a_glyph_are_named_and_no_error(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        _, missing = written(tmp_path, ["a\U000f0000", "b"], [0.5, 0.5])
    assert missing == {"\U000f0000"}


def test_a_heatmap_breaks_between_its_rows(tmp_path):
    cells = grid(("word",) * 600, np.full(600, 1 / 600, dtype=np.float32))
    bands = {f"{BASE}{i}": Band(cells, i * 6, i * 6 + 6) for i in range(10)}
    images = "".join(f'<img src="{address}" alt="x">' for address in bands)
    target = tmp_path / "x.pdf"
    write_pdf(Document(STYLE + images, tmp_path, bands, [], run_time()), target)
    pages = pypdf.PdfReader(target).pages
    assert len(pages) == 4
    assert sum(page.extract_text().count("word") for page in pages) == 600


def test_it_can_be_tagged(tmp_path):
    import weasyprint

    cells = grid(("so", "be"), np.array([0.3, 0.7], dtype=np.float32))
    image = pdf_cells.CellsImage(Band(cells, 0, 1), pdf_cells.Shaper())
    page = f'<html lang="en"><title>x</title>{STYLE}<img src="{BASE}one" alt="so be">'
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
