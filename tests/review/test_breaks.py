"""Where the printed review breaks: a caption stays with the first rows of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import weasyprint

from tests.conftest import ROOT

STYLES = ("report.css", "print.css", "collected.css")
ROWS = "".join(f"<tr><th>row{i}</th></tr>" for i in range(40))


def words(box: Any) -> Iterator[str]:
    """The words on a page of WeasyPrint's."""
    if hasattr(box, "text"):
        yield from box.text.split()
    for child in getattr(box, "children", ()):
        yield from words(child)


@pytest.mark.parametrize("above", [223, 232, 241])
def test_a_caption_stands_with_the_first_rows_of_its_table(above: int) -> None:
    styles = "".join((ROOT / "templates" / name).read_text() for name in STYLES)
    styles = re.sub(r"@font-face\{[^}]*\}", "", styles)
    body = (
        f"<main class=collected><div style='height:{above}mm'></div><p>Before</p>"
        "<div class=scroll><table><caption>Caption</caption><thead><tr><th>example</th></tr>"
        f"</thead><tbody>{ROWS}</tbody></table></div></main>"
    )
    document = weasyprint.HTML(string=f"<style>{styles}</style>{body}").render()
    pages = [set(words(page._page_box)) for page in document.pages]
    together = {"Caption", "row0", "row1"}
    assert "Before" in pages[0]
    assert sum(together <= page for page in pages) == 1
    assert sum(bool(together & page) for page in pages) == 1
