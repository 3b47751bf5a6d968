"""Which examples stand in which document of the PDF, and what travels inside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.ordering import Section
from reportgen.figures.layout import Band, grid
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.pdf import volumes as module
from reportgen.publish.pdf.document import BASE, Document
from reportgen.publish.pdf.volumes import BAND_ROWS, SHORT_ROWS, Volume, bands, volumes
from reportgen.publish.report import Report
from reportgen.publish.summary import summarize
from reportgen.publish.tables import csv_text
from reportgen.records import Skipped
from tests.publish.small import ROWS, numbers, opened, row
from tests.publish.test_heatmaps import Watched


def sections(*sizes: int) -> list[Section]:
    starts = np.cumsum([0, *sizes])
    return [
        Section(f"s{k}", f"S{k}", np.arange(start, start + size), size)
        for k, (start, size) in enumerate(zip(starts, sizes, strict=False))
    ]


def planned(*sizes: int, examples: int | None = None) -> list[list[tuple[str, int, int]]]:
    return [
        [(b.section.key, b.first, b.last) for b in volume.blocks]
        for volume in volumes(sections(*sizes), examples)
    ]


@pytest.fixture
def _volumes_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VOLUME", 5)


@pytest.mark.usefixtures("_volumes_of_five")
def test_volumes_of_five_by_hand() -> None:
    assert planned(5) == [[("s0", 1, 5)]]
    assert planned(6) == [[("s0", 1, 5)], [("s0", 6, 6)]]
    assert planned(3, 4, 4) == [
        [("s0", 1, 3), ("s1", 1, 2)],
        [("s1", 3, 4), ("s2", 1, 3)],
        [("s2", 4, 4)],
    ]
    assert planned(0, 6, 0) == [[("s0", 1, 0), ("s1", 1, 5)], [("s1", 6, 6)]]
    assert planned(0, 0) == [[("s0", 1, 0), ("s1", 1, 0)]]


def test_a_part_of_the_examples_is_shared_out() -> None:
    assert planned(9, 9, 9, examples=8) == [[("s0", 1, 4), ("s1", 1, 2), ("s2", 1, 2)]]
    assert planned(2, 9, 0, examples=8) == [[("s0", 1, 2), ("s1", 1, 6), ("s2", 1, 0)]]
    assert planned(2, 1, 1, examples=99) == [[("s0", 1, 2), ("s1", 1, 1), ("s2", 1, 1)]]
    assert planned(2, 1, examples=0) == [[("s0", 1, 0), ("s1", 1, 0)]]


def test_files_of_volumes() -> None:
    files = [Volume(number, ()).file for number in (1, 2, 11)]
    assert files == ["report.pdf", "report-02.pdf", "report-11.pdf"]
    assert [volume.number for volume in volumes(sections(2500), None)] == [1, 2, 3]


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


# What is handed to the engine; no page is laid out here


class Engine:
    """Stands in for the templates and WeasyPrint, and remembers what they were given."""

    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []
        self.documents: list[tuple[Document, Path]] = []
        self.missing = frozenset[str]()

    def render(self, template: str, values: dict[str, Any]) -> str:
        assert template == "report.pdf.j2"
        self.values.append(values)
        return "a\xa0page"

    def write_pdf(self, document: Document, target: Path) -> frozenset[str]:
        self.documents.append((document, target))
        return self.missing


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(module, "render", engine.render)
    monkeypatch.setattr(module, "write_pdf", engine.write_pdf)
    return engine


def write(report: Report, **summary: Any) -> Watched:
    for name in ("inputs.json", "metrics.json"):
        (report.folder / name).write_text(f"the {name}")
    watched = Watched()
    words = replace(summarize(report, (), Drawn(frozenset(), 0, 0)), **summary)
    module.write_volumes(replace(report, progress=watched), words)
    return watched


def ids(values: dict[str, Any]) -> list[str]:
    return [card.id for _, cards in values["parts"] for card in cards]


@pytest.mark.usefixtures("_volumes_of_five")
def test_each_volume_is_whole_and_the_first_lists_the_others(
    engine: Engine, tmp_path: Path
) -> None:
    skipped = tuple(Skipped("f.csv", i, "short") for i in range(45))
    with opened(tmp_path, pdf_examples=None) as report:
        watched = write(report, skipped=skipped)
        order = report.indices
        rows = [csv_text(report, order[:5]), csv_text(report, order[5:])]
    first, second = engine.values
    assert [first["volume"], second["volume"], first["volumes"]] == [1, 2, 2]
    assert ids(first) == [ROWS[i].id for i in order[:5]]
    assert ids(second) == [ROWS[i].id for i in order[5:]]
    assert [file for file, _ in first["outline"]] == ["report.pdf", "report-02.pdf"]
    assert [[part.key for part in parts] for _, parts in first["outline"]] == [
        ["mistakes", "unsure"], ["right"]
    ]  # fmt: skip
    assert second["outline"] == []
    assert numbers(first["shown_note"])[:1] == [9]
    assert (first["skipped_listed"], numbers(first["skipped_note"])) == (40, [5])
    ranges = [(part.range, part.size) for part, _ in first["parts"]]
    assert ranges == [("2 of 2", 2), ("3 of 3", 3)]
    for k, (document, target) in enumerate(engine.documents):
        assert target == tmp_path / ("report.pdf", "report-02.pdf")[k]
        inputs, metrics, examples = document.attachments
        assert (inputs.name, inputs.content) == ("inputs.json", b"the inputs.json")
        assert (metrics.name, metrics.content) == ("metrics.json", b"the metrics.json")
        assert (examples.name, examples.content) == ("examples.csv", rows[k].encode())
        assert document.time == datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)
        assert (document.folder, document.page) == (tmp_path, "a page")
    assert watched.lines == []
    assert watched.steps == [("PDF", 9, 9)]


def test_cards_name_the_bands_of_their_heatmaps(engine: Engine, tmp_path: Path) -> None:
    with opened(tmp_path) as report:
        write(report)
        order = report.indices
    (document, _), (values,) = engine.documents[0], engine.values
    cards = [card for _, inside in values["parts"] for card in inside]
    addresses = [address for card in cards for address in card.bands]
    assert addresses == [f"{BASE}cells/{k}" for k in range(8)] == list(document.bands)
    for card, i in zip(cards, order, strict=True):
        if not ROWS[i].tokens:
            assert card.bands == ()
            continue
        band: Band = document.bands[card.bands[0]]
        n = len(ROWS[i].tokens)
        assert tuple(band.cells.words.flat[:n]) == ROWS[i].tokens
        assert np.array_equal(band.cells.unknown.flat[:n], ROWS[i].unknown)  # type: ignore[arg-type]
        np.testing.assert_array_equal(band.cells.weights.flat[:n], ROWS[i].attention)


def test_a_long_heatmap_has_an_address_for_each_of_its_bands(
    engine: Engine, tmp_path: Path
) -> None:
    long = row("long", "bad", (0.7, 0.2, 0.1), [f"w{i}" for i in range(175)])
    with opened(tmp_path, [long]) as report:
        write(report)
    (document, _), (values,) = engine.documents[0], engine.values
    (card,) = [card for _, inside in values["parts"] for card in inside]
    assert card.bands == tuple(f"{BASE}cells/{k}" for k in range(3))
    rows = [(document.bands[a].start, document.bands[a].stop) for a in card.bands]
    assert rows == [(0, 8), (8, 16), (16, 18)]


def test_where_weasyprint_cannot_draw_cells_texts_are_shaded(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "vector_cells", lambda: False)
    with opened(tmp_path) as report:
        watched = write(report)
    (values,) = engine.values
    cards = [card for _, inside in values["parts"] for card in inside]
    assert [card.bands for card in cards] == [()] * 9
    assert [bool(card.pieces) for card in cards].count(True) == 9
    (line,) = watched.lines
    assert line.startswith("warning:")


def test_characters_without_a_glyph_are_named_once(engine: Engine, tmp_path: Path) -> None:
    engine.missing = frozenset("映a")
    with opened(tmp_path) as report:
        watched = write(report)
    (line,) = watched.lines
    assert "2 characters" in line
    assert "U+0061 (" in line
    assert "U+6620 (Debian package fonts-noto-cjk)" in line


def test_a_sample_is_told_with_its_seed(engine: Engine, tmp_path: Path) -> None:
    with opened(tmp_path, gallery=6, pdf_examples=4) as report:
        write(report)
        gallery = {report.predictions.ids[i] for i in report.indices}
    (values,) = engine.values
    assert numbers(values["shown_note"])[:4] == [4, 9, 6, 7]
    assert len(ids(values)) == 4
    assert set(ids(values)) <= gallery
