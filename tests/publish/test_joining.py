"""Parts of a PDF become one document: its places, its links, its structure, its running heads."""

import re
from html import escape

import pikepdf
import pypdf
import pytest
import weasyprint

from reportgen.publish.pdf.joining import ELSEWHERE, PAGE_OF, join
from reportgen.publish.pdf.running import LETTERS, Running

TABLE = (
    '<table><tr><th scope="col">A<th scope="col">B<tr><th scope="row">1<td>2</table>'
    '<p><a href="#{0}">here</a>'
)
FIELD = '<p><label>{0} <input type="text" name="{0}" value="v"></label>'


def laid_out(folder, name, body, tagged=True, style=""):
    target = folder / f"{name}.pdf"
    page = f'<html lang="en"><title>{name}</title><style>{style}</style><body>{body}'
    variant = "pdf/ua-1" if tagged else None
    weasyprint.HTML(string=page).write_pdf(target, pdf_variant=variant, pdf_forms=True)
    return target


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    page = '<p style="break-after:page">{}</p>'
    parts = [
        laid_out(
            folder,
            "front",
            '<h1 id="front">Front</h1>'
            f'<p><a href="{ELSEWHERE}#middle">to the middle</a> '
            f'<a href="{PAGE_OF}#end" style="display:inline-block;width:9mm;height:9px"></a>'
            f'<p><a href="https://example.org/#end">the world</a>'
            + TABLE.format("front"),
        ),
        laid_out(
            folder,
            "middle",
            page.format("one") + '<h1 id="middle">Middle</h1><h2>Inside</h2>'
            + TABLE.format("middle") + FIELD.format("m") + page.format("two") + "three",
        ),
        laid_out(
            folder,
            "end",
            page.format("four") + '<h1 id="end">End</h1>' + TABLE.format("end")
            + FIELD.format("e") + f'<a href="{ELSEWHERE}#front">back</a>',
        ),
    ]  # fmt: skip
    heads = "".join(page.format(f"head {word}") for word in ("A", "B", "C"))
    corner = f'<a href="{PAGE_OF}" style="display:inline-block;width:9mm;height:9px"></a>'
    running = laid_out(folder, "running", heads + f"<p>{escape(LETTERS)}<p>{corner}", tagged=False)
    target = folder / "whole.pdf"
    join(parts, running, target)
    return target


@pytest.fixture
def whole(joined):
    with pikepdf.open(joined) as pdf:
        yield pdf


def links(pdf):
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", ()):
            if annotation.Subtype == "/Link":
                yield annotation


def places(pdf):
    names = list(pdf.Root.Names.Dests.Names)
    order = {page.obj.objgen: i for i, page in enumerate(pdf.pages, 1)}
    return {
        str(name): order[place[0].objgen]
        for name, place in zip(names[::2], names[1::2], strict=True)
    }


def test_pages_come_in_the_order_of_the_parts(joined):
    pages = [page.extract_text() for page in pypdf.PdfReader(joined).pages]
    told = ["Front", "one", "Middle", "three", "four", "End"]
    assert [word in text for word, text in zip(told, pages, strict=True)] == [True] * 6


def test_every_place_has_its_page(whole):
    assert places(whole) == {"end": 6, "front": 1, "middle": 3}
    names = [str(name) for name in whole.Root.Names.Dests.Names[::2]]
    assert names == sorted(names)


def test_links_lead_to_other_parts_and_into_the_world(whole):
    found = [str(link.get("/Dest", "")) or str(link.A.URI) for link in links(whole)]
    front = ["middle", "end", "https://example.org/#end", "front"]
    assert found == [*front, "middle", "end", "front"]
    assert not any("/A" in link and "/Dest" in link for link in links(whole))


def test_bookmarks_of_all_parts_stand_in_order(joined):
    outline = pypdf.PdfReader(joined).outline
    assert [i.title for i in outline if not isinstance(i, list)] == ["Front", "Middle", "End"]
    assert [i.title for i in outline[2]] == ["Inside"]


def test_each_part_has_its_running_head_and_each_page_its_number(joined):
    pages = [page.extract_text() for page in pypdf.PdfReader(joined).pages]
    heads = [re.findall(r"head ([A-C])", text) for text in pages]
    assert heads == [[], ["B"], ["B"], ["B"], ["C"], ["C"]]
    assert [re.findall(r"\d of \d", text) for text in pages] == [[f"{n} of 6"] for n in range(1, 7)]


