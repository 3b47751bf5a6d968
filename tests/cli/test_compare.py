"""``reportgen compare``: what is printed, exit codes, the gate."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.tables import INFO, drawn, row, rows, write
from tests.conftest import ROOT

GOLD, FIRST, SECOND = drawn(60, seed=4)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(Path(), "a", rows(GOLD, FIRST))
    turned = [replace(r, probabilities=r.probabilities[::-1].copy()) for r in rows(GOLD, FIRST)]
    write(Path(), "b", turned)
    return tmp_path


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_headline_and_the_files_are_told(here: Path, invoke: Any) -> None:
    done = invoke("compare", "a.parquet", "b.parquet", "--pdf-examples", "1", "--quiet")
    assert (done.code, done.err) == (0, "")
    head, html, pdf, size, digest = done.out.splitlines()
    assert plain(head).startswith("B is worse than A beyond chance: accuracy ")
    run = Path(html.removeprefix("HTML  ")).parent
    assert run.parent == Path("reports/small")
    assert pdf == f"PDF   {run / 'report.pdf'}"
    assert size.startswith("Size  ")
    assert len(digest) == len("Digest ") + 64
    stored = json.loads((run / "metrics.json").read_text())
    assert stored["headline"] == head
    assert [r["letter"] for r in stored["runs"]] == ["A", "B"]
    assert invoke("verify", str(run)).code == 0


def test_a_run_and_itself(here: Path, invoke: Any) -> None:
    done = invoke("compare", "a.parquet", "a.parquet", "--fail-worse", "accuracy=0")
    assert done.code == 0
    assert done.out.splitlines()[0] == (
        "The same predictions: both runs give 60 examples equal probabilities"
    )


def test_the_gate_ends_with_3_where_it_is_worse_beyond_chance(here: Path, invoke: Any) -> None:
    words = ("a.parquet", "b.parquet", "--pdf-examples", "0", "--quiet")
    done = invoke("compare", *words, "--fail-worse", "accuracy=0.01", "--fail-worse", "ece=0.9")
    assert done.code == 3
    line = done.err.splitlines()[-1]
    assert line.startswith("error: B is worse than A in accuracy by 0.")
    assert line.endswith("beyond the margin of 0.01")
    back = invoke("compare", *words[1::-1], *words[2:], "--fail-worse", "accuracy=0.01")
    assert (back.code, back.err) == (0, "")
    assert invoke("compare", *words, "--fail-worse", "accuracy=0.99", "--experiment", "x").code == 0


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ((), 2, "Missing argument 'RUN_A RUN_B ...'"),
        (("a.parquet",), 2, "1 run given; a comparison takes 2 to 26"),
        (("a.parquet", "none"), 1, "none: no such run folder or predictions table"),
        (("a.parquet", "c.parquet"), 1, "c.parquet: has other classes than the first run (lacks"),
        (("a.parquet", "d.parquet"), 1, "a.parquet and d.parquet: share no example"),
        (
            ("a.parquet", "b.parquet", "--fail-worse", "acc=1"),
            2,
            "--fail-worse acc: no such metric",
        ),
        (("a.parquet", "b.parquet", "--fail-worse", "accuracy"), 2, "is not NAME=VALUE"),
        (("a.parquet", "b.parquet", "--fail-worse", "accuracy=-1"), 2, "it is at least 0"),
        (("a.parquet", "b.parquet", "--slice", "topic"), 2, "--slice topic: the data have no such"),
    ],
)
def test_an_error_is_one_line(
    here: Path, invoke: Any, words: tuple[str, ...], code: int, error: str
) -> None:
    info = replace(INFO, classes=("bad", "good"))
    write(here, "c", [row("e0000", "bad", (0.9, 0.1))], info)
    write(here, "d", [row("x", "no", (0.9, 0.1))])
    done = invoke("compare", *words)
    assert (done.code, done.out) == (code, "")
    (line,) = done.err.splitlines()
    assert line.startswith("error: ")
    assert error in line
    assert not Path("reports").exists()


def test_the_gate_of_the_readme(here: Path) -> None:
    """The script of the README, with a stand-in for the prediction, which another test runs."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (script,) = [block for block in blocks if "--fail-worse" in block]
    commands = here / "bin"
    commands.mkdir()
    stand_in = commands / "reportgen"
    stand_in.write_text(
        f'#!/bin/sh\n[ "$1" = predict ] && exit 0\nexec {sys.executable} -m reportgen "$@"\n'
    )
    stand_in.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{commands}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    for main, new, code in (("a", "b", 3), ("b", "a", 0)):
        shutil.copy(f"{main}.parquet", "main.parquet")
        shutil.copy(f"{new}.parquet", "new.parquet")
        done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert ("the new model is worse: see compared/" in done.stderr) == (code == 3)
    assert len(list(Path("compared").glob("*/*/metrics.json"))) == 2
