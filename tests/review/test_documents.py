"""Answers in PDFs: what programs leave in them, and what cannot be a filled PDF of the run."""

from __future__ import annotations

import io
import logging
import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from reportgen.errors import ReviewError
from reportgen.publish.words.questions import FIELDS_FILE, field_name
from reportgen.review import documents
from reportgen.review.answers import Place
from reportgen.review.documents import read_document
from tests.conftest import ROOT
from tests.review import papers
from tests.review.conftest import IDS

LONG = "Zu lang. " * 170  # 1,530 characters
ANSWERS = {
    "e00": {"label": "wrong", "shading": "partly", "remark": "Сарказм, то есть наоборот"},
    "=1+1": {"label": "cannot tell", "remark": "これは皮肉です。\n二行目 🙃"},
    "<b>&": {"label": "right", "shading": "no", "remark": "السخرية واضحة"},
    "評価 七": {"shading": "yes", "remark": LONG.strip()},
    "../up": {"label": "ambiguous"},
}


def place(run: Path) -> Place:
    return Place("a.pdf", papers.run_hash(run))


def read(run: Path, pdf: bytes) -> dict[str, dict[str, str]]:
    return {id_: dict(given) for id_, given in read_document(place(run), pdf).answers.items()}


@pytest.fixture(scope="session")
def empty(reviewed: Path) -> bytes:
    return papers.paper(reviewed, IDS[:6])


@pytest.mark.parametrize("program", ["by_pypdf", "by_viewer", "by_pikepdf", "by_pdftk"])
def test_every_answer_comes_back(
    reviewed: Path, empty: bytes, program: str, tmp_path: Path
) -> None:
    more: tuple[Any, ...] = ()
    if program == "by_pikepdf":
        pytest.importorskip("pikepdf")
    if program == "by_pdftk":
        if not shutil.which("pdftk"):
            pytest.skip("no pdftk")
        more = (tmp_path,)
    fields = papers.values(empty, ANSWERS, "Zoë 李", "20.11.2026")
    filled = getattr(papers, program)(empty, fields, *more)
    sheet = read_document(place(reviewed), filled)
    assert {id_: dict(given) for id_, given in sheet.answers.items()} == ANSWERS
    assert (sheet.name, sheet.date) == ("Zoë 李", "20.11.2026")
    assert sheet.offered == frozenset(IDS[:6])


def test_an_unfilled_document_has_no_answers(reviewed: Path, empty: bytes) -> None:
    sheet = read_document(place(reviewed), empty)
    assert (sheet.answers, sheet.name, sheet.date) == ({}, "", "")


