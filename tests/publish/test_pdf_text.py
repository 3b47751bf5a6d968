"""Running text in the PDF: shades behind real words, lines, marks, any script."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from reportgen.figures.scales import Scale
from reportgen.publish.archive import run_time
from reportgen.publish.cards import CardMaker
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pdf.document import Document, write_pdf
from reportgen.publish.pdf.drawings import drawings
from reportgen.publish.pdf.setting import setting
from reportgen.publish.pdf.text import boxes
from tests.publish.conftest import prediction
from tests.publish.test_cards import RESULT
from tests.publish.test_pdf_cells import pdftotext, picture

__all__ = ["pdftotext", "picture"]

POINT = 0.75  # of a CSS pixel
HEAD = '<link rel="stylesheet" href="assets/report.css"><link rel="stylesheet" href="{}">'
# A page at whose left edge, 16 pixels from that of the paper, the text begins.
BARE = (
    "<style>@page{margin:16px;size:700px 900px;@top-left{content:none}@top-right{content:none}"
    "@bottom-right{content:none}}.lines{margin:0}object{display:block;width:100%;"
    'font:9.5pt/1.42 "Report Serif","Noto Serif",serif}</style>'
)
CARD = '<html lang="en"><title>x</title>' + HEAD.format("assets/print.css") + BARE
JAPANESE = "この映画は本当に素晴らしかった。俳優たちの演技はもちろん、音楽も美しい。" * 3
ARABIC = "كان الفيلم رائعا جدا ولكن النهاية كانت سيئة ولم أفهم لماذا . " * 4
HEBREW = "הסרט היה ארוך מדי , אבל השחקנים הצילו אותו . " * 4
HINDI = "नमस्ते दुनिया यह फिल्म बहुत अच्छी थी । " * 5
SENTENCE = "A small, patient film about people who wait: it is well made, and it stays with you. "


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run's folder with its styles and fonts."""
    made = tmp_path_factory.mktemp("run")
    (made / "assets").mkdir()
    for name in ("report.css", "print.css"):
        (made / "assets" / name).write_bytes((TEMPLATES / name).read_bytes())
    shutil.copytree(TEMPLATES / "fonts", made / "assets" / "fonts")
    return made


def made(text, pattern=r"\S+", **values):
    """Predict a text whose tokens are what the pattern finds, with rising weights."""
    found = prediction("x", text, 1)
    spans = tuple((m.start(), m.end()) for m in re.finditer(pattern, text))
    n = len(spans)
    weights = np.arange(1, n + 1, dtype=np.float32)
    found = replace(
        found,
        tokens=tuple(text[a:b] for a, b in spans),
        spans=spans,
        attention=weights / weights.sum() if n else weights,
        unknown=np.zeros(n, bool),
    )
    return replace(found, **values)


def set_in_lines(row, signed=False):
    """Return the setter and the bands of a text."""
    with setting("A4") as common:
        drawn = drawings(CardMaker(("neg", "pos"), Scale(signed=signed)), "text", common)
        drawn.card(row, RESULT)
        return drawn.setter, [image.band for image in drawn.images.values()]


def printed(folder, row, tmp_path, signed=False, show="text"):
    """Write the text of a row; return the PDF's path and its bands."""
    with setting("A4") as common:
        drawn = drawings(CardMaker(("neg", "pos"), Scale(signed=signed)), show, common)
        drawn.setter.width = 668.0  # of the page below
        card = drawn.card(row, RESULT)
        objects = "".join(f'<object data="{address}"></object>' for address in card.drawn.text)
        page = f'{CARD}<p class="lines">{objects}</p>'
        target = tmp_path / "one.pdf"
        write_pdf(Document(page, folder, drawn.images, [], run_time(), common.fonts), target)
        return target, [drawn.images[address].band for address in card.drawn.text], drawn.setter


def words_of(pdftotext, path):
    """Return every word of a page with its box in CSS pixels of the text."""
    found = re.findall(
        r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>',
        pdftotext("-bbox", path),
    )
    return [(html.unescape(w), *(float(v) / POINT - 16 for v in place)) for *place, w in found]


def placed(bands, setter):
    """Return the boxes of all bands of a page, one below the other."""
    top, found = 0.0, []
    for band in bands:
        found += [replace(box, y=box.y + top) for box in boxes(band, setter.baseline)]
        top += band.height
    return found


@pytest.mark.parametrize("name", ["plain", "arabic", "hebrew", "hindi", "emoji", "combining"])
def test_the_box_of_every_token_lies_behind_its_word(folder, tmp_path, pdftotext, name):
    text = {
        "plain": SENTENCE * 4,
        "arabic": ARABIC,
        "hebrew": HEBREW,
        "hindi": HINDI,
        "emoji": "Loved it 😀 so much , 👍🏽 again and again " * 4,
        "combining": "Cafe\u0301 re\u0301sume\u0301 office fluffy . " * 5,
    }[name]
    path, bands, setter = printed(folder, made(text), tmp_path)
    read = sorted(words_of(pdftotext, path), key=lambda word: (round(word[2] / 9), word[1]))
    found = placed(bands, setter)
    assert len(found) == len(text.split()) == len(read)
    for box, (word, left, top, right, bottom) in zip(found, read, strict=True):
        assert top < box.y < bottom, word
        assert box.x - 0.2 <= left <= box.x + 2, (word, box)  # emoji and marks may overhang
        assert box.x + box.width - 3 <= right <= box.x + box.width + 2, (word, box)


