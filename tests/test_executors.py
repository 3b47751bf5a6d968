from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from reportgen.errors import ExecutorError, RenderError
from reportgen.executors import InProcess, Pool, open_executor, worker_count
from reportgen.scratch import scratch_folder


def double(number: int) -> int:
    time.sleep(0.02 * (number % 3))
    return 2 * number


def fail(number: int) -> int:
    if number == 3:
        raise RenderError("three is too many")
    return number


def die(number: int) -> int:
    if number == 2:
        os._exit(9)
    return number


def times(factor: int, number: int) -> int:
    return factor * number


def work_in_scratch(_: int) -> str:
    with scratch_folder() as folder:
        (folder / "x").write_text("x")
        return str(folder)


def threads(_: int) -> tuple[str | None, int]:
    return os.environ.get("OMP_NUM_THREADS"), os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    with open_executor(workers) as executor:
        assert isinstance(executor, InProcess if workers == 1 else Pool)
        assert list(executor.map(double, iter(range(20)))) == [2 * i for i in range(20)]
        assert list(executor.map(double, [])) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_task_comes_out_as_it_is(workers: int) -> None:
    with open_executor(workers) as executor, pytest.raises(RenderError, match="three is too many"):
        list(executor.map(fail, range(6)))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_function_is_given_its_first_argument(workers: int) -> None:
    with open_executor(workers) as executor:
        assert not executor.remote
        assert list(executor.map(executor.bind(times, 3), range(4))) == [0, 3, 6, 9]


@pytest.mark.parametrize("workers", [1, 2])
def test_temporary_files_lie_in_the_folder_of_the_run(workers: int, tmp_path: Path) -> None:
    with open_executor(workers, tmp_path) as executor:
        (folder,) = executor.map(work_in_scratch, [1])
    assert Path(folder).parent == tmp_path
    assert list(tmp_path.iterdir()) == []
    with open_executor(1) as executor:
        (folder,) = executor.map(work_in_scratch, [1])
    assert Path(folder).parent == Path(tempfile.gettempdir())


def test_an_executor_that_is_open_is_used_as_it_is() -> None:
    given = InProcess()
    with open_executor(given) as executor:
        assert executor is given


def test_a_worker_that_dies_is_a_clear_error() -> None:
    with pytest.raises(ExecutorError) as caught, open_executor(2) as executor:
        list(executor.map(die, range(6)))
    assert str(caught.value) == (
        "a worker process died, perhaps out of memory; use fewer --workers"
    )


def test_work_in_flight_is_bounded() -> None:
    handed_out = 0

    def tasks():
        nonlocal handed_out
        for number in range(100):
            handed_out += 1
            yield number

    with open_executor(2) as executor:
        results = executor.map(double, tasks())
        assert next(results) == 0
        assert handed_out <= 4


def test_workers_have_one_thread_each_and_are_other_processes() -> None:
    with open_executor(2) as executor:
        for count, process in executor.map(threads, range(4)):
            assert count == "1"
            assert process != os.getpid()


def test_the_number_of_workers() -> None:
    assert worker_count(3) == 3
    assert 1 <= worker_count(None) <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("processors", "gib", "workers"), [(6, 64, 6), (6, 6, 6), (6, 4, 4), (1, 64, 1), (6, 0.5, 1)]
)
def test_one_worker_per_processor_or_gib(
    monkeypatch: pytest.MonkeyPatch, processors: int, gib: float, workers: int
) -> None:
    memory = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": int(gib * 2**30) // 4096}
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    monkeypatch.setattr(os, "sysconf", memory.__getitem__)
    assert worker_count(None) == workers


def test_systems_that_do_not_tell_processors_or_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "sysconf", lambda name: int(f"no {name}"))  # a ValueError
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert worker_count(None) == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert worker_count(None) == 1


def test_ctrl_c_ends_the_workers_too(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import os, signal, time\n"
        "from reportgen.executors import open_executor\n"
        "def slow(n):\n"
        "    os.write(1, b'%d\\n' % os.getpid())\n"  # whole lines, whatever the buffering
        "    time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        # A shell lets what it starts in the background ignore the signal; this does not.
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "    with open_executor(2) as executor:\n"
        "        list(executor.map(slow, range(4)))\n"
    )
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        workers = [int(running.stdout.readline()) for _ in range(2)]
        running.send_signal(signal.SIGINT)
        assert running.wait(20) != 0
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


@pytest.mark.parametrize("module", ["heatmaps", "html.pages", "pdf.volumes"])
def test_what_a_worker_imports_is_light(module: str) -> None:
    heavy = ("torch", "pandas", "sklearn", "scipy.stats", "scipy.special")
    code = (
        f"import sys, reportgen.publish.{module}\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("end", ["SIGKILL", "SIGABRT"])
def test_workers_end_with_a_parent_that_is_killed_or_aborts(tmp_path: Path, end: str) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import os, time\n"
        "from reportgen.executors import open_executor\n"
        "def slow(n):\n"
        "    os.write(1, b'%d\\n' % os.getpid())\n"
        "    time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    with open_executor(2) as executor:\n"
        "        list(executor.map(slow, range(4)))\n"
    )
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        workers = [int(running.stdout.readline()) for _ in range(2)]
        running.send_signal(getattr(signal, end))
        # The pipe ends when the last of the workers, which hold it too, has ended.
        reader = threading.Thread(target=running.stdout.read, daemon=True)
        reader.start()
        reader.join(20)
        alive = reader.is_alive()
        for worker in workers if alive else ():
            os.kill(worker, signal.SIGKILL)
    assert not alive
