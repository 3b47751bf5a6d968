"""The PDF of a comparison: its parts, what is said, what travels inside."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest

from reportgen.publish.comparison.printing import printed
from tests.publish.comparison.compared import ATTRIBUTIONS, INFO, opened, row, runs, written
from tests.publish.conftest import HOSTILE

WORDS = [f"w{i}" for i in range(900)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("printed"), pdf_examples=4)


@pytest.fixture(scope="module")
def pdf(run: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(run / "report.pdf")


def words(page: pypdf.PageObject) -> str:
    return re.sub(r"\s+", " ", page.extract_text())


def whole(pdf: pypdf.PdfReader) -> str:
    return " ".join(map(words, pdf.pages))


def bookmarks(pdf: pypdf.PdfReader) -> list[str]:
    return [str(item["/Title"]) for part in pdf.outline for item in nested(part)]


def nested(part) -> list:
    return [x for item in part for x in nested(item)] if isinstance(part, list) else [part]


def test_the_cover_says_what_was_compared_and_how_a_card_is_read(pdf: pypdf.PdfReader) -> None:
    cover = words(pdf.pages[0])
    for said in ("too few to tell the runs apart", "a.parquet", "b.parquet", "How to read a card"):
        assert said in cover, said
    assert "by the weights of that run alone" in cover


def test_the_contents_say_how_many_are_shown(pdf: pypdf.PdfReader) -> None:
    page = words(pdf.pages[1])
    assert "This document shows 4 of the 5 examples of the gallery (8 examples shared" in page
    for entry in ("Broken 2 of 2", "Fixed 1 of 1", "Changed 1 of 1"):
        assert entry in page, entry


def test_results_and_cards_and_provenance_follow(pdf: pypdf.PdfReader) -> None:
    titles = bookmarks(pdf)
    assert [t for t in titles if ":" not in t] == [
        "Contents", "Results", "Broken", "Fixed", "Changed", "Other answers, without a label",
        "Provenance",
    ]  # fmt: skip
    assert "broken: Broken: A bad 0.90, B fair 0.60, label bad" in titles
    text = whole(pdf)
    assert "Right and wrong in A and B" in text
    assert "showing 2 of 2, most confident wrong answer first" in text
    assert "Right in A, wrong in B." in text
    assert "B ✕ predicted fair with confidence 0.60 (label 0.20, runner-up)" in text
    assert re.search("Predictions \\(A\\) sha256 [0-9a-f]{20}", text)


def test_the_outcomes_and_the_contents_lead_to_the_sections(pdf: pypdf.PdfReader) -> None:
    places = pdf.named_destinations
    leads = [
        str(link.get_object().get("/Dest", ""))
        for page in pdf.pages
        for link in page.get("/Annots", [])
    ]
    assert {"broken", "fixed", "changed", "measured", "provenance"} <= set(leads)
    assert set(filter(None, leads)) <= set(places)


def test_what_travels_inside(run: Path, pdf: pypdf.PdfReader) -> None:
    inside = pdf.attachments
    assert sorted(inside) == ["examples.csv", "inputs.json", "metrics.json"]
    assert inside["metrics.json"][0] == (run / "metrics.json").read_bytes()
    rows = list(csv.DictReader(io.StringIO(inside["examples.csv"][0].decode())))
    assert [r["id"] for r in rows] == ["broken-sure", "broken", "fixed", "Changed"]
    assert rows[1]["B.predicted"] == "fair"


def test_it_is_tagged_and_names_the_run(run: Path, pdf: pypdf.PdfReader) -> None:
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in pdf.trailer["/Root"]
    assert run.name[-8:] in str(pdf.metadata.subject)


def test_half_of_the_places_are_for_the_first_section(tmp_path: Path) -> None:
    texts = {f"t{i:03}": f"text {i}" for i in range(80)}
    with opened(tmp_path, runs(texts), pdf_examples=16) as gallery:
        keys = [gallery.change_of[i] for i in printed(gallery)]
    assert [keys.count(key) for key in ("broken", "fixed", "changed", "differ")] == [10, 2, 2, 2]
    with opened(tmp_path, runs(texts), pdf_examples=None) as gallery:
        assert printed(gallery) == gallery.places


def test_more_than_a_volume_of_a_report_is_one_document(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("reportgen.publish.pdf.volumes.VOLUME", 10)
    texts = {f"t{i:03}": f"text {i}" for i in range(40)}
    with opened(tmp_path, runs(texts), pdf_examples=None) as gallery:
        assert printed(gallery) == gallery.places
    run = written(tmp_path, runs(texts), pdf_examples=None)
    assert [p.name for p in run.glob("*.pdf")] == ["report.pdf"]


def test_hostile_texts_and_other_kinds_of_weights(tmp_path: Path) -> None:
    texts = {f"{id_} <u>{k}": text for k in range(2) for id_, text in HOSTILE.items()}
    run = written(tmp_path, runs(texts), (INFO, ATTRIBUTIONS), pdf_examples=None)
    text = whole(pypdf.PdfReader(run / "report.pdf"))
    assert "markup <u>0" in text
    assert "raised the predicted class" in text


@pytest.mark.parametrize("show", ["text", "heatmap", "both"])
def test_cards_show_what_is_asked_for_and_long_ones_go_on(tmp_path: Path, show: str) -> None:
    long = " ".join(WORDS)
    pair = [[row("long", long, "bad", ("bad", 0.9))], [row("long", long, "bad", ("good", 0.9))]]
    run = written(tmp_path, pair, pdf_cards=show)
    pdf = pypdf.PdfReader(run / "report.pdf")
    text = whole(pdf)
    times = len(re.findall(r"\bw123\b", text))
    assert times == {"text": 2, "heatmap": 2, "both": 4}[show]
    assert "continued from page" in text


def test_three_runs(tmp_path: Path) -> None:
    first, second = runs()
    run = written(tmp_path, (first, second, first), pdf_examples=4)
    text = whole(pypdf.PdfReader(run / "report.pdf"))
    assert "p corrected by Holm" in text
    assert "Only B right" in text
    assert "C ✕ predicted bad" in text


def test_checkers_that_are_not_ours_find_nothing(run: Path) -> None:
    import pdfua

    assert {(f.rule_id, f.message) for f in pdfua.validate(run / "report.pdf").findings} == set()
    if checker := shutil.which("qpdf"):
        done = subprocess.run([checker, "--check", run / "report.pdf"], capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
