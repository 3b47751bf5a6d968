"""A packed run: the same bytes each time, opened by any program, checked without extracting."""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reportgen.errors import ArchiveError, ReportgenError, UsageError
from reportgen.publish.archive import new_run, run_digest
from reportgen.publish.packing import check_packed, pack
from reportgen.publish.verification import Checked, Difference, check, verify

WHOLE = Checked([], [])
HEATMAP = "heatmaps/a.png"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000001")
    with new_run(tmp_path / "reports", "trial", {"a": 1}) as target:
        (target.folder / "index.html").write_text("page " * 1000)
        (target.folder / "heatmaps").mkdir()
        (target.folder / "heatmaps" / "a.png").write_bytes(b"picture " * 100)
        (target.folder / "heatmaps" / "日.png").write_bytes(b"picture")
        (target.folder / "report.pdf").write_bytes(b"document " * 100)
    return target.destination


@pytest.fixture
def packed(run: Path) -> Path:
    return pack(run).file


Change = Callable[[zipfile.ZipInfo, bytes], list[tuple[zipfile.ZipInfo | str, bytes]]]


def rewritten(file: Path, change: Change, *, method: int | None = None) -> Path:
    """Write a zip file anew, each entry as the change returns it."""
    other = file.with_name("other.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        for entry in old.infolist():
            for name, content in change(entry, old.read(entry)):
                new.writestr(name, content, compress_type=method)
    return other


def with_file(file: Path, name: str, content: bytes = b"x", mode: int = 0o644) -> Path:
    """Add an entry under any name."""
    other = shutil.copy(file, file.with_name("other.zip"))
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    entry.create_system, entry.external_attr = 3, mode << 16
    with zipfile.ZipFile(other, "a") as archive:
        archive.writestr(entry, content)
    return other


def test_the_zip_file_holds_the_run_under_its_name(run: Path, packed: Path, tmp_path: Path) -> None:
    assert packed == run.with_name(f"{run.name}.zip")
    assert check_packed(packed) == check_packed(packed, run_digest(run)) == WHOLE
    with zipfile.ZipFile(packed) as archive:
        entries = archive.infolist()
        assert [e.filename for e in entries] == sorted(e.filename for e in entries)
        assert {e.date_time for e in entries} == {(2023, 11, 14, 22, 13, 20)}  # even seconds
        assert {e.external_attr >> 16 for e in entries} == {stat.S_IFREG | 0o644}
        methods = {e.filename.partition("/")[2]: e.compress_type for e in entries}
        archive.extractall(tmp_path / "there")
    stored, deflated = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
    assert (methods[HEATMAP], methods["report.pdf"]) == (stored, stored)
    assert (methods["index.html"], methods["manifest.json"]) == (deflated, deflated)
    assert verify(tmp_path / "there" / run.name, run_digest(run)) == []


PROGRAMS = {  # how they test a zip file, and how they extract it
    "unzip": (["unzip", "-tq"], ["unzip", "-q"], ["-d"]),
    "python": (
        [sys.executable, "-m", "zipfile", "-t"],
        [sys.executable, "-m", "zipfile", "-e"],
        [],
    ),
}


@pytest.mark.parametrize("heatmaps", [True, False])
@pytest.mark.parametrize("program", PROGRAMS)
def test_other_programs_open_it(run: Path, tmp_path: Path, program: str, heatmaps: bool) -> None:
    test, extract, into = PROGRAMS[program]
    shutil.which(test[0]) or pytest.skip(f"{program} is not installed")
    file = pack(run, tmp_path / "a.zip", heatmaps=heatmaps).file
    for words in ([*test, file], [*extract, file, *into, tmp_path / "there"]):
        subprocess.run(words, check=True)
    found = check(tmp_path / "there" / run.name, run_digest(run))
    assert found == Checked([], [] if heatmaps else [HEATMAP, "heatmaps/日.png"])


@pytest.mark.parametrize("heatmaps", [True, False])
def test_equal_runs_give_equal_bytes(run: Path, tmp_path: Path, heatmaps: bool) -> None:
    first = pack(run, tmp_path / "1.zip", heatmaps=heatmaps).file.read_bytes()
    copy = shutil.copytree(run, tmp_path / "elsewhere" / run.name, copy_function=shutil.copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    assert pack(copy, tmp_path / "2.zip", heatmaps=heatmaps).file.read_bytes() == first


def test_a_renamed_run_and_a_link_are_packed(run: Path, tmp_path: Path) -> None:
    by_link = pack(run.parent / "latest")
    assert by_link.file == run.resolve().with_name(f"{run.name}.zip")
    copy = shutil.copytree(run, tmp_path / "copy")
    file = pack(copy).file
    assert check_packed(file) == WHOLE
    with zipfile.ZipFile(file) as archive:
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.parametrize("name", ["a:b", "a\\b", "\udcff"])
def test_a_name_that_not_every_system_can_extract_is_not_kept(
    run: Path, tmp_path: Path, name: str
) -> None:
    copy = shutil.copytree(run, tmp_path / name)
    assert check_packed(pack(copy, tmp_path / "a.zip").file) == WHOLE
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {e.filename.partition("/")[0] for e in archive.infolist()} == {"run"}


def test_without_heatmaps_the_manifest_still_proves_the_rest(run: Path, tmp_path: Path) -> None:
    made = pack(run, heatmaps=False)
    assert made.file == run.with_name(f"{run.name}-no-heatmaps.zip")
    assert (made.left_out, made.size) == (2, made.file.stat().st_size)
    expected = Checked([], [HEATMAP, "heatmaps/日.png"])
    assert check_packed(made.file, run_digest(run)) == expected
    with zipfile.ZipFile(made.file) as archive:
        archive.extractall(tmp_path / "there")
    small = tmp_path / "there" / run.name
    assert check(small, run_digest(run)) == expected
    noted = json.loads((small / "left-out.json").read_bytes())
    assert noted["left_out"] == expected.left_out
    assert pack(small).file.read_bytes() == made.file.read_bytes()


def test_nothing_but_heatmaps_can_be_left_out(run: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack(run, heatmaps=False).file) as archive:
        archive.extractall(tmp_path / "there")
    small = tmp_path / "there" / run.name
    (small / "report.pdf").unlink()
    assert check(small).differences == [Difference("missing", "report.pdf")]
    note = small / "left-out.json"
    told = json.loads(note.read_bytes())
    told["left_out"].append("report.pdf")
    note.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    kinds = {d.file: d.kind for d in check(small).differences}
    assert kinds == {
        "left-out.json": "changed", "report.pdf": "missing", HEATMAP: "missing",
        "heatmaps/日.png": "missing",
    }  # fmt: skip


def test_a_note_in_a_run_that_lacks_nothing_is_reported(run: Path) -> None:
    (run / "left-out.json").write_text("{}")
    assert verify(run) == [Difference("changed", "left-out.json")]


def test_what_cannot_be_packed_is_refused_and_leaves_nothing(run: Path, packed: Path) -> None:
    content = packed.read_bytes()
    with pytest.raises(ReportgenError, match=r"\.zip: already exists; choose another --out$"):
        pack(run)
    assert packed.read_bytes() == content
    with pytest.raises(UsageError, match=r"lies in the run, which is never changed; choose"):
        pack(run, run / "a.zip")
    with pytest.raises(ArchiveError, match="not a run folder"):
        pack(run / "heatmaps")
    (run / "index.html").write_text("other")
    with pytest.raises(ArchiveError, match="not as its manifest says, so it is not packed"):
        pack(run, run.with_name("b.zip"))
    assert sorted(p.name for p in run.parent.iterdir()) == [run.name, packed.name, "latest"]


def test_an_unwritable_place_is_one_error(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match=r"file: cannot be written \(Not a directory\)$"):
        pack(run, tmp_path / "file" / "a.zip")


def test_differences_have_the_words_of_folders(run: Path, packed: Path) -> None:
    page = f"{run.name}/index.html"
    other = rewritten(packed, lambda e, c: [] if e.filename == page else [(e, c)])
    assert check_packed(other).differences == [Difference("missing", "index.html")]
    other = rewritten(packed, lambda e, c: [(e, c[::-1] if e.filename == page else c)])
    assert check_packed(other).differences == [Difference("changed", "index.html")]
    assert check_packed(packed, "0" * 64).differences == [Difference("changed", "manifest.json")]
    other = with_file(packed, f"{run.name}/assets/more.js")
    assert check_packed(other).differences == [Difference("new", "assets/more.js")]
    link = with_file(packed, f"{run.name}/link", b"/etc/passwd", stat.S_IFLNK | 0o777)
    assert check_packed(link).differences == [Difference("new", "link")]
    top = "20231114T221321Z-00000000"
    moved = rewritten(packed, lambda e, c: [(e.filename.replace(run.name, top), c)])
    assert check_packed(moved).differences == [Difference("renamed", top)]


def test_a_file_turned_into_a_link_is_changed(run: Path, packed: Path) -> None:
    def linked(entry: zipfile.ZipInfo, content: bytes) -> list[tuple[zipfile.ZipInfo | str, bytes]]:
        if entry.filename.endswith(("index.html", "manifest.json")):
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        return [(entry, content)]

    differences = check_packed(rewritten(packed, linked)).differences
    assert differences == [Difference("changed", f) for f in ("index.html", "manifest.json")]


def test_a_file_larger_than_listed_is_never_decompressed(
    run: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"{run.name}/index.html"
    bomb = rewritten(
        packed,
        lambda e, c: [(e, bytes(50_000_000) if e.filename == page else c)],
        method=zipfile.ZIP_DEFLATED,
    )
    opened = []
    real = zipfile.ZipFile.open

    def watched(self: zipfile.ZipFile, name: zipfile.ZipInfo, *more: Any) -> object:
        opened.append(name.filename)
        return real(self, name, *more)

    monkeypatch.setattr(zipfile.ZipFile, "open", watched)
    assert check_packed(bomb).differences == [Difference("changed", "index.html")]
    assert page not in opened
    assert f"{run.name}/report.pdf" in opened


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "RUN/../../up", "../up", "RUN//x", "RUN/./x", "RUN\\..\\x", "C:/x", "RUN/.."],
)
def test_a_name_that_leads_elsewhere_is_refused(run: Path, packed: Path, name: str) -> None:
    other = with_file(packed, name.replace("RUN", run.name))
    with pytest.raises(ArchiveError, match=r"does not stay in the archive's folder; do not"):
        check_packed(other)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(run: Path, packed: Path) -> None:
    for name in (f"{run.name}/index.html", f"{run.name}/index.html/"):
        other = with_file(packed, name)
        with pytest.raises(ArchiveError, match=r"index\.html/?' is there twice; do not extract"):
            check_packed(other)


def test_an_encrypted_file_is_refused(packed: Path) -> None:
    content = bytearray(packed.read_bytes())
    where = content.index(b"PK\x01\x02") + 8
    content[where] |= 1
    packed.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"is encrypted; decrypt the archive first$"):
        check_packed(packed)


