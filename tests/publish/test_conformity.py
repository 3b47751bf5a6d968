"""Whole PDFs of both standards, held against checkers that are not ours and a walk of the tree."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from reportgen import pipeline
from reportgen.options import PDF_VARIANTS, DataOptions, PredictOptions, ReportOptions
from tests.publish.conftest import EPOCH

# Operators that paint something: paths, text, shadings, form and image objects.
PAINTS = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "Tj", "TJ", "'", '"'}
BLOCKS = {"/Document", "/Part", "/Art", "/Sect", "/Div"}

Element = pikepdf.Object


def program(name: str) -> str:
    """The path of a program; missing, it is a failure where the checkers are required."""
    if found := shutil.which(name):
        return found
    message = f"{name} is not installed (on Debian: apt-get install qpdf poppler-utils)"
    if os.environ.get("REPORTGEN_REQUIRE_CHECKERS") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The predictions of the bundled reviews."""
    target = tmp_path_factory.mktemp("sample") / "sample.parquet"
    pipeline.predict(
        DataOptions(),
        PredictOptions(explain=10, device="cpu"),
        pipeline.Workspace(),
        target,
        pipeline.Execution(),
    )
    return target


@pytest.fixture(
    scope="module", params=[*((variant, False) for variant in PDF_VARIANTS), ("pdf/ua-1", True)]
)
def report(
    request: pytest.FixtureRequest, sample: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The PDF of the sample in one of the standards, without or with fields for reviewers."""
    variant, review = request.param
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # WeasyPrint leaves the colour profile of PDF/A to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        done = pipeline.render(
            sample,
            ReportOptions(pdf_examples=24, pdf_variant=variant, review=review),
            pipeline.Workspace(tmp_path_factory.mktemp("conform")),
            pipeline.Execution(),
        )
        gc.collect()
    return done.folder / "report.pdf"


@pytest.fixture
def pdf(report: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(report) as opened:
        yield opened


def standard_of(report: Path) -> str:
    with pikepdf.open(report) as pdf, pdf.open_metadata() as metadata:
        archive = metadata.get("pdfaid:part")
        return f"a-{archive}{metadata['pdfaid:conformance']}" if archive else "ua-1"


# --- checkers that are not ours ---


def test_qpdf_finds_nothing(report: Path) -> None:
    done = subprocess.run([program("qpdf"), "--check", report], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["pdfinfo", "pdftotext"])
def test_poppler_warns_of_nothing(report: Path, name: str) -> None:
    words = [program(name), report, *(["-"] if name == "pdftotext" else [])]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_checker_of_pdf_ua_finds_nothing(report: Path) -> None:
    import pdfua

    found = {(f.rule_id, f.message) for f in pdfua.validate(report).findings}
    declared = {(rule, text) for rule, text in found if rule == "UA-28-004"}  # says it is PDF/UA
    assert found - declared == set()
    assert bool(declared) == (standard_of(report) != "ua-1")


def test_the_checker_of_pdf_a_finds_nothing(report: Path) -> None:
    from pikepdf import pdfa

    if standard_of(report) == "ua-1":
        pytest.skip("it follows PDF/UA-1, whose fonts and colours PDF/A restricts further")
    assert pdfa.validate_written(report, "3b").findings == []


# --- the structure tree ---


def elements(pdf: pikepdf.Pdf) -> list[Element]:
    """All elements, in reading order."""

    def walk(element: Element) -> Iterator[Element]:
        yield element
        for kid in kids(element):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from walk(kid)

    return [found for top in pdf.Root.StructTreeRoot.K for found in walk(top)]


def kids(element: Element) -> list[object]:
    held = element.get("/K", [])
    return list(held) if isinstance(held, pikepdf.Array) else [held]


def roles(held: list[object]) -> list[str]:
    return [str(kid.S) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid else "-"
            for kid in held]  # fmt: skip


def owners(pdf: pikepdf.Pdf) -> dict[int, object]:
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    return dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))


def of_role(pdf: pikepdf.Pdf, *names: str) -> list[Element]:
    found = [element for element in elements(pdf) if element.S in names]
    assert found, names
    return found


def test_the_document_has_a_language_and_shows_its_title(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root.Lang == "en"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.docinfo.Title).startswith("Accuracy")
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == str(pdf.docinfo.Title)


def test_every_head_of_a_table_says_of_what(pdf: pikepdf.Pdf) -> None:
    for table in of_role(pdf, "/Table"):
        for part in kids(table):
            rows = kids(part) if part.S in ("/THead", "/TBody") else []  # type: ignore[attr-defined]
            for cell in (cell for row in rows for cell in kids(row)):  # type: ignore[arg-type]
                scope = "/Column" if part.S == "/THead" else "/Row"  # type: ignore[attr-defined]
                assert cell.S == "/TD" or cell.A.Scope == scope  # type: ignore[attr-defined]
    assert {cell.A.Scope for cell in of_role(pdf, "/TH")} == {"/Column", "/Row"}


def test_every_picture_has_words_and_lies_on_its_page(pdf: pikepdf.Pdf) -> None:
    for figure in of_role(pdf, "/Figure"):
        assert str(figure.Alt).strip()
        left, bottom, right, top = (float(x) for x in figure.A.BBox)
        _, _, width, height = (float(x) for x in figure.Pg.MediaBox)
        assert 0 < left < right < width
        assert 0 < bottom < top < height


def test_lists_have_items_and_items_bodies(pdf: pikepdf.Pdf) -> None:
    for found in of_role(pdf, "/L"):
        assert set(roles(kids(found))) == {"/LI"}
    for item in of_role(pdf, "/LI"):
        assert roles(kids(item)) in (["/LBody"], ["/Lbl", "/LBody"])


def test_headings_leave_out_no_level(pdf: pikepdf.Pdf) -> None:
    levels = [int(str(h.S)[2:]) for h in of_role(pdf, "/H1", "/H2", "/H3", "/H4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_text_stands_in_paragraphs_and_no_element_says_nothing(pdf: pikepdf.Pdf) -> None:
    for element in elements(pdf):
        assert element.S not in ("/NonStruct", "/Span") or "/ActualText" in element
        assert kids(element) or element.S in ("/TH", "/TD")
        if element.S in BLOCKS:
            assert "-" not in roles(kids(element))


def test_every_link_is_described_printed_and_in_the_tree(pdf: pikepdf.Pdf) -> None:
    owned, seen = owners(pdf), 0
    for page in pdf.pages:
        links = [a for a in page.obj.get("/Annots", ()) if a.Subtype == "/Link"]
        assert not links or page.obj.Tabs == "/S"
        for link in links:
            seen += 1
            assert str(link.Contents).strip()
            assert " " in str(link.Contents) or str(link.Contents)[:1].isupper()  # no bare name
            assert int(link.F) & 4
            assert float(link.Rect[1]) < float(link.Rect[3])
            owner = owned[int(link.StructParent)]
            assert owner.S == "/Link"  # type: ignore[attr-defined]
            held = [kid.Obj.objgen for kid in kids(owner) if isinstance(kid, pikepdf.Dictionary)]  # type: ignore[arg-type,attr-defined,operator]
            assert held == [link.objgen]
    assert seen > 10


def test_a_doubtful_label_leads_to_its_card_and_back(pdf: pikepdf.Pdf) -> None:
    names = list(pdf.Root.Names.Dests.Names)
    where = {str(n): at[0].objgen for n, at in zip(names[::2], names[1::2], strict=True)}
    leads = {
        (page.obj.objgen, str(link.Dest))
        for page in pdf.pages
        for link in page.obj.get("/Annots", ())
        if "/Dest" in link
    }
    cards = {name for page, name in leads if name.startswith("ex-")}
    assert len(cards) > 2
    assert {name for _, name in leads} <= set(where)
    for name in cards:
        assert (where["doubts"], name) in leads
        assert (where[name], "doubts") in leads


def test_all_that_is_painted_is_content_or_an_artefact(pdf: pikepdf.Pdf) -> None:
    owned = owners(pdf)
    reachable = {element.objgen for element in elements(pdf)}
    for page in pdf.pages:
        marks: list[str] = []
        numbers = []
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                marks.append(str(operands[0]))
                if name == "BDC" and "/MCID" in operands[1]:
                    numbers.append(int(operands[1].MCID))
                    assert "/Artifact" not in marks
            elif name == "EMC":
                marks.pop()
            elif name in PAINTS:
                assert marks, (page.index, name)
        holders = owned[int(page.obj.StructParents)]
        assert sorted(numbers) == list(range(len(holders)))  # type: ignore[arg-type]
        for number, holder in enumerate(holders):  # type: ignore[arg-type,var-annotated]
            assert holder.objgen in reachable
            assert number in [int(kid) for kid in kids(holder) if isinstance(kid, int)]


def test_the_standard_is_the_one_that_was_asked_for(
    report: Path, request: pytest.FixtureRequest
) -> None:
    expected = {"pdf/ua-1": "ua-1", "pdf/a-3b": "a-3B"}
    assert standard_of(report) == expected[request.node.callspec.params["report"][0]]
