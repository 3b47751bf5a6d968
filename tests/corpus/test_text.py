from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.characters import legal
from reportgen.corpus.dataset import Dataset
from reportgen.corpus.text import clean
from tests.corpus.conftest import Write

BREAKS = ["<br />", "<br/>", "<br>", "<BR />", "<Br\n/>", "< br />", "</br>", '<br clear="all">']


@pytest.mark.parametrize("tag", BREAKS)
def test_a_line_break_in_any_spelling_is_a_space(tag: str) -> None:
    assert clean(f"one.{tag}{tag}Two") == ("one.  Two", 0)


@pytest.mark.parametrize("text", ["<bread>", "<b>r</b>", "a < br", "<brown />", "br />", "<hr />"])
def test_other_tags_stay(text: str) -> None:
    assert clean(text) == (text, 0)


@pytest.mark.parametrize(
    "char", ["\0", "\x08", "\x0b", "\x1f", "\x7f", "\x80", "\x96", "\ud800", "\uffff"]
)
def test_an_illegal_character_is_replaced_and_counted(char: str) -> None:
    assert legal(f"a{char}b{char}") == ("a\ufffdb\ufffd", 2)


@pytest.mark.parametrize("text", ["\t\n\r", "é\xa0ß", "שלום", "😀\u200d", "\ufffd", "\U0010ffff"])
def test_a_legal_character_stays(text: str) -> None:
    assert legal(text) == (text, 0)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\0\x85\ud800\udc00")))
def test_legal_text_has_the_same_length_and_fits_utf8(text: str) -> None:
    safe, count = legal(text)
    assert len(safe) == len(text)
    assert count == sum(a != b for a, b in zip(text, safe, strict=True))
    assert safe.encode().decode() == safe
    assert legal(safe) == (safe, 0)


def test_illegal_characters_of_a_file_are_counted(data: Path, write: Write) -> None:
    write("test.csv", "id,text,label,no\0te\na,x\0y\x96<br />z,pos\0,\x85\n")
    row = {"id": "b\x01<br>", "text": "lone \ud83d and pair \U0001f600", "label": " pos ", "n": "é"}
    write("more.jsonl", json.dumps(row))
    dataset = Dataset.open(data)
    split = dataset.read("test")
    (example,) = split.examples
    assert example.text == "x\ufffdy\ufffd z"
    assert example.label == "pos\ufffd"
    assert example.extra == {"no\ufffdte": "\ufffd"}
    assert split.replaced_characters == 5
    split = dataset.read("more")
    (example,) = split.examples
    assert (example.id, example.label) == ("b\ufffd<br>", "pos")
    assert example.text == "lone \ufffd and pair \U0001f600"
    assert example.extra == {"n": "é"}
    assert split.replaced_characters == 2


def test_a_label_is_compared_as_it_is_shown(data: Path, write: Write) -> None:
    write("test.csv", 'text,label\none, pos\ntwo,"pos\n"\nthree,n\0\n')
    split = Dataset.open(data).read("test", ["n\ufffd", "pos"])
    assert [e.label for e in split.examples] == ["pos", "pos", "n\ufffd"]
