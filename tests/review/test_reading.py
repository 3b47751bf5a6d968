"""Files of answers: which are read at all, and which of them are of one reviewer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reportgen.errors import ReviewError
from reportgen.review import reading
from reportgen.review.answers import Sheet
from reportgen.review.reading import read_answers, reviewers
from tests.review import papers

RUN = "ab" * 32
IDS = {"e00", "e01"}
ONE = {"e00": {"label": "wrong"}}


def test_a_pdf_and_an_export_are_told_apart_by_what_they_are(
    reviewed: Path, tmp_path: Path
) -> None:
    run = papers.run_hash(reviewed)
    empty = papers.paper(reviewed, ["e00"])
    filled = papers.by_viewer(empty, papers.values(empty, ONE))
    for name, content in (("a.json", filled), ("a.pdf", b" \n" + papers.export(run, ONE))):
        (tmp_path / name).write_bytes(content)
        sheet = read_answers(tmp_path / name, run, IDS)
        assert {id_: dict(given) for id_, given in sheet.answers.items()} == ONE
        assert sheet.file == str(tmp_path / name)


def refused(path: Path, message: str) -> None:
    with pytest.raises(ReviewError, match=message) as raised:
        read_answers(path, RUN, IDS)
    assert str(raised.value).startswith(f"{path}: ")


def test_what_is_no_file_of_answers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    refused(path, "cannot be read .No such file")
    refused(tmp_path, "cannot be read .Is a directory")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "not a regular file")
    for content in (b"", b"word", b"PK\x03\x04", b"[1]"):
        path.write_bytes(content)
        refused(path, "neither a PDF nor the answers that a report's page exports")
    path.write_bytes(papers.export(RUN, {"e00": {"label": ""}}))
    refused(path, "has no answer in it; leave it out")
    path.write_bytes(papers.export(RUN, {"e07": {"label": "wrong"}}))
    refused(path, "answers for example 'e07', which the run does not have")
    monkeypatch.setattr(reading, "LARGEST", 10)
    refused(path, "is larger than")


def sheet(file: str, name: str, **answers: dict[str, str]) -> Sheet:
    return Sheet(file, file, name, f"date of {file}", frozenset(answers), answers)


def test_files_with_one_name_are_of_one_reviewer() -> None:
    """As the volumes of a report are; case, width and spaces aside."""
    found = reviewers(
        [
            sheet("a.pdf", "Zoë", e00={"label": "wrong"}),
            sheet("b.pdf", "Bo", e00={"label": "right"}),
            sheet("c.pdf", "ＺＯË", e01={"label": "right"}, e00={"remark": "x", "label": "wrong"}),
        ]
    )
    assert [(r.name, r.files) for r in found] == [("Zoë", ("a.pdf", "c.pdf")), ("Bo", ("b.pdf",))]
    assert found[0].answers == {"e00": {"label": "wrong", "remark": "x"}, "e01": {"label": "right"}}
    assert found[0].dates == ("date of a.pdf", "date of c.pdf")
    assert [found[0].given(key) for key in ("label", "shading", "remark")] == [2, 0, 1]
    assert found[0].offered == 2


def test_one_reviewer_cannot_answer_twice() -> None:
    files = [
        sheet("a.pdf", "Zoë", e00={"label": "wrong"}),
        sheet("b.pdf", "zoë", e00={"label": "right"}),
    ]
    with pytest.raises(ReviewError, match=r"a\.pdf and b\.pdf: .* differ in the answer label of"):
        reviewers(files)


def test_files_without_a_name_are_of_reviewers_of_their_own() -> None:
    found = reviewers(
        [
            sheet("x/a.pdf", "", e00={"label": "wrong"}),
            sheet("y/a.pdf", "", e00={"label": "right"}),
            sheet("y/b.pdf", "", e00={"label": "right"}),
        ]
    )
    assert [r.name for r in found] == ["x/a.pdf", "y/a.pdf", "b.pdf"]
    assert not any(r.named for r in found)


def test_a_file_given_twice_counts_once() -> None:
    """Also one without a name, which would be two reviewers who agree."""
    one = sheet("a.pdf", "", e00={"label": "wrong"})
    copy = Sheet("b.pdf", one.sha256, "", "", None, one.answers)
    assert [r.files for r in reviewers([one, copy])] == [("a.pdf",)]


def test_what_a_file_does_not_say_is_not_counted() -> None:
    page = Sheet("b.json", "b", "Zoë", "", None, {"e01": {"label": "right"}})
    found = reviewers([sheet("a.pdf", "Zoë", e00={"label": "wrong"}), page])
    assert found[0].offered is None
    assert found[0].dates == ("date of a.pdf",)