def test_another_compression_is_refused(packed: Path) -> None:
    other = rewritten(packed, lambda e, c: [(e, c)], method=zipfile.ZIP_BZIP2)
    with pytest.raises(ArchiveError, match="is compressed in another way than `reportgen pack`"):
        check_packed(other)


def test_overlapping_files_are_refused(packed: Path) -> None:
    content = bytearray(packed.read_bytes())
    where = content.index(b"PK\x01\x02") + 20
    content[where : where + 4] = struct.pack("<I", len(content))
    packed.write_bytes(content)
    with pytest.raises(ArchiveError, match="its files overlap; do not extract it"):
        check_packed(packed)


def test_a_file_cut_short_anywhere_is_one_error(packed: Path) -> None:
    content = packed.read_bytes()
    for length in range(0, len(content), 97):
        packed.write_bytes(content[:length])
        with pytest.raises(ArchiveError, match=r"\.zip: not a whole zip file \("):
            check_packed(packed)


def test_a_damaged_byte_anywhere_is_a_difference_or_one_error(packed: Path) -> None:
    content = packed.read_bytes()
    unseen = 0
    for where in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[where] ^= 0xFF
        packed.write_bytes(damaged)
        try:
            unseen += check_packed(packed) == WHOLE
        except ArchiveError:
            continue
    # Times, versions and permissions in the headers are no part of the run.
    assert unseen < 0.4 * len(content) / 7


