"""``reportgen pack`` and ``verify`` of what it wrote: what is printed, and exit codes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from reportgen.publish.archive import new_run, run_digest


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with new_run(Path("reports"), "trial", {"a": 1}) as target:
        (target.folder / "heatmaps").mkdir()
        (target.folder / "heatmaps" / "a.png").write_bytes(bytes(3_000_000))
        (target.folder / "index.html").write_text("page")
    return target.destination


def test_a_run_is_packed_and_checked(run: Path, invoke: Any) -> None:
    done = invoke("pack", "reports/trial/latest", "--out", "a.zip")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"File  a.zip\nSize  3.0 MB\nDigest {run_digest(run)}\n"
    done = invoke("verify", "a.zip", "--digest", run_digest(run))
    assert (done.code, done.out, done.err) == (0, "a.zip: every hash matches\n", "")


def test_left_out_heatmaps_are_told(run: Path, invoke: Any) -> None:
    done = invoke("pack", str(run), "--no-heatmaps")
    file = run.with_name(f"{run.name}-no-heatmaps.zip")
    assert done.out.splitlines()[:3] == [f"File  {file}", "Size  0.0 MB", "Left out 1 heatmap"]
    done = invoke("verify", str(file))
    assert (done.code, done.out) == (0, f"{file}: every hash matches; 1 heatmap left out\n")


def test_a_difference_ends_with_code_1(run: Path, invoke: Any) -> None:
    invoke("pack", str(run), "--out", "a.zip")
    with zipfile.ZipFile("a.zip", "a") as archive:
        archive.writestr(f"{run.name}/\x1bmore", "")
    done = invoke("verify", "a.zip")
    assert (done.code, done.out) == (1, "new      \\x1bmore\n")
    assert done.err == "a.zip: 1 file differs\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pack", "none"], "error: none: not a run folder (there is no manifest.json)\n"),
        (["pack", "RUN", "--out", "text"], "error: text: already exists; choose another --out\n"),
        (["verify", "text"], "error: text: not a whole zip file (File is not a zip file)\n"),
    ],
)
def test_an_error_is_one_line(run: Path, invoke: Any, words: list[str], message: str) -> None:
    Path("text").write_text("text")
    done = invoke(*[str(run) if word == "RUN" else word for word in words])
    assert (done.code, done.out, done.err) == (1, "", message)
