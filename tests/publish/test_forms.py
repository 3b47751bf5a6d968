"""The fields of a PDF made for review: what they ask, and what other programs write into them."""

import json
import logging
import shutil
import subprocess
import unicodedata
from collections import defaultdict
from xml.sax.saxutils import escape

import pikepdf
import pypdf
import pytest
from pikepdf.form import Form

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.pdf import volumes
from reportgen.publish.pdf.forms import card_fields, fields_file
from reportgen.publish.words import questions as words
from tests.publish.conftest import EPOCH, HOSTILE
from tests.publish.small import COLUMNS, INFO
from tests.publish.unlabelled import MIXED

LINE = "Всё не так: 日本語の感想 مراجعة 😀 "
FILLED = {
    "reviewer-name": "Ольга 田中",
    "reviewer-date": "2026-11-27",
    "label-0001": "cannot tell",
    "shading-0001": "partly",
    "remark-0001": "Ambiguous: “très” naïve – or not",
    "label-0002": "wrong",
    "remark-0002": LINE,
    "remark-0003": (LINE * 60)[:1500],
    "shading-0004": "no",
}


@pytest.fixture(scope="module", autouse=True)
def epoch():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        yield


def rendered(table, folder, **options):
    done = pipeline.render(
        table,
        ReportOptions(review=True, **options),
        pipeline.Workspace(folder),
        pipeline.Execution(),
    )
    return done.folder


@pytest.fixture(scope="module")
def reviewed(table, tmp_path_factory):
    return rendered(table, tmp_path_factory.mktemp("reviewed"))


@pytest.fixture(scope="module")
def pdf(reviewed):
    return pypdf.PdfReader(reviewed / "report.pdf")


@pytest.fixture(scope="module")
def fields(pdf):
    return pdf.get_fields()


def numbers_of(pdf):
    return json.loads(pdf.attachments["fields.json"][0])["fields"]


def values_of(path):
    fields = pypdf.PdfReader(path).get_fields()
    return {name: str(field["/V"]) for name, field in fields.items() if field.get("/V")}


def text_of(path):
    done = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_every_example_has_three_fields_and_the_cover_two(fields):
    numbers = [words.field_number(place) for place in range(1, len(HOSTILE) + 1)]
    wanted = {f"{key}-{number}" for key in ("label", "shading", "remark") for number in numbers}
    assert set(fields) == wanted | {"reviewer-name", "reviewer-date"}
    assert {field["/V"] for field in fields.values()} == {""}


def test_a_choice_offers_the_answers_and_none_of_them_is_chosen(fields):
    for key, answers in (
        ("label", ["right", "wrong", "ambiguous", "cannot tell"]),
        ("shading", ["yes", "partly", "no"]),
    ):
        field = fields[f"{key}-0001"]
        assert field["/FT"] == "/Ch"
        assert [list(pair) for pair in field["/Opt"]] == [
            ["", "choose"],
            *([answer, answer] for answer in answers),
        ]
    assert fields["remark-0001"]["/FT"] == "/Tx"
    assert fields["remark-0001"]["/Ff"] & 1 << 12  # of several lines
    assert not fields["reviewer-name"].get("/Ff", 0) & 1 << 12


def test_a_tool_tip_names_its_example(pdf, fields):
    for number, id_ in numbers_of(pdf).items():
        assert fields[f"label-{number}"]["/TU"] == f"Example {id_}: Is the label right?"
        assert fields[f"shading-{number}"]["/TU"] == (
            f"Example {id_}: Does the shading make sense?"
        )
        assert fields[f"remark-{number}"]["/TU"] == f"Example {id_}: Remark"


