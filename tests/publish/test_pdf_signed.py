"""Attributions in the PDF: shades on both sides of zero, and a line over negative ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pypdf
import pytest

from reportgen import pipeline
from reportgen.figures.palette import contrast, signed_shade
from reportgen.figures.scales import Scale
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.pdf import drawings
from tests.publish.small import ATTRIBUTIONS, ROWS, WORDS, row
from tests.publish.test_pdf_cells import boxes, part, pdftotext, picture, place, written

__all__ = ["boxes", "pdftotext", "picture"]

MINUS = "\N{MINUS SIGN}"

SIGNED = [0.4, -0.4, np.nan, 0.0, -0.1, 0.2, -0.2, 0.1, 0.001, -0.001, -0.3, 0.3]


@pytest.mark.parametrize("columns", [10, 7])
def test_attributions_are_filled_by_their_sign_with_a_line_over_negative_ones(
    tmp_path, picture, columns
):
    levels = Scale(signed=True).levels(np.array(SIGNED, dtype=np.float32)).tolist()
    assert {level > 0 for level in levels} == {level < 0 for level in levels} == {True, False}
    page = picture(
        written(tmp_path, ["."] * 12, SIGNED, columns=columns, scale=Scale(signed=True))[0]
    )
    for i, level in enumerate(levels):
        x, y, width = place(i, columns)
        if np.isnan(SIGNED[i]):
            continue
        color = signed_shade(level / 16)
        ground = part(page, x + 2, y + 15, width / 3, 2)
        np.testing.assert_allclose(ground, np.broadcast_to(color, ground.shape), atol=0.006)
        line = part(page, x + 11, y + 2.3, width - 22, 0.7)
        if level < 0:
            assert contrast(tuple(line[0, 0]), color) >= 4.45
            assert np.ptp(line, axis=(0, 1)).max() < 0.02
        else:
            np.testing.assert_allclose(line, np.broadcast_to(color, line.shape), atol=0.006)


def test_the_key_of_attributions_has_both_ends_and_zero(tmp_path, boxes, picture):
    path, _ = written(tmp_path, "ab", [0.1, -0.42], scale=Scale(signed=True))
    at = {word: ((left + right) / 2, top, bottom) for word, left, top, right, bottom in boxes(path)}
    order = ["lowered", f"{MINUS}0.420", "0", "+0.420", "raised"]
    assert set(order) <= set(at)
    assert [at[word][0] for word in order] == sorted(at[word][0] for word in order)
    assert at["0"][1] > 28 + 20
    assert at["0"][2] < 28 + 38
    bar = part(picture(path), 117, 44.5, 90, 1)[0]
    np.testing.assert_allclose(bar[0], signed_shade(-1), atol=0.01)
    np.testing.assert_allclose(bar[len(bar) // 2], (1, 1, 1), atol=0.01)
    np.testing.assert_allclose(bar[-1], signed_shade(1), atol=0.01)


@pytest.mark.parametrize("vectors", [True, False])
def test_a_report_of_attributions_names_both_sides(tmp_path, monkeypatch, vectors):
    weights = np.array([0.3, -0.42, 0.1, -0.2], np.float32)
    rows = [replace(ROWS[1], attention=weights), row("x", "bad", (0.5, 0.3, 0.2), WORDS[:4])]
    table = tmp_path / "p.parquet"
    write_predictions(table, ATTRIBUTIONS, rows)
    monkeypatch.setattr(drawings, "vector_cells", lambda: vectors)
    done = pipeline.render(
        table, ReportOptions(), pipeline.Workspace(tmp_path), pipeline.Execution()
    )
    pages = pypdf.PdfReader(done.folder / "report.pdf").pages
    text = " ".join("".join(page.extract_text() for page in pages).split())
    assert (
        f"raised the answer one +0.300 · three +0.100 · lowered the answer two {MINUS}0.420" in text
    )
    assert (f"lowered ≤ {MINUS}0.5" in text) == vectors  # the key
    assert "most attended" not in text.partition("raised the answer")[2].partition("Details")[0]