def changed(pdf: bytes, change: Callable[[pypdf.PdfWriter, Any], None]) -> bytes:
    """The document after a change to its fields, by their names."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    form: Any = writer.root_object["/AcroForm"].get_object()
    change(writer, {field.get_object()["/T"]: field.get_object() for field in form["/Fields"]})
    return papers.written(writer)


STORED = {
    "a name": NameObject("/wrong"),
    "utf-16 bytes": ByteStringObject("wrong".encode("utf-16")),
    "utf-8 bytes": ByteStringObject(b"\xef\xbb\xbfwrong"),
    "a list of one": ArrayObject([TextStringObject("wrong")]),
    "other case": TextStringObject(" Wrong "),
    "utf-8 text": TextStringObject("\ufeffwrong"),
}


@pytest.mark.parametrize("kind", STORED)
def test_a_choice_however_it_is_stored(reviewed: Path, empty: bytes, kind: str) -> None:
    def store(_: pypdf.PdfWriter, fields: Any) -> None:
        fields["label-0001"][NameObject("/V")] = STORED[kind]

    if kind == "a name":  # as in the appearance of a button, with the slash of its syntax
        with pytest.raises(ReviewError, match="'/wrong', not one of right, wrong"):
            read(reviewed, changed(empty, store))
        return
    assert read(reviewed, changed(empty, store)) == {"e00": {"label": "wrong"}}


def test_what_a_choice_shows_stands_for_its_value(reviewed: Path) -> None:
    body = papers.form(["0001"]).replace(">wrong<", ">Not right<").replace(">right<", ">Fine<")
    attached = {
        "inputs.json": (reviewed / "inputs.json").read_bytes(),
        FIELDS_FILE: papers.fields_json(papers.run_hash(reviewed), {"0001": "e00"}),
    }
    pdf = papers.document(body, attached)
    for shown, answers in (("Not right", {"e00": {"label": "wrong"}}), ("choose", {})):
        assert read(reviewed, papers.by_viewer(pdf, {"label-0001": shown})) == answers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"\xef\xbb\xbfd\xc3\xa9j\xc3\xa0", "déjà"),
        ("déjà".encode("utf-16"), "déjà"),
        ("déjà".encode(), "déjà"),
        ("déjà".encode("latin-1"), "déjà"),
        ("\ufeffdéjà", "déjà"),
        (["déjà"], "déjà"),
        (["two", "answers"], ""),
        (None, ""),
        (7, ""),
    ],
)
def test_the_text_of_a_value(value: object, text: str) -> None:
    assert documents._text(value) == text


def test_a_remark_in_a_stream_and_line_ends(reviewed: Path, empty: bytes) -> None:
    def store(writer: pypdf.PdfWriter, fields: Any) -> None:
        stream = DecodedStreamObject()
        stream.set_data("é\rzwei\r\ndrei\x00".encode("utf-16"))
        fields["remark-0001"][NameObject("/V")] = writer._add_object(stream)

    assert read(reviewed, changed(empty, store)) == {"e00": {"remark": "é\nzwei\ndrei\ufffd"}}


def test_fields_under_others_and_in_circles(reviewed: Path, empty: bytes) -> None:
    """A program may group fields; a circle of them ends."""

    def nest(writer: pypdf.PdfWriter, fields: Any) -> None:
        field = fields["label-0001"]
        field[NameObject("/V")] = TextStringObject("wrong")
        kid = writer._add_object(DictionaryObject({NameObject("/Kids"): ArrayObject()}))
        kid.get_object()["/Kids"].append(kid)
        field[NameObject("/Kids")] = ArrayObject([kid])

    assert read(reviewed, changed(empty, nest)) == {"e00": {"label": "wrong"}}


def test_fields_in_a_group_without_a_name(reviewed: Path, empty: bytes) -> None:
    def group(writer: pypdf.PdfWriter, fields: Any) -> None:
        fields["label-0002"][NameObject("/V")] = TextStringObject("right")
        form: Any = writer.root_object["/AcroForm"].get_object()
        whole = writer._add_object(DictionaryObject({NameObject("/Kids"): form["/Fields"]}))
        form[NameObject("/Fields")] = ArrayObject([whole])

    assert read(reviewed, changed(empty, group)) == {"=1+1": {"label": "right"}}


def test_many_ways_to_one_field_are_gone_once(reviewed: Path, empty: bytes) -> None:
    """Thirty levels of two references each would be read a thousand million times."""

    def double(writer: pypdf.PdfWriter, fields: Any) -> None:
        below = writer._add_object(DictionaryObject({NameObject("/T"): TextStringObject("x")}))
        for _ in range(30):
            both = DictionaryObject({NameObject("/Kids"): ArrayObject([below, below])})
            below = writer._add_object(both)
        form: Any = writer.root_object["/AcroForm"].get_object()
        form["/Fields"].append(below)

    assert read(reviewed, changed(empty, double)) == {}


def bomb(pdf: bytes) -> bytes:
    """The document with an attachment that decompresses to 200 MB."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    names: Any = writer.root_object["/Names"]
    stream = names["/EmbeddedFiles"]["/Names"][1].get_object()["/EF"]["/F"].get_object()
    stream._data = zlib.compress(bytes(200_000_000))
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    return papers.written(writer)


def attached(run: Path, **files: bytes | None) -> bytes:
    """A document with fields, and with these files attached in place of its own; None: without."""
    given: dict[str, bytes | None] = {
        "inputs": (run / "inputs.json").read_bytes(),
        "fields": papers.fields_json(papers.run_hash(run), {"0001": "e00"}),
        **files,
    }
    names = {"inputs": "inputs.json", "fields": FIELDS_FILE}
    return papers.document(
        papers.form(["0001"]), {names[k]: v for k, v in given.items() if v is not None}
    )