def test_fields_stand_in_one_line_on_the_page_of_their_card_in_its_order(pdf):
    numbers = numbers_of(pdf)
    found = defaultdict(list)
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            field = annotation.get_object()
            if field.get("/FT"):
                key, number = field["/T"].split("-")
                found[number].append((page.page_number, key, field["/Rect"]))
    found.pop("name")
    found.pop("date")
    assert list(found) == list(numbers)
    for number, three in found.items():
        assert [key for _, key, _ in three] == ["label", "shading", "remark"]
        pages = {page for page, _, _ in three}
        assert len(pages) == 1
        text = pdf.pages[pages.pop()].extract_text()
        assert numbers[number] in text
        boxes = [rect for _, _, rect in three]
        assert all(left < right and bottom < top for left, bottom, right, top in boxes)
        middles = [(bottom + top) / 2 for _, bottom, _, top in boxes]
        assert max(middles) - min(middles) < 0.5
        assert boxes[0][2] < boxes[1][0] < boxes[1][2] < boxes[2][0]


def test_an_example_without_a_label_is_asked_about_its_predicted_class(tmp_path):
    write_predictions(tmp_path / "t.parquet", INFO, MIXED, ["topic"], COLUMNS)
    run = rendered(tmp_path / "t.parquet", tmp_path)
    pdf = pypdf.PdfReader(run / "report.pdf")
    labelled = {example.id for example in MIXED if example.label is not None}
    fields = pdf.get_fields()
    for number, id_ in numbers_of(pdf).items():
        asked = "Is the label right?" if id_ in labelled else "Is the predicted class right?"
        assert fields[f"label-{number}"]["/TU"] == f"Example {id_}: {asked}"


def test_numbers_lead_to_ids(pdf, reviewed):
    digest = json.loads((reviewed / "manifest.json").read_text())["run"]
    attached = json.loads(pdf.attachments["fields.json"][0])
    assert attached["format"] == "reportgen.fields"
    assert attached["version"] == 1
    assert attached["run"] == digest
    assert sorted(attached["fields"].values()) == sorted(HOSTILE)


def test_fields_are_numbered_through_all_volumes(table, tmp_path, monkeypatch):
    monkeypatch.setattr(volumes, "VOLUME", 5)
    run = rendered(table, tmp_path)
    files = sorted(run.glob("report*.pdf"), key=lambda path: (len(path.name), path.name))
    read = [pypdf.PdfReader(path) for path in files]
    assert [list(numbers_of(pdf)) for pdf in read] == [
        ["0001", "0002", "0003", "0004", "0005"],
        ["0006", "0007", "0008", "0009", "0010"],
        ["0011", "0012", "0013"],
    ]
    ids = [id_ for pdf in read for id_ in numbers_of(pdf).values()]
    assert sorted(ids) == sorted(HOSTILE)
    for pdf in read:
        labels = {name[6:] for name in pdf.get_fields() if name.startswith("label")}
        assert labels == set(numbers_of(pdf))
        assert "reviewer-name" in pdf.get_fields()


def test_without_review_there_is_nothing_to_fill_in(finished):
    pdf = pypdf.PdfReader(finished / "report.pdf")
    assert "/AcroForm" not in pdf.trailer["/Root"]
    assert "fields.json" not in pdf.attachments
    assert "Your review" not in pdf.pages[0].extract_text()


def test_the_cover_says_how_to_answer(pdf):
    cover = unicodedata.normalize("NFKC", " ".join(pdf.pages[0].extract_text().split()))
    assert "Your review" in cover
    told = words.instructions(True, False, words.REVIEW_PDF)
    assert len(told) == 5
    for lead, text in told:
        assert lead in cover
        assert text in cover


def test_the_instructions_ask_of_labels_only_where_there_are_any():
    texts = [
        " ".join(map(" ".join, words.instructions(*kinds, words.REVIEW_PAGE)))
        for kinds in ((True, False), (True, True), (False, True))
    ]
    asked = [words.LABEL.asked in text for text in texts]
    assert asked == [True, True, False]
    assert [words.PREDICTION.asked in text for text in texts] == [False, True, True]
    for text in texts:
        for part in ("“Ambiguous”", "“Cannot tell”", "no answer", "may sway", "Export answers"):
            assert part in text


