"""Join the parts of a document, which were laid out side by side, into one PDF.

What a part has by itself comes along: pages, fields, bookmarks. What it shares with the others is
joined here: names of places, links across parts, the structure tree (ISO 32000-1, 14.7) and what
stands on every page. The first part gives the document its title, its attachments and the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Object, Pdf, String

from reportgen.publish.pdf.continued import continued
from reportgen.publish.pdf.fonts import share_fonts
from reportgen.publish.pdf.forms import share_field_font
from reportgen.publish.pdf.links import describe_links, titles
from reportgen.publish.pdf.running import Running
from reportgen.publish.words import notes

__all__ = ["ELSEWHERE", "PAGE_OF", "join"]

# What stands before # in a link to a place in another part, and in a link in whose lower right
# corner the number of that place's page is written. Nothing is ever asked of this host.
ELSEWHERE = "https://part.invalid/"
PAGE_OF = f"{ELSEWHERE}page"

File = Path | BinaryIO
Places = dict[str, Array]  # of each name its page and what is shown of it
Numbered = list[tuple[int, str, float, float]]  # page, number, right end, baseline
TOP, LEFT, UP, DOWN = 48.2, 63.7, 5.0, 37.0  # points: upper margin, cards, and marks beside them
FIRST_PAGE = ""  # in the place of a name: where a part begins
ONE_HEAD = (FIRST_PAGE,)


def join(
    parts: Sequence[File], running: File, target: File, heads: Sequence[Sequence[str]] = ()
) -> None:
    """Write the parts as one PDF, with running heads and page numbers; the first page has none.

    ``heads`` are those of each part, by the names of the places from whose page on they stand; of
    several on one page the last does. Without them a part has one. Page k of ``running`` has the
    k-th of all heads, and its last page what page numbers are written with.
    """
    with ExitStack() as files:
        whole, *others = [files.enter_context(pikepdf.open(part)) for part in parts]
        written = Running(files.enter_context(pikepdf.open(running)))
        lengths, places = [len(whole.pages)], dict(_places(whole, whole, 0))
        for other in others:
            places |= _append(whole, other)
            lengths.append(len(other.pages))
        _name(whole, places)
        share_field_font(whole)
        numbered = _lead_across(whole, places)
        describe_links(whole, places)
        begun = list(_begun(whole, lengths, places, heads or [ONE_HEAD] * len(parts)))
        _write_numbers(whole, written, begun, numbered, places)
        share_fonts(whole)
        whole.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def _append(whole: Pdf, other: Pdf) -> Places:
    """Append a part; return its names."""
    before = len(whole.pages)
    whole.add_pages_from(other)
    if "/StructTreeRoot" in other.Root:
        _append_structure(whole, other, range(before, len(whole.pages)))
    return dict(_places(whole, other, before))


def _places(whole: Pdf, part: Pdf, before: int) -> Iterator[tuple[str, Array]]:
    """Yield the names of a part that begins after so many pages of the whole."""
    tree = part.Root.get("/Names", Dictionary()).get("/Dests", Dictionary())
    pages = {page.obj.objgen: i for i, page in enumerate(part.pages)}
    listed = list(tree.get("/Names", ()))
    for name, place in zip(listed[::2], listed[1::2], strict=True):
        page = whole.pages[before + pages[place[0].objgen]].obj
        yield str(name), Array([page, *list(place)[1:]])


def _name(whole: Pdf, places: Places) -> None:
    if places:
        tree = [part for name in sorted(places, key=str.encode) for part in (name, places[name])]
        names = whole.Root.get("/Names", Dictionary())
        names.Dests = whole.make_indirect(Dictionary(Names=Array(tree)))
        whole.Root.Names = names


def _append_structure(whole: Pdf, other: Pdf, pages: range) -> None:
    """Hang what is in the structure tree of a part, which names no element, into the whole's."""
    tree, added = whole.Root.StructTreeRoot, whole.copy_foreign(other.Root.StructTreeRoot)
    document = tree.K[0]
    for element in added.K[0].K:
        element.P = document
        document.K.append(element)
    numbers = tree.ParentTree.Nums
    base = int(numbers[-2]) + 1 if len(numbers) else 0
    listed = list(added.ParentTree.Nums)
    for key, value in zip(listed[::2], listed[1::2], strict=True):
        numbers.append(base + int(key))
        numbers.append(value)
    owners = listed[1::2]
    for i in pages:
        page = whole.pages[i].obj
        page.StructParents = base + int(page.StructParents)
        for annotation in page.get("/Annots", ()):
            if "/StructParent" in annotation:
                parent = int(annotation.StructParent)
                annotation.StructParent = base + parent
                _own(owners[parent], annotation)


