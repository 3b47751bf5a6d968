"""Texts carry their language and direction, on the page, in its data and in the PDF."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest

import reportgen as rg
from tests.publish.conftest import body_of

TEXTS = {"ja": "とても 良い", "ar": "سيء جدا", "": "quite good"}
ROWS = [
    {
        "id": f"e{i}",
        "text": text,
        "label": "yes",
        "probabilities": [0.9, 0.1],
        "tokens": text.split(),
        "attention": [0.25, 0.75],
        "language": language or None,
        "explain.gradients": [0.1, 0.2],
    }
    for i, (language, text) in enumerate(TEXTS.items())
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> rg.Report:
    out = tmp_path_factory.mktemp("languages")
    return rg.render(ROWS, classes=["no", "yes"], out=out, language="en_gb")


def card(page: str, id_: str) -> str:
    return re.findall(rf'<article [^>]*id="ex-{id_}".*?</article>', page, re.S)[0]


@pytest.mark.parametrize(
    ("id_", "attributes"),
    [
        ("e0", 'lang="ja" dir="ltr"'),
        ("e1", 'lang="ar" dir="rtl"'),
        ("e2", 'lang="en-GB" dir="ltr"'),
    ],
)
def test_every_text_of_a_card_has_its_language(
    report: rg.Report, id_: str, attributes: str
) -> None:
    found = re.findall(r"<(\w+)[^>]* (lang=.*?)>", card(body_of(report.html), id_))
    assert [name for name, _ in found] == ["p", "p", "bdi", "bdi"]
    assert {given for _, given in found} == {attributes}


def test_the_language_is_recorded(report: rg.Report) -> None:
    page = body_of(report.html)
    assert '<html lang="en"' in page
    assert "en-GB, or by column “language”" in page
    assert json.loads((report.path / "metrics.json").read_text())["language"] == "en-GB"
    inputs = json.loads((report.path / "inputs.json").read_text())
    assert inputs["report"]["language"] == "en-GB"


def test_the_data_of_the_cards_have_it(report: rg.Report) -> None:
    found = (report.path / "data" / "cards-0001.js").read_text()
    for given in ('["ja","ltr"]', '["ar","rtl"]', '["en-GB","ltr"]'):
        assert found.count(f'"language":{given}') == 1


def test_words_of_the_pdf_are_marked(report: rg.Report) -> None:
    with pikepdf.open(report.pdf) as whole:
        pages = []
        for page in whole.pages:
            page.contents_coalesce()
            pages.append(page.Contents.read_bytes())
        objects = [bytes(o.read_bytes()) for o in whole.objects if isinstance(o, pikepdf.Stream)
                   and o.get("/Subtype") == "/Form"]  # fmt: skip
    content = b"".join([*pages, *objects])
    marks = re.findall(rb"/Span\s*<<\s*/Lang\s*\(([\w-]+)\)\s*>>\s*BDC", content)
    assert sorted(marks) == [b"ar", b"en-GB", b"ja"]
    assert content.count(b"BDC") + content.count(b"BMC") == content.count(b"EMC")
    words = ("pdftotext", str(report.pdf), "-")
    text = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "quite good" in text.stdout
    assert text.stderr == ""


def test_a_notebook_has_it(report: rg.Report) -> None:
    shown = report._repr_html_()
    assert shown is not None
    texts = re.findall(r'<div class="rgn-text" tabindex="0" (.*?)>', shown)
    assert sorted(texts) == ['lang="ar" dir="rtl"', 'lang="en-GB" dir="ltr"', 'lang="ja" dir="ltr"']


def test_where_nothing_is_known_the_text_decides(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "language"} for row in ROWS]
    plain = rg.render(rows, classes=["no", "yes"], out=tmp_path, pdf_examples=0)
    page = body_of(plain.html)
    assert re.findall(r' lang="(.*?)"', page) == ["en"]
    assert "Language of the texts" not in page
    style = (plain.path / "assets" / "screen.css").read_text()
    assert ":is(.map,.ig):not([dir]){unicode-bidi:plaintext}" in style
