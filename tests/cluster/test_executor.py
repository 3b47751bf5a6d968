"""What a cluster does with tasks: in order, bounded, again after a loss, cancelled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reportgen import cluster
from reportgen.cluster import Cluster, open_cluster
from reportgen.errors import ExecutorError, RenderError
from tests.cluster import processes
from tests.cluster.conftest import Running
from tests.cluster.tasks import (
    Killing,
    add,
    die,
    double,
    fail,
    leave_a_file,
    read,
    scratch,
)
from tests.conftest import ROOT

pytest.importorskip("distributed")


def test_results_come_in_order(opened: Cluster) -> None:
    assert list(opened.map(double, iter(range(20)))) == [2 * i for i in range(20)]
    assert list(opened.map(double, [])) == []


def test_equal_tasks_are_all_run(opened: Cluster, tmp_path: Path) -> None:
    list(opened.map(leave_a_file, [tmp_path] * 5))
    assert len(list(tmp_path.iterdir())) == 5


def test_an_error_of_a_task_comes_out_as_it_is(opened: Cluster) -> None:
    with pytest.raises(RenderError, match="three is too many"):
        list(opened.map(fail, range(6)))


def test_work_in_flight_is_bounded_and_cancelled_with_the_last_result(opened: Cluster) -> None:
    handed_out = 0

    def tasks() -> Iterator[float]:
        nonlocal handed_out
        for number in range(100):
            handed_out += 1
            yield 0.0 if number == 0 else 2.0

    results = opened.map(time.sleep, tasks())
    assert next(results) is None
    assert handed_out <= 4
    results.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 20
    while any(opened._client.processing().values()) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(opened._client.processing().values())


def test_what_all_tasks_need_is_sent_once(opened: Cluster, monkeypatch) -> None:
    sent = []
    monkeypatch.setattr(
        cluster.pickle, "dumps", lambda v, f=cluster.pickle.dumps: sent.append(v) or f(v)
    )
    first = opened.bind(add, [5])
    again = opened.bind(add, [5])
    other = opened.bind(add, [6])
    assert sent == [[5], [6]]
    assert first.value is again.value  # type: ignore[attr-defined]
    assert [value for value, _ in opened.map(first, range(4))] == [5, 6, 7, 8]
    assert [value for value, _ in opened.map(other, range(2))] == [6, 7]


def test_what_all_tasks_need_survives_all_workers(opened: Cluster) -> None:
    bound = opened.bind(add, [5])
    results = opened.map(bound, range(8))
    pids = {next(results)[1], next(results)[1]}
    for pid in {*pids, *opened._client.run(os.getpid).values()}:
        os.kill(pid, signal.SIGKILL)
    assert [value for value, _ in results] == [7, 8, 9, 10, 11, 12]


def test_a_task_that_kills_its_worker_is_one_line_and_so_is_the_loss_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    monkeypatch.setattr(cluster, "FIRST_WORKER", 60)
    progress = Killing("", 0)
    with (
        processes.scheduler(tmp_path) as address,
        processes.workers(address, tmp_path, 1, None, "--no-nanny", "--nthreads", "2"),
        open_cluster(address, progress) as opened,
    ):
        (said,) = progress.said
        assert said.endswith(
            ": of its 2 threads one works at a time; start workers with --nthreads 1"
        )
        with pytest.raises(ExecutorError) as caught:
            list(opened.map(die, [2]))
        message = str(caught.value)
        assert message.startswith("a task ends its worker (tried 1 time, at last on tcp://127.0.0.")
        assert message.endswith("), perhaps for want of memory; see that worker's log")
        assert "\n" not in message
        monkeypatch.setattr(cluster, "LOST", 0.3)  # nobody starts another
        with pytest.raises(ExecutorError) as caught:
            list(opened.map(double, [1]))
    assert str(caught.value) == f"--scheduler {address}: every worker is gone, and none came back"


def test_a_file_that_a_worker_lacks_is_named_with_the_worker(
    running: Running, opened: Cluster
) -> None:
    path = running.hidden / "only-here"
    path.write_text("x")
    with pytest.raises(ExecutorError) as caught:
        list(opened.map(read, [path]))
    message = str(caught.value)
    assert message.startswith("worker tcp://127.0.0.1:")
    assert message.endswith(f": {path}: No such file or directory")


def test_temporary_files_lie_in_the_worker_s_folder_and_go(opened: Cluster) -> None:
    (folder,) = opened.map(scratch, [1])
    assert "/worker-" in folder
    assert not Path(folder).exists()


def test_ctrl_c_ends_what_waits(running: Running, opened: Cluster, tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import signal, time\n"
        "from reportgen.cluster import open_cluster\n"
        "from reportgen.progress import Silent\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"with open_cluster({running.address!r}, Silent()) as executor:\n"
        "    print('started', flush=True)\n"
        "    list(executor.map(time.sleep, [2] * 9))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as started:
        assert started.stdout is not None
        started.stdout.readline()
        while not any(opened._client.processing().values()):
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        assert started.wait(20) != 0
    until = time.monotonic() + 10
    while any(opened._client.processing().values()) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(opened._client.processing().values())
