"""``reportgen index``: what is printed, exit codes, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.publish.runs import made


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_folder_for_reports_is_the_default(here: Path, invoke: Any) -> None:
    made(Path("reports"))
    done = invoke("index")
    assert (done.code, done.err) == (0, "")
    assert done.out == "Index reports/index.html\nFound 1 run in 1 experiment\n"
    assert Path("reports/trial/index.html").is_file()


def test_other_folders_are_counted(here: Path, invoke: Any) -> None:
    run = made(Path("mine"))
    made(Path("mine"), 1, experiment="second")
    (run.parent / "notes").mkdir()
    done = invoke("index", "mine")
    assert done.out.splitlines()[1] == (
        "Found 2 runs in 2 experiments; 1 other folder named with a reason"
    )


def test_an_error_is_one_line(here: Path, invoke: Any) -> None:
    done = invoke("index", "none")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: none: cannot be read (No such file or directory)\n"
    made(Path("reports"))
    Path("reports/index.html").write_text("mine")
    done = invoke("index")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: reports/index.html: another program wrote it; move it, or use another folder for"
        " reports\n"
    )


def test_a_run_goes_on_without_its_index(here: Path, invoke: Any, data: Path) -> None:
    Path("reports").mkdir()
    Path("reports/index.html").write_text("mine")
    words = ("--data", str(data), "--checkpoint", "c", "--explain", "0", "--pdf-examples", "1")
    from tests.cli.conftest import SMALL

    assert invoke("train", "--data", str(data), "--out", "c", *SMALL).code == 0
    done = invoke("run", *words)
    assert done.code == 0
    assert "warning: the index lacks this run: reports/index.html: another program" in done.err
    assert Path("reports/mine/index.html").is_file()
    assert Path("reports/index.html").read_text() == "mine"
