import csv
import io
import json
import logging
import re
import shutil
import tempfile

import pypdf
import pytest
import weasyprint

from reportgen import pipeline
from reportgen.errors import RenderError, ReportgenError
from reportgen.options import ReportOptions
from reportgen.publish.archive import run_time
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pdf.cells import Shaper
from reportgen.publish.pdf.document import Document, write_pdf
from tests.publish.conftest import HOSTILE, body_of


@pytest.fixture(scope="module")
def pdf(finished):
    return pypdf.PdfReader(finished / "report.pdf")


def render(table, reports, **options):
    return pipeline.render(
        table, ReportOptions(**options), pipeline.Workspace(reports), pipeline.Execution()
    )


def pdf_of(page, folder):
    return write_pdf(
        Document(f'<html lang="en">{page}', folder, {}, [], run_time()), folder / "x.pdf"
    )


def text_of(pdf):
    return "\n".join(page.extract_text() for page in pdf.pages)


def links(page):
    return [link.get_object() for link in page.get("/Annots", [])]


def named(pdf):
    return pdf.named_destinations


def page_of(pdf, name):
    return pdf.pages[pdf.get_destination_page_number(named(pdf)[name])]


def test_the_cover_says_what_how_good_how_sure(pdf):
    cover = pdf.pages[0].extract_text()
    for said in ("hostile", "Accuracy", "95 % interval", "How to read a card", "underline"):
        assert said in cover, said
    assert "shows all 13 examples" in pdf.pages[1].extract_text()


@pytest.mark.parametrize(("paper", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_every_page_has_the_size_of_the_paper(table, tmp_path, paper, size):
    done = render(table, tmp_path, pdf_examples=2, paper=paper)
    pages = pypdf.PdfReader(done.folder / "report.pdf").pages
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in pages} == {size}


def test_every_example_stands_in_it(pdf):
    text = text_of(pdf)
    for id_ in HOSTILE:
        assert id_ in text, id_


def test_contents_and_bookmarks_lead_to_the_sections(pdf):
    marks = [item.title for item in pdf.outline if not isinstance(item, list)]
    assert marks[0].startswith("Accuracy")
    assert marks[1:] == [
        "Contents",
        "Results",
        "Confident mistakes",
        "Unsure",
        "Confidently right",
        "Details",
        "Provenance",
    ]
    leads = {a["/Dest"] for a in links(pdf.pages[1])}
    sections = {"measured", "evidence", "provenance", "mistakes", "unsure", "right"}
    assert leads == {*sections, "contents"}
    for name in sections - {"measured"}:
        assert "contents" in {a["/Dest"] for a in links(page_of(pdf, name))}, name


def test_pages_are_numbered_and_name_their_run(pdf):
    count = len(pdf.pages)
    last = pdf.pages[-1].extract_text()
    assert f"{count} of {count}" in last
    assert "hostile · split test · run" in last
    assert "Details and provenance" in last


def test_links_and_anchors_resolve(pdf):
    names = set(pdf.named_destinations)
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            target = link.get_object()
            assert "/URI" not in target.get("/A", {})
            assert target["/Dest"] in names


def test_inputs_metrics_and_rows_travel_inside(pdf, finished):
    inside = {name: content[0] for name, content in pdf.attachments.items()}
    assert set(inside) == {"inputs.json", "metrics.json", "examples.csv"}
    assert inside["inputs.json"] == (finished / "inputs.json").read_bytes()
    assert json.loads(inside["metrics.json"])["schema"] == 3
    rows = list(csv.DictReader(io.StringIO(inside["examples.csv"].decode())))
    assert {row["id"] for row in rows} == set(HOSTILE)


def test_examples_are_numbered_as_in_the_attached_table(pdf):
    rows = csv.DictReader(io.StringIO(pdf.attachments["examples.csv"][0].decode()))
    text = text_of(pdf)
    for place, row in enumerate(rows, 1):
        assert row["number"] == str(place)
        card = re.search(rf"^{place} .{{0,400}}?· *{re.escape(row['id'][:9])}", text, re.M | re.S)
        assert card, (place, row["id"])
    titles = [str(item["/Title"]) for item in pdf.outline if not isinstance(item, list)]
    assert titles


def test_the_cover_names_data_and_model_and_says_what_to_do(pdf):
    cover = pdf.pages[0].extract_text()
    for said in ("Data", "Model", "What you are asked to do", "Is the label right?"):
        assert said in cover, said


def test_pdf_examples_are_shared_out_and_stated(table, tmp_path):
    done = render(table, tmp_path, pdf_examples=4)
    text = text_of(pypdf.PdfReader(done.folder / "report.pdf"))
    assert "shows 4 of 13 examples" in text
    assert text.count("predicted neg") + text.count("predicted pos") == 4
    assert body_of(done.folder / "index.html").count("<article") == 13


def test_a_missing_picture_is_an_error(tmp_path):
    with pytest.raises(RenderError, match=r"WeasyPrint: Failed to load image at"):
        pdf_of('<img src="no.png" alt="x">', tmp_path)


def test_a_picture_outside_the_run_is_refused(tmp_path):
    inside = tmp_path / "run"
    inside.mkdir()
    (tmp_path / "secret.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    for target in ("%2e%2e/secret.svg", "http://127.0.0.1:9/x.png"):
        with pytest.raises(RenderError, match="not a file of the report"):
            pdf_of(f'<img src="{target}">', inside)


def test_engine_errors_are_translated(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("odd page")

    monkeypatch.setattr(weasyprint.HTML, "write_pdf", fail)
    with pytest.raises(RenderError, match=r"^WeasyPrint failed: ValueError: odd page$"):
        pdf_of("<p>x", tmp_path)


def test_an_error_of_our_own_is_not_blamed_on_the_engine(table, tmp_path, monkeypatch):
    monkeypatch.delattr(Shaper, "shape")
    with pytest.raises(ReportgenError, match=r"^the report failed: AttributeError: .*'shape'"):
        render(table, tmp_path)
    assert not (tmp_path / "hostile").exists()


def test_temporary_files_of_the_engine_lie_in_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "system"))
    (tmp_path / "system").mkdir()
    (tmp_path / "run").mkdir()
    seen = []
    draw = weasyprint.HTML.write_pdf

    def watch(self, *args, **kwargs):
        draw(self, *args, **kwargs)
        seen.extend(path.parent.name for path in tmp_path.rglob("weasyprint-*"))

    monkeypatch.setattr(weasyprint.HTML, "write_pdf", watch)
    shutil.copytree(TEMPLATES / "fonts", tmp_path / "run" / "fonts")
    face = "@font-face{font-family:x;src:url(fonts/source-sans-3-latin-400-normal.woff2)}"
    pdf_of(f"<style>{face} p{{font-family:x}}</style><p>x", tmp_path / "run")
    assert seen
    assert set(seen) == {"run"}
    assert not list((tmp_path / "system").iterdir())
    assert tempfile.tempdir == str(tmp_path / "system")


def test_the_log_is_silent(table, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        render(table, tmp_path)
    assert [record.getMessage() for record in caplog.records] == []
