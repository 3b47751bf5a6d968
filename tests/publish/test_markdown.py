"""What others named is text in Markdown, never markup."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from reportgen.publish.markdown import bullets, code, heading, one_line, plain, table

HOSTILE = [
    "a | b", "*bold* _it_ ~~no~~", "<script>alert(1)</script>", "[a](http://x.y)", "`c` ``d``",
    "![p](x.png)", "&amp; &lt;", "a\\|b\\", "# head", "$x$", "line\nnext\n\n---\n> q", "- item",
    "1. one", "\x00nul\x1b[31m", "wörter 😀 漢字", "https://host/x www.host.org me@host.org",
    "_", "**", "a__b__c", "   ", "",
]  # fmt: skip
PARSER = MarkdownIt("gfm-like", {"linkify": False})


def texts(markdown: str) -> list[str]:
    """The text of each block of Markdown; anything but plain text in one is a failure."""
    found = []
    for token in PARSER.parse(markdown):
        if token.type == "inline":
            kinds = {child.type for child in token.children or []}
            assert kinds <= {"text", "text_special"}, (kinds, token.content)
            found.append("".join(child.content for child in token.children or []))
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_read_as_it_is(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert texts(f"say {plain(text)} here") == [f"say {line} here"]
    assert texts(heading(f"About {text}")) == [f"About {line}".strip()]
    assert texts(bullets([f"item {plain(text)}", "two"])) == [f"item {line}".strip(), "two"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_in_its_cell(text: str) -> None:
    markdown = table(["name", text], [["a", text], [text, "1"]], numbers=1)
    cells = texts(markdown)
    line = one_line(text)
    assert cells == ["name", line, "a", line, line, "1"]
    assert markdown.splitlines()[1] == "| :--- | ---: |"
    kinds = [token.type for token in PARSER.parse(markdown)]
    assert kinds[0] == "table_open"
    assert kinds[-1] == "table_close"


@pytest.mark.parametrize("text", ["a", "`a`", "a``b", "`", "a\nb", "<b>", "|"])
def test_code_is_shown_as_it_is(text: str) -> None:
    (inline,) = [t for t in PARSER.parse(f"see {code(text)} here") if t.type == "inline"]
    (found,) = [child for child in inline.children or [] if child.type == "code_inline"]
    assert found.content == one_line(text)
    assert code("a") == "`a`"


def test_addresses_become_no_links() -> None:
    assert plain("https://a.b www.a.b me@a.b") == r"https\://a.b www\.a.b me\@a.b"
    assert plain("10:30, etc.") == "10:30, etc."


def test_no_break_spaces_stay() -> None:
    assert one_line(" 88\N{NO-BREAK SPACE}%\t of\n") == "88\N{NO-BREAK SPACE}% of"
