"""Running text in the PDF: shades behind real words, lines, marks, any script."""

from __future__ import annotations

import html
import io
import re
import shutil
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pypdf
import pytest

from reportgen import pipeline
from reportgen.figures.layout import Columns
from reportgen.figures.palette import SOFT, contrast, shade, signed_shade
from reportgen.options import ReportOptions
from reportgen.publish.archive import run_time
from reportgen.publish.cards import CardMaker, Piece, token_map
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pdf.document import Document, write_pdf
from reportgen.publish.pdf.drawings import drawings
from reportgen.publish.pdf.text import TextBand, boxes, text_bands
from tests.publish.conftest import prediction
from tests.publish.test_cards import RESULT
from tests.publish.test_pdf_cells import FINE, part, pdftotext, picture

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


def set_in_lines(folder, row, signed=False):
    """Return the setter and the bands of a text."""
    with drawings(folder, CardMaker(("neg", "pos"), signed), "text") as drawn:
        drawn.card(row, RESULT)
        return drawn.setter, [image.band for image in drawn.images.values()]


def printed(folder, row, tmp_path, signed=False, show="text"):
    """Write the text of a row; return the PDF's path and its bands."""
    with drawings(folder, CardMaker(("neg", "pos"), signed), show) as drawn:
        drawn.setter.width = 668.0  # of the page below
        card = drawn.card(row, RESULT)
        objects = "".join(f'<object data="{address}"></object>' for address in card.drawn.text)
        page = f'{CARD}<p class="lines">{objects}</p>'
        target = tmp_path / "one.pdf"
        write_pdf(Document(page, folder, drawn.images, [], run_time(), drawn.fonts), target)
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


def test_lines_end_at_the_column_and_begin_with_a_word(folder):
    setter, bands = set_in_lines(folder, made(SENTENCE * 20))
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


def test_a_word_longer_than_a_line_is_broken(folder, tmp_path, pdftotext):
    text = f"one {'x' * 300} two {'long/path/' * 30}end"
    setter, bands = set_in_lines(folder, made(text))
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


def test_a_line_may_end_after_a_hyphen_between_letters(folder):
    _, bands = set_in_lines(folder, made("patient-minded " * 30))
    ends = {
        "".join(run.text for run in line.runs).rstrip()[-1] for band in bands for line in band.lines
    }
    assert ends == {"-", "d"}


def test_line_breaks_of_the_text_are_kept_and_blank_lines_become_one_gap(folder):
    setter, bands = set_in_lines(folder, made("one two\nthree\n\n\nfour\r\nfive\n"))
    lines = [line for band in bands for line in band.lines]
    assert ["".join(run.text for run in line.runs) for line in lines] == [
        "one two", "three", "four", "five",
    ]  # fmt: skip
    assert [line.above for line in lines] == [0, 0, setter.leading / 2, 0]


def test_tokens_of_white_space_are_written_by_their_marks(folder):
    row = made("a\n\tb  c", r"a|\n|\t|b|  |c")
    _, bands = set_in_lines(folder, row)
    lines = ["".join(run.text for run in line.runs) for band in bands for line in band.lines]
    assert [line.strip() for line in lines] == ["a↵", "⇥ b␣␣ c"]


@pytest.mark.parametrize("count", range(1, 20))
def test_bands_have_at_least_two_lines(folder, count):
    _, bands = set_in_lines(folder, made("\n".join(["word"] * count)))
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


# What is seen


def seen(page, box, setter, across=0.5):
    """Return the colour in the free upper part of a box, between letters and its edge."""
    x, y = box.x + across * box.width, box.y - 0.87 * setter.size
    return part(page, x, y, 0.5, 0.5)[0, 0]