def test_damaged_content_is_a_changed_file(packed: Path) -> None:
    content = bytearray(packed.read_bytes())
    content[content.index(b"document ")] ^= 1
    packed.write_bytes(content)
    assert check_packed(packed).differences == [Difference("changed", "report.pdf")]


@pytest.mark.parametrize("kind", ["empty", "flat", "two", "other"])
def test_a_zip_file_of_something_else_is_refused(run: Path, packed: Path, kind: str) -> None:
    if kind == "empty":
        other = rewritten(packed, lambda e, c: [])
    elif kind == "flat":
        other = rewritten(packed, lambda e, c: [(e.filename.partition("/")[2], c)])
    elif kind == "two":
        other = with_file(packed, "__MACOSX/x")
    else:
        other = rewritten(packed, lambda e, c: [] if "manifest" in e.filename else [(e, c)])
    with pytest.raises(ArchiveError, match=r"not a packed run \(there is no RUN/manifest\.json"):
        check_packed(other)


def test_entries_of_folders_are_nothing_new(run: Path, packed: Path) -> None:
    other = with_file(packed, f"{run.name}/heatmaps/", b"")
    assert check_packed(other) == WHOLE


def test_a_damaged_manifest_is_one_error(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(entry: zipfile.ZipInfo, c: bytes) -> list[tuple[zipfile.ZipInfo | str, bytes]]:
        return [(entry, b"{" if entry.filename.endswith("manifest.json") else c)]

    with pytest.raises(ArchiveError, match=r"other\.zip: manifest\.json: damaged \("):
        check_packed(rewritten(packed, change))
    monkeypatch.setattr("reportgen.publish.packing.LARGEST_MANIFEST", 100)
    with pytest.raises(ArchiveError, match=r"manifest\.json: damaged \(larger than any run's\)"):
        check_packed(packed)


def test_no_file_and_a_pipe_are_one_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"none\.zip: cannot be read \(No such file"):
        check_packed(tmp_path / "none.zip")
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(ArchiveError, match=r"pipe\.zip: cannot be read \(not a regular file\)"):
        check_packed(tmp_path / "pipe.zip")
