"""The cards of a part of the PDF, and the parts of their heatmaps."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.figures.layout import PAGE, grid
from reportgen.options import ReportOptions
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pdf import drawings, volumes
from reportgen.publish.pdf import parts as module
from reportgen.publish.pdf.document import BASE, Document
from reportgen.publish.pdf.drawings import BAND_ROWS, bands
from reportgen.publish.report import Report
from reportgen.publish.summary import summarize
from tests.publish.small import ROWS, opened, row


class Engine:
    """Stands in for the templates and WeasyPrint, and remembers what they were given."""

    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []
        self.documents: list[Document] = []

    def render(self, template: str, values: dict[str, Any]) -> str:
        if template == "pdf/cards.j2":
            self.values.append(values)
        return f"{template}\xa0page"

    def write_pdf(self, document: Document, target: Path, tagged: bool) -> frozenset[str]:
        assert tagged is not document.page.startswith("pdf/running")
        assert document.page.endswith(" page")
        self.documents.append(document)
        target.write_bytes(b"a part")
        return frozenset()

    @property
    def cards(self) -> list[Any]:
        return [card for v in self.values for _, inside in v["parts"] for card in inside]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(module, "render", engine.render)
    monkeypatch.setattr(module, "write_pdf", engine.write_pdf)
    monkeypatch.setattr(volumes, "join", lambda *_: None)
    return engine


def write(report: Report) -> None:
    for name in ("inputs.json", "metrics.json"):
        (report.folder / name).write_text(f"the {name}")
    (report.folder / "assets").mkdir()
    for name in ("report.css", "print.css"):
        shutil.copyfile(TEMPLATES / name, report.folder / "assets" / name)
    shutil.copytree(TEMPLATES / "fonts", report.folder / "assets" / "fonts")
    volumes.write_volumes(report, summarize(report, (), Drawn(frozenset(), 0, 0)))


@pytest.mark.parametrize("rows", [1, BAND_ROWS, BAND_ROWS + 1, 4 * BAND_ROWS, 40])
def test_a_long_heatmap_is_cut_into_bands_of_about_one_height(rows: int) -> None:
    n = 10 * rows
    cells = grid(("w",) * n, np.full(n, 1 / n, np.float32))
    found = [(band.start, band.stop) for band in bands(cells)]
    assert [start for start, _ in found] == [0, *(stop for _, stop in found[:-1])]
    assert found[-1][1] == rows
    sizes = [stop - start for start, stop in found]
    assert max(sizes) <= BAND_ROWS
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == -(-rows // BAND_ROWS)
    assert all(band.cells is cells for band in bands(cells))


def test_cards_name_what_is_drawn_of_them(engine: Engine, tmp_path: Path) -> None:
    with opened(tmp_path) as report:
        write(report)
        order = iter(report.indices)
    documents = [d for d in engine.documents if d.images]
    assert documents
    for values, document in zip(engine.values, documents, strict=True):
        cards = [card for _, inside in values["parts"] for card in inside]
        addresses = [a for card in cards for a in (*card.drawn.text, *card.drawn.heatmap)]
        assert addresses == [f"{BASE}drawn/{k}" for k in range(len(addresses))]
        assert addresses == list(document.images)
        for card, i in zip(cards, order, strict=False):
            assert card.id == ROWS[i].id
            n = len(ROWS[i].tokens)
            assert bool(card.drawn.heatmap) == (n > 0)
            for address in card.drawn.heatmap:
                cells = document.images[address].band.cells
                assert cells.sheet == replace(PAGE, width=cells.sheet.width)
                assert tuple(cells.words.flat[:n]) == ROWS[i].tokens
                assert np.array_equal(cells.unknown.flat[:n], ROWS[i].unknown)
                np.testing.assert_array_equal(cells.weights.flat[:n], ROWS[i].attention)


def test_a_long_card_has_an_address_for_each_of_its_bands(engine: Engine, tmp_path: Path) -> None:
    long = row("long", "bad", (0.7, 0.2, 0.1), [f"word{i}" for i in range(400)])
    with opened(tmp_path, [long]) as report:
        write(report)
        columns = report.cards.columns.below_text
    (card,) = engine.cards
    images = next(d.images for d in engine.documents if d.images)
    rows = [images[a].band.stop - images[a].band.start for a in card.drawn.heatmap]
    assert sum(rows) == -(-400 // columns)
    assert len(rows) > 2
    assert len(card.drawn.text) > 2


@pytest.mark.parametrize("show", ["text", "heatmap"])
def test_only_what_was_asked_for_is_drawn(engine: Engine, tmp_path: Path, show: str) -> None:
    with opened(tmp_path) as report:
        write(replace(report, options=ReportOptions(pdf_cards=show)))
    for card in engine.cards:
        assert not (card.drawn.heatmap if show == "text" else card.drawn.text)
    assert any(card.drawn for card in engine.cards)


def test_where_weasyprint_cannot_draw_cells_texts_are_shaded(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "vector_cells", lambda: False)
    with opened(tmp_path) as report:
        write(report)
    assert not any(card.drawn for card in engine.cards)
    assert len(engine.cards) == 9
    assert [bool(card.pieces) for card in engine.cards].count(True) == 9
