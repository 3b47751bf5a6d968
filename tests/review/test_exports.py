"""Answers that the page exported: read as they are, or refused in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reportgen.errors import ReviewError
from reportgen.review.answers import Place
from reportgen.review.exports import read_export
from tests.review import papers

RUN = "ab" * 32
PLACE = Place("a.json", RUN)
ANSWERS = {
    "e00": {"label": "wrong", "shading": "", "remark": " zwei\r\nZeilen 🙃 "},
    "none": {"remark": " \n"},
    "評価": {"shading": "partly"},
}


def test_answers_come_back_without_the_empty_ones() -> None:
    sheet = read_export(PLACE, papers.export(RUN, ANSWERS, " Zoë  李\n", "2026-11-20"))
    assert {id_: dict(given) for id_, given in sheet.answers.items()} == {
        "e00": {"label": "wrong", "remark": "zwei\nZeilen 🙃"},
        "評価": {"shading": "partly"},
    }
    assert (sheet.name, sheet.date, sheet.offered) == ("Zoë 李", "2026-11-20", None)


def test_a_byte_order_mark_and_no_reviewer() -> None:
    content = b"\xef\xbb\xbf" + papers.export(RUN, ANSWERS, reviewer={})
    assert read_export(PLACE, content).name == ""
    content = papers.export(RUN, ANSWERS, reviewer={"name": None})
    assert read_export(PLACE, content).name == ""


def test_characters_that_no_file_can_hold_are_replaced() -> None:
    content = json.dumps(
        {
            "format": "reportgen.answers",
            "version": 1,
            "run": RUN,
            "reviewer": {"name": "a\ud800"},
            "answers": {"e00": {"remark": "x\ud800\x00"}},
        }
    ).encode()
    sheet = read_export(PLACE, content)
    assert (sheet.name, sheet.answers["e00"]["remark"]) == ("a\ufffd", "x\ufffd\ufffd")


REFUSED: dict[str, tuple[Any, str]] = {
    "cut": (papers.export(RUN, ANSWERS)[:-3], "is damaged"),
    "not utf-8": (b'{"format": "\xff"}', "is damaged"),
    "deep": (b'{"a":' * 100_000, "nested too deeply"),
    "nan": (b'{"format": NaN}', "NaN is no JSON"),
    "long number": (b'{"format": ' + b"1" * 10_000 + b"}", "is damaged"),
    "other format": ({"format": "x"}, "not of the format reportgen.answers"),
    "later": ({"version": 2}, "has version 2, and this program reads 1; collect it with"),
    "version": ({"version": "1\n"}, "has version '1"),
    "true": ({"version": [1]}, "has version 'list'"),
    "other run": ({"run": "cd" * 32}, r"answers another run \(cdcdcdcd, not abababab\)"),
    "no run": ({"run": None}, "an unknown run"),
    "no answers": ({"answers": []}, "it has no answers"),
    "reviewer": ({"reviewer": "me"}, "it has no answers"),
    "name": ({"reviewer": {"name": 1}}, "the reviewer's name is no text"),
    "example": ({"answers": {"e00": "wrong"}}, r"is damaged \(example 'e00'\)"),
    "question": ({"answers": {"e00": {"mood": "good"}}}, "not asked: 'mood'"),
    "type": ({"answers": {"e00": {"label": ["wrong"]}}}, "label of example 'e00' is no text"),
    "value": ({"answers": {"e\x1b": {"label": "no"}}}, r"'no', not one of right, wrong, ambiguous"),
    "length": ({"answers": {"e00": {"remark": "x" * 100_001}}}, "more than 100,000 characters"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_export_of_the_run_is_refused(case: str) -> None:
    given, message = REFUSED[case]
    content = given if isinstance(given, bytes) else papers.export(RUN, ANSWERS, **given)
    with pytest.raises(ReviewError, match=message) as raised:
        read_export(PLACE, content)
    assert str(raised.value).startswith("a.json: ")
    assert "\n" not in str(raised.value)
    assert "\x1b" not in str(raised.value)
