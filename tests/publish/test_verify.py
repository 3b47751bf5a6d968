"""What a changed archive may look like; each change is reported, and no name is printed raw."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reportgen.errors import ArchiveError
from reportgen.publish.archive import new_run, run_digest
from reportgen.publish.verification import Difference, verify

CHANGED_MANIFEST = [Difference("changed", "manifest.json")]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    with new_run(tmp_path, "trial", {"a": 1}) as target:
        (target.folder / "index.html").write_text("page")
        (target.folder / "assets").mkdir()
        (target.folder / "assets" / "x.css").write_text("css")
    return target.destination


def rewrite(run: Path, change: Callable[[Any], None]) -> None:
    """Change the manifest and write it in the program's own form."""
    manifest = json.loads((run / "manifest.json").read_bytes())
    change(manifest)
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (run / "manifest.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("target", ["..", ".", "/usr", "loop", "nowhere", "assets"])
def test_an_added_link_is_new_wherever_it_leads(run: Path, target: str) -> None:
    (run / "loop").symlink_to(target)
    (run / "assets" / "inner").symlink_to(target)
    assert verify(run) == [Difference("new", "assets/inner"), Difference("new", "loop")]


def test_a_folder_replaced_by_a_link_to_its_copy_is_missing(run: Path) -> None:
    (run / "assets").rename(run.parent / "copy")
    (run / "assets").symlink_to(run.parent / "copy")
    assert verify(run) == [Difference("missing", "assets/x.css"), Difference("new", "assets")]


def test_a_manifest_that_is_a_link_is_changed(run: Path) -> None:
    (run / "manifest.json").rename(run.parent / "elsewhere")
    (run / "manifest.json").symlink_to(run.parent / "elsewhere")
    assert verify(run) == CHANGED_MANIFEST


def test_a_link_to_the_run_is_the_run(run: Path) -> None:
    assert verify(run.parent / "latest") == []


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["files"]["index.html"].update(size=5),
        lambda m: m["files"]["index.html"].update(size=4.0),
        lambda m: m["files"]["index.html"].update(note="more"),
        lambda m: m.update(format=1.0),
        lambda m: m.update(more=1),
        lambda m: m.update(run="0" * 64),
    ],
)
def test_a_changed_manifest_is_reported(run: Path, change: Callable[[Any], None]) -> None:
    rewrite(run, change)
    assert Difference("changed", "manifest.json") in verify(run)


def test_another_format_is_not_read(run: Path) -> None:
    rewrite(run, lambda m: m.update(format=7))
    with pytest.raises(ArchiveError, match=r"manifest\.json: format 7, and this version reads 1$"):
        verify(run)


def test_inputs_rewritten_with_the_manifest_do_not_fit_the_folder_s_name(run: Path) -> None:
    (run / "inputs.json").write_bytes(b"{}")
    digest = hashlib.sha256(b"{}").hexdigest()
    inputs = {"sha256": digest, "size": 2}
    rewrite(run, lambda m: m.update(run=digest, files={**m["files"], "inputs.json": inputs}))
    assert verify(run) == [Difference("renamed", run.name)]
    copy = run.rename(run.parent / "copy")
    assert verify(copy) == []  # which a digest kept elsewhere would show


def test_a_digest_kept_elsewhere_shows_any_change(run: Path) -> None:
    digest = run_digest(run)
    assert verify(run, digest) == verify(run, digest.upper()) == []
    (run / "index.html").write_text("Page")
    entry = {"sha256": hashlib.sha256(b"Page").hexdigest(), "size": 4}
    rewrite(run, lambda m: m["files"].update({"index.html": entry}))
    assert verify(run) == []
    assert verify(run, digest) == CHANGED_MANIFEST


def test_a_pipe_is_reported_and_never_waited_for(run: Path) -> None:
    os.mkfifo(run / "pipe")
    (run / "index.html").unlink()
    os.mkfifo(run / "index.html")
    assert verify(run) == [Difference("changed", "index.html"), Difference("new", "pipe")]
    (run / "manifest.json").unlink()
    os.mkfifo(run / "manifest.json")
    with pytest.raises(ArchiveError, match=r"cannot be read \(not a regular file\)$"):
        verify(run)


@pytest.mark.parametrize(
    "content",
    [b'{"format": 1, "files": ' + b"[" * 100_000, b"\xff", b'{"format": 1}', b"1",
     b'{"format": 1, "run": "x", "files": {"a": {"sha256": "x", "size": 1e999}}}'],
)  # fmt: skip
def test_a_damaged_manifest_is_one_error(run: Path, content: bytes) -> None:
    (run / "manifest.json").write_bytes(content)
    with pytest.raises(ArchiveError, match=r"manifest\.json: damaged \("):
        verify(run)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nx: every hash matches", r"a\nx: every hash matches"),
        ("\x1b[2Kgone", r"\x1b[2Kgone"),
        ("\u202egnp", r"\u202egnp"),
        ("\udcff", r"\udcff"),
    ],
)
def test_no_name_is_printed_raw(run: Path, invoke: Any, name: str, shown: str) -> None:
    (run / name).write_text("")
    done = invoke("verify", str(run))
    assert (done.code, done.out) == (1, f"new      {shown}\n")
    assert done.err == f"{run}: 1 file differs\n"


def test_a_surrogate_in_a_manifest_is_shown_escaped(run: Path, invoke: Any) -> None:
    text = (run / "manifest.json").read_text().replace("index.html", "\\ud800")
    (run / "manifest.json").write_text(text)
    done = invoke("verify", str(run))
    assert (done.code, done.err) == (1, f"{run}: 3 files differ\n")
    assert done.out == "missing  \\ud800\nnew      index.html\nchanged  manifest.json\n"


def test_an_output_whose_encoding_lacks_a_character_is_written_all_the_same(run: Path) -> None:
    (run / "日").write_text("")
    words = [sys.executable, "-m", "reportgen", "verify", str(run)]
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(words, capture_output=True, text=True, env=env)
    assert (done.returncode, done.stdout) == (1, "new      \\u65e5\n")
