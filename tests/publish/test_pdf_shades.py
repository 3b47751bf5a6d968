"""Running text in the PDF as it is seen: shades, marks, directions; and the whole report."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import numpy as np
import pypdf
import pytest

from reportgen import pipeline
from reportgen.figures.layout import Columns
from reportgen.figures.palette import SOFT, contrast, shade, signed_shade
from reportgen.options import ReportOptions
from reportgen.publish.cards import CardMaker
from reportgen.publish.pdf.drawings import drawings
from reportgen.publish.pdf.setting import setting
from reportgen.publish.pdf.text import TextBand, boxes, text_bands
from reportgen.publish.pieces import token_map
from tests.publish.test_cards import RESULT
from tests.publish.test_pdf_cells import part, pdftotext, picture
from tests.publish.test_pdf_text import ARABIC, HEBREW, folder, made, placed, printed, set_in_lines

__all__ = ["folder", "pdftotext", "picture"]


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


def test_a_text_that_runs_leftward_ends_its_lines_at_the_right_edge():
    for text in (ARABIC, HEBREW):
        setter, bands = set_in_lines(made(text))
        for line in [line for band in bands for line in band.lines]:
            last = line.runs[-1]
            assert last.x + last.width == pytest.approx(setter.width, abs=0.1)
            assert line.runs[0].x >= -0.01


def test_letters_of_two_tokens_drawn_as_one_share_its_width():
    row = made("office e\u0301 office", r"of|fi|ce|e\u0301")
    setter, bands = set_in_lines(row)
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


def test_pieces_between_tokens_have_no_box():
    row = made("a text without tokens", r"$^")
    assert [p.text for p in token_map(row)] == [row.text]
    _, bands = set_in_lines(row)
    assert not [box for band in bands for box in boxes(band, 0.0)]


# The whole report


@pytest.mark.parametrize("show", ["both", "text", "heatmap"])
def test_cards_show_what_was_asked_for(table, tmp_path, show, pdftotext):
    done = pipeline.render(
        table, ReportOptions(pdf_cards=show), pipeline.Workspace(tmp_path), pipeline.Execution()
    )
    text = " ".join(pdftotext("-raw", done.folder / "report.pdf").split())
    assert text.count("Loved it 😀 naïve café") == (2 if show == "both" else 1)
    assert bool(re.search(r"even share 0\.\d", text)) == (show != "text")
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


def test_a_card_is_kept_together_only_if_it_is_short():
    with setting("A4") as common:
        drawn = drawings(CardMaker(("neg", "pos"), columns=Columns(10, 15)), "both", common)
        assert drawn.card(made("short " * 20), RESULT).drawn.whole
        long = drawn.card(made("long " * 400), RESULT).drawn
    assert not long.whole
    assert len(long.text) > 4
    assert len(long.heatmap) > 4


def test_text_is_a_paragraph_for_screen_readers():
    import weasyprint

    with setting("A4") as common:
        drawn = drawings(CardMaker(("neg", "pos")), "text", common)
        card = drawn.card(made("so be it"), RESULT)
        page = (
            f'<html lang="en"><title>x</title><p><object data="{card.drawn.text[0]}"></object></p>'
        )
        out = io.BytesIO()
        weasyprint.HTML(string=page).write_pdf(
            out, cache=dict(drawn.images), font_config=common.fonts, pdf_variant="pdf/ua-1"
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
