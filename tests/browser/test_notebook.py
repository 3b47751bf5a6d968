"""What a notebook shows of a report, in light and dark pages as notebooks have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import reportgen as rg

THEMES = {"light": ("#fff", "rgba(0,0,0,.87)"), "dark": ("#111", "rgba(255,255,255,.87)")}
OUTSIDE = "p, a, table, h1, body"
STYLES = """selector => [...document.querySelectorAll(selector)].filter(e =>
    !e.closest(".reportgen-notebook")).map(e => { const s = getComputedStyle(e);
    return [s.color, s.backgroundColor, s.font, s.margin, s.padding, s.border].join(); })"""


def page_of(html: str, theme: str) -> str:
    paper, ink = THEMES[theme]
    style = f"body{{background:{paper};color:{ink}}} p{{margin:9px}} a{{color:green}}"
    style += "#out{width:20em}"
    return (
        f"<!doctype html><meta charset=utf-8><title>notebook</title><style>{style}</style>"
        f'<p>In [1]:</p><div id="out">{html}</div><h1>Next</h1>'
        '<p class="rgn-line"><a class="rgn-link" href="x">after</a></p><table><td>1</table>'
    )


@pytest.mark.parametrize("theme", THEMES)
def test_hostile_texts_do_nothing_and_styles_stay_inside(
    look: Any, hostile: Path, tmp_path: Path, theme: str
) -> None:
    html = rg.open_report(hostile)._repr_html_()
    assert html is not None
    (tmp_path / "with.html").write_text(page_of(html, theme), encoding="utf-8")
    (tmp_path / "without.html").write_text(page_of("", theme), encoding="utf-8")
    page, bare = look(tmp_path / "with.html"), look(tmp_path / "without.html")
    page.wait_for_timeout(300)
    assert page.problems == []
    assert page.requests == [(tmp_path / "with.html").as_uri()]
    assert page.title() == "notebook"
    assert page.evaluate(STYLES, OUTSIDE) == bare.evaluate(STYLES, OUTSIDE)
    assert page.locator("#out script, #out img, #out style").count() == 1


@pytest.mark.parametrize("theme", THEMES)
def test_it_takes_the_colours_of_the_notebook_and_scrolls(
    look: Any, hostile: Path, tmp_path: Path, theme: str
) -> None:
    html = rg.open_report(hostile)._repr_html_()
    assert html is not None
    (tmp_path / "page.html").write_text(page_of(html, theme), encoding="utf-8")
    page = look(tmp_path / "page.html")
    ink = page.evaluate("() => getComputedStyle(document.body).color")
    for part in ("rgn-headline", "rgn-link", "rgn-text"):
        found = page.locator(f"#out .{part}").first
        assert found.evaluate("e => getComputedStyle(e).color") == ink, part
    frame = page.locator(".reportgen-notebook")
    assert frame.evaluate("e => e.scrollWidth <= e.clientWidth")  # a word of 100,000 letters breaks
    tall, shown = frame.evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert tall > shown
    assert shown < 700
    frame.focus()
    page.keyboard.press("End")
    page.wait_for_function("() => document.querySelector('.reportgen-notebook').scrollTop > 0")
