"""A cluster gives what this machine gives, and says in one line what is wrong with it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from reportgen import cluster, pipeline
from reportgen.classifier import inference
from reportgen.cluster import Cluster, open_cluster
from reportgen.errors import DependencyError, ExecutorError, RenderError, UsageError
from reportgen.executors import scratch_folder
from reportgen.predictions import open_predictions, write_predictions
from reportgen.progress import Silent
from tests import clusters
from tests.adapters.models import saved
from tests.conftest import ROOT, SAMPLE
from tests.publish.conftest import EPOCH, HOSTILE, info, prediction

pytest.importorskip("distributed")


@dataclass(frozen=True)
class Running:
    address: str
    hidden: Path  # a folder of this machine that the workers do not see


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    hidden, folder = tmp_path_factory.mktemp("hidden"), tmp_path_factory.mktemp("cluster")
    if not clusters.can_hide(hidden):
        pytest.skip("this user may not hide a folder from workers (unshare -m)")
    with ExitStack() as stack:
        address = stack.enter_context(clusters.scheduler(folder))
        stack.enter_context(clusters.workers(address, folder, 2, hidden))
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(cluster, "FIRST_WORKER", 60)
        with open_cluster(address, Silent()) as opened:
            opened._client.wait_for_workers(2, timeout=60)
        yield Running(address, hidden)


@pytest.fixture
def opened(running: Running) -> Iterator[Cluster]:
    with open_cluster(running.address, Silent()) as found:
        found._client.wait_for_workers(2, timeout=60)  # one may start anew after another test
        yield found


def process(_: int) -> int:
    return os.getpid()


def double(number: int) -> int:
    time.sleep(0.02 * (number % 3))
    return 2 * number


def add(value: list[int], number: int) -> tuple[int, int]:
    time.sleep(0.3)
    return value[0] + number, os.getpid()


def fail(number: int) -> int:
    if number == 3:
        raise RenderError("three is too many")
    return number


def die(number: int) -> int:
    if number == 2:
        os._exit(9)
    return number


def read(path: Path) -> bytes:
    return path.read_bytes()


def scratch(_: int) -> str:
    with scratch_folder() as folder:
        (folder / "x").write_text("x")
        return str(folder)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Killing(Silent):
    """Kills a worker once a stage is under way."""

    def __init__(self, stage: str, victim: int) -> None:
        self.stage, self.victim, self.said = stage, victim, list[str]()

    def track(self, items, what, total, unit="examples", size=len):  # type: ignore[no-untyped-def]
        for item in items:
            if what == self.stage and self.victim:
                os.kill(self.victim, signal.SIGKILL)
                self.victim = 0
            yield item

    def say(self, line: str) -> None:
        self.said.append(line)


# --- the same result ---


def test_a_report_has_the_same_bytes_also_where_a_worker_is_killed(
    running: Running, opened: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    texts = [*HOSTILE.items(), *((f"more-{i}", f"plain text {i} " * 9) for i in range(260))]
    table = running.hidden / "table.parquet"
    rows = [prediction(id_, text, i) for i, (id_, text) in enumerate(texts)]
    write_predictions(table, info(rows=len(rows), evaluated=len(rows)), rows, ["topic"])
    progress = Killing("heatmaps", next(iter(opened.map(process, [1]))))
    folders = []
    for name, scheduler in (("here", None), ("there", running.address)):
        done = pipeline.render(
            table,
            pipeline.ReportOptions(pdf_examples=8, review=True),
            pipeline.Workspace(running.hidden / name, "x"),
            pipeline.Execution(1, progress if scheduler else Silent(), scheduler),
        )
        folders.append(files_of(done.folder))
    assert progress.victim == 0
    assert [line for line in progress.said if "worker" in line] == []
    assert len(folders[0]) > 280
    assert folders[0].keys() == folders[1].keys()
    assert [name for name in folders[0] if folders[0][name] != folders[1][name]] == []


def test_predictions_and_explanations_have_the_same_bytes(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "CHUNK", 8)
    checkpoint = running.hidden / "checkpoint"
    shutil.copytree(SAMPLE / "checkpoint", checkpoint)
    tables = []
    for name, scheduler in (("here", None), ("there", running.address)):
        tables.append(running.hidden / f"{name}.parquet")
        pipeline.predict(
            pipeline.DataOptions(limit=30),
            pipeline.PredictOptions(explain=9),
            pipeline.Workspace(running.hidden, checkpoint=checkpoint),
            tables[-1],
            pipeline.Execution(1, scheduler=scheduler),
        )
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_a_transformer_is_sent_to_the_workers(running: Running) -> None:
    names = {"id2label": {0: "neg", 1: "pos"}, "label2id": {"neg": 0, "pos": 1}}
    model = saved("bert", running.hidden / "tiny-bert", **names)
    tables = []
    for name, scheduler in (("own", None), ("theirs", running.address)):
        tables.append(running.hidden / f"bert-{name}.parquet")
        pipeline.predict(
            pipeline.DataOptions(limit=11),
            pipeline.PredictOptions(
                explain=2, model=f"hf:{model}", batch_size=2, classes=("negative", "positive")
            ),
            pipeline.Workspace(running.hidden),
            tables[-1],
            pipeline.Execution(1, scheduler=scheduler),
        )
    with open_predictions(tables[0]) as here, open_predictions(tables[1]) as there:
        for one, other in zip(here, there, strict=True):
            assert (one.id, one.tokens) == (other.id, other.tokens)
            np.testing.assert_allclose(one.logits, other.logits, atol=1e-6, rtol=0)
            np.testing.assert_allclose(one.attention, other.attention, atol=1e-6, rtol=0)


# --- what an executor does ---


def test_results_come_in_order_and_equal_tasks_are_all_run(opened: Cluster) -> None:
    assert list(opened.map(double, iter(range(20)))) == [2 * i for i in range(20)]
    assert len(list(opened.map(process, [7] * 5))) == 5
    assert list(opened.map(double, [])) == []


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
        clusters.scheduler(tmp_path) as address,
        clusters.workers(address, tmp_path, 1, None, "--no-nanny", "--nthreads", "2"),
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


# --- what is refused before any work ---


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
        clusters.scheduler(tmp_path) as address,
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
    with clusters.scheduler(tmp_path) as address, open_cluster(address, Silent()) as opened:
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
