from __future__ import annotations

import errno
import hashlib
import http.server
import io
import socket
import tarfile
from pathlib import Path

import pytest

from reportgen.corpus.dataset import Dataset
from reportgen.corpus.download import IMDB_MD5, IMDB_URL, cache_folder, download, fetch_imdb
from reportgen.errors import DataError
from tests.corpus.conftest import Server

REVIEWS = {
    "aclImdb/train/pos/0_9.txt": "fine",
    "aclImdb/train/neg/0_2.txt": "poor",
    "aclImdb/train/unsup/0_0.txt": "unsaid",
    "aclImdb/test/pos/0_10.txt": "great",
    "aclImdb/test/neg/0_1.txt": "awful",
}


def packed(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def kept() -> list[str]:
    return sorted(path.name for path in cache_folder().iterdir())


@pytest.fixture
def archive(server: Server) -> bytes:
    content = packed(REVIEWS)
    server.files["/reviews.tar.gz"] = content
    return content


def test_the_cache_is_where_the_user_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x" / "reportgen"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "reportgen"
    assert cache_folder().is_dir()


def test_a_file_is_downloaded_once(server: Server, archive: bytes) -> None:
    url = f"{server.url}/reviews.tar.gz"
    first = download(url, md5(archive))
    assert first.read_bytes() == archive
    server.files.clear()
    assert download(url, md5(archive)) == first
    assert server.requests == ["/reviews.tar.gz"]
    assert kept() == ["reviews.tar.gz"]


def test_a_wrong_checksum_keeps_nothing(server: Server, archive: bytes) -> None:
    url = f"{server.url}/reviews.tar.gz"
    wrong = "0" * 32
    with pytest.raises(DataError) as caught:
        download(url, wrong)
    assert str(caught.value) == f"{url}: checksum {md5(archive)} instead of {wrong}; try again"
    assert kept() == []


def test_a_download_that_breaks_off_keeps_nothing(server: Server, archive: bytes) -> None:
    url = f"{server.url}/reviews.tar.gz"
    server.short = True
    with pytest.raises(DataError) as caught:
        download(url)
    assert str(caught.value) == (
        f"{url}: the download broke off after {len(archive) // 2:,} of {len(archive):,} bytes;"
        " try again"
    )
    assert kept() == []
    server.short = False
    assert download(url, md5(archive)).read_bytes() == archive


def test_a_missing_file(server: Server) -> None:
    with pytest.raises(DataError) as caught:
        download(f"{server.url}/none.txt")
    assert str(caught.value) == (
        f"{server.url}/none.txt: download failed (Not Found); check the network"
    )
    assert kept() == []


@pytest.mark.usefixtures("server")
def test_no_server() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DataError) as caught:
        download(f"http://127.0.0.1:{port}/a.txt")
    assert str(caught.value) == (
        f"http://127.0.0.1:{port}/a.txt: download failed ([Errno 111] Connection refused);"
        " check the network"
    )
    assert kept() == []


def test_a_download_in_chunks_that_breaks_off_keeps_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_a_chunk(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"a\r\nhello")

    monkeypatch.setattr(server.http.RequestHandlerClass, "do_GET", half_a_chunk)
    with pytest.raises(DataError) as caught:
        download(f"{server.url}/a.txt")
    assert str(caught.value).startswith(f"{server.url}/a.txt: download failed (IncompleteRead(")
    assert kept() == []


def test_an_answer_that_is_not_http(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def mumble(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"hello\r\n\r\n")

    monkeypatch.setattr(server.http.RequestHandlerClass, "do_GET", mumble)
    with pytest.raises(DataError) as caught:
        download(f"{server.url}/a.txt")
    assert str(caught.value) == (f"{server.url}/a.txt: download failed (hello); check the network")
    assert kept() == []


def test_imdb_is_unpacked_once(server: Server, archive: bytes) -> None:
    url = f"{server.url}/reviews.tar.gz"
    folder = fetch_imdb(url, md5(archive))
    dataset = Dataset.open(folder)
    assert (dataset.name, sorted(dataset.sources)) == ("imdb", ["test", "train"])
    assert [(e.id, e.label, e.text) for e in dataset.read("train").examples] == [
        ("train/neg/0_2.txt", "neg", "poor"),
        ("train/pos/0_9.txt", "pos", "fine"),
    ]
    assert fetch_imdb(url, md5(archive)) == folder
    assert server.requests == ["/reviews.tar.gz"]


def test_imdb_is_checked(server: Server, archive: bytes) -> None:
    with pytest.raises(DataError, match=f"checksum {md5(archive)} instead of {IMDB_MD5}"):
        fetch_imdb(f"{server.url}/reviews.tar.gz")
    assert kept() == []
    assert IMDB_URL.startswith("https://")


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        packed(REVIEWS)[:-30],
        packed({"other/train/pos/0_9.txt": "fine"}),
        packed({"../../escaped.txt": "out", **REVIEWS}),
    ],
    ids=["no archive", "cut off", "other folder", "leads outside"],
)
def test_a_damaged_archive_keeps_nothing(server: Server, content: bytes, tmp_path: Path) -> None:
    server.files["/reviews.tar.gz"] = content
    with pytest.raises(DataError) as caught:
        fetch_imdb(f"{server.url}/reviews.tar.gz", md5(content))
    place = cache_folder() / "reviews.tar.gz"
    assert str(caught.value).startswith(f"{place}: the archive is damaged (")
    assert kept() == []
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_full_disk_is_not_blamed_on_the_network_or_the_archive(
    server: Server, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    url = f"{server.url}/reviews.tar.gz"
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        with pytest.raises(DataError, match=r"/reviews\.tar\.gz: No space left on device$"):
            download(url, md5(archive))
    monkeypatch.setattr(tarfile.TarFile, "extractall", full)
    with pytest.raises(DataError, match=r"/imdb: No space left on device$"):
        fetch_imdb(url, md5(archive))
    assert kept() == ["reviews.tar.gz"], "the archive is whole and stays"
