"""Finish the links of a joined PDF: each says where it leads (ISO 14289-1, 7.18.5) and is printed.

WeasyPrint calls a link by the name of its place, which means nothing to a reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pikepdf import Array, Object, Pdf, String

__all__ = ["describe_links", "titles"]

PRINT = 4  # the flag of an annotation that is printed (ISO 32000-1, 12.5.3)
NEAR = 40.0  # points that a place may lie beside the bookmark that is its title


def describe_links(whole: Pdf, places: Mapping[str, Array]) -> None:
    """Let every link of a document say the title of its place, its nearest bookmark."""
    title = titles(whole, places)
    for page in whole.pages:
        for link in page.obj.get("/Annots", ()):
            if link.get("/Subtype") != "/Link":
                continue
            left, lower, right, upper = (float(x) for x in link.Rect)
            ends = (min(left, right), min(lower, upper), max(left, right), max(lower, upper))
            link.Rect = Array([round(x, 2) for x in ends])
            link.F = PRINT
            name = str(link.get("/Dest", link.get("/Contents", "")))
            link.Contents = String(title(name) or name)


def titles(whole: Pdf, places: Mapping[str, Array]) -> Callable[[str], str]:
    """Return what gives the title of a place by its name: its nearest bookmark, or nothing."""
    bookmarks = _bookmarks(whole)
    return lambda name: _title(places.get(name), bookmarks)


def _bookmarks(whole: Pdf) -> dict[tuple[int, int], list[tuple[float, str]]]:
    """Return by page the height and the title of each bookmark."""
    found: dict[tuple[int, int], list[tuple[float, str]]] = {}
    for item in _items(whole.Root.get("/Outlines")):
        page, _, _, height, *_ = item.Dest
        found.setdefault(page.objgen, []).append((float(height), str(item.Title)))
    return found


def _items(parent: Object | None) -> Iterator[Object]:
    item = parent.get("/First") if parent is not None else None
    while item is not None:
        yield item
        yield from _items(item)
        item = item.get("/Next")


def _title(
    place: Array | None, bookmarks: Mapping[tuple[int, int], list[tuple[float, str]]]
) -> str:
    if place is None:
        return ""
    page, _, _, height, *_ = place
    near = [
        (abs(at - float(height)), title)
        for at, title in bookmarks.get(page.objgen, ())
        if abs(at - float(height)) < NEAR
    ]
    return min(near, default=(0.0, ""))[1]
