"""``reportgen collect``: what is printed, exit codes, and errors of one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reportgen.publish.archive import run_digest
from tests.review import papers


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_was_written_is_told(here: Path, reviewed: Path, invoke: Any) -> None:
    run = papers.run_hash(reviewed)
    for name, answer in (("ann", "right"), ("bo", "wrong")):
        answers = {"e00": {"label": answer}}
        Path(f"{name}.json").write_bytes(papers.export(run, answers, name))
    done = invoke("collect", str(reviewed), "ann.json", "bo.json", "--out", "review")
    assert done.code == 0
    *lines, size, digest = done.out.splitlines()
    assert lines == [
        "2 reviewers on 1 of 36 examples; the majority finds no label wrong",
        "HTML  review/index.html",
        "PDF   review/review.pdf",
        "CSV   review/reviews.csv",
    ]
    assert size.startswith("Size  ")
    assert digest == f"Digest {run_digest(Path('review'))}"
    assert done.err.startswith("answers: 2 files in ")
    done = invoke("verify", "review")
    assert (done.code, done.out) == (0, "review: every hash matches\n")
    done = invoke("collect", "--quiet", str(reviewed), "ann.json", "--out", "review")
    there = "review: a review stands there already; choose another --out, or move it away"
    assert (done.code, done.out, done.err) == (1, "", f"error: {there}\n")


def test_a_run_and_answers_are_needed(here: Path, invoke: Any) -> None:
    done = invoke("collect", "run")
    assert done.code == 2
    assert done.err == ("error: Missing argument 'ANSWERS...'. (see `reportgen collect --help`)\n")
    done = invoke("collect", "run", "a.pdf")
    assert (done.code, done.err) == (
        1, "error: run: not a run folder (there is no manifest.json)\n",
    )  # fmt: skip


def test_a_file_that_is_none_is_an_error_of_one_line(
    here: Path,
    reviewed: Path,
    invoke: Any,
) -> None:
    Path("a\x1b.pdf").write_bytes(b"%PDF-1.7\nnothing")
    done = invoke("collect", "--quiet", str(reviewed), "a\x1b.pdf", "--out", "review")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: a\\x1b.pdf: not a whole PDF (")
    assert done.err.count("\n") == 1
    assert not Path("review").exists()
