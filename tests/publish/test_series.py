"""Which folders are runs, which stand beside one, which are damaged or foreign."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reportgen.publish.past import Flaw
from reportgen.publish.series import Archive, Experiment, Odd, find_runs, read_runs
from tests.publish.runs import made


def archive(reports: Path) -> Archive:
    return read_runs(reports, find_runs(reports), {})


def test_runs_stand_in_the_order_of_time(tmp_path: Path) -> None:
    made(tmp_path, 2, experiment="a")
    made(tmp_path, 0, experiment="a")
    made(tmp_path, 1, experiment="b")
    got = archive(tmp_path)
    assert [(run.experiment, run.time.day) for run in got.runs] == [("a", 14), ("b", 15), ("a", 16)]
    assert got.odd == ()
    assert set(got.known) == {(run.experiment, run.id) for run in got.runs}


def test_known_runs_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    known = archive(tmp_path).known
    monkeypatch.setattr("reportgen.publish.past.open_regular", None)
    assert len(read_runs(tmp_path, find_runs(tmp_path), known).runs) == 1


def test_latest_checkpoints_and_temporary_folders_are_nothing_to_list(tmp_path: Path) -> None:
    run = made(tmp_path)
    for name in ("checkpoint", "calibrated"):
        (run.parent / name).mkdir()
        (run.parent / name / "model.safetensors").touch()
    (run.parent / ".reportgen-x").mkdir()
    (run.parent / f"{run.name}.zip").touch()
    shutil.copytree(run.parent / "checkpoint", tmp_path / "trained" / "checkpoint")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "README.md").touch()
    assert [e.odd for e in find_runs(tmp_path)] == [(), (), ()]
    assert [e.name for e in find_runs(tmp_path) if e.runs] == ["trial"]


def test_a_latest_that_is_a_folder_is_no_run(tmp_path: Path) -> None:
    run = made(tmp_path)
    (run.parent / "latest").unlink()
    (run.parent / "latest").mkdir()
    (tmp_path / "latest").mkdir()
    assert find_runs(tmp_path) == [Experiment("trial", (run.name,))]


def test_what_was_made_of_a_run_stands_beside_it(tmp_path: Path) -> None:
    run, other = made(tmp_path), made(tmp_path, 1)
    for name in (f"{run.name}-review", f"{run.name}-review-2", f"{other.name}-empty"):
        (run.parent / name).mkdir()
        if "review" in name:
            (run.parent / name / "index.html").touch()
    got = archive(tmp_path)
    assert [entry.beside for entry in got.runs] == [("review", "review-2"), ()]
    assert got.odd == (Odd("trial", f"{other.name}-empty", Flaw.FOREIGN),)


def test_other_folders_are_named_with_the_reason(tmp_path: Path) -> None:
    run = made(tmp_path)
    damaged = made(tmp_path, 1)
    (damaged / "manifest.json").unlink()
    (run.parent / "notes").mkdir()
    shutil.copytree(run, run.parent / "copy")
    shutil.copytree(run, run.parent / "second")
    (run.parent / "second" / "review.json").touch()
    (tmp_path / "elsewhere" / "src").mkdir(parents=True)
    (run.parent / f"{made(tmp_path, 2).name}-review").mkdir()
    got = archive(tmp_path)
    assert {(o.experiment, o.name): o.flaw for o in got.odd} == {
        ("trial", damaged.name): Flaw.NO_MANIFEST,
        ("trial", "notes"): Flaw.FOREIGN,
        ("trial", "copy"): Flaw.RENAMED,
        ("trial", "second"): Flaw.REVIEW,
        ("trial", f"{got.runs[-1].id}-review"): Flaw.FOREIGN,
        ("elsewhere", ""): Flaw.FOREIGN,
    }
    assert len(got.runs) == 2
    assert len(got.known) == 2


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path)
    (tmp_path / "closed").mkdir()
    from reportgen.publish import series

    folders = series._folders

    def refuse(place: Path) -> list[str]:
        if place.name == "closed":
            raise PermissionError(13, "Permission denied")
        return folders(place)

    monkeypatch.setattr(series, "_folders", refuse)
    got = archive(tmp_path)
    assert got.odd == (Odd("closed", "", Flaw.UNREADABLE, "Permission denied"),)
    assert len(got.runs) == 1
