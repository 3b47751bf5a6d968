"""The cards of a part of the PDF, and the parts of their heatmaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.figures.layout import Band, grid
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.pdf import parts as module
from reportgen.publish.pdf import volumes
from reportgen.publish.pdf.document import BASE, Document
from reportgen.publish.pdf.parts import BAND_ROWS, SHORT_ROWS, bands
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
        return frozenset()

    @property
    def bands(self) -> dict[str, Band]:
        return {
            k: v
            for d in self.documents
            if d.page.startswith("pdf/cards")
            for k, v in d.bands.items()
        }

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
    volumes.write_volumes(report, summarize(report, (), Drawn(frozenset(), 0, 0)))


@pytest.mark.parametrize("rows", [1, SHORT_ROWS, SHORT_ROWS + 1, SHORT_ROWS + BAND_ROWS, 40])
def test_a_long_heatmap_is_cut_into_bands(rows: int) -> None:
    n = 10 * rows
    cells = grid(("w",) * n, np.full(n, 1 / n, np.float32))
    found = [(band.start, band.stop) for band in bands(cells)]
    if rows <= SHORT_ROWS:
        assert found == [(0, rows)]
    else:
        assert found == [
            (start, min(start + BAND_ROWS, rows)) for start in range(0, rows, BAND_ROWS)
        ]
    assert all(band.cells is cells for band in bands(cells))


def test_cards_name_the_bands_of_their_heatmaps(engine: Engine, tmp_path: Path) -> None:
    with opened(tmp_path) as report:
        write(report)
        order = iter(report.indices)
    for values, document in zip(
        engine.values, [d for d in engine.documents if d.bands], strict=True
    ):
        cards = [card for _, inside in values["parts"] for card in inside]
        addresses = [address for card in cards for address in card.bands]
        assert addresses == [f"{BASE}cells/{k}" for k in range(len(addresses))]
        assert addresses == list(document.bands)
        for card, i in zip(cards, order, strict=False):
            assert card.id == ROWS[i].id
            n = len(ROWS[i].tokens)
            assert len(card.bands) == (n > 0)
            for address in card.bands:
                cells = document.bands[address].cells
                assert tuple(cells.words.flat[:n]) == ROWS[i].tokens
                assert np.array_equal(cells.unknown.flat[:n], ROWS[i].unknown)  # type: ignore[arg-type]
                np.testing.assert_array_equal(cells.weights.flat[:n], ROWS[i].attention)


def test_a_long_heatmap_has_an_address_for_each_of_its_bands(
    engine: Engine, tmp_path: Path
) -> None:
    long = row("long", "bad", (0.7, 0.2, 0.1), [f"w{i}" for i in range(175)])
    with opened(tmp_path, [long]) as report:
        write(report)
    (card,) = engine.cards
    assert card.bands == tuple(f"{BASE}cells/{k}" for k in range(3))
    rows = [(engine.bands[a].start, engine.bands[a].stop) for a in card.bands]
    assert rows == [(0, 8), (8, 16), (16, 18)]


def test_where_weasyprint_cannot_draw_cells_texts_are_shaded(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "vector_cells", lambda: False)
    with opened(tmp_path) as report:
        write(report)
    assert [card.bands for card in engine.cards] == [()] * 9
    assert [bool(card.pieces) for card in engine.cards].count(True) == 9
