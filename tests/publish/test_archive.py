import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest

from reportgen.errors import ArchiveError, UsageError
from reportgen.publish.archive import git_state, new_run, run_folder, run_time
from reportgen.publish.verification import Difference, verify

INPUTS = {"b": 1, "a": ["x"]}


@pytest.fixture
def run(tmp_path):
    with new_run(tmp_path, "trial", INPUTS) as made:
        (made.folder / "index.html").write_text("page")
        (made.folder / "assets").mkdir()
        (made.folder / "assets" / "x.css").write_text("css")
    return made.destination


def test_the_folder_is_named_by_time_and_run_hash(run):
    digest = hashlib.sha256((run / "inputs.json").read_bytes()).hexdigest()
    assert re.fullmatch(rf"\d{{8}}T\d{{6}}Z-{digest[:8]}", run.name)
    assert json.loads((run / "inputs.json").read_text()) == INPUTS


def test_the_manifest_has_sha256_and_size_of_every_file(run):
    files = json.loads((run / "manifest.json").read_text())["files"]
    assert sorted(files) == ["assets/x.css", "index.html", "inputs.json"]
    assert files["index.html"] == {"sha256": hashlib.sha256(b"page").hexdigest(), "size": 4}


def test_latest_names_the_newest(run, tmp_path):
    latest = tmp_path / "trial" / "latest"
    assert latest.resolve() == run
    with new_run(tmp_path, "trial", {"c": 2}) as second:
        pass
    assert latest.resolve() == second.destination


def test_latest_is_a_file_where_links_cannot_be(tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError("no links here")

    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    with new_run(tmp_path, "trial", INPUTS) as made:
        pass
    assert (tmp_path / "trial" / "latest").read_text() == made.id + "\n"


def test_an_intact_run_verifies(run):
    assert verify(run) == []


def test_verify_finds_changed_missing_and_new(run):
    (run / "index.html").write_text("Page")
    (run / "assets" / "x.css").unlink()
    (run / "assets" / "new.txt").write_text("")
    assert verify(run) == [
        Difference("missing", "assets/x.css"),
        Difference("new", "assets/new.txt"),
        Difference("changed", "index.html"),
    ]


def test_verify_notices_inputs_and_manifest_changed_together(run):
    (run / "inputs.json").write_text("{}")
    manifest = json.loads((run / "manifest.json").read_text())
    digest = hashlib.sha256(b"{}").hexdigest()
    manifest["files"]["inputs.json"] = {"sha256": digest, "size": 2}
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert verify(run) == [Difference("changed", "manifest.json")]


def test_verify_notices_a_link_in_place_of_a_file(run):
    shutil.copy(run / "index.html", run.parent / "copy")
    (run / "index.html").unlink()
    (run / "index.html").symlink_to(run.parent / "copy")
    assert verify(run) == [Difference("changed", "index.html")]


def test_verify_needs_a_run(tmp_path):
    with pytest.raises(ArchiveError, match=r"not a run folder \(there is no manifest\.json\)$"):
        verify(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(ArchiveError, match=r"manifest\.json: damaged"):
        verify(tmp_path)


def test_an_experiment_is_told_from_a_run(run):
    (run.parent / "latest").unlink(missing_ok=True)
    (run.parent / "latest").symlink_to(run.name)
    with pytest.raises(ArchiveError, match=r"; it is an experiment, whose newest run is .*latest$"):
        run_folder(run.parent)
    assert run_folder(run.parent / "latest") == run


def fail_halfway(reports, error):
    with new_run(reports, "trial", INPUTS) as made:
        (made.folder / "half.html").write_text("half")
        raise error


def test_a_failed_run_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail_halfway(tmp_path, ZeroDivisionError())
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fail_halfway(tmp_path, KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_an_error_and_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    with new_run(tmp_path, "trial", INPUTS) as made:
        (made.folder / "index.html").write_text("first")
    said = r"20231114T221320Z-[0-9a-f]{8}: this run already exists; choose another --out$"
    with pytest.raises(ArchiveError, match=said), new_run(tmp_path, "trial", INPUTS):
        pytest.fail("opened")
    assert (made.destination / "index.html").read_text() == "first"


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "a b"])
def test_an_experiment_must_name_a_folder(tmp_path, name):
    with pytest.raises(UsageError, match="--experiment"), new_run(tmp_path, name, INPUTS):
        pytest.fail("opened")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ArchiveError, match="cannot be written"),
        new_run(tmp_path / "file", "trial", INPUTS),
    ):
        pytest.fail("opened")


def test_source_date_epoch(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert run_time().isoformat() == "1970-01-01T00:00:00+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH: 'soon' is not a number of seconds"):
        run_time()


def test_git_state_outside_a_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state() is None
    monkeypatch.setenv("PATH", os.devnull)
    assert git_state() is None


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "file").write_text("one")
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    for words in (("init", "-q"), ("add", "file"), (*who, "commit", "-q", "-m", "one")):
        subprocess.run(["git", *words], check=True)
    return folder


def test_git_state_says_whether_files_differ_from_the_commit(repository):
    state = git_state()
    assert re.fullmatch("[0-9a-f]{40}", state["commit"])
    assert state["changed"] is False
    (repository / "new").write_text("not tracked")
    assert git_state()["changed"] is False
    (repository / "file").write_text("two")
    assert git_state() == {"commit": state["commit"], "changed": True}


@pytest.mark.parametrize("failure", ["fails", "hangs"])
def test_a_git_status_that_says_nothing_is_unknown(repository, monkeypatch, failure):
    run = subprocess.run

    def broken(words, **options):
        if "status" in words:
            if failure == "hangs":
                raise subprocess.TimeoutExpired(words, 20)
            return subprocess.CompletedProcess(words, 128, "", "fatal: index file corrupt")
        return run(words, **options)

    monkeypatch.setattr(subprocess, "run", broken)
    assert git_state()["changed"] is None


def test_a_finished_run_can_be_read_by_others(run):
    assert run.stat().st_mode & 0o777 == 0o755


def test_a_folder_whose_name_is_not_utf_8_is_refused(tmp_path):
    with (
        pytest.raises(UsageError, match="UTF-8"),
        new_run(tmp_path / "\udcff", "trial", INPUTS),
    ):
        pytest.fail("opened")
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_finished_where_latest_cannot_name_it(tmp_path):
    lines = []

    class Said:
        say = lines.append

    (tmp_path / "trial" / "latest" / "full").mkdir(parents=True)
    with new_run(tmp_path, "trial", INPUTS, Said()) as target:
        pass
    assert verify(target.destination) == []
    (line,) = lines
    assert line.startswith("warning:")
    assert str(target.destination) in line
    assert sorted(path.name for path in (tmp_path / "trial").iterdir()) == [target.id, "latest"]