def encrypted(pdf: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.encrypt("secret", algorithm="RC4-128")
    return papers.written(writer)


def flattened(pdf: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    del writer.root_object["/AcroForm"]
    return papers.written(writer)


OTHER = "ab" * 32
REFUSED: dict[str, tuple[Callable[[Path, bytes], bytes], str]] = {
    "bomb": (lambda run, pdf: bomb(pdf), "not a whole PDF .Limit reached"),
    "cut": (lambda run, pdf: pdf[: len(pdf) // 2], "not a whole PDF"),
    "head": (lambda run, pdf: b"%PDF-1.7\n", "not a whole PDF"),
    "noise": (lambda run, pdf: b"%PDF-1.7\n" + bytes(range(256)) * 40, "not a whole PDF"),
    "encrypted": (lambda run, pdf: encrypted(pdf), "is encrypted; ask for a copy"),
    "printed": (lambda run, pdf: papers.document("x", {}), "printed to a new file, which drops"),
    "flattened": (lambda run, pdf: flattened(pdf), "has no fields left"),
    "no review": (
        lambda run, pdf: papers.document("x", {"inputs.json": (run / "inputs.json").read_bytes()}),
        "make the report with --review",
    ),
    "other run": (lambda run, pdf: attached(run, inputs=b"{}"), "answers another run"),
    "other map": (
        lambda run, pdf: attached(run, fields=papers.fields_json(OTHER, {"0001": "e00"})),
        r"answers another run \(abababab, not",
    ),
    "no map": (lambda run, pdf: attached(run, fields=None), "lost its attached files"),
    "no inputs": (lambda run, pdf: attached(run, inputs=None), "lost the attached inputs.json"),
    "broken map": (lambda run, pdf: attached(run, fields=b"{"), "fields.json is damaged"),
    "deep map": (
        lambda run, pdf: attached(run, fields=b"[" * 200_000),
        "fields.json is damaged",
    ),
    "list map": (lambda run, pdf: attached(run, fields=b"[]"), "not of the format"),
    "later map": (
        lambda run, pdf: attached(
            run, fields=papers.fields_json(papers.run_hash(run), {}, version=2)
        ),
        "version 2, and this program reads 1",
    ),
    "no numbers": (
        lambda run, pdf: attached(
            run, fields=papers.fields_json(papers.run_hash(run), {}, fields=["e00"])
        ),
        "damaged",
    ),
    "odd number": (
        lambda run, pdf: attached(
            run, fields=papers.fields_json(papers.run_hash(run), {"0001\n": "e00"})
        ),
        "damaged",
    ),
    "value": (
        lambda run, pdf: papers.by_viewer(pdf, {field_name("shading", "0002"): "may\nbe\x1b"}),
        r"the answer shading of example '=1\+1' is .*, not one of yes, partly, no;",
    ),
    "length": (
        lambda run, pdf: papers.by_viewer(pdf, {field_name("remark", "0002"): "x" * 100_001}),
        "more than 100,000 characters",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_collected_says_so(
    reviewed: Path, empty: bytes, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    make, message = REFUSED[case]
    with pytest.raises(ReviewError, match=message) as raised:
        read_document(place(reviewed), make(reviewed, empty))
    assert str(raised.value).startswith("a.pdf: ")
    assert "\n" not in str(raised.value)
    assert "\x1b" not in str(raised.value)
    assert not caplog.records
    assert logging.getLogger("pypdf").propagate


@pytest.mark.parametrize("place_", range(0, 100, 7))
def test_damage_anywhere_is_one_error_or_none(reviewed: Path, empty: bytes, place_: int) -> None:
    at = len(empty) * place_ // 100
    damaged = empty[:at] + b"\xff<<[(/" + empty[at + 6 :]
    try:
        read_document(place(reviewed), damaged)
    except ReviewError as error:
        assert str(error).startswith("a.pdf: ")  # noqa: PT017


def test_only_one_module_knows_pypdf() -> None:
    knowing = [
        path.name
        for path in sorted((ROOT / "reportgen").rglob("*.py"))
        if re.search(r"^\s*(from|import) pypdf", path.read_text(), re.MULTILINE)
    ]
    assert knowing == ["documents.py"]
