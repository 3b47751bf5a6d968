"""The indexes on disk: when they are written, what is never replaced, two runs that end at once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from reportgen.errors import ArchiveError, UsageError
from reportgen.progress import Silent
from reportgen.publish import indexing
from reportgen.publish.indexing import Indexed, refresh_index, update_index, write_index
from tests.publish.conftest import Page
from tests.publish.runs import made, measured, rewritten


class Said(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def listed(page: Path) -> set[str]:
    """The runs that a page links to."""
    links = Page(page.read_text()).targets
    return {part for link in links for part in re.findall(r"\d{8}T\d{6}Z-\w{8}", link)}


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_both_indexes_list_a_finished_run(tmp_path: Path) -> None:
    first, other = made(tmp_path), made(tmp_path, 1, experiment="other")
    second = made(tmp_path, 2)
    before, said = files(tmp_path), Said()
    update_index(second, said)
    assert listed(tmp_path / "index.html") == {first.name, second.name, other.name}
    assert listed(tmp_path / "trial" / "index.html") == {first.name, second.name}
    assert files(tmp_path) - before == {"index.html", "trial/index.html"}
    assert said.lines == []


def test_a_report_updates_the_indexes(finished: Path) -> None:
    for page in (finished.parent / "index.html", finished.parent.parent / "index.html"):
        assert listed(page) == {finished.name}


def test_the_command_writes_the_index_of_every_experiment(tmp_path: Path) -> None:
    made(tmp_path)
    made(tmp_path, 1, experiment="other")
    (tmp_path / "trial" / "notes").mkdir()
    assert write_index(tmp_path) == Indexed(tmp_path / "index.html", 2, 2, 1, 0)
    assert (tmp_path / "other" / "index.html").is_file()
    assert not list(tmp_path.rglob(".reportgen*"))


def test_after_a_run_only_new_runs_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(3):
        made(tmp_path, day)
    write_index(tmp_path)
    read: list[str] = []
    real = indexing.read_runs.__globals__["read_facts"].__globals__["_read"]

    def count(folder: Path, pages: Any) -> Any:
        read.append(folder.name)
        return real(folder, pages)

    monkeypatch.setattr("reportgen.publish.past._read", count)
    new = made(tmp_path, 3)
    update_index(new, Silent())
    assert read == [new.name]
    assert len(listed(tmp_path / "index.html")) == 4
    read.clear()
    write_index(tmp_path)
    assert len(read) == 4


@pytest.mark.parametrize("text", ["", "<script type='x'", '"runs":[[1,2,3]]', "not json"])
def test_an_index_that_is_damaged_is_made_anew(tmp_path: Path, text: str) -> None:
    run = made(tmp_path)
    write_index(tmp_path)
    page = tmp_path / "index.html"
    head, middle, _ = page.read_text().partition('id="known">')
    page.write_text(head + middle + text)
    update_index(run, Silent())
    assert listed(page) == {run.name}


def test_a_deleted_run_leaves_the_index(tmp_path: Path) -> None:
    gone, run = made(tmp_path), made(tmp_path, 1)
    write_index(tmp_path)
    shutil.rmtree(gone)
    update_index(run, Silent())
    assert listed(tmp_path / "index.html") == {run.name}


def test_a_run_that_ends_meanwhile_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other wrote its page between our reading and our writing; ours must not undo it."""
    first = made(tmp_path)
    real, others = indexing._replace, []

    def late(page: Path, text: str) -> None:
        if not others:
            others.append(made(tmp_path, 1))
            update_index(others[0], Silent())
        real(page, text)

    monkeypatch.setattr(indexing, "_replace", late)
    update_index(first, Silent())
    for page in (tmp_path / "index.html", tmp_path / "trial" / "index.html"):
        assert listed(page) == {first.name, others[0].name}


def reviewed(run: Path) -> None:
    (run.parent / f"{run.name}-review").mkdir()
    (run.parent / f"{run.name}-review" / "index.html").touch()


