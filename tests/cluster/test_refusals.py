"""What is wrong with a cluster is said in one line, before any work."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from reportgen import cluster
from reportgen.cluster import Cluster, open_cluster
from reportgen.errors import DependencyError, ExecutorError, UsageError
from reportgen.progress import Silent
from tests.cluster import processes
from tests.cluster.conftest import Running
from tests.cluster.tasks import Killing, double

pytest.importorskip("distributed")


def test_workers_of_another_version_are_refused(running: Running, monkeypatch) -> None:
    own = cluster._own_versions()
    monkeypatch.setattr(cluster, "_own_versions", lambda: {**own, "reportgen": "99.1"})
    with (
        pytest.raises(ExecutorError, match=r"^worker tcp://127\S+: reportgen \S+, but the client"
        r" has 99\.1; install the same version$"),
        open_cluster(running.address, Silent()),
    ):  # fmt: skip
        pass


def test_other_code_under_the_same_version_is_another_version(monkeypatch, tmp_path) -> None:
    own = cluster._own_versions()
    assert "+" not in own["torch"]  # without +cpu and the like
    (tmp_path / "one.py").write_text("1")
    monkeypatch.setattr(cluster, "__file__", str(tmp_path / "cluster.py"))
    before = cluster._code()
    (tmp_path / "one.py").write_text("2")
    assert len({own["reportgen of hash"], before[:12], cluster._code()[:12]}) == 3
    other = {**own, "reportgen of hash": "0" * 12}
    assert cluster._refused(tuple(other.items())) == (
        f"reportgen of hash {own['reportgen of hash']}, but the client has 000000000000; install"
        " the same version"
    )


def test_a_worker_that_joins_later_is_compared_too(opened: Cluster, monkeypatch) -> None:
    own = cluster._own_versions()
    monkeypatch.setattr(cluster, "_own_versions", lambda: {**own, "weasyprint": "1.0"})
    with pytest.raises(ExecutorError, match=r"^worker tcp\S+: weasyprint \S+, but the client has"):
        list(opened.map(double, [1]))


def test_another_python_or_dask_of_the_scheduler_is_refused(running: Running, monkeypatch) -> None:
    own = cluster._own_versions()
    monkeypatch.setattr(cluster, "_own_versions", lambda: {**own, "python": "3.99"})
    with (
        pytest.raises(ExecutorError, match=r"it has Python 3\.\S+ and distributed \S+, here are"
        r" 3\.99 and \S+; use the same versions$"),
        open_cluster(running.address, Silent()),
    ):  # fmt: skip
        pass


def test_workers_without_the_package_are_named(running: Running, monkeypatch) -> None:
    def lacking(_: str):  # type: ignore[no-untyped-def]
        def call(*_: object) -> None:
            raise ModuleNotFoundError("No module named 'reportgen'")

        return call

    monkeypatch.setattr(cluster, "there", lacking)
    with (
        pytest.raises(ExecutorError, match=r"^worker tcp\S+ has no reportgen \S+ \(No module named"
        r" 'reportgen'\)$"),
        open_cluster(running.address, Silent()),
    ):  # fmt: skip
        pass


def test_other_fonts_are_a_warning(running: Running, monkeypatch) -> None:
    engine, *files = cluster._fonts()
    monkeypatch.setattr(cluster, "_fonts", lambda: ("9.9.9", "Own.ttf 12", *files))
    progress = Killing("", 0)
    with open_cluster(running.address, progress):
        pass
    fonts, pango = progress.said
    assert fonts.startswith("warning: worker tcp://127.0.0.1:")
    assert fonts.endswith(
        " and 1 more: its fonts differ from those here (such as Own.ttf, 1 in all):"
        " pictures and PDF may look different"
    )
    assert pango.endswith(f"it has Pango {engine}, here is 9.9.9: the PDF may differ")


@pytest.mark.parametrize("answers", [False, True])
def test_a_scheduler_that_does_not_answer_is_one_line_soon(monkeypatch, answers: bool) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if answers:  # something else listens there
            other.listen()
        address, start = f"tcp://127.0.0.1:{other.getsockname()[1]}", time.monotonic()
        with pytest.raises(ExecutorError) as caught, open_cluster(address, Silent()):
            pass
    assert str(caught.value).startswith(f"--scheduler {address}: no scheduler of Dask answers")
    assert "\n" not in str(caught.value)
    assert time.monotonic() - start < 10


def test_a_scheduler_without_workers_says_how_to_start_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(cluster, "FIRST_WORKER", 0.5)
    with (
        processes.scheduler(tmp_path) as address,
        pytest.raises(ExecutorError) as caught,
        open_cluster(address, Silent()),
    ):
        pass
    assert str(caught.value) == (
        f"--scheduler {address}: it has no worker; start some with"
        f" `dask worker {address} --nthreads 1`"
    )


def test_a_scheduler_that_ends_meanwhile_is_one_line(tmp_path: Path, monkeypatch, capfd) -> None:
    monkeypatch.setattr(cluster, "_check", lambda *_: None)  # there is no worker, so tasks wait
    with processes.scheduler(tmp_path) as address, open_cluster(address, Silent()) as opened:
        results = opened.map(double, range(3))
        killed = threading.Timer(
            0.5, os.kill, (opened._client.run_on_scheduler(os.getpid), signal.SIGKILL)
        )
        killed.start()
        with pytest.raises(ExecutorError, match="the connection was lost, or the scheduler was"):
            next(results)
    assert capfd.readouterr().err == ""


def test_an_address_that_is_none(monkeypatch) -> None:
    with pytest.raises(UsageError) as caught, open_cluster("here", Silent()):
        pass
    assert str(caught.value) == "--scheduler 'here': write tcp://HOST:PORT"


def test_without_dask_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(DependencyError) as caught, open_cluster("tcp://127.0.0.1:1", Silent()):
        pass
    assert str(caught.value) == (
        "dask.distributed, needed by --scheduler, is missing: pip install 'reportgen[dask]'"
    )


@pytest.mark.parametrize("command", ["run", "render --predictions x.parquet", "predict"])
def test_workers_and_a_scheduler_exclude_each_other(invoke, command: str) -> None:
    ended = invoke(*command.split(), "--workers", "2", "--scheduler", "tcp://127.0.0.1:1")
    assert ended.code == 2
    assert ended.err.endswith(
        "--workers is the number of processes here: leave it out with --scheduler\n"
    )
