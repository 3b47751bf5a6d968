"""Links of a PDF say where they lead, in the words of the nearest bookmark."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import weasyprint

from reportgen.publish.pdf.links import describe_links

PAGE = """<html lang="en"><title>x</title><style>@page{size:400px 600px;margin:20px}
h1,h2{break-before:page;font-size:20px;margin:0}p{margin:0}.down{margin-top:300px}</style>
<p><a href="#one">1</a> <a href="#two">2</a> <a href="#far">3</a> <a href="https://a.example/">4</a>
<h1 id="one">First</h1><h2>Second</h2><p id="two">x<p class="down" id="far">y"""


def described(folder: Path) -> pikepdf.Pdf:
    target = folder / "x.pdf"
    weasyprint.HTML(string=PAGE).write_pdf(target, pdf_variant="pdf/ua-1")
    pdf = pikepdf.open(target)
    names = list(pdf.Root.Names.Dests.Names)
    places = {str(name): place for name, place in zip(names[::2], names[1::2], strict=True)}
    describe_links(pdf, places)
    return pdf


def test_a_link_says_the_title_of_its_place(tmp_path: Path) -> None:
    pdf = described(tmp_path)
    assert [str(link.Contents) for link in pdf.pages[0].obj.Annots] == [
        "First", "Second", "far", "https://a.example/"
    ]  # fmt: skip


def test_links_are_printed_and_their_corners_in_order(tmp_path: Path) -> None:
    pdf = described(tmp_path)
    for link in pdf.pages[0].obj.Annots:
        left, lower, right, upper = (float(x) for x in link.Rect)
        assert link.F == 4
        assert left < right
        assert lower < upper