def test_a_card_asks_the_question_in_full(pdf):
    later = " ".join(page.extract_text() for page in pdf.pages[1:])
    assert later.count(words.LABEL.asked) == len(HOSTILE)
    assert later.count(words.SHADING.asked) == len(HOSTILE)


def test_fields_share_one_simple_font_of_our_own(pdf):
    form = pdf.trailer["/Root"]["/AcroForm"]
    assert form["/NeedAppearances"].value is True
    assert list(form["/DR"]) == ["/Font"]
    ((name, font),) = form["/DR"]["/Font"].items()
    font = font.get_object()
    assert (font["/Subtype"], font["/Encoding"]) == ("/TrueType", "/WinAnsiEncoding")
    assert "Report-Answers" in font["/BaseFont"]
    widths = dict(enumerate(font["/Widths"], font["/FirstChar"]))
    assert len(widths) == font["/LastChar"] - font["/FirstChar"] + 1
    assert widths[ord("i")] < widths[ord("m")]
    assert widths[ord("é".encode("cp1252"))] == widths[ord("e")]
    file = font["/FontDescriptor"]["/FontFile2"].get_data()
    assert len(file) < 60_000
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            field = annotation.get_object()
            if "/FT" in field:
                assert field["/DA"].startswith(f"{name} 8.5 Tf ")
                assert field["/DA"].endswith(" rg")


def test_fields_cost_few_bytes(finished, reviewed):
    extra = [(run / "report.pdf").stat().st_size for run in (reviewed, finished)]
    font = 30_000  # the whole of our own font instead of the letters used
    assert 0 < extra[0] - extra[1] - font < len(HOSTILE) * 1500  # 120 examples: 0.2 MB


def by_pypdf(source, target):
    writer = pypdf.PdfWriter(clone_from=source)
    for page in writer.pages:
        if "/Annots" in page:
            writer.update_page_form_field_values(page, FILLED, auto_regenerate=True)
    writer.write(target)


def by_pikepdf(source, target):
    with pikepdf.open(source) as pdf:
        form = Form(pdf)
        for name, value in FILLED.items():
            form[name].value = value
        pdf.save(target)


def by_pdftk(source, target):
    if shutil.which("pdftk") is None:
        pytest.skip("no pdftk")
    given = "".join(
        f'<field name="{name}"><value>{escape(value)}</value></field>'
        for name, value in FILLED.items()
    )
    answers = target.with_suffix(".xfdf")
    answers.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><xfdf xmlns="http://ns.adobe.com/xfdf/"'
        f' xml:space="preserve"><fields>{given}</fields></xfdf>'
    )
    subprocess.run(["pdftk", source, "fill_form", answers, "output", target], check=True)


@pytest.mark.parametrize("fill", [by_pypdf, by_pikepdf, by_pdftk])
def test_what_another_program_writes_is_read_back_and_seen(fill, reviewed, tmp_path):
    target = tmp_path / "filled.pdf"
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of letters that no font has
    fill(reviewed / "report.pdf", target)
    assert values_of(target) == FILLED
    if shutil.which("pdftotext") is None:
        pytest.skip("no poppler")
    before, after = text_of(reviewed / "report.pdf"), text_of(target)
    for seen in ("cannot tell", "partly", "wrong", FILLED["remark-0001"], "2026-11-27"):
        assert after.count(seen) == before.count(seen) + 1, seen


def test_the_same_answers_are_asked_twice_in_the_same_bytes(table, reviewed, tmp_path):
    again = rendered(table, tmp_path)
    assert (again / "report.pdf").read_bytes() == (reviewed / "report.pdf").read_bytes()


def test_numbers_grow_beyond_four_digits():
    given = json.loads(fields_file("ab", ["x", "y"], 9_999))
    assert given["fields"] == {"9999": "x", "10000": "y"}


def test_a_field_names_its_question_and_number():
    class Labelled:
        id, label, weighted = "a", "pos", True

    named = {field.name: field.answers for field in card_fields(Labelled, 7)}
    assert named == {
        "label-0007": words.LABEL.answers,
        "shading-0007": words.SHADING.answers,
        "remark-0007": (),
    }