def test_a_review_that_comes_meanwhile_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path)
    real, pages = indexing._replace, []

    def late(page: Path, text: str) -> None:
        if not pages:
            reviewed(run)
        pages.append(page)
        real(page, text)

    monkeypatch.setattr(indexing, "_replace", late)
    update_index(run, Silent())
    assert "-review/index.html" in (tmp_path / "index.html").read_text()
    assert len(pages) == 4


def test_a_review_is_listed_where_its_run_is(tmp_path: Path) -> None:
    run = made(tmp_path)
    write_index(tmp_path)
    reviewed(run)
    refresh_index(run.parent / "latest", Silent())
    for page in (tmp_path / "index.html", tmp_path / "trial" / "index.html"):
        assert "-review/index.html" in page.read_text()


@pytest.mark.parametrize("missing", ["index.html", "trial/index.html"])
def test_beside_a_run_that_was_moved_nothing_is_written(tmp_path: Path, missing: str) -> None:
    run = made(tmp_path)
    write_index(tmp_path)
    (tmp_path / missing).unlink()
    before = files(tmp_path)
    refresh_index(run, Silent())
    (tmp_path / missing).write_text("mine")
    refresh_index(run, Silent())
    assert files(tmp_path) == before | {missing}


@pytest.mark.parametrize("place", ["index.html", "trial/index.html"])
def test_a_page_of_another_program_stays(tmp_path: Path, place: str) -> None:
    run, said = made(tmp_path), Said()
    (tmp_path / place).write_text("<!doctype html><p>mine")
    update_index(run, said)
    assert (tmp_path / place).read_text() == "<!doctype html><p>mine"
    (line,) = said.lines
    assert line.startswith(f"warning: the index lacks this run: {tmp_path / place}: another pro")
    other = "trial/index.html" if place == "index.html" else "index.html"
    assert listed(tmp_path / other) == {run.name}
    with pytest.raises(ArchiveError, match="another program wrote it"):
        write_index(tmp_path)


def test_what_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    run, said = made(tmp_path), Said()
    (tmp_path / "index.html").mkdir()
    update_index(run, said)
    assert said.lines == [
        f"warning: the index lacks this run: {tmp_path / 'index.html'}: cannot be written"
        " (Is a directory)"
    ]


def test_no_fault_of_an_index_stops_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, said = made(tmp_path), Said()
    monkeypatch.setattr(indexing, "index_page", lambda *given: 1 / 0)
    update_index(run, said)
    assert said.lines == [
        f"warning: the index lacks this run: {tmp_path / 'index.html'}: division by zero"
    ]


def test_damage_is_listed_and_stops_nothing(tmp_path: Path) -> None:
    run, damaged = made(tmp_path), made(tmp_path, 1)
    rewritten(damaged, "metrics.json", b"[")
    update_index(run, Silent())
    page = tmp_path / "index.html"
    assert listed(page) == {run.name}
    assert f"trial/{damaged.name}" in Page(page.read_text()).text


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("none", "none: cannot be read (No such file or directory)"),
        ("file", "file: cannot be read (Not a directory)"),
        ("empty", "empty: there is no run in it (REPORTS/EXPERIMENT/RUN)"),
        ("reports/trial", "reports/trial: not a folder for reports; did you mean HERE/reports?"),
        ("RUN", "RUN: not a folder for reports; did you mean HERE/reports?"),
    ],
)
def test_only_a_folder_for_reports_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run = str(made(Path("reports"), metrics=measured()))
    Path("empty").mkdir()
    Path("file").touch()
    before = files(tmp_path)
    with pytest.raises(UsageError) as refused:
        write_index(Path(run if place == "RUN" else place))
    expected = message.replace("RUN:", f"{run}:").replace("HERE", str(tmp_path))
    assert str(refused.value) == expected
    assert files(tmp_path) == before
