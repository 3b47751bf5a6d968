from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reportgen.analysis.ordering import Outcome
from reportgen.figures.palette import contrast, mix
from reportgen.publish.cards import BLANK
from reportgen.publish.html.notebook import STRONGEST, Fragment, address, fragment
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.pieces import Piece
from reportgen.publish.words.notebook import heading, verdict
from reportgen.publish.words.weights import ATTENTION, terms
from reportgen.records import Weights

HOSTILE = (
    "</div></style><script>alert(1)</script><img src=x onerror=alert(1)> $\\href{x}{y}$ {{7*7}}"
)
CSS = (TEMPLATES / "notebook.css").read_text()
TEXTS = {"light": (0.13, 0.13, 0.13), "dark": (0.87, 0.87, 0.87)}
PAGES = {"light": (1.0, 1.0, 1.0), "dark": (0.067, 0.067, 0.067)}


def shown(*pieces: Piece, signed: bool = False, **changes: str) -> str:
    card = replace(
        BLANK, pieces=pieces, outcome=Outcome.CONFIDENTLY_WRONG, signed=signed, **changes
    )
    return fragment(Fragment(Path("reports/a b"), "Accuracy", "Lede.", [card], 1, None))


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def test_nothing_of_a_text_becomes_markup() -> None:
    html = shown(
        Piece(HOSTILE), Piece(HOSTILE, True, 31), id=HOSTILE, description=HOSTILE, label=HOSTILE
    )
    found = Elements(html)
    assert set(found.names) == {"div", "style", "p", "a", "span", "bdi"}
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert html.count("&lt;script&gt;alert(1)") == 4
    assert {value for name, value in found.attributes if name == "href"} == {
        "reports/a%20b/index.html", "reports/a%20b/report.pdf", "reports/a%20b/index.html#ex-"
    }  # fmt: skip


def test_formulas_of_a_text_are_not_typeset() -> None:
    outermost = shown(Piece("$x$")).lstrip().splitlines()[0]
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(outermost.split('"')[1].split())


def test_it_needs_no_file_and_no_network() -> None:
    found = Elements(shown(Piece("a")))
    assert not {"link", "img", "script", "iframe"} & set(found.names)
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_styles_reach_only_the_fragment() -> None:
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
    selectors = re.findall(r"([^{}]+)\{", rules)
    assert len(selectors) > 5
    assert all(s.strip().split()[0] == ".reportgen-notebook" for s in selectors)
    assert "!important" not in CSS
    used = set(re.findall(r"\.(rgn-\w+)", CSS))
    html = shown(Piece("a", True, 3), Piece("b"))
    html += shown(Piece("a", True, 3), Piece("b", True, -3), signed=True)
    assert set(re.findall(r"rgn-\w+", html)) == used


def test_shades_follow_the_weight_and_tell_the_sign() -> None:
    html = shown(Piece("a", True, 31), Piece(" "), Piece("b", True, 0), Piece("c", True, 10))
    spans = re.findall(r'<span class="rgn-(\w+)" style="--w:([\d.]+)">(\w)</span>', html)
    assert spans == [("weight", "0.60", "a"), ("weight", "0.19", "c")]
    html = shown(Piece("a", True, 16), Piece("b", True, -8), signed=True)
    spans = re.findall(r'<span class="rgn-(\w+)" style="--w:([\d.]+)">(\w)</span>', html)
    assert spans == [("up", "0.60", "a"), ("down", "0.30", "b")]
    assert re.search(r"\.rgn-down\{[^}]*text-decoration:overline", CSS)


@pytest.mark.parametrize("theme", TEXTS)
def test_text_is_legible_on_the_strongest_shade(theme: str) -> None:
    colors = re.findall(r"rgba\((\d+),(\d+),(\d+),var\(--w\)\)", CSS)
    assert len(colors) == 3
    for color in colors:
        red, green, blue = (int(c) / 255 for c in color)
        assert contrast(TEXTS[theme], mix(PAGES[theme], (red, green, blue), STRONGEST)) >= 4.5


def test_addresses_are_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert address(Path("r/a:b/index.html")) == "r/a%3Ab/index.html"
    assert address(tmp_path / "r" / "x.pdf") == "r/x.pdf"
    assert address(tmp_path.parent / "x.pdf") == (tmp_path.parent / "x.pdf").as_uri()


def test_words_count_the_mistakes() -> None:
    assert heading(1, 1, ATTENTION).startswith("The one mistake; the stronger the shade")
    assert heading(2, 2, ATTENTION).startswith("All 2 mistakes, confident ones first; ")
    assert heading(5, 1200, terms(Weights("attribution"))).startswith(
        "The first 5 of 1,200 mistakes, confident ones first; red words raised the predicted class,"
    )
    of = terms(Weights("attribution", of="logit of yes"))
    assert "raised the logit of yes, blue" in heading(5, 1200, of)
    assert verdict(True, "predicted a") == "Wrong, unsure: predicted a"
    assert verdict(False, "predicted a") == "Wrong: predicted a"
    no_mistake = fragment(Fragment(Path("r"), "Accuracy", "", [], 0, None))
    assert "mistake" not in re.sub(r"<style>.*</style>", "", no_mistake, flags=re.S)
