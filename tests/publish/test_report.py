from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdf
import pytest

from reportgen import pipeline
from reportgen.analysis.ordering import Section
from reportgen.options import GALLERY, ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.pdf import volumes as volumes_module
from reportgen.publish.pdf.volumes import VOLUME, volumes
from reportgen.publish.report import shown
from reportgen.publish.words.numbers import small
from tests.publish.conftest import assert_links_resolve, body_of, info, prediction


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forty") / "forty.parquet"
    rows = [prediction(f"r{i}", f"review number {i} of forty", i) for i in range(40)]
    write_predictions(path, replace(info(rows=40, evaluated=40), seed=5), rows)
    return path


def made(table: Path, folder: Path, **options: object) -> Path:
    return pipeline.render(
        table, ReportOptions(**options), pipeline.Workspace(folder), pipeline.Execution()
    ).folder


def test_the_same_bytes_for_any_number_of_workers(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = []
    for workers in (1, 2):
        done = pipeline.render(
            table,
            ReportOptions(pdf_examples=5),
            pipeline.Workspace(tmp_path / str(workers)),
            pipeline.Execution(workers),
        )
        made.append((done.folder / "manifest.json").read_bytes())
    assert made[0] == made[1]


def test_a_gallery_of_fewer_examples_is_a_seeded_sample_and_says_so(forty, tmp_path):
    run = made(forty, tmp_path / "a", gallery=10)
    page = body_of(run / "index.html")
    assert page.count("<article") == 10
    assert "The gallery shows 10 of 40 examples, drawn at random with seed 5" in page
    assert "of 40 examples" in page
    assert len(list((run / "heatmaps").iterdir())) == 10
    rows = list(csv.DictReader((run / "predictions.csv").read_text().splitlines()))
    assert len(rows) == 40
    cards = {row["id"] for row in rows if row["card"]}
    assert cards == set(re.findall(r'id="ex-(r\d+)"', page))
    for row in rows:
        assert bool(row["card"]) == bool(row["heatmap"]) == (row["id"] in cards)
    again = made(forty, tmp_path / "b", gallery=10)
    assert set(re.findall(r'id="ex-(r\d+)"', body_of(again / "index.html"))) == cards
    pages = pypdf.PdfReader(run / "report.pdf").pages
    text = pages[0].extract_text() + pages[1].extract_text()
    assert "10 of 40 examples, from a sample of 10" in " ".join(text.split())
    assert_links_resolve(run)
    assert not list(run.glob(".*"))


def test_how_many_the_gallery_shows():
    assert shown(ReportOptions(), 10) == 10
    assert shown(ReportOptions(), 1_000_000) == GALLERY
    assert shown(ReportOptions(gallery=50_000), 1_000_000) == 50_000


def section(key: str, start: int, count: int) -> Section:
    return Section(key, key.title(), np.arange(start, start + count), count)


def test_volumes_hold_every_example_once_in_order():
    sections = [
        section("mistakes", 0, 1500),
        section("unsure", 1500, 0),
        section("right", 1500, 900),
    ]
    planned = volumes(sections, None)
    assert [len(v.indices) for v in planned] == [VOLUME, VOLUME, 400]
    assert [i for v in planned for i in v.indices] == list(range(2400))
    assert [v.file for v in planned] == ["report.pdf", "report-02.pdf", "report-03.pdf"]
    parts = [[(b.section.key, b.first, b.last) for b in v.blocks] for v in planned]
    assert parts[1] == [("mistakes", 1001, 1500), ("right", 1, 500)]
    assert parts[2] == [("right", 501, 900)]
    assert len(volumes(sections, 120)) == 1


def test_the_first_volume_lists_the_others_and_each_is_whole(forty, tmp_path, monkeypatch):
    monkeypatch.setattr(volumes_module, "VOLUME", 15)
    run = made(forty, tmp_path, pdf_examples=None)
    names = ["report.pdf", "report-02.pdf", "report-03.pdf"]
    assert sorted(p.name for p in run.glob("*.pdf")) == sorted(names)
    seen = []
    for number, name in enumerate(names, 1):
        pdf = pypdf.PdfReader(run / name)
        text = "\n".join(page.extract_text() for page in pdf.pages)
        cover = pdf.pages[0].extract_text()
        assert f"Volume {number} of 3" in cover
        assert "Accuracy" in cover
        assert set(pdf.attachments) == {"inputs.json", "metrics.json", "examples.csv"}
        rows = list(csv.DictReader(pdf.attachments["examples.csv"][0].decode().splitlines()))
        for row in rows:
            assert f"· {row['id']}" in text
        seen += [row["id"] for row in rows]
        for page in pdf.pages:
            for link in page.get("/Annots", []):
                assert link.get_object()["/Dest"] in pdf.named_destinations
        assert ("report-03.pdf" in text) == (number == 1)
    assert sorted(seen) == sorted(f"r{i}" for i in range(40))


def test_a_table_that_does_not_count_its_rows_shows_no_count(tmp_path: Path) -> None:
    write_predictions(
        tmp_path / "t.parquet", info(rows=0, evaluated=0), [prediction("a", "fine", 0)]
    )
    text = body_of(made(tmp_path / "t.parquet", tmp_path, pdf_examples=0) / "index.html")
    assert "0 of 0" not in text


def test_a_probability_never_reads_as_zero() -> None:
    assert [small(number) for number in (0.00099, 0.001, 0.2164)] == ["< 0.001", "0.001", "0.216"]
