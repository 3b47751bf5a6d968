"""The texts of tokens as elements, and what a single file may run."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2
import pytest

from reportgen.errors import RenderError
from reportgen.publish.html import templates
from reportgen.publish.html.templates import POLICY, render, single_policy, token_map
from reportgen.publish.pieces import Piece


@pytest.mark.parametrize(
    ("piece", "html"),
    [
        (Piece(" <&> "), " &lt;&amp;&gt; "),
        (Piece("a", token=True, weight=0.1), "<i>a</i>"),
        (Piece('"<b>', token=True, weight=0.1), "<i>&#34;&lt;b&gt;</i>"),
        (Piece("a", token=True, level=7, weight=0.1), '<i class="s7">a</i>'),
        (Piece("a", token=True, level=31, weight=0.1, unknown=True), '<i class="s31 u">a</i>'),
        (Piece("a", token=True, weight=0.1, unknown=True), '<i class="u">a</i>'),
        (Piece("a", token=True), '<i class="n">a</i>'),
        (Piece("a", token=True, unknown=True), '<i class="u n">a</i>'),
    ],
)
def test_a_token_is_an_element_of_the_classes_of_its_shade(piece: Piece, html: str) -> None:
    assert token_map([piece]) == html


@pytest.mark.parametrize(
    ("piece", "html"),
    [
        (Piece("a", token=True, weight=0.0), "<i>a</i>"),
        (Piece("a", token=True, level=16, weight=0.1), '<i class="p16">a</i>'),
        (Piece("a", token=True, level=-1, weight=-0.1), '<i class="m1">a</i>'),
        (Piece("a", token=True, level=-16, weight=-0.1, unknown=True), '<i class="m16 u">a</i>'),
        (Piece("a", token=True), '<i class="n">a</i>'),
    ],
)
def test_a_token_with_a_sign_has_the_class_of_its_side(piece: Piece, html: str) -> None:
    assert token_map([piece], signed=True) == html


def test_pieces_follow_each_other() -> None:
    pieces = [Piece("("), Piece("a", token=True, weight=0.1), Piece(")")]
    assert token_map(pieces) == "(<i>a</i>)"
    assert token_map([]) == ""


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_one_file_may_use_its_own_style_and_scripts_only() -> None:
    rules = dict(rule.split(" ", 1) for rule in single_policy("p{}", ["1é", "2"]).split("; "))
    assert rules["style-src"] == hashed("p{}")
    assert rules["script-src"].split(" ") == [hashed("1é"), hashed("2")]
    for name in ("default-src", "base-uri", "form-action"):
        assert rules[name] == "'none'"
    assert rules["img-src"] == rules["font-src"] == "data:"


def test_pages_load_what_lies_beside_them_only() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert {rules[name] for name in ("default-src", "base-uri", "form-action")} == {"'none'"}
    assert {rules[f"{name}-src"] for name in ("img", "style", "font", "script")} == {"'self'"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which templates are filled instead."""
    environment = templates._environment()
    environment.loader = jinja2.FileSystemLoader(tmp_path)
    monkeypatch.setattr(templates, "_ENVIRONMENT", environment)
    return tmp_path


def test_a_template_escapes_and_formats(folder: Path) -> None:
    text = "{{ a }} {{ b | count }} {{ c | percent }}\n"
    text += "{% if true %}\n  {% if true %}\nx\n{% endif %}{% endif %}\n\n"
    (folder / "t.j2").write_text(text)
    shown = render("t.j2", {"a": "<b>", "b": 1234567, "c": 0.5})
    assert shown == "&lt;b&gt; 1,234,567 50.0\N{NO-BREAK SPACE}%\nx\n\n"


def test_a_broken_template_is_named_with_its_line(folder: Path) -> None:
    (folder / "bad.j2").write_text("line\n{% if %}")
    (folder / "unset.j2").write_text("{{ nothing }}")
    for name, message in (
        ("bad.j2", r"bad\.j2:2: "),
        ("unset.j2", r"unset\.j2: .*nothing"),
        ("gone.j2", rf"{templates.TEMPLATES}/gone\.j2: "),
    ):
        with pytest.raises(RenderError, match=message):
            render(name, {})
