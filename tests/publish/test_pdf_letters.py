"""Words of heatmaps in the PDF, spelled letter by letter where no letter changes beside another."""

from __future__ import annotations

import pytest
from weasyprint.text import line_break

from reportgen.publish.html.styles import copy_styles
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pdf import shaping
from tests.publish.test_pdf_cells import STYLE, pdftotext, written

__all__ = ["pdftotext"]

WORDS = "office AVATAR To fi--->ffl (a) \\o/ 1/2 <br/> :-) http://x.y/?a=b&c thought-provoking_it"
OTHERS = ["naïve", "映画", "a\u0301b", "do it", "…a😀"]
APART = "font-kerning:none;font-variant-ligatures:none"


def heatmap(folder, tokens, settings, font="sans-serif"):
    """Write a heatmap in a font of the report, or another; return as ``written`` does."""
    copy_styles(folder)
    style = STYLE.replace("font:10px sans-serif", f"font:10px {font};{settings}")
    style += '<link rel="stylesheet" href="assets/report.css">'
    return written(folder, tokens, [1 / len(tokens)] * len(tokens), style=style)


@pytest.mark.parametrize("font", ['"Report Sans"', "DejaVu Sans"])
def test_a_spelled_word_is_as_pango_shapes_it(font, tmp_path, monkeypatch, pdftotext):
    spelled, held = shaping.Shaper._spelled, []

    def compared(shaper, text):
        found = spelled(shaper, text)
        layout = line_break.Layout(shaper._style)
        layout.set_text(text)
        assert found == shaping.shaped(shaper._stream, shaper._style, layout), text
        width, _ = line_break.line_size(layout.get_first_line()[0], shaper._style)
        assert shaper.advance(text) == pytest.approx(width, abs=1e-9), text
        held.append(text)
        return found

    monkeypatch.setattr(shaping.Shaper, "_spelled", compared)
    tokens = [*WORDS.split(), *OTHERS]
    pdf, missing = heatmap(tmp_path, tokens, APART, font)
    assert not missing
    assert {"office", "AVATAR", "\\o/"} <= set(held)
    assert any(word.endswith("…") for word in held)
    assert not set(OTHERS) & set(held)
    assert set(tokens) <= set(pdftotext(pdf).split()) | {"do it"}


@pytest.mark.parametrize("settings", ["font-kerning:none", "font-variant-ligatures:none", ""])
def test_where_letters_change_beside_others_a_word_is_shaped_whole(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(shaping.Shaper, "_spelled", lambda *_: pytest.fail("was spelled"))
    heatmap(tmp_path, ["office", "AVATAR"], settings)


def test_letters_of_several_fonts_are_shaped_as_one_word(tmp_path, monkeypatch):
    """As where the first font lacks a letter."""
    shape, shaped, whole = shaping.Shaper.shape, shaping.shaped, []

    def other(shaper, text):
        found = shape(shaper, text)
        return shaping.replace(found, last_font=b"/OTHER 10 Tf") if text == "x" else found

    monkeypatch.setattr(shaping.Shaper, "shape", other)

    def recorded(stream, style, layout):
        whole.append(layout.text)
        return shaped(stream, style, layout)

    monkeypatch.setattr(shaping, "shaped", recorded)
    heatmap(tmp_path, ["axe", "ah"], APART)
    assert "axe" in whole
    assert "ah" not in whole


def test_cells_are_set_so_that_words_can_be_spelled():
    styles = (TEMPLATES / "print.css").read_text().splitlines()
    band = next(line for line in styles if line.startswith(".band{"))
    assert "font-kerning:none" in band
    assert "font-variant-ligatures:none" in band


def test_what_was_measured_is_forgotten_once_it_is_much(monkeypatch):
    monkeypatch.setattr(shaping, "MEASURED", 2)
    measured = shaping.Measured({"a": 1.0, "b": 1.0}, {})
    shaping.Shaper(measured=measured)
    assert measured.widths == {"a": 1.0, "b": 1.0}
    measured.widths["c"] = 1.0
    shaping.Shaper(measured=measured)
    assert measured.widths == {}
