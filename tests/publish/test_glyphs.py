"""Characters without a font are named in page and PDF, with the package that has them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.pdf.glyphs import LATIN, lacking, unprintable
from reportgen.scratch import scratch_in
from tests.publish.conftest import body_of, info, prediction
from tests.publish.small import ROWS, opened, row
from tests.publish.test_heatmaps import Watched

SCRIPTS = "映画영화 فيلم סרט फ़िल्म หนัง চলচ্চিত্র திரைப்படம் 😀🎬 ǎ̂"


def test_private_characters_have_no_font_and_scripts_have(tmp_path: Path) -> None:
    with opened(tmp_path) as report, scratch_in(report.folder):
        assert lacking(f"{SCRIPTS}\U000f0000\u200d\ufe0f", report.executor) == {"\U000f0000"}
        assert lacking("A plain “text”, naïve.", report.executor) == set()
        assert not list(report.folder.glob(".work*"))


def test_the_fonts_of_the_templates_have_what_is_not_asked_for(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    from reportgen.publish.html.templates import TEMPLATES

    for path in (TEMPLATES / "fonts").glob("*.woff2"):
        with TTFont(path) as font:
            has = font.getBestCmap()
        assert not [c for c in LATIN if c.isprintable() and ord(c) not in has], path.name


def test_only_what_the_pdf_shows_counts(tmp_path: Path) -> None:
    rows = (*ROWS[:5], row("odd", "bad", (0.7, 0.2, 0.1), ["\U000f0000"]))
    with opened(tmp_path, rows, pdf_examples=None) as report:
        assert unprintable(report) == {"\U000f0000"}
    with opened(tmp_path, rows, pdf_examples=0) as report:
        assert unprintable(report) == set()


HIDDEN = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"""
SHOW = """
import sys
from pathlib import Path
from tests.publish.small import opened
from reportgen.publish.pdf.glyphs import lacking
folder = Path(sys.argv[1])
folder.mkdir()
with opened(folder) as report:
    print(*sorted(map(ord, lacking(sys.argv[2], report.executor))))
"""


def test_with_other_fonts_hidden_every_script_is_missed(tmp_path: Path) -> None:
    import matplotlib as mpl

    config = tmp_path / "fonts.conf"
    dejavu = Path(mpl.get_data_path()) / "fonts/ttf"
    config.write_text(HIDDEN.format(fonts=dejavu, cache=tmp_path / "cache"))
    done = subprocess.run(
        [sys.executable, "-c", SHOW, str(tmp_path / "run"), "映画 हि หนัง кино a"],
        env={**os.environ, "FONTCONFIG_FILE": str(config), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {chr(int(code)) for code in done.stdout.split()} == set("映画हिหนัง")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A run whose texts have a character without a font, and what was said."""
    folder, watched = tmp_path_factory.mktemp("odd"), Watched()
    write_predictions(folder / "t.parquet", info(), [prediction("a", "odd \ue000 映", 0)])
    done = pipeline.render(
        folder / "t.parquet",
        ReportOptions(),
        pipeline.Workspace(folder),
        pipeline.Execution(progress=watched),
    )
    return done.folder, watched.lines


def test_page_and_pdf_name_the_characters_that_the_warnings_name(
    odd: tuple[Path, list[str]],
) -> None:
    run, lines = odd
    named = "U+E000 (no Debian package known)"
    assert [line for line in lines if named in line and "heatmaps" in line]
    assert [line for line in lines if named in line and "PDF" in line]
    note = "No usable font is installed for 1 character of the heatmaps and of the PDF"
    assert note in body_of(run / "index.html")
    pages = pypdf.PdfReader(run / "report.pdf").pages
    text = " ".join(page.extract_text() for page in pages).replace("\0", "")  # .notdef's glyph
    assert note in " ".join(text.split())
