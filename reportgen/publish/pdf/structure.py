"""Tidy the structure tree that WeasyPrint writes, for readers that speak (ISO 32000-1, 14.8).

In comes a PDF before it is written. WeasyPrint 70 makes an element of each line of text, leaves the
scope of table heads and the parts of lists of terms open, and measures pictures from the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pydyf

__all__ = ["tidy"]

GROUPS = {"/Document", "/Part", "/Art", "/Sect", "/Div", "/BlockQuote"}  # hold blocks, not text
PLAIN = {"/Span", "/NonStruct"}  # say nothing of what they hold
INLINE = {"/Link", "/Form", "/Span"}
PIXEL = 0.75  # points


class _Null(pydyf.Object):  # type: ignore[misc]
    """Stands where an object was that nothing refers to any more."""

    data = b"null"


def tidy(_: object, pdf: Any) -> None:
    """Tidy the tree of a PDF of WeasyPrint, which calls this before it writes the file."""
    if "StructTreeRoot" in pdf.catalog:
        _Tree(pdf).tidy()


class _Tree:
    """The structure tree of a PDF: elements by reference, and which of them holds what is drawn.

    ``numbers`` are the keys of the parent tree, from 0 on, each with what belongs to it: of a page
    references by piece of its content, of an annotation one; ``holders`` has those of each page.
    """

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.root = self.element(pdf.catalog["StructTreeRoot"])
        self.numbers = self.element(self.root["ParentTree"])["Nums"]
        pages = enumerate(pdf.page_references)
        self.holders = {page: self.numbers[2 * number + 1] for number, page in pages}

    def element(self, reference: bytes) -> Any:
        """Return what is referred to."""
        return self.pdf.objects[int(reference.split()[0])]

    def tidy(self) -> None:
        """Tidy all elements, the innermost first."""
        for document in self.root["K"]:
            self._tidy(self.element(document), head=False)

    def _tidy(self, element: Any, head: bool) -> list[Any]:
        """Tidy an element; return what stands for it in its parent: itself, or what it holds."""
        kind = element["S"]
        held = list(self._held(element, head or kind == "/THead"))
        if kind in PLAIN and not {"Alt", "ActualText", "A"} & element.keys():
            self._drop(element)
            return held
        if not held and kind not in ("/TH", "/TD"):
            self._drop(element)
            return []
        if kind in GROUPS:
            held = list(self._paragraphs(element, held))
        elif kind == "/L":
            held = [self._item(item) for item in held]
        elif kind == "/Figure":
            self._measure(element)
        elif kind in ("/TH", "/TD"):
            _scope(element, head)
        self._hold(element, held)
        return [element.reference]

    def _held(self, element: Any, head: bool) -> Iterator[Any]:
        for kid in element["K"]:
            inner = None if isinstance(kid, int) else self.element(kid)
            if inner is None or inner.get("Type") != "/StructElem":
                yield kid  # drawn content, or an annotation
            else:
                yield from self._tidy(inner, head)

    def _hold(self, element: Any, held: Sequence[Any]) -> None:
        """Let an element hold these and nothing else."""
        element["K"] = pydyf.Array(held)
        for kid in held:
            if isinstance(kid, int):
                self.holders[element["Pg"]][kid] = element.reference
            elif self.element(kid)["Type"] == "/StructElem":
                self.element(kid)["P"] = element.reference
            else:
                annotation = self.element(self.element(kid)["Obj"])
                self.numbers[2 * annotation["StructParent"] + 1] = element.reference

    def _drop(self, element: Any) -> None:
        nothing = _Null()
        nothing.number = element.number
        self.pdf.objects[element.number] = nothing

    def _inline(self, kid: Any) -> bool:
        return isinstance(kid, int) or self.element(kid).get("S") in INLINE

    def _paragraphs(self, group: Any, held: Sequence[Any]) -> Iterator[Any]:
        """Make a paragraph of text that stands among blocks; a caption without its frame is one."""
        for inline, kids in groupby(held, self._inline):
            if not inline:
                for kid in kids:
                    if (block := self.element(kid)).get("S") == "/Caption":
                        block["S"] = "/P"
                    yield kid
                continue
            found = list(kids)
            paragraph = pydyf.Dictionary({"Type": "/StructElem", "S": "/P", "Pg": group["Pg"]})
            self.pdf.add_object(paragraph)
            self._hold(paragraph, found)
            yield paragraph.reference

    def _item(self, reference: Any) -> Any:
        """Make an item of a term and what is said of it, which are items of their own."""
        item = self.element(reference)
        if item["S"] == "/Div":
            item["S"] = "/LI"
            parts = [self.element(part)["K"][0] for part in item["K"]]
            for part in item["K"]:
                self._drop(self.element(part))
            for term in parts[:-1]:
                self.element(term)["S"] = "/Lbl"
            self._hold(item, parts)
        return reference

    def _measure(self, figure: Any) -> None:
        """Measure a picture in points from the lower left of its page, not in pixels from above."""
        left, top, right, bottom = (PIXEL * float(x) for x in figure["A"]["BBox"])
        height = float(self.element(figure["Pg"])["MediaBox"][3])
        box = (left, height - bottom, right, height - top)
        figure["A"]["BBox"] = pydyf.Array(round(x, 2) for x in box)


def _scope(cell: Any, head: bool) -> None:
    """Say of a head what it is the head of, instead of naming in each cell its heads."""
    cell.pop("ID", None)
    cell["A"].pop("Headers", None)
    if cell["S"] == "/TH":
        cell["A"]["Scope"] = "/Column" if head else "/Row"
    elif len(cell["A"]) == 1:  # the owner of no attributes
        del cell["A"]