def test_a_part_of_several_sections_has_the_head_of_the_last_that_has_begun(joined, tmp_path):
    section = '<h1 id="{0}" style="break-before:{1}">{0}</h1><p style="break-after:page">more</p>'
    bodies = [section.format("one", "auto") + "still", section.format("two", "page") + "still"]
    part = laid_out(tmp_path, "cards", "".join(bodies) + '<h1 id="three">three</h1>')
    front, running, target = (joined.with_name(f"{n}.pdf") for n in ("front", "running", "x"))
    join([front, part], running, target, [[""], ["one", "two"]])
    pages = [page.extract_text() for page in pypdf.PdfReader(target).pages]
    found = [re.findall(r"head ([A-C])", text) for text in pages]
    assert found == [[], ["B"], ["B"], ["C"], ["C"]]


def test_the_number_of_a_page_is_written_beside_its_link(joined):
    found = []

    def visit(text, _, matrix, *more):
        if text.strip() == "6":
            found.append((matrix[4], matrix[5]))

    pypdf.PdfReader(joined).pages[0].extract_text(visitor_text=visit)
    with pikepdf.open(joined) as pdf:
        (rect,) = [
            list(map(float, k.Rect)) for k in links(pdf) if str(k.get("/Dest", "")) == "end"
        ][:1]
    ((left, baseline),) = found
    assert rect[0] < left < rect[2]
    assert baseline == pytest.approx(min(rect[1], rect[3]), abs=0.02)


def test_fields_of_all_parts_can_be_filled(joined):
    fields = pypdf.PdfReader(joined).get_fields()
    assert {name: field.get("/V") for name, field in fields.items()} == {"m": "v", "e": "v"}


def elements(element):
    yield element
    children = element.get("/K", ())
    for child in children if isinstance(children, pikepdf.Array) else ():
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield from elements(child)


def test_one_structure_leads_to_the_content_of_every_page(whole):
    tree = whole.Root.StructTreeRoot
    (document,) = tree.K
    assert [e.P.objgen for e in document.K] == [document.objgen] * len(document.K)
    nums = list(tree.ParentTree.Nums)
    parents = {int(k): v for k, v in zip(nums[::2], nums[1::2], strict=True)}
    assert len(parents) == len(nums) / 2
    reachable = {element.objgen for element in elements(document)}
    for page in whole.pages:
        owners = parents[int(page.obj.StructParents)]
        content = b"".join(stream.read_bytes() for stream in page.obj.Contents)
        marked = {int(n) for n in re.findall(rb"/MCID (\d+)", content)}
        assert marked == set(range(len(owners)))
        for owner in owners:
            assert owner.Pg.objgen == page.obj.objgen
            assert owner.objgen in reachable
        for annotation in page.obj.get("/Annots", ()):
            owner = parents[int(annotation.StructParent)]
            kids = [kid for kid in owner.K if isinstance(kid, pikepdf.Dictionary)]
            assert annotation.objgen in [kid.Obj.objgen for kid in kids if "/Obj" in kid]


def test_what_stands_on_every_page_is_no_content(whole):
    for number, page in enumerate(whole.pages, 1):
        added = page.obj.Contents[-1].read_bytes()
        drawn = re.sub(rb"/Artifact <<[^>]*>> BDC.*?EMC", b"", added, flags=re.DOTALL)
        assert drawn.strip() == b"Q"
        assert (re.search(rb"/RunningHead\d Do", added) is not None) is (number > 1)


def test_equal_parts_give_equal_bytes(joined, tmp_path):
    parts = [joined.with_name(f"{name}.pdf") for name in ("front", "middle", "end")]
    join(parts, joined.with_name("running.pdf"), tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == joined.read_bytes()


def test_a_mark_names_its_card_as_far_as_there_is_room_and_letters(joined):
    with pikepdf.open(joined.with_name("running.pdf")) as pdf:
        running = Running(pdf)
        bare, named, cut, other = (
            running.text("continued from page 4", card, 0, 0)
            for card in ("", "test-7: predicted é", "long " * 80, "映画")
        )
        code = {letter: found for letter, (found, _) in running._codes.items()}
    assert b"".join(code[c] for c in "page 4: test-7: predicted é") in named
    assert code["…"] in cut
    assert len(named) < len(cut) < len(code["l"]) * 200
    assert other == bare