def _own(element: Object, annotation: Object) -> None:
    """Let an element of the structure lead to the annotation, which was copied with its page."""
    for child in element.K:
        if isinstance(child, Dictionary) and "/Obj" in child:
            child.Obj = annotation


def _lead_across(whole: Pdf, places: Places) -> Numbered:
    """Let links to other parts lead there; return where which numbers of pages are written."""
    order = {page.obj.objgen: i for i, page in enumerate(whole.pages, 1)}
    written: Numbered = []
    for i, page in enumerate(whole.pages):
        for link in page.obj.get("/Annots", ()):
            to, _, name = str(link.get("/A", Dictionary()).get("/URI", "")).partition("#")
            if to not in (ELSEWHERE, PAGE_OF) or name not in places:
                continue
            del link["/A"]
            link.Dest = String(name)
            if to == PAGE_OF:
                right, baseline = float(link.Rect[2]), float(min(link.Rect[1], link.Rect[3]))
                written.append((i, str(order[places[name][0].objgen]), right, baseline))
    return written


def _marks(whole: Pdf, places: Places) -> Iterator[tuple[int, str, str, float]]:
    """Yield page, text, title of the card, and baseline of what is said where a card goes on."""
    order = {page.obj.objgen: i for i, page in enumerate(whole.pages)}
    begins = {name: (order[at[0].objgen], float(at[3])) for name, at in places.items()}
    tops = [float(page.mediabox[3]) - TOP for page in whole.pages]
    title = titles(whole, places)
    for page, name in continued(begins, tops):
        yield page, notes.continued_from(page), title(name), tops[page] + UP
        yield page - 1, notes.continued_on(page + 1), "", DOWN


def _begun(
    whole: Pdf, lengths: Sequence[int], places: Places, heads: Sequence[Sequence[str]]
) -> Iterator[tuple[int, list[int]]]:
    """Yield of each part its length, and the page on which each of its heads begins."""
    order = {page.obj.objgen: i for i, page in enumerate(whole.pages)}
    first = 0
    for length, names in zip(lengths, heads, strict=True):
        yield length, [order[places[n][0].objgen] if n else first for n in names]
        first += length


def _write_numbers(
    whole: Pdf,
    heads: Running,
    begun: Sequence[tuple[int, list[int]]],
    more: Numbered,
    places: Places,
) -> None:
    """Write running heads and numbers of pages over the pages, and the numbers of ``more``."""
    drawn: list[list[bytes]] = [[] for _ in whole.pages]
    for i, mark, card, baseline in _marks(whole, places):
        drawn[i].append(heads.text(mark, card, LEFT, baseline))
    for i, number, right, baseline in more:
        drawn[i].append(heads.number(number, right, baseline))
    save, at, before = whole.make_stream(b"q"), 0, 0
    for length, begins in begun:
        if length:
            own_heads = range(before, before + len(begins))
            heads.add_to(whole, whole.pages[at].obj.Resources, own_heads)
        for i in range(at, at + length):
            page = whole.pages[i].obj
            if i:
                passed = sum(begin <= i for begin in begins)
                drawn[i].append(heads.head(before + max(passed - 1, 0)))
            drawn[i].append(heads.number(f"{i + 1} of {len(whole.pages)}", *heads.corner))
            own = whole.make_stream(b"\n".join([b"Q", *drawn[i]]))
            page.Contents = Array([save, page.Contents, own])
        at += length
        before += len(begins)