def test_tokens_stand_on_their_shades_in_legible_ink(folder, tmp_path, picture):
    path, bands, setter = printed(folder, made("one two three four five six"), tmp_path)
    page = picture(path)
    found = placed(bands, setter)
    for box in found:
        ground = shade(box.piece.level / 31) if box.piece.level else (1, 1, 1)
        np.testing.assert_allclose(seen(page, box, setter), ground, atol=0.01)
        cell = part(page, box.x + 1, box.y - 8, box.width - 2, 8).reshape(-1, 3)
        ink = cell[np.abs(cell - np.array(ground)).sum(axis=1).argmax()]
        assert contrast(tuple(ink), ground) >= 4.4
    assert found[-1].piece.level == 31
    gap = part(page, found[-1].x - 0.7, found[-1].y - 5, 0.2, 0.2)[0, 0]
    assert gap.min() > 0.95  # between two boxes the paper shows


def test_tokens_without_space_between_share_an_edge(folder, tmp_path):
    _, bands, setter = printed(folder, made("end. Next", r"\w+|\."), tmp_path)
    end, dot, following = placed(bands, setter)
    assert dot.x == pytest.approx(end.x + end.width, abs=0.01)
    assert following.x > dot.x + dot.width + 0.5


def test_words_that_lowered_the_answer_have_a_line_over_them(folder, tmp_path, picture):
    weights = np.array([0.4, -0.4, 0.1, -0.1], np.float32)
    row = made("xxxx xxxx xxxx xxxx", attention=weights)
    path, bands, setter = printed(folder, row, tmp_path, signed=True)
    page = picture(path)
    for box, weight in zip(placed(bands, setter), weights, strict=True):
        color = signed_shade(box.piece.level / 16)
        top = box.y - 0.95 * setter.size
        column = part(page, box.x + box.width / 2, top, 0.3, 3)[:, 0]
        dark = max(contrast(tuple(pixel), color) for pixel in column[2:-4])
        assert (dark > 4) == (weight < 0), weight


def test_unknown_words_are_underlined_and_unread_ones_struck(folder, tmp_path, picture):
    row = made(
        "xxxx xxxx xxxx xxxx",
        attention=np.array([0.5, 0.5, np.nan, np.nan], np.float32),
        unknown=np.array([False, True, False, True]),
    )
    path, bands, setter = printed(folder, row, tmp_path)
    page = picture(path)
    for box, unknown, unread in zip(
        placed(bands, setter), row.unknown, np.isnan(row.attention), strict=True
    ):
        below = part(page, box.x + 1, box.y + 0.14 * setter.size, box.width - 2, 1.6)
        dots = (below.min(axis=2) < 0.75).any(axis=0)
        assert (0.2 < dots.mean() < 0.8) == unknown
        line = part(page, box.x + 1, box.y - 0.24 * setter.size - 0.2, box.width - 2, 0.4)
        covered = np.abs(line - np.array(SOFT)).max(axis=2) < 0.25
        assert (covered.mean() > 0.85) == unread


def test_a_text_that_runs_leftward_ends_its_lines_at_the_right_edge(folder):
    for text in (ARABIC, HEBREW):
        setter, bands = set_in_lines(folder, made(text))
        for line in [line for band in bands for line in band.lines]:
            last = line.runs[-1]
            assert last.x + last.width == pytest.approx(setter.width, abs=0.1)
            assert line.runs[0].x >= -0.01


def test_letters_of_two_tokens_drawn_as_one_share_its_width(folder):
    row = made("office e\u0301 office", r"of|fi|ce|e\u0301")
    setter, bands = set_in_lines(folder, row)
    found = placed(bands, setter)
    assert [box.piece.text for box in found] == ["of", "fi", "ce", "e\u0301", "of", "fi", "ce"]
    assert all(box.width > 4 for box in found)
    for left, right in pairwise(found[:3]):
        assert right.x == pytest.approx(left.x + left.width, abs=0.01)