def test_every_character_of_japanese_has_a_box_of_its_own(folder, tmp_path, pdftotext):
    path, bands, setter = printed(folder, made(JAPANESE, r"\S"), tmp_path)
    found = placed(bands, setter)
    assert [box.piece.text for box in found] == list(JAPANESE)
    em = 9.5 / 0.75
    for box in found:
        assert box.width == pytest.approx(em, abs=2.1)
    lines = {round(box.y) for box in found}
    assert len(lines) > 1
    assert max(box.x + box.width for box in found) <= 669
    assert re.sub(r"\s", "", pdftotext("-raw", path)) == JAPANESE


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE * 8,
        ARABIC,
        HEBREW,
        HINDI,
        "ภาพยนตร์ เรื่องนี้ ดีมาก และ นักแสดง ก็ เล่นได้ " * 4,
        "Этот фильм был великолепен . " * 9,
        "Loved 😀 it , twice " * 9,
        "Reviews quote שלום עולם and 日本 and go on . " * 6,
    ],
)
@pytest.mark.parametrize("order", [(), ("-raw",)])
def test_the_words_can_be_read_in_order_with_spaces_between(
    folder, tmp_path, pdftotext, text, order
):
    path, _, _ = printed(folder, made(text), tmp_path)
    read = re.sub("[\u202a-\u202e\u2066-\u2069]", "", pdftotext(*order, path)).split()
    if order or not re.search("[\u0590-\u06ff]", text):  # poppler joins words that run leftward
        assert read == text.split()


def test_every_reader_finds_spaces_between_the_words(folder, tmp_path):
    path, _, _ = printed(folder, made(SENTENCE * 8, r"\w+|[^\w\s]"), tmp_path)
    (page,) = pypdf.PdfReader(path).pages
    assert page.extract_text().split() == (SENTENCE * 8).split()


def test_lines_end_at_the_column_and_begin_with_a_word():
    setter, bands = set_in_lines(made(SENTENCE * 20))
    lines = [line for band in bands for line in band.lines]
    assert len(lines) > 10
    widths = []
    for line in lines:
        runs = [run for run in line.runs if not run.blank]
        assert runs[0] is line.runs[0]
        assert runs[0].x == 0
        widths.append(runs[-1].x + runs[-1].width)
    assert max(widths) <= setter.width
    assert min(widths[:-1]) > 0.8 * setter.width
    text = "".join(run.text for line in lines for run in line.runs)
    assert text == SENTENCE * 20


def test_a_word_longer_than_a_line_is_broken(tmp_path, pdftotext):
    text = f"one {'x' * 300} two {'long/path/' * 30}end"
    setter, bands = set_in_lines(made(text))
    lines = ["".join(run.text for run in line.runs) for band in bands for line in band.lines]
    assert lines[0] == "one "
    assert "".join(lines) == text
    for band in bands:
        for line in band.lines:
            assert line.runs[-1].x <= setter.width
    # Each part of a word is shaded as its token is.
    found = [box for band in bands for box in boxes(band, 0.0)]
    assert len({id(box.piece) for box in found}) == 4
    assert len(found) > 7


def test_a_line_may_end_after_a_hyphen_between_letters():
    _, bands = set_in_lines(made("x " + "patient-minded " * 30))
    ends = {
        "".join(run.text for run in line.runs).rstrip()[-1] for band in bands for line in band.lines
    }
    assert ends == {"-", "d"}


def test_line_breaks_of_the_text_are_kept_and_blank_lines_become_one_gap():
    setter, bands = set_in_lines(made("one two\nthree\n\n\nfour\r\nfive\n"))
    lines = [line for band in bands for line in band.lines]
    assert ["".join(run.text for run in line.runs) for line in lines] == [
        "one two", "three", "four", "five",
    ]  # fmt: skip
    assert [line.above for line in lines] == [0, 0, setter.leading / 2, 0]


def test_tokens_of_white_space_are_written_by_their_marks():
    row = made("a\n\tb  c", r"a|\n|\t|b|  |c")
    _, bands = set_in_lines(row)
    lines = ["".join(run.text for run in line.runs) for band in bands for line in band.lines]
    assert [line.strip() for line in lines] == ["a↵", "⇥ b␣␣ c"]


@pytest.mark.parametrize("count", range(1, 20))
def test_bands_have_at_least_two_lines(count):
    _, bands = set_in_lines(made("\n".join(["word"] * count)))
    sizes = [len(band.lines) for band in bands]
    assert sum(sizes) == count
    assert max(sizes) <= 4
    assert min(sizes) >= min(count, 2)


def test_a_text_breaks_between_its_lines_and_no_word_is_lost(folder, tmp_path, pdftotext):
    text = " ".join(f"word{i}" for i in range(2000))
    path, _, _ = printed(folder, made(text), tmp_path)
    pages = pypdf.PdfReader(path).pages
    assert len(pages) > 2
    assert pdftotext("-raw", path).split() == text.split()
