"""The structure tree of WeasyPrint is tidied: what an element of HTML becomes, and who holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
import weasyprint

from reportgen.publish.pdf.structure import tidy

Tree = Callable[[str], list[object]]
PICTURE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'/>"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """What an HTML body becomes: of each element its role and what it holds, content as "-"."""

    def short(element: pikepdf.Object) -> object:
        if not isinstance(element, pikepdf.Dictionary):
            return "-"
        if "/S" not in element:
            return "annotation"
        held = element.get("/K", [])
        kids = list(held) if isinstance(held, pikepdf.Array) else [held]
        return [str(element.S)[1:], *map(short, kids)]

    def made(body: str) -> list[object]:
        page = f'<html lang="en"><title>x</title><body>{body}'
        target = tmp_path / "x.pdf"
        weasyprint.HTML(string=page).write_pdf(target, finisher=tidy, pdf_variant="pdf/ua-1")
        with pikepdf.open(target) as pdf:
            found = short(pdf.Root.StructTreeRoot.K[0])
        assert isinstance(found, list)
        return found[1:]

    return made


def test_a_paragraph_holds_its_lines_and_words(tree: Tree) -> None:
    assert tree("<p>one<br><b>two</b> <bdi>three</bdi>") == [["P", "-", "-", "-", "-"]]


def test_terms_and_what_is_said_of_them_are_items(tree: Tree) -> None:
    body = "<dl><div><dt>a</dt><dd>b <i>c</i></dd></div><div><dt></dt><dd>d</dd></div></dl>"
    assert tree(body) == [["L", ["LI", ["Lbl", "-"], ["LBody", "-", "-"]], ["LI", ["LBody", "-"]]]]


def test_heads_have_a_scope_in_place_of_names(tree: Tree, tmp_path: Path) -> None:
    tree(
        "<table><thead><tr><th>a<th>b<tbody><tr><th scope=row>c<td>d"
        "<tr><th scope=row>e<td colspan=1>f</table>"
    )
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        head, body = pdf.Root.StructTreeRoot.K[0].K[0].K
        assert [cell.A.Scope for cell in head.K[0].K] == ["/Column", "/Column"]
        for row in body.K:
            first, second = row.K
            assert (first.S, first.A.Scope, second.S) == ("/TH", "/Row", "/TD")
            assert "/A" not in second
            assert "/ID" not in first


def test_text_beside_blocks_is_a_paragraph(tree: Tree) -> None:
    assert tree("<article><header><h3>a</h3> b</header><footer>c</footer></article>") == [
        ["Art", ["H3", "-"], ["P", "-"], ["P", "-"]]
    ]
    assert tree("<figure><figcaption>a</figcaption></figure>") == [["P", "-"]]


def test_what_holds_nothing_is_left_out(tree: Tree) -> None:
    assert tree("<div><p></p></div><p>a</p><ul></ul>") == [["P", "-"]]
    assert tree("<table><tr><th>a<td></table>") == [
        ["Table", ["TBody", ["TR", ["TH", "-"], ["TD"]]]]
    ]


def test_an_annotation_belongs_to_the_element_that_holds_it(tree: Tree, tmp_path: Path) -> None:
    assert tree('<p id="a"><a href="#a"><b>x</b></a>') == [
        ["P", ["Link", "annotation", "annotation", "-"]]
    ]
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        link = pdf.Root.StructTreeRoot.K[0].K[0].K[0]
        assert numbers[::2] == [0, 1, 2]
        assert [owner.objgen for owner in numbers[3::2]] == [link.objgen] * 2
        assert [owner.objgen for owner in numbers[1]] == [link.objgen]


def test_a_picture_is_measured_from_the_lower_left(tree: Tree, tmp_path: Path) -> None:
    style = "<style>@page{size:400px 300px;margin:40px}body{margin:0}img{display:block}</style>"
    assert tree(f'{style}<img alt="x" src="{PICTURE}" style="width:40px;height:20px">') == [
        ["Figure", "-"]
    ]
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        box = [float(x) for x in pdf.Root.StructTreeRoot.K[0].K[0].A.BBox]
    # 40 pixels from the left and from the top of 300: 30 points, and 225 - 30 - 15 of them below
    assert box == [30, 180, 60, 195]


def test_a_document_without_structure_stays_as_it_is(tmp_path: Path) -> None:
    weasyprint.HTML(string="<p>x").write_pdf(tmp_path / "x.pdf", finisher=tidy)
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        assert "/StructTreeRoot" not in pdf.Root
        assert "/Pattern" not in pdf.pages[0].Resources
