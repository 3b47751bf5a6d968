"""What a terminal is spared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.characters import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Accuracy 81\xa0% ✓ naïve 日本 👩\u200d🚀", "Accuracy 81\xa0% ✓ naïve 日本 👩\u200d🚀"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\u202eabc\u2066\ufeff\u2028", r"\u202eabc\u2066\ufeff\u2028"),
        ("\udcff", r"\udcff"),
    ],
)
def test_only_what_could_mislead_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_what_is_printed_is_one_line_of_visible_characters(text: str) -> None:
    shown = printable(text)
    assert shown.splitlines() in ([], [shown])
    kept = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert kept <= {"\u200c", "\u200d"}
