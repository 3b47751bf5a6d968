"""The parts of a PDF share their fonts: each is embedded once, and nothing looks otherwise."""

import re
import shutil
import subprocess

import numpy as np
import pikepdf
import pypdf
import pytest
import weasyprint
from PIL import Image

from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pdf.fonts import FILE, share_fonts

SANS, SERIF = ("source-sans-3-latin-400-normal.woff2", "source-serif-4-latin-400-normal.woff2")
TEXTS = ("A film: déjà vu, ijñ", "Über naïve ideas, 0123", "quiet ö ä fjord; ço")


def part(path, text, file=SANS, style=""):
    face = f"@font-face{{font-family:Shared;src:url({(TEMPLATES / 'fonts' / file).as_uri()})}}"
    style = f"{face}p{{font:30px Shared}}{style}"
    weasyprint.HTML(string=f'<html lang="en"><style>{style}</style><p>{text}').write_pdf(path)
    return path


def whole(folder, files):
    """The parts one after the other, with fonts as they are."""
    with pikepdf.new() as pdf:
        for file in files:
            with pikepdf.open(file) as one:
                pdf.add_pages_from(one)
        pdf.save(folder / "apart.pdf")
    return folder / "apart.pdf"


def shared(file):
    with pikepdf.open(file) as pdf:
        share_fonts(pdf)
        pdf.save(file.with_name("shared.pdf"), deterministic_id=True)
    return file.with_name("shared.pdf")


def embedded(file):
    """The bytes of each embedded font, by the part of the document."""
    with pikepdf.open(file) as pdf:
        fonts = [next(iter(page.obj.Resources.Font.values())) for page in pdf.pages]
        inside = [font.DescendantFonts[0].FontDescriptor[FILE] for font in fonts]
        return [stream.objgen for stream in inside], [stream.read_bytes() for stream in inside]


def picture(file, folder):
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed")
    stem = folder / file.stem
    subprocess.run(["pdftoppm", "-r", "100", "-gray", "-png", file, stem], check=True)
    return [np.asarray(Image.open(p)).astype(int) for p in sorted(folder.glob(f"{stem.name}-*"))]


@pytest.fixture
def apart(tmp_path):
    return whole(tmp_path, [part(tmp_path / f"{i}.pdf", text) for i, text in enumerate(TEXTS)])


def test_a_font_is_embedded_once_with_the_letters_of_all_parts(apart):
    before, _ = embedded(apart)
    after, (font, *_) = embedded(shared(apart))
    assert len(set(before)) == 3
    assert len(set(after)) == 1
    assert shared(apart).stat().st_size < apart.stat().st_size
    assert re.search(rb"glyf", font)
    assert not re.search(rb"GDEF|cmap", font[:300])  # the list of tables


def test_every_letter_looks_as_before_composed_ones_too(apart, tmp_path):
    pages = zip(picture(apart, tmp_path), picture(shared(apart), tmp_path), strict=True)
    for before, after in pages:
        assert (before < 128).sum() > 500
        assert np.abs(before - after).max() <= 40  # hinting is gone from composed letters
        assert np.abs(before - after).mean() < 0.05


def test_texts_are_found_as_before(apart):
    assert [p.extract_text().strip() for p in pypdf.PdfReader(shared(apart)).pages] == list(TEXTS)


def test_equal_parts_give_equal_bytes(apart):
    once = shared(apart).read_bytes()
    assert shared(apart).read_bytes() == once


def test_fonts_of_one_name_that_differ_in_a_letter_stay_apart(tmp_path):
    files = [part(tmp_path / "0.pdf", "abc", SANS), part(tmp_path / "1.pdf", "abc", SERIF)]
    apart = whole(tmp_path, files)
    after, _ = embedded(shared(apart))
    assert len(set(after)) == 2
    with pikepdf.open(apart) as pdf:
        fonts = [next(iter(page.obj.Resources.Font.values())) for page in pdf.pages]
        assert len({str(font.BaseFont).partition("+")[2] for font in fonts}) == 1


def test_a_report_shares_its_fonts(finished):
    with pikepdf.open(finished / "report.pdf") as pdf:
        names = {}
        for page in pdf.pages:
            for font in page.obj.Resources.Font.values():
                if "/DescendantFonts" in font:
                    descriptor = font.DescendantFonts[0].FontDescriptor
                    if FILE in descriptor:
                        name = str(descriptor.FontName).partition("+")[2]
                        names.setdefault(name, set()).add(descriptor[FILE].objgen)
    assert names["Report-Serif"]
    assert {len(files) for files in names.values()} == {1}


def test_a_character_without_a_letter_does_no_harm(tmp_path):
    files = [part(tmp_path / f"{i}.pdf", f"{text} \U000f0000") for i, text in enumerate("ab")]
    shared(whole(tmp_path, files))