def test_a_word_that_occurs_often_is_shaped_once(folder, tmp_path, monkeypatch):
    from reportgen.publish.pdf import shaping

    drawn = []
    draw = shaping.weasy_text.draw_first_line
    monkeypatch.setattr(
        shaping.weasy_text,
        "draw_first_line",
        lambda *values: drawn.append(values[1].text) or draw(*values),
    )
    printed(folder, made("film and " * 200), tmp_path)
    assert drawn.count("film") == 1


def test_bands_may_be_cut_from_no_lines():
    assert list(text_bands([])) == []
    assert TextBand([]).height == 0


def test_pieces_between_tokens_have_no_box(folder):
    piece = Piece("text")
    row = made("a text without tokens", r"$^")
    assert [p.text for p in token_map(row)] == [row.text]
    _, bands = set_in_lines(folder, row)
    assert not [box for band in bands for box in boxes(band, 0.0)]
    assert not piece.token


# The whole report


@pytest.mark.parametrize("show", ["both", "text", "heatmap"])
def test_cards_show_what_was_asked_for(table, tmp_path, show, pdftotext):
    done = pipeline.render(
        table, ReportOptions(pdf_cards=show), pipeline.Workspace(tmp_path), pipeline.Execution()
    )
    text = " ".join(pdftotext("-raw", done.folder / "report.pdf").split())
    assert text.count("Loved it 😀 naïve café") == (2 if show == "both" else 1)
    assert ("attention ≤" in text) == (show != "text")
    assert "The text is empty." in text
    # A cut word is found as a whole: on the lines of the text, or unseen below its beginning.
    assert ("x" * 300 in text) == (show == "heatmap")
    assert ("x" * 60 in text) == (show in ("both", "text", "heatmap"))


def test_a_heatmap_s_words_are_at_least_six_and_a_half_points(finished):
    """In the report as it is written: the scale of the page times the size of the font."""
    sizes = []
    for page in pypdf.PdfReader(finished / "report.pdf").pages:

        def visit(text, matrix, text_matrix, font, size):
            if text.strip():
                scale = np.array([[matrix[0], matrix[1]], [matrix[2], matrix[3]]])
                sizes.append(size * abs(text_matrix[3]) * abs(np.linalg.det(scale)) ** 0.5)

        page.extract_text(visitor_text=visit)
    assert min(sizes) >= 6.5


def test_a_card_is_kept_together_only_if_it_is_short(folder):
    with drawings(folder, CardMaker(("neg", "pos"), columns=Columns(10, 15)), "both") as drawn:
        assert drawn.card(made("short " * 20), RESULT).drawn.whole
        long = drawn.card(made("long " * 400), RESULT).drawn
    assert not long.whole
    assert len(long.text) > 4
    assert len(long.heatmap) > 4


def test_the_drawing_leaves_nothing_behind(folder):
    before = sorted(folder.rglob("*"))
    with drawings(folder, CardMaker(("neg", "pos")), "both") as drawn:
        drawn.card(made("a word"), RESULT)
    assert sorted(folder.rglob("*")) == before


def test_text_is_a_paragraph_for_screen_readers(folder):
    import weasyprint

    with drawings(folder, CardMaker(("neg", "pos")), "text") as drawn:
        card = drawn.card(made("so be it"), RESULT)
        page = (
            f'<html lang="en"><title>x</title><p><object data="{card.drawn.text[0]}"></object></p>'
        )
        out = io.BytesIO()
        weasyprint.HTML(string=page).write_pdf(
            out, cache=dict(drawn.images), font_config=drawn.fonts, pdf_variant="pdf/ua-1"
        )
    root = pypdf.PdfReader(out).trailer["/Root"]["/StructTreeRoot"]
    kinds, todo = [], [root]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, pypdf.generic.DictionaryObject):
            kinds.append(node.get("/S"))
            children = node.get("/K", [])
            todo += children if isinstance(children, list) else [children]
    assert "/P" in kinds
    assert "/Figure" not in kinds
    assert FINE  # the picture's scale, of the fixture
